"""What the calls of a file call, statement or not: of filters, tests and calls that mean nothing nothing is said."""

from __future__ import annotations

from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.semantics.facts import CallFact


def calls(look: Look) -> list[CallFact]:
    """The resolved calls of the file, in the order they were met; looked for once."""
    memo = sites(look).memo
    found: list[CallFact] | None = memo.get("calls")  # type: ignore[assignment]
    if found is None:
        known = look.facts.calls
        called = [known.get(id(each)) for each in look.facts.called.get(look.file.path, ()) if type(each) is ast.Call]
        found = memo["calls"] = [each for each in called if each is not None]
    return found
