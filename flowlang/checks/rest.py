"""The rest of a flow behind a place, which is enough for rules about statements where all before it stays."""

from __future__ import annotations

from flowlang.semantics.facts import Facts
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.facts import CheckedFile


def rest_of(part: CheckedFile, facts: Facts, place: int) -> tuple[CheckedFile, Facts]:
    """A part of a file that holds one flow, from the end of one of its statements on, with its part of the facts."""
    (flow,) = part.tree.items
    assert isinstance(flow, ast.FlowDecl)
    statements = tuple([each for each in flow.body.statements if each.start >= place])
    rest = flow.replace(body=flow.body.replace(statements=statements))
    known = Facts.__new__(Facts)
    for name in Facts.__slots__:
        setattr(known, name, getattr(facts, name))
    known.called = {part.path: [each for each in facts.called.get(part.path, ()) if each.start >= place]}
    known.conditions = {part.path: [each for each in facts.conditions.get(part.path, ()) if each.start >= place]}
    return part.replace(tree=ast.File(place, part.tree.end, (rest,), "")), known
