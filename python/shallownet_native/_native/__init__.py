"""What the compiled core takes and gives: builds and threads, checked arrays, orders, signals.

Its rooms are imported by name, each is a tool of its own; `backend` alone loads compiled modules.
Imports `_messages`.
"""
