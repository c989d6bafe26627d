"""`@cache`: the value that an earlier call gave, of any run on the database, while it is fresh.

A value is kept under the call, its arguments, what is read from its result and its step's type, or under the key that
the annotation gives in place of the arguments. Only values of calls that succeeded are kept, never secrets. What is
reused is journaled like any value. A value that may be undone is never kept: other runs would go on using it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from flowlang.runtime.show import show

if TYPE_CHECKING:
    from flowlang.plan.nodes import CachePolicy, Call
    from flowlang.runtime.interpreter.frame import Frame
    from flowlang.runtime.interpreter.program import NodeProgram

PREFIX = "cache:"


class Cached:
    """What is kept for one call."""

    __slots__ = ("_frame", "_name", "_ttl")

    def __init__(
        self,
        frame: Frame,
        node: NodeProgram,
        action: Call,
        policy: CachePolicy,
        arguments: dict[str, Any],
        base: object,
    ) -> None:
        given = arguments if policy.key is None else show(node.compile(policy.key)(frame))
        what = [action.target or action.action, base, action.projection, node.step.type, given]
        what += node.step.written
        digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode(errors="surrogatepass")).hexdigest()
        self._frame = frame
        self._name = PREFIX + digest
        self._ttl = policy.ttl

    async def find(self) -> list[Any]:
        """The value, alone in a list; empty where there is none that is fresh."""
        now = self._frame.run.now()
        found: Any = await self._frame.run.shared.update(self._name, lambda state: _fresh(state, now))
        return found if isinstance(found, list) else []

    async def keep(self, value: object) -> None:
        """Keep a value."""
        until = self._frame.run.now() + self._ttl
        await self._frame.run.shared.update(self._name, lambda _: ({"value": value, "until": until}, None))


def _fresh(state: object | None, now: int) -> tuple[object, object]:
    """A value that is not fresh is dropped."""
    if isinstance(state, dict) and state["until"] > now:
        return state, [state["value"]]
    return None, []
