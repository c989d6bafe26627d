"""Frozen, slotted record classes: tuples with named fields, made without generated code.

A subclass lists its fields as annotations, those with defaults last; `dataclasses` would do the same at 13 ms of import
and 0.2 ms per class, which `flowlang check` cannot spare. Each says `__slots__ = ()`: a metaclass could add it, but
would make `isinstance`, which the checker asks all the time, three times as slow. Instances are immutable, always true,
equal only to records of the same class and hashable when their fields are. They are tuples underneath only for speed
and size: do not index or unpack them.
"""

from __future__ import annotations

from _collections import _tuplegetter  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, TypeVar, dataclass_transform

    R = TypeVar("R", bound="Record")
if TYPE_CHECKING:

    def new(cls: type[R], fields: tuple[Any, ...]) -> R:
        """Make a record of a class from all its fields, at half of what calling the class costs: for those that a check
        makes by the hundred.
        """

    def is_same(a: R, b: R) -> bool:
        """Whether two records that are known to be of one class are equal: as `==`, which asks for their class."""

    @dataclass_transform(frozen_default=True)
    class Record:
        """The parent of every record class."""

        _fields: tuple[str, ...]
        _defaults: dict[str, Any]
        __match_args__: tuple[str, ...]

        def replace(self, **changes: Any) -> Self: ...

else:
    new = tuple.__new__
    is_same = tuple.__eq__

    class Record(tuple):
        """The parent of every record class."""

        __slots__ = ()
        _fields = __match_args__ = ()
        _defaults = {}  # noqa: RUF012 — never changed

        def __init_subclass__(cls):
            """Turn annotations into tuple positions, in order, those of the parent class first."""
            namespace = cls.__dict__
            own = tuple(namespace.get("__annotations__", ()))
            if "__slots__" not in namespace:
                raise TypeError(f"{cls.__name__} needs `__slots__ = ()`, or each instance has a dictionary too")
            if not own:
                return
            parent = cls.__base__
            defaults = dict(parent._defaults)
            for field in own:
                if field in namespace:
                    defaults[field] = namespace[field]
            for index, field in enumerate(own, len(parent._fields)):
                setattr(cls, field, _tuplegetter(index, None))
            cls._fields = cls.__match_args__ = parent._fields + own
            cls._defaults = defaults
            cls.__new__ = _maker(cls._fields, defaults)

        def __new__(cls):
            return tuple.__new__(cls)

        def replace(self, **changes):
            """Return a copy with the named fields changed."""
            values = [*self]
            for field, value in changes.items():
                if field not in self._fields:
                    raise TypeError(f"{type(self).__name__} has no field `{field}`")
                values[self._fields.index(field)] = value
            return tuple.__new__(type(self), values)

        def __bool__(self):
            return True

        def __eq__(self, other):
            return self is other or (type(self) is type(other) and tuple.__eq__(self, other))

        def __ne__(self, other):
            return self is not other and (type(self) is not type(other) or tuple.__ne__(self, other))

        __hash__ = tuple.__hash__

        def __repr__(self):
            shown = ", ".join(f"{f}={v!r}" for f, v in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"


def _maker(fields: tuple[str, ...], defaults: dict[str, Any]) -> Any:
    """The `__new__` of a class: that of its number of fields, with their names and defaults."""
    made = _MAKERS[len(fields)]
    code = made.__code__.replace(co_varnames=("_cls", *fields), co_name="__new__")
    last = tuple([defaults[field] for field in fields[len(fields) - len(defaults) :]])
    return type(made)(code, globals(), "__new__", last)


_new: Any = tuple.__new__
# Calling a function of its own makes a record in half the time that one for any number of fields needs, and a check
# makes five a line.
# fmt: off
_MAKERS: Any = (
    lambda _cls: _new(_cls, ()),
    lambda _cls, a: _new(_cls, (a,)),
    lambda _cls, a, b: _new(_cls, (a, b)),
    lambda _cls, a, b, c: _new(_cls, (a, b, c)),
    lambda _cls, a, b, c, d: _new(_cls, (a, b, c, d)),
    lambda _cls, a, b, c, d, e: _new(_cls, (a, b, c, d, e)),
    lambda _cls, a, b, c, d, e, f: _new(_cls, (a, b, c, d, e, f)),
    lambda _cls, a, b, c, d, e, f, g: _new(_cls, (a, b, c, d, e, f, g)),
    lambda _cls, a, b, c, d, e, f, g, h: _new(_cls, (a, b, c, d, e, f, g, h)),
    lambda _cls, a, b, c, d, e, f, g, h, i: _new(_cls, (a, b, c, d, e, f, g, h, i)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j: _new(_cls, (a, b, c, d, e, f, g, h, i, j)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, o: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, o)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, o: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, o)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, o, n: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, o, n)),
    lambda _cls, a, b, c, d, e, f, g, h, i, j, k, m, o, n, p: _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, m, o, n, p)),
)
# fmt: on
