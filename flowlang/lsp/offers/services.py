"""In a service: the settings that it has not got yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.lsp.offers.desk import Kind, Rank
from flowlang.syntax import ast
from flowlang.types.assign import is_optional
from flowlang.types.show import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.offers.desk import Desk, Item


def settings(desk: Desk) -> Iterator[Item]:
    """What the library declares that a service may be told; what it must be told first."""
    found = desk.probe("zz_here = none")
    service = next((node for node in found.chain if isinstance(node, ast.ServiceDecl)), None) if found else None
    given = {each.name.name for each in service.settings} if service is not None else set()
    for field in desk.catalog.settings().fields:
        if field.name not in given:
            rank = Rank.NEAR if is_optional(field.type) else Rank.WANTED
            yield desk.offer(field.name, Kind.Property, rank, detail=show(field.type), insert=f"{field.name} = ")
