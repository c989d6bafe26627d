"""The statements of one body, and what `after` can name among them."""

from __future__ import annotations

from flowlang.checks.sites import WAITS, is_block
from flowlang.semantics.infer.bodies import callee_word
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.checks.look import Look

    Holder = (
        ast.FlowDecl
        | ast.Branch
        | ast.Case
        | ast.For
        | ast.Repeat
        | ast.Parallel
        | ast.Sequence
        | ast.Catch
        | ast.If
        | ast.Match
    )


def statements_of(holder: Holder) -> tuple[ast.Statement, ...]:
    """The statements right in what holds a body; of an `if` or `match`, whose branches and cases are holders of their
    own, those of its `else`.
    """
    body = holder.otherwise if isinstance(holder, (ast.If, ast.Match)) else holder.body
    return () if body is None else body.statements


def steps_of(holder: Holder) -> list[ast.Step | ast.Do]:
    """The steps among them."""
    return [each for each in statements_of(holder) if type(each) is ast.Step or type(each) is ast.Do]


def is_unread(node: ast.Node, look: Look) -> bool:
    """Whether something in the item around a node did not parse: it may say what seems not to be said."""
    pending: list[object] = [look.file.tree.item_at(node.start)] if look.is_item_broken(node) else []
    while pending:
        part = pending.pop()
        if isinstance(part, (ast.Broken, ast.BrokenExpr, ast.BrokenFlow)):
            return True
        if isinstance(part, tuple):
            pending.extend(part)
    return False


def handlers_of(node: ast.Step | ast.Do | ast.FlowDecl) -> list[ast.Catch]:
    """The handlers of a step or a flow."""
    clauses = node.catches if isinstance(node, ast.FlowDecl) else node.clauses
    return [each for each in clauses if isinstance(each, ast.Catch)] if clauses else []


def takes_all(handler: ast.Catch) -> bool:
    """Whether a handler takes every error but a cancellation: it names none, or all that a call may come to."""
    return not handler.kinds or {kind.name for kind in handler.kinds} >= _EVERY


_EVERY: Final = frozenset(("network", "timeout", "http", "validation", "fault"))


def after_name(step: ast.Step | ast.Do, steps: list[ast.Step | ast.Do], look: Look) -> str:
    """What `after` calls a step; '' if it is one of several `do` of one action, which have no name."""
    word = _word(step)
    if word and sum(_word(each) == word for each in steps) > 1:
        return ""
    return look.facts.keys[id(step)]


def _word(step: ast.Step | ast.Do) -> str:
    """What `after` calls a `do`, wherever it stands."""
    if isinstance(step, ast.Step) or is_block(step.value):
        return ""
    return callee_word(step.value)  # type: ignore[arg-type]  # it is no block


def is_wait(step: ast.Step | ast.Do, look: Look) -> bool:
    """Whether a step waits, and does nothing but that."""
    head = look.facts.effects.get(id(step))
    fact = look.facts.calls.get(id(head)) if head is not None else None
    if fact is None or fact.signature.name not in WAITS:
        return False
    return id(step) not in look.facts.used  # of an event the value may be wanted
