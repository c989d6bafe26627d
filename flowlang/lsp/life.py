"""The end of the server: with its client, whatever is still being done."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from flowlang.compiler.pipeline import RECURSION

if TYPE_CHECKING:
    from typing import Final, NoReturn

STACK: Final = 64 * 1024 * 1024
"""Bytes of stack of a worker: a pass over a tree may recurse."""
GRACE: Final = 1.0
"""Seconds in which what is being done may come to its end."""
_EVERY: Final = 1.0
_WORKERS: Final = "flowlang-"


def worker(name: str) -> ThreadPoolExecutor:
    """One thread that does one job after another."""
    # Once and for all threads: what each sets for itself and takes back, another would lose in its middle.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    before = threading.stack_size(STACK)
    try:
        made = ThreadPoolExecutor(max_workers=1, thread_name_prefix=_WORKERS + name)
        made.submit(int).result()
        return made
    finally:
        threading.stack_size(before)


def end_with(client: int) -> None:
    """End when the client is gone, though it may have left its ends of the pipes to others.

    On a thread of its own: the loop may be waiting for a client that does not read.
    """
    if client > 0 and os.name == "posix":
        threading.Thread(target=_watch, args=(client,), name="client", daemon=True).start()


def _watch(client: int) -> NoReturn:
    while _is_there(client):
        time.sleep(_EVERY)
    os._exit(1)


def _is_there(process: int) -> bool:
    """Whether a process lives; one that nobody has buried does not."""
    try:
        os.kill(process, 0)
        with open(f"/proc/{process}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] != [b"Z"]
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True


def leave(code: int) -> int:
    """The exit code, once the workers have ended; where they do not, python would wait for them for ever."""
    until = time.monotonic() + GRACE
    for thread in threading.enumerate():
        if thread.name.startswith(_WORKERS):
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                os._exit(code)
    return code
