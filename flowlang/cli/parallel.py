"""Checking many files on all cores, where there are enough of them to be worth it.

Processes are forked when the library and the rules are in memory, so that none is loaded twice. Each takes the next
files when it is done with the last, so that a large file, or a core that others use, keeps no other core waiting;
findings come back as JSON. What a process that fails should have done is done again here. The result does not depend on
who has checked what.
"""

from __future__ import annotations

import json
import os

from flowlang.diagnostics.codec import from_json
from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Final

    from flowlang.diagnostics import Diagnostic


class Result(Record):
    """What the check of one file gives: the marks of the texts that were read, by path, and the findings; or the bug
    of ours that it met.
    """

    __slots__ = ()

    marks: dict[str, str]
    found: tuple[Diagnostic, ...]
    bug: str = ""


if TYPE_CHECKING:
    Check = Callable[[str], Result]

LEAST: Final = 16
"""Files for which a second process is worth its start."""
SHARES: Final = 4096
"""Shares that files are dealt out in, at most: the numbers of all fit into a pipe."""
WIDTH: Final = 2
"""Bytes of such a number."""


def workers(files: int) -> int:
    """How many processes to use for some files; 1 for too few."""
    if files < LEAST or not hasattr(os, "fork"):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, files // (LEAST // 2)))


def check_many(paths: list[str], check: Check) -> dict[str, Result]:
    """Check files, each once; gives what was found in the order of the files."""
    count = workers(len(paths))
    if count == 1:
        return _check(paths, check)
    found = _check(paths[:1], check)
    size = -(-len(paths) // SHARES)
    shares = [paths[at : at + size] for at in range(1, len(paths), size)]
    taking = _deal(len(shares))
    running = [_fork(shares, taking, check) for _ in range(count - 1)]
    for share in _taken(shares, taking):
        found.update(_check(share, check))
    for pid, end in running:
        with open(end, "rb") as pipe:
            content = pipe.read()
        _, status = os.waitpid(pid, 0)
        if status == 0:
            found.update(_decoded(content))
    os.close(taking)
    return {path: found[path] if path in found else check(path) for path in paths}


def _check(paths: Iterable[str], check: Check) -> dict[str, Result]:
    return {path: check(path) for path in paths}


def _deal(count: int) -> int:
    """Put the numbers of the shares into a pipe; gives where each process takes its next one."""
    taking, giving = os.pipe()
    os.write(giving, b"".join(number.to_bytes(WIDTH, "little") for number in range(count)))
    os.close(giving)
    return taking


def _taken(shares: list[list[str]], taking: int) -> Iterator[list[str]]:
    """Shares that nobody else has taken."""
    while number := os.read(taking, WIDTH):
        yield shares[int.from_bytes(number, "little")]


def _fork(shares: list[list[str]], taking: int, check: Check) -> tuple[int, int]:
    """A process that checks files and writes what it finds; its id and where to read."""
    end, start = os.pipe()
    pid = os.fork()
    if pid:
        os.close(start)
        return pid, end
    code = 1
    try:
        os.close(end)
        found = {path: check(path) for share in _taken(shares, taking) for path in share}
        with open(start, "wb") as pipe:
            pipe.write(json.dumps(list(found.items())).encode())
        code = 0
    finally:
        os._exit(code)


def _decoded(content: bytes) -> dict[str, Result]:
    return {path: Result(marks, tuple(map(from_json, rows)), bug) for path, (marks, rows, bug) in json.loads(content)}
