"""Constraints, formats, members, generics and schemas, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.types import constraints, formats, model
from flowlang.types.generics import Given, instantiate
from flowlang.types.join import optional, union
from flowlang.types.members import Member, Refusal, attribute, element, entry, item, member
from flowlang.types.model import (
    Field,
    FieldName,
    FieldOf,
    Int,
    List,
    LiteralOf,
    Map,
    NumberOf,
    RecordOf,
    String,
    TypeVar,
)
from flowlang.types.show import show, spell

if TYPE_CHECKING:
    from flowlang.types.model import Type

LEAD = RecordOf("Lead", (Field("id", model.STRING), Field("score", Int(ge=0)), Field("phone", optional(model.STRING))))
T = TypeVar("T")


@pytest.mark.parametrize(
    ("of", "words", "message"),
    [
        (model.INT, {"min_length": 1}, "not a constraint"),
        (model.INT, {"ge": 5, "le": 3}, "no number keeps both"),
        (model.INT, {"ge": 5, "gt": 3}, "both lower bounds"),
        (model.INT, {"ge": 1.5}, "whole number"),
        (model.INT, {"ge": True}, "whole number"),
        (model.FLOAT, {"multiple_of": 0}, "more than 0"),
        (model.STRING, {"min_length": -1}, "from 0"),
        (model.STRING, {"min_length": 5, "max_length": 3}, "more than"),
        (model.STRING, {"format": "emial"}, "one of"),
        (model.STRING, {"pattern": "(?=x)"}, "does not compile"),
        (model.STRING, {"pattern": "("}, "does not compile"),
        (model.BOOL, {"ge": 1}, "not a constraint"),
    ],
)
def test_constraints_that_do_not_fit(of: Type, words: dict[str, Any], message: str) -> None:
    with pytest.raises(constraints.ConstraintError, match=message):
        constraints.constrain(of, words)


def test_constraints_are_put_in() -> None:
    assert (
        show(constraints.constrain(model.STRING, {"pattern": "^a", "max_length": 3}))
        == "string(max_length=3, pattern='^a')"
    )


_BOUND = st.none() | st.integers(-3, 3)
_INTS = st.tuples(_BOUND, _BOUND, st.booleans(), st.booleans(), st.sampled_from([None, 2, 3])).map(
    lambda p: Int(**{"ge" if p[2] else "gt": p[0], "le" if p[3] else "lt": p[1], "multiple_of": p[4]})
)


@given(_INTS, _INTS)
def test_bounds_agree_with_counting(a: Int, b: Int) -> None:
    def numbers(of: Int) -> set[int]:
        return {n for n in range(-20, 21) if constraints.number_problem(of, n) is None}

    if constraints.implies(a, b):
        assert numbers(a) <= numbers(b)
    if constraints.disjoint(a, b):
        assert not numbers(a) & numbers(b)


def test_patterns_take_linear_time() -> None:
    assert not constraints.matches("^(a+)+$", "a" * 50_000 + "b")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "email",
            ["a@b.de", "a.b+c@x-y.example.org", "ü@exämple.de"],
            ["a@b", "@b.de", "a b@c.de", "a@@b.de", ".a@b.de", "a..b@c.de"],
        ),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000", "x"]),
        ("uri", ["urn:a:b", "mailto:a@b"], ["a", ":a", "1a:b", "a: b"]),
        (
            "url",
            ["http://a.b:80/x?y#z", "https://[::1]/", "http://localhost"],
            ["ftp://a", "http://", "http://a b", "http://a:x", "http://a:99999", "/x"],
        ),
        ("ipv4", ["1.2.3.4"], ["1.2.3", "01.2.3.4", "1.2.3.256"]),
        ("ipv6", ["::", "::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"], ["1:2", ":::", "1::2::3", "g::"]),
        ("date", ["2024-02-29"], ["2023-02-29", "2024-2-9", "24-02-29"]),
        ("time", ["09:30", "09:30:10.5Z", "09:30:00+02:00"], ["24:00", "9:30", "09:30.5"]),
        ("date-time", ["2024-02-29T09:00:00Z"], ["2024-02-29T09:00:00", "2024-02-29"]),
        ("path", ["/", "/a/b"], ["a", "/a?b", "/a b"]),
        ("hostname", ["a", "a-b.c"], ["-a", "a..b", "a_b", ""]),
    ],
)
def test_formats(name: str, good: list[str], bad: list[str]) -> None:
    accepts = formats.FORMATS[name][0]
    assert [text for text in good if not accepts(text)] == []
    assert [text for text in bad if accepts(text)] == []


@pytest.mark.parametrize(
    ("text", "is_good"),
    [("0 9 * * mon-fri", True), ("*/5 * * * *", True), ("0 0 1,15 jan *", True), ("60 * * * *", False),
     ("* * * *", False), ("*/0 * * * *", False), ("5-1 * * * *", False), ("a * * * *", False), ("1- * * * *", False)],
)  # fmt: skip
def test_cron(text: str, is_good: bool) -> None:
    assert (formats.cron_problem(text) is None) is is_good


def test_members() -> None:
    assert member(LEAD, "phone") == Member(optional(model.STRING), True)
    assert member(Map(model.INT), "x") == Member(model.INT)
    refused = member(LEAD, "pone")
    assert isinstance(refused, Refusal)
    assert refused.known == ("id", "score", "phone")
    assert refused.reason == "Lead has no field `pone`"
    maybe = member(optional(LEAD), "id")
    assert isinstance(maybe, Refusal)
    assert maybe.kind == "none"
    other = RecordOf("", (Field("id", model.INT),))
    assert member(union([LEAD, other]), "id") == Member(union([model.STRING, model.INT]))
    assert isinstance(member(union([LEAD, other]), "score"), Refusal)
    assert member(model.Secret(LEAD), "id") == Member(model.Secret(model.STRING))
    assert isinstance(member(List(LEAD), "id"), Refusal)


def test_items_and_iteration() -> None:
    assert item(List(model.INT), model.INT) == Member(model.INT)
    assert item(model.STRING, LiteralOf(0, "int")) == Member(model.STRING)
    assert item(LEAD, LiteralOf("id", "string")) == Member(model.STRING)
    assert isinstance(item(List(model.INT), model.STRING), Refusal)
    assert isinstance(item(LEAD, model.STRING), Refusal)
    assert element(Map(model.INT)) == Member(model.STRING)
    assert entry(Map(model.INT)) == Member(model.INT)
    assert isinstance(entry(List(model.INT)), Refusal)
    assert isinstance(element(model.STRING), Refusal)


def test_attributes_are_read_softly() -> None:
    inner = RecordOf("", (Field("lead", optional(LEAD)),))
    assert attribute(inner, "lead.score") == Member(optional(Int(ge=0)), True)
    assert attribute(List(LEAD).item, "score") == Member(Int(ge=0))
    assert attribute(Map(model.INT), "k") == Member(optional(model.INT), True)


def given_text(name: str, declared: Type, text: str) -> Given:
    return Given(name, declared, LiteralOf(text, "string"), text)


def test_generics_bind_by_arguments() -> None:
    found = instantiate([Given("xs", List(T), List(LEAD))], optional(T))
    assert show(found.result) == "Lead?"
    nonempty = instantiate([Given("xs", List(T), List(LEAD, 1))], optional(T), none_if_empty=True)
    assert show(nonempty.result) == "Lead"
    pair = instantiate(
        [Given("value", optional(T), optional(model.STRING)), Given("d", TypeVar("D"), LiteralOf("x", "string"))],
        union([T, TypeVar("D")]),
    )
    assert show(pair.result) == "string"
    untyped = instantiate([Given("xs", List(T), model.ANY)], optional(T))
    assert show(untyped.result) == "any?"
    wrong = instantiate([Given("xs", List(T), model.STRING)], T)
    assert show(wrong.parameters[0]) == "list[any]"


def test_field_of_and_number_of() -> None:
    declared = optional(FieldName(T))
    xs = Given("xs", List(T), List(LEAD))
    mapped = List(FieldOf(FieldOf(T, "attribute"), "filter"))
    filters = Given("filter", optional(model.FILTER_NAME), None)
    found = instantiate([xs, filters, given_text("attribute", declared, "score")], mapped)
    assert show(found.result) == "list[int(ge=0)]"
    wrong = instantiate([xs, filters, given_text("attribute", declared, "scor")], mapped)
    assert wrong.problems == ((2, "Lead has no field `scor`"),)
    unnamed = instantiate([xs, filters, Given("attribute", declared, model.STRING)], mapped)
    assert unnamed.problems == ((2, "`attribute` must be literal text"),)
    total = instantiate([xs, given_text("attribute", declared, "score")], NumberOf(FieldOf(T, "attribute")))
    assert show(total.result) == "int"
    texts = instantiate([xs, given_text("attribute", declared, "id")], NumberOf(FieldOf(T, "attribute")))
    assert texts.problems == ((1, "numbers are wanted, but this is string"),)


def test_filter_results_are_asked_for() -> None:
    filters = given_text("filter", optional(model.FILTER_NAME), "float")
    found = instantiate(
        [Given("xs", List(T), List(model.STRING)), filters],
        List(FieldOf(T, "filter")),
        filter_result=lambda name, of: model.FLOAT if name == "float" and of == model.STRING else "no",
    )
    assert show(found.result) == "list[float]"


def test_names_are_written_and_full_forms_on_demand() -> None:
    assert show(List(optional(LEAD))) == "list[Lead?]"
    assert spell(optional(RecordOf("", (Field("two words", String(pattern="it's")),)))) == (
        "{ 'two words': string(pattern='it\\'s') }?"
    )
