"""Tests: what `is` asks. `is defined` on a key is answered by the evaluator; here a value is asked, which is there
unless none.
"""

from __future__ import annotations

from typing import Any, Final

from flowlang.runtime.errors import fault
from flowlang.runtime.functions.naming import Function
from flowlang.runtime.functions.values import identity, order_keys, same, text_of
from flowlang.runtime.operations import kind_word


def is_in(value: Any, seq: Any) -> bool:
    if isinstance(seq, dict):
        return value.__class__ is str and value in seq
    if seq.__class__ is list:
        wanted = identity(value)
        return any(wanted == identity(item) for item in seq)
    if seq.__class__ is str:
        return text_of(value, "in") in seq
    raise fault(f"`in` wants a list, a map or text, not {kind_word(seq)}")


def is_divisibleby(value: Any, num: Any) -> bool:
    _whole(value, "divisibleby")
    if _whole(num, "divisibleby") == 0:
        raise fault("division by zero")
    return bool(value % num == 0)


def is_even(value: Any) -> bool:
    return _whole(value, "even") % 2 == 0


def is_odd(value: Any) -> bool:
    return _whole(value, "odd") % 2 == 1


def is_ne(value: Any, other: Any) -> bool:
    return not same(value, other)


def is_lt(value: Any, other: Any) -> bool:
    a, b = _ordered(value, other)
    return bool(a < b)


def is_le(value: Any, other: Any) -> bool:
    a, b = _ordered(value, other)
    return bool(a <= b)


def is_gt(value: Any, other: Any) -> bool:
    a, b = _ordered(value, other)
    return bool(a > b)


def is_ge(value: Any, other: Any) -> bool:
    a, b = _ordered(value, other)
    return bool(a >= b)


def is_lower(value: Any) -> bool:
    return text_of(value, "lower").islower()


def is_upper(value: Any) -> bool:
    return text_of(value, "upper").isupper()


def _whole(value: Any, what: str) -> int:
    if value.__class__ is not int:
        raise fault(f"{what} wants an int, not {kind_word(value)}")
    return value


def _ordered(a: Any, b: Any) -> list[Any]:
    return order_keys([a, b], fold=False, what="the comparison")


def _is_number(value: Any) -> bool:
    return value.__class__ is int or value.__class__ is float


FUNCTIONS: Final[dict[str, Function]] = {
    "is_boolean": lambda value: value.__class__ is bool,
    "is_defined": lambda value: value is not None,
    "is_undefined": lambda value: value is None,
    "is_divisibleby": is_divisibleby,
    "is_eq": lambda value, other: same(value, other),
    "is_equalto": lambda value, other: same(value, other),
    "is_ne": is_ne,
    "is_lt": is_lt,
    "is_le": is_le,
    "is_gt": is_gt,
    "is_ge": is_ge,
    "is_lessthan": is_lt,
    "is_greaterthan": is_gt,
    "is_even": is_even,
    "is_odd": is_odd,
    "is_false": lambda value: value is False,
    "is_true": lambda value: value is True,
    "is_float": lambda value: value.__class__ is float,
    "is_integer": lambda value: value.__class__ is int,
    "is_number": lambda value: _is_number(value),
    "is_string": lambda value: value.__class__ is str,
    "is_none": lambda value: value is None,
    "is_mapping": lambda value: isinstance(value, dict),
    "is_sequence": lambda value: isinstance(value, (list, dict, str)),
    "is_iterable": lambda value: isinstance(value, (list, dict, str)),
    "is_in": is_in,
    "is_lower": is_lower,
    "is_upper": is_upper,
}
