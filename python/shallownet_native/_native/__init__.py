"""What the compiled core takes and gives, and nothing else touches a compiled module.

User values become `arrays`, `sparse` rows and `weights`, or errors that say how to mend them.
`backend` chooses a build and counts threads, within `cpu_quota`. `streams` draw orders, `spread`
finds constants, `blocks` and `signals` let Ctrl-C in. Imported by room.
Imports `_messages`.
"""
