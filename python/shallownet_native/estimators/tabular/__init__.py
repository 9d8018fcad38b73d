"""Bags of networks for tables: estimators that take any table as it is, and say how sure they are.

`classifier` and `regressor` share `base`; `given` is what users give to them, `folds` who leaves
out what, `bags` the training of a view's networks, together; `outputs` is what logits stand for,
`mixing` the weight of each view, `intervals` what rows left out say of others, `saving` a file's
part. Imports `tables`, `network`, `files`, `_native`, `_extras`.
"""

from __future__ import annotations

from .classifier import TabularShallowNetClassifier
from .regressor import TabularShallowNetRegressor
