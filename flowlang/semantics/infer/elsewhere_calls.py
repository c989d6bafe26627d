"""Calls as other languages make them, each reported with the way to say it here."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.around import path_to
from flowlang.semantics.infer.chains import chain_head
from flowlang.semantics.operators import kind_of
from flowlang.semantics.url_text import is_spoken
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.model import Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

    from flowlang.semantics.facts import Signature
    from flowlang.semantics.infer.engine import Inference

_UNREAD: Final = frozenset(
    "Promise.all Promise.allSettled Promise.race Promise.any asyncio.gather gather parallel race try can "
    "retry with_retry timeout with_timeout "
    "workflow.execute_activity workflow.execute_child_workflow execute_activity child_workflow".split()
)
"""Functions whose arguments are calls, or names of functions, elsewhere: one mistake."""
_OF_LISTS: Final = frozenset(("max", "min", "sum"))
_CHOOSING: Final = frozenset(("filter", "where", "grep"))


def said(ours: str) -> str:
    """A help that is the code to write, or a sentence as it stands."""
    return f"write {ours}" if ours[:1] == "`" else ours


def is_of_elsewhere(c: Inference, node: ast.Call, signature: Signature) -> bool:
    """Whether a call of something known means something else; that is reported."""
    return (
        _is_request(c, node, signature)
        or _is_spread_out(c, node, signature)
        or _is_wait_for_event(c, node, signature)
        or (signature.name == "text.render" and _is_values_one_by_one(c, node))
    )


def values_of(c: Inference, node: ast.Call) -> Sequence[ast.Argument]:
    """The arguments of an unknown function; without the type that `isinstance(x, str)` names, which is no value, and
    without calls and names of functions, as `Promise.all` takes them.
    """
    if c.text(node.callee) in _UNREAD:
        for each in node.arguments:
            for name in _names_in(each.value):
                binding = c.scope.find(name.name)
                if binding is not None:
                    c.facts.used.add(id(binding.symbol.node))
        return ()
    if not isinstance(node.callee, ast.Name) or node.callee.name != "isinstance" or len(node.arguments) != 2:
        return node.arguments
    kind = node.arguments[1].value
    binding = c.scope.find(kind.name) if isinstance(kind, ast.Name) else None
    if binding is not None:
        c.facts.used.add(id(binding.symbol.node))
    return node.arguments[:1]


def _is_request(c: Inference, node: ast.Call, signature: Signature) -> bool:
    """Report `get("https://…")` where `http` is imported: `get` alone reads from a map."""
    name = node.callee
    if not isinstance(name, ast.Name) or signature.kind != "function" or not node.arguments:
        return False
    first = node.arguments[0].value
    if not signature.file.startswith("stdlib/") or not _is_member(c, "http", name.name):
        return False
    if not any(each.kind == "module" and each.qualified == "http" for each in c.file.names.values()):
        return False
    is_named = isinstance(first, (ast.Name, ast.Attribute, ast.Index)) and isinstance(c.infer(first), Url)
    if not is_named and not is_spoken(c.file.source.text[first.start : first.end].strip("\"'")):
        return False
    for each in node.arguments:
        c.infer(each.value)
    return of_imported(c, name, "no request is made by a call of")


def _is_spread_out(c: Inference, node: ast.Call, signature: Signature) -> bool:
    """Report `max(a, b)`, which takes one list."""
    if signature.name not in _OF_LISTS or len(node.arguments) < 2:
        return False
    values = [argument.value for argument in node.arguments if argument.name is None]
    if len(values) < len(node.arguments) or not signature.file.startswith("stdlib/"):
        return False
    if kind_of(c.infer(values[0])) not in ("int", "float", "duration"):
        return False
    for value in values[1:]:
        c.infer(value)
    name, given = signature.name, c.file.source.text[node.callee.end : node.end].strip()
    ours = f"[{given[1:-1]}] | {name}"  # with the parentheses around its parts
    shown = f"[{', '.join(c.text(value) for value in values)}] | {name}"
    fix = Fix("write a list", (Edit(c.reporter.span(node), f"({ours})"),), safe=False)
    c.reporter.report("type-mismatch", f"`{name}` takes one list", node, f"write `{shown}`", fixes=(fix,))
    return True


def _is_wait_for_event(c: Inference, node: ast.Call, signature: Signature) -> bool:
    """Report `wait('order.decided', key=id)`, which waits for an event."""
    if signature.name != "wait" or not node.arguments or not signature.file.startswith("stdlib/"):
        return False
    names = [each.name.name for each in node.arguments if each.name is not None]
    if node.arguments[0].name is not None or not takes_text(node) or not set(names) & {"key", "name"}:
        return False
    for each in node.arguments:
        c.infer(each.value)
    given = c.file.source.text[node.callee.end : node.end]
    ours = f"events.wait{' '.join(given.split())}"
    help = f"an event is waited for with `{ours if len(ours) < 60 else 'events.wait(…)'}`"
    is_imported = any(each.kind == "module" and each.qualified == "events" for each in c.file.names.values())
    fix = Fix("write `events.wait`", (Edit(c.reporter.span(node.callee), "events.wait"),), safe=False)
    help, fixes = (help, (fix,)) if is_imported else (f"{help}, with `import events`", ())
    for symbol in c.file.names.values():
        if symbol.kind == "module" and symbol.qualified == "events":
            c.facts.used.add(id(symbol.node))
    c.reporter.report("type-mismatch", "`wait` takes a duration, and no event", node.callee, help, fixes=fixes)
    c.called.append(node)
    return True


def _is_values_one_by_one(c: Inference, node: ast.Call) -> bool:
    """Report `text.render('x.html', customer=c)`, where the values are one map."""
    first = node.arguments[0] if node.arguments else None
    values = node.arguments[1:]
    known = ("template", "values")
    if first is None or not values or any(each.name is None or each.name.name in known for each in values):
        return False
    for each in node.arguments:
        c.infer(each.value)
    entries = []
    for each in values:
        assert each.name is not None
        written = c.file.source.text[each.value.start : each.value.end]
        entries.append(each.name.name if each.name.name == written else f"{each.name.name}: {written}")
    ours = f"{{ {', '.join(entries)} }}"
    fix = Fix("write a map", (Edit(Span(c.file.path, values[0].start, values[-1].end), ours),), safe=False)
    message = f"`text.render` has no argument `{entries[0].partition(':')[0]}`"
    shown = " ".join(ours.split())
    help = f"what a template sees is one map: `{shown}`" if len(shown) < 60 else "what a template sees is one map"
    c.reporter.report("unknown-argument", message, values[0].name or values[0], help, fixes=(fix,))
    return True


def is_comprehension(c: Inference, node: ast.Filter) -> bool:
    """Report `xs | filter(x > 3)`, whose `x` is an item and no name of the flow."""
    name = node.name.name
    if name not in _CHOOSING or c.scope.find(name) is not None or len(node.arguments) != 1:
        return False
    c.infer(node.value)
    condition = node.arguments[0].value
    unknown = {each.name for each in _names_in(condition) if c.scope.find(each.name) is None}
    for each in _names_in(condition):
        if each.name not in unknown:
            c.infer(each)
    item = unknown.pop() if len(unknown) == 1 else "x"
    test = c.text(condition) if isinstance(condition, (ast.Binary, ast.Compare, ast.Unary, ast.Test)) else "…"
    help = f"write `[{item} for {item} in {c.text(node.value)} if {test}]`"
    c.report("unknown-function", f"there is no filter `{name}`", node.name, help)
    c.called.append(node)
    return True


def _names_in(root: object) -> Iterator[ast.Name]:
    if isinstance(root, ast.Name):
        yield root
    elif isinstance(root, tuple):
        for each in root:
            yield from _names_in(each)


def type_called(c: Inference, node: ast.Name, call: ast.Call) -> None:
    """Report `U(x)`: a value has a type where it gets its name. What is called inside is no mistake of its own."""
    binding = c.scope.find(node.name)
    if binding is not None:
        c.facts.used.add(id(binding.symbol.node))
    value = call.arguments[0].value if len(call.arguments) == 1 and call.arguments[0].name is None else None
    above = path_to(c.file.tree, call)[-2:-1]
    named = next((each for each in above if isinstance(each, (ast.Step, ast.Let)) and each.type is None), None)
    fixes: tuple[Fix, ...] = ()
    if value is not None and id(call) == c.head:
        inner = chain_head(value)
        c.head = id(inner) if inner is not None else 0
    word = "step" if isinstance(named, ast.Step) else "let"
    if value is not None and named is not None:
        written = f": {node.name} = {c.file.source.text[value.start : value.end]}"
        fixes = (
            Fix("write the type behind the name", (Edit(Span(c.file.path, named.name.end, call.end), written),), False),
        )
    name = named.name.name if named is not None else "name"
    help = f"a value has a type where it gets its name: `{word} {name}: {node.name} = …`"
    c.reporter.report("not-callable", f"`{node.name}` is a type and cannot be called", node, help, fixes=fixes)


def takes_text(call: ast.Call) -> bool:
    return bool(call.arguments) and isinstance(call.arguments[0].value, (ast.Text, ast.Template))


def wait(c: Inference, call: ast.Call, ours: str) -> tuple[Fix, ...]:
    """The fix for `sleep(5)`, which counts seconds in most languages."""
    if ours != "`wait(5s)`" or len(call.arguments) != 1:
        return ()
    value = call.arguments[0].value
    is_seconds = isinstance(value, ast.Literal) and type(value.value) in (int, float)
    if not is_seconds and not isinstance(value, ast.Duration):
        return ()
    written = f"wait({c.text(value)}{'s' if is_seconds else ''})"
    return (Fix(f"write `{written}`", (Edit(c.reporter.span(call), written),), safe=False),)


def of_imported(c: Inference, node: ast.Name | ast.Ident, message: str) -> bool:
    """Report a call of what an imported module has, without the module's name; the import has its use then."""
    symbols = c.file.names.items()
    modules = {key: each for key, each in symbols if each.kind == "module" and _is_member(c, each.qualified, node.name)}
    if not modules:
        return False
    for each in modules.values():
        c.facts.used.add(id(each.node))
    written = [f"{key}.{node.name}" for key in modules]
    fix = Fix(f"write `{written[0]}`", (Edit(c.reporter.span(node), written[0]),))
    help = " or ".join(f"`{each}`" for each in written)
    fixes = (fix,) if len(written) == 1 else ()
    c.reporter.report("unknown-function", f"{message} `{node.name}`", node, f"write {help}", fixes=fixes)
    return True


def _is_member(c: Inference, module: str, name: str) -> bool:
    return c.catalog.is_module(module) and name in c.catalog.members(module)
