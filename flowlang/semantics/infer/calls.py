"""Calls, filters and tests: what is called, whether it may be here, which argument fills which parameter, what comes
out.
"""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix, Related
from flowlang.record import new
from flowlang.semantics.facts import CALLABLE, CallFact
from flowlang.semantics.infer.chains import chain_head
from flowlang.semantics.infer.choices import branches
from flowlang.semantics.infer.elsewhere_calls import is_comprehension, is_of_elsewhere, values_of
from flowlang.semantics.infer.engine import handles, title
from flowlang.semantics.infer.names import VALUE_KINDS
from flowlang.semantics.infer.places import expect_path, is_url_place
from flowlang.semantics.report import POISON
from flowlang.semantics.suggest import did_you_mean
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import assignable, reveal, secret_path
from flowlang.types.edge import mixes_numbers
from flowlang.types.generics import Given, carries, instantiate
from flowlang.types.join import members, sealed, union
from flowlang.types.model import (
    ANY,
    BOOL,
    Any,
    Bool,
    FieldName,
    FilterName,
    List,
    Map,
    NoneType,
    Secret,
    TestName,
    Union,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import ParamSig, Signature
    from flowlang.semantics.infer.engine import Inference, Shape, Wanted
    from flowlang.types.model import Type

    Filled = tuple[tuple[ParamSig, ast.Expr | None], ...]


@handles(ast.Call)
def call(c: Inference, node: ast.Call) -> Type:
    """A call of an action, a function, a flow or a service's operation."""
    callee = resolve(c, node.callee, node)
    if callee is None:
        return _unresolved(c, node, None, values_of(c, node))
    if is_of_elsewhere(c, node, callee.signature):
        return POISON
    found = bind(c, node, callee, None, node.arguments)
    if callee.signature.kind != "function" and id(node) != c.head:
        return _misplaced(c, node, callee.signature)
    return found


@handles(ast.Filter)
def filter_(c: Inference, node: ast.Filter) -> Type:
    """`x | f(a)` is `f(x, a)`."""
    if is_comprehension(c, node):
        return POISON
    callee = _named(c, node.name, "filter")
    if callee is None:
        return _unresolved(c, node, node.value, node.arguments)
    if callee.signature.kind != "function":
        c.infer(node.value)
        infer_arguments(c, node.arguments)
        message = f"`{node.name.name}` is {_a(callee.signature.kind)} and cannot be a filter"
        return c.report(
            "action-in-expression",
            message,
            node.name,
            f"call it in a step of its own: `step name = {node.name.name}(…)`",
        )
    return bind(c, node, callee, node.value, node.arguments)


@handles(ast.Test)
def test(c: Inference, node: ast.Test) -> Type:
    """`x is f(a)` is `is_f(x, a)` or `f(x, a)`, a bool."""
    callee = _test(c, node.name)
    if callee is None:
        return _unresolved(c, node, node.value, node.arguments)
    found = bind(c, node, callee, node.value, node.arguments)
    inner = found.inner if isinstance(found, Secret) else found
    if found is not POISON and type(inner) is not Bool and not assignable(inner, BOOL).ok:
        help = {"int": "write `integer`", "list": "write `sequence`", "map": "write `mapping`"}.get(node.name.name, "")
        if not help:
            from flowlang.semantics.infer.unknown_calls import validated

            help = validated(c, node.name.name)
        message = f"`{node.name.name}` does not give a bool and cannot be a test"
        return c.report("unknown-test", message, node.name, help)
    return BOOL


def _unresolved(c: Inference, node: ast.Expr, first: ast.Expr | None, arguments: Sequence[ast.Argument]) -> Type:
    """Note a call that could not be resolved: what it does is not known."""
    if first is not None:
        c.infer(first)
    infer_arguments(c, arguments)
    c.called.append(node)
    return POISON


def infer_arguments(c: Inference, arguments: Sequence[ast.Argument]) -> None:
    """Look into the arguments of a call that could not be resolved."""
    for each in arguments:
        c.infer(each.value)


# ---- what is called


def resolve(c: Inference, node: ast.Expr, call: ast.Call) -> Shape | None:
    """Find what a callee names; null if that was reported."""
    if isinstance(node, ast.Name):
        return _plain(c, node, call)
    if isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name):
            return _member(c, node, node.value, call)
        service = _service_of_file(c, node.value)
        if service is not None:
            return _operation(c, node, service, c.text(node.value))
        if id(call) == c.head:
            inner = chain_head(node.value)
            c.head = id(inner) if inner is not None else 0
        if c.infer(node.value) is POISON and _is_unknown(c, node.value):
            return None
    else:
        c.infer(node)
    from flowlang.semantics.infer.methods import no_method

    no_method(c, node, call)
    return None


def _is_unknown(c: Inference, node: ast.Expr) -> bool:
    """Whether what a mistaken callee is read from may be a service: it begins with no name of a value."""
    while isinstance(node, ast.Attribute):
        node = node.value
    symbol = c.facts.symbols.get(id(node))
    return isinstance(node, ast.Name) and (symbol is None or symbol.kind not in VALUE_KINDS)


def _plain(c: Inference, node: ast.Name, call: ast.Call) -> Shape | None:
    binding = c.scope.find(node.name)
    if binding is not None:
        symbol = binding.symbol
        if symbol.kind in CALLABLE and symbol.node is not None:
            c.facts.used.add(id(symbol.node))
            c.facts.symbols[id(node)] = symbol
            return c.shape(c.facts.signatures[id(symbol.node)])
        if symbol.kind == "broken":
            return None
    found = c.catalog.prelude(node.name)
    if found is not None:
        return c.shape(found)
    from flowlang.semantics.infer.unknown_calls import report_unknown_function

    report_unknown_function(c, node, call)
    return None


def _member(c: Inference, node: ast.Attribute, base: ast.Name, call: ast.Call | None = None) -> Shape | None:
    binding = c.scope.find(base.name)
    name = node.name.name
    if binding is None:
        from flowlang.semantics.infer.unknown_calls import report_unknown_owner

        report_unknown_owner(c, node, base, call)
        return None
    symbol = binding.symbol
    if symbol.kind == "broken":
        return None
    if symbol.kind not in ("module", "file", "service"):
        c.infer(base)
        if c.types[id(base)] is not POISON or symbol.kind == "config":
            from flowlang.semantics.infer.methods import no_method

            no_method(c, node, call)
        return None
    c.facts.used.add(id(symbol.node))
    c.facts.symbols[id(base)] = symbol
    if symbol.kind == "module":
        return _of_module(c, node, symbol.qualified, call)
    if symbol.kind == "service":
        return _operation(c, node, symbol.qualified, base.name)
    other = c.files.get(symbol.qualified)
    if other is None:
        return None
    found = other.names.get(name)
    if found is None or found.kind not in CALLABLE or found.node is None:
        from flowlang.semantics.infer.unknown_calls import report_unknown_in_file

        report_unknown_in_file(c, node.name, base, other)
        return None
    c.facts.used.add(id(found.node))
    c.facts.symbols[id(node)] = found
    return c.shape(c.facts.signatures[id(found.node)])


