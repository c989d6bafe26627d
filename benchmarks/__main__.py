"""`python -m benchmarks [SUITE …] [--rounds N] [--json FILE] [--gate]`: figures beside their limits.

With `--gate` the exit status is 1 if a figure misses its bound.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import calling, checking, editing, evaluating, parking, peer_runs, running, storing
from benchmarks.figures import Figure, table, to_json
from benchmarks.measure import machine

SUITES = {
    "check": checking.figures,
    "edit": editing.figures,
    "evaluate": evaluating.figures,
    "run": running.figures,
    "store": storing.figures,
    "call": calling.figures,
    "park": parking.figures,
    "peers": peer_runs.figures,
}


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _options(arguments)
    print(machine(), flush=True)
    found: list[Figure] = []
    for name in options.suites or SUITES:
        for figure in SUITES[name](options.rounds):
            found.append(figure)
            print(f"  {figure.name}: {figure.value:.3g} {figure.unit}", file=sys.stderr, flush=True)
    print("\n" + table(found))
    if options.json is not None:
        document = {"machine": machine(), "figures": [to_json(figure) for figure in found]}
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    missed = [figure.name for figure in found if figure.missed]
    if missed:
        print(f"\nmissed: {'; '.join(missed)}")
    return 1 if missed and options.gate else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures beside their limits.")
    parser.add_argument("suites", nargs="*", choices=[*SUITES, []], help=f"{', '.join(SUITES)} (default: all)")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each case; their median counts")
    parser.add_argument("--json", type=Path, help="write the figures to a file too")
    parser.add_argument("--gate", action="store_true", help="exit 1 if a figure misses its bound")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
