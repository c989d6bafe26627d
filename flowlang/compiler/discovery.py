"""The files of a folder that git would show: what `flowlang check` and the language server look at.

Hidden entries, what a `.gitignore` on the way excludes, and links that lead out of the folder are passed over; the
order is that of names.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowlang.compiler.ignored import Ignored

SUFFIX = ".flow"


class UnreadableFolder(Exception):
    """A folder that cannot be listed; the message names it and says why."""


def tidy(path: str) -> str:
    """A path as it is shown: with single `/`, without a leading `./`; that of a file called `-` keeps it."""
    absolute = path.startswith("/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    shown = "/" * absolute + "/".join(parts)
    return path if not parts or shown == "-" else shown


def walk(
    folder: str, unreadable: Callable[[UnreadableFolder], object] | None = None, suffixes: tuple[str, ...] = (SUFFIX,)
) -> Iterator[str]:
    """The files below a folder whose names end so. Folders that cannot be read are told to `unreadable`, or raised."""
    from flowlang.compiler.ignored import Ignored

    root = os.path.realpath(folder)
    yield from _visit(folder, root, Ignored.above(root), {root}, unreadable or _raise, suffixes)


def _raise(error: UnreadableFolder) -> None:
    raise error


def _visit(
    folder: str,
    root: str,
    ignored: Ignored,
    seen: set[str],
    unreadable: Callable[[UnreadableFolder], object],
    suffixes: tuple[str, ...],
) -> Iterator[str]:
    ignored = ignored.within(folder)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        unreadable(UnreadableFolder(f"the folder {folder} cannot be read: {error.strerror}"))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError:
            continue
        if not (is_folder or (is_file and entry.name.endswith(suffixes))) or ignored.excludes(entry.path, is_folder):
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
                yield from _visit(entry.path, root, ignored, seen, unreadable, suffixes)
