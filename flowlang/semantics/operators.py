"""The typed operators of the plan: which there are, what they take and what they give. The evaluator reads the same
table.

`BINARY` maps (symbol, left kind, right kind) to the operator's name; `RESULTS` the name to the kind of its result.
Kinds are the words of `kind_of`. Where a type is not known (`any`, or a union of kinds) the operator is the symbol's
`*_any`, which decides by the values. `~` is always `concat`. `in` and orderings are tagged: `<:datetime`, `in:list`,
`not_in:any`; `==` and `!=` compare JSON values, bool never equal to a number.

    add_int sub_int mul_int floordiv_int mod_int pow_int     64-bit, overflow faults; a negative exponent faults
    add_float sub_float mul_float floordiv_float mod_float pow_float     at least one side may be a float
    div                                                      numbers to float
    add_text add_list                                        joined
    mul_text mul_list mul_int_text mul_int_list              text or list times int, either order, within the limits
    add_datetime_duration add_duration_datetime sub_datetime_duration
    sub_datetime                                             the duration between two
    add_date_duration add_duration_date sub_date_duration    a duration that is not whole days faults
    sub_date                                                 the duration between two
    add_duration sub_duration mul_duration mul_number_duration div_duration_number div_duration floordiv_duration
    mod_duration
    neg_int neg_float neg_duration neg_any pos not
"""

from __future__ import annotations

from flowlang.types import model
from flowlang.types.model import (
    Any,
    Bool,
    Bytes,
    Cron,
    Date,
    Datetime,
    Duration,
    Float,
    Int,
    List,
    LiteralOf,
    Map,
    Never,
    NoneType,
    RecordOf,
    String,
    Union,
    Url,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.types.model import Type

_KINDS: Final[dict[type, str]] = {
    Any: "any",
    Never: "any",
    NoneType: "none",
    Bool: "bool",
    Int: "int",
    Float: "float",
    String: "text",
    Url: "text",
    Cron: "text",
    Bytes: "bytes",
    Datetime: "datetime",
    Date: "date",
    Duration: "duration",
    List: "list",
    Map: "map",
    RecordOf: "map",
}
_LITERAL_KINDS: Final = {"string": "text", "int": "int", "float": "float", "bool": "bool"}
WORDS: Final = {"+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floordiv", "%": "mod", "**": "pow"}


def kind_of(of: Type) -> str:
    """The word for the values of a type: 'mixed' for a union of several kinds; int with float is float."""
    if isinstance(of, LiteralOf):
        return _LITERAL_KINDS[of.kind]
    if isinstance(of, Union):
        kinds = {kind_of(member) for member in of.members}
        if len(kinds) == 1:
            return kinds.pop()
        return "float" if kinds == {"int", "float"} else "any" if "any" in kinds else "mixed"
    return _KINDS.get(type(of), "other")


def _table() -> dict[tuple[str, str, str], str]:
    table: dict[tuple[str, str, str], str] = {}
    for symbol, word in WORDS.items():
        if symbol == "/":
            continue
        table[symbol, "int", "int"] = f"{word}_int"
        for pair in (("int", "float"), ("float", "int"), ("float", "float")):
            table[(symbol, *pair)] = f"{word}_float"
    for left in ("int", "float"):
        for right in ("int", "float"):
            table["/", left, right] = "div"
        table["*", "duration", left] = "mul_duration"
        table["*", left, "duration"] = "mul_number_duration"
        table["/", "duration", left] = "div_duration_number"
    for kind in ("text", "list"):
        table["+", kind, kind] = f"add_{kind}"
        table["*", kind, "int"] = f"mul_{kind}"
        table["*", "int", kind] = f"mul_int_{kind}"
    for kind in ("datetime", "date"):
        table["+", kind, "duration"] = f"add_{kind}_duration"
        table["+", "duration", kind] = f"add_duration_{kind}"
        table["-", kind, "duration"] = f"sub_{kind}_duration"
        table["-", kind, kind] = f"sub_{kind}"
    for symbol in ("+", "-", "/", "//", "%"):
        table[symbol, "duration", "duration"] = f"{WORDS[symbol]}_duration"
    return table


BINARY: Final = _table()
RESULTS: Final[dict[str, Type]] = {
    **{f"{word}_int": model.INT for word in WORDS.values()},
    **{f"{word}_float": model.FLOAT for word in WORDS.values()},
    "div": model.FLOAT,
    "add_text": model.STRING,
    "mul_text": model.STRING,
    "mul_int_text": model.STRING,
    **{f"{name}_duration": model.DATETIME for name in ("add_datetime", "sub_datetime")},
    **{f"{name}_duration": model.DATE for name in ("add_date", "sub_date")},
    "add_duration_datetime": model.DATETIME,
    "add_duration_date": model.DATE,
    "sub_datetime": model.DURATION,
    "sub_date": model.DURATION,
    "add_duration": model.DURATION,
    "sub_duration": model.DURATION,
    "mul_duration": model.DURATION,
    "mul_number_duration": model.DURATION,
    "div_duration_number": model.DURATION,
    "div_duration": model.FLOAT,
    "floordiv_duration": model.INT,
    "mod_duration": model.DURATION,
}
"""Results that do not depend on the operands; of lists (`add_list`, `mul_list`, `mul_int_list`) and `*_any` they do."""

ORDERED: Final = {
    "int": "number",
    "float": "number",
    "text": "text",
    "datetime": "datetime",
    "date": "date",
    "duration": "duration",
}
CONTAINERS: Final = {"list": "list", "map": "map", "text": "text"}
OPERATORS: Final = frozenset(
    [*BINARY.values(), "concat", *(f"{word}_any" for word in WORDS.values())]
    + ["neg_int", "neg_float", "neg_duration", "neg_any", "pos", "not", "==", "!="]
    + [f"{symbol}:{tag}" for symbol in ("<", "<=", ">", ">=") for tag in (*ORDERED.values(), "any")]
    + [f"{symbol}:{tag}" for symbol in ("in", "not_in") for tag in (*CONTAINERS.values(), "any")]
)
"""Every value that `Facts.operators` can hold."""
