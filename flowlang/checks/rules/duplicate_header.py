"""One header twice, in another spelling: only the last is sent."""

from __future__ import annotations

from flowlang.checks.headers import entries, maps
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("headers",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each name in a map of headers that differs from an earlier one in case only."""
    for map_ in maps(look):
        seen: dict[str, tuple[str, ast.Entry]] = {}
        for name, entry in entries(map_):
            earlier = seen.setdefault(name.lower(), (name, entry))
            if earlier[0] != name:
                yield look.found(
                    f"`{name}` is the header `{earlier[0]}` again: case does not matter, and only the last is sent",
                    entry.key,
                    "leave one of them out",
                    (look.related("the first is here", earlier[1].key),),
                )
