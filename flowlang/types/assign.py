"""Assignability: may a value of one type stand where another is wanted?

Yes; yes with a check at run time (`any` into anything typed, `int` into `int(ge=0)`); or no, with a reason that names
the path (``field `items[].price`: string is not int``). Records are structural and a value that enters another record
is projected, which `projects` says. Secrets never leave: `secret[T]` fits only `secret[U]`, and `secret[any]` is how a
declaration marks a sink that takes data with and without secrets. `none` does not fit `any`: presence is tracked for
untyped values too.
"""

from __future__ import annotations

from flowlang.record import Record, is_same, new
from flowlang.types import constraints
from flowlang.types.formats import cron_problem
from flowlang.types.model import (
    BASES,
    PLAIN,
    STRING,
    Any,
    Bool,
    Bytes,
    Cron,
    Field,
    Float,
    Int,
    List,
    LiteralOf,
    Map,
    Never,
    NoneType,
    RecordOf,
    Secret,
    String,
    Union,
    Url,
)
from flowlang.types.show import show, show_literal, show_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final, Literal

    from flowlang.types.model import Type

    Verdict = Literal["yes", "check", "no"]

YES: Final = "yes"
CHECK: Final = "check"
NO: Final = "no"


class Assignability(Record):
    """The answer. `path` is where in the value the reason applies ('' for the whole), e.g. `.items[].price`.

    `kind` sorts the refusals for the rules that report them: 'none' (may be none), 'secret', 'missing' (a field),
    'extra', 'type'. `why` is the reason, or the two types of which one is not the other: most refusals are never told.
    """

    __slots__ = ()

    verdict: Verdict
    projects: bool = False
    why: str | tuple[Type, Type] = ""
    path: str = ""
    kind: str = ""

    @property
    def reason(self) -> str:
        """Why not, without the path."""
        if isinstance(self.why, str):
            return self.why
        shown, wanted = show_pair(*self.why)
        return f"{shown} is not {wanted}"

    @property
    def ok(self) -> bool:
        """Whether the value may stand there, checked at run time or not."""
        return self.verdict != NO

    @property
    def needs_check(self) -> bool:
        """Whether the value must pass through a check at run time (which also projects)."""
        return self.verdict == CHECK or self.projects

    @property
    def sentence(self) -> str:
        """The reason with its path: ``field `email`: string is not int``."""
        where = self.path.removeprefix(".")
        if not where:
            return self.reason
        return f"{self.reason} in each item" if where == "[]" else f"field `{where}`: {self.reason}"


FITS: Final = Assignability("yes")
"""Yes, as it is."""
_CHECK: Final = Assignability("check")
_PROJECT: Final = Assignability("yes", True)


def assignable(source: Type, target: Type) -> Assignability:
    """Decide whether a `source` may stand where a `target` is wanted."""
    kind, wanted = type(source), type(target)
    if source is target or kind is Never or (kind is wanted and is_same(source, target)):
        return FITS
    if kind in _SIMPLE and wanted in _SIMPLE:
        if kind is LiteralOf:
            return _literal(source, target)  # type: ignore[arg-type]
        return _PAIRS.get((kind, wanted), _mismatch)(source, target)
    if type(target) is Secret:
        is_sink = type(target.inner) is Any and kind in _SIMPLE
        return FITS if is_sink else assignable(reveal(source), target.inner)
    if type(source) is Secret:
        sinks = [m for m in target.members if isinstance(m, Secret)] if isinstance(target, Union) else []
        if sinks:
            return _into_union(source, Union(tuple(sinks)))
        return _no("secret", f"{_a_secret(source)} may not become {show(target)}")
    if type(source) is Union:
        return _from_union(source, target)
    if type(target) is Union:
        return _into_union(source, target)
    if type(target) is Any:
        return _into_any(source)
    if type(source) is Any:
        return _no("type", "there is no value of type never") if type(target) is Never else _CHECK
    if type(source) is NoneType:
        return _no("none", f"none is not {show(target)}")
    return _one(source, target)


_SIMPLE: Final[frozenset[type]] = frozenset((LiteralOf, String, Int, Float, Bool, RecordOf, List, Map, Url))
"""Neither unions, any, none, never nor secrets."""


