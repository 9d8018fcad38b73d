"""One fit: from users' data to fitted attributes, all of them or none.

`data` are checked and split, what is `held_out` is scored, `standardization` scales and folds.
`fit` builds the loop's parts from its `beginning`, with `callbacks`; `coefs` are the network in
attributes, `publishing` hands over, `fit_warnings` judges the end, `resuming` knows checkpoints.
Imports `training`, `network`, `_native`, `_extras`, `_messages`.
"""

from __future__ import annotations

from .coefs import store, stored, stored_attributes, untouched
from .standardization import Standardization
