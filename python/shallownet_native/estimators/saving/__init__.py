"""estimators.saving"""
