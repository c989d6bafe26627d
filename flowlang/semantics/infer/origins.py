"""Where a value comes from, for the related place of a finding."""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.types.join import members
from flowlang.types.members import Member, Refusal, member
from flowlang.types.model import RecordOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Related
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type


def where_from(c: Inference, node: ast.Expr | ast.Block) -> tuple[Related, ...]:
    """The declaration of the name that an expression begins with."""
    while isinstance(node, (ast.Attribute, ast.Index, ast.Slice, ast.Filter)):
        node = node.value
    if not isinstance(node, ast.Name):
        return ()
    binding = c.scope.find(node.name)
    if (
        binding is None
        or binding.symbol.node is None
        or binding.symbol.kind in ("config", "module", "file", "trigger", "result")
    ):
        return ()
    declared = binding.symbol.node
    at = getattr(declared, "type", None) or getattr(declared, "name", None) or declared
    if not isinstance(at, ast.Node):
        return ()
    return (c.reporter.related(f"`{node.name}` comes from here", at),)


def none_from(c: Inference, node: ast.Expr | ast.Block) -> tuple[str, tuple[Related, ...]]:
    """What to do about a value that may be none besides testing it, and where it comes from: a step that chooses may
    only lack an `else`.
    """
    related = where_from(c, node) + _skipped(c, node)
    binding = c.scope.find(node.name) if isinstance(node, ast.Name) else None
    step = None if binding is None else binding.symbol.node
    if not isinstance(step, ast.Step) or not isinstance(step.value, (ast.If, ast.Match)) or step.value.otherwise:
        return "", related
    word, what = ("if", "no condition holds") if isinstance(step.value, ast.If) else ("match", "no `case` fits")
    place = c.reporter.related(f"`{step.name.name}` is none where {what}: there is no `else`", step.name)
    return f"give the `{word}` an `else` with a `yield`, ", (place,)


def _skipped(c: Inference, node: ast.Expr | ast.Block) -> tuple[Related, ...]:
    """The `when` of the step that a `let` stands for."""
    while isinstance(node, ast.Name):
        binding = c.scope.find(node.name)
        if binding is None:
            break
        if binding.skips is not None:
            return (c.reporter.related(f"`{node.name}` runs only when this holds", binding.skips),)
        if not isinstance(binding.symbol.node, ast.Let):
            break
        node = binding.symbol.node.value
    return ()


def handler_gives(c: Inference, node: ast.Attribute, holder: Type) -> tuple[Related, ...]:
    """The values that handlers of a step give instead of its own and that lack a field which is read of it, and which
    its own has.
    """
    if not any(isinstance(member(one, node.name.name), Member) for one in members(holder)):
        return ()
    symbol = c.facts.symbols.get(id(node.value))
    step = None if symbol is None else symbol.node
    if not isinstance(step, ast.Step):
        return ()
    yields = [
        each.value
        for clause in step.clauses
        if isinstance(clause, ast.Catch)
        for each in clause.body.statements
        if isinstance(each, ast.Yield)
    ]
    given = [(each, c.types.get(id(each))) for each in yields]
    return tuple(
        c.reporter.related(f"`{step.name.name}` may be this", each)
        for each, of in given
        if isinstance(of, RecordOf) and isinstance(member(of, node.name.name), Refusal)
    )
