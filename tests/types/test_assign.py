"""Assignability and joins, case by case, with the sentences that messages use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowlang.types import model
from flowlang.types.assign import CHECK, NO, YES, assignable
from flowlang.types.join import join, join_all, optional, union
from flowlang.types.model import Field, Int, List, LiteralOf, Map, RecordOf, Secret, String
from flowlang.types.show import show

if TYPE_CHECKING:
    from flowlang.types.model import Type


def literal(value: str | int | float | bool) -> LiteralOf:
    return LiteralOf(value, "string" if isinstance(value, str) else type(value).__name__)


def record(name: str = "", exact: bool = False, **fields: Type) -> RecordOf:
    return RecordOf(name, tuple(Field(n, t) for n, t in fields.items()), exact)


LEAD = record("Lead", id=model.STRING, score=Int(ge=0, le=100), phone=optional(model.STRING))
DESK = union([literal("auto"), literal("home")])
SUNNY = record(kind=literal("sun"), hours=model.INT)
RAINY = record(kind=literal("rain"), litres=model.FLOAT)
WEATHER = union([SUNNY, RAINY])


@pytest.mark.parametrize(
    ("source", "target", "verdict", "sentence"),
    [
        (model.INT, model.FLOAT, YES, ""),
        (model.FLOAT, model.INT, NO, "float is not int"),
        (model.INT, Int(ge=0), CHECK, ""),
        (Int(ge=1), Int(ge=0), YES, ""),
        (Int(le=-1), Int(ge=0), NO, "int(le=-1) is not int(ge=0)"),
        (literal(-1), Int(ge=0), NO, "-1 is less than 0"),
        (literal("x"), String(min_length=2), NO, "'x': 1 character, fewer than 2"),
        (literal("a@b.de"), String(format="email"), YES, ""),
        (literal("ab"), String(format="email"), NO, "'ab': the text is not an e-mail address"),
        (literal(True), model.INT, NO, "true is not int"),
        (model.STRING, DESK, NO, "string may be other than 'auto' | 'home'"),
        (literal("life"), DESK, NO, "'life' is not 'auto' | 'home'"),
        (DESK, model.STRING, YES, ""),
        (model.ANY, LEAD, CHECK, ""),
        (optional(model.ANY), model.ANY, NO, "the value may be none, which is not any"),
        (LEAD, model.ANY, YES, ""),
        (optional(model.STRING), model.STRING, NO, "the value may be none, which is not string"),
        (model.STRING, model.URL, NO, "string is not url"),
        (model.URL, model.STRING, YES, ""),
        (model.DATE, model.DATETIME, NO, "date is not datetime"),
        (Secret(model.STRING), model.STRING, NO, "a secret may not become string"),
        (Secret(model.STRING), Secret(model.ANY), YES, ""),
        (Secret(model.URL), Secret(model.STRING), YES, ""),
        (model.STRING, Secret(model.STRING), YES, ""),
        (record(a=Secret(model.STRING)), model.ANY, NO, "field `a`: a secret may not go into any"),
        (record(a=Secret(model.STRING)), Secret(Map(model.STRING)), YES, ""),
        (record(id=model.INT, score=model.INT), LEAD, NO, "field `id`: int is not string"),
        (record(id=model.STRING), LEAD, NO, "field `score` of Lead is missing"),
        (List(record(x=model.INT)), List(record(x=model.STRING)), NO, "field `[].x`: int is not string"),
        (record(a=model.INT, b=model.INT), record(exact=True, a=model.INT), NO, None),
        (record(kind=literal("sun"), hours=model.STRING), WEATHER, NO, "field `hours`: string is not int"),
        (
            record(kind=union([literal("sun"), literal("rain")]), hours=model.INT, litres=model.FLOAT),
            WEATHER,
            YES,
            "",
        ),
        (Map(model.ANY), LEAD, CHECK, ""),
        (Map(model.STRING), record(a=model.STRING), NO, "map[string] is not { a: string }"),
        (record(a=optional(model.INT)), Map(model.INT), NO, "field `a`: the value may be none, which is not int"),
        (List(model.NEVER, 0, 0), List(model.STRING), YES, ""),
        (literal("0 9 * * mon-fri"), model.CRON, YES, ""),
        (literal("0 9 * *"), model.CRON, NO, None),
    ],
)
def test_assignable(source: Type, target: Type, verdict: str, sentence: str | None) -> None:
    found = assignable(source, target)
    assert found.verdict == verdict
    if sentence is not None:
        assert found.sentence == sentence


def test_a_record_with_more_fields_is_projected() -> None:
    found = assignable(List(record(a=model.INT, b=model.INT)), List(record(a=model.INT)))
    assert found.verdict == YES
    assert found.needs_check


def test_a_default_fills_what_is_missing_or_none() -> None:
    target = RecordOf("", (Field("a", model.INT, (5,)),))
    assert assignable(record(), target).needs_check
    assert assignable(record(a=optional(model.INT)), target).needs_check


def test_two_types_of_one_name_are_written_out() -> None:
    found = assignable(List(record("Lead", a=model.INT)), Map(model.INT))
    assert found.sentence == "list[Lead] is not map[int]"
    same_name = assignable(record("Lead", a=model.INT), union([record("Lead", a=model.STRING), literal("x")]))
    assert not same_name.ok


@pytest.mark.parametrize(
    ("a", "b", "joined"),
    [
        (model.INT, model.FLOAT, "float"),
        (literal("a"), literal("b"), "'a' | 'b'"),
        (literal("a"), model.STRING, "string"),
        (literal(1), model.FLOAT, "float"),
        (literal(1), literal(2.5), "1 | 2.5"),
        (literal(True), literal(False), "bool"),
        (model.ANY, model.STRING, "any"),
        (model.ANY, model.NONE, "any?"),
        (model.NEVER, model.INT, "int"),
        (Int(ge=0), Int(le=5), "int"),
        (List(model.INT, 2, 2), List(model.INT, 3, 3), "list[int](min_length=2, max_length=3)"),
        (List(model.INT), List(model.STRING), "list[int] | list[string]"),
        (List(model.NEVER, 0, 0), List(model.STRING), "list[string]"),
        (model.DATE, model.STRING, "date | string"),
        (optional(model.INT), literal(3), "int?"),
    ],
)
def test_join(a: Type, b: Type, joined: str) -> None:
    assert show(join(a, b)) == joined


def test_over_eight_literals_become_their_base() -> None:
    assert show(join_all(literal(i) for i in range(8))).count("|") == 7
    assert show(join_all(literal(i) for i in range(9))) == "int"


def test_many_records_of_one_shape_become_one() -> None:
    assert show(join_all(record(id=literal(i), text=model.STRING) for i in range(9))) == "{ id: int, text: string }"
