"""An estimator outside its process: every part is checked on the way in, no code is run.

`record` is what a file holds of it, `parts` are labels, names, progress, optimizer, scaling;
`copies` are clones and pickles. `pipelines` and `scaler` do for scikit-learn's Pipeline and
StandardScaler what ours do by themselves; `facts` is what the command line knows beside a model.
Imports `network`, `tables`, `files`, `_native`, `_extras`, `_messages`.
"""
