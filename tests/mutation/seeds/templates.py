"""Faults in texts and their holes."""

from __future__ import annotations

from collections.abc import Iterator

from flowlang.syntax import ast
from flowlang.types import model
from tests.mutation.clean import Change, Clean, bare
from tests.mutation.generate import seed


def holes(c: Clean) -> Iterator[tuple[ast.Template, ast.Expr, int, int]]:
    """Templates of one line with a hole, and where its braces begin and end."""
    for template in c.all(ast.Template):
        if c.text.startswith('"""', template.start) or c.inside(template, ast.Template):
            continue
        for part in template.parts:
            if not isinstance(part, ast.TemplateText):
                yield template, part, c.text.rindex("{{", 0, part.start), c.text.index("}}", part.end) + 2


@seed("unclosed-hole")
def unclosed_hole(c: Clean) -> Iterator[Change]:
    for template, _, _, end in holes(c):
        yield c.change(((end - 2, end), ""), at=[template])


@seed("empty-hole")
def empty_hole(c: Clean) -> Iterator[Change]:
    for _, _, start, end in holes(c):
        yield c.change(((start, end), "{{ }}"))


@seed("half-hole")
def half_hole(c: Clean) -> Iterator[Change]:
    for template, _, _, end in holes(c):
        yield c.change(((end - 1, end), ""), at=[template])


@seed("encoded-twice")
def encoded_twice(c: Clean) -> Iterator[Change]:
    for template, part, _, _ in holes(c):
        if c.facts.places.get(id(template)) == "url" and isinstance(c.type(part), model.String):
            yield c.change((part.end, " | ⟦urlencode⟧"), at=[part])


@seed("statement-tag")
def statement_tag(c: Clean) -> Iterator[Change]:
    for template, part, start, _ in holes(c):
        if id(template) not in c.facts.places and not set("'\"") & set(c.spelling(part)):
            yield c.change((start, f"⟦{{% set x = {c.spelling(part)} %}}⟧"))


@seed("braces-in-bare")
def braces_in_bare(c: Clean) -> Iterator[Change]:
    for name in c.names_of("step") + c.names_of("param"):
        if not c.inside(name, ast.Template) and isinstance(c.parent(name), (ast.Argument, ast.Entry, ast.Return)):
            yield c.change((name, f"{{{{ {name.name} }}}}"))


@seed("no-else")
def no_else(c: Clean) -> Iterator[Change]:
    yield from _no_else(c, is_hole=False)


@seed("no-else-in-hole")
def no_else_in_hole(c: Clean) -> Iterator[Change]:
    yield from _no_else(c, is_hole=True)
    for _, part, _, _ in holes(c):
        yield c.change((part, f"{c.spelling(part)} if 1 < 2"))


def _no_else(c: Clean, is_hole: bool) -> Iterator[Change]:
    for node in c.all(ast.Conditional):
        inner = any(isinstance(each, ast.Template) for each in c.above(node))
        if inner == is_hole and not c.inside(node, ast.Conditional) and not isinstance(node.otherwise, ast.Conditional):
            between = c.text[node.condition.end : node.otherwise.start]
            if between.strip() == "else":
                yield c.change(((node.condition.end, node.otherwise.end), ""), at=[node])


@seed("hole-in-plain")
def hole_in_plain(c: Clean) -> Iterator[Change]:
    for template, _, _, _ in holes(c):
        spelling = c.spelling(template)
        if (
            not c.is_lone(template)
            and "'" not in spelling
            and "\\" not in spelling
            and id(template) not in c.facts.places
        ):
            yield c.change((template, f"'{spelling[1:-1]}'"))


@seed("unterminated")
def unterminated(c: Clean) -> Iterator[Change]:
    for text in [*c.all(ast.Text), *c.all(ast.Template)]:
        opening = c.text[text.start]
        if opening in "'\"" and not c.inside(text, ast.Template) and not c.text.startswith('"""', text.start):
            line_end = c.text.find("\n", text.end)
            rest = c.text[text.end : line_end]
            if opening not in rest and "\n" not in c.spelling(text):
                yield c.change(((text.end - 1, text.end), ""), at=[(text.start, line_end)])


@seed("f-string")
def f_string(c: Clean) -> Iterator[Change]:
    for template, _, _, _ in holes(c):
        yield c.change((template.start, "⟦f⟧"), at=[template])


@seed("dollar-hole")
def dollar_hole(c: Clean) -> Iterator[Change]:
    for template, part, start, end in holes(c):
        is_name = isinstance(part, (ast.Name, ast.Attribute)) and not c.is_lone(part)
        header = any(isinstance(each, (ast.Setting, ast.Argument)) and _is_headers(each) for each in c.above(template))
        if is_name and not header and id(template) not in c.facts.places:
            yield c.change(((start, end), f"${{{c.spelling(part)}}}"))


def _is_headers(node: ast.Setting | ast.Argument) -> bool:
    return node.name is not None and node.name.name == "headers"


@seed("unknown-filter-in-hole")
def unknown_filter_in_hole(c: Clean) -> Iterator[Change]:
    for _, part, _, _ in holes(c):
        if isinstance(part, (ast.Name, ast.Attribute)):
            yield c.change((part.end, " | ⟦uppercase⟧"))


@seed("bad-escape")
def bad_escape(c: Clean) -> Iterator[Change]:
    for template, _, _, end in holes(c):
        if id(template) not in c.facts.places:
            yield c.change((end, "⟦\\q⟧"))


@seed("whitespace-control")
def whitespace_control(c: Clean) -> Iterator[Change]:
    for _, part, start, end in holes(c):
        yield c.change(((start, end), f"{{{{- {c.spelling(part)} -}}}}"))


@seed("jinja-comment")
def jinja_comment(c: Clean) -> Iterator[Change]:
    for template, _, start, _ in holes(c):
        if id(template) not in c.facts.places:
            yield c.change((start, "⟦{# greeting #}⟧"), at=[template])


@seed("list-in-url")
def list_in_url(c: Clean) -> Iterator[Change]:
    for template, part, _, _ in holes(c):
        if id(template) in c.facts.places and isinstance(bare(c.type(part) or model.ANY), model.String):
            yield c.change((part, f"[{c.spelling(part)}]"))


@seed("none-in-url")
def none_in_url(c: Clean) -> Iterator[Change]:
    for template, part, _, _ in holes(c):
        if id(template) in c.facts.places and isinstance(c.type(part), model.String):
            yield c.change((part, f"[{c.spelling(part)}] | select('string') | first"))


@seed("loose-filter")
def loose_filter(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        yield c.lines(flow, "let size = [1, 2] | length\n  step spare = ⟦size + size | round⟧\n  step used = spare")
