"""Between the protocol's documents and ours: URIs and paths, ranges and offsets. Editors count in UTF-16 units."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from lsprotocol import types

from flowlang.compiler.nearest import settings_file
from flowlang.compiler.workspace import is_below, marked_tree

if TYPE_CHECKING:
    from flowlang.source import Source

_named = ("", "")
"""The working folder, and what the editor calls it."""
_no_files: dict[str, str] = {}
"""The URIs of documents that are no files, by what they are called here."""


def path_of(uri: str) -> str:
    """The path of a document as `flowlang check` would show it: below the working folder relative, else absolute.

    A document that is no file (`untitled:…`, or `file://` alone) is called by its URI.
    """
    if not is_whole(uri):
        uri = uri.encode("utf-8", "replace").decode()
    if not is_uri(uri) or (parts := urlsplit(uri)).scheme != "file" or not parts.path:
        name = uri.rstrip("/")  # what it imports stands in the working folder
        _no_files[name] = uri
        return name
    path = unquote(parts.path, errors="surrogateescape")
    if os.name == "nt":
        path = path.lstrip("/").replace("/", os.sep)
    return shown(os.path.normpath(path))


def is_file(path: str) -> bool:
    """Whether a path is one, and not what a document without a file is called."""
    return path not in _no_files


def is_uri(uri: str) -> bool:
    """Whether a name can be taken apart."""
    try:
        urlsplit(uri)
    except ValueError:
        return False
    return True


def work_in(folder: str) -> None:
    """Make a folder the working folder, under the name that the editor has for it, which may lead over links."""
    global _named
    os.chdir(folder)
    _named = (os.getcwd(), os.path.normpath(folder))


def root_of(folder: str) -> str:
    """The root of the project that a folder is in, as the editor would call it; the folder itself if there is none."""
    real = os.path.realpath(folder)
    tree = _root(real)
    if tree is None:
        return folder
    named = os.path.normpath(folder)
    for _ in os.path.relpath(real, tree).split(os.sep) if real != tree else ():
        named = os.path.dirname(named)
    return named if os.path.realpath(named) == tree else tree


def is_in_project(folder: str) -> bool:
    """Whether a folder is that of a project or below it."""
    return _root(os.path.realpath(folder)) is not None


def _root(real: str) -> str | None:
    """The folder whose files may import each other, else the one whose `pyproject.toml` has settings for them."""
    tree = marked_tree(real)
    if tree is None and (file := settings_file(real, {})) is not None:
        tree = os.path.dirname(file)
    return tree


def around(folder: str) -> str:
    """Where to look for what belongs to files in a folder of no project: the working folder if it is above, else the
    folder itself. Editors without a folder often work in `/` or at home, which hold more than what belongs together.
    """
    current = os.getcwd()
    is_chosen = is_below(folder, current) and not is_below(os.path.expanduser("~"), current)
    return current if is_chosen else folder


def here() -> str:
    """The working folder, as the editor calls it."""
    real, named = _named
    current = os.getcwd()
    return named if current == real else current


def shown(path: str) -> str:
    """An absolute path, relative to the working folder where it is below that."""
    for folder in (here(), os.getcwd()):
        below = folder.rstrip(os.sep) + os.sep
        if path.startswith(below):
            path = path[len(below) :]
            break
    return path.replace(os.sep, "/")


def uri_of(path: str) -> str:
    """The URI of a path, or of a document that is no file."""
    if path in _no_files:
        return _no_files[path]
    absolute = os.path.normpath(os.path.join(here(), path)).replace(os.sep, "/")
    return "file://" + quote("/" + absolute.lstrip("/"), safe="/~!$&'()*+,;=:@-._", errors="surrogateescape")


def position(source: Source, offset: int) -> types.Position:
    """The place of an offset in a text."""
    line, character = source.utf16(offset)
    return types.Position(line=line, character=character)


def span(source: Source, start: int, end: int) -> types.Range:
    """The place of a part of a text."""
    return types.Range(start=position(source, start), end=position(source, end))


def offset(source: Source, at: types.Position) -> int:
    """The offset of a place in a text; one outside is moved inside."""
    found = source.from_utf16(at.line, at.character)
    if source.text.isascii() or not 0 <= at.line < len(source.starts):
        return found
    line = source.line(at.line + 1)
    return found if is_whole(line) else source.starts[at.line] + _units(line, at.character)


def is_whole(text: str) -> bool:
    """Whether a text is without halves of pairs. No file has such, an editor may for a moment."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_within_pair(source: Source, at: types.Position) -> bool:
    """Whether a place is between the halves of a pair, where only an editor may cut."""
    found = offset(source, at)
    return source.text[found : found + 1] > "\uffff" and position(source, found).character < at.character


def halved(text: str) -> str:
    """A text with every pair as its two halves."""
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    return "".join(map(chr, units))


def _units(line: str, column: int) -> int:
    """How many characters of a line stand before a column in UTF-16 units; half of a pair is one of each."""
    for index, char in enumerate(line):
        column -= 1 if char < "\U00010000" else 2
        if column < 0:
            return index
    return len(line)
