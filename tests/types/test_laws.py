"""What holds for all types: assignability is sound, joins take both sides, narrowing is right, spelling injective."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from flowlang.types import model, narrow
from flowlang.types.assign import YES, assignable, secret_path
from flowlang.types.check import checker
from flowlang.types.codec import from_json, to_json
from flowlang.types.edge import encoder, written
from flowlang.types.join import join, members, sealed, union
from flowlang.types.show import spell
from tests.types.strategies import LITERALS, TYPES, TYPES_WITH_ANY, TYPES_WITH_SECRETS, values, wider

if TYPE_CHECKING:
    from flowlang.types.model import Type


def accepts(of: Type, value: Any) -> bool:
    return not checker(of).check(value)[1]


@given(TYPES_WITH_ANY)
def test_everything_fits_itself_and_never_fits_everything(of: Type) -> None:
    assert assignable(of, of).verdict == YES
    assert assignable(model.NEVER, of).verdict == YES


@settings(max_examples=400, suppress_health_check=[HealthCheck.filter_too_much])
@given(TYPES, st.data())
def test_what_is_assignable_passes_the_run_time_check(source: Type, data: st.DataObject) -> None:
    target = data.draw(wider(source) | TYPES)
    found = assignable(source, target)
    assume(found.verdict == YES)
    value = data.draw(values(source))
    result, problems = checker(target).check(value)
    assert not problems
    if not found.projects:
        assert result == value


@given(TYPES, st.data())
def test_a_value_of_a_type_is_accepted_unchanged(of: Type, data: st.DataObject) -> None:
    value = data.draw(values(of))
    before = copy.deepcopy(value)
    result, problems = checker(of).check(value)
    assert not problems
    assert value == before
    assert result == value


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(TYPES, st.data())
def test_checking_twice_changes_nothing_more(given_type: Type, data: st.DataObject) -> None:
    of = data.draw(wider(given_type) | TYPES)
    value = data.draw(values(given_type))
    once, problems = checker(of).check(value)
    assume(not problems)
    twice, again = checker(of).check(once)
    assert not again
    assert twice is once


@settings(max_examples=300)
@given(TYPES, TYPES, st.data())
def test_a_join_takes_both_sides(a: Type, b: Type, data: st.DataObject) -> None:
    both = join(a, b)
    assert accepts(both, data.draw(values(a) | values(b)))
    assert assignable(a, both).ok
    assert assignable(b, both).ok


@given(TYPES_WITH_SECRETS, TYPES_WITH_SECRETS)
def test_what_comes_from_a_secret_too_holds_one(a: Type, b: Type) -> None:
    is_secret = secret_path(a) is not None or secret_path(b) is not None
    assert (secret_path(join(a, b)) is not None) == is_secret
    assert (secret_path(union([a, b])) is not None) == is_secret
    assert join(a, b) == join(join(a, b), b)
    assert sealed(sealed(a)) == sealed(a)


@given(st.lists(TYPES_WITH_ANY, max_size=4))
def test_a_union_is_flat_and_says_nothing_twice(parts: list[Type]) -> None:
    found = union(parts)
    inner = members(found)
    assert len(set(inner)) == len(inner)
    assert not any(isinstance(m, model.Union) for m in inner)
    assert union([found, found]) == found


@settings(max_examples=300)
@given(TYPES_WITH_ANY, TYPES_WITH_ANY)
def test_two_types_never_spell_alike(a: Type, b: Type) -> None:
    assert (spell(a) == spell(b)) == (a == b)


@given(TYPES_WITH_ANY)
def test_json_form_round_trip(of: Type) -> None:
    assert from_json(to_json(of)) == of


@given(TYPES, st.data())
def test_truthiness_narrows_soundly(of: Type, data: st.DataObject) -> None:
    value = data.draw(values(of))
    assert accepts(narrow.truthy(of) if value else narrow.falsy(of), value)


@given(TYPES)
def test_narrowing_never_widens(of: Type) -> None:
    for found in (narrow.truthy(of), narrow.falsy(of), narrow.without_none(of), narrow.only_none(of)):
        assert assignable(found, of).verdict == YES


@given(TYPES, st.data())
def test_none_is_told_apart(of: Type, data: st.DataObject) -> None:
    value = data.draw(values(of))
    assert accepts(narrow.only_none(of) if value is None else narrow.without_none(of), value)


@given(TYPES, LITERALS, st.data())
def test_equality_with_a_literal_narrows_soundly(of: Type, literal: model.LiteralOf, data: st.DataObject) -> None:
    value = data.draw(values(of) | st.just(literal.value))
    assume(accepts(of, value))
    same = value == literal.value and isinstance(value, bool) is isinstance(literal.value, bool)
    assert accepts(narrow.keep_literal(of, literal) if same else narrow.remove_literal(of, literal), value)


@settings(max_examples=150)
@given(TYPES.flatmap(lambda of: st.tuples(st.just(of), values(of))))
@example((model.DURATION, -(2**63)))
def test_what_leaves_at_a_json_edge_may_come_back(typed: tuple[Type, Any]) -> None:
    of, value = typed
    assert accepts(written(of), encoder(of)(value))
