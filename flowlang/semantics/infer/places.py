"""URL places: literals and templates that are urls by where they stand, and what their holes may be.

A hole is one path segment, a query key or value, or a fragment. Scheme, userinfo, host and port admit none, except a
url at the start, after which comes `/`, `?` or `#`. The path of a service's operation begins with `/`: its base is
the service's.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.blanks import encoded, first_hole, has_blank, hole_with_blank
from flowlang.semantics.infer.absence import need_value
from flowlang.semantics.report import POISON
from flowlang.semantics.url_text import after_text, begins_url, is_spoken
from flowlang.syntax import ast
from flowlang.types.assign import is_optional
from flowlang.types.formats import authority_problem
from flowlang.types.join import members
from flowlang.types.model import URL, Any, List, Map, Never, RecordOf, Secret, String, Url
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Related
    from flowlang.semantics.infer.engine import Inference, Wanted
    from flowlang.types.model import Type


_SUCH_AS = "a url is such as `https://host/path`"
_FOREIGN = "what is filled in is written `{{ name }}`, in double quotes"
_BLANK = "a url has no blanks"
_HOST = patterns.compile(r"[^/?#]*").match
_PLAIN_HOST = patterns.compile(r"[a-z][a-z0-9]*([.-][a-z][a-z0-9]*)*").fullmatch


def is_url_place(target: Type) -> bool:
    """Whether a literal that stands where this is wanted is a url."""
    found = False
    for each in members(target):
        inner = each.inner if isinstance(each, Secret) else each
        if isinstance(inner, (String, Any)):
            return False
        found = found or isinstance(inner, Url)
    return found


def url_text(c: Inference, node: ast.Text, target: Type, wanted: Wanted) -> Type:
    """A literal in a url place."""
    c.facts.places[id(node)] = "url"
    c.types[id(node)] = URL
    problem = _problem(node.value)
    if problem:
        if problem == _BLANK:
            return _report_blank(c, node, _host(node.value), True, True, node)
        hole = first_hole(node.value)
        if hole:
            return _report_plain_hole(c, node, hole, c.file.source.text[node.start : node.end], node)
        return _report_no_url(c, node, problem, node)
    return c.fit(node, URL, target, wanted)


def _report_no_url(c: Inference, node: ast.Text | ast.TemplateText, problem: str, whole: ast.Expr) -> Type:
    """A url that does not begin as one; it may begin with a hole of another language."""
    from flowlang.semantics.infer.foreign import foreign_hole, with_holes

    is_foreign = foreign_hole(node.value)
    fixes = with_holes(c, whole) if is_foreign else ()
    c.reporter.report("bad-url", problem, node, _FOREIGN if is_foreign else _SUCH_AS, fixes=fixes)
    return POISON


def _report_blank(
    c: Inference, node: ast.Text | ast.TemplateText, host: str, is_start: bool, is_end: bool, whole: ast.Expr
) -> Type:
    """A blank in a url. In a host there is no way to write it, and in what was meant as a hole no need."""
    span = c.reporter.span(node)
    written = c.file.source.text[span.start : span.end]
    hole = hole_with_blank(node.value)
    if hole:
        return _report_plain_hole(c, node, hole, written, whole)
    if has_blank(host):
        return c.report("bad-url", _BLANK, node, "a host has none: leave it out")
    quotes = "" if isinstance(node, ast.TemplateText) else '"""' if written.startswith('"""') else written[0]
    inner = encoded(written[len(quotes) : len(written) - len(quotes)], is_start, is_end)
    title = "write `%20`" if inner and "%20" in inner else "leave the blank out"
    fixes = () if inner is None else (Fix(title, (Edit(span, f"{quotes}{inner}{quotes}"),)),)
    c.reporter.report("bad-url", _BLANK, node, "a blank is written `%20`; a value in a hole is encoded", fixes=fixes)
    return POISON


def _report_plain_hole(
    c: Inference, node: ast.Text | ast.TemplateText, hole: str, written: str, whole: ast.Expr
) -> Type:
    """What was meant as a hole. Of `{% … %}` in double quotes the parser has said what there is to say."""
    from flowlang.semantics.infer.foreign import is_base, with_holes

    is_plain = isinstance(node, ast.Text) and written.startswith("'")
    if hole.startswith("{%") and not is_plain:
        return POISON
    fixes = with_holes(c, whole)
    is_fillable = hole.startswith("{{") and hole.endswith("}}") and is_plain and not set(written) & {'"', "\\"}
    if is_fillable and (not node.value.startswith(hole) or is_base(c, hole[2:-2].strip(), node.value[len(hole) :])):
        edit = Edit(c.reporter.span(node), f'"{written[1:-1]}"')
        fixes = (Fix("write it in double quotes", (edit,), safe=False),)
    c.reporter.report("bad-url", f"`{hole}` is plain text: nothing is filled in", node, _FOREIGN, fixes=fixes)
    return POISON


def url_template(c: Inference, node: ast.Template, target: Type, wanted: Wanted) -> Type:
    """A template in a url place."""
    c.facts.places[id(node)] = "url"
    takes_secrets = any(isinstance(member, Secret) for member in members(target))
    found = c.types[id(node)] = _walk(c, node, "start", takes_secrets)
    return found if found is POISON else c.fit(node, found, target, wanted)


def expect_path(c: Inference, node: ast.Expr, target: Type, wanted: Wanted) -> Type:
    """The path of a service's operation."""
    if isinstance(node, ast.Text):
        c.facts.places[id(node)] = "url"
        c.types[id(node)] = URL
        if node.value.lstrip().startswith("/") and has_blank(node.value):
            return _report_blank(c, node, "", True, True, node)
        if not node.value.startswith("/") or node.value.startswith("//"):
            return c.report(
                "bad-url", f"`{node.value}` is not a path", node, "a path begins with one `/`; the service has the base"
            )
        return URL
    if isinstance(node, ast.Template):
        c.facts.places[id(node)] = "url"
        first = node.parts[0]
        path = first.value.lstrip() if isinstance(first, ast.TemplateText) else ""
        if not path.startswith("/") or path.startswith("//"):
            for part in node.parts:
                if not isinstance(part, ast.TemplateText):
                    c.infer(part)
            c.types[id(node)] = URL
            return c.report("bad-url", "a path begins with `/`", node, "the service's `base_url` stands before it")
        found = c.types[id(node)] = _walk(c, node, "segment", False)
        return found
    if isinstance(node, ast.Conditional):
        c.infer(node.condition)
        for branch in (node.then, node.otherwise):
            expect_path(c, branch, target, wanted)
        c.types[id(node)] = URL
        return URL
    return c.fit(node, c.infer(node), target, wanted)


