"""Items with bodies: constants, functions, services, actions and flows, each after what it refers to."""

from __future__ import annotations

from flowlang.semantics.facts import Symbol
from flowlang.semantics.graph import order
from flowlang.semantics.infer.annotations import check_annotations
from flowlang.semantics.infer.bodies import Place, check_body, has_broken
from flowlang.semantics.infer.calls import match
from flowlang.semantics.infer.clauses import check_catches, infer_let
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Wanted
from flowlang.semantics.infer.narrowing import condition
from flowlang.semantics.presence import TRUE
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Binding, Scope
from flowlang.semantics.uses import is_callee, name_nodes
from flowlang.syntax import ast
from flowlang.types.assign import field_of, is_optional, secret_path
from flowlang.types.join import optional
from flowlang.types.model import NEVER, NONE, STRING
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Final

    from flowlang.semantics.facts import CheckedFile
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type


def infer_file(c: Inference) -> None:
    """Infer every item of the file, in the order of their references; recursion is reported."""
    c.check_defaults()
    items = bodied(c.file.tree.items)
    sorted_, cycles = order(needs_of(c.file, items, [c.uses.names(item) for item in items]))
    for cycle in cycles:
        _report_recursion(c, [items[index] for index in cycle])
    for index in sorted_:
        infer_item(c, items[index])
    for other in c.file.tree.items:
        if isinstance(other, (ast.Config, ast.TypeDecl)):
            infer_item(c, other)


def bodied(items: Iterable[ast.Item]) -> list[ast.Item]:
    """Those of some items that have a body."""
    return [item for item in items if isinstance(item, _BODIED)]


def needs_of(file: CheckedFile, items: Sequence[ast.Item], names: Sequence[set[str]]) -> list[list[int]]:
    """For each of some items, the numbers of those it refers to; `names`: what each refers to by name."""
    number: dict[str, int] = {}
    for index, item in enumerate(items):
        assert isinstance(item, _BODIED)
        symbol = file.names.get(item.name.name)
        if symbol is not None and symbol.node is item:
            number[item.name.name] = index
            if isinstance(item, ast.FunctionDecl):
                number[f"|{item.name.name}"] = number[f"|{item.name.name.removeprefix('is_')}"] = index
    known = set(number)
    return [sorted([number[name] for name in each & known]) for each in names]


def infer_item(c: Inference, item: ast.Item) -> None:
    """Infer one item; those it refers to have been."""
    infer = _ITEMS.get(type(item))
    if infer is not None:
        c.new_flow()
        infer(c, item)


def _report_recursion(c: Inference, cycle: list[Any]) -> None:
    related = []
    for item, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        nodes = name_nodes(item, following.name.name)
        if not isinstance(following, ast.Let) and nodes and not any(is_callee(item, node) for node in nodes):
            return  # it is mentioned where no callable may stand, which is reported there
        related.append(
            c.reporter.related(f"`{item.name.name}` uses `{following.name.name}`", nodes[0] if nodes else item.name)
        )
    path = " → ".join(each.name.name for each in [*cycle, cycle[0]])
    kinds = {type(item) for item in cycle}
    if kinds & {ast.FlowDecl, ast.FunctionDecl}:
        help = "repeat with `repeat` or `for`" if ast.FlowDecl in kinds else ""
        c.report("recursion", f"`{cycle[0].name.name}` calls itself: {path}", cycle[0].name, help, tuple(related))
    else:
        c.report(
            "name-cycle", f"`{cycle[0].name.name}` is defined by itself: {path}", cycle[0].name, "", tuple(related)
        )


def _constant(c: Inference, node: ast.Let) -> None:
    infer_let(c, node, c.scope.names.get(node.name.name))


def _type(c: Inference, node: ast.TypeDecl) -> None:
    check_annotations(c, node.annotations, "type")


def _config(c: Inference, node: ast.Config) -> None:
    """Defaults of configuration values."""
    for field in node.fields:
        of = c.facts.type_exprs.get(id(field.type), POISON)
        if field.default is not None:
            c.pure_place = "a default"
            c.expect(field.default, of, _declared(c, f"`config.{field.name.name}`", field.type))
        check_annotations(c, field.annotations, "config")


