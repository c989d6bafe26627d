"""Under which conditions does a step run, and does one condition imply another?

A formula is built of atoms with `Not`, `All`, `Some`; `TRUE` and `FALSE` are the empty ones. An atom is a number of
an `Atoms` table: a path with a test (`truthy`, `none`, `eq` to a literal), or an opaque condition. Implication is
decided exactly by truth tables held as bit masks in Python ints (2 to the number of atoms bits): `premise &
~conclusion == 0`, once the rows that no value can make true are masked away (a path equals two literals, a literal
union equals none of its literals). Atoms are opaque beyond that: `n > 5` is not known to imply `n > 3`, and above 16
atoms the answer is 'maybe': sound, may over-warn.

The masks are what Karnaugh maps draw.
"""

from __future__ import annotations

from flowlang.record import Record, new

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from typing import Final, Literal

    Answer = Literal["always", "never", "maybe"]

MOST_ATOMS: Final = 16
MOST_PARTS: Final = 1000
"""Parts of a condition that is looked into."""
MOST_LOOKED_AT: Final = 256
"""Premises that one question looks at."""


class Atom(Record):
    """One condition, by its number in an `Atoms` table."""

    __slots__ = ()

    index: int


class Not(Record):
    """`not f`."""

    __slots__ = ()

    part: Formula


class All(Record):
    """Every part holds; without parts: always."""

    __slots__ = ()

    parts: tuple[Formula, ...]


class Some(Record):
    """At least one part holds; without parts: never."""

    __slots__ = ()

    parts: tuple[Formula, ...]


if TYPE_CHECKING:
    Formula = Atom | Not | All | Some

TRUE: Final = All(())
FALSE: Final = Some(())
DOUBT: Final = ("?",)
"""The path of atoms that stand for conditions with a mistake."""


class Atoms:
    """The atoms of one flow. Keys are `(path, test, value)`; equal keys are one atom.

    `paths` numbers the paths, for one may be a whole expression, dear to hash: `keys` hold the number. `domains` gives,
    per number of a path, all the `eq` values (and NONE_VALUE) that it can take, where its type is a union of literals.
    """

    __slots__ = ("_about", "_made", "_of", "domains", "keys", "paths")

    def __init__(self) -> None:
        self.keys: list[tuple[int, str, object]] = []
        self.domains: dict[int, frozenset[object]] = {}
        self.paths: dict[Hashable, int] = {}
        self._made: dict[tuple[int, str, object], Atom] = {}
        self._of: dict[Formula, frozenset[int]] = {}
        self._about: dict[Formula, frozenset[int]] = {}

    def copy(self) -> Atoms:
        """A table of its own with the same atoms."""
        copy = Atoms()
        copy.keys, copy.domains, copy.paths = self.keys.copy(), self.domains.copy(), self.paths.copy()
        copy._made, copy._of, copy._about = self._made.copy(), self._of.copy(), self._about.copy()
        return copy

    def is_alike(self, other: Atoms) -> bool:
        """Whether another table numbers the same atoms in the same way."""
        return self.keys == other.keys and self.paths == other.paths and self.domains == other.domains

    def path(self, path: Hashable) -> int:
        """The number of a path."""
        return self.paths.setdefault(path, len(self.paths))

    def atom(self, path: Hashable, test: str, value: object = None) -> Atom:
        """The atom of a key, made at its first use. Tests: 'truthy', 'none', 'eq'; `value` as (kind, literal)."""
        key = (self.path(path), test, value)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = new(Atom, (len(self.keys),))
            self.keys.append(key)
        return found

    def known(self, path: Hashable, test: str) -> Atom | None:
        """The atom of a path and a test without a value, if it was made."""
        number = self.paths.get(path)
        return None if number is None else self._made.get((number, test, None))

    def is_doubtful(self, formula: Formula) -> bool:
        """Whether a condition with a mistake is part of a formula."""
        doubt = self.paths.get(DOUBT)
        return doubt is not None and doubt in self.about(formula)

    def of(self, formula: Formula) -> frozenset[int]:
        """The numbers of the atoms in a formula, found once."""
        found = self._of.get(formula)
        if found is None:
            if isinstance(formula, Atom):
                found = frozenset((formula.index,))
            elif isinstance(formula, Not):
                found = self.of(formula.part)
            else:
                found = frozenset().union(*map(self.of, formula.parts))
            self._of[formula] = found
        return found

    def about(self, formula: Formula) -> frozenset[int]:
        """The numbers of the paths that a formula is about, found once."""
        found = self._about.get(formula)
        if found is None:
            found = self._about[formula] = frozenset([self.keys[atom][0] for atom in self.of(formula)])
        return found


