"""Frozen, slotted record classes: tuples with named fields, made without generated code.

A subclass lists its fields as annotations; `dataclasses` would do the same at 13 ms of import and 0.2 ms per class,
which `flowlang check` cannot spare. Each says `__slots__ = ()`: a metaclass could add it, but would make `isinstance`,
which the checker asks all the time, three times as slow. Instances are immutable, always true, equal only to records
of the same class and hashable when their fields are. They are tuples underneath only for speed and size: do not index
or unpack them.
"""

from __future__ import annotations

from _collections import _tuplegetter  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, dataclass_transform
if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True)
    class Record:
        """The parent of every record class."""

        _fields: tuple[str, ...]
        _defaults: dict[str, Any]
        __match_args__: tuple[str, ...]

        def replace(self, **changes: Any) -> Self: ...

else:

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

        def __new__(cls, *args, **named):
            if named or len(args) != len(cls._fields):
                args = _fill(cls, args, named)
            return tuple.__new__(cls, args)

        def replace(self, **changes):
            """Return a copy with the named fields changed."""
            unknown = changes.keys() - set(self._fields)
            if unknown:
                raise TypeError(f"{type(self).__name__} has no field {sorted(unknown)}")
            return tuple.__new__(type(self), [changes.get(f, v) for f, v in zip(self._fields, self, strict=True)])

        def __bool__(self):
            return True

        def __eq__(self, other):
            return self is other or (type(self) is type(other) and tuple.__eq__(self, other))

        def __ne__(self, other):
            return not self == other

        __hash__ = tuple.__hash__

        def __repr__(self):
            shown = ", ".join(f"{f}={v!r}" for f, v in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({shown})"


def _fill(cls: Any, args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    fields, defaults = cls._fields, cls._defaults
    values = list(args)
    rest = fields[len(args) :]
    if not named and rest and rest[0] in defaults:
        return values + [defaults[field] for field in rest]
    for field in rest:
        if field in named:
            values.append(named.pop(field))
        elif field in defaults:
            values.append(defaults[field])
        else:
            raise TypeError(f"{cls.__name__} is missing its field {field!r}")
    if named or len(values) != len(fields):
        raise TypeError(f"{cls.__name__} takes {fields}, not {len(args)} values and {sorted(named)}")
    return values
