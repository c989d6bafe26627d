"""Annotations as policies: the nearest wins — step over block over service over flow over the action's own default.

An annotation wins as a whole, never parameter by parameter. On a block or flow `@timeout` is its deadline and
`@concurrency` its width; all others there are defaults for the calls inside. Safe defaults: an HTTP attempt times out
after 30 s.
"""

from __future__ import annotations

from flowlang.plan.nodes import BreakerPolicy, CachePolicy, Policies, RateLimitPolicy, RetryPolicy
from flowlang.record import Record
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from flowlang.compiler.lower.expressions import Expressions
    from flowlang.plan.nodes import Expr
    from flowlang.semantics.facts import Signature

ATTEMPT_TIMEOUT: Final = 30 * 1_000_000
FOR_WIDTH: Final = 10
ROUNDS: Final = 1000
MINIMUM_CALLS: Final = 20
# On a block or flow they mean something else.
NOT_INHERITED: Final = frozenset(("timeout", "concurrency", "once", "meter"))
READS: Final = frozenset(("http.get", "http.head"))
WAITS: Final = frozenset(("wait", "time.wait", "time.wait_until", "events.wait"))
CLOCKS: Final = frozenset(("now", "time.now", "uuid", "random"))


class Layer(Record):
    """The annotations of one place, and what that place is called: 'step', 'block receipts', 'service crm', 'flow'."""

    __slots__ = ()

    origin: str
    annotations: tuple[ast.Annotation, ...]
    encloses: bool = False  # a block or a flow


def effect_of(action: str, declared: Layer) -> str:
    """What repeating a call means: 'read', 'write', 'wait' or 'clock'."""
    if action in WAITS:
        return "wait"
    if action in CLOCKS:
        return "clock"
    harmless = action in READS or (action == "python" and _own(declared, "idempotent") is not None)
    return "read" if harmless else "write"


