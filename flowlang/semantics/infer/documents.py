"""Document templates: what `text.render` is given, against what its template does with it.

A template sees the values of its call, the prelude and the standard modules, nothing else of the flow. It is checked
for each call with the types of that call; what is found lies in the template's file, with the call beside it. What
comes out is a secret if a value is, whatever the template does with it (`calls` says so, as of every pure function).
"""

from __future__ import annotations

import posixpath

from flowlang.diagnostics import Related
from flowlang.semantics.facts import CheckedFile, Document, Symbol
from flowlang.semantics.infer.absence import need_value
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Inference
from flowlang.semantics.infer.narrowing import condition
from flowlang.semantics.infer.operations import written
from flowlang.semantics.infer.structures import loop_scope
from flowlang.semantics.presence import negate
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Binding, Scope
from flowlang.semantics.suggest import did_you_mean
from flowlang.source import Source, Span
from flowlang.syntax import ast
from flowlang.syntax.documents.nodes import Assign, Choice, Loop, Section
from flowlang.syntax.documents.parsing import parse_document
from flowlang.types.assign import is_optional
from flowlang.types.members import Member, member
from flowlang.types.model import BOOL, INT, NONE, Field, RecordOf, Secret
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.documents.parsing import Parsed

SUFFIXES: Final = (".j2", ".html")
"""How the name of a template ends: nothing else of a disk is read."""
LARGEST: Final = 1024 * 1024
MARKUP: Final = (".html", ".htm", ".xml")
COUNTERS: Final = RecordOf(
    "Loop",
    (
        *(Field(name, INT) for name in ("index", "index0", "revindex", "revindex0", "length")),
        *(Field(name, BOOL) for name in ("first", "last")),
    ),
)
"""What `loop` is in a loop."""


def render(c: Inference, node: ast.Expr, given: dict[str, ast.Expr]) -> None:
    """Check the template that a call renders, and note it for the plan."""
    template, values = given.get("template"), given.get("values")
    if template is None:
        return
    if not isinstance(template, ast.Text):
        if c.types.get(id(template)) is not POISON:
            c.report(
                "literal-needed", "the file of a template is named by a plain text", template, "write `'x.html.j2'`"
            )
        return
    fields = _fields(c, values)
    source = _open(c, template)
    if source is None:
        return
    normal = Source(source.path, source.text.replace("\r\n", "\n").replace("\r", "\n"))
    parsed = parse_document(normal)
    body, mistakes = parsed.tree, parsed.diagnostics
    c.made.append(body)
    kept, before, file = c.reporter.found, len(c.reporter.found), c.reporter.file
    kept.extend(mistakes)
    if fields is not None:
        at = len(kept)
        c.reporter.file = source.path
        _check(c, normal, body, fields)
        c.reporter.file = file
        if mistakes:
            kept[at:] = [each for each in kept[at:] if not _is_consequence(each, normal.text, parsed)]
    called = Related("it is rendered here", Span(c.file.path, node.start, node.end))
    kept[before:] = [_placed(found, called, normal, source) for found in kept[before:]]
    names = tuple((name, each.soft) for name, each in (fields or {}).items())
    c.facts.documents[id(node)] = Document(source, body, names, _is_markup(source.path))


def _is_consequence(found: Diagnostic, text: str, parsed: Parsed) -> bool:
    """Whether a finding may come of a tag with a mistake: it names what that may have declared, or hangs on what the
    blocks around it would have made known.
    """
    if found.rule in ("unknown-name", "unknown-function"):
        named = text[found.span.start : found.span.end]
        is_name = found.rule == "unknown-name"
        return named in parsed.unread or (
            is_name and (parsed.lacks_opener or (not parsed.is_certain and named == "loop"))
        )
    return not parsed.is_certain and found.rule not in _SURE


_SURE: Final = frozenset(("unknown-test", "unknown-argument", "missing-argument"))
"""What is wrong whatever the blocks are around it, besides names that mean nothing."""


def _fields(c: Inference, values: ast.Expr | None) -> dict[str, Member] | None:
    """The names that a template is given, with their types; null if they cannot be told, which is reported."""
    if values is None:
        return {}
    of = c.types[id(values)]
    if is_optional(of):
        of = need_value(c, values, of, "a template is given its fields")
    inner = of.inner if isinstance(of, Secret) else of
    if isinstance(inner, RecordOf):
        members = {field.name: member(inner, field.name) for field in inner.fields}
        return {name: each for name, each in members.items() if isinstance(each, Member)}
    if of is not POISON:
        message = f"the values of a template are a map with known keys, not {show(of)}"
        c.report("type-mismatch", message, values, "name what it needs: `{ lead, total: order.total }`")
    return None


