"""Many networks of one estimator: several starts of a fit, and a search over folds.

`trials` are the starts of one fit and which is best, `together` runs fits side by side, `restarts`
is a fit of several starts. `cv` are the estimators that search, `searching` what they share,
`search` what they do, `folds` its rows, `orders` those of rows, `table` its outcome. `spreading`
takes work to the workers of joblib.
Imported by room. Imports `training`, `files`, `_native`, `_extras`, `_messages`.
"""
