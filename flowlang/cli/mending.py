"""`check --fix` and `--diff`: fixes made pass by pass until none is left, first in memory, then in the files.

Only files that were named are changed. A pass that would bring syntax errors is given up: that is a bug in a rule,
which must not cost an author anything.
"""

from __future__ import annotations

import sys

from flowlang.diagnostics.fixing import apply, one_pass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from flowlang.cli.checking import Checking
    from flowlang.diagnostics import Diagnostic

    Findings = Callable[[], list[Diagnostic]]

PASSES: Final = 50


class Mended:
    """What came of it: the texts before, by path; how many fixes were made; what is left."""

    __slots__ = ("before", "count", "left")

    def __init__(self, before: dict[str, str], count: int, left: list[Diagnostic]) -> None:
        self.before = before
        self.count = count
        self.left = left


def mend(checking: Checking, findings: Findings, unsafe: bool) -> Mended:
    """Make all fixes in memory."""
    found = findings()
    before: dict[str, str] = {}
    count = 0
    for _ in range(PASSES):
        edits, made = one_pass(found, unsafe, checking.paths)
        old = {path: checking.read(path) for path in edits}
        new = {path: apply(old[path], edits[path]) for path in edits}
        if old == new:
            break
        checking.change(new)
        after = findings()
        if _broken(after) > _broken(found):
            checking.change(old)
            print(f"flowlang: error: the fixes for {', '.join(new)} would break the syntax: left out", file=sys.stderr)
            break
        for path, text in old.items():
            before.setdefault(path, text)
        count += made
        found = after
    changed = {path: text for path, text in before.items() if text != checking.read(path)}
    return Mended(changed, count, found)


def _broken(found: list[Diagnostic]) -> int:
    from flowlang.checks.registry import SYNTAX

    return sum(each.rule in SYNTAX for each in found)


def write(checking: Checking, mended: Mended) -> None:
    """Write the files that have changed; stdin goes to stdout, changed or not."""
    from flowlang.cli.writing import replace

    for path in mended.before:
        if path != checking.stdin:
            replace(path, checking.read(path))
    if checking.stdin:
        sys.stdout.write(checking.read(checking.stdin))


def show(checking: Checking, mended: Mended) -> None:
    """Show what would change."""
    from flowlang.cli.writing import diff

    for path in checking.paths:
        if path in mended.before:
            sys.stdout.write(diff("-" if path == checking.stdin else path, mended.before[path], checking.read(path)))
