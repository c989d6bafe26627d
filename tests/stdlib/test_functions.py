"""Functions against Jinja2 where they mean the same, and by themselves where we differ in writing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from flowlang.runtime.errors import RunError
from flowlang.runtime.functions import FUNCTIONS

JINJA = Environment(undefined=StrictUndefined)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = st.text(st.sampled_from("aA bB-(.\u00df\n\u00e9"), max_size=16)
NUMBERS = st.integers(-1000, 1000) | st.floats(-1e6, 1e6, allow_nan=False)
ROWS = st.lists(st.fixed_dictionaries({"n": st.integers(-3, 3), "s": st.sampled_from(["a", "A", "b", ""])}), max_size=6)


def jinja(name: str, value: Any, *args: Any, **named: Any) -> Any:
    result = JINJA.compile_expression(f"value | {name}(*args, **named)")(value=value, args=args, named=named)
    return list(result) if hasattr(result, "__next__") else result


def ours(name: str, *args: Any, **named: Any) -> Any:
    return FUNCTIONS[name](*args, **named)


@pytest.mark.parametrize("name", ["lower", "upper", "capitalize", "title", "trim", "wordcount", "length", "urlencode"])
@given(text=TEXT | WORDS)
def test_texts_as_jinja2(name: str, text: str) -> None:
    assert ours(name, text) == jinja(name, text)


@given(WORDS, st.sampled_from(["a", "ab", " ", ""]), st.sampled_from(["", "x", "aa"]), st.none() | st.integers(0, 3))
def test_replace_as_jinja2(text: str, old: str, new: str, count: int | None) -> None:
    assert ours("replace", text, old, new, count) == jinja("replace", text, old, new, count)


@given(WORDS, st.integers(3, 12), st.booleans(), st.integers(0, 5))
def test_truncate_as_jinja2(text: str, length: int, killwords: bool, leeway: int) -> None:
    assert ours("truncate", text, length, killwords, "...", leeway) == jinja(
        "truncate", text, length, killwords, "...", leeway
    )


@given(st.lists(st.integers(), max_size=9), st.integers(1, 5), st.none() | st.integers(0, 2))
def test_batch_and_slice_as_jinja2(items: list[int], size: int, fill: int | None) -> None:
    assert ours("batch", items, size, fill) == jinja("batch", items, size, fill)
    assert ours("slice", items, size, fill) == jinja("slice", items, size, fill)


@given(NUMBERS, st.integers(0, 4), st.sampled_from(["common", "ceil", "floor"]))
def test_round_as_jinja2(number: float, precision: int, method: str) -> None:
    assert ours("round", number, precision, method) == jinja("round", number, precision, method)


@given(NUMBERS | TEXT | st.sampled_from(["0x1f", " 12 ", "1e3", "1_0", "077"]), st.sampled_from([10, 8, 16]))
@example("1E100", 10)
@example("-9223372036854775808", 10)
@example("inf", 10)
def test_int_and_float_as_jinja2(value: Any, base: int) -> None:
    theirs = jinja("int", value, 7, base)
    if -(2**63) <= theirs < 2**63:
        assert ours("int", value, 7, base) == theirs
    else:
        with pytest.raises(RunError) as raised:
            ours("int", value, 7, base)
        assert raised.value.code == "overflow"
    theirs = jinja("float", value, 7.5)
    assert ours("float", value, 7.5) == (theirs if abs(theirs) < 1e308 else 7.5)


@given(st.lists(st.text("aAbB", max_size=2), max_size=6), st.booleans(), st.booleans())
def test_order_as_jinja2(items: list[str], reverse: bool, case: bool) -> None:
    assert ours("sort", items, reverse, case) == jinja("sort", items, reverse, case)
    assert ours("unique", items, case) == jinja("unique", items, case)
    if items:
        assert ours("min", items, case) == jinja("min", items, case)
        assert ours("max", items, case) == jinja("max", items, case)


@given(ROWS, st.booleans())
def test_rows_as_jinja2(rows: list[dict[str, Any]], case: bool) -> None:
    assert ours("map", rows, attribute="n") == jinja("map", rows, attribute="n")
    assert ours("sum", rows, "n") == jinja("sum", rows, "n")
    assert ours("sort", rows, False, case, "s,n") == jinja("sort", rows, False, case, "s,n")
    assert ours("join", rows, "-", "s") == jinja("join", rows, "-", "s")
    assert ours("selectattr", rows, "s") == jinja("selectattr", rows, "s")
    assert ours("rejectattr", rows, "n", "ge", 0) == jinja("rejectattr", rows, "n", "ge", 0)
    assert ours("selectattr", rows, "n", "in", [0, 1]) == jinja("selectattr", rows, "n", "in", [0, 1])
    theirs = [{"grouper": key, "list": members} for key, members in jinja("groupby", rows, "s", case_sensitive=case)]
    assert ours("groupby", rows, "s", case) == theirs


@given(
    st.dictionaries(st.text("aAbB", min_size=1, max_size=2), st.integers(0, 9), max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_dictsort_as_jinja2(m: dict[str, int], case: bool, reverse: bool) -> None:
    for by in ("key", "value"):
        theirs = [{"key": k, "value": v} for k, v in jinja("dictsort", m, case, by, reverse)]
        assert ours("dictsort", m, case, by, reverse) == theirs


@given(st.lists(st.integers(-5, 5) | st.booleans() | st.floats(-2, 2) | st.none() | TEXT, max_size=6))
def test_choosing_as_jinja2(items: list[Any]) -> None:
    for test in ("string", "number", "none", "boolean", "true", "false", "mapping"):
        theirs = [x for x in jinja("select", items, test) if not (test == "number" and isinstance(x, bool))]
        assert ours("select", items, test) == theirs
    assert ours("select", items) == jinja("select", items)
    assert ours("reject", items) == jinja("reject", items)


@given(st.none() | st.booleans() | st.integers(-1, 1) | st.sampled_from(["", "x"]), st.booleans())
def test_default_replaces_none_too(value: Any, boolean: bool) -> None:
    assert ours("default", value, "d", boolean) == ("d" if value is None else jinja("default", value, "d", boolean))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
        lambda i: st.lists(i) | st.dictionaries(TEXT, i),
        max_leaves=5,
    )
)
def test_json_there_and_back(value: Any) -> None:
    assert ours("json.parse", ours("tojson", value)) == value


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("range", (10**9,), "1,000,000,000 items"),
        ("range", (0, 2**80), "items"),
        ("range", (0, 5, 0), "step by 0"),
        ("replace", ("a" * 10_000, "a", "b" * 10_000), "longer than"),
        ("join", (["x"] * 100_000, "y" * 100), "longer than"),
        ("join", (["x", None],), "item 1 is none"),
        ("slice", ([1], 10**9), "items"),
        ("batch", ([1], 10**9, 0), "items"),
        ("sort", ([1, "a"],), "no common order"),
        ("sort", ([1, None],), "none has no order"),
        ("sort", ([True, 1],), "no common order"),
        ("sum", ([True],), "wants numbers"),
        ("sum", ([2**62, 2**62],), "64 bits"),
        ("abs", (-(2**63),), "64 bits"),
        ("math.sqrt", (-1,), "square root"),
        ("math.log", (0,), "logarithm"),
        ("math.exp", (10_000,), "finite"),
        ("truncate", ("abcdef", 2), "no room"),
        ("matches", ("a", "("), "does not compile"),
        ("split", ("a", ""), "separator is empty"),
        ("datetime", ("2026-01-01T00:00:00",), "zone"),
        ("date", ("x",), "not a date"),
        ("duration", ("x",), "not a duration"),
        ("url", ("x",), "not a url"),
        ("url", ("https://256.1.1.1/",), "not an address"),
        ("json.parse", ("{'a': 1}",), "not JSON"),
        ("json.parse", ("NaN",), "not JSON"),
        ("json.parse", ("1e999",), "finite"),
        ("json.parse", ("[" * 1000,), "not JSON"),
        ("json.parse", ("99999999999999999999",), "number 99999999999999999999 does not fit an int of 64 bits"),
        ("json.parse", ("9" * 40,), "number 99999999999999999999999… does not fit"),
        ("time.format", ("2026-01-31T09:00:00.000000Z", "%s"), "no directive"),
        ("time.format", ("2026-01-31T09:00:00.000000Z", "%Y", "Mars/Base"), "no time zone"),
        ("time.parse", ("x", "%Y"), "does not follow"),
        ("time.parse", ("1 1", "%d %d"), "does not follow"),
        ("split", ("a" * 2_000_000, "a"), "items"),
        ("rename", ({"a": 1, "b": 2}, {"a": "b"}), "two keys"),
        ("text.from_base64", ("???",), "base64"),
        ("is_divisibleby", (1, 0), "division by zero"),
        ("map", (["a"], "nope"), "no filter"),
    ],
)  # fmt: skip
def test_faults(name: str, args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(RunError, match=message) as caught:
        FUNCTIONS[name](*args)
    assert caught.value.kind == "fault"


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("first", ([],), None),
        ("last", ([1, 2],), 2),
        ("get", ({"a": 1}, "b"), None),
        ("avg", ([],), None),
        ("avg", ([1, 2],), 1.5),
        ("round", (2,), 2.0),
        ("range", (3,), [0, 1, 2]),
        ("range", (1, 7, 3), [1, 4]),
        ("zip", ([1, 2], ["a"]), [{"first": 1, "second": "a"}]),
        ("merge", ({"a": {"b": 1}}, {"a": {"c": 2}}, True), {"a": {"b": 1, "c": 2}}),
        ("merge", ({"a": {"b": 1}}, {"a": {"c": 2}}), {"a": {"c": 2}}),
        ("unique", ([1, 1.0, True, "a", "A"],), [1, True, "a"]),
        ("map", ([{"a": {"b": 1}}, {}], None, None, "a.b"), [1, None]),
        ("map", (["1.5", "2"], "float"), [1.5, 2.0]),
        ("map", ([1.26], "round", 1), [1.3]),
        ("select", (["a@b.de", "x"], "validate.email"), ["a@b.de"]),
        ("select", ([1, None], "eq", None), [None]),
        ("string", (True,), "true"),
        ("string", ({"a": [1, None]},), '{"a": [1, null]}'),
        ("urlencode", ({"a b": "c/d", "e": 1},), "a+b=c%2Fd&e=1"),
        ("is_in", (1, [True]), False),
        ("is_eq", (1, 1.0), True),
        ("is_eq", (1, True), False),
        ("math.clamp", (5, 0, 3), 3),
        ("math.median", ([3, 1, 2],), 2.0),
        ("math.deviation", ([2, 4],), 1.0),
        ("json.pointer", ({"a": [{"b/c": 1}]}, "/a/0/b~1c"), 1),
        ("json.pointer", ({"a": []}, "/a/5"), None),
        ("json.merge_patch", ({"a": 1, "b": 2}, {"a": None, "c": {"d": None}}), {"b": 2, "c": {}}),
        ("validate.missing", ({"a": "", "b": 0, "c": None}, ["a", "b", "c", "d"]), ["a", "c", "d"]),
        ("validate.range", (5, 1, 5), True),
        ("text.slug", ("Grüße, Welt!",), "grusse-welt"),
        ("text.number", (-1234567.891, 1, ".", ","), "-1.234.567,9"),
        ("text.hmac_sha256", ("what do ya want for nothing?", "Jefe"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ("time.parts", ("2026-03-29T00:30:00.000000Z", "Europe/Berlin"),
         {"year": 2026, "month": 3, "day": 29, "hour": 1, "minute": 30, "second": 0, "weekday": "sun"}),
        ("time.format", ("2026-07-01T22:30:00.000000Z", "%Y-%m-%d %H:%M", "Europe/Berlin"), "2026-07-02 00:30"),
        ("time.parse", ("02.07.2026 00:30", "%d.%m.%Y %H:%M", "Europe/Berlin"), "2026-07-01T22:30:00.000000Z"),
        ("time.start_of", ("2026-07-01T22:30:00.000000Z", "month", "Europe/Berlin"), "2026-06-30T22:00:00.000000Z"),
        ("time.start_of", ("2026-07-01T22:30:00.000000Z", "week"), "2026-06-29T00:00:00.000000Z"),
        ("time.from_timestamp", (0.5,), "1970-01-01T00:00:00.500000Z"),
        ("time.to_timestamp", ("1970-01-01T00:00:00.500000Z",), 0.5),
        ("date", ("2026-01-31T23:00:00-02:00",), "2026-02-01"),
        ("duration", ("1h30m",), 5_400_000_000),
    ],
)  # fmt: skip
def test_values(name: str, args: tuple[Any, ...], expected: Any) -> None:
    result = FUNCTIONS[name](*args)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("text.slug", ("a" + "\u0301" * 200_000 + "\u0327" * 200_000 + "b",), "ab"),
        ("trim", ("x" * 2_000_000, "".join(map(chr, range(0x4E00, 0x9000))) * 80 + "x"), ""),
        ("is_in", (list(range(100_000)), list(range(100_000))), False),
        ("wordcount", ("ab " * 500_000,), 500_000),
    ],
)  # fmt: skip
def test_hostile_arguments_take_linear_time(name: str, args: tuple[Any, ...], expected: Any) -> None:
    """What takes quadratic time is at it for minutes, and is stopped as every test is."""
    assert FUNCTIONS[name](*args) == expected


@given(WORDS, st.sampled_from([None, "", " ", "aA", "abcdefghijklmnop qrs-"]))
def test_trim_is_that_of_python(text: str, chars: str | None) -> None:
    assert ours("trim", text, chars) == text.strip(chars)


def test_fail_passes_a_caught_error_on() -> None:
    with pytest.raises(RunError) as caught:
        FUNCTIONS["fail"]({"kind": "http", "message": "m", "status": 404, "response": {"status": 404}})
    assert (caught.value.kind, caught.value.status) == ("http", 404)
    with pytest.raises(RunError) as plain:
        FUNCTIONS["fail"]("no", "x")
    assert (plain.value.kind, plain.value.code, plain.value.message) == ("failed", "x", "no")


def test_arguments_are_never_changed() -> None:
    rows = [{"a": 2}, {"a": 1}]
    nested = {"a": {"b": 1}}
    for name, args in (
        ("sort", (rows, False, False, "a")),
        ("reverse", (rows,)),
        ("batch", (rows, 3, {})),
        ("merge", (nested, {"a": {"c": 1}}, True)),
        ("json.merge_patch", (nested, {"a": {"b": None}})),
    ):
        FUNCTIONS[name](*args)
    assert rows == [{"a": 2}, {"a": 1}]
    assert nested == {"a": {"b": 1}}


def test_a_number_of_too_many_digits_is_told_as_such() -> None:
    with pytest.raises(RunError, match="the text is not JSON: a number has too many digits at line 2 column"):
        ours("json.parse", "[1,\n" + "9" * 6000 + "]")
