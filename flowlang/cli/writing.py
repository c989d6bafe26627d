"""Writing files in one step, so that nobody ever sees half of one."""

from __future__ import annotations

import errno
import os

BOM = b"\xef\xbb\xbf"


def replace(path: str, text: str) -> None:
    """Write a file, new or not; mode, byte order mark and the links that lead to it stay. Raises `CommandFailed`, also
    for a file that may not be written and could be replaced all the same, as its folder may.
    """
    from flowlang.cli.failure import CommandFailed

    target = os.path.realpath(path)
    partial = f"{target}.{os.getpid()}.partial"
    content = text.encode("utf-8", "surrogatepass")
    try:
        if os.path.exists(target) and not os.path.isfile(target):  # a terminal, a pipe: nothing to replace
            with open(path, "wb") as stream:
                stream.write(content)
            return
        mode = os.stat(target).st_mode & 0o7777 if os.path.exists(target) else None
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with open(partial, "wb") as file:
            file.write(_mark(target) + content)
        if mode is not None:
            os.chmod(partial, mode)
        os.replace(partial, target)
    except OSError as error:
        if os.path.exists(partial):
            os.unlink(partial)
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from error


def _mark(target: str) -> bytes:
    try:
        with open(target, "rb") as file:
            return BOM if file.read(3) == BOM else b""
    except FileNotFoundError:
        return b""


def diff(path: str, before: str, after: str) -> str:
    """The change of a file as a unified diff, whose lines end at LF alone, as those who apply it have it."""
    from difflib import unified_diff

    name = "<stdin>" if path == "-" else path
    lines = unified_diff(_lines(before), _lines(after), name, name)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]
