"""What outlives a process: run records, journals and shared policy state, in one SQLite database.

`Store` (in `store.sqlite`) is the only door; the modules beside it are its rooms.
"""