def _declared(c: Inference, what: str, type_node: ast.Node) -> Wanted:
    return Wanted(what, (c.reporter.related("its type is declared here", type_node),))


def _params(c: Inference, node: ast.ActionDecl | ast.FunctionDecl | ast.FlowDecl, scope: Scope) -> None:
    """Declare parameters; their defaults see the file only."""
    names = {each.name for each in c.facts.signatures[id(node)].params}
    for param in node.params:
        of = c.facts.type_exprs.get(id(param.type), POISON)
        if param.default is not None:
            c.pure_place = "a default"
            c.expect(param.default, of, _declared(c, f"parameter `{param.name.name}`", param.type))
        name = param.name
        if name.name not in names and isinstance(param.type, ast.TypeName):
            name = param.type.name  # `int: a`
        if name.name not in scope.names:
            declare(c, scope, name, "param", param, of)


def _action(c: Inference, node: ast.ActionDecl) -> None:
    signature = c.facts.signatures[id(node)]
    scope, outer = Scope(c.scope), c.scope
    _params(c, node, scope)
    c.scope = scope
    check_annotations(c, node.annotations, "action", signature.result)
    c.scope = outer
    if isinstance(node.body, ast.PythonBody):
        check_target(c, node.body)


def check_target(c: Inference, node: ast.PythonBody) -> None:
    """`python('pkg.mod:attr')`: never imported, only read."""
    module, colon, attribute = node.target.value.partition(":")
    names = [*module.split("."), *attribute.split(".")]
    if not colon or not all(name.isidentifier() for name in names):
        message = f"`{node.target.value}` does not name a Python function"
        path, dot, attribute = node.target.value.rpartition(".")
        is_path = bool(dot) and not colon and all(name.isidentifier() for name in (*path.split("."), attribute))
        shown = f"{path}:{attribute}" if is_path else "package.module:function"
        c.report("bad-python-target", message, node.target, f"write `{shown}`")


def _function(c: Inference, node: ast.FunctionDecl) -> None:
    signature = c.facts.signatures[id(node)]
    scope, outer = Scope(c.scope), c.scope
    _params(c, node, scope)
    check_annotations(c, node.annotations, "function")
    if isinstance(node.body, ast.PythonBody):
        check_target(c, node.body)
        return
    if isinstance(node.body, ast.Native):
        return
    c.scope = scope
    c.pure_place = f"function `{node.name.name}`, which is pure"
    if node.result is not None:
        c.expect(node.body, signature.result, _declared(c, f"the result of `{node.name.name}`", node.result))
    else:
        c.facts.signatures[id(node)] = signature.replace(result=c.infer(node.body))
    c.scope = outer


def _service(c: Inference, node: ast.ServiceDecl) -> None:
    if node.openapi is not None:
        c.report(
            "not-yet-supported",
            "`service … from` a document is not supported yet",
            node.openapi,
            "declare the service with its `base_url`",
        )
    check_annotations(c, node.annotations, "service")
    settings = c.catalog.settings()
    seen: dict[str, ast.Node] = {}
    is_misspelt = False
    c.pure_place = "a setting of a service"
    for setting in node.settings:
        name = setting.name.name
        field = field_of(settings, name)
        if field is None:
            from flowlang.semantics.elsewhere import ADDRESSES
            from flowlang.syntax.sayings import policy_of

            if (policy := policy_of(name)) and type(setting.value) is ast.BrokenExpr:
                continue  # told where its value begins, with the same help
            known = [each.name for each in settings.fields]
            given = {each.name.name for each in node.settings}
            free = [each for each in known if each not in given]
            is_address = name in ADDRESSES and "base_url" in free
            meant = "did you mean `base_url`?" if is_address else c.reporter.near(name, free)
            if policy:
                meant = f"that is said above the service: `{policy}`"
            help = meant or f"a service has {', '.join(f'`{each}`' for each in known)}"
            is_misspelt = is_misspelt or "`base_url`" in meant
            c.infer(setting.value)
            c.report("unknown-setting", f"a service has no setting `{name}`", setting.name, help)
            continue
        if name in seen:
            c.infer(setting.value)
            related = (c.reporter.related("the first is here", seen[name]),)
            c.report("duplicate-field", f"setting `{name}` stands twice", setting.name, "", related)
            continue
        seen[name] = setting.name
        c.expect(setting.value, field.type, Wanted(f"setting `{name}` of a service"))
    if "base_url" not in seen and node.openapi is None and not is_misspelt:
        c.report(
            "missing-setting",
            f"service `{node.name.name}` has no `base_url`",
            node.name,
            'add `base_url = "https://…"`',
        )


