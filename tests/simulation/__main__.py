"""`python -m tests.simulation [SEEDS] [--first N] [--jobs N]`: random flows that fail and crash, on a virtual clock.

A seed that fails is printed with the command that runs it alone (`--seed N`), which ends with the traceback.
"""

from __future__ import annotations

import argparse
import sys
from multiprocessing import get_context

from tests.simulation.crashes import crash_by_seed
from tests.simulation.seeds import run

BATCH = 250


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seeds", type=int, nargs="?", default=20_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, help="run this seed alone")
    parser.add_argument("--traces", action="store_true", help="print the hash of every trace")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        print(crash_by_seed(arguments.seed))
        return 0
    end = arguments.first + arguments.seeds
    batches = [range(at, min(at + BATCH, end)) for at in range(arguments.first, end, BATCH)]
    if arguments.jobs > 1:
        with get_context("spawn").Pool(arguments.jobs) as pool:
            results = pool.map(run, batches, chunksize=1)
    else:
        results = [run(batch) for batch in batches]
    failures = [failure for failed, _ in results for failure in failed]
    if arguments.traces:
        print("\n".join(trace for _, traces in results for trace in traces))
    for seed, why in failures:
        print(f"seed {seed}: {why}\n  again with: {sys.executable} -m tests.simulation --seed {seed}")
    print(f"{arguments.seeds} seeds, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
