"""Fixes made pass by pass until none is left, in memory: what `check --fix` and an editor's fix of a whole file share.

Errors come first, for what is unused may be wanted once they are mended.

Fixes are written for the text as it is, each for itself: two may bring the same name, or one may use what another
takes away. So what a pass has made is checked before it counts. Where it brings a finding, the fixes that this stands
in wait for the next pass, where they are found afresh; where it stands in none, half of them wait. So fixes that are
made together bring nothing, whatever rules they are of; only one made alone may show what its finding has hidden, and
then others may bring the same.

One that brings syntax errors even then is given up: that is a bug in a rule, which must not cost an author anything,
the other fixes neither. Such an error comes of the fixes in its file, so each file finds its own at once with the
others. What is given up is tried once more where all others are made, for those may be what it lacked.

It ends where nothing is left to mend, or where nothing is gained for `PATIENCE` passes. Where fixes undo one another,
all is left as it was before them.
"""

from __future__ import annotations

from collections import Counter

from flowlang.checks.registry import SYNTAX
from flowlang.diagnostics.fixing import apply, edits_of, moved, one_pass, put_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Final

    from flowlang.diagnostics import Diagnostic, Edit, Fix
    from flowlang.source import Span

    Read = Callable[[str], str]
    Recheck = Callable[[dict[str, str]], list[Diagnostic]]

PATIENCE: Final = 50
"""Passes in a row that may leave as much to mend as there was, in as long a text, and tell of nothing new."""
_NO_DIGITS: Final = dict.fromkeys(map(ord, "0123456789"))


class Mended:
    """What came of it: the texts before, by path; how many fixes were made; what is left, and of that what has a fix
    that was given up.
    """

    __slots__ = ("before", "count", "given_up", "left")

    def __init__(self, left: list[Diagnostic]) -> None:
        self.before: dict[str, str] = {}
        self.count = 0
        self.given_up: tuple[Diagnostic, ...] = ()
        self.left = left


def mend(found: list[Diagnostic], files: Collection[str], read: Read, recheck: Recheck, unsafe: bool) -> Mended:
    """Make all fixes in some files. `recheck` takes texts by path, which `read` gives from then on, and finds again."""
    mending = _Mending(found, files, read, recheck, unsafe)
    mended, gain, seen = mending.mended, _Gain(found), {mending.state(): 0}
    while fixes := mending.offered() or mending.offered_again():
        if not mending.makes(fixes):
            continue
        state = mending.state()
        if state in seen:
            mended.count = seen[state]
            break
        seen[state] = mended.count
        if not gain.is_hoped_for(mended.left, mending.growth()):
            break
    mended.given_up = mending.given_up()
    mended.before = {path: text for path, text in mended.before.items() if text != read(path)}
    return mended


class _Gain:
    """Whether passes lead anywhere: to fewer findings than ever, to less text, or to what was never said."""

    __slots__ = ("_fewest", "_said", "_shortest", "_without")

    def __init__(self, found: list[Diagnostic]) -> None:
        self._fewest, self._shortest, self._without = len(found), 0, 0
        self._said = set(map(_kind, found))

    def is_hoped_for(self, left: list[Diagnostic], growth: int) -> bool:
        """Whether to go on after a pass that has left these findings, with so many characters more than at first."""
        said = set(map(_kind, left))
        has_gained = len(left) < self._fewest or growth < self._shortest or not said <= self._said
        self._fewest, self._shortest = min(self._fewest, len(left)), min(self._shortest, growth)
        self._said |= said
        self._without = 0 if has_gained else self._without + 1
        return self._without < PATIENCE


