"""A body of JSON that is written out as text: it is sent as one JSON string."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("json='", 'json="')


def check(node: ast.Call, look: Look) -> Iterator[Diagnostic]:
    """Each `json` of a request that is a text which begins and ends as a JSON object or list does."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.kind != "action" or not fact.signature.file.startswith("stdlib/"):
        return
    for param, value in fact.arguments:
        if param.name == "json" and isinstance(value, (ast.Text, ast.Template)) and _is_json(value):
            yield look.found(
                "this body is text that looks like JSON: it is sent as one JSON string, quotes and all",
                value,
                "write the value itself: `json={ id, kind: 'small' }`",
                fixes=_fixes(value, look),
            )


def _is_json(value: ast.Text | ast.Template) -> bool:
    parts = value.parts if isinstance(value, ast.Template) else (value,)
    first, last = parts[0], parts[-1]
    if not isinstance(first, (ast.Text, ast.TemplateText)) or not isinstance(last, (ast.Text, ast.TemplateText)):
        return False
    return first.value.lstrip()[:1] + last.value.rstrip()[-1:] in ("{}", "[]")


def _fixes(value: ast.Text | ast.Template, look: Look) -> tuple[Fix, ...]:
    """JSON is written here as it is, so the text is what was meant."""
    from json import loads

    try:
        loads(value.value if isinstance(value, ast.Text) else "")
    except ValueError:
        return ()
    assert isinstance(value, ast.Text)
    return (Fix("write the value itself", (Edit(look.span(value), value.value.strip()),), safe=False),)
