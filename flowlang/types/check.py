"""The run-time checker: a type becomes a closure that validates a value and projects it.

A value that enters a record loses its extra keys (an exact record refuses them), `5.0` enters an int as 5, a datetime
becomes UTC text, a duration microseconds. All problems are collected, each with its path (`items[3].price: …`), at
most `MOST_PROBLEMS`. A value that need not change comes back as the same object; values are never changed in place.
Problems of a secret never show it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any as AnyValue
from typing import Final

from flowlang.types import constraints, model
from flowlang.types.assign import discriminators, is_optional
from flowlang.types.codec import from_json
from flowlang.types.constraints import INT_MAX, INT_MIN
from flowlang.types.formats import cron_problem, is_date, url_problem
from flowlang.types.instants import read_datetime, read_duration
from flowlang.types.show import quote, show, show_literal

MOST_PROBLEMS: Final = 100
DEEPEST: Final = 200
_ABSENT: Final = object()

Problems = list[tuple[str, str]]
Tags = dict[tuple[str, str | float], model.RecordOf]
# A value and the list its problems go to, each as (path beneath the value, sentence); gives the value to go on with.
Check = Callable[[AnyValue, Problems], AnyValue]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a path: '' is the value itself, else `items[3].price`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Checker:
    """One type, ready to check values."""

    __slots__ = ("_check", "type")

    def __init__(self, of: model.Type) -> None:
        self.type = of
        self._check = _build(of, quiet=False)

    def check(self, value: object) -> tuple[object, list[Problem]]:
        """Give the projected value and all problems; with problems, the value means nothing."""
        problems: Problems = []
        result = self._check(value, problems)
        return result, [Problem(path.removeprefix("."), text) for path, text in problems[:MOST_PROBLEMS]]


@lru_cache(maxsize=1024)
def checker(of: model.Type) -> Checker:
    """The checker of a type."""
    return Checker(of)


def checker_of_json(data: object) -> Checker:
    """The checker of a type in its JSON form."""
    return checker(from_json(data))


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


def _build(of: model.Type, *, quiet: bool) -> Check:
    match of:
        case model.Any():
            return _any
        case model.Secret():
            return _build(of.inner, quiet=True)
        case model.Bool():
            return _exactly(bool, "a bool", quiet=quiet)
        case model.NoneType():
            return _exactly(type(None), "none", quiet=quiet)
        case model.Int():
            return _int(of, quiet=quiet)
        case model.Float():
            return _float(of, quiet=quiet)
        case model.String():
            return _string(of, quiet=quiet)
        case model.LiteralOf():
            return _literals((of,), quiet=quiet)
        case model.List():
            return _list(of, quiet=quiet)
        case model.Map():
            return _map(of, quiet=quiet)
        case model.RecordOf():
            return _record(of, quiet=quiet)
        case model.Union():
            return _union(of, quiet=quiet)
        case model.Bytes():
            return _bytes(of, quiet=quiet)
        case model.Datetime() | model.Date() | model.Duration() | model.Url() | model.Cron():
            return _of_text(of, quiet=quiet)
        case model.Never():
            return _never
        case _:
            raise TypeError(f"a {type(of).__name__} stands in declarations only")


def _got(value: object, *, quiet: bool) -> str:
    if quiet or isinstance(value, (list, dict)) or value is None:
        return kind_of(value)
    if isinstance(value, str):
        return f"text {quote(value if len(value) <= 40 else value[:39] + '…')}"
    return show_literal(value) if isinstance(value, (bool, int, float)) else kind_of(value)


def _wanted(what: str, value: object, *, quiet: bool) -> tuple[str, str]:
    return ("", f"expected {what}, got {_got(value, quiet=quiet)}")


def _never(value: AnyValue, problems: Problems) -> AnyValue:
    problems.append(("", "no value may stand here"))
    return value


def _any(value: AnyValue, problems: Problems) -> AnyValue:
    """Accept JSON only: values of Python code and finite numbers of 64 bits are told apart here."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is dict or kind is list:
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
        if kind is str or inner is None or kind is bool:
            continue
        before = len(problems)
        if kind is dict or kind is list:
            _json(inner, problems, depth + 1)
        else:
            _any(inner, problems)
        if len(problems) != before:
            _under(problems, before, f".{key}" if isinstance(value, dict) else f"[{key}]")
            if before >= MOST_PROBLEMS:
                return
    if isinstance(value, dict) and not all(type(k) is str for k in value):
        problems.append(("", "a map's keys must be text"))


def _under(problems: Problems, start: int, prefix: str) -> None:
    """Put the path of a part before the problems found in it."""
    for index in range(start, len(problems)):
        path, text = problems[index]
        problems[index] = (prefix + path, text)


def _key(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{quote(name)}]"


def _exactly(kind: type, what: str, *, quiet: bool) -> Check:
    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not kind:
            problems.append(_wanted(what, value, quiet=quiet))
        return value

    return check


