"""The records of a plan as JSON objects and back, by the shapes that `nodes` declares.

A record is an object with its fields in declared order, those at their default left out; where several kinds may
stand, `kind` says which. Anything of a wrong shape is a `PlanError` that names the place.
"""

from __future__ import annotations

from flowlang.plan import nodes
from flowlang.plan.errors import PlanError
from flowlang.plan.verify import misshapen_expression
from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    Encoder = Callable[[Any], object]
    Decoder = Callable[[object], Any]

KINDS: Final = {
    nodes.Call: "call",
    nodes.FlowCall: "flow",
    nodes.Pure: "pure",
    nodes.IfBlock: "if",
    nodes.MatchBlock: "match",
    nodes.ForBlock: "for",
    nodes.ParallelBlock: "parallel",
    nodes.RaceBlock: "race",
    nodes.RepeatBlock: "repeat",
}


# ---- records


def encode(record: Record) -> dict[str, object]:
    """Convert any record of `nodes` to a JSON object."""
    cls: Any = type(record)
    out: dict[str, object] = {"kind": KINDS[cls]} if cls in KINDS else {}
    defaults = cls._defaults
    for field, (write, _) in _shape_of(cls).items():
        value = getattr(record, field)
        if field not in defaults or value != defaults[field] or type(value) is not type(defaults[field]):
            out[field] = write(value)
    return out


def decode(cls: type[Record], data: object) -> Any:
    """Convert a JSON object to a record of a class of `nodes`; raises PlanError with the path of what is wrong."""
    try:
        return _decode_record(cls, data)
    except _Misshapen as wrong:
        where = "".join(reversed(wrong.path)).lstrip(".")
        raise PlanError(f"the plan is damaged{f' at `{where}`' if where else ''}: {wrong.problem}") from None


class _Misshapen(Exception):
    """A value of a wrong shape; the path grows while it travels outward."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        self.path: list[str] = []


def _decode_record(cls: Any, data: object) -> Any:
    if type(data) is not dict:
        raise _Misshapen(f"expected an object, found {_what(data)}")
    defaults = cls._defaults
    values = []
    shape = _shape_of(cls)
    for field, (_, read) in shape.items():
        if field in data:
            try:
                values.append(read(data[field]))
            except _Misshapen as wrong:
                wrong.path.append("." + field)
                raise
        elif field in defaults:
            values.append(defaults[field])
        else:
            raise _Misshapen(f"`{field}` is missing")
    for field in data:
        if field not in shape and not (field == "kind" and cls in KINDS):
            raise _Misshapen(f"`{_clip(field)}` is not a field of {cls.__name__}")
    return cls(*values)


# ---- shapes, read from the annotations of `nodes`

_shapes: dict[type, dict[str, tuple[Encoder, Decoder]]] = {}


def _shape_of(cls: Any) -> dict[str, tuple[Encoder, Decoder]]:
    shape = _shapes.get(cls)
    if shape is None:
        shape = _shapes[cls] = {field: _compile(cls.__annotations__[field]) for field in cls._fields}
    return shape


def _compile(annotation: str) -> tuple[Encoder, Decoder]:
    options = _split(annotation, "|")
    if len(options) > 1:
        return _compile_union(options)
    if "[" in annotation:
        outer, _, rest = annotation.partition("[")
        arguments = _split(rest[:-1], ",")
        if outer == "dict":
            return _compile_table(arguments[1])
        return _compile_list(arguments[0]) if arguments[1:] == ["..."] else _compile_tuple(arguments)
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    cls = getattr(nodes, annotation)
    return encode, lambda data: _decode_record(cls, data)


def _split(text: str, separator: str) -> list[str]:
    parts, depth, last = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == separator and depth == 0:
            parts.append(text[last:at].strip())
            last = at + 1
    return [*parts, text[last:].strip()]


def _compile_union(options: list[str]) -> tuple[Encoder, Decoder]:
    kinds = {
        KINDS[getattr(nodes, name)]: getattr(nodes, name) for name in options if getattr(nodes, name, None) in KINDS
    }
    if kinds:
        return encode, lambda data: _decode_kind(kinds, data)
    if options[-1] == "None" and len(options) == 2:
        write, read = _compile(options[0])
        return (lambda v: None if v is None else write(v)), (lambda v: None if v is None else read(v))
    readers = {name: _SCALARS[name][1] for name in options}  # scalars: `float | str`

    def read_any(data: object) -> object:
        for reader in readers.values():
            try:
                return reader(data)
            except _Misshapen:
                continue
        raise _Misshapen(f"expected {' or '.join(readers)}, found {_what(data)}")

    return _same, read_any


def _decode_kind(kinds: dict[str, Any], data: object) -> Any:
    kind = data.get("kind") if type(data) is dict else None
    if not isinstance(kind, str) or kind not in kinds:
        raise _Misshapen(f"expected an object whose `kind` is one of {', '.join(kinds)}, found {_what(data)}")
    return _decode_record(kinds[kind], data)


def _compile_list(item: str) -> tuple[Encoder, Decoder]:
    write, read = _compile(item)

    def read_list(data: object) -> tuple[object, ...]:
        if type(data) is not list:
            raise _Misshapen(f"expected a list, found {_what(data)}")
        return tuple(_read_at(read, value, f"[{i}]") for i, value in enumerate(data))

    return (lambda values: [write(v) for v in values]), read_list


def _compile_tuple(items: list[str]) -> tuple[Encoder, Decoder]:
    shapes = [_compile(item) for item in items]

    def read_tuple(data: object) -> tuple[object, ...]:
        if type(data) is not list or len(data) != len(shapes):
            raise _Misshapen(f"expected a list of {len(shapes)}, found {_what(data)}")
        return tuple(
            _read_at(read, value, f"[{i}]") for i, ((_, read), value) in enumerate(zip(shapes, data, strict=True))
        )

    return (lambda values: [write(v) for (write, _), v in zip(shapes, values, strict=True)]), read_tuple


def _compile_table(item: str) -> tuple[Encoder, Decoder]:
    write, read = _compile(item)

    def read_table(data: object) -> dict[str, object]:
        if type(data) is not dict:
            raise _Misshapen(f"expected an object, found {_what(data)}")
        return {key: _read_at(read, value, f".{_clip(key)}") for key, value in data.items()}

    return (lambda table: {key: write(v) for key, v in table.items()}), read_table


def _read_at(read: Decoder, value: object, step: str) -> object:
    try:
        return read(value)
    except _Misshapen as wrong:
        wrong.path.append(step)
        raise


def _same(value: Any) -> object:
    return value


def _scalar(words: str, *classes: type) -> tuple[Encoder, Decoder]:
    def read(data: object) -> object:
        if type(data) not in classes:
            raise _Misshapen(f"expected {words}, found {_what(data)}")
        return data

    return _same, read


def _read_expression(data: object) -> object:
    problem = misshapen_expression(data)
    if problem:
        raise _Misshapen(problem)
    return data


_SCALARS: dict[str, tuple[Encoder, Decoder]] = {
    "str": _scalar("text", str),
    "int": _scalar("a whole number", int),
    "float": _scalar("a number", int, float),
    "bool": _scalar("true or false", bool),
    "object": (_same, _same),
    "Expr": (_same, _read_expression),
}


def _what(data: object) -> str:
    match data:
        case None:
            return "null"
        case bool():
            return str(data).lower()
        case int() | float():
            return "a number"
        case str():
            return f"the text {_clip(data)!r}"
        case list():
            return f"a list of {len(data)}"
    return "an object"


def _clip(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
