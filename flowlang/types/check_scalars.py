"""Checks of values without parts: numbers, texts, instants, literals, and JSON of any shape.

A check takes a value and the list its problems go to, and gives the value to go on with: the same object unless it must
change. `quiet` checks never show a value: it is a secret's.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any as AnyValue
from typing import Final

from flowlang.types import constraints, model
from flowlang.types.constraints import INT_MAX, INT_MIN
from flowlang.types.formats import cron_problem, is_date, is_unicode, url_problem
from flowlang.types.instants import read_datetime, read_duration
from flowlang.types.show import quote, show_literal

MOST_PROBLEMS: Final = 100
DEEPEST: Final = 200
ABSENT: Final = object()
NOT_UNICODE: Final = "the text is not Unicode: it holds half a surrogate pair"

Problems = list[tuple[str, str]]
# A value and the list its problems go to, each as (path beneath the value, sentence); gives the value to go on with.
Check = Callable[[AnyValue, Problems], AnyValue]


def kind_of(value: object) -> str:
    """The JSON kind of a value, in the language's words."""
    return _KIND_NAMES.get(type(value), type(value).__name__)


_KIND_NAMES: Final[dict[type, str]] = {
    str: "text",
    int: "an int",
    float: "a float",
    bool: "a bool",
    list: "a list",
    dict: "a map",
    type(None): "none",
}


def got(value: object, *, quiet: bool) -> str:
    if quiet or isinstance(value, (list, dict)) or value is None:
        return kind_of(value)
    if isinstance(value, str):
        return f"text {quote(value if len(value) <= 40 else value[:39] + '…')}"
    return show_literal(value) if isinstance(value, (bool, int, float)) else kind_of(value)


def wanted(what: str, value: object, *, quiet: bool) -> tuple[str, str]:
    return ("", f"expected {what}, got {got(value, quiet=quiet)}")


def under(problems: Problems, start: int, prefix: str) -> None:
    """Put the path of a part before the problems found in it."""
    for index in range(start, len(problems)):
        path, text = problems[index]
        problems[index] = (prefix + path, text)


def key_path(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{quote(name)}]"


def never(value: AnyValue, problems: Problems) -> AnyValue:
    problems.append(("", "no value may stand here"))
    return value


