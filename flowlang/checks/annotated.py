"""Annotations as data: what each says with defaults filled in, and what the retry policy among them makes of time.

Times are whole microseconds and all arithmetic is exact. What is not constant (a key), or not what its parameter takes
(a mistaken argument), is null.
"""

from __future__ import annotations

from flowlang.record import Record
from flowlang.render.durations import duration
from flowlang.semantics.facts import Facts
from flowlang.semantics.infer.annotations import EVALUATED
from flowlang.syntax import ast
from flowlang.types.model import Duration, Float, Int, List, LiteralOf, NoneType, String, Union

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.checks.look import Look
    from flowlang.semantics.facts import Signature
    from flowlang.types.model import Type

ATTEMPT_TIMEOUT: Final = 30_000_000
HOUR: Final = 3_600_000_000
MANY: Final = 10
"""More attempts than that are `excessive-retry`, and nothing else."""
STEP, BLOCK, FLOW, SERVICE, ACTION = range(5)
"""Where an annotation stands, from what belongs to one call only to what many share."""
PLACES: Final = ("step", "block", "flow", "service", "action")


class Given(Record):
    """One annotation as it stands somewhere. `written`: the arguments that are not left to their defaults; `is_clear`:
    what it says is known, none of them is mistaken or missing.
    """

    __slots__ = ()

    name: str
    node: ast.Annotation
    place: int
    owner: str  # the name of the step, flow, service or action
    file: str
    values: dict[str, Any]
    written: dict[str, ast.Expr]
    is_clear: bool = True

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
    defaults, needed = _defaults(fact.signature)
    values = defaults.copy()
    written: dict[str, ast.Expr] = {}
    is_clear = True
    for param, given in fact.arguments:
        if given is not None:
            value = constant(facts, given)
            written[param.name] = given
            values[param.name] = value = value if _fits(value, param.type) else None
            if value is None and param.name not in EVALUATED and not _is_none(given):
                is_clear = False
    return Given(node.name.name, node, place, owner, file, values, written, is_clear and needed <= written.keys())


def _defaults(signature: Signature) -> tuple[dict[str, Any], frozenset[str]]:
    """What the parameters of an annotation are where they are left out, and of which that is not known. Those of the
    library alone are asked for, and read once.
    """
    known = _read.get(signature.name)
    if known is None or known[0] is not signature:
        values = {each.name: constant(Facts(), each.default) for each in signature.params}
        unknown = [each.name for each in signature.params if values[each.name] is None and not _is_none(each.default)]
        known = _read[signature.name] = (signature, (values, frozenset(unknown) - EVALUATED))
    return known[1]


_read: Final[dict[str, tuple[Signature, tuple[dict[str, Any], frozenset[str]]]]] = {}
"""The annotations that were met, with their defaults."""


def _is_none(value: ast.Expr | None) -> bool:
    return isinstance(value, ast.Literal) and value.value is None


def _fits(value: Any, of: Type) -> bool:
    """Whether a constant is one of a parameter's type. A bool is no number."""
    if isinstance(of, Duration):
        return type(value) is int
    if isinstance(of, Int):
        return type(value) is int and _is_within(value, of)
    if isinstance(of, Float):
        return type(value) in (int, float) and _is_within(value, of)
    if isinstance(of, Union):
        return any(_fits(value, each) for each in of.members)
    if isinstance(of, LiteralOf):
        return type(value) is type(of.value) and bool(value == of.value)
    if isinstance(of, String):
        return type(value) is str
    if isinstance(of, List):
        return type(value) is list and all(_fits(each, of.item) for each in value)
    return isinstance(of, NoneType) and value is None


def _is_within(value: float, of: Int | Float) -> bool:
    return (
        (of.ge is None or value >= of.ge)
        and (of.gt is None or value > of.gt)
        and (of.le is None or value <= of.le)
        and (of.lt is None or value < of.lt)
    )


def constant(facts: Facts, value: ast.Expr | None, within: frozenset[int] = frozenset()) -> Any:
    """The value of a constant expression; null for every other, such as one of the constants `within` which it stands:
    those go round in a circle.
    """
    if value is None:
        return None
    if isinstance(value, (ast.Literal, ast.Text)):
        return value.value
    match value:
        case ast.Duration(microseconds=found):
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


def waits(retry: Given) -> tuple[tuple[int, int], ...]:
    """The shortest and the longest wait before each attempt but the first, without `Retry-After`."""
    at = retry.values
    delay, cap, jitter, strategy = at["delay"], at["max_delay"], at["jitter"], at["strategy"]
    if not isinstance(delay, int) or not isinstance(cap, int) or not isinstance(strategy, str):
        return ()
    asked = delay, cap, jitter, strategy, at["multiplier"], attempts(retry)
    found = _known.get(asked)
    if found is None:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        found = _known[asked] = _waits(*asked)
    return found


_known: Final[dict[tuple[Any, ...], tuple[tuple[int, int], ...]]] = {}
"""The waits of the retries that were asked for last."""
MOST_KNOWN: Final = 64


def _waits(
    delay: int, cap: int, jitter: float | str | None, strategy: str, multiplier: float | None, count: int
) -> tuple[tuple[int, int], ...]:
    up, down = float(multiplier or 1).as_integer_ratio()
    share, whole = (0, 1) if isinstance(jitter, str) else float(jitter or 0).as_integer_ratio()
    found: list[tuple[int, int]] = []
    above, below = delay, 1
    for n in range(1, count):
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
    return tuple(found)


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
    return given is None or (given.is_clear and (given.file != look.file.path or not look.is_broken(given.node)))
