"""Constraint words: which type takes which, whether their values make sense, and whether a value keeps them.

The words are pydantic's. A pattern is for pydantic's Rust engine (linear time, no look-around, searched anywhere in
the text); the engine is imported only where a pattern is met.
"""

from __future__ import annotations

from flowlang.types.formats import FORMATS
from flowlang.types.model import Bytes, Float, Int, List, Map, String

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

    from flowlang.types.model import Type

    Sized = String | Bytes | List | Map

NUMBER_WORDS: Final = ("ge", "gt", "le", "lt", "multiple_of")
SIZE_WORDS: Final = ("min_length", "max_length")
INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
_patterns: Final[dict[str, Callable[[str], bool]]] = {}


class ConstraintError(Exception):
    """A constraint that does not fit: `word` says which, the message why."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


def words_of(of: Type) -> tuple[str, ...]:
    """The constraint words a type takes."""
    match of:
        case Int() | Float():
            return NUMBER_WORDS
        case String():
            return (*SIZE_WORDS, "pattern", "format")
        case Bytes() | List() | Map():
            return SIZE_WORDS
        case _:
            return ()


def constrain(of: Type, values: Mapping[str, object]) -> Type:
    """Return the type with constraints added; raise ConstraintError at the first that does not fit."""
    known = words_of(of)
    for word, value in values.items():
        if word not in known:
            raise ConstraintError(word, f"`{word}` is not a constraint of this type")
        _check_value(of, word, value)
    new: Type = of.replace(**values)
    _check_together(new, list(values))
    return new


def number_problem(of: Int | Float, value: float) -> str | None:
    """Say which bound a number breaks."""
    if of.ge is not None and value < of.ge:
        return f"{value} is less than {of.ge}"
    if of.gt is not None and value <= of.gt:
        return f"{value} is not greater than {of.gt}"
    if of.le is not None and value > of.le:
        return f"{value} is greater than {of.le}"
    if of.lt is not None and value >= of.lt:
        return f"{value} is not less than {of.lt}"
    if of.multiple_of is not None and not is_multiple(value, of.multiple_of):
        return f"{value} is not a multiple of {of.multiple_of}"
    return None


def is_multiple(value: float, of: float) -> bool:
    """Whether a number is a multiple of another, within floating-point error."""
    if isinstance(value, int) and isinstance(of, int):
        return value % of == 0
    ratio = value / of
    return abs(ratio - round(ratio)) <= 1e-9 * max(1.0, abs(ratio))


def text_problem(of: String, value: str) -> str | None:
    """Say which constraint a text breaks."""
    found = size_problem(of, len(value), "characters")
    if found is not None:
        return found
    if of.format is not None and not FORMATS[of.format][0](value):
        return f"the text is not {FORMATS[of.format][1]}"
    if of.pattern is not None and not matches(of.pattern, value):
        return f"the text does not match {of.pattern}"
    return None


def size_problem(of: Sized, size: int, unit: str) -> str | None:
    """Say which length a text, list or map breaks; `unit`: the word for several."""
    unit = unit[:-1] if size == 1 else unit
    if of.min_length is not None and size < of.min_length:
        return f"{size} {unit}, fewer than {of.min_length}"
    if of.max_length is not None and size > of.max_length:
        return f"{size} {unit}, more than {of.max_length}"
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text, in linear time. Raises ValueError for a pattern that does not compile."""
    found = _patterns.get(pattern)
    if found is None:
        if len(_patterns) >= 256:
            _patterns.clear()
        found = _patterns[pattern] = matcher(pattern)
    return found(text)


def matcher(pattern: str) -> Callable[[str], bool]:
    """Compile a pattern with pydantic's Rust engine; raise ValueError with its reason."""
    from pydantic_core import SchemaError, SchemaValidator

    try:
        validator = SchemaValidator({"type": "str", "pattern": pattern, "strict": True})
    except SchemaError as error:
        raise ValueError(_regex_reason(str(error))) from None
    return validator.isinstance_python


