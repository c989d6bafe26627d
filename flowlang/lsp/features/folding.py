"""The parts of a file that can be folded away, and the ever larger parts around a place."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.meaning import chain_at, children
from flowlang.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.semantics.facts import CheckedFile
    from flowlang.source import Source

FOLDED = (
    *(ast.Body, ast.TypeDecl, ast.ServiceDecl, ast.FlowDecl, ast.Config, ast.FunctionDecl, ast.ActionDecl),
    *(ast.Map, ast.List, ast.Call, ast.Match, ast.RecordType, ast.Text, ast.Template, ast.Comprehension),
)


def folding(project: Project, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """What spans several lines, runs of comments, and runs of imports."""
    snapshot = project.snapshot(params.text_document.uri)
    if snapshot.file is None:
        return []
    nodes = [(snapshot.range(node), node) for node in _of_several_lines(snapshot.file)]
    texts = {
        line
        for place, node in nodes
        if isinstance(node, (ast.Text, ast.Template))
        for line in range(place.start.line + 1, place.end.line + 1)
    }
    found: dict[tuple[int, int], types.FoldingRange] = {}
    for first, last, kind in (*_nodes(snapshot, nodes), *_comments(snapshot.source, texts), *_imports(snapshot)):
        if last > first:
            found.setdefault((first, last), types.FoldingRange(start_line=first, end_line=last, kind=kind))
    return [found[place] for place in sorted(found)]


def _of_several_lines(file: CheckedFile) -> Iterator[ast.Node]:
    """The nodes that span lines and can be folded; what is in a line is not looked into."""
    text = file.source.text
    waiting: list[ast.Node] = list(file.tree.items)
    while waiting:
        node = waiting.pop()
        if text.find("\n", node.start, node.end) >= 0 or text.find("\r", node.start, node.end) >= 0:
            if isinstance(node, FOLDED):
                yield node
            waiting.extend(children(node))


def _nodes(snapshot: Snapshot, nodes: list[tuple[types.Range, ast.Node]]) -> Iterator[tuple[int, int, None]]:
    for place, node in nodes:
        # The line that closes a bracket stays in sight.
        is_closed = snapshot.written(node)[-1:] in ("}", "]", ")")
        yield place.start.line, place.end.line - is_closed, None


def _comments(source: Source, texts: set[int]) -> Iterator[tuple[int, int, types.FoldingRangeKind]]:
    """Runs of lines of comments; a line of a text may look like one."""
    first = -1
    starts = [*source.starts, len(source.text)]
    for line in range(len(starts)):
        begins = line + 1 < len(starts) and source.text[starts[line] : starts[line + 1]].lstrip().startswith("#")
        is_comment = begins and line not in texts
        if is_comment and first < 0:
            first = line
        elif not is_comment and first >= 0:
            yield first, line - 1, types.FoldingRangeKind.Comment
            first = -1


def _imports(snapshot: Snapshot) -> Iterator[tuple[int, int, types.FoldingRangeKind]]:
    assert snapshot.file is not None
    for is_import, run in groupby(snapshot.file.tree.items, lambda item: isinstance(item, ast.Import)):
        items = list(run)
        if is_import:
            first, last = snapshot.range(items[0]), snapshot.range(items[-1])
            yield first.start.line, last.end.line, types.FoldingRangeKind.Imports


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
