"""`python -m tests.fuzz [COUNT] [--first N] [--jobs N]`: check, format and plan nonsense; `--input N` shows one."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from hashlib import sha256
from multiprocessing import get_context

from tests.fuzz.batches import BATCH, Report, run
from tests.fuzz.inputs import make


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