def _regex_reason(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if line.startswith("error:"):
            return line.removeprefix("error:").strip()
    return lines[-1] if lines else "the pattern does not compile"


def _check_value(of: Type, word: str, value: object) -> None:
    if word in SIZE_WORDS:
        if type(value) is not int or value < 0:
            raise ConstraintError(word, f"`{word}` is a whole number from 0")
    elif word == "format":
        if not isinstance(value, str) or value not in FORMATS:
            raise ConstraintError(word, f"`format` is one of {', '.join(FORMATS)}")
    elif word == "pattern":
        if not isinstance(value, str):
            raise ConstraintError(word, "`pattern` is a text")
        try:
            matcher(value)
        except ValueError as error:
            raise ConstraintError(word, f"the pattern does not compile: {error}") from None
    elif isinstance(of, Int):
        if type(value) is not int or not INT_MIN <= value <= INT_MAX:
            raise ConstraintError(word, f"`{word}` of an int is a whole number of 64 bits")
    elif type(value) not in (int, float):
        raise ConstraintError(word, f"`{word}` is a number")
    if word == "multiple_of" and isinstance(value, (int, float)) and value <= 0:
        raise ConstraintError(word, "`multiple_of` is more than 0")


def _check_together(of: Type, written: list[str]) -> None:
    if isinstance(of, (Int, Float)):
        if of.ge is not None and of.gt is not None:
            raise ConstraintError(written[-1], "`ge` and `gt` are both lower bounds")
        if of.le is not None and of.lt is not None:
            raise ConstraintError(written[-1], "`le` and `lt` are both upper bounds")
        if is_empty(of):
            raise ConstraintError(written[-1], "no number keeps both bounds")
    elif (
        isinstance(of, (String, Bytes, List, Map))
        and of.min_length is not None
        and of.max_length is not None
        and of.min_length > of.max_length
    ):
        raise ConstraintError(written[-1], "`min_length` is more than `max_length`")


def lower(of: Int | Float) -> tuple[float, bool] | None:
    """The lower bound and whether it is excluded; of an int always included."""
    if of.ge is not None:
        return (of.ge, False)
    if of.gt is None:
        return None
    return (of.gt + 1, False) if isinstance(of, Int) else (of.gt, True)


def upper(of: Int | Float) -> tuple[float, bool] | None:
    """The upper bound and whether it is excluded; of an int always included."""
    if of.le is not None:
        return (of.le, False)
    if of.lt is None:
        return None
    return (of.lt - 1, False) if isinstance(of, Int) else (of.lt, True)


def is_empty(of: Int | Float) -> bool:
    """Whether no number keeps the bounds."""
    return _is_apart(lower(of), upper(of))


def _is_apart(low: tuple[float, bool] | None, high: tuple[float, bool] | None) -> bool:
    """Whether no number lies between a lower and an upper bound."""
    if low is None or high is None:
        return False
    return low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))


def implies(source: Int | Float, target: Int | Float) -> bool:
    """Whether every number of `source` keeps the bounds of `target`."""
    low, high = lower(source), upper(source)
    wanted_low, wanted_high = lower(target), upper(target)
    if wanted_low is not None and (low is None or (low[0], low[1]) < (wanted_low[0], wanted_low[1])):
        return False
    if wanted_high is not None and (high is None or (high[0], not high[1]) > (wanted_high[0], not wanted_high[1])):
        return False
    if target.multiple_of is None:
        return True
    return source.multiple_of is not None and is_multiple(source.multiple_of, target.multiple_of)


def disjoint(source: Int | Float, target: Int | Float) -> bool:
    """Whether no number of `source` keeps the bounds of `target`."""
    return _is_apart(lower(source), upper(target)) or _is_apart(lower(target), upper(source))


def sizes_imply(source: Sized, target: Sized) -> bool:
    """Whether every length that `source` allows is one that `target` allows."""
    if target.min_length is not None and target.min_length > (source.min_length or 0):
        return False
    return target.max_length is None or (source.max_length is not None and source.max_length <= target.max_length)


def sizes_disjoint(source: Sized, target: Sized) -> bool:
    """Whether no length that `source` allows is one that `target` allows."""
    for a, b in ((source, target), (target, source)):
        if a.max_length is not None and b.min_length is not None and a.max_length < b.min_length:
            return True
    return False
