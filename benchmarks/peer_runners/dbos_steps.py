"""DBOS on SQLite, as its documentation has it: async steps, started in order and gathered.

It leaves SQLite at its defaults: a rollback journal that is synced at every commit. With the argument `wal` the file is
one with a write-ahead log, synced at every commit too, as flowlang's is; everything else stays as it is shipped.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from importlib.metadata import version

from dbos import DBOS
from serving import Prepare, serve

FILE = "dbos.sqlite"


@DBOS.step()
async def noop(i: int) -> int:
    return i


@DBOS.workflow()
async def chain(count: int) -> int:
    value = 0
    for _ in range(count):
        value = await noop(value)
    return value


@DBOS.workflow()
async def fan(count: int) -> int:
    results = await asyncio.gather(*[asyncio.create_task(noop(i)) for i in range(count)])
    return len(results)


async def chains(count: int, length: int) -> None:
    handles = await asyncio.gather(*[DBOS.start_workflow_async(chain, length) for _ in range(count)])
    await asyncio.gather(*[handle.get_result() for handle in handles])


def main() -> None:
    name = f"DBOS {version('dbos')}"
    if "wal" in sys.argv:
        name += " in WAL"
        with closing(sqlite3.connect(FILE)) as database:
            database.execute("PRAGMA journal_mode=WAL")  # stays with the file
    DBOS(config={"name": "benchmark", "system_database_url": f"sqlite:///{FILE}", "log_level": "ERROR"})
    DBOS.launch()
    with asyncio.Runner() as runner:

        def prepared(case: Callable[..., Coroutine[object, object, object]]) -> Prepare:
            return lambda *numbers: lambda: runner.run(case(*numbers))

        serve(name, {"chain": prepared(chain), "fan": prepared(fan), "chains": prepared(chains)})


if __name__ == "__main__":
    main()
