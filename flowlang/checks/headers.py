"""The headers that a file writes out: of calls, of services, of `auth.header`."""

from __future__ import annotations

from flowlang.checks.calls import calls
from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look


def maps(look: Look) -> list[ast.Map]:
    """Each map that is written out as headers; looked for once per file."""
    memo = sites(look).memo
    if "headers" not in memo:
        memo["headers"] = list(_maps(look))
    found: list[ast.Map] = memo["headers"]  # type: ignore[assignment]
    return found


def _maps(look: Look) -> Iterator[ast.Map]:
    for item in look.file.tree.items:
        if isinstance(item, ast.ServiceDecl):
            for setting in item.settings:
                if setting.name.name == "headers" and isinstance(setting.value, ast.Map):
                    yield setting.value
    for fact in calls(look):
        if fact.signature.kind == "action":
            for param, value in fact.arguments:
                if param.name == "headers" and isinstance(value, ast.Map):
                    yield value


def entries(map_: ast.Map) -> Iterator[tuple[str, ast.Entry]]:
    """The entries of a map whose names are written out."""
    for entry in map_.entries:
        if isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text):
            yield entry.key.value, entry


def names(look: Look) -> Iterator[tuple[str, ast.Node]]:
    """Every name of a header that is written out, with its place."""
    for map_ in maps(look):
        for name, entry in entries(map_):
            yield name, entry.key
    for fact in calls(look):
        if fact.signature.name == "auth.header":
            value = fact.arguments[0][1]
            if isinstance(value, ast.Text):
                yield value.value, value
