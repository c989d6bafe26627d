"""`python -m tests.fuzz [COUNT] [--first N] [--jobs N]`: check, format and plan nonsense; `--input N` shows one."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections import Counter
from hashlib import sha256
from multiprocessing import get_context
from typing import NamedTuple

from tests.fuzz.inputs import ROOT, make
from tests.fuzz.judge import judge

BATCH = 250
__all__ = ["BATCH", "ROOT", "run"]


class Report(NamedTuple):
    """What a batch gave: failures, the slowest check, and a digest of all that was said."""

    failures: list[str]
    ways: Counter[str]
    slowest: tuple[float, int]
    digest: str


def run(batch: range) -> Report:
    """Judge a range of inputs; never raises."""
    failures: list[str] = []
    ways: Counter[str] = Counter()
    slowest = (0.0, batch.start)
    digest = sha256()
    for number in batch:
        way, data = make(number)
        ways[way] += 1
        try:
            said, seconds = judge(data)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error}"
            failures.append(f"{number} ({way}): {what} at {place.filename.rpartition('/')[2]}:{place.lineno}")
            said, seconds = what, 0.0
        digest.update(f"{number} {said}\n".encode("utf-8", "surrogatepass"))
        slowest = max(slowest, (seconds, number))
    return Report(failures, ways, slowest, digest.hexdigest())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--input", type=int, help="write this input to stdout and judge nothing")
    arguments = parser.parse_args()
    if arguments.input is not None:
        sys.stdout.buffer.write(make(arguments.input)[1])
        return 0
    end = arguments.first + arguments.count
    batches = [range(at, min(at + BATCH, end)) for at in range(arguments.first, end, BATCH)]
    if arguments.jobs > 1:
        with get_context("spawn").Pool(arguments.jobs) as pool:
            reports = pool.map(run, batches, chunksize=1)
    else:
        reports = [run(batch) for batch in batches]
    return _tell(reports)


def _tell(reports: list[Report]) -> int:
    failures = [each for report in reports for each in report.failures]
    ways = sum((report.ways for report in reports), Counter[str]())
    for failure in failures[:200]:
        print(failure)
    print(", ".join(f"{way} {count}" for way, count in ways.most_common()))
    seconds, number = max(report.slowest for report in reports)
    print(f"the slowest check took {seconds * 1000:.0f} ms: {number}")
    print("digest", sha256("".join(report.digest for report in reports).encode()).hexdigest())
    print(f"{sum(ways.values())} inputs, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