def _service_of_file(c: Inference, node: ast.Expr) -> str | None:
    """The service that `file.service` names."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    binding = c.scope.find(node.value.name)
    other = c.files.get(binding.symbol.qualified) if binding is not None and binding.symbol.kind == "file" else None
    found = other.names.get(node.name.name) if other is not None else None
    if binding is None or found is None or found.kind != "service":
        return None
    c.facts.used.add(id(binding.symbol.node))
    c.facts.symbols[id(node.value)] = binding.symbol
    c.facts.used.add(id(found.node))
    c.facts.symbols[id(node)] = found
    return found.qualified


def _of_module(c: Inference, node: ast.Attribute, module: str, call: ast.Call | None = None) -> Shape | None:
    found = c.catalog.member(module, node.name.name)
    if found is None:
        from flowlang.semantics.infer.unknown_calls import report_unknown_in_module

        report_unknown_in_module(c, node, module, call)
        return None
    return c.shape(found)


def _operation(c: Inference, node: ast.Attribute, service: str, written: str) -> Shape | None:
    name = f"{service}.{node.name.name}"
    known = c.operations.get(name)
    if known is not None:
        return known
    found = c.catalog.operation(node.name.name)
    if found is None:
        from flowlang.semantics.infer.unknown_calls import report_unknown_operation

        report_unknown_operation(c, node.name, written)
        return None
    made = c.operations[name] = c.shape(found).of_service(service, name)
    return made


def _named(c: Inference, ident: ast.Ident, what: str) -> Shape | None:
    """A filter by its spelling: a function of the program, of the prelude, or of a module."""
    head, dot, rest = ident.name.partition(".")
    if dot:
        base = ast.Name(ident.start, ident.start + len(head), head)
        name = ast.Ident(ident.start + len(head) + 1, ident.end, rest)
        c.made.extend((base, name))
        node = ast.Attribute(ident.start, ident.end, base, name, False)
        c.made.append(node)
        return _member(c, node, base)
    binding = c.scope.find(ident.name)
    if binding is not None and binding.symbol.kind in CALLABLE and binding.symbol.node is not None:
        c.facts.used.add(id(binding.symbol.node))
        return c.shape(c.facts.signatures[id(binding.symbol.node)])
    found = c.catalog.prelude(ident.name)
    if found is not None:
        return c.shape(found)
    from flowlang.semantics.infer.unknown_calls import report_unknown_filter

    report_unknown_filter(c, ident, what)
    return None


def _test(c: Inference, ident: ast.Ident) -> Shape | None:
    found = c.catalog.test(ident.name)
    if found is not None:
        return c.shape(found)
    if "." in ident.name:
        return _named(c, ident, "test")
    for name in (f"is_{ident.name}", ident.name):
        binding = c.scope.find(name)
        if binding is not None and binding.symbol.kind == "function" and binding.symbol.node is not None:
            c.facts.used.add(id(binding.symbol.node))
            return c.shape(c.facts.signatures[id(binding.symbol.node)])
        found = c.catalog.prelude(name)
        if found is not None:
            return c.shape(found)
    from flowlang.semantics.infer.unknown_calls import report_unknown_test

    report_unknown_test(c, ident)
    return None


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


# ---- whether it may stand here


def _misplaced(c: Inference, node: ast.Call, signature: Signature) -> Type:
    """An action call stands at the head of a step, and nowhere else."""
    from flowlang.semantics.infer.extraction import extraction, lacks_else, loop_instead

    if lacks_else(c, node):
        return POISON
    written = c.text(node.callee)
    what = _a(signature.kind)
    message = f"`{written}` is {what} and cannot stand in {c.pure_place}"
    help, fixes = loop_instead(c, node) or (
        f"give it a step of its own, `step name = {written}(…)`, and use `name` here",
        extraction(c, node),
    )
    if not fixes and c.pure_place.startswith("function "):
        help = "a function only computes; what calls something is a flow: `flow name(id: string) -> any { … }`"
    c.reporter.report("action-in-expression", message, node.callee, help, fixes=fixes)
    return POISON


# ---- arguments


def bind(
    c: Inference, node: ast.Expr, callee: Shape, first: ast.Expr | None, arguments: Sequence[ast.Argument]
) -> Type:
    """Match arguments with parameters, check them, note the resolution and give the result's type."""
    signature = callee.signature
    before = len(c.reporter.found)
    given = match(c, node, callee, first, arguments)
    filled = callee.fill(given)
    if callee.takes_types:
        result = _generic(c, node, callee, given, filled)
        if signature.name == "text.render":
            from flowlang.semantics.infer.documents import render

            render(c, node, given)
    else:
        result = _simple(c, callee, given, filled)
    if len(c.reporter.found) > before and type(node) is ast.Call:
        from flowlang.semantics.infer.regrouped import report_regrouped

        filled = callee.fill({}) if report_regrouped(c, node, signature, before) else filled
    c.called.append(node)
    c.facts.calls[id(node)] = new(CallFact, (signature, filled, callee.service, result))
    return result


