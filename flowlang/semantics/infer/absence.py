"""What may not be there: steps that may not have run, values that may be none."""

from __future__ import annotations

from flowlang.semantics.infer.origins import none_from
from flowlang.semantics.presence import TRUE
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Binding
from flowlang.syntax import ast
from flowlang.types import narrow
from flowlang.types.assign import is_optional
from flowlang.types.model import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Related
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type


BLOCK_WORDS: Final[dict[type, str]] = {
    ast.If: "if",
    ast.Match: "match",
    ast.For: "for",
    ast.Parallel: "parallel",
    ast.Race: "race",
    ast.Sequence: "sequence",
    ast.Repeat: "repeat",
}
MOST: Final = 3
"""Conditions at a use that are pointed at; of more, the innermost."""


def need_value(c: Inference, node: ast.Expr, of: Type, why: str, reads: bool = False) -> Type:
    """Report that a value may be none where there must be one; returns its type without none. `reads`: what stands
    around it reads a field of it that is there.
    """
    binding = c.scope.find(node.name) if isinstance(node, ast.Name) else None
    written = c.text(node)
    rest = narrow.without_none(of)
    if is_doubtful(c, binding):
        return POISON if rest == NEVER else rest
    if (
        binding is not None
        and binding.type is not None
        and not is_optional(binding.type)
        and binding.presence is not TRUE
    ):
        report_absent(c, node, written, why)
    elif rest == NEVER:
        c.report("maybe-none", f"{_named(node, written)} is none, but {why}", node)
    else:
        also, related = none_from(c, node)
        help = f"{also}test it (`is not none`) or give a default (`| default(…)`)"
        if reads:
            from flowlang.semantics.infer.reading_on import read_on

            ours = read_on(c, node, rest)
            help = f"{also}test it (`is not none`), give a default (`| default(…)`), or read on with `{ours}`"
        c.report("maybe-none", f"{_named(node, written)} may be none, but {why}", node, help, related)
    return POISON if rest == NEVER else rest


def is_doubtful(c: Inference, binding: Binding | None) -> bool:
    """Whether a mistaken condition holds here, or is the one that a step runs under: what it would have made known is
    not known.
    """
    return c.premises.is_doubtful() or (
        binding is not None and binding.presence is not TRUE and c.atoms.is_doubtful(binding.presence)
    )


def report_absent(c: Inference, node: ast.Expr, written: str, why: str) -> None:
    """Report that a step may not have run, with the condition that it runs under."""
    assert isinstance(node, ast.Name)
    binding = c.scope.find(node.name)
    assert binding is not None
    related: tuple[Related, ...] = ()
    sides = ""
    if binding.skips is not None:
        from flowlang.semantics.infer.sides import conditions_at, said

        here = conditions_at(c, node, binding.symbol.node)
        sides = f" (it runs when `{c.text(binding.skips.condition)}`{f', this when `{said(here)}`' if here else ''})"
        related = (c.reporter.related(f"`{node.name}` runs only when this holds", binding.skips),)
        related += tuple(
            [c.reporter.related(f"`{node.name}` is used {each.known}", each.node) for each in here[-MOST:]]
        )
    message = f"`{written}` may not have run{sides}, but {why}"
    help = (
        f"test it (`{written} is not none`), give a default (`{written} | default(…)`), or use it under its condition"
    )
    c.report("maybe-absent", message, node, help, related)


def _named(node: ast.Expr, written: str) -> str:
    return "the value" if isinstance(node, (ast.Literal, ast.Conditional)) else f"`{written}`"
