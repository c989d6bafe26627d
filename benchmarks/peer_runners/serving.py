"""How a peer answers `benchmarks.peer_runs`: its name and version on the first line, then for each line of a case and
its numbers the seconds that it took.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Mapping

Prepare = Callable[..., Callable[[], object]]
"""Takes the numbers, makes ready before the clock starts, and gives what is timed."""


def serve(name: str, cases: Mapping[str, Prepare]) -> None:
    """Answer until there are no more questions, then leave without waiting for threads of the peer."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a peer prints is no answer
    print(name, file=answers, flush=True)
    for line in sys.stdin:
        case_name, *numbers = line.split()
        case = cases[case_name](*map(int, numbers))
        gc.collect()
        begun = time.perf_counter()
        case()
        print(time.perf_counter() - begun, file=answers, flush=True)
    os._exit(0)