def match(
    c: Inference, node: ast.Node, callee: Shape, first: ast.Expr | None, arguments: Sequence[ast.Argument]
) -> dict[str, ast.Expr]:
    """Which expression fills which parameter; what does not match is reported and looked into."""
    signature, names, order = callee.signature, callee.names, callee.order
    given: dict[str, ast.Expr] = {}
    position = 0
    if first is not None:
        position = 1
        if order:
            given[order[0]] = first
    before = len(c.reporter.found)
    for each in arguments:
        if each.name is not None:
            name = each.name.name
            if name in names and name not in given:
                given[name] = each.value
            else:
                _mistaken(c, node, signature, given, each, each.name, arguments)
        elif (named := _compared(c, each, names)) is not None:
            given.setdefault(*named)
        else:
            if position >= len(order):
                c.infer(each.value)
                if position == len(order):
                    taken = len(order) - (first is not None)
                    c.report("extra-argument", f"{title(signature)} takes {_count(taken)}", each)
            elif order[position] in given:
                c.infer(each.value)
                c.report("duplicate-argument", f"argument `{order[position]}` is given twice", each)
            else:
                given[order[position]] = each.value
            position += 1
    if not callee.required <= given.keys() and len(c.reporter.found) == before:
        missing = [name for name in order if name in callee.required and name not in given]
        listed = ", ".join(f"`{name}`" for name in missing)
        what = "argument" if len(missing) == 1 else "arguments"
        at = (
            node.callee
            if isinstance(node, ast.Call)
            else node.name
            if isinstance(node, (ast.Filter, ast.Test, ast.Annotation, ast.Trigger))
            else node
        )
        c.report("missing-argument", f"{title(signature)} needs {what} {listed}", at, "", _declared(c, signature))
    return given


def _mistaken(
    c: Inference,
    node: ast.Node,
    signature: Signature,
    given: dict[str, ast.Expr],
    argument: ast.Argument,
    ident: ast.Ident,
    arguments: Sequence[ast.Argument],
) -> None:
    """Report an argument whose name the callee does not know, or that is given already."""
    name = ident.name
    if name not in given:
        from flowlang.semantics.infer.arguments import report_unknown_argument

        report_unknown_argument(c, node, signature, argument, title(signature))
        return
    is_by_place = any(given[name] is other.value for other in arguments if other.name is None)
    c.infer(given[name] if is_by_place else argument.value)
    given[name] = argument.value if is_by_place else given[name]
    listed = ", ".join(f"`{param.name}`" for param in signature.params[:10])
    help = f"by place they are {listed}" if is_by_place else ""
    c.report("duplicate-argument", f"argument `{name}` is given twice", ident, help)


def _compared(c: Inference, argument: ast.Argument, names: frozenset[str]) -> tuple[str, ast.Expr] | None:
    """The parameter and the value of `name == value`, where `name` means nothing else; that is reported."""
    value = argument.value
    if not isinstance(value, ast.Compare) or not isinstance(value.first, ast.Name):
        return None
    name, link = value.first.name, value.rest[0]
    if len(value.rest) > 1 or link.operator != "==" or name not in names or c.scope.find(name) is not None:
        return None
    written = f"{name}={c.file.source.text[link.operand.start : link.operand.end]}"
    fix = Fix("write `=`", (Edit(Span(c.file.path, value.first.end, link.operand.start), "="),), safe=False)
    message = f"nothing here is called `{name}`, but a parameter is"
    help = f"write `{written}`" if len(written) < 40 else "write one `=`"
    c.reporter.report("unknown-name", message, value.first, help, fixes=(fix,))
    return name, link.operand


def _count(number: int) -> str:
    return "no more arguments" if number <= 0 else f"{number} argument{'s' if number > 1 else ''}"


