"""Behind a word that takes names of one sort: `on`, `catch`, `after`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.offers.desk import Kind
from flowlang.semantics.catalog import ERROR_TYPES
from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.offers.desk import Desk, Item


def triggers(desk: Desk) -> Iterator[Item]:
    """What may stand behind `on`."""
    for name in desk.catalog.triggers():
        signature = desk.catalog.trigger(name)
        if signature is not None:
            yield desk.signature(signature, name, Kind.Event)


def error_kinds(desk: Desk) -> Iterator[Item]:
    """What may stand behind `catch`."""
    given = set(re.findall(r"\w+", desk.before))
    for name in ERROR_TYPES:
        if name not in given:
            yield desk.offer(name, Kind.EnumMember, detail="error kind")


def steps_before(desk: Desk) -> Iterator[Item]:
    """The steps of the same body, for `after`."""
    chain = desk.found.chain if desk.found is not None else []
    for body in [node for node in chain if isinstance(node, ast.Body)][-1:]:
        for statement in body.statements:
            if isinstance(statement, ast.Step) and not any(statement is node for node in chain):
                yield desk.offer(statement.name.name, Kind.Variable, detail="step")
