"""Chains: `call(…).json.data | first` is a call at the head of what is read from its value and made of it."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PURE: Final = "the middle of an expression"
"""What is said of the places in a step's value where no call of an action may stand."""


def chain_head(value: ast.Expr | ast.Block) -> ast.Call | None:
    """The call at the head of a postfix and filter chain."""
    node = value
    while not isinstance(node, ast.Call):
        if not isinstance(node, (ast.Attribute, ast.Index, ast.Slice, ast.Filter)):
            return None
        node = node.value
    return node
