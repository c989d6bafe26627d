"""A handler that takes every error, does nothing about it, and leaves no trace of it."""

from __future__ import annotations

from flowlang.checks.bodies import handlers_of, takes_all
from flowlang.checks.sites import sites
from flowlang.semantics.infer.around import path_to
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("catch{", "catch as", "catch + validation + fault + network")


def check(node: ast.Step | ast.Do | ast.FlowDecl, look: Look) -> Iterator[Diagnostic]:
    """Each `catch` of all kinds that only yields a value that nobody reads, or that says of a flow what its success
    would. A message to people may fail so.
    """
    handlers = [each for each in handlers_of(node) if takes_all(each) and each.condition is None]
    if not handlers or look.is_broken(node):
        return
    for handler in handlers:
        statements = handler.body.statements
        is_idle = bool(statements) and all(isinstance(each, (ast.Yield, ast.Return)) for each in statements)
        if is_idle and _is_fixed(statements[0]) and not _is_told(node, statements[0], look):
            yield look.found(
                "this takes every error and tells nobody: whatever goes wrong here, the flow succeeds",
                handler,
                "name the kinds to ignore, such as `catch network, timeout, http`, or tell someone in the handler",
            )


def _is_told(node: ast.Step | ast.Do | ast.FlowDecl, given: ast.Statement, look: Look) -> bool:
    """Whether the value of a handler can say that something failed."""
    if not isinstance(node, ast.FlowDecl):
        return _is_message(node, look) or _is_read(node, look)
    usual = next((each for each in node.body.statements if isinstance(each, ast.Return)), None)
    assert isinstance(given, (ast.Yield, ast.Return))
    is_success = isinstance(given.value, ast.Literal) and given.value.value is True
    return not is_success and usual is not None and usual.value != given.value


def _is_message(step: ast.Step | ast.Do, look: Look) -> bool:
    site = sites(look).of.get(id(step))
    return site is not None and site.action.startswith("notify.")


def _is_fixed(statement: ast.Statement) -> bool:
    """Whether a yield or return gives what is written out."""
    pending: list[object] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Name, ast.Call, ast.Filter)):
            return False
        if isinstance(node, tuple):
            pending.extend(node)
    return True


def _is_read(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether something refers to the step, or to a block whose value it is or is part of."""
    if not isinstance(step, ast.Step):
        return False
    if id(step) in _referred(look):
        return True
    owner, block = path_to(look.file.tree, step)[-4:-2]
    if isinstance(block, (ast.Parallel, ast.Sequence)):
        is_given = not any(isinstance(each, ast.Yield) for each in block.body.statements)
    else:
        is_given = isinstance(block, ast.Race)
    return is_given and isinstance(owner, ast.Step) and _is_read(owner, look)


def _referred(look: Look) -> set[int]:
    """The steps that something refers to."""
    memo = sites(look).memo
    read = memo.get("read")
    if not isinstance(read, set):
        found = look.facts.symbols.items()
        read = memo["read"] = {
            id(symbol.node)
            for key, symbol in found
            if isinstance(symbol.node, ast.Step) and key not in (id(symbol.node), id(symbol.node.name))
        }
    return read
