"""How things are said: names in quotes, the caller's line, remedies, reprs, the command's output.

Imported by room; imports nothing of the package.
"""
