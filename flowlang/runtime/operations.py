"""What each operator of a plan does to run-time values: JSON in, JSON out, a fault for what has no value.

`OPERATIONS`, `NEGATIONS` and `COMPARISONS` are keyed by the names that the checker picks (`semantics.operators`);
`*_any` decide by the values. Bool is never a number, an int is 64-bit, a float is finite. Nothing here looks at a
Python attribute of a value.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from math import isfinite
from typing import Any, Final

from flowlang.runtime.budget import Budget
from flowlang.runtime.errors import RunError, fault
from flowlang.types.constraints import INT_MAX, INT_MIN
from flowlang.types.instants import DAY, from_micros, to_micros

Operation = Callable[[Any, Any, Budget], Any]

KIND_WORDS: Final[dict[type, str]] = {
    str: "text", int: "an int", float: "a float", bool: "a bool", list: "a list", dict: "a map", type(None): "none",
}  # fmt: skip


def kind_word(value: object) -> str:
    """The kind of a value in the language's words."""
    return KIND_WORDS.get(type(value), type(value).__name__)


def _unfit(symbol: str, a: object, b: object) -> RunError:
    return fault(f"`{symbol}` does not work on {kind_word(a)} and {kind_word(b)}")


def _int(value: int) -> int:
    if INT_MIN <= value <= INT_MAX:
        return value
    raise fault("the result does not fit an int of 64 bits", code="overflow")


def _float(value: Any) -> float:
    if value.__class__ is float and isfinite(value):
        return value
    raise fault("the result is not a finite number", code="overflow")


def is_number(value: object) -> bool:
    """Whether a value is an int or a float; a bool is neither."""
    return value.__class__ is int or value.__class__ is float


def _pow_int(a: int, b: int) -> int:
    if b < 0:
        raise fault("a negative exponent has no int result")
    if b > 63 and a not in (-1, 0, 1):
        raise fault("the result does not fit an int of 64 bits", code="overflow")
    return int(a**b)


_INTS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "floordiv": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "pow": _pow_int,
}
_FLOATS: Final[dict[str, Callable[[Any, Any], Any]]] = {**_INTS, "pow": lambda a, b: float(a) ** b}
_SYMBOLS: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "mod": "%", "pow": "**"}


def _on_ints(word: str) -> Operation:
    act, symbol = _INTS[word], _SYMBOLS[word]

    def operation(a: Any, b: Any, budget: Budget) -> Any:
        if a.__class__ is not int or b.__class__ is not int:
            raise _unfit(symbol, a, b)
        try:
            return _int(act(a, b))
        except ZeroDivisionError:
            raise fault("division by zero") from None

    return operation


def _on_floats(word: str) -> Operation:
    act, symbol = _FLOATS[word], _SYMBOLS[word]

    def operation(a: Any, b: Any, budget: Budget) -> Any:
        if not is_number(a) or not is_number(b):
            raise _unfit(symbol, a, b)
        try:
            result = act(a, b)
        except ZeroDivisionError:
            raise fault("division by zero") from None
        except OverflowError:
            raise fault("the result is not a finite number", code="overflow") from None
        if result.__class__ is int:  # two ints where floats were allowed
            return _int(result)
        return _float(result)

    return operation


def _div(a: Any, b: Any, budget: Budget) -> float:
    if not is_number(a) or not is_number(b):
        raise _unfit("/", a, b)
    try:
        return _float(a / b)
    except ZeroDivisionError:
        raise fault("division by zero") from None


def _add_text(a: Any, b: Any, budget: Budget) -> str:
    if a.__class__ is not str or b.__class__ is not str:
        raise _unfit("+", a, b)
    return budget.made_text(a + b)


def _add_list(a: Any, b: Any, budget: Budget) -> list[Any]:
    if a.__class__ is not list or b.__class__ is not list:
        raise _unfit("+", a, b)
    budget.made_list(len(a) + len(b))
    return a + b


def _mul_text(a: Any, b: Any, budget: Budget) -> str:
    if a.__class__ is not str or b.__class__ is not int:
        raise _unfit("*", a, b)
    if len(a) * max(b, 0) > budget.text:
        raise fault(f"a text is longer than {budget.text:,} bytes", code="limit")
    return budget.made_text(a * b)


def _mul_list(a: Any, b: Any, budget: Budget) -> list[Any]:
    if a.__class__ is not list or b.__class__ is not int:
        raise _unfit("*", a, b)
    budget.made_list(len(a) * max(b, 0))
    return a * b


