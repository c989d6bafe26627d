"""A call goes to a host that data chooses: `url(x)`, or a value without a type where a url is wanted."""

from __future__ import annotations

from flowlang.checks.beginnings import beginning
from flowlang.checks.calls import calls
from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types.assign import secret_path
from flowlang.types.join import members
from flowlang.types.model import Any, Secret, Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import CallFact
    from flowlang.types.model import Type

SEVERITY = "warning"
SCOPE = "statement"


def check(node: ast.Call | ast.Filter, look: Look) -> Iterator[Diagnostic]:
    """Each `url(x)` and `x | url` of something that is neither written out nor of the configuration, and each untyped
    value as the url of a call; that the call sends a secret is said with it. A call to what is a url by its type is
    meant, but for a secret, where it comes from a parameter or an answer.
    """
    fact = look.facts.calls.get(id(node))
    if fact is None or not fact.signature.file.startswith("stdlib/"):
        return
    if fact.signature.name == "url":
        if _is_of_data(node, look) and id(node) not in _of_calls(look):
            yield look.found(f"{_WHAT}: {_WHY}", node, _HELP)
    elif fact.signature.kind == "action":
        for param, value in fact.arguments:
            if value is None or not _is_url(param.type):
                continue
            if _is_untyped(value, look) or _is_of_data(value, look):
                why = _WHY
                if _sends_a_secret(fact, value, look):
                    why = "whoever writes the data gets the secret that goes with it"
                yield look.found(f"{_WHAT}: {why}", value, _HELP)
                continue
            source = _source(value, look) if _sends_a_secret(fact, value, look) else ""
            if source:
                yield look.found(f"{_WHAT}: whoever {source} gets the secret that goes with it", value, _HELP)


_WHAT = "the host of this url comes from data"
_WHY = "whoever writes the data chooses whom the flow calls"
_HELP = "take the host from `config` and put data into the path, or allow the hosts and ignore this with a reason"


def _of_calls(look: Look) -> set[int]:
    """The urls of calls, which are looked at with their call."""
    found = set()
    for fact in calls(look):
        if fact.signature.kind == "action":
            found |= {id(value) for param, value in fact.arguments if value is not None and _is_url(param.type)}
    return found


def _is_of_data(node: ast.Expr, look: Look) -> bool:
    """Whether a value is `url(x)` of something that is not written out."""
    fact = look.facts.calls.get(id(node)) if isinstance(node, (ast.Call, ast.Filter)) else None
    if fact is None or fact.signature.name != "url" or not fact.signature.file.startswith("stdlib/"):
        return False
    value = fact.arguments[0][1]
    if value is None or _is_of_config(value, look):
        return False
    text, is_whole = beginning(look, value)
    return not is_whole and "/" not in text.partition("://")[2]


def _is_of_config(value: ast.Expr, look: Look) -> bool:
    """Whether a text is a value of the configuration, or begins with one and goes on behind the host."""
    first: ast.Expr | ast.TemplateText = value
    if isinstance(value, ast.Template):
        first, behind = value.parts[0], value.parts[1:2]
        if behind and not (isinstance(behind[0], ast.TemplateText) and behind[0].value[:1] in ("/", "?", "#")):
            return False
    while isinstance(first, ast.Attribute):
        first = first.value
    symbol = look.facts.symbols.get(id(first)) if isinstance(first, ast.Name) else None
    return symbol is not None and symbol.kind == "config"


def _source(value: ast.Expr, look: Look) -> str:
    """Who decides on a url, if it is or begins with what a parameter or the answer of a call holds; '' if not."""
    first = value.parts[0] if isinstance(value, ast.Template) else value
    while isinstance(first, (ast.Attribute, ast.Index)):
        first = first.value
    symbol = look.facts.symbols.get(id(first)) if isinstance(first, ast.Name) else None
    if symbol is None or symbol.node is None or symbol.file != look.file.path:
        return ""
    if symbol.kind == "param":
        return "starts the flow"
    if symbol.kind == "loop":
        iterable = _gone_through(symbol.node, look)
        return _source(iterable, look) if iterable is not None else ""
    if symbol.kind == "let" and isinstance(symbol.node, ast.Let):
        return _source(symbol.node.value, look)
    return "writes the data" if symbol.kind == "step" and id(symbol.node) in look.facts.effects else ""


def _gone_through(name: ast.Node, look: Look) -> ast.Expr | None:
    """What a loop goes through whose variable is declared at a place."""
    pending: list[object] = [look.file.tree.item_at(name.start)]
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.For, ast.Comprehension)) and any(each is name for each in part.names):
            return part.iterable
        if isinstance(part, tuple):
            pending.extend(part)
    return None


def _is_untyped(value: ast.Expr, look: Look) -> bool:
    of = look.facts.types.get(id(value))
    return isinstance(of, Any) and of is not POISON and id(value) in look.facts.coercions


def _is_url(of: Type) -> bool:
    for each in members(of):  # noqa: SIM110 — as a generator three times as dear
        if isinstance(each.inner if isinstance(each, Secret) else each, Url):
            return True
    return False


def _sends_a_secret(fact: CallFact, url: ast.Expr, look: Look) -> bool:
    return any(
        value is not None and value is not url and secret_path(look.facts.types.get(id(value), Any())) is not None
        for _, value in fact.arguments
    )