class PolicyLowering:
    """Resolves annotations; the values are constants but for keys and meters."""

    def __init__(self, expressions: Expressions) -> None:
        self.expressions = expressions
        self.facts = expressions.facts

    # ---- one annotation

    def values(self, annotation: ast.Annotation) -> dict[str, ast.Expr | None]:
        """The arguments of an annotation by parameter, defaults filled in."""
        fact = self.facts.annotations.get(id(annotation))
        if fact is None:  # on an action of the standard library, which names all its arguments
            return {
                argument.name.name: argument.value for argument in annotation.arguments if argument.name is not None
            }
        return {param.name: value if value is not None else param.default for param, value in fact.arguments}

    def constants(self, annotation: ast.Annotation) -> dict[str, Any]:
        """The constant arguments of an annotation; keys and meters are left out."""
        values = self.values(annotation)
        return {name: self.constant(value) for name, value in values.items() if name not in ("key", "tokens", "cost")}

    def constant(self, value: ast.Expr | None) -> Any:
        """The value of a constant expression; durations in microseconds."""
        match value:
            case None:
                return None
            case ast.Literal(value=found) | ast.Text(value=found):
                return found
            case ast.Duration(microseconds=found):
                return found
            case ast.List(items=items):
                return [self.constant(item) for item in items]
            case ast.Unary(operator="-", operand=ast.Literal(value=int() | float() as found)):
                return -found
            case ast.Name():
                symbol = self.facts.symbols.get(id(value))
                if symbol is not None and symbol.kind == "const" and isinstance(symbol.node, ast.Let):
                    return self.constant(symbol.node.value)
        raise self.expressions.tables.refuse("this argument of an annotation has to be a constant", value)

    def key(self, annotation: ast.Annotation) -> Expr | None:
        value = self.values(annotation).get("key")
        return None if value is None or _is_none(value) else self.expressions.lower(value)

    # ---- blocks and flows

    def deadline(self, layer: Layer) -> int | None:
        """`@timeout` on a block, a flow or a call of a flow."""
        found = _own(layer, "timeout")
        if found is None:
            return None
        limits = [v for v in self.constants(found).values() if v is not None]
        return min(limits) if limits else None

    def total(self, layer: Layer) -> int | None:
        """`@timeout` on a block or a call of a flow that polls: the time of all rounds, `total=` if that is given."""
        found = _own(layer, "timeout")
        if found is None:
            return None
        limits = self.constants(found)
        return self.deadline(layer) if limits.get("total") is None else limits["total"]

    def width(self, layer: Layer) -> int | None:
        """`@concurrency` on a block or flow."""
        return self._number(layer, "concurrency")

    def rounds(self, layer: Layer) -> int:
        """`@limit` on a `repeat`."""
        return self._number(layer, "limit") or ROUNDS

    def _number(self, layer: Layer, name: str) -> int | None:
        found = _own(layer, name)
        return None if found is None else next(iter(self.constants(found).values()), None)

    def fail_fast(self, layer: Layer) -> bool:
        return _own(layer, "fail_fast") is not None

    # ---- calls

    def of_call(self, layers: tuple[Layer, ...], action: str, effect: str) -> Policies:
        """The policies around one action call; `layers` are nearest first: step, blocks, service, flow, action."""
        step = layers[0]
        if effect in ("wait", "clock"):
            layers = (step,)
        found: dict[str, Any] = {"idempotent": effect == "read", "fail_fast": self.fail_fast(step)}
        origin: list[tuple[str, str]] = []
        for name, read in self._readers().items():
            for layer in layers:
                annotation = None if layer.encloses and name in NOT_INHERITED else _own(layer, name)
                if annotation is not None:
                    found.update(read(annotation))
                    origin.append((name, layer.origin))
                    break
        if found.get("timeout") is None and effect in ("read", "write") and action != "python":
            found["timeout"] = ATTEMPT_TIMEOUT
            origin.append(("attempt timeout", "default"))
        if found.get("once"):  # never started twice: not by a retry either
            found["retry"] = None
            origin = [(name, place) for name, place in origin if name != "retry"]
        return Policies(**found, origin=tuple(origin))

    def _readers(self) -> dict[str, Callable[[ast.Annotation], dict[str, Any]]]:
        return {
            "retry": self._retry,
            "breaker": self._breaker,
            "timeout": self._timeout,
            "rate_limit": self._rate_limit,
            "concurrency": self._concurrency,
            "idempotent": self._idempotent,
            "once": lambda _: {"once": True},
            "cache": self._cache,
            "meter": self._meter,
        }

    def _retry(self, annotation: ast.Annotation) -> dict[str, Any]:
        """`@retry(attempts=1)` is no retry: what a step says against its service."""
        at = self.constants(annotation)
        if at["attempts"] == 1:
            return {"retry": None}
        jitter = at["jitter"] if isinstance(at["jitter"], str) else float(at["jitter"])
        times = (int(at["attempts"]), at["delay"], at["max_delay"], float(at["multiplier"]))
        return {"retry": RetryPolicy(at["strategy"], *times, jitter, tuple(at["on"]))}

    def _breaker(self, annotation: ast.Annotation) -> dict[str, Any]:
        at = self.constants(annotation)
        rate = at.get("failure_rate")
        policy = BreakerPolicy(
            failures=at["failures"] if rate is None else None,
            failure_rate=None if rate is None else float(rate),
            minimum_calls=at.get("minimum_calls") or MINIMUM_CALLS,
            window=at["window"],
            cooldown=at["cooldown"],
            trials=at["trials"],
            key=self.key(annotation),
            slow=at.get("slow"),
            max_cooldown=at["max_cooldown"],
        )
        return {"breaker": policy}

    def _timeout(self, annotation: ast.Annotation) -> dict[str, Any]:
        values = list(self.constants(annotation).values())
        return {"timeout": values[0], "total": values[1]}

    def _rate_limit(self, annotation: ast.Annotation) -> dict[str, Any]:
        calls, per, *_ = self.constants(annotation).values()
        return {"rate_limit": RateLimitPolicy(calls, per, self.key(annotation))}

    def _concurrency(self, annotation: ast.Annotation) -> dict[str, Any]:
        width = next(iter(self.constants(annotation).values()))
        return {"concurrency": width, "concurrency_key": self.key(annotation)}

    def _idempotent(self, annotation: ast.Annotation) -> dict[str, Any]:
        return {"idempotent": True, "idempotency_key": self.key(annotation)}

    def _cache(self, annotation: ast.Annotation) -> dict[str, Any]:
        return {"cache": CachePolicy(self.constants(annotation)["ttl"], self.key(annotation))}

    def _meter(self, annotation: ast.Annotation) -> dict[str, Any]:
        given = [(name, value) for name, value in self.values(annotation).items() if value and not _is_none(value)]
        return {"meter": tuple((name, self.expressions.lower(value)) for name, value in given)}


def action_layer(signature: Signature) -> Layer:
    """What an action's declaration says of itself."""
    node = signature.node
    own = node.annotations if isinstance(node, ast.ActionDecl) else ()
    return Layer(f"action {signature.name}", own)


def _is_none(value: ast.Expr) -> bool:
    return isinstance(value, ast.Literal) and value.value is None


def _own(layer: Layer, name: str) -> ast.Annotation | None:
    for annotation in layer.annotations:
        if annotation.name.name == name:
            return annotation
    return None
