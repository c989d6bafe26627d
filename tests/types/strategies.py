"""Generated types, and values of a generated type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from flowlang.types import model
from flowlang.types.instants import from_micros
from flowlang.types.join import base, join, union

if TYPE_CHECKING:
    from flowlang.types.model import Type

NAMES = st.sampled_from(["a", "b", "c", "kind", "two words"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def _ordered(bounds: Any) -> Any:
    return st.tuples(st.none() | bounds, st.none() | bounds).map(
        lambda p: tuple(sorted(p)) if None not in p else p  # type: ignore[type-var]
    )


_INT = _ordered(st.integers(-9, 9)).map(lambda p: model.Int(ge=p[0], le=p[1]))
_FLOAT = _ordered(st.integers(-9, 9)).map(lambda p: model.Float(ge=p[0], le=p[1]))
_STRING = _ordered(st.integers(0, 4)).map(lambda p: model.String(min_length=p[0], max_length=p[1]))
LITERALS = st.one_of(
    st.sampled_from(["auto", "home", ""]).map(lambda v: model.LiteralOf(v, "string")),
    st.integers(-3, 3).map(lambda v: model.LiteralOf(v, "int")),
    st.sampled_from([0.5, 1.0]).map(lambda v: model.LiteralOf(v, "float")),
    st.booleans().map(lambda v: model.LiteralOf(v, "bool")),
)
SCALARS = st.one_of(
    st.sampled_from(
        [
            model.BOOL,
            model.NONE,
            model.DATETIME,
            model.DATE,
            model.DURATION,
            model.URL,
            model.INT,
            model.FLOAT,
            model.STRING,
        ]
    ),
    _INT,
    _FLOAT,
    _STRING,
    LITERALS,
)


def _records(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    fields = st.lists(st.tuples(NAMES, inner), max_size=3, unique_by=lambda f: f[0])
    names = st.sampled_from(["", "Lead", "Quote"])
    return st.builds(
        lambda fs, name, exact: model.RecordOf(name, tuple(model.Field(n, t) for n, t in fs), exact),
        fields,
        names,
        st.booleans(),
    )


def _around(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    return st.one_of(
        inner.map(model.List),
        inner.map(lambda t: model.List(t, 1, 3)),
        inner.map(model.Map),
        _records(inner),
        st.lists(inner, min_size=2, max_size=3).map(union),
    )


TYPES: st.SearchStrategy[Type] = st.recursive(SCALARS, _around, max_leaves=6)
TYPES_WITH_ANY: st.SearchStrategy[Type] = st.recursive(SCALARS | st.just(model.ANY), _around, max_leaves=6)
TYPES_WITH_SECRETS: st.SearchStrategy[Type] = st.recursive(
    SCALARS | st.sampled_from([model.ANY, model.Secret(model.STRING)]), _around, max_leaves=6
)


def values(of: Type) -> st.SearchStrategy[Any]:
    """Run-time values of a type; nothing for one that has none."""
    match of:
        case model.Any():
            return st.recursive(
                st.none() | st.booleans() | INTS | FLOATS | TEXTS, lambda i: st.lists(i, max_size=2), max_leaves=3
            )
        case model.NoneType():
            return st.none()
        case model.Bool():
            return st.booleans()
        case model.Int():
            return st.integers(-(2**63) if of.ge is None else of.ge, 2**63 - 1 if of.le is None else of.le)
        case model.Float():
            return st.floats(of.ge, of.le, allow_nan=False, allow_infinity=False)
        case model.String():
            alphabet = st.characters(exclude_categories=["Cs"])
            return st.text(
                alphabet, min_size=of.min_length or 0, max_size=4 if of.max_length is None else of.max_length
            )
        case model.LiteralOf():
            return st.just(of.value)
        case model.Datetime():
            return st.integers(-(10**16), 10**16).map(from_micros)
        case model.Date():
            return st.dates().map(lambda d: d.isoformat())
        case model.Duration():
            return INTS
        case model.Url():
            return st.sampled_from(["https://a.example", "http://b.example:8080/x?y=1"])
        case model.List():
            return st.lists(values(of.item), min_size=of.min_length or 0, max_size=of.max_length or 3)
        case model.Map():
            return st.dictionaries(NAMES, values(of.value), max_size=2)
        case model.RecordOf():
            return st.fixed_dictionaries({f.name: values(f.type) for f in of.fields})
        case model.Union():
            return st.one_of([values(m) for m in of.members])
        case _:
            return st.nothing()


@st.composite
def wider(draw: st.DrawFn, of: Type) -> Type:
    """A type that tends to take what a type gives: parts made wider, fields left out, members added."""
    choice = draw(st.integers(0, 5))
    if choice == 0:
        return of
    if choice == 1:
        return union([of, draw(TYPES)])
    match of:
        case model.LiteralOf() | model.Int() | model.Float() | model.String():
            return base(of) if choice < 4 else join(of, draw(SCALARS))
        case model.List():
            return model.List(draw(wider(of.item)))
        case model.Map():
            return model.Map(draw(wider(of.value)))
        case model.RecordOf():
            kept = of.fields if choice < 4 else of.fields[1:]
            return model.RecordOf("", tuple(model.Field(f.name, draw(wider(f.type))) for f in kept))
        case model.Union():
            return union(draw(wider(m)) for m in of.members)
        case _:
            return of
