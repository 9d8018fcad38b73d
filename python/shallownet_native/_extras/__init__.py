"""_extras"""
