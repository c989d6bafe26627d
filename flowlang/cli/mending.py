"""`check --fix` and `--diff`: fixes made in memory, then in the files. Only files that were named are changed."""

from __future__ import annotations

import sys

from flowlang.compiler import mending
from flowlang.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.cli.checking import Checking
    from flowlang.compiler.mending import Mended
    from flowlang.diagnostics import Diagnostic

    Findings = Callable[[], list[Diagnostic]]


def mend(checking: Checking, findings: Findings, unsafe: bool) -> Mended:
    """Make all fixes in memory."""

    def recheck(texts: dict[str, str]) -> list[Diagnostic]:
        checking.change(texts)
        return findings()

    mended = mending.mend(findings(), checking.paths, checking.read, recheck, unsafe)
    for each in mended.given_up:
        at = Source(each.span.file, checking.read(each.span.file)).position(each.span.start)
        place = f"{each.span.file}:{at.line}:{at.column}"
        print(f"flowlang: error: {place}: the fix of {each.rule} would break the syntax: left out", file=sys.stderr)
    return mended


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
