"""`{{ x }}` in single quotes, where it is plain text."""

from __future__ import annotations

from flowlang import patterns
from flowlang.checks.literals import known_around, texts
from flowlang.checks.sites import sites
from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.blanks import hole_with_blank
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("{{",)
_hole_behind_quote = patterns.compile(r"'[^'\n]*\{\{").search


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each text in single quotes with a hole whose first name the file has."""
    text = look.file.source.text
    if not _is_suspect(text, file):
        return
    for node in texts(file):
        if not isinstance(node, ast.Text) or "{{" not in node.value or text[node.start] != "'":
            continue
        word = _first_name(node.value)
        if word in known_around(look, node) and not _is_key(node, look) and not _is_said(node, look):
            written = text[node.start : node.end]
            fixes: tuple[Fix, ...] = ()
            if '"' not in written and "\\" not in written:
                edit = Edit(Span(look.file.path, node.start, node.end), f'"{written[1:-1]}"')
                fixes = (Fix("write it in double quotes", (edit,), safe=False),)
            message = f"`{{{{ {word} }}}}` is plain text in single quotes: nothing is filled in"
            yield look.found(message, node, "write the template in double quotes", fixes=fixes)


def _is_key(node: ast.Text, look: Look) -> bool:
    """Whether it is an idempotency key: `key-too-wide` says that it is the same at every run."""
    given = (each for group in sites(look).groups for each in group if each.name == "idempotent")
    return any(each.written.get("key") is node for each in given)


def _is_said(node: ast.Text, look: Look) -> bool:
    """Whether `bad-url` has said it, of a hole with blanks in a url."""
    is_url = look.facts.places.get(id(node)) == "url"
    return is_url and look.is_broken(node) and hole_with_blank(node.value) != ""


def _first_name(text: str) -> str:
    inside = text.partition("{{")[2].lstrip(" -")
    end = 0
    while end < len(inside) and (inside[end].isalnum() or inside[end] == "_"):
        end += 1
    return inside[:end] if "}}" in inside else ""


def _is_suspect(text: str, file: ast.File) -> bool:
    """Whether a walk is worth while: a hole stands behind an open single quote, or on a line of a longer text."""
    done = text.rfind("\n", 0, file.start) + 1
    if _hole_behind_quote(text, done, file.end) is None:
        return False
    single = double = 0  # on the line of `done`, before it
    at = text.find("{{", file.start, file.end)
    while at >= 0:
        line = text.rfind("\n", done, at) + 1
        if line:
            done, single, double = line, 0, 0
        single += text.count("'", done, at)
        double += text.count('"', done, at)
        if single % 2 and not double % 2:
            return True
        done = at
        at = text.find("{{", at + 2, file.end)
    return False
