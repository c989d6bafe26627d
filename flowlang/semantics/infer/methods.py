"""There are no methods: `x.upper()` is reported with the way to say it, and turned into that."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.habits import method
from flowlang.semantics.infer.around import path_to
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.infer.engine import Inference


def no_method(c: Inference, node: ast.Expr, call: ast.Call | None) -> None:
    """Report a callee that is a value, or something read from one."""
    message = f"`{c.text(node)}` cannot be called"
    if isinstance(node, ast.BrokenExpr):
        return  # told as what it is
    if not isinstance(node, ast.Attribute):
        c.report("not-callable", message, node, "there are no methods")
        return
    help, fixes = _instead(c, node, call)
    c.reporter.report("not-callable", message, node.name, help, fixes=fixes)


def _instead(c: Inference, node: ast.Attribute, call: ast.Call | None) -> tuple[str, tuple[Fix, ...]]:
    name, holder = node.name.name, c.text(node.value)
    if name in ("items", "entries") and call is not None and _gives_pairs(c, call):
        edit = Edit(Span(c.file.path, node.value.end, call.end), "")
        return f"there are no methods; two names over a map: `… in {holder}`", (Fix("run over the map", (edit,)),)
    habit = method(name, holder)
    if name == "join" and call is not None and len(call.arguments) == 1:
        written = f"{c.text(call.arguments[0])} | join({holder})"
        edit = Edit(Span(c.file.path, call.start, call.end), f"({written})")
        return f"there are no methods; a filter does it: `{written}`", (Fix("use the filter `join`", (edit,)),)
    if name == "json" and call is not None and not call.arguments:
        edit = Edit(Span(c.file.path, node.end, call.end), "")
        return f"there are no methods: {habit}", (Fix("read the field", (edit,)),)
    if habit:
        filter_name = habit.partition(" | ")[2].partition("(")[0].rstrip("`")
        return f"there are no methods: {habit}", to_filter(c, node, call, filter_name)
    if c.catalog.prelude(name) is None:
        return "there are no methods", ()
    if (
        name == "get"
        and isinstance(call, ast.Call)
        and len(call.arguments) == 2
        and not any(each.name for each in call.arguments)
    ):
        key, default = (c.text(each) for each in call.arguments)
        filters = f"get({key}) | default({default})"
        shown = f"{holder} | {filters}"
        return f"there are no methods; filters do it: `{shown}`", _as_filter(c, call, holder, filters)
    arguments = _arguments(c, node, call)
    written = f"{holder} | {name}{arguments if len(arguments) < 40 else '(…)'}"
    return f"there are no methods; a filter does it: `{written}`", to_filter(c, node, call, name)


def _gives_pairs(c: Inference, call: ast.Call) -> bool:
    """Whether a loop with two names runs over a call."""
    above = path_to(c.file.tree, call)[-2:-1]
    return any(isinstance(each, (ast.For, ast.Comprehension)) and len(each.names) == 2 for each in above)


def _arguments(c: Inference, node: ast.Attribute, call: ast.Call | ast.Attribute | None) -> str:
    """The arguments of a call as they are written, with their parentheses; '' if there are none."""
    return c.file.source.text[node.end : call.end] if isinstance(call, ast.Call) and call.arguments else ""


def to_filter(c: Inference, node: ast.Attribute, call: ast.Call | ast.Attribute | None, name: str) -> tuple[Fix, ...]:
    """`x.f(a)` is `x | f(a)`. `call`: what that replaces."""
    if call is None or c.catalog.prelude(name) is None:
        return ()
    return _as_filter(c, call, c.text(node.value), f"{name}{_arguments(c, node, call)}")


def function_to_filter(c: Inference, call: ast.Call, habit: str) -> tuple[Fix, ...]:
    """`f(x)` is `x | g`, where a habit says so of the one argument."""
    name = habit.removeprefix("`x | ").partition("`")[0]
    if len(call.arguments) != 1 or call.arguments[0].name is not None or c.catalog.prelude(name) is None:
        return ()
    value = call.arguments[0].value
    is_simple = isinstance(value, (ast.Name, ast.Attribute, ast.Index, ast.Call, ast.Text, ast.Template, ast.List))
    return _as_filter(c, call, c.text(value) if is_simple else f"({c.text(value)})", name)


def _as_filter(c: Inference, node: ast.Expr, value: str, filter_: str) -> tuple[Fix, ...]:
    """A filter in the place of an expression, in parentheses where something may bind tighter."""
    text = c.file.source.text
    alone = text[: node.start].rstrip()[-1:] in "([{,:=" and text[node.end : node.end + 1] in ")],}\n"
    written = f"{value} | {filter_}"
    edit = Edit(Span(c.file.path, node.start, node.end), written if alone else f"({written})")
    return (Fix(f"use the filter `{filter_.partition('(')[0]}`", (edit,)),)
