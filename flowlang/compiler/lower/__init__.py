"""From a checked program to a plan: every decision of semantics written down as data."""

from flowlang.compiler.lower.errors import LoweringError
from flowlang.compiler.lower.program import choose_flow, lower

__all__ = ["LoweringError", "choose_flow", "lower"]