def reveal(of: Type) -> Type:
    """The type with every `secret[T]` inside replaced by T."""
    if secret_path(of) is None:
        return of
    match of:
        case Secret():
            return reveal(of.inner)
        case List():
            return of.replace(item=reveal(of.item))
        case Map():
            return of.replace(value=reveal(of.value))
        case RecordOf():
            return of.replace(fields=tuple(f.replace(type=reveal(f.type)) for f in of.fields))
        case Union():
            shown = dict.fromkeys(inner for m in of.members for inner in _members(reveal(m)))
            return Union(tuple(shown)) if len(shown) > 1 else next(iter(shown))
        case _:
            return of


def secret_path(of: Type) -> str | None:
    """Where in a type the first secret stands: '' for the type itself, `.auth.token` inside; null if nowhere."""
    if type(of) in PLAIN:
        return None
    if type(of) is RecordOf:
        for field in of.fields:
            if type(field.type) not in PLAIN:
                found = secret_path(field.type)
                if found is not None:
                    return f".{field.name}{found}"
    elif type(of) is Union:
        for member in of.members:
            if type(member) not in PLAIN:
                found = secret_path(member)
                if found is not None:
                    return found
    elif type(of) is List or type(of) is Map:
        found = secret_path(of.item if isinstance(of, List) else of.value)
        return None if found is None else f"[]{found}"
    return "" if type(of) is Secret else None


def is_optional(of: Type) -> bool:
    """Whether a type admits none."""
    if type(of) is not Union:
        return type(of) is NoneType
    for each in of.members:  # noqa: SIM110 — asked all the time, and a generator costs more than the loop
        if type(each) is NoneType:
            return True
    return False


def discriminators(records: list[RecordOf]) -> dict[str, dict[tuple[str, str | float], RecordOf]]:
    """The fields whose literal tells records apart, each with the record per (kind, value)."""
    found: dict[str, dict[tuple[str, str | float], RecordOf]] = {}
    if len(records) < 2:
        return found
    for name in (f.name for f in records[0].fields):
        table: dict[tuple[str, str | float], RecordOf] = {}
        for record in records:
            literals = _literals_of(field_of(record, name))
            if not literals or any(key in table for key in literals):
                break
            table.update(dict.fromkeys(literals, record))
        else:
            found[name] = table
    return found


def field_of(record: RecordOf, name: str) -> Field | None:
    """The field of a name."""
    for field in record.fields:
        if field.name == name:
            return field
    return None


def holds(types: Iterable[Type], wanted: Type) -> bool:
    """`wanted in types`, three times as fast: a type of another class is not asked whether it is equal."""
    kind = type(wanted)
    for each in types:  # noqa: SIM110
        if each is wanted or (type(each) is kind and is_same(each, wanted)):
            return True
    return False


def _literals_of(field: Field | None) -> list[tuple[str, str | float]]:
    if field is None:
        return []
    members = _members(field.type)
    literals: list[tuple[str, str | float]] = [(m.kind, m.value) for m in members if isinstance(m, LiteralOf)]
    return literals if len(literals) == len(members) else []


def _members(of: Type) -> tuple[Type, ...]:
    return of.members if isinstance(of, Union) else (of,)


def _a_secret(of: Type) -> str:
    return "a secret" if of == Secret(STRING) else f"a {show(of)}"


def _no(kind: str, reason: str) -> Assignability:
    return new(Assignability, ("no", False, reason, "", kind))


def _within(path: str, inner: Assignability) -> Assignability:
    if inner.verdict != NO:
        return inner
    return new(Assignability, ("no", False, inner.why, path + inner.path, inner.kind))


def _both(a: Assignability, b: Assignability) -> Assignability:
    """The stricter of two answers about parts of one value."""
    if a.verdict == NO or b is FITS:
        return a
    if b.verdict == NO or a is FITS:
        return b
    return Assignability("check" if CHECK in (a.verdict, b.verdict) else "yes", a.projects or b.projects)


