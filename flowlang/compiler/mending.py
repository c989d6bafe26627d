"""Fixes made pass by pass until none is left, in memory: what `check --fix` and an editor's fix of a whole file share.

Errors come first, for what is unused may be wanted once they are mended.

Fixes are written for the text as it is, each for itself: two may bring the same name, or one may use what another
takes away. So what a pass has made is checked before it counts. Where it brings a finding, the fixes that this stands
in wait for the next pass, where they are found afresh; where it stands in none, half of them wait. So fixes that are
made together bring nothing, whatever rules they are of; only one made alone may show what its finding has hidden, and
then others may bring the same. One that brings syntax errors even then is given up: that is a bug in a rule, which must
not cost an author anything. Where fixes undo one another, all is left as it was before them.
"""

from __future__ import annotations

from collections import Counter

from flowlang.checks.registry import SYNTAX
from flowlang.diagnostics.fixing import apply, edits_of, one_pass, put_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Final

    from flowlang.diagnostics import Diagnostic, Edit, Fix
    from flowlang.source import Span

    Read = Callable[[str], str]
    Recheck = Callable[[dict[str, str]], list[Diagnostic]]

PASSES: Final = 50
"""Passes beside one for each fix that is known at first."""
_NO_DIGITS: Final = dict.fromkeys(map(ord, "0123456789"))


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
    seen = {_state(mended, read): 0}
    own: set[tuple[str, ...]] = set()
    for _ in range(PASSES + len(found)):
        fixes = one_pass(_errors(mended.left), unsafe, files) or one_pass(mended.left, unsafe, files)
        if not fixes:
            break
        old = {path: read(path) for path in edits_of(fixes)}
        fixes, after = _made(fixes, old, mended.left, recheck, own)
        if all(old[path] == read(path) for path in old):
            break
        if any(_breaks(path, mended.left, after) for path in old):
            recheck(old)
            mended.given_up = tuple(edits_of(fixes))
            break
        mended.before = {**old, **mended.before}
        mended.count += len(fixes)
        mended.left = after
        if (state := _state(mended, read)) in seen:
            mended.count = seen[state]
            break
        seen[state] = mended.count
    mended.before = {path: text for path, text in mended.before.items() if text != read(path)}
    return mended


def _state(mended: Mended, read: Read) -> int:
    """What tells apart the texts of all files, of which most are as they were."""
    texts = ((path, read(path), text) for path, text in mended.before.items())
    return hash(frozenset((path, new) for path, new, text in texts if new != text))


def _made(
    fixes: list[Fix], old: dict[str, str], before: list[Diagnostic], recheck: Recheck, own: set[tuple[str, ...]]
) -> tuple[list[Fix], list[Diagnostic]]:
    """Make as many fixes as bring nothing together, at least one; gives them and what is found then. `own` tells what
    fixes have brought that were made alone.
    """
    while True:
        edits = edits_of(fixes)
        after = recheck({path: apply(text, edits.get(path, ())) for path, text in old.items()})
        places = put_in(old, edits)
        told = [(each, _signs(each, fixes, places)) for each in _brought(before, after, places.values())]
        brought = [each for each, signs in told if own.isdisjoint(signs)]
        if len(fixes) == 1:
            own.update(*(signs for _, signs in told))
            return fixes, after
        if not brought:
            return fixes, after
        wrong = [each.span for each in brought]
        calm = [fix for fix in fixes if not any(_meets(places[edit], wrong) for edit in fix.edits)]
        fixes = fixes[: len(fixes) // 2] if len(calm) == len(fixes) else calm or fixes[:1]


def _signs(found: Diagnostic, fixes: list[Fix], places: dict[Edit, Span]) -> set[tuple[str, ...]]:
    """What others may share with a finding: what it says, or its rule and what the fixes are called it stands in."""
    around = [fix for fix in fixes if any(_meets(places[edit], [found.span]) for edit in fix.edits)]
    return {_kind(found), *((fix.title, found.rule) for fix in around)}


def _brought(before: list[Diagnostic], after: list[Diagnostic], places: Iterable[Span]) -> list[Diagnostic]:
    """What is found that was not before: anything about what fixes have put in, an error anywhere. A mistake
    of syntax hides what is wrong elsewhere, so as long as there is one, only what breaks the syntax counts there.
    """
    known = Counter(map(_kind, before))
    new = Counter(map(_kind, after)) - known
    is_hiding = any(each.rule in SYNTAX for each in before)
    broken = [path for path in {place.file for place in places} if _breaks(path, before, after)]

    def counts(found: Diagnostic) -> bool:
        return found.span.file in broken if found.rule in SYNTAX else found.severity == "error" and not is_hiding

    return [each for each in after if _kind(each) in new and (counts(each) or _meets(each.span, places))]


def _kind(found: Diagnostic) -> tuple[str, str, str]:
    """What a finding says, wherever it stands."""
    return found.span.file, found.rule, found.message.translate(_NO_DIGITS)


def _meets(span: Span, others: Iterable[Span]) -> bool:
    return any(span.file == each.file and span.start <= each.end and each.start <= span.end for each in others)


def _errors(found: list[Diagnostic]) -> list[Diagnostic]:
    return [each for each in found if each.severity == "error"]


def _breaks(path: str, before: list[Diagnostic], after: list[Diagnostic]) -> bool:
    """Whether a file has more syntax errors, other than those that its first one has hidden until it was mended."""
    old, new = _broken(path, before), _broken(path, after)
    return len(new) > len(old) and (not old or min(new) <= min(old))


def _broken(path: str, found: list[Diagnostic]) -> list[int]:
    return [each.span.start for each in found if each.rule in SYNTAX and each.span.file == path]
