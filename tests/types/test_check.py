"""The run-time checker: what it refuses, with paths, and what it projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowlang.types import model
from flowlang.types.check import checker
from flowlang.types.instants import read_datetime, read_duration, show_duration, write_duration
from flowlang.types.join import optional, union
from flowlang.types.model import Field, Int, List, LiteralOf, Map, RecordOf, Secret, String

if TYPE_CHECKING:
    from flowlang.types.model import Type

ITEM = RecordOf("Item", (Field("price", model.FLOAT), Field("name", String(min_length=1))))
ORDER = RecordOf(
    "Order", (Field("items", List(ITEM)), Field("at", model.DATETIME), Field("note", optional(model.STRING)))
)
SUN = RecordOf("", (Field("kind", LiteralOf("sun", "string")), Field("hours", model.INT)))
RAIN = RecordOf("", (Field("kind", LiteralOf("rain", "string")), Field("litres", model.FLOAT)))


def problems(of: Type, value: Any) -> list[str]:
    return [str(p) for p in checker(of).check(value)[1]]


def projected(of: Type, value: Any) -> Any:
    result, found = checker(of).check(value)
    assert not found
    return result


def test_all_problems_are_reported_with_their_paths() -> None:
    value = {"items": [{"price": 1, "name": "a"}, {"price": "1", "name": ""}], "at": "2026-01-01"}
    assert problems(ORDER, value) == [
        "items[1].price: expected a number, got text '1'",
        "items[1].name: 0 characters, fewer than 1",
        "at: expected a date and time with its zone, such as 2026-01-31T09:00:00Z, got text '2026-01-01'",
    ]


HALF = "the text is not Unicode: it holds half a surrogate pair"


@pytest.mark.parametrize(
    ("of", "value", "problem"),
    [
        (model.STRING, "x\ud800", HALF),
        (String(max_length=5), "\udcff", HALF),
        (model.ANY, "\ud800", HALF),
        (model.ANY, {"a": ["\ud800"]}, f"a[0]: {HALF}"),
        (model.ANY, [{"\ud800": 1}], f"[0]: a key: {HALF}"),
        (Map(model.INT), {"\ud800": 1}, f"a key: {HALF}"),
        (ITEM, {"price": 1, "name": "\ud800"}, f"name: {HALF}"),
        (optional(model.STRING), "\ud800", HALF),
        (model.URL, "https://a.example/\ud800", "expected an http or https URL, got text 'https://a.example/\\ud800'"),
        (Secret(model.STRING), "\ud800", HALF),
    ],
)
def test_half_a_surrogate_pair_is_no_text(of: Type, value: Any, problem: str) -> None:
    assert problems(of, value) == [problem]


@pytest.mark.parametrize("of", [model.STRING, String(max_length=5), model.ANY, optional(model.STRING)])
def test_any_character_is_text(of: Type) -> None:
    assert projected(of, "ü\U0001f600\0") == "ü\U0001f600\0"


def test_extra_keys_go_and_the_value_given_stays() -> None:
    value = {"items": [{"price": 1, "name": "a", "x": 1}], "at": "2026-01-01T10:00:00+02:00", "y": 2}
    assert projected(ORDER, value) == {"items": [{"price": 1, "name": "a"}], "at": "2026-01-01T08:00:00.000000Z"}
    assert value["items"][0]["x"] == 1


def test_an_exact_record_names_extra_keys() -> None:
    assert problems(RecordOf("", (), exact=True), {"x": 1}) == ["x: the field is not one of the type"]


def test_an_absent_optional_key_stays_absent() -> None:
    assert projected(RecordOf("", (Field("a", optional(model.INT)),)), {}) == {}


@pytest.mark.parametrize(("given", "expected"), [({}, 5), ({"a": None}, 5), ({"a": 7}, 7)])
def test_a_default_fills_in(given: dict[str, Any], expected: int) -> None:
    assert projected(RecordOf("", (Field("a", model.INT, (5,)),)), given) == {"a": expected}


@pytest.mark.parametrize(
    ("of", "value", "expected"),
    [
        (model.INT, 5.0, 5),
        (model.FLOAT, 5, 5),
        (union([model.INT, model.FLOAT]), 5.0, 5.0),
        (LiteralOf(1, "int"), 1.0, 1),
        (model.DURATION, "PT1M", 60_000_000),
        (model.DURATION, 5, 5),
        (Secret(model.INT), 2.0, 2),
    ],
)
def test_numbers_enter_as_their_type(of: Type, value: Any, expected: Any) -> None:
    result = projected(of, value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (model.INT, True),
        (model.FLOAT, True),
        (model.BOOL, 1),
        (model.INT, 5.5),
        (model.INT, 2**63),
        (model.INT, "5"),
        (model.FLOAT, float("nan")),
        (model.FLOAT, float("inf")),
        (model.ANY, float("nan")),
        (model.ANY, {"a": {1: 2}}),
        (model.ANY, [object()]),
        (LiteralOf(1, "int"), True),
        (LiteralOf(True, "bool"), 1),
        (model.STRING, None),
        (model.DATE, "2026-02-30"),
        (model.URL, "ftp://x.example/"),
        (model.BYTES, "???"),
        (Map(model.INT), {"a": "b"}),
        (Int(ge=3), 2),
        (model.NEVER, None),
    ],
)
def test_refused(of: Type, value: Any) -> None:
    assert problems(of, value)


def test_a_discriminator_chooses_whose_problems_are_told() -> None:
    either = union([SUN, RAIN])
    assert problems(either, {"kind": "rain", "litres": "x"}) == ["litres: expected a number, got text 'x'"]
    assert problems(either, {"kind": "snow"}) == ["kind: expected 'sun' | 'rain', got text 'snow'"]
    assert problems(either, {}) == ["kind: the field is missing"]


def test_a_literal_that_is_missed_is_not_all_that_was_wanted() -> None:
    either = union([LiteralOf("full", "string"), model.INT])
    assert problems(either, "half") == ["expected 'full' | int, got text 'half'"]
    assert problems(either, "full") == problems(either, 3) == []
    assert "'half'" not in problems(Secret(either), "half")[0]


def test_a_secret_is_never_shown() -> None:
    assert "hunter2" not in " ".join(problems(Secret(model.INT), "hunter2"))
    assert "hunter2" not in " ".join(problems(Secret(RecordOf("", (Field("a", model.INT),))), {"a": "hunter2"}))


def test_deep_values_are_refused_not_crashed_upon() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]
    assert "nested deeper" in problems(model.ANY, value)[0]


def test_problems_are_capped() -> None:
    assert len(problems(List(model.INT), ["x"] * 10_000)) == 100


def test_the_same_object_comes_back_when_nothing_changes() -> None:
    value = {"items": [{"price": 1.5, "name": "a"}] * 3, "at": "2026-01-01T08:00:00.000000Z"}
    assert projected(ORDER, value) is value


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("PT0S", 0),
        ("PT1H30M", 5_400_000_000),
        ("P1DT0.5S", 86_400_500_000),
        ("-PT5S", -5_000_000),
        ("P2W", 1_209_600_000_000),
        ("P106751991DT4H54.775807S", 2**63 - 1),
        ("-P106751991DT4H54.775808S", -(2**63)),
    ],
)
def test_durations_as_iso_text(text: str, micros: int) -> None:
    assert read_duration(text) == micros
    assert read_duration(write_duration(micros)) == micros


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1Y", "P1M", "PT1X", "1", "5 s", "1h1h", "PT1S1M", "0.0000001s", "P1DT", "x"),
        "P106751991DT4H54.775808S",
        "-P106751991DT4H54.775809S",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    assert read_duration(text) is None


@pytest.mark.parametrize(
    ("micros", "text"), [(0, "0s"), (5_400_000_000, "1h30m"), (250_000, "250ms"), (-1_500_000, "-1s500ms")]
)
def test_durations_for_people(micros: int, text: str) -> None:
    assert show_duration(micros) == text
    assert read_duration(text) == micros


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00.000000Z"),
        ("2026-01-31t09:00:00.5+01:00", "2026-01-31T08:00:00.500000Z"),
        ("2026-01-31T09:00:00", None),
        ("2026-01-31", None),
        ("2026-13-31T09:00:00Z", None),
        ("2026-01-31T09:00:60Z", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("x", None),
    ],
)
def test_datetimes_are_brought_to_utc(text: str, expected: str | None) -> None:
    assert read_datetime(text) == expected
