"""`shallownet train`: learn a column of a table from the others, and save the model.

`command` is the way from the file to the model's; `options` are the flags, and whose they are;
`table` learns with bags of networks, the default, and `network` with one plain network.
Imports `tables`, `training`, `files`, `_native`, `_extras`, `_messages`, and inside functions
`estimators`.
"""

from __future__ import annotations

from .command import DESCRIPTION, HELP, run
from .options import add_arguments