NONE_VALUE: Final = ("none", None)


def is_large(formula: Formula) -> bool:
    """Whether a formula has very many parts: lets stand for conditions in which other lets do."""
    left, pending = MOST_PARTS, [formula]
    while pending and left > 0:
        each = pending.pop()
        left -= 1
        if isinstance(each, Not):
            pending.append(each.part)
        elif not isinstance(each, Atom):
            pending.extend(each.parts)
    return bool(pending)


def negate(formula: Formula) -> Formula:
    """`not formula`, without double negation."""
    if isinstance(formula, Not):
        return formula.part
    if isinstance(formula, Atom) or formula.parts:
        return new(Not, (formula,))
    return FALSE if isinstance(formula, All) else TRUE


def all_of(parts: Iterable[Formula]) -> Formula:
    """The conjunction, flat."""
    flat: list[Formula] = []
    for part in parts:
        if isinstance(part, All):
            flat.extend(part.parts)
        elif type(part) is Some and not part.parts:
            return FALSE
        else:
            flat.append(part)
    if len(flat) == 1:
        return flat[0]
    return All(tuple(flat)) if flat else TRUE


def some_of(parts: Iterable[Formula]) -> Formula:
    """The disjunction, flat."""
    flat: list[Formula] = []
    for part in parts:
        if isinstance(part, Some):
            flat.extend(part.parts)
        elif type(part) is All and not part.parts:
            return TRUE
        else:
            flat.append(part)
    if len(flat) == 1:
        return flat[0]
    return Some(tuple(flat)) if flat else FALSE


class Premises:
    """Conditions known to hold, added and taken back like a stack; found again by the paths that they are about.

    Most are taken back before anybody asks: only then are those of the stack looked into that were added since.
    """

    __slots__ = ("_about", "_atoms", "_known", "_seen", "stack")

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self.stack: list[Formula] = []
        self._seen = 0  # how many of the stack were looked into
        self._known: dict[Formula, int] = {}  # these, each with its first place in the stack
        self._about: dict[int, list[int]] = {}  # number of a path → places in the stack

    def copy(self, atoms: Atoms) -> Premises:
        """The same premises, over a copy of their atoms."""
        copy = Premises(atoms)
        copy.stack, copy._seen, copy._known = self.stack.copy(), self._seen, self._known.copy()
        copy._about = {path: places.copy() for path, places in self._about.items()}
        return copy

    def add(self, formula: Formula) -> None:
        """Let a formula hold; the parts of a conjunction each do."""
        self.stack += formula.parts if isinstance(formula, All) else (formula,)

    def cut(self, length: int) -> None:
        """Take back what was added since there were so many."""
        while self._seen > length:
            self._seen -= 1
            part = self.stack[self._seen]
            if self._known[part] == self._seen:
                del self._known[part]
                for path in self._atoms.about(part):
                    self._about[path].pop()
        del self.stack[length:]

    def _look(self) -> None:
        """Look into what was added since the last time."""
        for place in range(self._seen, len(self.stack)):
            part = self.stack[place]
            if self._known.setdefault(part, place) == place:
                for path in self._atoms.about(part):
                    self._about.setdefault(path, []).append(place)
        self._seen = len(self.stack)

    def decide(self, conclusion: Formula) -> Answer:
        """Say whether what holds makes a formula true always, never, or not decidably either."""
        if self._holds(conclusion):
            return "always"
        if not self.stack and isinstance(conclusion, Atom):
            return "maybe"
        return self._judge(conclusion, self._relevant(conclusion))

    def _holds(self, formula: Formula) -> bool:
        """Whether a formula is known word for word."""
        self._look()
        if isinstance(formula, All):
            return all(map(self._known.__contains__, formula.parts))
        return formula in self._known

    def _judge(self, conclusion: Formula, relevant: list[Formula]) -> Answer:
        used = sorted(set().union(self._atoms.of(conclusion), *map(self._atoms.of, relevant)))
        if len(used) > MOST_ATOMS:
            return "maybe"
        place = {number: position for position, number in enumerate(used)}
        variables = _variables(len(used))
        full = (1 << (1 << len(used))) - 1
        possible = _consistent(self._atoms, place, variables, full)
        for premise in relevant:
            possible &= _mask(premise, place, variables, full)
        holds = _mask(conclusion, place, variables, full)
        if not possible & ~holds:
            return "always"
        return "maybe" if possible & holds else "never"

    def tell(self, conclusion: Formula) -> Answer:
        """As `decide`, but always only of what is known word for word: that the last of several values is left is no
        news.
        """
        if self._holds(conclusion):
            return "always"
        relevant = self._relevant(conclusion)
        if not relevant and isinstance(conclusion.part if isinstance(conclusion, Not) else conclusion, Atom):
            return "maybe"
        alone = "maybe" if isinstance(conclusion, Atom) else self._judge(conclusion, [])
        if not relevant or alone == "always":
            return alone
        return "never" if self._judge(conclusion, relevant) == "never" else "maybe"

    def is_doubtful(self) -> bool:
        """Whether a condition with a mistake is among what holds."""
        doubt = self._atoms.paths.get(DOUBT)
        if doubt is None:
            return False
        self._look()
        return bool(self._about.get(doubt))

    def implies(self, conclusion: Formula) -> bool:
        """Whether a formula is known to hold."""
        return self.decide(conclusion) == "always"

    def _relevant(self, conclusion: Formula) -> list[Formula]:
        """The premises connected with the conclusion through paths, latest first; as many as fit, of the nearest ones.

        Leaving a premise out is sound.
        """
        if not self.stack:
            return []
        used = self._atoms.of(conclusion)
        waiting = list(self._atoms.about(conclusion))
        reached = set(waiting)
        chosen: dict[int, Formula] = {}
        looked = 0
        for path in waiting:  # grows while it is read
            for index in reversed(self._about.get(path, ())):
                looked += 1
                if looked > MOST_LOOKED_AT:
                    return list(chosen.values())
                if index in chosen:
                    continue
                more = used | self._atoms.of(self.stack[index])
                if len(more) > MOST_ATOMS:
                    continue
                used = more
                chosen[index] = self.stack[index]
                new = self._atoms.about(self.stack[index]) - reached
                reached |= new
                waiting.extend(sorted(new))
        return list(chosen.values())


