"""What may be written where a type is wanted that whoever writes it does not own, in words: for help lines only."""

from __future__ import annotations

from flowlang.types.join import members
from flowlang.types.model import Bool, Duration, Float, Int, List, LiteralOf, Map, NoneType, Secret, String, Union, Url
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.types.model import Type


def allowed(of: Type) -> str:
    """`a whole number of at least 1`, `'a', 'b' or 'c'`, `a duration such as `30s``."""
    match of:
        case Union():
            listed = [allowed(each) for each in members(of)]
            return " or ".join([", ".join(listed[:-1]), listed[-1]])
        case Secret():
            return allowed(of.inner)
        case Int():
            return f"a whole number{_bounds(of)}"
        case Float():
            return f"a number{_bounds(of)}"
        case LiteralOf() | NoneType():
            return f"`{show(of)}`"
        case Bool():
            return "`true` or `false`"
        case Duration():
            return "a duration such as `30s`"
        case String():
            return "a text"
        case Url():
            return 'a url such as `"https://example.org"`'
        case List():
            return "a list"
        case Map():
            return "a map"
    return show(of)


def _bounds(of: Int | Float) -> str:
    if of.ge is not None and of.le is not None:
        return f" from {of.ge:g} to {of.le:g}"
    said = [
        f"{word} {bound:g}"
        for word, bound in (("at least", of.ge), ("more than", of.gt), ("at most", of.le), ("less than", of.lt))
        if bound is not None
    ]
    return f" of {' and '.join(said)}" if said else ""
