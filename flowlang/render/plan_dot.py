"""A plan as a Graphviz digraph: clusters for flows, blocks, branches, handlers and undos.

Graphviz has no arrows between clusters: each cluster holds an invisible point, and an arrow is clipped at the border
(`compound`).
"""

from __future__ import annotations

from flowlang.render.plan_graph import Box, draw
from flowlang.render.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.plan.nodes import Plan
    from flowlang.render.plan_graph import Arrow, Frame

SHAPES: Final = {"call": "box", "flow": "box3d", "pure": "ellipse", "trigger": "cds"}


def render(plan: Plan) -> str:
    """Render a plan."""
    drawing = draw(plan)
    frames: set[str] = set()
    lines = [
        "digraph plan {",
        "  compound=true;",
        '  node [fontname="Helvetica", fontsize=11];',
        '  fontname="Helvetica";',
    ]
    for frame in drawing.frames:
        lines += _frame(frame, "  ", frames)
    lines += [_arrow(arrow, frames) for arrow in drawing.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def _frame(frame: Frame, indent: str, frames: set[str]) -> list[str]:
    frames.add(frame.id)
    lines = [f"{indent}subgraph cluster_{frame.id} {{", f"{indent}  label={_quote(frame.label)};"]
    lines.append(f"{indent}  {frame.id} [shape=point, style=invis];")
    for shape in frame.inside:
        if isinstance(shape, Box):
            lines.append(f"{indent}  {shape.id} [label={_quote(shape.label)}, shape={SHAPES[shape.kind]}];")
        else:
            lines += _frame(shape, indent + "  ", frames)
    return [*lines, f"{indent}}}"]


def _arrow(arrow: Arrow, frames: set[str]) -> str:
    options = [] if arrow.kind == "needs" else ["style=dashed", f"label={_quote(arrow.kind)}"]
    options += [f"ltail=cluster_{arrow.start}"] if arrow.start in frames else []
    options += [f"lhead=cluster_{arrow.end}"] if arrow.end in frames else []
    written = f" [{', '.join(options)}]" if options else ""
    return f"  {arrow.start} -> {arrow.end}{written};"


def _quote(text: str) -> str:
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
