"""A value that a conversion cannot read."""

from __future__ import annotations

from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types.formats import is_url
from flowlang.types.join import members
from flowlang.types.model import List, Map, RecordOf
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("int", "float", "url")


def check(node: ast.Call | ast.Filter, look: Look) -> Iterator[Diagnostic]:
    """Each `int` and `float` of a text that names no number, or of a list or map, and each `url` of what is none."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.name not in _READERS or not fact.signature.file.startswith("stdlib/"):
        return
    value = fact.arguments[0][1]
    if isinstance(value, ast.Text) and not any(given is not None for _, given in fact.arguments[1:]):
        problem = _READERS[fact.signature.name](value.value)
        if problem:
            yield look.found(problem, value, "write the value itself")
    elif value is not None and fact.signature.name != "url":
        of = look.facts.types.get(id(value))
        if of is not None and of is not POISON and all(isinstance(m, (List, Map, RecordOf)) for m in members(of)):
            what = f"`{' '.join(look.file.source.text[value.start : value.end].split())}` is {show(of)}"
            help = "take an item of it, or count them with `| length`"
            yield look.found(f"{what}, which is no number: this is always its default", value, help)


def _number(text: str) -> str:
    try:
        float(text)
    except ValueError:
        return f"`{text}` names no number: this is always 0"
    return ""


def _url(text: str) -> str:
    return "" if is_url(text) else f"`{text}` is not a url: this always fails"


_READERS = {"int": _number, "float": _number, "url": _url}