def _int(of: model.Int, *, quiet: bool) -> Check:
    bounded = of != model.INT

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int:
            problems.append(_wanted("an int", value, quiet=quiet))
        elif not INT_MIN <= value <= INT_MAX:
            problems.append(("", "the number does not fit 64 bits"))
        elif bounded:
            found = constraints.number_problem(of, value)
            if found is not None:
                problems.append(("", "the number is out of bounds" if quiet else found))
        return value

    return check


def _float(of: model.Float, *, quiet: bool) -> Check:
    bounded = of != model.FLOAT

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not float and type(value) is not int:
            problems.append(_wanted("a number", value, quiet=quiet))
        elif not (isfinite(value) if type(value) is float else INT_MIN <= value <= INT_MAX):
            problems.append(("", "the number must be finite and of 64 bits"))
        elif bounded:
            found = constraints.number_problem(of, value)
            if found is not None:
                problems.append(("", "the number is out of bounds" if quiet else found))
        return value

    return check


def _string(of: model.String, *, quiet: bool) -> Check:
    if of == model.STRING:
        return _exactly(str, "text", quiet=quiet)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not str:
            problems.append(_wanted("text", value, quiet=quiet))
            return value
        found = constraints.text_problem(of, value)
        if found is not None:
            problems.append(("", found))
        return value

    return check


def _of_text(of: model.Type, *, quiet: bool) -> Check:
    read, what = _READERS[type(of)]
    is_duration = isinstance(of, model.Duration)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is str:
            found = read(value)
            if found is not None:
                return found
        elif is_duration and type(value) is int and INT_MIN <= value <= INT_MAX:
            return value
        problems.append(_wanted(what, value, quiet=quiet))
        return value

    return check


_READERS: Final[dict[type, tuple[Callable[[str], object], str]]] = {
    model.Datetime: (read_datetime, "a date and time with its zone, such as 2026-01-31T09:00:00Z"),
    model.Date: (lambda text: text if is_date(text) else None, "a date such as 2026-01-31"),
    model.Duration: (read_duration, "a duration such as PT30S"),
    model.Url: (lambda text: text if url_problem(text) is None else None, "an http or https URL"),
    model.Cron: (lambda text: text if cron_problem(text) is None else None, "a cron expression of five fields"),
}


def _bytes(of: model.Bytes, *, quiet: bool) -> Check:
    from binascii import Error, a2b_base64

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not str:
            problems.append(_wanted("base64 text", value, quiet=quiet))
            return value
        try:
            size = len(a2b_base64(value.encode("ascii"), strict_mode=True))
        except (Error, UnicodeEncodeError):
            problems.append(_wanted("base64 text", value, quiet=quiet))
            return value
        found = constraints.size_problem(of, size, "bytes")
        if found is not None:
            problems.append(("", found))
        return value

    return check


def _literals(literals: tuple[model.LiteralOf, ...], *, quiet: bool) -> Check:
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
            found = table.get((type(value), value), _ABSENT)
        except TypeError:
            found = _ABSENT
        if found is _ABSENT:
            problems.append(_wanted(what, value, quiet=quiet))
            return value
        return value if type(found) is type(value) else found

    return check


def _list(of: model.List, *, quiet: bool) -> Check:
    item = _build(of.item, quiet=quiet)
    sized = of.min_length is not None or of.max_length is not None

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not list:
            problems.append(_wanted("a list", value, quiet=quiet))
            return value
        if sized:
            found = constraints.size_problem(of, len(value), "items")
            if found is not None:
                problems.append(("", found))
        start = before = len(problems)
        changed: list[AnyValue] | None = None
        for index, old in enumerate(value):
            new = item(old, problems)
            if new is not old:
                if changed is None:
                    changed = value[:index]
                changed.append(new)
            elif changed is not None:
                changed.append(old)
            if len(problems) != before:
                _under(problems, before, f"[{index}]")
                before = len(problems)
                if before - start >= MOST_PROBLEMS:
                    return value
        return value if changed is None else changed

    return check


def _map(of: model.Map, *, quiet: bool) -> Check:
    inner = _build(of.value, quiet=quiet)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if not isinstance(value, dict):
            problems.append(_wanted("a map", value, quiet=quiet))
            return value
        found = constraints.size_problem(of, len(value), "keys")
        if found is not None:
            problems.append(("", found))
        before = len(problems)
        changes: dict[str, AnyValue] = {}
        for key, old in value.items():
            if type(key) is not str:
                problems.append(("", "a map's keys must be text"))
                return value
            new = inner(old, problems)
            if new is not old:
                changes[key] = new
            if len(problems) != before:
                _under(problems, before, _key(key))
                before = len(problems)
                if before >= MOST_PROBLEMS:
                    return value
        return {**value, **changes} if changes else value

    return check


