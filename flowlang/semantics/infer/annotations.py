"""Annotations against their declarations: known, once, on what they go on, with fitting and constant arguments."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.facts import CallFact, Symbol
from flowlang.semantics.infer.calls import match
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Binding, Scope
from flowlang.semantics.suggest import did_you_mean
from flowlang.semantics.type_expressions import constant
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import assignable
from flowlang.types.model import NONE
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.facts import ParamSig, Signature
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

EVALUATED: Final = frozenset(("key", "tokens", "cost"))
"""Parameters whose arguments are evaluated in the run; all others are known before it."""
ARTICLES: Final = {"action": "an action", "step": "a step with a call", "block": "a step with a block"}


def check_annotations(
    c: Inference, annotations: tuple[ast.Annotation, ...], target: str, result: Type | None = None
) -> None:
    """Resolve the annotations of one thing. `result`: what `@meter` sees as the call's whole result."""
    if not annotations:
        return
    c.pure_place = "an annotation"
    first: dict[str, ast.Annotation] = {}
    for node in annotations:
        name = node.name.name
        signature = c.catalog.annotation(name)
        if signature is None:
            is_trigger = c.catalog.trigger(name) is not None
            help = f"a trigger stands in its flow: `on {name}(…)`" if is_trigger else ""
            from flowlang.semantics.elsewhere import ANNOTATIONS
            from flowlang.semantics.infer.elsewhere_calls import said

            ours = ANNOTATIONS.get(name)
            help = help or (said(ours) if ours else did_you_mean(name, c.catalog.annotations()))
            c.report("unknown-annotation", f"there is no annotation `@{name}`", node.name, help)
            continue
        if name in first:
            related = (c.reporter.related("the first is here", first[name]),)
            c.report("duplicate-annotation", f"`@{name}` stands twice", node, "", related)
            continue
        first[name] = node
        if target not in signature.targets:
            places = " or ".join(ARTICLES.get(each, f"a {each}") for each in signature.targets)
            what = ARTICLES.get(target, f"a {target}")
            c.report("misplaced-annotation", f"`@{name}` stands on {what}, but goes on {places}", node)
            continue
        _arguments(c, node, signature, result if name == "meter" else None)


def _arguments(c: Inference, node: ast.Annotation, signature: Signature, result: Type | None) -> None:
    outer = c.scope
    if result is not None:
        c.scope = Scope(outer)
        c.scope.names["result"] = Binding(Symbol("result", "result", None, c.file.path, "result"), result)
    shape = c.shape(signature)
    given = match(c, node, shape, None, node.arguments)
    if node.name.name == "retry" and _is_attempts_and_delay(node, given):
        attempts, delay = given.pop("strategy"), given.pop("attempts")
        ours = f"attempts={c.text(attempts)}, delay={c.text(delay)}"
        span = Span(c.file.path, attempts.start, delay.end)
        message, fix = "the first argument of `@retry` is the strategy", Fix(f"write `{ours}`", (Edit(span, ours),))
        c.reporter.report("type-mismatch", message, attempts, f"name them: `{ours}`", fixes=(fix,))
    filled = shape.fill(given)
    for param, value in filled:
        if value is None:
            continue
        if param.name == "key" and isinstance(value, ast.Literal) and value.value is not None:
            help = 'a key is a text that says what the call is about, such as `"order {{ id }}"`; or leave it out'
            message = f"argument `key` of `@{node.name.name}` takes string?, but this is {c.text(value)}"
            c.report("type-mismatch", message, value, help)
            continue
        if isinstance(value, ast.Literal) and value.value is None and not assignable(NONE, param.type).ok:
            _report_none(c, node.name.name, param, value)
            continue
        before = len(c.reporter.found)
        c.expect(value, param.type, shape.why(param))
        if param.name not in EVALUATED and len(c.reporter.found) == before and not _is_constant(c, value):
            message = f"argument `{param.name}` of `@{node.name.name}` must be known before the run"
            c.report("literal-needed", message, value, "write a literal, or the name of a constant of the file")
    c.scope = outer
    c.facts.annotations[id(node)] = CallFact(signature, filled, None, NONE)


def _report_none(c: Inference, name: str, param: ParamSig, value: ast.Literal) -> None:
    """Report `none` where a policy wants a value: whoever writes it does not own the type that would say `?`."""
    from flowlang.semantics.infer.allowed import allowed

    left_out = f"@{name}" if param.default is None else param.name
    help = f"write {allowed(param.type)}, or leave `{left_out}` out"
    message = f"argument `{param.name}` of `@{name}` takes {show(param.type)}, but this is none"
    c.report("maybe-none", message, value, help)


def _is_attempts_and_delay(node: ast.Annotation, given: dict[str, ast.Expr]) -> bool:
    """Whether `@retry(3, 2s)` is written: a number and a duration by place."""
    if len(node.arguments) < 2 or any(each.name for each in node.arguments[:2]) or "delay" in given:
        return False
    first, second = (each.value for each in node.arguments[:2])
    return isinstance(first, ast.Literal) and type(first.value) is int and isinstance(second, ast.Duration)


def _is_constant(c: Inference, value: ast.Expr) -> bool:
    if isinstance(value, ast.Name):
        binding = c.scope.find(value.name)
        if binding is not None and binding.symbol.kind == "const" and isinstance(binding.symbol.node, ast.Let):
            value = binding.symbol.node.value
    try:
        constant(value)
    except ValueError:
        from flowlang.semantics.infer.around import is_broken

        return c.types.get(id(value)) is POISON or is_broken(value)  # told already
    return True
