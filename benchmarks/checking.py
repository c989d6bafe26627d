"""What a check costs: cold, whole processes by size, and in process; the limit of a process is an interpreter that does
nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measure import interleaved, peak_rss_mib, processes
from benchmarks.sources import source

SIZES = (100, 1000, 10_000)
FILES = 1000


def figures(rounds: int) -> Iterator[Figure]:
    """Cold start and lines per second."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {size: Path(folder) / f"lines_{size}.flow" for size in SIZES}
        for size, path in paths.items():
            path.write_text(source(size), encoding="utf-8")
        yield from _whole_processes(paths, rounds)
        yield _memory(paths[10_000])
        yield from _in_process(paths, rounds)
        yield from _many_files(Path(folder), min(rounds, 3))


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
            most_times=3.5 if size == 100 else None,
            most=600 if size == 10_000 else None,
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
    yield from _mistakes(rounds)


def _mistakes(rounds: int) -> Iterator[Figure]:
    """A mistake on each line, of kinds whose help looks around: linear, however many stand before. Parsed as a check
    does, which collects no garbage meanwhile.
    """
    from flowlang.compiler.pipeline import Undisturbed
    from flowlang.source import Source
    from flowlang.syntax.parser import parse

    for line in ("// a\n/* a\n", "let x = 1 /* b\n", "let x = <<EOF\n", "x y\n", "let a = (\n"):
        texts = {"few": line * 1000, "many": line * 8000}
        cases = {name: lambda text=text: parse(Source("bench.flow", text)) for name, text in texts.items()}
        with Undisturbed():
            seconds = interleaved(cases, min(rounds, 3))
        yield Figure(
            name=f"parse, `{line.strip()}`, growth from 1,000 to 8,000 mistakes".replace("\n", "` `"),
            value=seconds["many"],
            unit="s",
            limit=seconds["few"],
            limit_is="1,000",
            most_times=12,
        )


_PEAK = """
import os, sys
end = os._exit
def tell(code):
    print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')), flush=True)
    end(code)
os._exit = tell
from flowlang.cli import main
sys.argv = ['flowlang', 'check', sys.argv[1]]
main()
"""


def _memory(path: Path) -> Figure:
    """What a check keeps per byte of source, above a bare interpreter."""
    command = [sys.executable, "-c", _PEAK, str(path)]
    bare = [sys.executable, "-c", _PEAK.partition("from flowlang")[0] + "tell(0)"]
    above = (peak_rss_mib(command, {}) - peak_rss_mib(bare, {})) * 1024 * 1024
    size = path.stat().st_size
    return Figure("check, peak memory, 10,000 lines", above / size, "bytes per byte", most=150)


def _many_files(folder: Path, rounds: int) -> Iterator[Figure]:
    """1,000 files of 100 lines: all new, all as they were, one changed."""
    many = folder / "many"
    many.mkdir()
    text = source(100)
    for number in range(FILES):
        (many / f"f{number:04}.flow").write_text(text.replace("lead.1'", f"lead.x{number}'"), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("flowlang")), "check", str(many)]
    environment = {"XDG_CACHE_HOME": str(folder / "cache")}
    processes({"warm": [*command[:2], str(many / "f0000.flow")]}, 1, environment)
    new, same, edited = [], [], []
    for turn in range(rounds):
        for kept in (folder / "cache" / "flowlang").glob("checks-*"):
            kept.unlink()
        new.append(_seconds(command, environment))
        same.append(_seconds(command, environment))
        (many / "f0500.flow").write_text(f"{text}\n# {turn}\n", encoding="utf-8")
        edited.append(_seconds(command, environment))
    for name, seconds, most in (("new", new, 2500), ("as they were", same, 150), ("one changed", edited, 200)):
        value = statistics.median(seconds) * 1e3
        yield Figure(f"check, 1,000 files of 100 lines, {name}", value, "ms", most=most)


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    full = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment}
    begun = time.perf_counter()
    subprocess.run(command, env=full, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun
