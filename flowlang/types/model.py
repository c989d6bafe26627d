"""The types themselves, whatever their spelling: immutable values, equal when they mean the same.

`T?` is `Union` with `NONE`; null, an absent key and a skipped step are all `NONE`. A record's field may be absent
exactly if its type admits none. Unions are flat, ordered, without duplicates and never hold one member: build them
with `types.join.union`. `any?` is `Union((ANY, NONE))` and is not `any`: presence is tracked for untyped values too.
"""

from __future__ import annotations

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Any(Record):
    """`any`: JSON of unknown shape; everything is allowed and checked at run time. Also the type of what failed to
    check.
    """

    __slots__ = ()


class Never(Record):
    """`never`: no value; the type of `fail(…)`."""

    __slots__ = ()


class NoneType(Record):
    """`none`."""

    __slots__ = ()


class Bool(Record):
    """`bool`."""

    __slots__ = ()


class Int(Record):
    """`int(ge=0, le=100)`: 64-bit; bounds inclusive (`ge`, `le`) or exclusive (`gt`, `lt`)."""

    __slots__ = ()

    ge: int | None = None
    gt: int | None = None
    le: int | None = None
    lt: int | None = None
    multiple_of: int | None = None


class Float(Record):
    """`float(gt=0)`: finite."""

    __slots__ = ()

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None


class String(Record):
    """`string(min_length=1, pattern='…', format='email')`: lengths in code points; the pattern is for pydantic's regex
    engine.
    """

    __slots__ = ()

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None


class Datetime(Record):
    """`datetime`: at run time RFC 3339 UTC text with six decimals."""

    __slots__ = ()


class Date(Record):
    """`date`: at run time ISO text."""

    __slots__ = ()


class Duration(Record):
    """`duration`: at run time an int of microseconds; ISO 8601 text at JSON edges. `written`: as a check of what comes
    from such an edge has it, where a number is none.
    """

    __slots__ = ()

    written: bool = False


class Url(Record):
    """`url`: at run time text. `string` is not assignable to it."""

    __slots__ = ()


class Bytes(Record):
    """`bytes`: at run time base64 text."""

    __slots__ = ()

    min_length: int | None = None
    max_length: int | None = None


class Cron(Record):
    """`cron`: a cron expression as text (standard library)."""

    __slots__ = ()


class Secret(Record):
    """`secret[T]`: taints what it touches."""

    __slots__ = ()

    inner: Type


class LiteralOf(Record):
    """`'auto'`, `3`, `true`: one value. Compare with `kind`, for `1 == True` in Python."""

    __slots__ = ()

    value: str | int | float | bool
    kind: str  # 'string' | 'int' | 'float' | 'bool'


class List(Record):
    """`list[T](min_length=1)`."""

    __slots__ = ()

    item: Type
    min_length: int | None = None
    max_length: int | None = None


class Map(Record):
    """`map[T]`: text keys."""

    __slots__ = ()

    value: Type
    min_length: int | None = None
    max_length: int | None = None


class Field(Record):
    """A field of a record; `default` is a JSON value in a 1-tuple, or none. Optional exactly if `type` admits none or
    has a default.
    """

    __slots__ = ()

    name: str
    type: Type
    default: tuple[object] | None = None

    def __hash__(self) -> int:
        return hash((self.name, self.type))  # the default may be a list or a map


class RecordOf(Record):
    """`{ a: T, b: U? }`; `name` is the declared name for messages ('' for an anonymous one), `exact` refuses extra
    keys.

    Two records with equal fields are interchangeable whatever their names (structural), but a value that enters
    another one is projected.
    """

    __slots__ = ()

    name: str
    fields: tuple[Field, ...]
    exact: bool = False


class Union(Record):
    """`A | B`."""

    __slots__ = ()

    members: tuple[Type, ...]


class TypeVar(Record):
    """A type parameter of a declaration."""

    __slots__ = ()

    name: str


class FieldOf(Record):
    """`T[k]`: the type of the field of T that the literal text parameter `k` names; T itself if `k` is none.

    If `k` is declared `filter_name`, it is the result of that filter on T. `T[a, f]` is `FieldOf(FieldOf(T, a), f)`.
    """

    __slots__ = ()

    record: Type
    parameter: str


class NumberOf(Record):
    """`number[T]` in a declaration: `int` or `float` without literals and bounds; T must be numbers."""

    __slots__ = ()

    inner: Type


class FieldName(Record):
    """`field_name[T]` in a declaration: the name of a field of T (or a dotted path to one) as literal text."""

    __slots__ = ()

    record: Type


class FilterName(Record):
    """`filter_name` in a declaration: the name of a filter as literal text."""

    __slots__ = ()


class TestName(Record):
    """`test_name` in a declaration: the name of a test as literal text."""

    __slots__ = ()


ANY: Final = Any()
MISTAKEN: Final = Any()
"""The `any` of what is mistaken and reported: equal to `any`, told apart by identity where `any` itself would be a
mistake.
"""
NEVER: Final = Never()
NONE: Final = NoneType()
BOOL: Final = Bool()
INT: Final = Int()
FLOAT: Final = Float()
STRING: Final = String()
DATETIME: Final = Datetime()
DATE: Final = Date()
DURATION: Final = Duration()
WRITTEN_DURATION: Final = Duration(written=True)
URL: Final = Url()
BYTES: Final = Bytes()
CRON: Final = Cron()
SECRET_ANY: Final = Secret(ANY)
FILTER_NAME: Final = FilterName()
TEST_NAME: Final = TestName()
BASES: Final[dict[str, Type]] = {"string": STRING, "int": INT, "float": FLOAT, "bool": BOOL}
"""The types whose values literals are, by the kinds of these."""
PLAIN: Final[frozenset[type]] = frozenset((Any, NoneType, Bool, Int, Float, String, LiteralOf, Url))
"""What most types are made of: they hold no others, and their values are the same outside."""

if TYPE_CHECKING:
    Type = (
        Any | Never | NoneType | Bool | Int | Float | String | Datetime | Date | Duration | Url | Bytes | Cron | Secret
        | LiteralOf | List | Map | RecordOf | Union | TypeVar | FieldOf | NumberOf | FieldName | FilterName | TestName
    )  # fmt: skip
