"""Batches of seeds, for processes of their own."""

from __future__ import annotations

import hashlib
import traceback

from tests.simulation.crashes import crash_by_seed


def run(seeds: range) -> tuple[list[tuple[int, str]], list[str]]:
    """The seeds that failed with their reason, and the hashes of the traces of the others."""
    failures: list[tuple[int, str]] = []
    traces: list[str] = []
    for seed in seeds:
        try:
            traces.append(f"{seed} {hashlib.sha256(crash_by_seed(seed).encode()).hexdigest()}")
        except Exception as error:
            failures.append((seed, traceback.format_exception_only(error)[-1].strip()))
    return failures, traces
