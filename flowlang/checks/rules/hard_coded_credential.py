"""A key, token or password written into the file."""

from __future__ import annotations

from flowlang.checks.calls import calls
from flowlang.checks.credentials import is_placeholder, shapes
from flowlang.checks.headers import entries, maps
from flowlang.checks.literals import texts
from flowlang.diagnostics import Diagnostic
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.join import members
from flowlang.types.model import SECRET_ANY, Secret, String, Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.semantics.facts import CallFact
    from flowlang.types.model import Type

SEVERITY = "warning"
SCOPE = "statement"


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each text of a known shape of keys, each literal in a header or argument for credentials or under their names in
    what a call sends, each where a secret is wanted, each password in a url; but for what only stands in for one.
    """
    seen: set[int] = set()
    for node, what in (*_in_places(file, look), *_in_secrets(file, look), *_behind_schemes(file, look)):
        if id(node) not in seen:
            seen.add(id(node))
            yield look.found(f"{what} is written into the file", node, _help(what))
    for start, end, what in shapes(look.file.source.text, file.start, file.end):
        if not any(node.start <= start < node.end for node in _texts_of(seen, file)):
            message = f"{what} is written into the file"
            yield Diagnostic(look.rule, look.severity, message, Span(look.file.path, start, end), _help(what))


_HELP = "declare it in `config { … }` as `secret`, give it at run time, and change the one that was written here"
_ADDRESS = "the address of a Slack webhook"
_WITHOUT = "leave the default out, give the value at run time, and change the one that was written here"
_VALUE = "the value of the secret"
_SECRET = "the secret argument"
_WANTED = "a text that is wanted as a secret"
_SECRET_URL = "the secret url"
_IN_URL = " in the url"
_HEADER = "; a url is logged on its way, so send it in a header"


def _help(what: str) -> str:
    if what.startswith(_VALUE):
        return _WITHOUT
    if what.startswith((_ADDRESS, _SECRET_URL)):
        return _HELP.replace("`secret`", "`secret[url]`")
    return _HELP + _HEADER if what.endswith(_IN_URL) else _HELP


def _texts_of(seen: set[int], file: ast.File) -> list[ast.Text | ast.Template]:
    return [node for node in texts(file) if id(node) in seen] if seen else []


def _in_places(file: ast.File, look: Look) -> Iterator[tuple[ast.Node, str]]:
    for item in file.items:
        for each in _declared(item):
            of = look.facts.type_exprs.get(id(each.type))
            if each.default is None or of is None:
                continue
            if type(each.default) is ast.Text and _is_secret(of) and not is_placeholder(each.default.value):
                yield each.default, f"{_VALUE} `{each.name.name}`"
            elif SECRET_ANY in members(of):
                for text, key in _entries(each.default):
                    yield text, f"{_VALUE} `{key}`"
        if isinstance(item, ast.FlowDecl):
            for trigger in item.triggers:
                yield from _in_arguments(look.facts.annotations.get(id(trigger)))
    for map_ in maps(look):
        for name, entry in entries(map_):
            if name.lower() in _HEADERS and _is_credential(entry.value, name.lower()):
                yield entry.value, f"the value of the header `{name}`"
    for fact in calls(look):
        yield from _in_arguments(fact)
        if fact.signature.kind == "action":
            yield from _in_request(fact)


def _in_secrets(file: ast.File, look: Look) -> Iterator[tuple[ast.Node, str]]:
    """Literals that stand where a secret is declared; what a call sends may be one, and need not."""
    places = look.facts.places
    if "secret" not in places.values():
        return
    sent: list[ast.Expr] = []
    for fact in calls(look):
        if _is_of_library(fact):
            sent += [value for param, value in fact.arguments if value is not None and param.name in _MAY_BE]
    for node in texts(file):
        is_secret = isinstance(node, ast.Text) and places.get(id(node)) == "secret" and _is_chosen(node.value)
        if is_secret and not any(each.start <= node.start < each.end for each in sent):
            yield node, _WANTED


def _behind_schemes(file: ast.File, look: Look) -> Iterator[tuple[ast.Node, str]]:
    """Literals such as `Bearer 9f8c2b7e6a5d4c3b`, wherever they stand."""
    source = look.file.source.text[file.start : file.end]
    if not any(_is_token(part[:_LONG]) for scheme in _SCHEMES for part in source.split(scheme)[1:]):
        return
    for node in texts(file):
        if isinstance(node, ast.Text) and node.value.startswith(_SCHEMES):
            scheme, _, token = node.value.partition(" ")
            if _is_token(token[:_LONG]) and _is_chosen(token):
                yield node, f"a value behind `{scheme}`"


def _is_token(text: str) -> bool:
    """Whether a text is long enough for a token, with a digit and nothing that tokens do not have."""
    return len(text) == _LONG and any(map(str.isdigit, text)) and not set(text) - _IN_TOKENS


def _declared(item: ast.Item) -> tuple[ast.Field | ast.Param, ...]:
    """What an item declares that may be a secret with a default; a flow takes none."""
    if isinstance(item, (ast.ActionDecl, ast.FunctionDecl)):
        return item.params
    if isinstance(item, ast.TypeDecl):
        return item.type.fields if isinstance(item.type, ast.RecordType) else ()
    return item.fields if isinstance(item, ast.Config) else ()


def _in_request(fact: CallFact) -> Iterator[tuple[ast.Node, str]]:
    """Literals under the names of credentials, in what a call sends and in the query of its url."""
    for param, value in fact.arguments:
        if value is None:
            continue
        if param.name in _SENT:
            for each, key in _entries(value):
                yield each, f"`{key}`{_SENT[param.name]}"
        elif param.name in ("url", "path") and isinstance(value, (ast.Text, ast.Template)):
            texts = value.parts if isinstance(value, ast.Template) else (value,)
            for part in texts:
                if isinstance(part, (ast.Text, ast.TemplateText)) and "=" in part.value:
                    for name in _in_query(part.value):
                        yield value, f"`{name}`{_IN_URL}"


def _entries(value: ast.Expr) -> Iterator[tuple[ast.Node, str]]:
    """The texts of a map, and of those in it, that stand under the name of a credential, with the name."""
    pending: list[ast.Expr] = [value]
    while pending:
        part = pending.pop()
        if type(part) is ast.List:
            pending += part.items
        elif type(part) is ast.Map:
            for entry in part.entries:
                of = entry.value
                if type(of) in _NESTED:
                    pending.append(of)
                elif type(of) is ast.Text and type(entry) is ast.Entry:
                    key = entry.key
                    if isinstance(key, ast.Text) and _is_name(key.value) and _is_chosen(of.value):
                        yield of, key.value


def _in_query(text: str) -> Iterator[str]:
    """The names of credentials that a url's query gives a value."""
    for each in text.partition("#")[0].replace("?", "&").split("&")[1:]:
        name, _, value = each.partition("=")
        if _is_name(name) and _is_chosen(value):
            yield name


