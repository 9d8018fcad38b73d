"""The long forms of what the tests check in short: programs that count, one for each subject.

Each runs by itself, `python tests/campaigns/<name>.py`, prints its count in the last lines, and
fails if what it counts does not hold; `--quick` takes seconds. docs/reliability.md has the figures.
"""
