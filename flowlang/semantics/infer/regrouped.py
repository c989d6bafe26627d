"""Arguments that fit their parameters in another order, or as names that were written into a map: one mistake.

Asked only for calls with a mistake, so time does not matter here.
"""

from __future__ import annotations

from itertools import combinations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.engine import title
from flowlang.semantics.infer.narrowing import literal_of
from flowlang.semantics.url_text import is_spoken
from flowlang.syntax import ast
from flowlang.types.assign import assignable, reveal
from flowlang.types.join import members
from flowlang.types.model import ANY, Any, Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import ParamSig, Signature
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

_OF_ARGUMENTS: Final = frozenset("type-mismatch secret-leak bad-url missing-argument missing-field".split())


def report_regrouped(c: Inference, node: ast.Call, signature: Signature, before: int) -> bool:
    """Report one mistake in place of what was found of a call's arguments since then; whether there is one."""
    found = c.reporter.found[before:]
    if any(each.rule not in _OF_ARGUMENTS or each.span.file != c.file.path for each in found):
        return False
    if any(not node.start <= each.span.start <= each.span.end <= node.end for each in found):
        return False
    advice = _as_names(c, node, signature, found) or _in_order(c, node, signature, found)
    rules = {each.rule for each in found}
    is_moved = "missing-argument" in rules and len(rules) > 1  # what is there does not fit
    left_out = _left_out(c, node, signature) if advice is None and is_moved else ""
    if advice is None and not left_out:
        return False
    del c.reporter.found[before:]
    if advice is None:
        listed = ", ".join(f"`{param.name}`" for param in signature.params[:10])
        message = f"{title(signature)} needs argument `{left_out}`"
        c.report("missing-argument", message, node.callee, f"by place they are {listed}")
        return True
    message, at, help, edits = advice
    fix = Fix("write it so", tuple([Edit(c.reporter.span(part), text) for part, text in edits]), safe=False)
    c.reporter.report("type-mismatch", message, at, help, fixes=(fix,))
    return True


Advice = tuple[str, ast.Node, str, list[tuple[ast.Node, str]]]


def _as_names(c: Inference, node: ast.Call, signature: Signature, found: list[Diagnostic]) -> Advice | None:
    """`call({ a: x })` for `call(a=x)`: the map does not fit where it stands, and what it holds fits the parameters
    that it names.
    """
    by_name = {each.name.name for each in node.arguments if each.name is not None}
    by_place = [each.value for each in node.arguments if each.name is None]
    value = by_place[-1] if by_place else None
    if not isinstance(value, ast.Map) or not value.entries or len(by_place) > len(signature.params):
        return None
    if _fits(c, value, signature.params[len(by_place) - 1]) or not all(
        each.rule == "missing-argument" or value.start <= each.span.start < value.end for each in found
    ):
        return None
    known = {param.name: param for param in signature.params[len(by_place) - 1 :] if param.name not in by_name}
    given = [" ".join(c.file.source.text[each.start : each.end].split()) for each in by_place[:-1]]
    fixed = []
    for each in value.entries:
        if isinstance(each, ast.Spread) or each.computed or not isinstance(each.key, (ast.Text, ast.Name)):
            return None
        name = each.key.value if isinstance(each.key, ast.Text) else each.key.name
        if name not in known or not _fits(c, each.value, known[name]):
            return None
        fixed.append(f"{name}={c.file.source.text[each.value.start : each.value.end]}")
    shown = " ".join(", ".join([*given, *fixed]).split())
    shown = shown if len(shown) < 60 else ", ".join([*given, f"{fixed[0].partition('=')[0]}=…"])
    message = f"the arguments of {title(signature)} are given one by one, not as a map"
    return message, value, f"write `{c.text(node.callee)}({shown})`", [(value, ", ".join(fixed))]


def _in_order(c: Inference, node: ast.Call, signature: Signature, found: list[Diagnostic]) -> Advice | None:
    """Two arguments by place that fit each other's parameters."""
    by_place = [each.value for each in node.arguments if each.name is None]
    params = signature.params[: len(by_place)]
    if len(params) < len(by_place):
        return None
    for i, j in combinations(range(len(by_place)), 2):
        both = (by_place[i], by_place[j])
        if not all(any(one.start <= each.span.start < one.end for one in both) for each in found):
            continue
        order = [*by_place]
        order[i], order[j] = order[j], order[i]
        if not all(_fits(c, value, param) for value, param in zip(order, params, strict=True)):
            continue
        text = c.file.source.text
        edits = [
            (old, text[new.start : new.end]) for old, new in ((by_place[i], by_place[j]), (by_place[j], by_place[i]))
        ]
        ours = ", ".join([" ".join(text[each.start : each.end].split()) for each in order])
        listed = ", ".join(f"`{param.name}`" for param in signature.params[:10])
        help = f"by place they are {listed}"
        help += f": `{c.text(node.callee)}({ours})`" if len(ours) < 50 and len(order) == len(node.arguments) else ""
        what = f"the arguments of {title(signature)} stand in another order"
        return what, by_place[i], help, list(edits)
    return None


def _left_out(c: Inference, node: ast.Call, signature: Signature) -> str:
    """The parameter without which each argument by place fits the parameter behind its own; '' if there is none."""
    by_place = [each.value for each in node.arguments if each.name is None]
    for at, param in enumerate(signature.params[: len(by_place)]):
        behind = signature.params[at + 1 :]
        moved = by_place[at:]
        is_there = param.default is None and len(behind) >= len(moved)
        if is_there and all(_fits(c, value, other) for value, other in zip(moved, behind, strict=False)):
            return param.name
    return ""


def _fits(c: Inference, value: ast.Expr, param: ParamSig) -> bool:
    if isinstance(value, ast.Text) and any(isinstance(each, Url) for each in members(reveal(param.type))):
        return is_spoken(value.value)
    of: Type = literal_of(value) or c.types.get(id(value), ANY)
    return not isinstance(of, Any) and assignable(of, param.type).ok
