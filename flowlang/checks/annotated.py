"""Annotations as data: what each says with defaults filled in, and what the retry policy among them makes of time.

Times are whole microseconds and all arithmetic is exact. What is not constant (a key, a mistaken argument) is null.
"""

from __future__ import annotations

from flowlang.record import Record
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.checks.look import Look
    from flowlang.semantics.facts import Facts

ATTEMPT_TIMEOUT: Final = 30_000_000
HOUR: Final = 3_600_000_000
MANY: Final = 10
"""More attempts than that are `excessive-retry`, and nothing else."""
STEP, BLOCK, FLOW, SERVICE, ACTION = range(5)
"""Where an annotation stands, from what belongs to one call only to what many share."""
PLACES: Final = ("step", "block", "flow", "service", "action")


class Given(Record):
    """One annotation as it stands somewhere. `written`: the arguments that are not left to their defaults."""

    __slots__ = ()

    name: str
    node: ast.Annotation
    place: int
    owner: str  # the name of the step, flow, service or action
    file: str
    values: dict[str, Any]
    written: dict[str, ast.Expr]

    def __hash__(self) -> int:
        return id(self.node)

    def where(self) -> str:
        """The thing it stands on, for messages."""
        return f"{PLACES[self.place]} `{self.owner}`" if self.owner else f"the {PLACES[self.place]}"


def read(facts: Facts, node: ast.Annotation, place: int, owner: str, file: str) -> Given | None:
    """Read a resolved annotation; null for one that is unknown or does not go there."""
    fact = facts.annotations.get(id(node))
    if fact is None:
        return None
    values = {param.name: constant(facts, given or param.default) for param, given in fact.arguments}
    written = {param.name: given for param, given in fact.arguments if given is not None}
    return Given(node.name.name, node, place, owner, file, values, written)


def constant(facts: Facts, value: ast.Expr | None, within: frozenset[int] = frozenset()) -> Any:
    """The value of a constant expression; null for every other, such as one of the constants `within` which it stands:
    those go round in a circle.
    """
    match value:
        case ast.Literal(value=found) | ast.Text(value=found) | ast.Duration(microseconds=found):
            return found
        case ast.List(items=items):
            return [constant(facts, item, within) for item in items]
        case ast.Unary(operator="-", operand=operand):
            found = constant(facts, operand, within)
            return -found if isinstance(found, (int, float)) else None
        case ast.Name():
            symbol = facts.symbols.get(id(value))
            node = None if symbol is None or symbol.kind != "const" else symbol.node
            if isinstance(node, ast.Let) and id(node) not in within:
                return constant(facts, node.value, within | {id(node)})
    return None


# ---- times


def limit(given: Given | None) -> int | None:
    """What `@timeout` on a block or flow comes to: its deadline."""
    if given is None:
        return None
    return min((each for each in given.values.values() if isinstance(each, int)), default=None)


def attempts(retry: Given | None) -> int:
    """How many attempts a call has."""
    found = None if retry is None else retry.values.get("attempts")
    return found if isinstance(found, int) and found > 1 else 1


def waits(retry: Given) -> list[tuple[int, int]]:
    """The shortest and the longest wait before each attempt but the first, without `Retry-After`."""
    at = retry.values
    delay, cap, jitter, strategy = at["delay"], at["max_delay"], at["jitter"], at["strategy"]
    if not isinstance(delay, int) or not isinstance(cap, int) or not isinstance(strategy, str):
        return []
    up, down = float(at["multiplier"] or 1).as_integer_ratio()
    share, whole = (0, 1) if isinstance(jitter, str) else float(jitter or 0).as_integer_ratio()
    found: list[tuple[int, int]] = []
    above, below = delay, 1
    for n in range(1, attempts(retry)):
        plain, unit = (
            (delay * n, 1) if strategy == "linear" else (above, below) if strategy == "exponential" else (delay, 1)
        )
        if strategy == "none":
            plain = 0
        if plain >= cap * unit:
            plain, unit = cap, 1
        low = 0 if jitter == "full" else plain * (whole - share) // (unit * whole)
        high = min(
            cap, plain if unit == 1 and isinstance(jitter, str) else -(-plain * (whole + share) // (unit * whole))
        )
        found.append((low, high))
        if above < cap * below:
            above, below = above * up, below * down
    return found


def worst(retry: Given, attempt: int) -> int:
    """How long all attempts take with their waits if each runs into its timeout."""
    return attempts(retry) * attempt + sum(high for _, high in waits(retry))


def told(retry: Given, attempt: int) -> str:
    """The arithmetic of `worst` in words."""
    times = [high for _, high in waits(retry) if high]
    spans = [duration(each) for each in times]
    what = f"{attempts(retry)} attempts of {duration(attempt)}"
    if len(times) > 3:
        what += f" with waits of {duration(sum(times))} in all"
    elif times:
        what += f" with {'waits' if len(times) > 1 else 'a wait'} of {' and '.join(spans)}"
    return f"{what} take up to {duration(worst(retry, attempt))}"


def is_sound(look: Look, given: Given | None) -> bool:
    """Whether an annotation has no mistake of its own."""
    return given is None or given.file != look.file.path or not look.is_broken(given.node)