def _from_union(source: Union, target: Type) -> Assignability:
    result = FITS
    wanted = target.members if type(target) is Union else ()
    for member in source.members:
        if wanted and holds(wanted, member):
            continue
        if type(member) is NoneType and type(target) is not NoneType:
            return _no("none", f"the value may be none, which is not {show(target)}")
        found = assignable(member, target)
        if found.verdict == NO and not found.path and found.kind == "type":
            shown, goal = show_pair(source, target)
            detail = f" ({found.reason})" if len(source.members) < 6 else ""
            return found.replace(why=f"{shown} is not {goal}{detail}")
        if found is not FITS:
            result = _both(result, found)
    return result


def _into_union(source: Type, target: Union) -> Assignability:
    best: Assignability | None = None
    if holds(target.members, source):
        return FITS
    known = _asked.get((id(source), id(target))) if _asked else None
    if known is not None and known[0] is source and known[1] is target:
        return known[2]
    for member in target.members:
        if type(member) is NoneType:
            continue  # none was looked for above
        found = assignable(source, member)
        if found.verdict == YES and not found.projects:
            return found
        if found.ok and (best is None or (best.verdict == CHECK and found.verdict == YES)):
            best = found
    if best is not None:
        return best
    if len(_asked) >= MOST_ASKED:
        _asked.clear()
    answer = _split(source, target) or _union_reason(source, target)
    _asked[id(source), id(target)] = source, target, answer
    return answer


_asked: Final[dict[tuple[int, int], tuple[Type, Union, Assignability]]] = {}
"""What did not simply fit into a union, with the answer: finding out why asks again, and in unions that hold unions
that would be twice as often with each level.
"""
MOST_ASKED: Final = 1000


def _split(source: Type, target: Union) -> Assignability | None:
    """A record whose discriminating field is itself a union fits if each of its cases fits."""
    if not isinstance(source, RecordOf):
        return None
    records = [m for m in target.members if isinstance(m, RecordOf)]
    for name in discriminators(records):
        field = field_of(source, name)
        if field is not None and isinstance(field.type, Union):
            result = FITS
            for case in field.type.members:
                fields = tuple(f.replace(type=case) if f is field else f for f in source.fields)
                result = _both(result, assignable(source.replace(fields=fields), target))
            return result
    return None


def _union_reason(source: Type, target: Union) -> Assignability:
    """Say why a value fits no member, by the member it was meant to be if that can be told."""
    wanted = [m for m in target.members if not isinstance(m, NoneType)]
    if len(wanted) == 1:
        return assignable(source, wanted[0])
    if isinstance(source, RecordOf):
        records = [m for m in wanted if isinstance(m, RecordOf)]
        for name, table in discriminators(records).items():
            literals = _literals_of(field_of(source, name))
            meant = table.get(literals[0]) if len(literals) == 1 else None
            if meant is not None:
                return assignable(source, meant)
        if len(records) == 1:
            return assignable(source, records[0])
    for kind in (List, Map):
        alike = [m for m in wanted if isinstance(m, kind)]
        if isinstance(source, kind) and len(alike) == 1:
            return assignable(source, alike[0])
    if isinstance(source, (String, Int, Float)) and all(isinstance(m, LiteralOf) for m in wanted):
        shown, goal = show_pair(source, target)
        return _no("type", f"{shown} may be other than {goal}")
    return _mismatch(source, target)


def _into_any(source: Type) -> Assignability:
    if isinstance(source, NoneType):
        return _no("none", "none is not any")
    found = secret_path(source)
    return FITS if found is None else Assignability("no", False, "a secret may not go into any", found, "secret")


def _one(source: Type, target: Type) -> Assignability:
    """Neither side is a union, any, none, never or a secret."""
    if type(source) is LiteralOf:
        return _literal(source, target)
    return _PAIRS.get((type(source), type(target)), _mismatch)(source, target)


def _mismatch(source: Type, target: Type) -> Assignability:
    return new(Assignability, ("no", False, (source, target), "", "type"))