def _declared(c: Inference, signature: Signature):  # type: ignore[no-untyped-def]
    """Where a callable of the program is declared."""
    name = getattr(signature.node, "name", None)
    if name is None or signature.file.startswith("stdlib/"):
        return ()
    return (Related("it is declared here", Span(signature.file, name.start, name.end)),)


def _simple(c: Inference, callee: Shape, given: dict[str, ast.Expr], filled: Filled) -> Type:
    signature = callee.signature
    tainted = False
    for param, value in filled:
        if value is None:
            continue
        why = callee.why(param)
        if callee.is_pure:
            tainted = _pure(c, value, param.type, why) or tainted
        elif callee.service is not None and param.name == "path":
            expect_path(c, value, param.type, why)
        else:
            c.expect(value, param.type, why)
    if "attribute" in given and signature.name == "join":
        from flowlang.semantics.infer.by_name import check_attribute

        check_attribute(c, given)
    if callee.gives_none and any(c.types.get(id(value)) is POISON for value in given.values()):
        return POISON  # that it may be none is not what is wrong
    return sealed(signature.result) if tainted else signature.result


def _pure(c: Inference, value: ast.Expr, target: Type, why: Wanted) -> bool:
    """An argument of a pure function: a secret may go in, and what comes out is then one too."""
    if type(value) is ast.Conditional and not _is_untyped(target):
        return _pure_choice(c, value, target, why)
    is_pushed = isinstance(value, _PUSHED) and not (isinstance(value, _OF_PARTS) and _is_untyped(target))
    if is_pushed or (isinstance(value, ast.Template) and is_url_place(target)):
        c.expect(value, target, why)
        return False
    found = c.infer(value)
    if secret_path(found) is not None and assignable(found, target).kind == "secret":
        c.fit(value, reveal(found), target, why)
        return True
    c.fit(value, found, target, why)
    return False


def _pure_choice(c: Inference, node: ast.Conditional, target: Type, why: Wanted) -> bool:
    """Such an argument that is a choice: each branch is held to what is wanted, and may be a secret."""
    tainted = False

    def ask(branch: ast.Expr) -> Type:
        nonlocal tainted
        tainted = _pure(c, branch, target, why) or tainted
        return target if id(branch) in c.facts.coercions else c.types[id(branch)]

    c.types[id(node)] = branches(c, node, ask, union)
    return tainted


_OF_PARTS = (ast.Map, ast.List, ast.Conditional)
_PUSHED = (ast.Literal, ast.Text, ast.Duration, *_OF_PARTS)


def _is_untyped(target: Type) -> bool:
    """Whether a target says nothing of what stands in a literal: `any`, `any?`, `list[any]`, `map[any]`."""
    return all(
        isinstance(m, (Any, NoneType))
        or (isinstance(m, List) and isinstance(m.item, Any))
        or (isinstance(m, Map) and isinstance(m.value, Any))
        for m in members(target)
    )


def _generic(c: Inference, node: ast.Expr, callee: Shape, given: dict[str, ast.Expr], filled: Filled) -> Type:
    """Infer the arguments, bind the type parameters, then check each argument against what its parameter has become."""
    signature = callee.signature
    slots: list[Given] = []
    tainted = False
    for param, value in filled:
        found, is_loose = None, param.name in callee.generic
        if value is not None:
            is_free = is_loose or param.name in callee.naming
            found = c.infer(value) if is_free else c.expect(value, param.type, callee.why(param))
            is_sealed = is_loose and secret_path(found) is not None and secret_path(param.type) is None
            if is_sealed and ("filter" in given or not carries(signature.result, param.type, found)):
                tainted, found = True, reveal(found)
        text = value.value if isinstance(value, ast.Text) else None
        slots.append(new(Given, (param.name, param.type, found, text)))
    empty = any(name == "none_if_empty" for name, _ in signature.annotations)
    before = len(c.reporter.found)
    instance = instantiate(
        slots, signature.result, none_if_empty=empty, filter_result=lambda name, of: _filtered(c, name, of)
    )
    blamed = _problems(c, signature, given, instance.problems)
    for slot, (param, value), target in zip(slots, filled, instance.parameters, strict=True):
        if value is None or slot.argument is None or param.name in blamed:
            continue
        if param.name in callee.naming:
            _check_name(c, node, given, value, param.type)
        elif param.name in callee.generic:
            c.fit(value, slot.argument, target, callee.why(param))
            if _comes_out(signature, param):
                c.settle(value, slot.argument, instance.result)
    if "test" in given and "argument" in given and len(c.reporter.found) == before:
        from flowlang.semantics.infer.by_name import check_operand

        check_operand(c, given)
    if len(c.reporter.found) > before or any(slot.argument is POISON for slot in slots):
        return POISON
    if isinstance(instance.result, Union) and mixes_numbers(instance.result):
        return c.met(instance.result, _coming_out(signature, given) or [node])
    found = c.composed(instance.result, node)
    return sealed(found) if tainted and found is not POISON else found


