"""Which files a path on the command line means: itself, or the `.flow` files of a folder that git would show.

A file that is named is taken whatever it is called.
"""

from __future__ import annotations

import os

from flowlang.cli.failure import UsageError
from flowlang.compiler.discovery import SUFFIX, UnreadableFolder, tidy, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["expand", "tidy"]


def expand(paths: Iterable[str]) -> list[str]:
    """The files that paths mean, each once; `-` stays itself. Raises `UsageError` if one is missing or none is
    found.
    """
    found: dict[str, None] = {}
    for path in paths:
        if path == "-" or os.path.isfile(path):
            found[path if path == "-" else tidy(path)] = None
        elif os.path.isdir(path):
            try:
                found.update(dict.fromkeys(walk(path)))
            except UnreadableFolder as error:
                raise UsageError(str(error)) from error
        elif os.path.lexists(path) and os.path.exists(path):
            raise UsageError(f"{path} is neither a file nor a folder")
        else:
            raise UsageError(f"no such file or folder: {path}")
    if not found:
        raise UsageError(f"no {SUFFIX} files in {', '.join(paths)}")
    return list(found)
