"""Between the protocol's documents and ours: URIs and paths, ranges and offsets. Editors count in UTF-16 units."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from lsprotocol import types

if TYPE_CHECKING:
    from flowlang.source import Source


def path_of(uri: str) -> str:
    """The path of a document as `flowlang check` would show it: below the working folder relative, else absolute.

    A document that is no file (`untitled:…`) is called by its URI.
    """
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return uri
    path = unquote(parts.path)
    if os.name == "nt":
        path = path.lstrip("/").replace("/", os.sep)
    return shown(os.path.normpath(path))


def shown(path: str) -> str:
    """An absolute path, relative to the working folder where it is below that."""
    here = os.getcwd().rstrip(os.sep) + os.sep
    return (path[len(here) :] if path.startswith(here) else path).replace(os.sep, "/")


def uri_of(path: str) -> str:
    """The URI of a path; that of a document that is no file is its path."""
    if "://" in path or path.startswith("untitled:"):
        return path
    absolute = os.path.abspath(path).replace(os.sep, "/")
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
    return source.from_utf16(at.line, at.character)
