"""The packages that users may not have: scikit-learn and SciPy, matplotlib, tqdm, pandas.

What is missing is said in one line with the extra that brings it (`importing`). All that is taken
of scikit-learn and SciPy, private names too, is in `scikit_learn`, the only room that loads them
with itself; `progress` is tqdm, or nothing. Imported by room. It knows no other package.
"""
