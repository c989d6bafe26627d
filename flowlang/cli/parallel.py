"""Checking many files on all cores, where there are enough of them to be worth it.

Processes are forked when the library and the rules are in memory, so that none is loaded twice; findings come back as
JSON. What a process that fails should have done is done again here, where a bug is told as ever. The result does not
depend on how the files are dealt out.
"""

from __future__ import annotations

import json
import os

from flowlang.diagnostics.codec import from_json
from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from flowlang.diagnostics import Diagnostic


class Result(Record):
    """What the check of one file gives: the marks of the texts that were read, by path, and the findings."""

    __slots__ = ()

    marks: dict[str, str]
    found: tuple[Diagnostic, ...]


if TYPE_CHECKING:
    Check = Callable[[str], Result]

LEAST: Final = 16
"""Files for which a second process is worth its start."""


def workers(files: int) -> int:
    """How many processes to use for some files; 1 for too few."""
    if files < LEAST or not hasattr(os, "fork"):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, files // (LEAST // 2)))


def check_many(paths: list[str], check: Check) -> dict[str, Result]:
    """Check files, each once, in no order to rely on."""
    count = workers(len(paths))
    if count == 1:
        return _check(paths, check)
    found = _check(paths[:1], check)
    shares = [paths[1:][number::count] for number in range(count)]
    running = [_fork(share, check) for share in shares[1:]]
    found.update(_check(shares[0], check))
    for share, (pid, end) in zip(shares[1:], running, strict=True):
        with open(end, "rb") as pipe:
            content = pipe.read()
        _, status = os.waitpid(pid, 0)
        found.update(_decoded(content) if status == 0 else _check(share, check))
    return found


def _check(paths: Iterable[str], check: Check) -> dict[str, Result]:
    return {path: check(path) for path in paths}


def _fork(paths: list[str], check: Check) -> tuple[int, int]:
    """A process that checks files and writes what it finds; its id and where to read."""
    end, start = os.pipe()
    pid = os.fork()
    if pid:
        os.close(start)
        return pid, end
    code = 1
    try:
        os.close(end)
        with open(start, "wb") as pipe:
            pipe.write(json.dumps(list(_check(paths, check).items())).encode())
        code = 0
    finally:
        os._exit(code)


def _decoded(content: bytes) -> dict[str, Result]:
    return {path: Result(marks, tuple(map(from_json, rows))) for path, (marks, rows) in json.loads(content)}
