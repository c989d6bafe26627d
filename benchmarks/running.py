"""What a step costs: chains and fan-outs, in memory and with the SQLite journal, beside plain asyncio and bulk SQLite
doing the same.

Effects are a Python action that returns at once: what is measured is the interpreter, not the effect. Plans are
compiled before the clock starts, as they are when a server runs a flow again. What takes a millisecond is run many
times in its turn, plain asyncio's chain like ours: what a step costs in a process that runs steps, not the first ones
after another case.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measure import interleaved_async

CHAIN = 100
FANS = (1000, 10_000)

NOOP = "action noop(i: int) -> int = python('benchmarks.running:noop')\n"


def chain_source(effects: bool, count: int = CHAIN) -> str:
    """So many steps, each of which uses the one before."""
    value = "noop(i={})" if effects else "{} + 1"
    steps = [f"  step s{i} = {value.format(f's{i - 1}' if i else 'x')}" for i in range(count)]
    return "\n".join([NOOP, "flow chain(x: int) -> int {", *steps, f"  return s{count - 1}", "}", ""])


def fan_source(count: int) -> str:
    """So many steps that need nothing of each other."""
    steps = [f"  step s{i} = noop(i={i})" for i in range(count)]
    return "\n".join([NOOP, "flow fan(x: int) -> int {", *steps, "  return x", "}", ""])


def loop_source() -> str:
    """A `for` over x items, a hundred at once."""
    return f"""{NOOP}
