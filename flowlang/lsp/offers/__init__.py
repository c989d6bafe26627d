"""What completion offers, a file per kind of place: `positions` tells which kind a cursor is at, the others what fits.

A generator of offers is given a `desk.Desk` and knows nothing of the protocol beyond it.
"""
