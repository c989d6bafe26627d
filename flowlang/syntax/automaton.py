"""What the parser's automaton can be asked and told at a mistake: what could stand there, a token that is not there."""

from __future__ import annotations

from flowlang.syntax.tables import Pass, Reduce

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser


def expected_at(p: Parser, stacks: Stacks) -> frozenset[str]:
    """The terminals that could stand at a mistake."""
    row = p.table.row(stacks.state)
    return frozenset([key for key in row if not key.startswith("BROKEN") and accepts(p, stacks, key)])


def accepts(p: Parser, stacks: Stacks, *keys: str) -> bool:
    """Whether these terminals, one after the other, could stand at a mistake."""
    table, states = p.table, [*stacks.below, stacks.state]
    for key in keys:
        action: Any = None
        while True:
            action = table.row(states[-1]).get(key)
            if isinstance(action, Pass):
                states[-1], action = table.follow(action, states[-2], key)
            if not isinstance(action, Reduce):
                break
            if action.count:
                del states[-action.count :]
            states.append(action.after.goto[states[-1]])
        if action is None:
            return key == "$END" and states[-1] in p.table.end.values()
        states.append(action)
    return True


def feed(p: Parser, stacks: Stacks, key: str, tok: Any, start: int) -> bool:
    """Give the automaton one token that is not in the text; False, with at most reductions done, if it refuses."""
    while True:
        action = p.table.row(stacks.state).get(key)
        if isinstance(action, Pass):
            stacks.state, action = p.table.follow(action, stacks.below[-1], key)
        if isinstance(action, int):
            stacks.below.append(stacks.state)
            stacks.values.append(tok)
            stacks.starts.append(start)
            stacks.state = action
            return True
        if not isinstance(action, Reduce):
            return False
        reduce(p, stacks, action, start)


def reduce(p: Parser, stacks: Stacks, rule: Reduce, start: int) -> None:
    values, starts, make = stacks.values, stacks.starts, rule.make
    first = len(values) - rule.count
    value = values[first] if make is None else make(values, starts, first, stacks.last, p)
    if rule.count:
        start = starts[first]
        cut(stacks, first)
    stacks.below.append(stacks.state)
    stacks.values.append(value)
    stacks.starts.append(start)
    stacks.state = rule.after.goto[stacks.state]


def cut(stacks: Stacks, count: int) -> None:
    """Keep the first `count` symbols."""
    if count < len(stacks.below):
        stacks.state = stacks.below[count]
        del stacks.below[count:], stacks.values[count:], stacks.starts[count:]
