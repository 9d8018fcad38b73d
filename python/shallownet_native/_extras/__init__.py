"""The packages that users may not have: scikit-learn, tqdm, matplotlib, pandas.

Its rooms alone name them at the top of a file, or say in one line which extra brings what is
missing. Imported by room; imports `_messages`.
"""
