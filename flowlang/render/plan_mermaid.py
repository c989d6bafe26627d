"""A plan as a Mermaid flowchart: subgraphs for flows, blocks, branches, handlers and undos."""

from __future__ import annotations

from flowlang.render.plan_graph import Box, draw
from flowlang.render.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.plan.nodes import Plan
    from flowlang.render.plan_graph import Frame

SHAPES: Final = {"call": ("[", "]"), "flow": ("[[", "]]"), "pure": ("(", ")"), "trigger": ("([", "])")}
LINKS: Final = {"needs": "-->", "catch": "-.->|catch|", "undo": "-.->|undo|", "calls": "-.->|calls|"}


def render(plan: Plan) -> str:
    """Render a plan."""
    drawing = draw(plan)
    lines = ["flowchart TD"]
    for frame in drawing.frames:
        lines += _frame(frame, "  ")
    lines += [f"  {arrow.start} {LINKS[arrow.kind]} {arrow.end}" for arrow in drawing.arrows]
    return "\n".join(lines) + "\n"


def _frame(frame: Frame, indent: str) -> list[str]:
    lines = [f'{indent}subgraph {frame.id}["{_escape(frame.label)}"]']
    for shape in frame.inside:
        if isinstance(shape, Box):
            left, right = SHAPES[shape.kind]
            lines.append(f'{indent}  {shape.id}{left}"{_escape(shape.label)}"{right}')
        else:
            lines += _frame(shape, indent + "  ")
    if not frame.inside:
        lines.append(f'{indent}  {frame.id}_empty(" ")')
    return [*lines, f"{indent}end"]


def _escape(text: str) -> str:
    """Mermaid reads entities with `#` for `&`; brackets and markup in labels are theirs."""
    return "".join(char if char.isalnum() or char in " ,.:_=+-/'|?" else f"#{ord(char)};" for char in visible(text))