class _Mending:
    """The texts as they are so far. `_own` tells what fixes have brought that were made alone; `_aside` holds the edits
    of those that were given up, where they stand now.
    """

    __slots__ = ("_aside", "_files", "_has_made", "_own", "_read", "_recheck", "_unsafe", "mended")

    def __init__(
        self, found: list[Diagnostic], files: Collection[str], read: Read, recheck: Recheck, unsafe: bool
    ) -> None:
        self._files, self._read, self._recheck, self._unsafe = files, read, recheck, unsafe
        self._own: set[tuple[str, ...]] = set()
        self._aside: set[tuple[Edit, ...]] = set()
        self._has_made = False
        self.mended = Mended(found)

    def offered(self) -> list[Fix]:
        """The fixes of the next pass."""
        left = self.mended.left
        errors = one_pass(_errors(left), self._unsafe, self._files, self._aside)
        return errors or one_pass(left, self._unsafe, self._files, self._aside)

    def offered_again(self) -> list[Fix]:
        """What was given up, if others were made since it was tried."""
        if not (self._aside and self._has_made):
            return []
        self._aside.clear()
        self._has_made = False
        return self.offered()

    def makes(self, fixes: list[Fix]) -> bool:
        """Make some fixes as far as they bring nothing; gives whether any was made."""
        mended = self.mended
        old = {path: self._read(path) for path in edits_of(fixes)}
        made, after = self._made(fixes, old)
        if all(old[path] == self._read(path) for path in old):
            self._aside.update(fix.edits for fix in made)
            return False
        places = put_in(old, edits_of(made))
        self._aside = {edits for each in self._aside if (edits := moved(each, places))}
        self._has_made = True
        mended.before = {**old, **mended.before}
        mended.count += len(made)
        mended.left = after
        return True

    def state(self) -> int:
        """What tells apart the texts of all files, of which most are as they were."""
        texts = ((path, self._read(path), text) for path, text in self.mended.before.items())
        return hash(frozenset((path, new) for path, new, text in texts if new != text))

    def growth(self) -> int:
        """How many characters there are more than at first."""
        return sum(len(self._read(path)) - len(text) for path, text in self.mended.before.items())

    def given_up(self) -> tuple[Diagnostic, ...]:
        """What is left although it has a fix."""
        return tuple([each for each in self.mended.left if any(fix.edits in self._aside for fix in each.fixes)])

    def _made(self, fixes: list[Fix], old: dict[str, str]) -> tuple[list[Fix], list[Diagnostic]]:
        """Make as many fixes as bring nothing together, at least one unless all are given up; gives them and what is
        found then.
        """
        before = self.mended.left
        while fixes:
            edits = edits_of(fixes)
            after = self._recheck({path: apply(text, edits.get(path, ())) for path, text in old.items()})
            places = put_in(old, edits)
            broken = [path for path in edits if _breaks(path, before, after)]
            if broken:
                fixes = self._unbroken(fixes, broken, _calm(fixes, places, _syntax_errors(after)))
                continue
            told = [(each, _signs(each, fixes, places)) for each in _brought(before, after, places.values())]
            brought = [each for each, signs in told if self._own.isdisjoint(signs)]
            if len(fixes) == 1:
                self._own.update(*(signs for _, signs in told))
            if len(fixes) == 1 or not brought:
                return fixes, after
            fixes = _fewer(fixes, _calm(fixes, places, brought))
        return [], self._recheck(old)

    def _unbroken(self, fixes: list[Fix], broken: list[str], calm: list[Fix]) -> list[Fix]:
        """Fewer fixes in each file whose syntax they break. One that is the only one there is given up."""
        of_file: dict[str, list[Fix]] = {path: [] for path in broken}
        for fix in fixes:
            for path in of_file.keys() & {edit.span.file for edit in fix.edits}:
                of_file[path].append(fix)
        kept: set[tuple[Edit, ...]] = set()
        is_calm = {fix.edits for fix in calm}
        for of_one in of_file.values():
            if len(of_one) == 1:
                self._aside.add(of_one[0].edits)
            else:
                kept.update(fix.edits for fix in _fewer(of_one, [fix for fix in of_one if fix.edits in is_calm]))
        dropped = {fix.edits for of_one in of_file.values() for fix in of_one} - kept
        return [fix for fix in fixes if fix.edits not in dropped]


def _calm(fixes: list[Fix], places: dict[Edit, Span], brought: list[Diagnostic]) -> list[Fix]:
    """The fixes that nothing that was brought stands in."""
    wrong = [each.span for each in brought]
    return [fix for fix in fixes if not any(_meets(places[edit], wrong) for edit in fix.edits)]


def _fewer(fixes: list[Fix], calm: list[Fix]) -> list[Fix]:
    """Those of several fixes that are made although something was brought: the calm ones, of as many half, else one."""
    return fixes[: len(fixes) // 2] if len(calm) == len(fixes) else calm or fixes[:1]


def _signs(found: Diagnostic, fixes: list[Fix], places: dict[Edit, Span]) -> set[tuple[str, ...]]:
    """What others may share with a finding: what it says, or its rule and what the fixes are called it stands in."""
    around = [fix for fix in fixes if any(_meets(places[edit], [found.span]) for edit in fix.edits)]
    return {_kind(found), *((fix.title, found.rule) for fix in around)}


def _brought(before: list[Diagnostic], after: list[Diagnostic], places: Iterable[Span]) -> list[Diagnostic]:
    """What is found that was not before: anything about what fixes have put in, an error anywhere. A mistake
    of syntax hides what is wrong elsewhere, so as long as there is one, nothing counts there.
    """
    known = Counter(map(_kind, before))
    new = Counter(map(_kind, after)) - known
    is_hiding = bool(_syntax_errors(before))

    def counts(found: Diagnostic) -> bool:
        return found.severity == "error" and found.rule not in SYNTAX and not is_hiding

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
    return [each.span.start for each in _syntax_errors(found) if each.span.file == path]


def _syntax_errors(found: list[Diagnostic]) -> list[Diagnostic]:
    return [each for each in found if each.rule in SYNTAX]
