"""Presence algebra: what the bit masks say is what trying every row says."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from flowlang.semantics.presence import (
    FALSE,
    MOST_ATOMS,
    NONE_VALUE,
    TRUE,
    All,
    Atom,
    Atoms,
    Not,
    Premises,
    Some,
    all_of,
    negate,
    some_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowlang.semantics.presence import Answer, Formula


def decide(atoms: Atoms, premises: Iterable[Formula], conclusion: Formula) -> Answer:
    holding = Premises(atoms)
    for premise in premises:
        holding.add(premise)
    return holding.decide(conclusion)


def _formulas(count: int) -> st.SearchStrategy[Formula]:
    atoms = st.builds(Atom, st.integers(0, count - 1))
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds(negate, inner),
            st.lists(inner, max_size=3).map(all_of),
            st.lists(inner, max_size=3).map(some_of),
        ),
        max_leaves=8,
    )


def _holds(formula: Formula, row: tuple[bool, ...]) -> bool:
    match formula:
        case Atom(index=index):
            return row[index]
        case Not(part=part):
            return not _holds(part, row)
        case All(parts=parts):
            return all(_holds(part, row) for part in parts)
        case Some(parts=parts):
            return any(_holds(part, row) for part in parts)


def _opaque(count: int) -> Atoms:
    atoms = Atoms()
    for number in range(count):
        atoms.atom(f"condition {number}", "truthy")
    return atoms


@given(st.lists(_formulas(5), max_size=3), _formulas(5))
def test_opaque_conditions_are_decided_as_by_a_truth_table(premises: list[Formula], conclusion: Formula) -> None:
    rows = [row for row in itertools.product([False, True], repeat=5) if all(_holds(p, row) for p in premises)]
    answer = decide(_opaque(5), premises, conclusion)
    if answer == "always":
        assert all(_holds(conclusion, row) for row in rows)
    elif answer == "never":
        assert not any(_holds(conclusion, row) for row in rows)
    else:
        # A premise that shares nothing with the conclusion is left out: sound, and exact unless premises contradict.
        assert not rows or any(_holds(conclusion, row) for row in rows)
        assert not rows or not all(_holds(conclusion, row) for row in rows)


LITERALS = [("string", "x"), ("string", "y"), ("string", "")]


@given(st.data(), st.booleans())
def test_tests_on_one_path_are_decided_as_by_trying_every_value(data: st.DataObject, with_none: bool) -> None:
    """Values of a path are its literals, and none if it admits that; every atom about it follows from the value."""
    values = [*LITERALS, NONE_VALUE] if with_none else LITERALS
    atoms = Atoms()
    atoms.domains[atoms.path("p")] = frozenset(values)
    keys = [("truthy", None), ("none", None), *(("eq", literal) for literal in LITERALS)]
    for test, literal in keys:
        atoms.atom("p", test, literal)
    premise, conclusion = data.draw(_formulas(len(keys))), data.draw(_formulas(len(keys)))
    rows = [
        tuple(
            bool(value[1]) if test == "truthy" else value == NONE_VALUE if test == "none" else value == literal
            for test, literal in keys
        )
        for value in values
    ]
    possible = [row for row in rows if _holds(premise, row)]
    answer = decide(atoms, [premise], conclusion)
    if answer == "always":
        assert all(_holds(conclusion, row) for row in possible)
    elif answer == "never":
        assert not any(_holds(conclusion, row) for row in possible)


def test_a_union_of_literals_is_one_of_them() -> None:
    atoms = Atoms()
    atoms.domains[atoms.path("kind")] = frozenset([("string", "auto"), ("string", "home")])
    auto, home = atoms.atom("kind", "eq", ("string", "auto")), atoms.atom("kind", "eq", ("string", "home"))
    assert decide(atoms, [Not(auto)], home) == "always"
    assert decide(atoms, [auto], home) == "never"
    assert decide(atoms, [], home) == "maybe"


def test_conditions_beyond_the_limit_are_maybe() -> None:
    atoms = _opaque(MOST_ATOMS + 1)
    wide = Some(tuple(Atom(number) for number in range(MOST_ATOMS + 1)))
    assert decide(atoms, [Atom(0)], wide) == "maybe"
    narrow = Some(tuple(Atom(number) for number in range(MOST_ATOMS)))
    assert decide(atoms, [Atom(0)], narrow) == "always"


def test_the_same_condition_needs_no_table_however_wide() -> None:
    atoms = _opaque(40)
    wide = Some(tuple(Atom(number) for number in range(40)))
    assert decide(atoms, [wide], wide) == "always"


def test_premises_are_taken_back_like_a_stack() -> None:
    atoms = _opaque(3)
    premises = Premises(atoms)
    premises.add(Atom(0))
    mark = len(premises.stack)
    premises.add(All((Atom(1), Atom(0))))
    assert premises.implies(Atom(1))
    premises.cut(mark)
    assert not premises.implies(Atom(1))
    assert premises.implies(Atom(0))


def test_the_empty_formulas() -> None:
    assert all_of([]) == TRUE
    assert some_of([]) == FALSE
    assert negate(TRUE) == FALSE
    assert decide(Atoms(), [], TRUE) == "always"
