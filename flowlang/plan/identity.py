"""What makes two plans the same plan: a hash over a canonical form without places, docs, estimates and spellings.

Canonical: the plan's JSON with every object's keys sorted, fields at their default left out, ASCII, without spaces.
Lists keep their order, for in a flow it has meaning. Two sources that differ in formatting, comments or position give
one hash.
"""

from __future__ import annotations

import hashlib
import json

from flowlang.plan.depth import Deep
from flowlang.plan.shape import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.plan.nodes import Flow, Plan


def canonical(plan: Plan) -> bytes:
    """The bytes that are hashed."""
    with Deep():
        flows = {name: _bare(flow) for name, flow in plan.flows.items()}
        config = tuple(parameter.replace(doc="") for parameter in plan.config)
        body = encode(plan.replace(flows=flows, config=config, places={}, docs={}))
        del body["places"], body["docs"]
        _drop_what_follows(body["flows"])
        return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def content_hash(plan: Plan) -> str:
    """64 hexadecimal digits that name the plan."""
    return hashlib.sha256(canonical(plan)).hexdigest()


def _bare(flow: Flow) -> Flow:
    """A flow without its docs and without its worst case, which is an estimate made from the rest."""
    return flow.replace(parameters=tuple(p.replace(doc="") for p in flow.parameters), worst_case=None)


def _drop_what_follows(data: object) -> None:
    """Take the spelling of conditions out of an encoded plan, and whether a handler gives a secret: it follows from the
    types, and plans of before did not say it. Expressions, lists that begin with text, hold neither.
    """
    pending = [data]
    while pending:
        at = pending.pop()
        if isinstance(at, dict):
            if "text" in at and "condition" in at:
                del at["text"]
            if "volatile" in at and "body" in at:
                del at["volatile"]
            pending += at.values()
        elif isinstance(at, list) and at and not isinstance(at[0], str):
            pending += at