def _is_name(name: str) -> bool:
    return name.lower().replace("-", "_") in _NAMES


def _is_chosen(value: str) -> bool:
    """Whether a value is long enough for a credential, no sentence, and does not only stand in for one."""
    return len(value) >= 6 and " " not in value and not is_placeholder(value)


def _in_arguments(fact: CallFact | None) -> Iterator[tuple[ast.Node, str]]:
    """Literals for parameters that want a secret; a body and the address of a webhook may hold one, and need not."""
    if fact is None or not _is_of_library(fact):
        return
    for param, value in fact.arguments:
        if type(value) is not ast.Text or param.name in ("text", "url") or not _is_secret(param.type):
            continue
        if not is_placeholder(value.value):
            is_url = any(isinstance(m, Secret) and isinstance(m.inner, Url) for m in members(param.type))
            yield value, f"{_SECRET_URL if is_url else _SECRET} `{param.name}`"


def _is_of_library(fact: CallFact) -> bool:
    return fact.signature.file.startswith("stdlib/")


def _is_secret(of: Type) -> bool:
    """Whether a type is a secret text or url, or none."""
    return any(isinstance(m, Secret) and isinstance(m.inner, (String, Url)) for m in members(of))


def _is_credential(value: ast.Expr, header: str) -> bool:
    """Whether a header's value is written out: behind its scheme, if it has one."""
    if not isinstance(value, ast.Text):
        return False
    words = value.value.split()
    if not words or len(words[-1]) < 8 or is_placeholder(words[-1]):
        return False
    return header != "authorization" or len(words) == 2


_NESTED = frozenset((ast.List, ast.Map))
_HEADERS = frozenset("authorization proxy-authorization x-api-key api-key x-auth-token x-access-token cookie".split())
_NAMES = frozenset(
    "access_token api_key api_token apikey auth_token client_secret passwd password private_key secret token".split()
)
_SCHEMES = ("Bearer ", "Basic ")
_LONG = 12
_IN_TOKENS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=")
_MAY_BE = frozenset(("form", "headers", "json", "text", "url"))
_SENT = {"params": _IN_URL, "json": " in the body", "form": " in the body"}
