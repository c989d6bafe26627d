"""`python -m benchmarks.peers`: `flowlang check` beside checkers of other languages, whole processes on generated files
of equal length, in one run.

Peers are what `make peers` has installed into `.peers/`; one that is missing is said and left out. Neither side has a
cache of results. The files differ as the languages do: the figures compare tools at their own work, not the same work.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peer_environments, peer_sources, sources
from benchmarks.measure import machine, processes
from benchmarks.peer_environments import is_missing, program

SIZES = (100, 1000, 10_000)
SLOW_S = 4.0
"""A process that takes longer is measured once."""
STATES = (
    "const validate = require('asl-validator'), fs = require('fs');"
    "const found = validate(JSON.parse(fs.readFileSync(process.argv[1])));"
    "if (!found.isValid) { console.error(found.errorsText()); process.exit(1) }"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A checker: how a file for it is called and made, and its command. `most`: the largest file worth the wait."""

    name: str
    file: str
    source: Callable[[int], str]
    command: tuple[str, ...]
    folder: str = ""
    is_flow_linter: bool = True
    most: int = 10_000


def plan() -> list[Peer]:
    """flowlang first, then the others."""
    flowlang = (str(Path(sys.executable).with_name("flowlang")), "check")
    return [
        Peer("flowlang check", "a.flow", sources.source, flowlang),
        Peer("miniwdl check", "a.wdl", peer_sources.wdl, (_script("miniwdl"), "check", "--no-shellcheck")),
        Peer("cfn-lint", "a.yaml", peer_sources.cloudformation, (_script("cfn-lint"), "-r", "us-east-1", "--")),
        Peer(
            "zizmor (Rust)", "a.yml", peer_sources.github, (_script("zizmor"), "--offline", "--no-exit-codes"),
            folder=".github/workflows",
        ),
        Peer("yamllint", "a.yml", peer_sources.github, (_script("yamllint"), "-d", "relaxed")),
        Peer("asl-validator (node)", "a.json", peer_sources.states, ("node", "-e", STATES)),
        Peer("ty (Rust, Python's types)", "a.py", peer_sources.python, (_script("ty"), "check"),
             is_flow_linter=False),
    ]  # fmt: skip


def installed() -> list[Peer]:
    """Those of the plan that are there; the others are said."""
    return [peer for peer in plan() if not is_missing(peer.name, _is_installed(peer))]


def _is_installed(peer: Peer) -> bool:
    has_package = peer.command[0] != "node" or (peer_environments.PEERS / "node_modules" / "asl-validator").is_dir()
    return has_package and shutil.which(peer.command[0]) is not None


def main() -> int:
    """Measure and print a table, lines of wall milliseconds."""
    print(machine(), flush=True)
    rows: dict[str, list[str]] = {}
    seconds: dict[tuple[str, int], float] = {}
    peers = installed()
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            for name, value in _measure(peers, Path(folder), size):
                seconds[name, size] = value
    floor = min(value for (name, _), value in seconds.items() if name == "python -c pass")
    for name, _ in seconds:
        rows[name] = [_cell(seconds.get((name, size)), floor) for size in SIZES]
    _print(rows)
    for claim, holds in _claims(seconds):
        print(f"{'met   ' if holds else 'missed'} {claim}")
    return 0


def _measure(peers: list[Peer], folder: Path, size: int) -> Iterator[tuple[str, float]]:
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    for peer in peers:
        place = folder / f"{peer.name.split()[0]}-{size}" / peer.folder
        place.mkdir(parents=True)
        file = place / peer.file
        file.write_text(peer.source(size), encoding="utf-8")
        commands[peer.name] = [*peer.command, str(file)]
    environment = {
        "NODE_PATH": str(peer_environments.PEERS / "node_modules"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "NO_COLOR": "1",
    }
    quick: dict[str, list[str]] = {}
    for name, command in commands.items():
        once = processes({name: command}, 1, environment)[name] if size == SIZES[-1] else 0.0
        if once > SLOW_S:
            yield name, once
        else:
            quick[name] = command
    yield from processes(quick, 7 if size < SIZES[-1] else 3, environment).items()


def _script(name: str) -> str:
    return str(program("python", name))


def _cell(seconds: float | None, floor: float) -> str:
    return "" if seconds is None else f"{seconds * 1000:,.0f} ms ({seconds / floor:.1f} ×)"


def _print(rows: dict[str, list[str]]) -> None:
    head = ["", *(f"{size:,} lines" for size in SIZES)]
    table = [head, *([name, *cells] for name, cells in rows.items())]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    for number, row in enumerate(table):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if not number:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def _claims(seconds: dict[tuple[str, int], float]) -> Iterator[tuple[str, bool]]:
    """What is promised beside the peers."""
    ours = {size: seconds["flowlang check", size] for size in SIZES}
    for peer in plan()[1:]:
        other = seconds.get((peer.name, 100))
        if other is not None and peer.is_flow_linter:
            yield f"cold, 100 lines: faster than {peer.name}", ours[100] < other
    ty = seconds.get(("ty (Rust, Python's types)", SIZES[-1]))
    if ty is not None:
        yield f"10,000 lines: {ours[SIZES[-1]] / ty:.1f} × ty, at most 3 ×", ours[SIZES[-1]] <= 3 * ty


if __name__ == "__main__":
    sys.exit(main())
