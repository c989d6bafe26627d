"""What files of the project use of each other: a thing that other files use is not unused, in an editor no more than in
a check of the whole project.

Which files may use a thing is read off their texts, in the rounds of the index: those that import its file and spell
its name behind a dot. Whether they do is asked of their check, once for each of their texts and for what the thing is.
So a key that is typed costs a look into tables, however many files there are; what is not known yet is held back, and
told when it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.checks.uses import UNUSED_HERE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Final, TypeAlias

    from flowlang.diagnostics import Diagnostic
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

    Claim: TypeAlias = tuple[str, str]
    """A rule, which tells what a thing is, and the name of the thing that the rule calls unused."""

MOST: Final = 20_000
"""Answers that are kept."""


class Uses:
    """Whether things of files are used elsewhere. `counts`: whether there is a project whose files can be looked at."""

    def __init__(self, project: Project) -> None:
        self.counts = True
        self._project = project
        self._known: dict[tuple[str, str, Claim], tuple[object, bool]] = {}
        self._given: dict[str, frozenset[Claim]] = {}

    @property
    def has_claims(self) -> bool:
        """Whether something was found to be unused in an open file that was asked about."""
        return bool(self._given)

    def judged(self, snapshot: Snapshot) -> list[Diagnostic]:
        """The findings of a file, without those of things that others use, or of which that is not known yet."""
        path, claims = snapshot.path, _claims(snapshot)
        if not claims or not self.counts:
            self._given.pop(path, None)
            return list(snapshot.findings)
        unused = frozenset(each for each in claims if self._is_used(path, each) is False)
        if path in self._project.open:
            self._given[path] = unused
        return [each for each in snapshot.findings if each.rule not in UNUSED_HERE or _claim(snapshot, each) in unused]

    def is_settled(self, snapshot: Snapshot) -> bool:
        """Whether all is known that the findings of a file hang on."""
        claims = _claims(snapshot) if self.counts else ()
        return all(self._is_used(snapshot.path, each) is not None for each in claims)

    def settle(self, path: str) -> Generator[None, None, None]:
        """Find out what the findings of a file hang on, a piece at a time."""
        yield from self._project.index.round()
        for claim in _claims(self._project.look(path)):
            for importer in self._unknown(path, claim):
                self._ask(importer, path, claim)
                yield

    def renew(self) -> Generator[None, None, list[str]]:
        """Find out again what may have changed; gives the open files whose findings have."""
        yield from self._project.index.round()
        changed = []
        for path, before in list(self._given.items()):
            if path not in self._project.open:
                self._given.pop(path, None)
                continue
            yield from self.settle(path)
            self.judged(self._project.look(path))
            if self._given.get(path) != before:
                changed.append(path)
        return changed

    def _is_used(self, path: str, claim: Claim) -> bool | None:
        """Whether another file uses a thing; none where that is not known."""
        if not self._project.index.is_whole:
            return None
        answers = [self._answer(importer, path, claim) for importer in self._project.index.spelling(path, claim[1])]
        return True if True in answers else None if None in answers else False

    def _answer(self, importer: str, path: str, claim: Claim) -> bool | None:
        known = self._known.get((importer, path, claim))
        return known[1] if known is not None and known[0] == self._project.stamp(importer) else None

    def _unknown(self, path: str, claim: Claim) -> Iterator[str]:
        """The files to ask about a thing, until one uses it."""
        for importer in list(self._project.index.spelling(path, claim[1])):
            used = self._answer(importer, path, claim)
            if used is None:
                yield importer
                used = self._answer(importer, path, claim)
            if used:
                return

    def _ask(self, importer: str, path: str, claim: Claim) -> None:
        """Check a file, and remember which things of another it uses."""
        if len(self._known) > MOST:
            self._known.clear()
        stamp = self._project.stamp(importer)
        program = self._project.look(importer).program
        file = program.files.get(path)
        symbol = None if file is None else file.names.get(claim[1])
        self._known[importer, path, claim] = stamp, symbol is not None and id(symbol.node) in program.facts.used


def _claims(snapshot: Snapshot) -> list[Claim]:
    """What the findings of a file call unused, which other files may prove wrong."""
    return [_claim(snapshot, each) for each in snapshot.findings if each.rule in UNUSED_HERE]


def _claim(snapshot: Snapshot, found: Diagnostic) -> Claim:
    return found.rule, snapshot.text[found.span.start : found.span.end]
