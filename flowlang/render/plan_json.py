"""A plan as its document: what `plan.codec` reads back, indented for people."""

from __future__ import annotations

import json

from flowlang.plan.codec import to_json
from flowlang.plan.depth import Deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.plan.nodes import Plan


def render(plan: Plan) -> str:
    """Render a plan."""
    document = to_json(plan)
    with Deep():
        return json.dumps(document, indent=2) + "\n"
