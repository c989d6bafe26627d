"""Files of a workspace: reading them, with every way that can go wrong as one sentence.

The compile column itself is a pure function of text: `check` is given a function that reads. A file imports files of
its own tree only, links followed: whoever writes a flow does not choose what of your disk is read.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 16 * 1024 * 1024


NEAR = 1000
"""Names beside a file that is not there, to suggest one of."""


class Unreadable(Exception):
    """A file that cannot be checked: missing, a folder, too large, not UTF-8. The message says why; `near` are the
    names of files beside one that is missing.
    """

    def __init__(self, why: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.near = near

    @property
    def said(self) -> str:
        """All that is said of the file."""
        return "\0".join(("", str(self), *self.near))


class NotText(Unreadable):
    """A file that is no text, and so refers to nothing, whatever its name. `text` is what can be shown of it, `at` the
    place in that of the first byte that belongs to no character.
    """

    def __init__(self, why: str, text: str, at: int) -> None:
        super().__init__(why)
        self.text = text
        self.at = at

    @property
    def said(self) -> str:
        """All that is said of the file: also where."""
        return f"\0{self}\0{self.at}"


def reader(root: str) -> Callable[[str], str]:
    """A function that reads a file and, of its imports, those within its tree."""
    tree = ""

    def read(path: str) -> str:
        nonlocal tree
        if path != root:
            tree = tree or tree_of(root)
            if not is_below(path, tree):
                raise Unreadable("is outside of the project")
        return read_file(path)

    return read


def tree_of(path: str) -> str:
    """The folder whose files a file may import: its repository, else the nearest folder above with a `flowlang.toml`,
    else the working folder if it is above, else its own.
    """
    folder = os.path.dirname(os.path.realpath(path))
    here = os.path.realpath(".")
    return marked_tree(folder) or (here if is_below(folder, here) else folder)


def marked_tree(folder: str) -> str | None:
    """The repository of a folder, else the nearest with a `flowlang.toml` above it; links must be followed before."""
    for mark in (".git", "flowlang.toml"):
        above = folder
        while not os.path.lexists(os.path.join(above, mark)) and above != os.path.dirname(above):
            above = os.path.dirname(above)
        if os.path.lexists(os.path.join(above, mark)):
            return above
    return None


def is_below(path: str, tree: str) -> bool:
    """Whether a path, links followed, is a folder or stands in it."""
    try:
        real = os.path.realpath(path)
    except ValueError:
        return False
    return real == tree or real.startswith(tree.rstrip(os.sep) + os.sep)


def read_file(path: str) -> str:
    """Read a `.flow` file exactly as it is, without a byte order mark; raises Unreadable."""
    try:
        found = os.stat(path)
        size = found.st_size
        if stat.S_ISDIR(found.st_mode):
            raise Unreadable("is a folder, not a file")
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable("is a pipe, a socket or a device, not a file")
        if size > LARGEST:
            raise Unreadable(f"has {size // 1024 // 1024} MiB; the most that is read is {LARGEST // 1024 // 1024} MiB")
        with open(path, "rb") as file:
            content = file.read(size + 1)  # to ask for the most that may be read costs more than all else here
            if len(content) > size:
                content += file.read(LARGEST)  # it has grown
    except FileNotFoundError:
        raise Unreadable("does not exist", _beside(path)) from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Unreadable("has no valid name") from None
    if len(content) > LARGEST:
        raise Unreadable(f"has more than {LARGEST // 1024 // 1024} MiB")
    return decoded(content)


def decoded(content: bytes) -> str:
    """The text of a file, without a byte order mark. Raises NotText."""
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        from flowlang.source import Source

        text = content.decode("utf-8", "replace").removeprefix("\ufeff")
        at = len(content[: error.start].decode("utf-8").removeprefix("\ufeff"))
        place = Source("", text).position(at)
        why = f"is not UTF-8: byte 0x{content[error.start]:02x} in line {place.line}, column {place.column}"
        raise NotText(why, text, at) from None


def _beside(path: str) -> tuple[str, ...]:
    """The names in the folder of a file, sorted."""
    from itertools import islice

    try:
        with os.scandir(os.path.dirname(path) or ".") as entries:
            return tuple(sorted(entry.name for entry in islice(entries, NEAR)))
    except OSError:
        return ()
