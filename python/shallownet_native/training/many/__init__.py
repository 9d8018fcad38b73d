"""Many networks: trained side by side, one a thread, each as it would be alone.

`train_many` is the function, which checks what it is `asked` for and whether there is `memory` for
it, and makes one of two `runs`; `together` is the engine of every run that takes more than a call,
`epochs` what is done when all networks have ended one, `results` what comes of it, with `warnings`.
`starts` are those of one network, of which the best is kept; `showing` moves bars of progress on.
Imports `network`, `_native`, `_messages`, `_extras`, and the rooms of its parent.
"""

from .results import TrainingResults
from .showing import Showing
from .together import run_together, share_doors
from .train_many import train_many

__all__ = ["Showing", "TrainingResults", "run_together", "share_doors", "train_many"]
