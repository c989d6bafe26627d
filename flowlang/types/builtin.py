"""The names of types that need no declaration, and how many arguments each takes.

`secret` alone is `secret[string]`. `filter_name`, `test_name`, `field_name[T]`, `number[T]` and `cron` serve
declarations of the standard library.
"""

from __future__ import annotations

from flowlang.types import model
from flowlang.types.model import FieldName, List, Map, NumberOf, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.types.model import Type

PLAIN: Final[dict[str, Type]] = {
    "string": model.STRING,
    "int": model.INT,
    "float": model.FLOAT,
    "bool": model.BOOL,
    "datetime": model.DATETIME,
    "date": model.DATE,
    "duration": model.DURATION,
    "url": model.URL,
    "secret": Secret(model.STRING),
    "bytes": model.BYTES,
    "any": model.ANY,
    "never": model.NEVER,
    "none": model.NONE,
}
LIBRARY: Final[dict[str, Type]] = {
    "cron": model.CRON,
    "filter_name": model.FILTER_NAME,
    "test_name": model.TEST_NAME,
}
GENERIC: Final = ("list", "map", "secret", "number", "field_name")


def generic(name: str, argument: Type) -> Type:
    """`list[T]`, `map[T]`, `secret[T]`, `number[T]`, `field_name[T]`; a secret of a secret is the same secret."""
    match name:
        case "list":
            return List(argument)
        case "map":
            return Map(argument)
        case "secret":
            return argument if isinstance(argument, Secret) else Secret(argument)
        case "number":
            return NumberOf(argument)
        case _:
            return FieldName(argument)
