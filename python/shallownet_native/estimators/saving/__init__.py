"""Estimators as records of files, as pickles and copies."""