def any_json(value: AnyValue, problems: Problems) -> AnyValue:
    """Accept JSON only: values of Python code, finite numbers of 64 bits and Unicode are told apart here."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        if not value.isascii() and not is_unicode(value):
            problems.append(("", NOT_UNICODE))
    elif kind is dict or kind is list:
        _json(value, problems, 0)
    elif kind is int:
        if not INT_MIN <= value <= INT_MAX:
            problems.append(("", "the number does not fit 64 bits"))
    elif kind is float:
        if not isfinite(value):
            problems.append(("", "a number must be finite"))
    elif isinstance(value, dict):
        _json(value, problems, 0)
    else:
        problems.append(("", f"{kind.__name__} is no JSON value"))
    return value


def _json(value: AnyValue, problems: Problems, depth: int) -> None:
    if depth > DEEPEST:
        problems.append(("", f"nested deeper than {DEEPEST} levels"))
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        kind = type(inner)
        if (kind is str and inner.isascii()) or inner is None or kind is bool:
            continue
        before = len(problems)
        if kind is dict or kind is list:
            _json(inner, problems, depth + 1)
        else:
            any_json(inner, problems)
        if len(problems) != before:
            under(problems, before, f".{key}" if isinstance(value, dict) else f"[{key}]")
            if before >= MOST_PROBLEMS:
                return
    if isinstance(value, dict):
        if not all(type(k) is str for k in value):
            problems.append(("", "a map's keys must be text"))
        elif not all(k.isascii() or is_unicode(k) for k in value):
            problems.append(("", f"a key: {NOT_UNICODE}"))


def exactly(kind: type, what: str, *, quiet: bool) -> Check:
    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not kind:
            problems.append(wanted(what, value, quiet=quiet))
        return value

    return check


def int_of(of: model.Int, *, quiet: bool) -> Check:
    bounded = of != model.INT

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        kind = type(value)
        if kind is float and value.is_integer():
            value, kind = int(value), int
        if kind is not int:
            problems.append(wanted("an int", value, quiet=quiet))
        elif not INT_MIN <= value <= INT_MAX:
            problems.append(("", "the number does not fit 64 bits"))
        elif bounded:
            found = constraints.number_problem(of, value)
            if found is not None:
                problems.append(("", "the number is out of bounds" if quiet else found))
        return value

    return check


def float_of(of: model.Float, *, quiet: bool) -> Check:
    bounded = of != model.FLOAT

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not float and type(value) is not int:
            problems.append(wanted("a number", value, quiet=quiet))
        elif not (isfinite(value) if type(value) is float else INT_MIN <= value <= INT_MAX):
            problems.append(("", "the number must be finite and of 64 bits"))
        elif bounded:
            found = constraints.number_problem(of, value)
            if found is not None:
                problems.append(("", "the number is out of bounds" if quiet else found))
        return value

    return check


def string_of(of: model.String, *, quiet: bool) -> Check:
    bounded = of != model.STRING

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not str:
            problems.append(wanted("text", value, quiet=quiet))
        elif not value.isascii() and not is_unicode(value):
            problems.append(("", NOT_UNICODE))
        elif bounded:
            found = constraints.text_problem(of, value)
            if found is not None:
                problems.append(("", found))
        return value

    return check


def of_text(of: model.Type, *, quiet: bool) -> Check:
    read, what = _READERS[type(of)]
    is_duration = isinstance(of, model.Duration)
    is_inside = is_duration and of != model.WRITTEN_DURATION

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is str:
            found = read(value)
            if found is not None:
                return found
        elif is_inside and type(value) is int and INT_MIN <= value <= INT_MAX:
            return value
        elif is_duration and type(value) in (int, float):
            problems.append(wanted(f"{what}, written as text", value, quiet=quiet))
            return value
        problems.append(wanted(what, value, quiet=quiet))
        return value

    return check


_READERS: Final[dict[type, tuple[Callable[[str], object], str]]] = {
    model.Datetime: (read_datetime, "a date and time with its zone, such as 2026-01-31T09:00:00Z"),
    model.Date: (lambda text: text if is_date(text) else None, "a date such as 2026-01-31"),
    model.Duration: (read_duration, "a duration such as 30s or PT1H30M"),
    model.Url: (lambda text: text if url_problem(text) is None and is_unicode(text) else None, "an http or https URL"),
    model.Cron: (lambda text: text if cron_problem(text) is None else None, "a cron expression of five fields"),
}


def bytes_of(of: model.Bytes, *, quiet: bool) -> Check:
    from binascii import Error, a2b_base64

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not str:
            problems.append(wanted("base64 text", value, quiet=quiet))
            return value
        try:
            size = len(a2b_base64(value.encode("ascii"), strict_mode=True))
        except (Error, UnicodeEncodeError):
            problems.append(wanted("base64 text", value, quiet=quiet))
            return value
        found = constraints.size_problem(of, size, "bytes")
        if found is not None:
            problems.append(("", found))
        return value

    return check


def literals_of(literals: tuple[model.LiteralOf, ...], *, quiet: bool) -> Check:
    """Literals by value and kind: 1, 1.0 and true are three things, but 1.0 enters the int literal 1."""
    table: dict[tuple[type, object], object] = {(type(m.value), m.value): m.value for m in literals}
    for m in literals:
        if m.kind == "int":
            table.setdefault((float, m.value), m.value)
        elif m.kind == "float":
            table.setdefault((int, m.value), m.value)
    what = " | ".join(show_literal(m.value) for m in literals)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        try:
            found = table.get((type(value), value), ABSENT)
        except TypeError:
            found = ABSENT
        if found is ABSENT:
            problems.append(wanted(what, value, quiet=quiet))
            return value
        return value if type(found) is type(value) else found

    return check
