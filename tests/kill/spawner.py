"""A process that has imported everything forks one child per command line, so that killing hundreds of them takes
seconds.

Reads JSON orders, a line each: {"args": […], "env": {…}, "cwd": "…", "out": "…", "err": "…", "die": [kind, n] or null,
"patience": [after, least] or null: when a run is parked}. Answers the child's pid, then its return code as `subprocess`
has it. `die`: the child kills itself with SIGKILL at its n-th effect of a kind: "entry", when an entry is durable
(each is then a commit of its own); "commit", before a transaction is committed (the run's record, its entries, what is
shared); "ask", before a request is sent; "answer", when its answer has come and nothing of it is journaled.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from flowlang.runtime.http import HttpTransport
from flowlang.runtime.seam import Request, Response

FLOWS = Path(__file__).with_name("flows.flow")


def die_at(kind: str, n: int) -> None:
    """Arrange for this process to kill itself at its n-th effect of a kind."""
    reached = 0

    def reach() -> None:
        nonlocal reached
        reached += 1
        if reached == n:
            kill()

    {"entry": die_behind_entry, "commit": die_before_commit, "ask": die_asking, "answer": die_answered}[kind](reach)


def die_behind_entry(reach: Callable[[], None]) -> None:
    from flowlang.store import entries, journal

    write_groups = entries.write_groups

    def one_by_one(connection: sqlite3.Connection, groups: list[entries.Group]) -> list[entries.StoredClaim]:
        claims = [group.held for group in groups]
        for i, group in enumerate(groups):
            for row in group.rows:
                claims[i : i + 1] = write_groups(connection, [entries.Group(group.run_id, claims[i], [row])])
                connection.execute("COMMIT")
                reach()
                connection.execute("BEGIN IMMEDIATE")
        return claims

    journal.write_groups = one_by_one


def die_before_commit(reach: Callable[[], None]) -> None:
    from flowlang.store import writer

    count_commit = writer.count_commit

    def counted(connection: sqlite3.Connection) -> int:
        reach()
        return count_commit(connection)

    writer.count_commit = counted


def die_asking(reach: Callable[[], None]) -> None:
    send = HttpTransport.send

    async def asking(transport: HttpTransport, request: Request) -> Response:
        reach()
        return await send(transport, request)

    HttpTransport.send = asking  # type: ignore[method-assign]


def die_answered(reach: Callable[[], None]) -> None:
    send = HttpTransport.send

    async def answered(transport: HttpTransport, request: Request) -> Response:
        try:
            return await send(transport, request)
        finally:
            reach()

    HttpTransport.send = answered  # type: ignore[method-assign]


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def child(order: dict[str, Any]) -> int:
    os.chdir(order["cwd"])
    os.environ.update(order["env"])
    for stream, name in ((1, "out"), (2, "err")):
        file = os.open(order[name], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(file, stream)
    if order["patience"] is not None:
        from flowlang.engines.local import LocalEngine
        from flowlang.runtime.interpreter.activity import Patience

        LocalEngine.patience = Patience(*order["patience"])
    if order["die"] is not None:
        die_at(*order["die"])
    from flowlang.cli import main

    code = main(order["args"])
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def warm_up() -> None:
    """Import what every child would import, and check the flows for all of them: no kill is about that."""
    import flowlang.cli.commands.run
    import flowlang.cli.running
    import flowlang.runtime.connections  # noqa: F401
    from flowlang.cli import compiling, main

    compiling._checked = cache(compiling._checked)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        assert main(["plan", str(FLOWS), "--flow", "retries"]) == 0
    gc.freeze()


def main() -> None:
    warm_up()
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
