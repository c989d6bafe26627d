"""Choices: `a if c else b`, `and`, `or`; each side is looked at under what the condition makes known."""

from __future__ import annotations

from flowlang.semantics.infer.engine import Wanted, expects, handles
from flowlang.semantics.infer.narrowing import assume, condition
from flowlang.semantics.presence import negate
from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types import narrow
from flowlang.types.join import join, join_all, union
from flowlang.types.model import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type


@handles(ast.Conditional)
def conditional(c: Inference, node: ast.Conditional) -> Type:
    _note_lack(c, node, None)
    return c.met(branches(c, node, c.infer, join_all), (node.then, node.otherwise))


@expects(ast.Conditional)
def expect_conditional(c: Inference, node: ast.Conditional, target: Type, wanted: Wanted) -> Type | None:
    _note_lack(c, node, target)
    found = c.types[id(node)] = branches(c, node, lambda branch: c.expect(branch, target, wanted), union)
    return found


def _note_lack(c: Inference, node: ast.Conditional, target: Type | None) -> None:
    if isinstance(node.otherwise, ast.BrokenExpr):
        from flowlang.semantics.infer.other_value import note_other_value

        note_other_value(c, node, node.otherwise, target)


def branches(
    c: Inference,
    node: ast.Conditional,
    ask: Callable[[ast.Expr], Type],
    put: Callable[[tuple[Type, Type]], Type],
) -> Type:
    """The type of a choice: ask each branch under what the condition makes known, and put the answers together."""
    c.called.append(node)
    known = condition(c, node.condition)
    mark = c.mark()
    was_doubtful = c.premises.is_doubtful()
    c.learn(known.true, known.formula)
    is_mistaken = c.premises.is_doubtful() and not was_doubtful
    then = ask(node.then)
    c.restore(mark)
    c.learn(known.false, negate(known.formula))
    otherwise = ask(node.otherwise)
    c.restore(mark)
    return POISON if is_mistaken else put((then, otherwise))


@handles(ast.Logic)
def logic(c: Inference, node: ast.Logic) -> Type:
    """`and`, `or` give one of their operands, as in Jinja2."""
    c.called.append(node)
    left = c.infer(node.left)
    known = assume(c, node.left)
    mark = c.mark()
    if node.operator == "and":
        c.learn(known.true, known.formula)
    else:
        c.learn(known.false, negate(known.formula))
    right = c.infer(node.right)
    c.restore(mark)
    kept = narrow.falsy(left) if node.operator == "and" else narrow.truthy(left)
    return c.met(union((kept, right)) if kept == NEVER else join(kept, right), (node.left, node.right))
