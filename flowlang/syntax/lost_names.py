"""A flow or a step whose name is no name: it is told once, and the rest of it is read as if it had one.

What stands there is the name, be it a reserved word or a number; where nothing does, the name is empty.
"""

from __future__ import annotations

from flowlang.syntax.automaton import accepts, feed
from flowlang.syntax.lexing import RESERVED
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser


def read_nameless(p: Parser, stacks: Stacks, start: int, end: int, told: Diagnostic | None) -> tuple[int, int] | None:
    """Go on behind what stands where a flow or step has its name; none if that is not what is wrong. `told`: the
    finding, if it was not made before.
    """
    word = stacks.values[-1] if stacks.values else None
    if type(word) is not str or word not in ("flow", "step"):
        return None
    found = p.text[start:end]
    is_name = found in RESERVED or found[:1].isdigit()
    behind = next(tokens(p.text, end)) if is_name else (0, start, end)
    sign = p.text[behind[1] : behind[2]]
    if sign not in (("(",) if word == "flow" else ("=", ":")) or not accepts(p, stacks, "NAME", sign):
        return None
    if told is not None:
        p.diagnostics.append(told)
    if word == "flow":
        p.broken_heads.add(stacks.starts[-1])
    feed(p, stacks, "NAME", found if is_name else "", start)
    stacks.last = end if is_name else stacks.last
    return stacks.state, end if is_name else start
