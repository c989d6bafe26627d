"""What an argument that a callee does not take is called here, or where what it says is said: for findings only."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.elsewhere import ARGUMENTS, POLICIES, REQUESTS
from flowlang.semantics.infer.around import path_to
from flowlang.semantics.infer.encoded import encoded, infer_encoded
from flowlang.semantics.infer.narrowing import literal_of
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.numbers import UNITS_ELSEWHERE
from flowlang.syntax.sayings import TIMEOUTS
from flowlang.types.assign import assignable
from flowlang.types.model import Duration
from flowlang.types.narrow import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.facts import Signature
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type


def report_unknown_argument(c: Inference, node: ast.Node, signature: Signature, given: ast.Argument, what: str) -> None:
    """Report an argument whose name the callee does not know, and look into its value."""
    assert given.name is not None
    name, known = given.name.name, [param.name for param in signature.params]
    fixes: tuple[Fix, ...] = ()
    meant = [param for each in ARGUMENTS.get(name, ()) for param in signature.params if param.name == each]
    fitting = [each.name for each in meant if _may_fit(given.value, each.type)]
    ours = next(iter([*fitting, *(each.name for each in meant)]), "")
    beside = _given(signature, getattr(node, "arguments", ()))
    taken = next((each.name for each in meant if each.name in beside), "")
    is_call = signature.kind in ("action", "flow")
    inner = encoded(given.value)
    if ours == "json" and inner is not None and not taken:
        infer_encoded(c, given.value)
    else:
        c.infer(given.value)
    if taken:
        help = f"it is called `{taken}` here, and that is given already: leave one of the two out"
    elif ours == "json" and inner is not None:
        help = "it is called `json` here, and takes the value itself"
        edit = Edit(Span(c.file.path, given.start, given.end), f"json={c.file.source.text[inner.start : inner.end]}")
        fixes = (Fix("write the value itself as `json`", (edit,), safe=False),)
    elif ours:
        help = f"it is called `{ours}` here"
        edit = Edit(Span(c.file.path, given.name.start, given.name.end), ours)
        fixes = (Fix(f"write `{ours}`", (edit,), safe=False),)
    elif spoken := _with_unit(c, signature, given):
        help = f"a duration is a number with its unit: `{spoken}`"
        fixes = (Fix(f"write `{spoken}`", (Edit(Span(c.file.path, given.start, given.end), spoken),), safe=False),)
    elif name in TIMEOUTS and is_call:
        time = _time(c, given.value)
        help = f"time is bounded by `@timeout({time or '5s'})` before the step"
        fixes = _to_annotation(c, node, given, time) if time else ()
    elif name in POLICIES and is_call:
        help = POLICIES[name]
    elif name in REQUESTS and is_call and "headers" in known:
        help = REQUESTS[name]
    else:
        listed = ", ".join(f"`{each}`" for each in known[:10])
        free = [each for each in known if each not in beside]
        help = c.reporter.near(name, free) or (f"it takes {listed}" if known else "")
    c.reporter.report("unknown-argument", f"{what} has no argument `{name}`", given.name, help, fixes=fixes)


def _given(signature: Signature, arguments: tuple[ast.Argument, ...]) -> set[str]:
    """The parameters that have an argument: by name, or by place where no piped value is the first."""
    by_place = signature.params[: sum(each.name is None for each in arguments)]
    placed = by_place if signature.kind in ("action", "flow", "annotation") else ()
    return {each.name for each in placed} | {each.name.name for each in arguments if each.name is not None}


def _may_fit(value: ast.Expr, of: Type) -> bool:
    """Whether an argument may be of a type: a literal tells."""
    literal = literal_of(value)
    return literal is None or assignable(literal, of).ok


def _with_unit(c: Inference, signature: Signature, given: ast.Argument) -> str:
    """`minutes=5` as `5m`, where the callee takes a duration; '' for anything else."""
    unit = UNITS_ELSEWHERE.get(given.name.name if given.name is not None else "")
    value = given.value
    if unit is None or not isinstance(value, ast.Literal) or type(value.value) is not int:
        return ""
    takes = any(isinstance(without_none(each.type), Duration) for each in signature.params[:1])
    return f"{value.value * unit[0]}{unit[1]}" if takes else ""


def _time(c: Inference, value: ast.Expr) -> str:
    """A duration, or a number of seconds, as it is written here; '' for anything else."""
    is_seconds = isinstance(value, ast.Literal) and type(value.value) in (int, float)
    return c.text(value) + "s" * is_seconds if is_seconds or isinstance(value, ast.Duration) else ""


def _to_annotation(c: Inference, node: ast.Node, given: ast.Argument, time: str) -> tuple[Fix, ...]:
    """`timeout=5` as `@timeout(5s)` before its step, if that begins its line."""
    if not isinstance(node, ast.Call):
        return ()
    step = next((each for each in reversed(path_to(c.file.tree, node)) if isinstance(each, (ast.Step, ast.Do))), None)
    index = node.arguments.index(given)
    if step is None or not index or step.annotations:
        return ()
    text = c.file.source.text
    line = text.rfind("\n", 0, step.start) + 1
    indent = text[line : step.start]
    if indent.strip():
        return ()
    edits = (
        Edit(Span(c.file.path, line, line), f"{indent}@timeout({time})\n"),
        Edit(Span(c.file.path, node.arguments[index - 1].end, given.end), ""),
    )
    return (Fix(f"write `@timeout({time})` before the step", edits, safe=False),)
