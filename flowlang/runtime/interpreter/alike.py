"""Whether a loop that is gone through again goes over the items that it went over before: a digest of them stands in
the journal beside their number.

All that a run starts from is pinned or journaled, but secrets, which are read anew, and Python functions in
expressions, which may answer otherwise. Of a plan in which neither has a say in what is computed nothing is kept. A
secret that stands in an item is left out: it may be renewed, and the items stay the same.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from flowlang.plan.nodes import Call, Pure
from flowlang.plan.walk import inner_scopes, scope_expressions, step_expressions, subexpressions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowlang.plan.nodes import Expr, Plan, Step
    from flowlang.runtime.masking import Mask

LONG: Final = 1024
"""Characters above which the digest of a part stands for its text: it may stand in many items."""
MOST_KEPT: Final = 4096
DIGEST_BYTES: Final = 16


def may_differ(plan: Plan) -> bool:
    """Whether a secret or a Python function has a say in what a resumed run computes anew."""
    secrets = {parameter.name for parameter in plan.config if parameter.secret}
    expressions = [*plan.constants.values(), *(function.body for function in plan.functions.values())]
    pending = [scope for flow in plan.flows.values() for scope in (flow.body, *(h.body for h in flow.handlers))]
    while pending:
        scope = pending.pop()
        expressions += scope_expressions(scope)
        for step in scope.nodes:
            if isinstance(step.action, Call) and step.action.volatile:
                return True
            expressions += _computed(step)
            pending += [inner for _, inner in inner_scopes(step)]
    parts = (part for expr in expressions for part in subexpressions(expr))
    return any(part[0] == "python" or (part[0] == "config" and part[1] in secrets) for part in parts)


def _computed(step: Step) -> list[Expr]:
    """The expressions of a step whose values the journal does not hold, nor goes by."""
    if isinstance(step.action, Call) or (isinstance(step.action, Pure) and step.action.journaled):
        return [] if step.when is None else [step.when]
    return step_expressions(step)


def digest_of(items: Iterable[object], mask: Mask) -> str:
    """A digest of items, the same for the same items in every process."""
    whole, parts = blake2b(digest_size=DIGEST_BYTES), _Parts(mask)
    for item in items:
        whole.update(_bytes(parts.item(item)))
        whole.update(b"\n")
    return whole.hexdigest()


class _Parts:
    """Values as JSON. The digest of a long part stands for it and is kept, so that one that stands in many items, or
    many times in one, is written once.
    """

    __slots__ = ("_are_long", "_long", "_mask")

    def __init__(self, mask: Mask) -> None:
        self._are_long = False
        self._long: dict[int, str] = {}
        self._mask = mask

    def item(self, value: object) -> str:
        """An item's text, or what stands for it; until one is long they are written without a look at their parts."""
        if not self._are_long:
            text = self._mask.written(_json(value))
            if len(text) <= LONG:
                return text
            self._are_long = True
        return self.text(value)

    def text(self, value: Any) -> str:
        """A value's text, or what stands for it."""
        known = self._long.get(id(value))
        if known is not None:
            return known
        text = self._mask.written(self._written(value))
        if len(text) <= LONG:
            return text
        if len(self._long) == MOST_KEPT:
            self._long.clear()
        kept = self._long[id(value)] = f"#{blake2b(_bytes(text), digest_size=DIGEST_BYTES).hexdigest()}"
        return kept

    def _written(self, value: Any) -> str:
        if isinstance(value, dict):
            if any(map(_is_large, value.values())):
                inside = (f"{_json(key)}:{self.text(each)}" for key, each in value.items())
                return f"{{{','.join(inside)}}}"
        elif isinstance(value, (list, tuple)) and any(map(_is_large, value)):
            return f"[{','.join(map(self.text, value))}]"
        return _json(value)


def _is_large(value: object) -> bool:
    """Whether a value may be long, so that it is to be looked at for itself."""
    return isinstance(value, (dict, list)) or (isinstance(value, str) and len(value) > LONG)


_json: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