def _swapped(operation: Operation) -> Operation:
    return lambda a, b, budget: operation(b, a, budget)


def _moment(text: Any) -> int:
    if text.__class__ is not str:
        raise fault(f"a datetime was expected, not {kind_word(text)}")
    try:
        return to_micros(text)
    except ValueError:
        raise fault(f"'{text[:40]}' is not a datetime") from None


def _day(text: Any) -> date:
    if text.__class__ is not str:
        raise fault(f"a date was expected, not {kind_word(text)}")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise fault(f"'{text[:40]}' is not a date") from None


def _duration(value: Any) -> int:
    if value.__class__ is not int:
        raise fault(f"a duration was expected, not {kind_word(value)}")
    return value


def _at(micros: int) -> str:
    try:
        return from_micros(micros)
    except OverflowError:
        raise fault("the result is outside the years 1 to 9999", code="overflow") from None


def _shift_date(day: date, duration: int) -> str:
    days, rest = divmod(duration, DAY)
    if rest:
        raise fault("a date takes whole days only")
    try:
        return (day + timedelta(days=days)).isoformat()
    except OverflowError:
        raise fault("the result is outside the years 1 to 9999", code="overflow") from None


def _scale(duration: Any, by: Any) -> int:
    if not is_number(by):
        raise _unfit("*", duration, by)
    try:
        return _int(round(_duration(duration) * by))
    except OverflowError:
        raise fault("the result does not fit an int of 64 bits", code="overflow") from None


def _unscale(duration: Any, by: Any, budget: Budget) -> int:
    if not is_number(by):
        raise _unfit("/", duration, by)
    try:
        return _int(round(_duration(duration) / by))
    except ZeroDivisionError:
        raise fault("division by zero") from None


def _any(word: str) -> Operation:
    """Decide by the values: numbers, then what else the symbol joins or repeats."""
    symbol, ints = _SYMBOLS[word], None if word == "div" else _on_ints(word)
    floats = _div if word == "div" else _on_floats(word)

    def operation(a: Any, b: Any, budget: Budget) -> Any:
        if is_number(a) and is_number(b):
            if ints is not None and a.__class__ is int and b.__class__ is int:
                return ints(a, b, budget)
            return floats(a, b, budget)
        for (left, right), other in others.items():
            if a.__class__ is left and b.__class__ is right:
                return other(a, b, budget)
        raise _unfit(symbol, a, b)

    others: dict[tuple[type, type], Operation] = {}
    if word == "add":
        others = {(str, str): _add_text, (list, list): _add_list}
    elif word == "mul":
        others = {
            (str, int): _mul_text, (int, str): _swapped(_mul_text),
            (list, int): _mul_list, (int, list): _swapped(_mul_list),
        }  # fmt: skip
    return operation


OPERATIONS: Final[dict[str, Operation]] = {
    **{f"{word}_int": _on_ints(word) for word in _INTS},
    **{f"{word}_float": _on_floats(word) for word in _FLOATS},
    **{f"{word}_any": _any(word) for word in _SYMBOLS},
    "div": _div,
    "add_text": _add_text,
    "add_list": _add_list,
    "mul_text": _mul_text,
    "mul_int_text": _swapped(_mul_text),
    "mul_list": _mul_list,
    "mul_int_list": _swapped(_mul_list),
    "add_datetime_duration": lambda a, b, _: _at(_moment(a) + _duration(b)),
    "add_duration_datetime": lambda a, b, _: _at(_moment(b) + _duration(a)),
    "sub_datetime_duration": lambda a, b, _: _at(_moment(a) - _duration(b)),
    "sub_datetime": lambda a, b, _: _moment(a) - _moment(b),
    "add_date_duration": lambda a, b, _: _shift_date(_day(a), _duration(b)),
    "add_duration_date": lambda a, b, _: _shift_date(_day(b), _duration(a)),
    "sub_date_duration": lambda a, b, _: _shift_date(_day(a), -_duration(b)),
    "sub_date": lambda a, b, _: (_day(a) - _day(b)).days * DAY,
    "add_duration": _on_ints("add"),
    "sub_duration": _on_ints("sub"),
    "mul_duration": lambda a, b, _: _scale(a, b),
    "mul_number_duration": lambda a, b, _: _scale(b, a),
    "div_duration_number": _unscale,
    "div_duration": _div,
    "floordiv_duration": _on_ints("floordiv"),
    "mod_duration": _on_ints("mod"),
}


def _negate(value: Any) -> Any:
    if value.__class__ is int:
        return _int(-value)
    if value.__class__ is float:
        return -value
    raise fault(f"`-` does not work on {kind_word(value)}")


