"""The run-time checker: a type becomes a closure that validates a value and projects it.

A value that enters a record loses its extra keys (an exact record refuses them), `5.0` enters an int as 5, a datetime
becomes UTC text, a duration microseconds. All problems are collected, each with its path (`items[3].price: …`), at
most `MOST_PROBLEMS`. A value that need not change comes back as the same object; values are never changed in place.
Problems of a secret never show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any as AnyValue

from flowlang.types import constraints, model, searches
from flowlang.types.assign import is_optional
from flowlang.types.check_scalars import (
    ABSENT,
    MOST_PROBLEMS,
    NOT_UNICODE,
    Check,
    Problems,
    any_json,
    bytes_of,
    exactly,
    float_of,
    int_of,
    key_path,
    literals_of,
    never,
    of_text,
    string_of,
    under,
    wanted,
)
from flowlang.types.check_unions import union_of
from flowlang.types.formats import is_unicode


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a path: '' is the value itself, else `items[3].price`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Checker:
    """One type, ready to check values."""

    __slots__ = ("judge", "type")

    def __init__(self, of: model.Type) -> None:
        self.type = of
        self.judge = _bounded(of, _build(of, quiet=False))
        """Gives the projected value of one, and adds problems to a list, as (path, message)."""

    def check(self, value: object) -> tuple[object, list[Problem]]:
        """Give the projected value and all problems; with problems, the value means nothing."""
        problems: Problems = []
        result = self.judge(value, problems)
        return result, as_problems(problems)


def as_problems(problems: Problems) -> list[Problem]:
    """What `Checker.judge` added to a list, at most `MOST_PROBLEMS`."""
    return [Problem(_sound(path.removeprefix(".")), _sound(text)) for path, text in problems[:MOST_PROBLEMS]]


def _sound(text: str) -> str:
    """A message that may show a text which is not Unicode."""
    return text.encode(errors="backslashreplace").decode()


@lru_cache(maxsize=1024)
def checker(of: model.Type) -> Checker:
    """The checker of a type."""
    return Checker(of)


def _bounded(of: model.Type, judge: Check) -> Check:
    """A check that does not begin where the type's patterns would be searched for too long."""
    cost = searches.cost_of(of)
    if cost is None:
        return judge

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if cost(value) <= searches.MOST:
            return judge(value, problems)
        problems.append(("", f"matching the patterns of its type takes more than {searches.MOST:,} units of work"))
        return value

    return check


def _build(of: model.Type, *, quiet: bool) -> Check:
    match of:
        case model.Any():
            return any_json
        case model.Secret():
            return _build(of.inner, quiet=True)
        case model.Bool():
            return exactly(bool, "a bool", quiet=quiet)
        case model.NoneType():
            return exactly(type(None), "none", quiet=quiet)
        case model.Int():
            return int_of(of, quiet=quiet)
        case model.Float():
            return float_of(of, quiet=quiet)
        case model.String():
            return string_of(of, quiet=quiet)
        case model.LiteralOf():
            return literals_of((of,), quiet=quiet)
        case model.List():
            return _list(of, quiet=quiet)
        case model.Map():
            return _map(of, quiet=quiet)
        case model.RecordOf():
            return _record(of, quiet=quiet)
        case model.Union():
            return union_of(of, lambda member: _build(member, quiet=quiet), quiet=quiet)
        case model.Bytes():
            return bytes_of(of, quiet=quiet)
        case model.Datetime() | model.Date() | model.Duration() | model.Url() | model.Cron():
            return of_text(of, quiet=quiet)
        case model.Never():
            return never
        case _:
            raise TypeError(f"a {type(of).__name__} stands in declarations only")


def _list(of: model.List, *, quiet: bool) -> Check:
    item = _build(of.item, quiet=quiet)
    sized = of.min_length is not None or of.max_length is not None

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if type(value) is not list:
            problems.append(wanted("a list", value, quiet=quiet))
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
                under(problems, before, f"[{index}]")
                before = len(problems)
                if before - start >= MOST_PROBLEMS:
                    return value
        return value if changed is None else changed

    return check


def _map(of: model.Map, *, quiet: bool) -> Check:
    inner = _build(of.value, quiet=quiet)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if not isinstance(value, dict):
            problems.append(wanted("a map", value, quiet=quiet))
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
            if not key.isascii() and not is_unicode(key):
                problems.append(("", f"a key: {NOT_UNICODE}"))
                return value
            new = inner(old, problems)
            if new is not old:
                changes[key] = new
            if len(problems) != before:
                under(problems, before, key_path(key))
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
            problems.append(wanted(what, value, quiet=quiet))
            return value
        changes: dict[str, AnyValue] | None = None
        present = len(fields)
        for name, default, optional, inner in fields:
            old = value.get(name, ABSENT)
            if old is ABSENT or (old is None and default is not None and not optional):
                if old is ABSENT:
                    present -= 1
                if default is not None:
                    changes = changes or {}
                    changes[name] = default[0]
                elif not optional:
                    problems.append((key_path(name), "the field is missing"))
                continue
            before = len(problems)
            new = inner(old, problems)
            if new is not old:
                changes = changes or {}
                changes[name] = new
            if len(problems) != before:
                under(problems, before, key_path(name))
        if present != len(value):
            if of.exact:
                problems.extend((key_path(k), "the field is not one of the type") for k in value if k not in names)
            value = {k: v for k, v in value.items() if k in names}
        return value if changes is None else {**value, **changes}

    return check


def _takes_none(of: model.Type) -> bool:
    return isinstance(of, model.Secret) and is_optional(of.inner)