def _walk(c: Inference, node: ast.Template, place: str, takes_secrets: bool) -> Type:
    """Check the text and the holes of a url from its start; the first mistake in its structure ends it."""
    secret = False
    ok = True
    after_base = False
    for part in node.parts:
        if isinstance(part, ast.TemplateText):
            if after_base and part.value[:1] not in ("/", "?", "#"):
                ok = _wrong(c, part, "what follows a url begins with `/`, `?` or `#`", ok)
            begin = part.value.lstrip()
            if place == "start" and begin and not begins_url(begin):
                ok, place = False, "host"
                _report_no_begin(c, part, node)
            if ok and has_blank(part.value):
                is_first = part is node.parts[0]
                host = _host(part.value) if is_first else ""
                _report_blank(c, part, host, is_first, part is node.parts[-1], node)
                ok = False
            begins, place = place == "start", after_text(part.value, place)
            wrong = _wrong_host(begin.partition("://")[2]) if ok and begins and place != "host" else ""
            if wrong:
                c.report("bad-url", f"this is not a url: {wrong}", part, _SUCH_AS)
                ok = False
            after_base = False
            continue
        found = c.infer(part)
        inner = found.inner if isinstance(found, Secret) else found
        if isinstance(found, Secret) and not takes_secrets:
            c.report("secret-leak", "a secret may not go into a url", part, "send it in a header or in the body")
            ok = False
        secret = secret or isinstance(found, Secret)
        if place == "start":
            ok, place, after_base = _base(c, part, inner, ok), "segment", True
        elif place in ("scheme", "host"):
            ok = _wrong(c, part, "scheme, host and port of a url admit no hole", ok)
        elif after_base:
            ok = _wrong(c, part, "what follows a url begins with `/`, `?` or `#`", ok)
            after_base = False
        elif ok:
            _hole(c, part, inner)
    if place in ("start", "scheme") and ok:
        return c.report("bad-url", "this is not a url", node, _SUCH_AS)
    if not ok:
        return POISON
    return Secret(URL) if secret else URL


