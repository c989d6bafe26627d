"""Holes as other languages write them, `${x}`, `#{x}`, `{x}` and `<%= x %>`, in what is meant as a url."""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.blanks import has_blank
from flowlang.semantics.report import POISON
from flowlang.semantics.url_text import after_text, begins_url
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import field_of, is_optional
from flowlang.types.join import members
from flowlang.types.model import List, Map, RecordOf, Secret, Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

_NAME = r"[^\W\d]\w*(?:\.\w+)*"
_HOLE = rf"(?<!\{{)[$#]?\{{ *({_NAME}) *\}}(?!\}})|<%=? *({_NAME}) *%>"
_begins_with_hole = patterns.compile(_HOLE).match
_holes = patterns.compile(_HOLE).finditer


def foreign_hole(text: str) -> bool:
    """Whether a text begins with such a hole."""
    return _begins_with_hole(text.lstrip()) is not None


def with_holes(c: Inference, node: ast.Expr) -> tuple[Fix, ...]:
    """Write each such hole of a literal as one of ours; nothing, unless that makes a url whose holes have values."""
    source, path = c.file.source.text, c.file.path
    edits: list[Edit] = []
    if source[node.start] == "'":
        if set(source[node.start + 1 : node.end - 1]) & {'"', "\\"}:
            return ()
        edits = [Edit(Span(path, at, at + 1), '"') for at in (node.start, node.end - 1)]
    quotes = len(edits)
    place = "start"
    for start, end, name, rest in _pieces(source, node):
        text = source[start:end].strip("\"'") if place == "start" else source[start:end]
        if name is None:
            if has_blank(text) or (place == "start" and text and not begins_url(text)):
                return ()
            place = after_text(text, place) if text else place
            continue
        is_right = is_base(c, name, rest) if place == "start" else _fills(_typed(c, name))
        if name and (place in ("scheme", "host") or not is_right):
            return ()
        if name:
            edits.append(Edit(Span(path, start, end), f"{{{{ {name} }}}}"))
        place = "segment" if place == "start" else place
    return (Fix("write holes", tuple(edits), safe=False),) if len(edits) > quotes else ()


def is_base(c: Inference, name: str, rest: str) -> bool:
    """Whether what is filled in at the start of a url is one by itself."""
    return isinstance(_typed(c, name), Url) and rest[:1] in ("", "/", "?", "#", "'", '"')


def _pieces(source: str, node: ast.Expr) -> Iterator[tuple[int, int, str | None, str]]:
    """Where the pieces of a literal stand: texts (without a name), foreign holes with theirs, and holes of ours (with
    an empty one); and what follows each.
    """
    for part in node.parts if isinstance(node, ast.Template) else (node,):
        if not isinstance(part, (ast.Text, ast.TemplateText)):
            yield part.start, part.end, "", ""
            continue
        at = part.start
        for hole in _holes(source, part.start, part.end):
            yield at, hole.start(), None, ""
            at = hole.end()
            yield hole.start(), at, hole[1] or hole[2], source[at : part.end]
        yield at, part.end, None, ""


def _typed(c: Inference, name: str) -> Type | None:
    """The type of a name and the fields behind it, as far as it is known."""
    holder, *fields = name.split(".")
    if holder == "config" and fields:
        found = c.config.get(fields.pop(0))
    else:
        binding = c.scope.find(holder)
        found = binding.type if binding else None
    for each in fields:
        field = field_of(found, each) if isinstance(found, RecordOf) else None
        found = field.type if field else None
    return found


def _fills(found: Type | None) -> bool:
    """Whether a value of a type may stand in a hole of a url."""
    if found is None or found is POISON or is_optional(found):
        return False
    return not any(isinstance(each, (List, Map, RecordOf, Secret)) for each in members(found))
