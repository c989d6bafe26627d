"""What a check costs: cold, whole processes by size, and in process; the limit of a process is an interpreter that does
nothing.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import interleaved, processes
from benchmarks.sources import source

SIZES = (100, 1000, 10_000)


def figures(rounds: int) -> Iterator[Figure]:
    """Cold start and lines per second."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {size: Path(folder) / f"lines_{size}.flow" for size in SIZES}
        for size, path in paths.items():
            path.write_text(source(size), encoding="utf-8")
        yield from _whole_processes(paths, rounds)
        yield from _in_process(paths, rounds)


def _whole_processes(paths: dict[int, Path], rounds: int) -> Iterator[Figure]:
    check = [str(Path(sys.executable).with_name("flowlang")), "check"]
    commands = {
        "pass": [sys.executable, "-c", "pass"],
        **{str(size): [*check, str(path)] for size, path in paths.items()},
    }
    seconds = processes(commands, rounds, {"FLOWLANG_LOG": ""})
    floor = seconds["pass"] * 1e3
    for size in SIZES:
        yield Figure(
            name=f"check, cold process, {size:,} lines",
            value=seconds[str(size)] * 1e3,
            unit="ms",
            limit=floor,
            limit_is="python -c pass",
            most_times=5 if size == 100 else None,
            most=1000 if size == 10_000 else None,
        )
    yield Figure(
        name="check, growth from 1,000 to 10,000 lines",
        value=seconds["10000"],
        unit="s",
        limit=seconds["1000"],
        limit_is="1,000 lines",
        most_times=12,
    )


def _in_process(paths: dict[int, Path], rounds: int) -> Iterator[Figure]:
    from flowlang.compiler.pipeline import check_text
    from flowlang.source import Source
    from flowlang.syntax.parser import parse

    texts = {size: path.read_text(encoding="utf-8") for size, path in paths.items()}
    for size, text in texts.items():
        found = check_text(text, "bench.flow").diagnostics
        if any(each.severity == "error" for each in found):
            raise SystemExit(f"the generated source of {size} lines does not check: {found[0]}")
    lines = {size: text.count("\n") for size, text in texts.items()}
    for size, text in texts.items():
        cases = {
            "split": lambda text=text: [line.split() for line in text.splitlines()],
            "parse": lambda text=text: parse(Source("bench.flow", text)),
            "check": lambda text=text: check_text(text, "bench.flow"),
        }
        seconds = interleaved(cases, rounds)
        floor = seconds["split"] / lines[size] * 1e6
        for what in ("parse", "check"):
            each = seconds[what] / lines[size] * 1e6
            name = f"{what}, in process, {size:,} lines ({1e6 / each:,.0f} lines/s)"
            yield Figure(name, each, "µs/line", floor, "splitting the lines into words")
