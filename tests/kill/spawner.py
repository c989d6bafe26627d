"""A process that has imported everything forks one child per command line, so that killing hundreds of them takes
seconds.

Reads JSON orders, a line each: {"args": […], "env": {…}, "cwd": "…", "out": "…", "err": "…", "die": [n, when] or
null}. Answers the child's pid, then its return code as `subprocess` has it. `die`: the child kills itself with SIGKILL
around the commit of its n-th journal entry, `when` it is durable ("after") or just not ("before"); every entry is then
a commit of its own.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from typing import Any


def die_at(n: int, when: str) -> None:
    """Arrange for this process to kill itself around its n-th entry."""
    from flowlang.store import journal
    from flowlang.store.writer import GroupWriter

    written = 0
    write_group, transact = journal.write_group, GroupWriter._transact

    def one_by_one(connection: sqlite3.Connection, run_id: str, claim: Any, rows: list[Any]) -> bool:
        nonlocal written
        cancel = False
        for row in rows:
            if written + 1 == n and when == "before":
                kill()
            cancel = write_group(connection, run_id, claim, [row])
            written += 1
            if written == n:
                connection.execute("RELEASE job")
                connection.execute("COMMIT")
                kill()
        return cancel

    journal.write_group = one_by_one
    assert transact is GroupWriter._transact


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def child(order: dict[str, Any]) -> int:
    os.chdir(order["cwd"])
    os.environ.update(order["env"])
    for stream, name in ((1, "out"), (2, "err")):
        file = os.open(order[name], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(file, stream)
    if order["die"] is not None:
        die_at(*order["die"])
    from flowlang.cli import main

    code = main(order["args"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def main() -> None:
    import flowlang.cli.running
    import flowlang.runtime.connections
    import flowlang.runtime.http  # noqa: F401

    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 99
            try:
                code = child(json.loads(line))
            finally:
                os._exit(code)
        print(pid, file=answers, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    main()
