"""Hamilton: its driver of plain functions, which remembers nothing. The graph is built before the clock starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib.metadata import version

os.environ["HAMILTON_TELEMETRY_ENABLED"] = "false"

from hamilton import ad_hoc_utils, driver
from serving import serve


def built(names: list[str], sources: list[str]) -> driver.Driver:
    """A driver whose nodes are functions of these names, each the identity of its source."""
    space: dict[str, object] = {}
    for name, source in zip(names, sources, strict=True):
        exec(f"def {name}({source}: int) -> int:\n    return {source}", space)
    module = ad_hoc_utils.create_temporary_module(*[space[name] for name in names])
    return driver.Builder().with_modules(module).build()


@cache
def chain(count: int) -> Callable[[], object]:
    names = [f"s{i}" for i in range(count)]
    graph = built(names, ["x", *names[:-1]])
    return lambda: graph.execute(names[-1:], inputs={"x": 1})


@cache
def fan(count: int) -> Callable[[], object]:
    names = [f"s{i}" for i in range(count)]
    graph = built(names, ["x"] * count)
    return lambda: graph.execute(names, inputs={"x": 1})


if __name__ == "__main__":
    serve(f"Hamilton {version('apache-hamilton')}", {"chain": chain, "fan": fan})
