"""A plan as its document: what `plan.codec` reads back, indented for people."""

from __future__ import annotations

import json

from flowlang.plan.codec import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.plan.nodes import Plan


def render(plan: Plan) -> str:
    """Render a plan."""
    return json.dumps(to_json(plan), indent=2) + "\n"
