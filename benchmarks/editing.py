"""What an editor waits for: a keystroke, a completion, a hover, a project that opens; in a real server's process.

CPU is that of the server, above what a keystroke in a file of a few lines costs, which is the protocol's own.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.sources import source
from tests.lsp.client import PULL, Client

LINES = 1000
KEYS = 200
FILES = 1000
SERVER = ("-m", "flowlang", "lsp")
"""Started as an editor does: one forked from a process that has all imported copies pages as it goes."""
SMALL = 'flow f(a: int) -> string {\n  return "desk-{{ a }}"\n}\n'
PLACE = "yield 'desk-"
ELSEWHERE = {
    "a type that all flows use": "  email: string(format='email')\n  ki",
    "the configuration": "https://crm.exam",
    "an import": "import noti",
}
"""Where a key makes more to be checked: what hangs on it, or all from scratch."""


def figures(rounds: int) -> Iterator[Figure]:
    """Keystrokes, requests, and a project of many files."""
    yield from _keystrokes()
    yield from _requests(rounds)
    yield from _project()


def _keystrokes() -> Iterator[Figure]:
    whole = source(LINES)
    own = _cpu_per_key(SMALL, "desk-")
    flow = _cpu_per_key(whole, PLACE)
    yield Figure(
        name=f"keystroke in {LINES:,} lines, CPU above the protocol's",
        value=(flow - own) * 1e3,
        unit="ms",
        limit=own * 1e3,
        limit_is="the protocol's own",
        most=5,
    )
    yield from _in_process(whole)


def _in_process(text: str) -> Iterator[Figure]:
    """CPU of the check alone after each character, without the protocol, beside a check from scratch: within a flow,
    and where more hangs on it.
    """
    scratch = _from_scratch(text) * 1e3
    times = sorted(seconds * 1e3 for seconds in _checks(text, PLACE, KEYS))
    for what, at, most in (("median", len(times) // 2, 5), ("95th percentile", len(times) * 95 // 100, 10)):
        yield Figure(
            name=f"check after a key in {LINES:,} lines, in process, {what}",
            value=times[at],
            unit="ms",
            limit=scratch,
            limit_is="from scratch",
            most=most,
        )
    for what, place in ELSEWHERE.items():
        yield Figure(
            name=f"check after a key in {what}, in process, median",
            value=statistics.median(_checks(text, place, KEYS // 10)) * 1e3,
            unit="ms",
            limit=scratch,
            limit_is="from scratch",
        )


def _checks(text: str, place: str, keys: int) -> Iterator[float]:
    """Seconds of CPU of each check after a character behind one of the places, all over the file; garbage is looked for
    as in the server.
    """
    from flowlang.compiler.incremental import Session
    from flowlang.lsp.server import YOUNG

    chance = random.Random(1)
    session = Session("a.flow")
    session.check(lambda _: text)
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG)
    for number in range(keys):
        at = chance.choice([index for index in range(len(text)) if text.startswith(place, index)]) + len(place)
        text = text[:at] + str(number % 10) + text[at:]
        begun = time.process_time()
        session.check(lambda _, text=text: text)  # type: ignore[misc]
        yield time.process_time() - begun
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def _cpu_per_key(text: str, place: str) -> float:
    """Seconds of CPU that the server needs for each character typed behind one of the places, findings told."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder, Client(Path(folder), command=SERVER) as client:
        client.open("a.flow", text)
        client.pushed("a.flow")
        spots = [index for index in range(len(text)) if text.startswith(place, index)]
        before = _cpu(client)
        for number in range(KEYS):
            at = chance.choice(spots) + len(place)
            line = text.count("\n", 0, at)
            column = at - text.rfind("\n", 0, at) - 1
            here = {"line": line, "character": column}
            client.change("a.flow", {"range": {"start": here, "end": here}, "text": str(number % 10)})
            client.pushed("a.flow")
        return (_cpu(client) - before) / KEYS


def _cpu(client: Client) -> float:
    """Seconds of CPU of the server until now."""
    fields = Path(f"/proc/{client.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _from_scratch(text: str) -> float:
    from flowlang.compiler.pipeline import check_text

    times = []
    for _ in range(5):
        begun = time.process_time()
        check_text(text)
        times.append(time.process_time() - begun)
    return statistics.median(times)


def _requests(rounds: int) -> Iterator[Figure]:
    text = source(LINES)
    at = text.index("lead.score >= 80", len(text) // 2) + len("lead.")
    line, column = text.count("\n", 0, at), at - text.rfind("\n", 0, at) - 1
    place = {"line": line, "character": column}
    with tempfile.TemporaryDirectory() as folder, Client(Path(folder), PULL, command=SERVER) as client:
        client.open("a.flow", text)
        client.pulled("a.flow")
        document = {"textDocument": {"uri": client.uri("a.flow")}}
        here = {"start": place, "end": place}

        def typing(method: str, params: object) -> Callable[[], object]:
            def act() -> None:
                client.change("a.flow", {"range": here, "text": "x"})
                client.ask(method, params)

            return act

        at_cursor = {**document, "position": place}
        for name, act, most in (
            ("a key and completion", typing("textDocument/completion", at_cursor), 20),
            ("hover", lambda: client.ask("textDocument/hover", at_cursor), None),
            ("semantic tokens", lambda: client.ask("textDocument/semanticTokens/full", document), None),
        ):
            yield Figure(f"{name} in {LINES:,} lines", _median(act, max(rounds, 7)) * 1e3, "ms", most=most)


def _median(act: Callable[[], object], rounds: int) -> float:
    times = []
    for turn in range(rounds + 2):
        begun = time.perf_counter()
        act()
        if turn > 1:
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _project() -> Iterator[Figure]:
    """From the start of the server until a file's findings and all symbols of the project are there."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(FILES):
            (root / f"flow_{number}.flow").write_text(source(100), encoding="utf-8")
        begun = time.perf_counter()
        with Client(root, command=SERVER) as client:
            client.open("flow_0.flow", source(100))
            client.pushed("flow_0.flow")
            first = time.perf_counter() - begun
            symbols = client.ask("workspace/symbol", {"query": ""})
            seconds = time.perf_counter() - begun
            assert len(symbols) >= FILES
            status = Path(f"/proc/{client.process.pid}/status").read_text(encoding="ascii")
            peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
        yield Figure("start to the first file's findings", first, "s")
        yield Figure(f"a project of {FILES:,} files opens, with all symbols", seconds, "s", most=3)
        yield Figure(f"a project of {FILES:,} files, peak memory", peak, "MiB", most=300)