def _posit(value: Any) -> Any:
    if not is_number(value):
        raise fault(f"`+` does not work on {kind_word(value)}")
    return value


NEGATIONS: Final[dict[str, Callable[[Any], Any]]] = {
    **{name: _negate for kind in ("int", "float", "duration", "any") for name in (kind, f"neg_{kind}")},
    "pos": _posit,
}

_SCALARS: Final = frozenset((str, int, float, bool, type(None)))


def equal(a: Any, b: Any, budget: Budget) -> bool:
    """Whether two JSON values are the same; 1 and 1.0 are, 1 and true are not.

    Charges the deep size of the smaller walk.
    """
    left, right = a.__class__, b.__class__
    if left in _SCALARS or right in _SCALARS:
        if left is right or (left is not bool and right is not bool):
            if left is str and right is str:
                budget.charge(len(a) >> 6)
            return a == b  # type: ignore[no-any-return]
        return False
    if left is not right:
        return False
    budget.weigh(a)
    return _same(a, b)


def _same(a: Any, b: Any) -> bool:
    left, right = a.__class__, b.__class__
    if left is list and right is list:
        return len(a) == len(b) and all(map(_same, a, b))
    if left is dict and right is dict:
        return len(a) == len(b) and all(k in b and _same(v, b[k]) for k, v in a.items())
    return a == b and (left is bool) == (right is bool)


def contains(a: Any, b: Any, budget: Budget) -> bool:
    """`a in b`: an item of a list, a key of a map, a part of a text."""
    kind = b.__class__
    if kind is list:
        budget.weigh(b)
        return any(equal(a, item, budget) for item in b)
    if kind is dict:
        return a.__class__ is str and a in b
    if kind is str:
        if a.__class__ is not str:
            raise _unfit("in", a, b)
        budget.charge(len(b) >> 4)
        return a in b
    raise _unfit("in", a, b)


def _ordered(symbol: str) -> Operation:
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    }  # fmt: skip
    act = compare[symbol]

    def operation(a: Any, b: Any, budget: Budget) -> bool:
        if a.__class__ is str and b.__class__ is str:
            budget.charge(len(a) >> 6)
            return act(a, b)
        if is_number(a) and is_number(b):
            return act(a, b)
        raise _unfit(symbol, a, b)

    return operation


def _negated(operation: Operation) -> Operation:
    return lambda a, b, budget: not operation(a, b, budget)


COMPARISONS: Final[dict[str, Operation]] = {
    "==": equal,
    "!=": _negated(equal),
    "in": contains,
    "not in": _negated(contains),
    **{symbol: _ordered(symbol) for symbol in ("<", "<=", ">", ">=")},
}


def comparison(name: str) -> Operation:
    """The comparison of an operator with or without its tag: `<:datetime` compares as `<` does, for run-time text order
    is time order.
    """
    return COMPARISONS[name.partition(":")[0].replace("_", " ")]


def index_of(value: Any, key: Any) -> Any:
    """`value[key]`; raises LookupError with what is there instead."""
    kind = value.__class__
    if kind is dict:
        if key.__class__ is str and key in value:
            return value[key]
        raise LookupError(
            "there is no such key" if key.__class__ is str else f"a map has text keys, not {kind_word(key)}"
        )
    if kind is list or kind is str:
        if key.__class__ is not int:
            raise LookupError(f"{kind_word(value)} has number indexes, not {kind_word(key)}")
        try:
            return value[key]
        except IndexError:
            raise LookupError(f"{'the list' if kind is list else 'the text'} has {len(value)}") from None
    raise LookupError(f"it is {kind_word(value)}, not a list or a map")


def slice_of(value: Any, lower: Any, upper: Any, step: Any, budget: Budget) -> Any:
    """`value[lower:upper:step]` of a list or a text."""
    if value.__class__ is not list and value.__class__ is not str:
        raise fault(f"{kind_word(value)} cannot be sliced")
    for bound in (lower, upper, step):
        if bound is not None and bound.__class__ is not int:
            raise fault(f"a slice takes ints, not {kind_word(bound)}")
    if step == 0:
        raise fault("a slice cannot step by 0")
    budget.charge(len(value) >> 3)
    return value[lower:upper:step]


def has(value: Any, key: Any) -> bool:
    """`value.key is defined`."""
    if value.__class__ is dict:
        return key.__class__ is str and key in value
    if value.__class__ is list:
        return key.__class__ is int and -len(value) <= key < len(value)
    return False
