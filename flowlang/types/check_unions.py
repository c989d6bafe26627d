"""Checks of unions: which member a value is meant to be.

Chosen by none, by literal, by the field that tells records apart, or by JSON kind; only where several members remain
are they tried in order, and one that takes the value as it is comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as AnyValue
from typing import Final

from flowlang.types import model
from flowlang.types.assign import discriminators
from flowlang.types.check_scalars import ABSENT, Check, Problems, got, key_path, literals_of, wanted
from flowlang.types.show import show, show_literal

Tags = dict[tuple[str, str | float], model.RecordOf]
# Builds the check of a member.
Build = Callable[[AnyValue], Check]


def union_of(of: model.Union, build: Build, *, quiet: bool) -> Check:
    """Choose the member by none, literal, discriminator or JSON kind; only where several remain, try them in order and
    prefer one that takes the value as it is.
    """
    real = tuple(m for m in of.members if not isinstance(m, model.NoneType))
    nullable = len(real) != len(of.members)
    if len(real) == 1:
        return _or_none(build(real[0]))
    literals = tuple(m for m in real if isinstance(m, model.LiteralOf))
    if len(literals) == len(real):
        chosen = literals_of(literals, quiet=quiet)
        return _or_none(chosen) if nullable else chosen
    table: dict[type, list[Check]] = {}
    for kind in (str, int, float, bool, list, dict):
        members = _ordered(real, kind)
        records = [m for m in members if isinstance(m, model.RecordOf)]
        tagged = discriminators(records) if len(records) == len(members) else {}
        if tagged:
            table[kind] = [_by_tag(*next(iter(tagged.items())), build, quiet=quiet)]
        elif len(members) == 1 and isinstance(members[0], model.LiteralOf):
            table[kind] = [_or_else(build(members[0]), show(of), quiet=quiet)]
        elif members:
            table[kind] = [build(m) for m in members]
    what = show(of)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        if value is None and nullable:
            return None
        options = table.get(type(value)) or (table.get(dict) if isinstance(value, dict) else None)
        if options is None:
            problems.append(wanted(what, value, quiet=quiet))
            return value
        if len(options) == 1:
            return options[0](value, problems)
        fitting = ABSENT
        for option in options:
            mine: Problems = []
            result = option(value, mine)
            if not mine and result is value:
                return value
            if not mine and fitting is ABSENT:
                fitting = result
        if fitting is not ABSENT:
            return fitting
        problems.append(("", f"{got(value, quiet=quiet)} is none of {what}"))
        return value

    return check


def _or_none(inner: Check) -> Check:
    def check(value: AnyValue, problems: Problems) -> AnyValue:
        return None if value is None else inner(value, problems)

    return check


def _or_else(literal: Check, what: str, *, quiet: bool) -> Check:
    """A literal beside members of other kinds: another value of its kind is none of them all."""

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        mine: Problems = []
        found = literal(value, mine)
        if mine:
            problems.append(wanted(what, value, quiet=quiet))
        return found

    return check


def _by_tag(name: str, table: Tags, build: Build, *, quiet: bool) -> Check:
    """Records told apart by the literal in one field."""
    checks = {record: build(record) for record in table.values()}
    by_value = {(type(value), value): checks[record] for (_, value), record in table.items()}
    what = " | ".join(show_literal(value) for _, value in by_value)

    def check(value: AnyValue, problems: Problems) -> AnyValue:
        tag = value.get(name)
        try:
            found = by_value.get((type(tag), tag))
        except TypeError:
            found = None
        if found is None:
            text = "the field is missing" if tag is None else wanted(what, tag, quiet=quiet)[1]
            problems.append((key_path(name), text))
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
    others.sort(key=lambda m: _shapes(m).index(kind) if kind in _shapes(m) else 0)
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
    return kind in _shapes(of)


def _shapes(of: model.Type) -> tuple[type, ...]:
    """The JSON kinds that a type's values have, the usual one first."""
    return (str,) if of == model.WRITTEN_DURATION else _SHAPES.get(type(of), ())
