"""A hole as other languages write it, which is plain text here."""

from __future__ import annotations

from itertools import pairwise

from flowlang import patterns
from flowlang.checks.literals import known_around, texts
from flowlang.checks.sites import sites
from flowlang.diagnostics import Diagnostic, Edit, Fix
from flowlang.semantics.url_text import after_text, is_spoken
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import is_optional
from flowlang.types.join import members
from flowlang.types.model import List, Map, RecordOf, Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
_before_name = patterns.compile(r"\{(?=[^\W\d_])").finditer


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `${x}`, `#{x}` and, in double quotes, `{x}`, whose first name the file has; each `{# … #}`; and each
    `${{ x }}` whose `$` can mean nothing.
    """
    source = look.file.source.text
    if not _is_suspect(source, file):
        return
    keys = _keys(look)
    for node in texts(file):
        if "{" not in source[node.start : node.end] or id(node) in keys or _is_said(look, node):
            continue
        for at, end, word in _holes(source, node):
            inner = source[at:end].strip("$#{} ")
            if word not in known_around(look, node):
                continue
            span = Span(look.file.path, at, end)
            ours, help = _instead(look, node, inner)
            fixes: tuple[Fix, ...] = ()
            if ours and source[node.start] == '"' and not _is_in_host(look, node, at):
                fixes = (Fix("write a hole", (Edit(span, ours),), safe=False),)
            message = f"`{source[at:end]}` is plain text: nothing is filled in"
            yield Diagnostic(look.rule, look.severity, message, span, help, (), fixes)
        start = source.find("{#", node.start, node.end)
        if start >= 0 and source.find("#}", start, node.end) >= 0:
            span = Span(look.file.path, start, source.find("#}", start) + 2)
            help = "comments begin with `#`, outside of texts"
            yield Diagnostic(look.rule, look.severity, "a comment in a text is text", span, help)
        if isinstance(node, ast.Template) and "${{" in source[node.start : node.end] and not look.is_broken(node):
            yield from _marked(look, node)


def _marked(look: Look, node: ast.Template) -> Iterator[Diagnostic]:
    """Each `${{ x }}` of a secret or in a url. Elsewhere it may be a price: `"${{ price }}"`."""
    source, is_url = look.file.source.text, look.facts.places.get(id(node)) == "url"
    for before, hole in pairwise(node.parts):
        at = before.end - 1
        if not isinstance(before, ast.TemplateText) or source[at - 1 : before.end] == "$$":
            continue
        of = look.facts.types.get(id(hole))
        if is_url or (of is not None and any(isinstance(each, Secret) for each in members(of))):
            span = Span(look.file.path, at, at + 1)
            fix = Fix("leave the `$` out", (Edit(span, ""),), safe=False)
            inner = source[hole.start : hole.end]
            message = f"the `$` before `{{{{ {inner} }}}}` is plain text, and is written too"
            yield Diagnostic(look.rule, look.severity, message, span, f"a hole is `{{{{ {inner} }}}}`", (), (fix,))


def _instead(look: Look, node: ast.Text | ast.Template, inner: str) -> tuple[str, str]:
    """The hole to write, '' if its value may not stand there, and the help."""
    from flowlang.checks.declared import may_not_run, type_of_path

    of = type_of_path(look, node, inner)
    is_url = look.facts.places.get(id(node)) == "url"
    if of is not None and any(isinstance(each, Secret) for each in members(of)):
        return "", "a secret goes into a header or a body, not into a text"
    if of is not None and is_url and any(isinstance(each, (List, Map, RecordOf)) for each in members(of)):
        return "", f"a url takes one value in a hole; several are given as `params={{ {inner.rpartition('.')[2]}: … }}`"
    name, dot, _ = inner.partition(".")
    if dot and may_not_run(look, node, name):
        return "", f"in double quotes write `{{{{ {inner} }}}}`, in a step with the same `when` as `{name}`"
    if of is not None and is_optional(of):
        if is_url:
            return "", f"in double quotes write `{{{{ {inner} }}}}`, in a step with `when {inner} is not none`"
        inner = f"{inner} | default('')"
    ours = f"{{{{ {inner} }}}}"
    return ours, f"in double quotes write `{ours}`"


def _keys(look: Look) -> set[int]:
    """Idempotency keys without a hole of ours: `key-too-wide` says that they are the same at every run."""
    given = (each for group in sites(look).groups for each in group if each.name == "idempotent")
    keys = [each.written.get("key") for each in given]
    return {id(key) for key in keys if isinstance(key, ast.Text)}


def _is_said(look: Look, node: ast.Text | ast.Template) -> bool:
    """Whether `bad-url` has said it, of a url that begins with such a hole."""
    if look.facts.places.get(id(node)) != "url" or not look.is_broken(node):
        return False
    first = node if isinstance(node, ast.Text) else node.parts[0]
    return isinstance(first, (ast.Text, ast.TemplateText)) and not is_spoken(first.value)


def _is_in_host(look: Look, node: ast.Text | ast.Template, at: int) -> bool:
    """Whether a place of a url admits no hole."""
    before = look.file.source.text[node.start : at].lstrip('"')
    return look.facts.places.get(id(node)) == "url" and after_text(before, "start") in ("host", "scheme")


def _holes(source: str, node: ast.Text | ast.Template) -> Iterator[tuple[int, int, str]]:
    """Where `${name…}`, `#{name…}` and `{name…}` stand in the text of a node, and the name."""
    is_template = source[node.start] == '"'
    pieces = node.parts if isinstance(node, ast.Template) else (node,)
    for piece in pieces:
        if not isinstance(piece, (ast.Text, ast.TemplateText)):
            continue
        at = source.find("{", piece.start, piece.end)
        while at >= 0:
            end = _end(source, at)
            is_marked = source[at - 1] in "$#"
            if end and (is_marked or is_template):
                yield at - is_marked, end, source[at + 1 : end - 1].partition(".")[0]
            at = source.find("{", at + 1, piece.end)


def _end(source: str, at: int) -> int:
    """The end of `{name…}` that begins at a brace; 0 if there is none."""
    if not source[at + 1 : at + 2].isalpha() or source[at - 1] == "{":
        return 0
    end = at + 1
    while source[end : end + 1].isalnum() or source[end : end + 1] in ("_", "."):
        end += 1
    return end + 1 if source[end : end + 1] == "}" and source[end + 1 : end + 2] != "}" else 0


def _is_suspect(source: str, file: ast.File) -> bool:
    """Whether a walk is worth while."""
    if source.find("${{", file.start, file.end) >= 0:
        return True
    braces = _before_name(source, file.start, file.end)
    return any(_end(source, brace.start()) for brace in braces) or source.find("{#", file.start, file.end) >= 0
