"""What durability costs: a lone chain beside the pace of the disk, many runs at once beside bulk inserts, a long loop
beside a short one.

A disk has two paces: a page over one that is there already, held against here, and a row that SQLite commits to a log
that grows, against which `benchmarks.running` holds the same chain. The first is the stricter one: where a sync takes
less than about 0.2 ms, a transaction alone takes most of what the bound leaves, as the row after the chain's shows.
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import interleaved_async, own_peak_kb, peak_rss_mib
from benchmarks.running import CHAIN, accepted, bulk_sqlite, chain_source, compiled, in_sqlite, loop_source, timed

RUNS = 300
"""Chains at once."""
ITEMS = 100_000
"""Of the long loop; the short one has a quarter."""
PAGE = 4096


def figures(rounds: int) -> Iterator[Figure]:
    """Microseconds a durable step, and how time and memory grow with a loop."""
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_steps(max(3, rounds // 2), Path(folder)))
        yield asyncio.run(_growth(Path(folder)))
    yield _memory()


async def synced(folder: Path) -> float:
    """Write a page over another and sync it, once a step of a chain."""
    file = os.open(folder / "synced", os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(file, bytes(PAGE * CHAIN), 0)
        os.fsync(file)
        begun = time.perf_counter()
        for i in range(CHAIN):
            os.pwrite(file, b"\x01" * PAGE, i * PAGE)
            os.fdatasync(file)
        return time.perf_counter() - begun
    finally:
        os.close(file)


async def bare(folder: Path) -> float:
    """Change a row in a transaction of its own, once a step of a chain: one page, over what is in the log already."""
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE IF NOT EXISTS rows (n INTEGER)")
        database.execute("DELETE FROM rows")
        database.execute("INSERT INTO rows VALUES (0)")
        _change_rows(database)
        database.execute("PRAGMA wal_checkpoint")
        begun = time.perf_counter()
        _change_rows(database)
        return time.perf_counter() - begun
    finally:
        database.close()


def _change_rows(database: sqlite3.Connection) -> None:
    for _ in range(CHAIN):
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE rows SET n = n + 1")
        database.execute("COMMIT")


async def at_once(folder: Path) -> float:
    """Seconds of many chains of effects at once, all on one store."""
    from flowlang.store.sqlite import Store

    plan = compiled(chain_source(True))
    with Store(folder / "at_once.db") as store:
        journals = [await accepted(store, plan, 1) for _ in range(RUNS)]
        begun = time.perf_counter()
        await asyncio.gather(*[timed(plan, 1, journal) for journal in journals])
        return time.perf_counter() - begun


async def _steps(rounds: int, folder: Path) -> list[Figure]:
    chain = compiled(chain_source(True))
    seconds = await interleaved_async(
        {
            "synced": lambda: synced(folder),
            "bare": lambda: bare(folder),
            "chain": lambda: in_sqlite(chain, 1, folder),
            "at once": lambda: at_once(folder),
            "bulk": lambda: bulk_sqlite(RUNS * CHAIN, folder),
        },
        rounds,
    )
    each = {name: value / CHAIN * 1e6 / (RUNS if name in ("at once", "bulk") else 1) for name, value in seconds.items()}
    return [
        Figure(
            f"chain of {CHAIN} no-op effects, each durable before the next", each["chain"], "µs/step",
            each["synced"], "a page written and synced", most_times=1 / 0.6,
        ),
        Figure(
            "a transaction of one row, SQLite alone", each["bare"], "µs/step", each["synced"],
            "a page written and synced",
        ),
        Figure(
            f"{RUNS} such chains at once", each["at once"], "µs/step", each["bulk"], "a row of a bulk insert",
            most_times=1 / 0.05,
        ),
    ]  # fmt: skip


async def _growth(folder: Path) -> Figure:
    """The exponent of a loop's time over its length, in seconds of the processor: disks have their moods."""
    plan = compiled(loop_source())
    spent: dict[int, list[float]] = {ITEMS // 4: [], ITEMS: []}
    for _ in range(3):
        for items, seen in spent.items():
            gc.collect()
            begun = time.process_time()
            await in_sqlite(plan, items, folder)
            seen.append(time.process_time() - begun)
    short, long = (statistics.median(seen) for seen in spent.values())
    return Figure(
        f"for of {ITEMS:,} items, growth of time", math.log(long / short) / math.log(4), "(exponent)", most=1.1
    )


def _memory() -> Figure:
    long, short = (peak_rss_mib([sys.executable, "-m", "benchmarks.storing", str(n)], {}) for n in (ITEMS, 1))
    return Figure(f"for of {ITEMS:,} items, peak memory above one of 1", long - short, "MiB", most=30)


def _run_a_loop(items: int) -> None:
    """Run a `for` with the journal in this process and print its peak, for `_memory`."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(in_sqlite(compiled(loop_source()), items, Path(folder)))
    print(own_peak_kb())


if __name__ == "__main__":
    _run_a_loop(int(sys.argv[1]))
