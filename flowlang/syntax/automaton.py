"""What the parser's automaton can be asked and told at a mistake: what could stand there, a token that is not there."""

from __future__ import annotations

from flowlang.syntax.tables import REFUSED, is_shift

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser
    from flowlang.syntax.tables import Action


def expected_at(p: Parser, stacks: Stacks) -> frozenset[str]:
    """The terminals that could stand at a mistake."""
    row = p.table.row(stacks.state)
    return frozenset([key for key in row if not key.startswith("BROKEN") and accepts(p, stacks, key)])


def accepts(p: Parser, stacks: Stacks, *keys: str) -> bool:
    """Whether these terminals, one after the other, could stand at a mistake."""
    states = [*stacks.below, stacks.state]
    return all(advance(p, states, key) for key in keys)


def advance(p: Parser, states: list[int], key: str) -> bool:
    """Go on with a terminal on states alone; False if it cannot stand there."""
    while True:
        fewer, to, after = p.table.row(states[-1]).get(key, REFUSED)
        if after is None:
            break
        del states[len(states) - fewer - 1 :]
        states.append(after.goto[states[-1]])
    if to is None:
        return key == "$END" and states[-1] in p.table.end.values()
    states.append(to)
    return True


def feed(p: Parser, stacks: Stacks, key: str, tok: Any, start: int) -> bool:
    """Give the automaton one token that is not in the text; False, with at most reductions done, if it refuses."""
    while True:
        action = p.table.row(stacks.state).get(key, REFUSED)
        if action is REFUSED:
            return False
        if is_shift(action):
            _push(stacks, tok, start, action[1])
            return True
        reduce(p, stacks, action, start)


def reduce(p: Parser, stacks: Stacks, action: Action, start: int) -> None:
    fewer, make, after = action
    assert after is not None
    values, starts = stacks.values, stacks.starts
    first = len(values) - fewer - 1
    value = values[first] if make is None else make(values, starts, first, stacks.last, p)
    if first < len(values):
        start = starts[first]
        cut(stacks, first)
    _push(stacks, value, start, after.goto[stacks.state])


def _push(stacks: Stacks, value: Any, start: int, state: int) -> None:
    stacks.below.append(stacks.state)
    stacks.values.append(value)
    stacks.starts.append(start)
    stacks.state = state


def cut(stacks: Stacks, count: int) -> None:
    """Keep the first `count` symbols."""
    if count < len(stacks.below):
        stacks.state = stacks.below[count]
        del stacks.below[count:], stacks.values[count:], stacks.starts[count:]
