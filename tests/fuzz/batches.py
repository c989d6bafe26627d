"""Ranges of inputs, judged one by one; a process of its own may do it."""

from __future__ import annotations

import traceback
from collections import Counter
from hashlib import sha256
from typing import NamedTuple

from tests.fuzz.inputs import make
from tests.fuzz.judge import judge

BATCH = 250


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
