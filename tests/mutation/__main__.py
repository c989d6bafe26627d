"""`python -m tests.mutation [--sites N] [--kind ID] [--files TEXT] [--all]`: how many faults the checker finds."""

from __future__ import annotations

import argparse

from tests.mutation.generate import clean_files, kinds, mutants
from tests.mutation.score import OUTCOMES, Verdict, judge


def main() -> None:
    arguments = _arguments()
    files = [each for each in clean_files() if arguments.files in each.name]
    total = dict.fromkeys(OUTCOMES, 0)
    rest: list[Verdict] = []
    print(f"{'kind':32}{'mutants':>8}" + "".join(f"{each:>10}" for each in OUTCOMES))
    for kind in kinds():
        if arguments.kind not in ("", kind.id, kind.category):
            continue
        verdicts = [judge(each) for file in files for each in mutants(kind, file, arguments.sites)]
        counts = {each: sum(verdict.outcome == each for verdict in verdicts) for each in OUTCOMES}
        for each, count in counts.items():
            total[each] += count
        rest += [each for each in verdicts if each.outcome != "hit"]
        if arguments.all or counts["hit"] < len(verdicts) or not verdicts:
            print(f"{kind.id:32}{len(verdicts):8}" + "".join(f"{counts[each] or '':>10}" for each in OUTCOMES))
    count = sum(total.values())
    print(f"{'all':32}{count:8}" + "".join(f"{each:10}" for each in total.values()))
    print("\nThe rest:")
    for verdict in rest[: arguments.rest]:
        print(verdict)
    print(
        f"\n{total['hit']} of {count} mutants give exactly one finding at the fault: {total['hit'] / max(count, 1):.2%}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sites", type=int, default=1, help="faults of a kind in a file, at most")
    parser.add_argument("--kind", default="", help="only this kind or category")
    parser.add_argument("--files", default="", help="only files whose path holds this text")
    parser.add_argument("--all", action="store_true", help="list kinds without a miss too")
    parser.add_argument("--rest", type=int, default=10_000, help="how many of the rest to show")
    return parser.parse_args()


if __name__ == "__main__":
    main()
