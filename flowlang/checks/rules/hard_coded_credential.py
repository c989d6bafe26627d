"""A key, token or password written into the file."""

from __future__ import annotations

from flowlang.checks.credentials import shapes
from flowlang.checks.headers import entries, maps
from flowlang.checks.literals import texts
from flowlang.diagnostics import Diagnostic
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.join import members
from flowlang.types.model import Secret, String, Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.semantics.facts import CallFact
    from flowlang.types.model import Type

SEVERITY = "warning"


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each text of a known shape of keys, each literal in a header or argument for credentials, each default of a
    secret, each password in a url.
    """
    seen: set[int] = set()
    for node, what in _in_places(file, look):
        if id(node) not in seen:
            seen.add(id(node))
            yield look.found(f"{what} is written into the file", node, _HELP)
    for start, end, what in shapes(look.file.source.text, file.start, file.end):
        if not any(node.start <= start < node.end for node in _texts_of(seen, file)):
            message = f"{what} is written into the file"
            yield Diagnostic(look.rule, look.severity, message, Span(look.file.path, start, end), _HELP)


_HELP = "declare it in `config { … }` as `secret`, give it at run time, and change the one that was written here"


def _texts_of(seen: set[int], file: ast.File) -> list[ast.Text | ast.Template]:
    return [node for node in texts(file) if id(node) in seen] if seen else []


def _in_places(file: ast.File, look: Look) -> Iterator[tuple[ast.Node, str]]:
    for item in file.items:
        if isinstance(item, ast.Config):
            for field in item.fields:
                of = look.facts.type_exprs.get(id(field.type))
                if _is_literal(field.default) and of is not None and _is_secret(of):
                    assert field.default is not None
                    yield field.default, f"the value of the secret `{field.name.name}`"
        elif isinstance(item, ast.FlowDecl):
            for trigger in item.triggers:
                yield from _in_arguments(look.facts.annotations.get(id(trigger)))
    for map_ in maps(look):
        for name, entry in entries(map_):
            if name.lower() in _HEADERS and _is_credential(entry.value, name.lower()):
                yield entry.value, f"the value of the header `{name}`"
    wants: dict[int, bool] = {}
    for node in look.facts.called.get(look.file.path, ()):
        fact = look.facts.calls.get(id(node)) if node.__class__ is ast.Call else None
        if fact is not None:
            known = wants.get(id(fact.signature))
            if known is None:
                known = wants[id(fact.signature)] = any(_is_secret(param.type) for param in fact.signature.params)
            if known:
                yield from _in_arguments(fact)


def _in_arguments(fact: CallFact | None) -> Iterator[tuple[ast.Node, str]]:
    """Literals for parameters that want a secret; a body and the address of a webhook may hold one, and need not."""
    if fact is None or not fact.signature.file.startswith("stdlib/"):
        return
    for param, value in fact.arguments:
        if param.name not in ("text", "url") and _is_literal(value) and _is_secret(param.type):
            assert value is not None
            yield value, f"the secret argument `{param.name}`"


def _is_literal(value: ast.Expr | None) -> bool:
    return isinstance(value, ast.Text) and bool(value.value)


def _is_secret(of: Type) -> bool:
    """Whether a type is a secret text or url, or none."""
    return any(isinstance(m, Secret) and isinstance(m.inner, (String, Url)) for m in members(of))


def _is_credential(value: ast.Expr, header: str) -> bool:
    """Whether a header's value is written out: behind its scheme, if it has one."""
    if not isinstance(value, ast.Text):
        return False
    words = value.value.split()
    return bool(words) and len(words[-1]) >= 8 and (header != "authorization" or len(words) == 2)


_HEADERS = frozenset("authorization proxy-authorization x-api-key api-key x-auth-token x-access-token cookie".split())
