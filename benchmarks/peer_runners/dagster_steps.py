"""Dagster in process, on its instance in memory. The job is built before the clock starts; its log says errors only."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"

import dagster
from serving import serve

QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}


@dagster.op
def first() -> int:
    return 1


@dagster.op
def noop(x: int) -> int:
    return x


@cache
def chain(count: int) -> Callable[[], object]:
    @dagster.job
    def graph() -> None:
        value = first()
        for i in range(1, count):
            value = noop.alias(f"s{i}")(value)

    return lambda: graph.execute_in_process(run_config=QUIET)


@cache
def fan(count: int) -> Callable[[], object]:
    @dagster.job
    def graph() -> None:
        for i in range(count):
            first.alias(f"s{i}")()

    return lambda: graph.execute_in_process(run_config=QUIET)


if __name__ == "__main__":
    serve(f"Dagster {dagster.__version__}", {"chain": chain, "fan": fan})