def _report_no_begin(c: Inference, part: ast.TemplateText, whole: ast.Template) -> None:
    """The text before the first hole of a url does not begin one."""
    hole = hole_with_blank(part.value)
    if hole:
        _report_plain_hole(c, part, hole, part.value, whole)
    else:
        _report_no_url(c, part, f"`{part.value}` is not the beginning of a url{_scheme(part.value)}", whole)


def _wrong(c: Inference, node: ast.Node, message: str, ok: bool) -> bool:
    if ok:
        c.report("url-hole", message, node, "a whole url may stand at the start: `{{ config.base }}/path`")
    return False


def _base(c: Inference, part: ast.Expr, found: Type, ok: bool) -> bool:
    if type(part) is ast.BrokenExpr:
        from flowlang.semantics.infer.other_value import refuse_other_value

        refuse_other_value(c, part)
    if is_optional(found):
        found = need_value(c, part, found, "the url begins with it")
    if isinstance(found, (Url, Never)) or found is POISON:
        return ok
    if ok:
        c.report(
            "url-hole",
            f"a url begins with a url, but `{c.text(part)}` is {show(found)}",
            part,
            "declare it as `url`, or say with `url(x)` that the host comes from data",
            _declared(c, part),
        )
    return False


def _declared(c: Inference, part: ast.Expr) -> tuple[Related, ...]:
    """The `let` of the file that a name stands for: the mistake of all its uses."""
    symbol = c.facts.symbols.get(id(part)) if isinstance(part, ast.Name) else None
    if symbol is None or not isinstance(symbol.node, ast.Let) or symbol.file != c.file.path:
        return ()
    return (c.reporter.related(f"`{c.text(part)}` is declared here", symbol.node.name),)


def _hole(c: Inference, part: ast.Expr, found: Type) -> None:
    if is_optional(found):
        found = need_value(c, part, found, "it stands in a url")
    if any(isinstance(member, (List, Map, RecordOf)) for member in members(found)):
        help = "lists and maps go into `params=`"
        c.report("url-hole", f"`{c.text(part)}` is {show(found)}, which has no place in a url", part, help)


def _problem(text: str) -> str:
    is_apart = text[:1].isspace()
    text = text.lstrip()
    rest = text.partition("://")[2]
    host = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    if not is_spoken(text) or not host:
        return (f"`{text}` is not a url" if len(text) < 60 else "this is not a url") + _scheme(text)
    if is_apart or has_blank(text):
        return _BLANK
    wrong = _wrong_host(rest)
    return (f"`{text}` is not a url: {wrong}" if len(text) < 60 else f"this is not a url: {wrong}") if wrong else ""


def _wrong_host(rest: str) -> str:
    """What is wrong with host and port, from behind the `://`. A name that is not all ASCII is left to the resolver,
    what looks like a hole to those that speak of holes.
    """
    host = _HOST(rest).group()  # type: ignore[union-attr]
    if _PLAIN_HOST(host) or not host.isascii() or "{" in host or "<%" in host:
        return ""
    return authority_problem(rest) or ""


def _host(text: str) -> str:
    return text.partition("://")[2].partition("/")[0]


def _scheme(text: str) -> str:
    scheme, separator, _ = text.partition("://")
    return f": its scheme is `{scheme}`, not http or https" if separator and not is_spoken(text) else ""
