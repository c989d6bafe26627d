"""Document templates as functions of the plan: their parameters are the values they use, their body is one text.

So a run is pinned to its templates as it is to its flows, and nothing of Jinja2 is left. Calls that render a file with
the same types share a function.
"""

from __future__ import annotations

from flowlang.plan import nodes
from flowlang.plan.walk import refs
from flowlang.syntax import ast
from flowlang.syntax.documents.nodes import Assign, Choice, Loop, Section
from flowlang.types.model import STRING, Bool, Date, Datetime, Duration, Float, Int

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.compiler.lower.expressions import Expressions
    from flowlang.plan.nodes import Expr
    from flowlang.semantics.facts import Document

_PLAIN: Final = (Bool, Date, Datetime, Duration, Float, Int)
"""Types whose text holds nothing to escape."""


def render(e: Expressions, document: Document, values: ast.Expr | None, head: ast.Call | None) -> Expr:
    """The call that renders a template."""
    body = _Lowering(e, "html" if document.is_markup else "show").section(document.body)
    used = refs(body)
    names = [(name, is_soft) for name, is_soft in document.values if name in used]
    function = nodes.Function(tuple([name for name, _ in names]), body)
    arguments = [] if values is None or not names else _arguments(e, values, names, head)
    return ["fn", e.tables.document(document.source.path, function), arguments]


def _arguments(e: Expressions, values: ast.Expr, names: list[tuple[str, bool]], head: ast.Call | None) -> list[Expr]:
    """The values that a template uses, one by one."""
    if isinstance(values, ast.Map) and all(isinstance(entry, ast.Entry) for entry in values.entries):
        given = {
            entry.key.value: entry.value
            for entry in values.entries
            if isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text)
        }
        return [e.lower(given[name], head) for name, _ in names]
    whole = e.lower(values, head)
    return [["soft" if is_soft else "attr", whole, name, False] for name, is_soft in names]


class _Lowering:
    """Lowers one template; `shown` is how its holes are written: `show` or `html`."""

    def __init__(self, e: Expressions, shown: str) -> None:
        self.e = e
        self.shown = shown

    def section(self, node: Section) -> Expr:
        """The text of a section."""
        parts: list[object] = []
        for part in node.parts:
            match part:
                case ast.TemplateText(value=value):
                    parts.append(value)
                case Choice() | Loop() | Assign():
                    parts.append(["show", self.block(part), self.e.tables.type(STRING)])
                case _:
                    of = self.e.type_of(part)
                    shown = "show" if isinstance(of, _PLAIN) else self.shown
                    parts.append([shown, self.e.lower(part), self.e.tables.type(of)])
        return ["text", parts]

    def block(self, node: Choice | Loop | Assign) -> Expr:
        """The text of a block."""
        match node:
            case Choice(branches=branches, otherwise=otherwise):
                found = self.otherwise(otherwise)
                for condition, section in reversed(branches):
                    found = ["if", self.e.lower(condition), self.section(section), found]
                return found
            case Assign(name=name, value=value, rest=rest):
                return ["let", name.name, self.e.lower(value), self.section(rest)]
            case Loop(names=names, iterable=iterable, condition=condition, body=body, otherwise=otherwise):
                text = self.section(body)
                head = [[name.name for name in names], self.e.lower(iterable), self.e.maybe(condition)]
                return ["each", *head, text, self.otherwise(otherwise), "loop" in refs(text)]

    def otherwise(self, node: Section | None) -> Expr:
        return ["lit", ""] if node is None else self.section(node)