def _open(c: Inference, template: ast.Text) -> Source | None:
    """Read a template; what keeps it from being read is reported at its name."""
    name = template.value
    path = posixpath.normpath(posixpath.join(posixpath.dirname(c.file.path.replace("\\", "/")), name))
    if not name.endswith(SUFFIXES):
        message = f"`{name}` is not a template: its name does not end with `.j2` or `.html`"
        c.report("unreadable-file", message, template)
        return None
    opened = c.state.open(path)
    if opened.text is None:
        near = [posixpath.join(posixpath.dirname(name), each) for each in opened.near if each.endswith(SUFFIXES)]
        c.report("unreadable-file", f"`{name}` {opened.why}", template, did_you_mean(name, near))
        return None
    if len(opened.text) > LARGEST:
        c.report("unreadable-file", f"`{name}` is larger than {LARGEST // 1024 // 1024} MiB", template)
        return None
    return Source(path, opened.text)


def _is_markup(path: str) -> bool:
    return path.removesuffix(".j2").lower().endswith(MARKUP)


def _placed(found: Diagnostic, called: Related, normal: Source, source: Source) -> Diagnostic:
    """A finding with its places in the file as it is on the disk, and the call that it is about. Templates are left as
    they are, so it has no fix.
    """

    def at(span: Span) -> Span:
        if span.file != source.path or normal.text == source.text:
            return span
        start, end = (normal.position(offset) for offset in (span.start, span.end))
        return Span(source.path, source.offset(start.line, start.column), source.offset(end.line, end.column))

    related = tuple([Related(each.message, at(each.span)) for each in found.related])
    return found.replace(span=at(found.span), related=(*related, called), fixes=())


# ---- what stands in it


def _check(c: Inference, source: Source, body: Section, fields: dict[str, Member]) -> None:
    """Infer a template where names mean the values it is given."""
    file = CheckedFile(source.path, source, ast.File(0, 0, (), ""), {})
    inner = Inference(c.state, file, c.type_names, {})
    inner.note_in(c.facts)
    library = Scope(None)
    for module in c.catalog.modules():
        library.names[module] = Binding(Symbol(module, "module", None, "", module))
    inner.scope = Scope(library)
    for name, each in fields.items():
        inner.scope.names[name] = Binding(Symbol(name, "param", None, source.path, name), each.type)
    inner.pure_place = "a document template"
    before = len(c.reporter.found)
    _section(inner, body)
    found = c.reporter.found
    found[before:] = [_helped(each, fields) for each in found[before:]]


def _helped(found: Diagnostic, fields: dict[str, Member]) -> Diagnostic:
    """A finding whose help holds in a template: without what Jinja2 does not read, and with the names there are."""
    if found.rule == "unknown-name" and not found.help:
        given = ", ".join(f"`{name}`" for name in list(fields)[:8])
        return found.replace(help=f"the call gives {given}" if fields else "the call gives no values")
    return found.replace(help=found.help.partition(", or read on with")[0])


def _section(c: Inference, node: Section) -> None:
    for part in node.parts:
        match part:
            case ast.TemplateText():
                pass
            case Choice():
                _choice(c, part)
            case Loop():
                _loop(c, part)
            case Assign():
                _assign(c, part)
            case _:
                written(c, part)


def _choice(c: Inference, node: Choice) -> None:
    mark = c.mark()
    for asked, section in node.branches:
        known = condition(c, asked)
        inside = c.mark()
        c.learn(known.true, known.formula)
        _section(c, section)
        c.restore(inside)
        c.learn(known.false, negate(known.formula))
    if node.otherwise is not None:
        _section(c, node.otherwise)
    c.restore(mark)


def _loop(c: Inference, node: Loop) -> None:
    outer = c.scope
    scope = loop_scope(c, node.names, node.iterable) if node.names else Scope(outer)
    mark = c.mark()
    c.scope = scope
    if node.condition is not None:
        known = condition(c, node.condition)
        c.learn(known.true, known.formula)
    scope.names["loop"] = Binding(Symbol("loop", "loop", None, c.file.path, "loop"), COUNTERS)
    _section(c, node.body)
    c.scope = outer
    c.restore(mark)
    if node.otherwise is not None:
        _section(c, node.otherwise)


def _assign(c: Inference, node: Assign) -> None:
    found = c.infer(node.value)
    if found == NONE:
        found = c.report("none-in-template", f"`{node.name.name}` would always be none", node.value)
    outer = c.scope
    c.scope = Scope(outer)
    declare(c, c.scope, node.name, "let", node.name, found)
    _section(c, node.rest)
    c.scope = outer
