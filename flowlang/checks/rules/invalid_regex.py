"""A pattern that does not compile."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("matches",)
SELECTING = frozenset(("select", "reject", "selectattr", "rejectattr"))


def check(node: ast.Call | ast.Filter | ast.Test, look: Look) -> Iterator[Diagnostic]:
    """Each literal pattern of `matches`, read by the engine that will run it."""
    fact = look.facts.calls.get(id(node))
    if fact is None or not fact.signature.file.startswith("stdlib/"):
        return
    given = {param.name: value for param, value in fact.arguments}
    value = given.get("pattern") if fact.signature.name == "matches" else None
    if fact.signature.name in SELECTING:
        test = given.get("test")
        value = given.get("argument") if isinstance(test, ast.Text) and test.value == "matches" else None
    if isinstance(value, ast.Text):
        from flowlang.types.constraints import matcher

        try:
            matcher(value.value)
        except ValueError as error:
            yield look.found(
                f"the pattern does not compile: {error}",
                value,
                "patterns take linear time: there is no look-around and no back-reference",
            )
