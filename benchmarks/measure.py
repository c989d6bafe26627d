"""Measuring on a shared machine: rounds interleaved, so that a slow minute does not land on one case only; medians of
them.

Whole processes are measured by wall time, the first round thrown away (it warms page cache and byte code).
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

TURN = 0.05
"""Seconds of a turn of a case that times itself: one of a millisecond would be measured as it is just after others have
waited for a disk, with nothing of it left in the processor's caches.
"""


def machine() -> str:
    """One line about the machine, to read figures by."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    version = f"{platform.python_implementation()} {platform.python_version()}"
    load = os.getloadavg()[0]
    return f"{version}, {platform.system()} {platform.machine()}, {os.cpu_count()} × {model or 'CPU'}, load {load:.2f}"


def interleaved(cases: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Run every case in turn, `rounds` times after a warm one; give the median of wall seconds of each."""
    seen: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(rounds + 1):
        for name, case in cases.items():
            gc.collect()
            begun = time.perf_counter()
            case()
            if turn:
                seen[name].append(time.perf_counter() - begun)
    return {name: statistics.median(times) for name, times in seen.items()}


async def interleaved_async(cases: Mapping[str, Callable[[], Awaitable[float]]], rounds: int) -> dict[str, float]:
    """The same for cases that time themselves: each gives the seconds of what counts, without its preparation. In its
    turn each is run until it has taken `TURN`, long ones once; the median is that of all their runs.
    """
    seen: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(rounds + 1):
        for name, case in cases.items():
            gc.collect()
            left = TURN
            while left > 0:
                seconds = await case()
                left -= seconds
                if turn:
                    seen[name].append(seconds)
    return {name: statistics.median(times) for name, times in seen.items()}


def processes(commands: Mapping[str, Sequence[str]], rounds: int, environment: Mapping[str, str]) -> dict[str, float]:
    """Run whole processes in turn; give the median of wall seconds of each. A process that fails is an error."""
    full = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment}
    for name, command in commands.items():
        done = subprocess.run(command, env=full, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{name} failed ({done.returncode}): {(done.stdout + done.stderr)[-2000:]}")

    def case(command: Sequence[str]) -> Callable[[], object]:
        return lambda: subprocess.run(
            command, env=full, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
        )

    return interleaved({name: case(command) for name, command in commands.items()}, rounds)


def peak_rss_mib(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a process that prints nothing but its own peak, `VmHWM` in kB, as its last word."""
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr[-2000:]}")
    return int(done.stdout.split()[-1]) / 1024


def own_peak_kb() -> int:
    """The peak resident size of this process in kB."""
    return next(int(line.split()[1]) for line in _lines("/proc/self/status") if line.startswith("VmHWM"))


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except OSError:
        return []
