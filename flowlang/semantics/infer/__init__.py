"""What every expression, clause and block is: types, narrowing, presence, resolution, one file per kind of syntax.

`engine` holds the state and the dispatch table that the other modules fill; importing this package imports them all.
"""

from __future__ import annotations

from flowlang.semantics.infer import blocks, calls, choices, flows, literals, names, operations, structures

__all__ = ["blocks", "calls", "choices", "flows", "literals", "names", "operations", "structures"]