_variable_cache: Final[dict[int, list[int]]] = {}


def _variables(count: int) -> list[int]:
    """The truth-table column of each of `count` variables."""
    found = _variable_cache.get(count)
    if found is None:
        found = []
        rows = 1 << count
        for index in range(count):
            half = 1 << index
            block = ((1 << half) - 1) << half
            width = half * 2
            while width < rows:
                block |= block << width
                width *= 2
            found.append(block)
        _variable_cache[count] = found
    return found


def _mask(formula: Formula, place: dict[int, int], variables: list[int], full: int) -> int:
    """The truth table of a formula."""
    if isinstance(formula, Atom):
        return variables[place[formula.index]]
    if isinstance(formula, Not):
        return full & ~_mask(formula.part, place, variables, full)
    if isinstance(formula, All):
        result = full
        for part in formula.parts:
            result &= _mask(part, place, variables, full)
        return result
    result = 0
    for part in formula.parts:
        result |= _mask(part, place, variables, full)
    return result


def _consistent(atoms: Atoms, place: dict[int, int], variables: list[int], full: int) -> int:
    """The rows that some value of every path can make true."""
    groups: dict[int, list[tuple[str, object, int]]] = {}
    for number, position in place.items():
        path, test, value = atoms.keys[number]
        groups.setdefault(path, []).append((test, value, variables[position]))
    possible = full
    for path, tests in groups.items():
        domain = atoms.domains.get(path)
        if len(tests) == 1 and domain is None:
            continue
        values = {NONE_VALUE if test == "none" else value: mask for test, value, mask in tests if test != "truthy"}
        seen = 0
        for mask in values.values():
            possible &= full & ~(seen & mask)
            seen |= mask
        for test, _, truthy in tests:
            if test == "truthy":
                possible &= _truthiness(values, truthy, domain, seen, full)
        if domain is not None and domain <= values.keys():
            possible &= seen
    return possible


def _truthiness(values: dict[object, int], truthy: int, domain: frozenset[object] | None, seen: int, full: int) -> int:
    """Rows where `path` and `path == literal` agree; one that equals none of the tested values is what the others of
    its domain are.
    """
    possible = full
    for value, mask in values.items():
        assert isinstance(value, tuple)
        possible &= full & ~(mask & ~truthy) if value[1] else full & ~(mask & truthy)
    if domain is not None:
        others = [value for value in domain if value not in values]
        assert all(isinstance(value, tuple) for value in others)
        if others and all(value[1] for value in others):  # type: ignore[index]
            possible &= seen | truthy
        if others and not any(value[1] for value in others):  # type: ignore[index]
            possible &= full & (seen | ~truthy)
    return possible
