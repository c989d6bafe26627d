"""The parts of a file that can be folded away, and the ever larger parts around a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.meaning import chain_at, children
from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

FOLDED = (
    *(ast.Body, ast.TypeDecl, ast.ServiceDecl, ast.FlowDecl, ast.Config, ast.FunctionDecl, ast.ActionDecl),
    *(ast.Map, ast.List, ast.Call, ast.Match, ast.RecordType, ast.Text, ast.Template, ast.Comprehension),
)


def folding(project: Project, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """What spans several lines, runs of comments, and the imports."""
    snapshot = project.snapshot(params.text_document.uri)
    if snapshot.file is None:
        return []
    found: dict[tuple[int, int], types.FoldingRange] = {}
    for first, last, kind in (*_nodes(snapshot), *_comments(snapshot), *_imports(snapshot)):
        if last > first:
            found.setdefault((first, last), types.FoldingRange(start_line=first, end_line=last, kind=kind))
    return [found[place] for place in sorted(found)]


def _nodes(snapshot: Snapshot) -> Iterator[tuple[int, int, None]]:
    assert snapshot.file is not None
    waiting: list[ast.Node] = list(snapshot.file.tree.items)
    while waiting:
        node = waiting.pop()
        if isinstance(node, FOLDED):
            place = snapshot.range(node)
            first, last = place.start.line, place.end.line
            if last > first:
                # The line that closes a bracket stays in sight.
                is_closed = snapshot.written(node)[-1:] in ("}", "]", ")")
                yield first, last - is_closed, None
        waiting.extend(children(node))


def _comments(snapshot: Snapshot) -> Iterator[tuple[int, int, types.FoldingRangeKind]]:
    first = -1
    source = snapshot.source
    for number in range(1, len(source.starts) + 2):
        is_comment = number <= len(source.starts) and source.line(number).lstrip().startswith("#")
        if is_comment and first < 0:
            first = number
        elif not is_comment and first >= 0:
            yield first - 1, number - 2, types.FoldingRangeKind.Comment
            first = -1


def _imports(snapshot: Snapshot) -> Iterator[tuple[int, int, types.FoldingRangeKind]]:
    assert snapshot.file is not None
    lines = [snapshot.range(item).start.line for item in snapshot.file.tree.items if isinstance(item, ast.Import)]
    if lines:
        yield lines[0], lines[-1], types.FoldingRangeKind.Imports


def selection(project: Project, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    """For each place, the nodes around it, from the inside out."""
    snapshot = project.snapshot(params.text_document.uri)
    found = []
    for position in params.positions:
        here = types.Range(start=position, end=position)
        around: types.SelectionRange | None = None
        if snapshot.file is not None:
            for node in chain_at(snapshot.file.tree, snapshot.offset(position))[1:]:
                place = snapshot.range(node)
                if around is None or place != around.range:
                    around = types.SelectionRange(range=place, parent=around)
        found.append(around or types.SelectionRange(range=here))
    return found


FEATURES = (
    Feature(types.TEXT_DOCUMENT_FOLDING_RANGE, folding),
    Feature(types.TEXT_DOCUMENT_SELECTION_RANGE, selection),
)
