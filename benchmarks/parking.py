"""What runs cost that only wait: to park them, to keep 10,000 of them beside a worker, to take them all up again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measure import own_peak_kb
from benchmarks.running import compiled

RUNS = 10_000
AT_ONCE = 500
IDLE_S = 30.0

SOURCE = """\
import events

flow waits(x: int) -> int {
  @timeout(30d)
  step found = events.wait('go')
  return x + (1 if found.key is none else 0)
}
"""


def figures(rounds: int) -> Iterator[Figure]:
    """One round: there are 10,000 runs in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parked.db"
        parked = _worker("park", path)
        yield Figure(f"parking {RUNS:,} runs that wait for an event", parked["seconds"] / RUNS * 1e6, "µs/run")
        yield Figure("a parked run in the database", path.stat().st_size / RUNS, "bytes/run")
        idle = _worker("idle", path)
        yield Figure(f"a worker beside {RUNS:,} parked runs, peak memory", idle["peak_mib"], "MiB", most=100)
        yield Figure("the same, share of a core", idle["busy"] * 100, "%", most=0.05)
        woken = _worker("wake", path)
        yield Figure("taking them all up for one event", woken["seconds"] / RUNS * 1e6, "µs/run")


def _worker(what: str, path: Path) -> dict[str, float]:
    """Do one thing in a process of its own; gives what it measured."""
    command = [sys.executable, "-m", "benchmarks.parking", what, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


async def park(path: Path) -> dict[str, float]:
    """Begin the runs, so many at once, and park each."""
    from flowlang.engines.local import LocalEngine
    from flowlang.plan.codec import dumps
    from flowlang.plan.identity import content_hash
    from flowlang.runtime.interpreter.activity import Patience
    from flowlang.runtime.world import real_seam
    from flowlang.store.runs import NewRun
    from flowlang.store.sqlite import Store

    plan, body = compiled(SOURCE), dumps(compiled(SOURCE))
    digest, seam = content_hash(plan), real_seam(path.parent)
    with Store(path) as store:
        engine = LocalEngine(store, seam, stay=False)
        engine.patience = Patience(0.0, 60.0)
        begun = time.perf_counter()
        for first in range(0, RUNS, AT_ONCE):
            news = [
                NewRun(f"r{n}", plan.flow, str(path.parent / "w.flow"), digest, body, {"x": n}, {}, seam.now())
                for n in range(first, first + AT_ONCE)
            ]
            await asyncio.gather(*[engine.start(new, plan, {}) for new in news])
        return {"seconds": time.perf_counter() - begun}


async def idle(path: Path) -> dict[str, float]:
    """A worker with nothing to do, from a second behind its start on."""
    work = asyncio.create_task(_work(path, 2.0 + IDLE_S))
    await asyncio.sleep(1.0)
    begun = time.process_time()
    await asyncio.sleep(IDLE_S)
    busy = time.process_time() - begun
    await work
    return {"busy": busy / IDLE_S, "peak_mib": own_peak_kb() / 1024}


async def wake(path: Path) -> dict[str, float]:
    """One event for all of them."""
    from flowlang.store.sqlite import Store

    with Store(path) as store:
        await store.emit("e1", "go", None, None, time.time_ns() // 1000)
    begun = time.perf_counter()
    await _work(path, None)
    seconds = time.perf_counter() - begun
    with Store(path) as store:
        left = RUNS - len(store.newest("succeeded", limit=RUNS))
    if left:
        raise SystemExit(f"{left} runs did not end")
    return {"seconds": seconds}


async def _work(path: Path, seconds: float | None) -> None:
    """What `flowlang work` does, for so long, or until nothing is due."""
    from flowlang.cli.working import Takes
    from flowlang.engines.worker import Worker
    from flowlang.runtime.world import real_seam
    from flowlang.store.sqlite import Store

    def nobody(record: object) -> list[Any]:
        return []

    seam = real_seam(path.parent)
    with Store(path) as store:
        worker = Worker(store, seam.now, Takes(store, {False: seam, True: seam}, nobody, []).take_up, 100)
        try:
            await asyncio.wait_for(worker.work(once=seconds is None), seconds)
        except TimeoutError:
            return


if __name__ == "__main__":
    print(json.dumps(asyncio.run({"park": park, "idle": idle, "wake": wake}[sys.argv[1]](Path(sys.argv[2])))))