def _literal(source: LiteralOf, target: Type) -> Assignability:
    value = source.value
    if target is BASES[source.kind]:
        return FITS
    match target:
        case String() if isinstance(value, str):
            problem = _told(value, constraints.text_problem(target, value))
        case Cron() if isinstance(value, str):
            problem = _told(value, cron_problem(value))
        case Int() if source.kind == "int" and isinstance(value, int):
            problem = constraints.number_problem(target, value)
        case Float() if source.kind in ("int", "float") and isinstance(value, (int, float)):
            problem = constraints.number_problem(target, value)
        case Bool() if source.kind == "bool":
            problem = None
        case LiteralOf() if target.kind == "float" and source.kind == "int" and target.value == value:
            problem = None
        case Url() if source.kind == "string":
            problem = f"{show_literal(value)} is text, not a url"
        case _:
            return _mismatch(source, target)
    return FITS if problem is None else _no("type", problem)


def _number(source: Int | Float, target: Int | Float) -> Assignability:
    if constraints.implies(source, target):
        return FITS
    return _mismatch(source, target) if constraints.disjoint(source, target) else _CHECK


def _told(value: str, problem: str | None) -> str | None:
    return None if problem is None else f"{show_literal(value)}: {problem}"


def _text(source: String | Url | Cron, target: String) -> Assignability:
    if not isinstance(source, String):
        source = STRING
    same = target.pattern in (None, source.pattern) and target.format in (None, source.format)
    return _sized(source, target) if same else _both(_CHECK, _sized(source, target))


def _sized(source: constraints.Sized, target: constraints.Sized) -> Assignability:
    if constraints.sizes_imply(source, target):
        return FITS
    return _mismatch(source, target) if constraints.sizes_disjoint(source, target) else _CHECK


def _list(source: List, target: List) -> Assignability:
    return _both(_sized(source, target), _within("[]", assignable(source.item, target.item)))


def _map(source: Map, target: Map) -> Assignability:
    return _both(_sized(source, target), _within("[]", assignable(source.value, target.value)))


def _map_into_record(source: Map, target: RecordOf) -> Assignability:
    """What is looked up by name may be any of the values."""
    value = source.value
    if type(value) is not Any and not (type(value) is Secret and type(value.inner) is Any):
        return _mismatch(source, target)
    for field in target.fields:
        found = assignable(value, field.type)
        if found.verdict == NO:
            return _within(f".{field.name}", found)
    return _CHECK


def _record(source: RecordOf, target: RecordOf) -> Assignability:
    given = {f.name: f for f in source.fields}
    result = FITS
    for field in target.fields:
        have = given.pop(field.name, None)
        if have is None:
            if field.default is not None:
                result = _both(result, _PROJECT)
            elif not is_optional(field.type):
                return _no("missing", f"field `{field.name}` of {show(target)} is missing")
            continue
        if field.default is not None and is_optional(have.type) and not is_optional(field.type):
            have = have.replace(type=_without_none(have.type))
            result = _both(result, _PROJECT)
        found = assignable(have.type, field.type)
        if found.verdict == NO:
            return _within(f".{field.name}", found)
        if found is not FITS:
            result = _both(result, found)
    if given and target.exact:
        return _no("extra", f"field `{next(iter(given))}` is not in {show(target)}, which is exact")
    return _both(result, _PROJECT) if given else result


def _without_none(of: Type) -> Type:
    kept = tuple(m for m in _members(of) if not isinstance(m, NoneType))
    if not kept:
        return Never()
    return kept[0] if len(kept) == 1 else Union(kept)


def _record_into_map(source: RecordOf, target: Map) -> Assignability:
    result = FITS
    for field in source.fields:
        found = assignable(field.type, target.value)
        if found.verdict == NO:
            return _within(f".{field.name}", found)
        result = _both(result, found)
    required = sum(not is_optional(f.type) for f in source.fields)
    return _both(result, _sized(Map(target.value, required, len(source.fields)), target))


def _text_into_cron(source: String, target: Cron) -> Assignability:
    return _CHECK


_PAIRS: Final[dict[tuple[type, type], Callable[..., Assignability]]] = {
    (Int, Int): _number,
    (Int, Float): _number,
    (Float, Float): _number,
    (String, String): _text,
    (Url, String): _text,
    (Cron, String): _text,
    (String, Cron): _text_into_cron,
    (Bytes, Bytes): _sized,
    (List, List): _list,
    (Map, Map): _map,
    (Map, RecordOf): _map_into_record,
    (RecordOf, RecordOf): _record,
    (RecordOf, Map): _record_into_map,
}
"""How a type of one class fits one of another; others never do."""
