"""The runtime beside those of other projects, the same plan in the same run: in memory beside Hamilton and Dagster in
process, with the SQLite journal beside DBOS on SQLite.

A peer is a process that `make peers` has given an environment of its own; it times itself (`peer_runners/`), its first
round does not count, as ours does not, and its graph is built before the clock starts, as our plan is. One that is
missing is said and left out. What is durable includes accepting the run.

DBOS stands there twice: as it is shipped, and with the write-ahead log that the journal has. Either way each of its
commits is synced, as each of ours is. The bound holds where steps can share a commit; each step of a lone chain waits
for the disk, whoever asks.
"""

from __future__ import annotations

import asyncio
import math
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measure import interleaved_async
from benchmarks.peer_environments import is_missing, program
from benchmarks.running import CHAIN, chain_source, compiled, fan_source, in_memory, new_run, timed

RUNNERS = Path(__file__).with_name("peer_runners")
FAN = 1000
AT_ONCE = 100
SHORT = 20
"""Chains at once and the steps of each: seconds of DBOS, and enough at once for commits to be shared."""
TIMES = 20
"""How many steps a second there are to be for one of DBOS."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A runtime: its environment, its script there and whether it remembers its steps."""

    name: str
    environment: str
    script: str
    arguments: tuple[str, ...] = ()
    is_durable: bool = False


PEERS = (
    Peer("Hamilton", "hamilton", "hamilton_steps.py"),
    Peer("Dagster", "dagster", "dagster_steps.py"),
    Peer("DBOS", "dbos", "dbos_steps.py", is_durable=True),
    Peer("DBOS in WAL", "dbos", "dbos_steps.py", ("wal",), is_durable=True),
)


@dataclass(frozen=True, slots=True)
class Case:
    """What both sides do, with its numbers. `times`: how many steps there are to be for one of a durable peer."""

    name: str
    title: str
    numbers: tuple[int, ...]
    times: float | None = None

    @property
    def steps(self) -> int:
        return math.prod(self.numbers)


CASES = (
    Case("chain", f"chain of {CHAIN}", (CHAIN,)),
    Case("fan", f"fan-out of {FAN:,}", (FAN,), TIMES),
    Case("chains", f"{AT_ONCE} chains of {SHORT} at once", (AT_ONCE, SHORT), TIMES),
)


class Asked:
    """A peer's process, which times one case at a time."""

    def __init__(self, peer: Peer, folder: Path) -> None:
        folder.mkdir()
        self.peer = peer
        self._errors = folder / "errors"
        command = [str(program(peer.environment)), str(RUNNERS / peer.script), *peer.arguments]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        self.label = self._line()
        """Its name and version."""

    def __enter__(self) -> Asked:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    async def seconds(self, case: Case) -> float:
        """Have a case done; gives what it took."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, (case.name, *case.numbers))) + "\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            self._process.communicate()
            raise SystemExit(f"{self.peer.name} failed: {self._errors.read_text(encoding='utf-8')[-2000:]}")
        return line


def figures(rounds: int) -> Iterator[Figure]:
    """Microseconds a step beside those of each peer."""
    found = [peer for peer in PEERS if not is_missing(peer.name, program(peer.environment).exists())]
    for is_durable in (False, True):
        kept = [peer for peer in found if peer.is_durable == is_durable]
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            asked = [stack.enter_context(Asked(peer, folder / str(number))) for number, peer in enumerate(kept)]
            yield from asyncio.run(_beside(asked, is_durable, max(3, rounds // 2), folder))


async def _beside(peers: list[Asked], is_durable: bool, rounds: int, folder: Path) -> list[Figure]:
    """Both sides, round by round."""
    if not peers:
        return []
    kept = [case for case in CASES if is_durable or case.name != "chains"]
    cases: dict[str, Callable[[], Awaitable[float]]] = {}
    for case in kept:
        cases[case.name] = _ours(case, is_durable, folder)
        for peer in peers:
            cases[f"{case.name} {peer.label}"] = partial(peer.seconds, case)
    seconds = await interleaved_async(cases, rounds)
    return [_figure(case, peer, seconds) for case in kept for peer in peers]


def _figure(case: Case, peer: Asked, seconds: dict[str, float]) -> Figure:
    each = {name: value / case.steps * 1e6 for name, value in seconds.items()}
    bound = 1 / case.times if peer.peer.is_durable and case.times else None
    where = "SQLite" if peer.peer.is_durable else "in memory"
    limit = each[f"{case.name} {peer.label}"]
    name = f"{case.title}, {where}, beside {peer.peer.name}"
    return Figure(name, each[case.name], "µs/step", limit, peer.label, most_times=bound)


def _ours(case: Case, is_durable: bool, folder: Path) -> Callable[[], Awaitable[float]]:
    plan = compiled(fan_source(FAN) if case.name == "fan" else chain_source(True, case.numbers[-1]))
    if not is_durable:
        return lambda: in_memory(plan, 1)
    return lambda: _durable(plan, AT_ONCE if case.name == "chains" else 1, folder)


async def _durable(plan: Any, runs: int, folder: Path) -> float:
    """Seconds of accepting runs and of doing them at once."""
    from flowlang.store.sqlite import Store

    new = [new_run(plan, 1) for _ in range(runs)]
    with Store(folder / "runs.db") as store:
        begun = time.perf_counter()
        await asyncio.gather(*[_accept_and_run(store, plan, each) for each in new])
        return time.perf_counter() - begun


async def _accept_and_run(store: Any, plan: Any, new: Any) -> None:
    await timed(plan, 1, (await store.create(new)).journal)
