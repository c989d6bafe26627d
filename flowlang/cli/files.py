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
    found: dict[str, str] = {}  # a path however it is spelled → as it is shown
    for path in paths:
        for each in (path,) if path == "-" else _meant(path):
            found.setdefault(each if each == "-" else os.path.abspath(each), each)
    if not found:
        raise UsageError(f"no {SUFFIX} files in {', '.join(paths)}")
    return list(found.values())


def _meant(path: str) -> Iterable[str]:
    if os.path.isfile(path):
        return (tidy(path),)
    if os.path.isdir(path):
        try:
            return list(walk(path))
        except UnreadableFolder as error:
            raise UsageError(str(error)) from error
    if os.path.lexists(path) and os.path.exists(path):
        raise UsageError(f"{path} is neither a file nor a folder")
    raise UsageError(f"no such file or folder: {path}")
