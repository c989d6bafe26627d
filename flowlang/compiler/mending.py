"""Fixes made pass by pass until none is left, in memory: what `check --fix` and an editor's fix of a whole file share.

Errors come first, for what is unused may be wanted once they are mended. A pass that would bring syntax errors is given
up: that is a bug in a rule, which must not cost an author anything.
"""

from __future__ import annotations

from flowlang.checks.registry import SYNTAX
from flowlang.diagnostics.fixing import apply, one_pass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Final

    from flowlang.diagnostics import Diagnostic

    Read = Callable[[str], str]
    Recheck = Callable[[dict[str, str]], list[Diagnostic]]

PASSES: Final = 50


class Mended:
    """What came of it: the texts before, by path; how many fixes were made; what is left; the files whose last fixes
    were given up.
    """

    __slots__ = ("before", "count", "given_up", "left")

    def __init__(self, left: list[Diagnostic]) -> None:
        self.before: dict[str, str] = {}
        self.count = 0
        self.given_up: tuple[str, ...] = ()
        self.left = left


def mend(found: list[Diagnostic], files: Collection[str], read: Read, recheck: Recheck, unsafe: bool) -> Mended:
    """Make all fixes in some files. `recheck` takes texts by path, which `read` gives from then on, and finds again."""
    mended = Mended(found)
    for _ in range(PASSES):
        edits, made = one_pass(_errors(mended.left), unsafe, files)
        if not made:
            edits, made = one_pass(mended.left, unsafe, files)
        old = {path: read(path) for path in edits}
        new = {path: apply(old[path], edits[path]) for path in edits}
        if old == new:
            break
        after = recheck(new)
        if any(_breaks(path, mended.left, after) for path in new):
            recheck(old)
            mended.given_up = tuple(new)
            break
        mended.before = {**old, **mended.before}
        mended.count += made
        mended.left = after
    mended.before = {path: text for path, text in mended.before.items() if text != read(path)}
    return mended


def _errors(found: list[Diagnostic]) -> list[Diagnostic]:
    return [each for each in found if each.severity == "error"]


def _breaks(path: str, before: list[Diagnostic], after: list[Diagnostic]) -> bool:
    """Whether a file has more syntax errors, other than those that its first one has hidden until it was mended."""
    old, new = _broken(path, before), _broken(path, after)
    return len(new) > len(old) and (not old or min(new) <= min(old))


def _broken(path: str, found: list[Diagnostic]) -> list[int]:
    return [each.span.start for each in found if each.rule in SYNTAX and each.span.file == path]
