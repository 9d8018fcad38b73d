"""`python -m shallownet_native` is `shallownet`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
