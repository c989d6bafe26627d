"""A template around a value that is no text, where any value may stand."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.join import members
from flowlang.types.model import Any, Bytes, Date, Datetime, Duration, LiteralOf, Never, Secret, String, Url
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic
    from flowlang.types.model import Type

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ('"{{',)


def check(node: ast.Call, look: Look) -> Iterator[Diagnostic]:
    """Each `"{{ n }}"` in what a call sends, of a number, a bool, a list or a map: the receiver gets text."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.kind == "function":
        return
    for param, value in fact.arguments:
        if value is not None and type(value) in _HOLDERS and _is_any(param.type):
            yield from _values(value, look)


def _values(value: ast.Expr, look: Look) -> Iterator[Diagnostic]:
    """The lone holes among the values of a literal."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Map):
            pending += [each.value for each in part.entries]
        elif isinstance(part, ast.List):
            pending += part.items
        elif isinstance(part, ast.Template) and len(part.parts) == 1:
            hole = part.parts[0]
            of = None if isinstance(hole, ast.TemplateText) else look.facts.types.get(id(hole))
            if of is not None and not any(isinstance(m, _TEXTS) or _is_text(m) for m in members(of)):
                inner = look.file.source.text[hole.start : hole.end]
                edit = Edit(Span(look.file.path, part.start, part.end), inner)
                message = f"a template makes text of `{inner}`, which is {show(of)}"
                fix = Fix("write the bare expression", (edit,), safe=False)
                yield look.found(message, part, f"write the bare expression: `{inner}`", fixes=(fix,))


_HOLDERS = frozenset((ast.Template, ast.Map, ast.List))
_TEXTS = (Any, Never, String, Url, Date, Datetime, Duration, Bytes, Secret)


def _is_text(of: Type) -> bool:
    return isinstance(of, LiteralOf) and of.kind == "string"


def _is_any(of: Type) -> bool:
    """Whether a parameter takes any value: a body, the data of an event."""
    for each in members(of):  # noqa: SIM110 — as a generator three times as dear
        if isinstance(each.inner if isinstance(each, Secret) else each, Any):
            return True
    return False