def _flow(c: Inference, node: ast.FlowDecl) -> None:
    """Parameters, triggers, preconditions, the body, then the flow's own handlers."""
    signature = c.facts.signatures[id(node)]
    outer = c.scope
    before = c.mark()
    params = c.scope = _head(c, node, outer)
    goal: tuple[Type, Wanted] | None = None
    if node.result is not None:
        goal = (signature.result, _declared(c, f"the result of flow `{node.name.name}`", node.result))
    outcome = check_body(c, node.body, Scope(params), Place("flow", goal))
    c.restore(before)
    if node.catches:
        _hide(c, node, "a flow's handler sees parameters and the configuration only")
        check_catches(c, list(node.catches), None, "flow handler", goal)
        c.hidden = {}
    c.scope = outer
    result = NEVER if outcome.fails and outcome.value is None else outcome.value or NONE
    if goal is None:
        leak = secret_path(result)
        if leak is not None:
            given = next((each.value for each in node.body.statements if isinstance(each, ast.Return)), node.name)
            c.report(
                "secret-leak",
                f"a flow returns no secrets, but the result of `{node.name.name}` is {show(result)}",
                given,
            )
        c.facts.signatures[id(node)] = signature.replace(result=result)
    elif (
        outcome.value is None
        and not outcome.fails
        and signature.result is not POISON
        and not is_optional(signature.result)
        and not has_broken(node.body)
        and not _returns_inside(node.body)
    ):
        assert node.result is not None
        related = (c.reporter.related("its result is declared here", node.result),)
        c.report(
            "missing-return",
            f"flow `{node.name.name}` gives {show(signature.result)}, but has no `return`",
            node.name,
            "",
            related,
        )


def _head(c: Inference, node: ast.FlowDecl, outer: Scope) -> Scope:
    """Parameters, triggers and preconditions, if they are not known; the scope of the parameters."""
    known = c.course.head(c, node) if c.course is not None else None
    if known is not None:
        return known
    params = Scope(outer)
    _params(c, node, params)
    c.scope = params
    check_annotations(c, node.annotations, "flow")
    for trigger in node.triggers:
        _trigger(c, node, trigger)
    preconditions = [each for each in node.body.statements if isinstance(each, ast.Ensure)]
    if preconditions:
        _hide(c, node, "an `ensure` at a flow's top sees parameters and the configuration only")
        for statement in preconditions:
            _precondition(c, statement)
        c.hidden = {}
    if c.course is not None:
        c.course.begin(c, node, params)
    return params


def _returns_inside(body: ast.Body) -> bool:
    """Whether a `return` stands in a block, where it is a mistake of its own."""
    waiting: list[object] = [body]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Return):
            return True
        if isinstance(part, tuple):
            waiting.extend(part)
    return False


def _hide(c: Inference, node: ast.FlowDecl, reason: str) -> None:
    """Note which names exist, but not for what is looked at next."""
    c.hidden = {each.name.name: reason for each in node.body.statements if isinstance(each, (ast.Step, ast.Let))}


def _precondition(c: Inference, node: ast.Ensure) -> None:
    """Sees parameters and configuration only: nothing has started yet."""
    c.pure_place = "an `ensure`"
    known = condition(c, node.condition)
    if node.message is not None:
        mark = c.mark()
        c.learn(known.false, TRUE)
        c.expect(node.message, STRING, Wanted("the message of an `ensure`"))
        c.restore(mark)
    c.learn(known.true, known.formula)


