"""The files of a program: the root and all that it imports, each parsed once, imported ones before those that import
them.

A file that cannot be read is a finding at the import that names it; a cycle of imports is one finding, and the import
that closes it is left out.
"""

from __future__ import annotations

import posixpath

from flowlang.compiler.workspace import NotText, Unreadable
from flowlang.diagnostics import Related
from flowlang.semantics.graph import order
from flowlang.semantics.state import Opened
from flowlang.source import Source, Span
from flowlang.syntax import ast
from flowlang.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.semantics.report import Reporter
    from flowlang.syntax.parser import Parsed

    Read = Callable[[str], str]


SUFFIX = ".flow"


class Loaded:
    """One parsed file. `imports`: target as written → path, of the imports that can be followed."""

    __slots__ = ("imports", "parsed", "path", "source")

    def __init__(self, path: str, source: Source, parsed: Parsed) -> None:
        self.path = path
        self.source = source
        self.parsed = parsed
        self.imports: dict[str, str] = {}


def load(path: str, read: Read, reporter: Reporter) -> list[Loaded]:
    """Read a file and its imports; gives them in the order in which to check them."""
    try:
        text = read(path)
    except Unreadable as error:
        reporter.file = path
        at, help = (error.at, "save it as UTF-8") if isinstance(error, NotText) else (-1, "")
        reporter.report("unreadable-file", f"`{path}` {error}", Span(path, max(at, 0), at + 1), help)
        return []
    files = [_parse(path, text)]
    number = {path: 0}
    places: list[dict[int, ast.Import]] = []
    for loaded in files:  # grows while it is read
        places.append({})
        for item in loaded.parsed.tree.items:
            if not isinstance(item, ast.Import) or not item.is_file:
                continue
            target = resolve(loaded.path, item.target.name)
            if item.alias is None and not target.endswith(SUFFIX):
                continue  # it has no name: reported by the parser
            if target not in number:
                try:
                    text = _read_import(target, read)
                except Unreadable as error:
                    reporter.file = loaded.path
                    reporter.report(
                        "unreadable-file", f"`{item.target.name}` {error}", item.target, _hint(item.target.name)
                    )
                    continue
                number[target] = len(files)
                files.append(_parse(target, text))
            places[-1].setdefault(number[target], item)
            loaded.imports[item.target.name] = target
    return _sort(files, places, reporter)


def _read_import(target: str, read: Read) -> str:
    if not target.endswith(SUFFIX):
        raise Unreadable(f"is not a {SUFFIX} file")
    return read(target)


def opener(read: Read) -> Callable[[str], Opened]:
    """What opens document templates."""

    def open(path: str) -> Opened:
        try:
            return Opened(read(path))
        except Unreadable as error:
            return Opened(None, str(error), error.near)

    return open


def resolve(importer: str, target: str) -> str:
    """The path of an imported file, beside the file that imports it."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer.replace("\\", "/")), target))


def _parse(path: str, text: str) -> Loaded:
    source = Source(path, text)
    return Loaded(path, source, parse(source))


def _hint(target: str) -> str:
    return (
        ""
        if target.endswith(SUFFIX)
        else 'a file is imported by its path: `import "x.flow" as x`; a module by its name: `import http`'
    )


def _sort(files: list[Loaded], places: list[dict[int, ast.Import]], reporter: Reporter) -> list[Loaded]:
    """Imported files first; cycles are reported and cut, until there are none."""
    needs = [sorted(each) for each in places]
    while True:
        sorted_, cycles = order(needs)
        if not cycles:
            return [files[index] for index in sorted_]
        for cycle in cycles:
            _report(cycle, files, places, reporter)
            last, first = cycle[-1], cycle[0]
            needs[last].remove(first)
            for target, path in list(files[last].imports.items()):
                if path == files[first].path:
                    del files[last].imports[target]


def _report(cycle: list[int], files: list[Loaded], places: list[dict[int, ast.Import]], reporter: Reporter) -> None:
    related = []
    for index, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        at = places[index][following]
        span = Span(files[index].path, at.start, at.end)
        related.append(Related(f"`{files[index].path}` imports `{files[following].path}`", span))
    path = " → ".join(files[index].path for index in [*cycle, cycle[0]])
    reporter.report("import-cycle", f"files import each other: {path}", related[0].span, "", tuple(related))