def _record(of: model.RecordOf, *, quiet: bool) -> Check:
    fields = tuple(
        (f.name, f.default, is_optional(f.type) or _takes_none(f.type), _build(f.type, quiet=quiet)) for f in of.fields
    )
    names = frozenset(f.name for f in of.fields)
    what = f"a {of.name} (a map)" if of.name else "a map"

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if not isinstance(value, dict):
            problems.append(_wanted(what, value, quiet=quiet))
            return value
        changes: dict[str, AnyValue] | None = None
        present = len(fields)
        for name, default, optional, inner in fields:
            old = value.get(name, _ABSENT)
            if old is _ABSENT or (old is None and default is not None and not optional):
                if old is _ABSENT:
                    present -= 1
                if default is not None:
                    changes = changes or {}
                    changes[name] = default[0]
                elif not optional:
                    problems.append((_key(name), "the field is missing"))
                continue
            before = len(problems)
            new = inner(old, problems)
            if new is not old:
                changes = changes or {}
                changes[name] = new
            if len(problems) != before:
                _under(problems, before, _key(name))
        if present != len(value):
            if of.exact:
                problems.extend((_key(k), "the field is not one of the type") for k in value if k not in names)
            value = {k: v for k, v in value.items() if k in names}
        return value if changes is None else {**value, **changes}

    return check


def _takes_none(of: model.Type) -> bool:
    return isinstance(of, model.Secret) and is_optional(of.inner)


def _union(of: model.Union, *, quiet: bool) -> Check:
    """Choose the member by none, literal, discriminator or JSON kind; only where several remain, try them in order and
    prefer one that takes the value as it is.
    """
    wanted = tuple(m for m in of.members if not isinstance(m, model.NoneType))
    nullable = len(wanted) != len(of.members)
    if len(wanted) == 1:
        return _or_none(_build(wanted[0], quiet=quiet))
    literals = tuple(m for m in wanted if isinstance(m, model.LiteralOf))
    if len(literals) == len(wanted):
        chosen = _literals(literals, quiet=quiet)
        return _or_none(chosen) if nullable else chosen
    table: dict[type, list[Check]] = {}
    for kind in (str, int, float, bool, list, dict):
        members = _ordered(wanted, kind)
        records = [m for m in members if isinstance(m, model.RecordOf)]
        tagged = discriminators(records) if len(records) == len(members) else {}
        if tagged:
            table[kind] = [_by_tag(*next(iter(tagged.items())), quiet=quiet)]
        elif members:
            table[kind] = [_build(m, quiet=quiet) for m in members]
    what = show(of)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if value is None and nullable:
            return None
        options = table.get(type(value)) or (table.get(dict) if isinstance(value, dict) else None)
        if options is None:
            problems.append(_wanted(what, value, quiet=quiet))
            return value
        if len(options) == 1:
            return options[0](value, problems)
        fitting = _ABSENT
        for option in options:
            mine: Problems = []
            result = option(value, mine)
            if not mine and result is value:
                return value
            if not mine and fitting is _ABSENT:
                fitting = result
        if fitting is not _ABSENT:
            return fitting
        problems.append(("", f"{_got(value, quiet=quiet)} is none of {what}"))
        return value

    return check


def _or_none(inner: Check) -> Check:
    def check(value: AnyValue, problems: Problems) -> AnyValue:
        return None if value is None else inner(value, problems)

    return check


def _by_tag(name: str, table: Tags, *, quiet: bool) -> Check:
    """Records told apart by the literal in one field."""
    checks = {record: _build(record, quiet=quiet) for record in table.values()}
    by_value = {(type(value), value): checks[record] for (_, value), record in table.items()}
    what = " | ".join(show_literal(value) for _, value in by_value)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        tag = value.get(name)
        try:
            found = by_value.get((type(tag), tag))
        except TypeError:
            found = None
        if found is None:
            text = "the field is missing" if tag is None else _wanted(what, tag, quiet=quiet)[1]
            problems.append((_key(name), text))
            return value
        return found(value, problems)

    return check


_SHAPES: Final[dict[type, tuple[type, ...]]] = {
    model.String: (str,),
    model.Datetime: (str,),
    model.Date: (str,),
    model.Url: (str,),
    model.Cron: (str,),
    model.Bytes: (str,),
    model.Duration: (str, int),
    model.Int: (int, float),
    model.Float: (float, int),
    model.Bool: (bool,),
    model.List: (list,),
    model.Map: (dict,),
    model.RecordOf: (dict,),
    model.Any: (str, int, float, bool, list, dict),
}


def _ordered(members: tuple[model.Type, ...], kind: type) -> list[model.Type]:
    """The members that may take a JSON kind; literals of one kind as one, the member of the very kind first."""
    literals = tuple(m for m in members if isinstance(m, model.LiteralOf) and _takes(m, kind))
    others: list[model.Type] = [m for m in members if not isinstance(m, model.LiteralOf) and _takes(m, kind)]
    others.sort(key=lambda m: _SHAPES.get(type(m), (kind,)).index(kind) if kind in _SHAPES.get(type(m), ()) else 0)
    if not literals:
        return others
    return [literals[0] if len(literals) == 1 else model.Union(literals), *others]


def _takes(of: model.Type, kind: type) -> bool:
    if isinstance(of, model.Secret):
        return _takes(of.inner, kind)
    if isinstance(of, model.Union):
        return any(_takes(m, kind) for m in of.members)
    if isinstance(of, model.LiteralOf):
        return type(of.value) is kind or (of.kind in ("int", "float") and kind in (int, float))
    return kind in _SHAPES.get(type(of), ())