# ---- triggers


_OF_WHAT_ARRIVED: Final = ("dedupe",)
"""The arguments of triggers that are evaluated for each arrival; the others are known before any."""


def _trigger(c: Inference, flow: ast.FlowDecl, node: ast.Trigger) -> None:
    from flowlang.semantics.facts import CallFact

    name = node.name.name
    signature = c.catalog.trigger(name)
    outer = c.scope
    c.scope = Scope(outer.parent)
    c.pure_place = "a trigger"
    if signature is None:
        from flowlang.semantics.habits import TIMES, TRIGGERS

        triggers = list(c.catalog.triggers())
        help = c.reporter.near(name, triggers) or f"there is {', '.join(f'`{each}`' for each in triggers)}"
        help = "times are written `on cron('0 3 * * *')`" if name in TIMES else TRIGGERS.get(name, help)
        c.report("unknown-trigger", f"there is no trigger `{name}`", node.name, help)
        c.scope = outer
        return
    shape = c.shape(signature)
    filled = shape.fill(match(c, node, shape, None, node.arguments))
    arrived = Binding(Symbol(name, "trigger", node, c.file.path, name), signature.result)
    for param, value in filled:
        if value is not None:
            if param.name in _OF_WHAT_ARRIVED:
                c.scope.names[name] = arrived
            c.expect(value, param.type, shape.why(param))
            c.scope.names.pop(name, None)
    c.facts.annotations[id(node)] = CallFact(signature, filled, None, signature.result)
    c.scope.names[name] = arrived
    mark = c.mark()
    if node.condition is not None:
        known = condition(c, node.condition)
        c.learn(known.true, known.formula)
    if type(flow) is not ast.BrokenFlow:
        _inputs(c, flow, node)
    elif node.inputs is not None:
        c.infer(node.inputs)
    c.restore(mark)
    c.scope = outer


def _inputs(c: Inference, flow: ast.FlowDecl, node: ast.Trigger) -> None:
    """`with { … }` against the flow's parameters."""
    params = {param.name: param for param in c.facts.signatures[id(flow)].params}
    given: dict[str, ast.Node] = {}
    before = len(c.reporter.found)
    entries = node.inputs.entries if node.inputs is not None else ()
    for entry in entries:
        if isinstance(entry, ast.Spread) or not isinstance(entry.key, ast.Text) or entry.computed:
            c.infer(entry.value)
            c.report("literal-needed", "the inputs of a trigger are written out by name", entry)
            return
        name = entry.key.value
        param = params.get(name)
        if param is None:
            c.infer(entry.value)
            help = c.reporter.near(name, params)
            c.report("unknown-argument", f"flow `{flow.name.name}` has no parameter `{name}`", entry.key, help)
        elif name in given:
            c.infer(entry.value)
            related = (c.reporter.related("the first is here", given[name]),)
            c.report("duplicate-field", f"`{name}` stands twice in this map", entry.key, "", related)
        else:
            wanted_type = param.type if param.default is None else optional(param.type)
            c.expect(entry.value, wanted_type, Wanted(f"parameter `{name}` of flow `{flow.name.name}`"))
            given[name] = entry.key
    missing = [
        name
        for name, param in params.items()
        if name not in given and param.default is None and not is_optional(param.type)
    ]
    if missing and len(c.reporter.found) == before:
        listed = ", ".join(f"`{name}`" for name in missing)
        c.report("missing-argument", f"this trigger gives no value for {listed}", node.name, "add it: `with { … }`")


_BODIED = (ast.Let, ast.ActionDecl, ast.FunctionDecl, ast.ServiceDecl, ast.FlowDecl)
_ITEMS: Final[dict[type, Callable[[Inference, Any], None]]] = {
    ast.Let: _constant,
    ast.ActionDecl: _action,
    ast.FunctionDecl: _function,
    ast.ServiceDecl: _service,
    ast.FlowDecl: _flow,
    ast.BrokenFlow: _flow,
    ast.Config: _config,
    ast.TypeDecl: _type,
}