flow loop(x: int) -> int {{
  @concurrency(100)
  step all = for i in range(x) {{
    step s = noop(i=i)
    yield s
  }}
  return all | length
}}
"""


def compiled(text: str) -> Any:
    """The plan of a source."""
    from flowlang.compiler.lower import lower
    from flowlang.compiler.pipeline import check_text

    program = check_text(text, "bench.flow")
    errors = [found for found in program.diagnostics if found.severity == "error"]
    if errors:
        raise SystemExit(f"a source of the benchmarks does not check: {errors[0]}")
    return lower(program)


async def noop(i: int) -> int:
    """The effect that costs nothing."""
    return i


class _NoTransport:
    def prepare(self) -> None:
        return None

    async def send(self, request: object) -> Any:
        raise AssertionError("nothing is sent here")

    async def close(self) -> None:
        return None


async def _call(target: str, arguments: Mapping[str, Any]) -> object:
    return await noop(**arguments)


def _seam() -> Any:
    from flowlang.runtime.seam import Seam

    now = lambda: time.time_ns() // 1000  # noqa: E731
    return Seam(now, time.monotonic, asyncio.sleep, random.random, _NoTransport(), _call, lambda target: noop)


async def in_memory(plan: Any, x: int) -> float:
    """Seconds of a run without a database."""
    from flowlang.runtime.memory import MemoryJournal

    return await timed(plan, x, MemoryJournal("bench"))


async def in_sqlite(plan: Any, x: int, folder: Path) -> float:
    """Seconds of a run whose every step is durable when it ends."""
    from flowlang.store.sqlite import Store

    with Store(folder / "runs.db") as store:
        return await timed(plan, x, await accepted(store, plan, x))


async def accepted(store: Any, plan: Any, x: int) -> Any:
    """The journal of a new run."""
    return (await store.create(new_run(plan, x))).journal


def new_run(plan: Any, x: int) -> Any:
    """What a store is given to accept a run."""
    from flowlang.plan.codec import dumps
    from flowlang.plan.identity import content_hash
    from flowlang.store.runs import NewRun

    run_id = f"bench-{time.monotonic_ns()}"
    digest, now = content_hash(plan), time.time_ns() // 1000
    return NewRun(run_id, plan.flow, "bench.flow", digest, dumps(plan), {"x": x}, {}, now)


async def timed(plan: Any, x: int, journal: Any) -> float:
    """Seconds of a run with a journal."""
    from flowlang.runtime.actions import ACTIONS
    from flowlang.runtime.functions import FUNCTIONS
    from flowlang.runtime.interpreter import Run
    from flowlang.runtime.memory import MemoryShared

    shared = MemoryShared()
    run = Run(
        plan,
        journal.run_id,
        {"x": x},
        {},
        seam=_seam(),
        journal=journal,
        shared=shared,
        natives=FUNCTIONS,
        actions=ACTIONS,
    )
    begun = time.perf_counter()
    outcome = await run.execute()
    spent = time.perf_counter() - begun
    if outcome.status != "succeeded":
        raise SystemExit(f"a run of the benchmarks {outcome.status}: {outcome.error}")
    return spent


# ---- limits


async def plain_chain() -> float:
    """Each effect awaited after the one before."""
    begun = time.perf_counter()
    value = 0
    for _ in range(CHAIN):
        value = await noop(value)
    return time.perf_counter() - begun


async def plain_fan(count: int) -> float:
    """A task for each effect, gathered."""
    begun = time.perf_counter()
    await asyncio.gather(*[asyncio.create_task(noop(i)) for i in range(count)])
    return time.perf_counter() - begun


async def bulk_sqlite(count: int, folder: Path, at_once: int | None = None) -> float:
    """The rows of so many steps in durable transactions of so many rows; null: in one."""
    database = sqlite3.connect(folder / "bulk.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS entries (run TEXT, key TEXT, kind TEXT, data TEXT, at INTEGER)")
    run = str(time.monotonic_ns())
    rows = [(run, f"s{i}", "value", '{"value":1}', i) for i in range(count)]
    begun = time.perf_counter()
    for first in range(0, count, at_once or count):
        database.execute("BEGIN")
        database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", rows[first : first + (at_once or count)])
        database.execute("COMMIT")
    spent = time.perf_counter() - begun
    database.close()
    return spent


# ---- figures


def figures(rounds: int) -> Iterator[Figure]:
    """Microseconds a step."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        yield from asyncio.run(_chains(rounds, path))
        for count in FANS:
            yield from asyncio.run(_fans(count, rounds if count < 5000 else max(3, rounds // 2), path))


async def _chains(rounds: int, folder: Path) -> list[Figure]:
    pure, effects = compiled(chain_source(False)), compiled(chain_source(True))
    cases: dict[str, Callable[[], Awaitable[float]]] = {
        "plain": plain_chain,
        "commits": lambda: bulk_sqlite(CHAIN, folder, at_once=1),
        "pure": lambda: in_memory(pure, 1),
        "effects": lambda: in_memory(effects, 1),
        "journal": lambda: in_sqlite(effects, 1, folder),
    }
    seconds = await interleaved_async(cases, rounds * 3)
    each = {name: value / CHAIN * 1e6 for name, value in seconds.items()}
    above = f"chain of {CHAIN} {{}}, in memory, above plain asyncio"
    return [
        Figure(above.format("pure steps"), each["pure"] - each["plain"], "µs/step", most=5),
        Figure(above.format("no-op effects"), each["effects"] - each["plain"], "µs/step", most=5),
        Figure(
            f"chain of {CHAIN} no-op effects, SQLite", each["journal"], "µs/step", each["commits"], "a commit each",
            most_times=1 / 0.6,
        ),
    ]  # fmt: skip


async def _fans(count: int, rounds: int, folder: Path) -> list[Figure]:
    fan, loop = compiled(fan_source(count)), compiled(loop_source())
    cases: dict[str, Callable[[], Awaitable[float]]] = {
        "plain": lambda: plain_fan(count),
        "bulk": lambda: bulk_sqlite(count, folder),
        "memory": lambda: in_memory(fan, 1),
        "journal": lambda: in_sqlite(fan, 1, folder),
        "loop": lambda: in_memory(loop, count),
        "loop journal": lambda: in_sqlite(loop, count, folder),
    }
    seconds = await interleaved_async(cases, rounds)
    each = {name: value / count * 1e6 for name, value in seconds.items()}
    name = f"fan-out of {count:,}"
    return [
        Figure(f"{name}, in memory", each["memory"], "µs/step", each["plain"], "plain asyncio", most_times=3),
        Figure(f"{name}, SQLite", each["journal"], "µs/step", each["plain"], "plain asyncio", most_times=5),
        Figure(f"{name}, SQLite beside its rows alone", each["journal"], "µs/step", each["bulk"], "bulk SQLite"),
        Figure(f"for of {count:,}, 100 at once, in memory", each["loop"], "µs/item", each["plain"], "plain asyncio"),
        Figure(
            f"for of {count:,}, 100 at once, SQLite", each["loop journal"], "µs/item", each["plain"], "plain asyncio"
        ),
    ]
