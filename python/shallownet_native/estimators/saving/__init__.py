"""An estimator outside its process: every part is checked on the way in, no code is run.

`record` is what a file holds of it, `parts` are labels, names, curves, optimizer, scaling; `copies`
are clones and pickles. Imports `network`, `files`, `_native`, `_extras`.
"""
