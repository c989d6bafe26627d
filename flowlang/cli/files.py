"""Which files a path on the command line means: itself, or the `.flow` files of a folder that git would show.

A file that is named is taken whatever it is called. In a folder, hidden entries, what a `.gitignore` on the way
excludes, and links that lead out of the folder are passed over; the order is that of names.
"""

from __future__ import annotations

import os

from flowlang.cli.failure import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowlang.cli.ignored import Ignored

SUFFIX = ".flow"


def expand(paths: Iterable[str]) -> list[str]:
    """The files that paths mean, each once; `-` stays itself. Raises `UsageError` if one is missing or none is
    found.
    """
    found: dict[str, None] = {}
    for path in paths:
        if path == "-" or os.path.isfile(path):
            found[path if path == "-" else tidy(path)] = None
        elif os.path.isdir(path):
            found.update(dict.fromkeys(_walk(path)))
        elif os.path.lexists(path) and os.path.exists(path):
            raise UsageError(f"{path} is neither a file nor a folder")
        else:
            raise UsageError(f"no such file or folder: {path}")
    if not found:
        raise UsageError(f"no {SUFFIX} files in {', '.join(paths)}")
    return list(found)


def tidy(path: str) -> str:
    """A path as it is shown: with `/`, without a leading `./`."""
    return path[2:] if path.startswith("./") and len(path) > 2 else path


def _walk(folder: str) -> Iterator[str]:
    from flowlang.cli.ignored import Ignored

    root = os.path.realpath(folder)
    yield from _visit(folder, root, Ignored.above(root), {root})


def _visit(folder: str, root: str, ignored: Ignored, seen: set[str]) -> Iterator[str]:
    ignored = ignored.within(folder)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"the folder {folder} cannot be read: {error.strerror}") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError:
            continue
        if not (is_folder or (is_file and entry.name.endswith(SUFFIX))) or ignored.excludes(entry.path, is_folder):
            continue
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if not target.startswith(root + os.sep) or target in seen:
                continue
        if is_file:
            yield tidy(os.path.normpath(entry.path))
        else:
            here = os.path.realpath(entry.path)
            if here not in seen:
                seen.add(here)
                yield from _visit(entry.path, root, ignored, seen)
