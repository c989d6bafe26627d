"""The standard library's files as text and tree: where its things are declared."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowlang import bundled
from flowlang.source import Source
from flowlang.syntax.parser import parse

if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax import ast

LIBRARY: Final = "stdlib/"
"""What the names of its files begin with."""
_files: dict[str, tuple[Source, ast.File]] = {}


def library_file(file: str) -> tuple[Source, ast.File]:
    """A file of the standard library, such as `stdlib/http.flow`, parsed once."""
    if file not in _files:
        source = Source(file, (bundled.read(file) or b"").decode())
        _files[file] = source, parse(source).tree
    return _files[file]


def is_in_library(folder: str) -> bool:
    """Whether a folder is that of the library's files, as they are installed."""
    prelude = bundled.path(f"{LIBRARY}prelude.flow")
    return prelude is not None and os.path.realpath(folder) == os.path.realpath(os.path.dirname(prelude))


def library_source(file: str) -> Source:
    """The text of a file of the standard library."""
    return library_file(file)[0]
