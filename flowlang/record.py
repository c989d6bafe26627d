"""Frozen, slotted record classes: tuples with named fields, made without generated code.

A subclass lists its fields as annotations; `dataclasses` would do the same at 13 ms of import and 0.2 ms per class,
which `flowlang check` cannot spare. Instances are immutable, always true, equal only to records of the same class and
hashable when their fields are. They are tuples underneath only for speed and size: do not index or unpack them.
"""

from __future__ import annotations

from _collections import _tuplegetter  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_: object):
        return lambda cls: cls


@dataclass_transform(frozen_default=True)
class RecordMeta(type):
    """Turns annotations into tuple positions, in order, those of the parent class first."""

    if TYPE_CHECKING:
        _fields: tuple[str, ...]
        _defaults: dict[str, Any]
        __match_args__: tuple[str, ...]
    else:

        def __new__(mcs, name, bases, namespace):
            own = tuple(namespace.get("__annotations__", ()))
            inherited = getattr(bases[0], "_fields", ()) if bases else ()
            defaults = dict(getattr(bases[0], "_defaults", ())) if bases else {}
            for field in own:
                if field in namespace:
                    defaults[field] = namespace.pop(field)
            fields = inherited + own
            namespace["__slots__"] = ()
            namespace["_fields"] = namespace["__match_args__"] = fields
            namespace["_defaults"] = defaults
            for index, field in enumerate(own, len(inherited)):
                namespace[field] = _tuplegetter(index, None)
            return super().__new__(mcs, name, bases, namespace)


if TYPE_CHECKING:

    class Record(metaclass=RecordMeta):
        """The parent of every record class."""

        def replace(self, **changes: Any) -> Self: ...

else:

    class Record(tuple, metaclass=RecordMeta):
        """The parent of every record class."""

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