def _comes_out(signature: Signature, param: ParamSig) -> bool:
    """Whether what is given for a parameter may be what the function gives."""
    return any(each in members(signature.result) for each in members(param.type))


def _coming_out(signature: Signature, given: dict[str, ast.Expr]) -> list[ast.Expr]:
    return [given[each.name] for each in signature.params if each.name in given and _comes_out(signature, each)]


def _problems(
    c: Inference, signature: Signature, given: dict[str, ast.Expr], problems: tuple[tuple[int, str], ...]
) -> set[str]:
    """Report what the binding of type parameters found; a mistake in one argument is one finding."""
    blamed: set[str] = set()
    for index, sentence in problems:
        param = signature.params[index]
        value = given.get(param.name)
        if value is None or blamed:
            continue
        if c.types.get(id(value)) is not POISON:
            rule, help = "type-mismatch", ""
            if sentence.endswith("must be literal text"):
                rule = "literal-needed"
            elif any(isinstance(each, FieldName) for each in members(param.type)) and "no field" in sentence:
                rule = "unknown-field"
                from flowlang.semantics.infer.by_field import misspelt

                help = misspelt(c, given, value)
            c.report(rule, sentence, value, help)
        blamed.add(param.name)
    return blamed


def _check_name(c: Inference, node: ast.Expr, given: dict[str, ast.Expr], value: ast.Expr, of: Type) -> None:
    """The name of a field, a filter or a test, given as literal text."""
    kinds = members(of)
    if not isinstance(value, ast.Text):
        if isinstance(value, ast.Literal) and value.value is None:
            return
        c.report("literal-needed", "a name is given as literal text", value)
        return
    if any(isinstance(each, TestName) for each in kinds):
        ident = ast.Ident(value.start, value.end, value.value)
        c.made.append(ident)
        before = len(c.reporter.found)
        if _test(c, ident) is None and len(c.reporter.found) > before:
            c.reporter.found[-1] = _explained(c, node, given, value)
    elif (
        any(isinstance(each, FilterName) for each in kinds)
        and c.catalog.prelude(value.value) is None
        and "." not in value.value
    ):
        help = did_you_mean(value.value, c.catalog.members("prelude"))
        c.report("unknown-function", f"there is no filter `{value.value}`", value, help)
        c.reporter.found[-1] = _explained(c, node, given, value)


def _explained(c: Inference, node: ast.Expr, given: dict[str, ast.Expr], value: ast.Text) -> Diagnostic:
    """The last finding, with what to write instead of a name if the items tell that."""
    from flowlang.semantics.infer.by_field import explained

    return explained(c, node, given, value, c.reporter.found[-1])


def _filtered(c: Inference, name: str, of: Type) -> Type | str:
    """What a filter by name makes of a value."""
    signature = c.catalog.prelude(name)
    if signature is None or signature.kind != "function" or not signature.params:
        return ANY
    slots = [Given(param.name, param.type, of if index == 0 else None) for index, param in enumerate(signature.params)]
    instance = instantiate(slots, signature.result)
    answer = assignable(of, instance.parameters[0])
    if not answer.ok:
        return f"`{name}`: {answer.sentence}"
    return instance.problems[0][1] if instance.problems else instance.result
