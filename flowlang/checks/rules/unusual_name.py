"""A name in another spelling than names of its kind have."""

from __future__ import annotations

from flowlang.semantics.declarations import BUILT_IN
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(node: ast.File | ast.Body, look: Look) -> Iterator[Diagnostic]:
    """Each type that does not begin with a capital, and each step, let, flow, function, action and service with one.
    Parameters and fields are spelled as those outside spell them; beside its own proper spelling a name is
    `confusable-name`.
    """
    if isinstance(node, ast.Body):
        for statement in node.statements:
            if type(statement) is ast.Step or type(statement) is ast.Let:
                ident = statement.name
                if ident.name != ident.name.lower() and not _is_like_another(ident, node):
                    yield from _small(ident, look)
        return
    for item in node.items:
        if isinstance(item, ast.TypeDecl):
            name = item.name.name
            if name[:1].islower() and name not in BUILT_IN:
                new = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
                yield look.found(f"the type `{name}` begins with a small letter", item.name, f"call it `{new}`")
        elif isinstance(item, (ast.FlowDecl, ast.FunctionDecl, ast.ActionDecl, ast.ServiceDecl, ast.Let)):
            yield from _small(item.name, look)


def _is_like_another(ident: ast.Ident, body: ast.Body) -> bool:
    """Whether a name reads like that of another step or `let` of its body."""
    idents = [each.name for each in body.statements if isinstance(each, (ast.Step, ast.Let))]
    return any(_reads_like(ident, each) for each in idents)


def _reads_like(one: ast.Ident, other: ast.Ident) -> bool:
    """Whether two different names differ in case or underscores only."""
    return one.name != other.name and one.name.replace("_", "").lower() == other.name.replace("_", "").lower()


def _small(ident: ast.Ident, look: Look) -> Iterator[Diagnostic]:
    name = ident.name
    if name != name.lower() and not (name.isupper() and "_" in name):
        help = f"call it `{_in_small_letters(name)}`: names are written in small letters"
        yield look.found(f"`{name}` has capitals", ident, help)


def _in_small_letters(name: str) -> str:
    """`getURLOf` as `get_url_of`: a word begins at a capital behind a small letter or before one."""
    found = ""
    for index, char in enumerate(name):
        begins = char.isupper() and (not name[index - 1].isupper() or name[index + 1 : index + 2].islower())
        found += "_" + char.lower() if index and begins and name[index - 1] != "_" else char.lower()
    return found.strip("_")
