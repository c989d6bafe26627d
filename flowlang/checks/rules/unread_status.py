"""A status that is accepted, and whose body is taken for that of a success."""

from __future__ import annotations

from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("accept",)
_BODY = frozenset(("json", "text"))


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `accept` of a status outside 2xx on a call of which only the body is read, with nothing that checks it: no
    type, no `ensure`, no `status`.
    """
    for site in sites(look).calls:
        accept = next((value for param, value in site.fact.arguments if param.name == "accept"), None)
        if not isinstance(accept, ast.List) or look.is_broken(site.step) or _is_checked(site.step):
            continue
        accepted = [
            each for each in accept.items if isinstance(each, ast.Literal) and not 200 <= (each.value or 0) < 300
        ]
        if accepted and _reads_only_the_body(site, look):
            yield look.found(
                f"nothing looks at the status: what comes with {accepted[0].value} is taken for the answer",
                accepted[0],
                "name the step and ask for its `status`, or leave it to a `catch http`",
            )


def _is_checked(step: ast.Step | ast.Do) -> bool:
    """Whether the value must be of a declared type, or is tested."""
    if isinstance(step, ast.Step) and step.type is not None:
        return True
    return any(isinstance(each, (ast.Ensure, ast.Until)) for each in step.clauses)


def _reads_only_the_body(site: Site, look: Look) -> bool:
    if site.step.value is not site.head:
        value = site.step.value
        while isinstance(value, (ast.Attribute, ast.Index, ast.Slice, ast.Filter)) and value.value is not site.head:
            value = value.value
        return isinstance(value, ast.Attribute) and value.name.name in _BODY
    reads = _reads(site.step, look)
    return bool(reads) and reads <= _BODY


def _reads(step: ast.Step | ast.Do, look: Look) -> set[str]:
    """The fields that are read of a step's value; '' for the value as a whole."""
    found: set[str] = set()
    pending: list[object] = [look.file.tree.item_at(step.start)]
    while pending:
        node = pending.pop()
        name = node.value if isinstance(node, ast.Attribute) else node
        if isinstance(name, ast.Name):
            symbol = look.facts.symbols.get(id(name))
            if symbol is not None and symbol.node is step:
                found.add(node.name.name if isinstance(node, ast.Attribute) else "")
        elif isinstance(node, tuple):
            pending.extend(node)
    return found
