"""`accept` of a status that is accepted anyway."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("accept",)


def check(node: ast.Call, look: Look) -> Iterator[Diagnostic]:
    """Each literal 2xx in `accept`."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.kind != "action":
        return
    for param, value in fact.arguments:
        if param.name == "accept" and isinstance(value, ast.List):
            for item in value.items:
                if isinstance(item, ast.Literal) and isinstance(item.value, int) and 200 <= item.value < 300:
                    yield look.found(
                        f"status {item.value} is accepted anyway: `accept` adds to 2xx, it does not replace it",
                        item,
                        "leave it out; to insist on one status, use `ensure`",
                    )
