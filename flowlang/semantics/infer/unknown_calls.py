"""Calls, filters and tests that name nothing to call: what is said of each."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.facts import CALLABLE
from flowlang.semantics.habits import CONFIG, FILTERS, FUNCTIONS, MEMBERS, NAMES, SEEN, TESTS, method
from flowlang.semantics.infer.around import given_by_environment
from flowlang.semantics.infer.elsewhere_calls import of_imported, said, takes_text, type_called, wait
from flowlang.semantics.infer.encoded import as_itself
from flowlang.semantics.infer.methods import function_to_filter
from flowlang.semantics.infer.unknown_names import meant, report_missing_import, report_unknown_name
from flowlang.semantics.report import POISON
from flowlang.semantics.unparsed import is_imported_unparsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.facts import CheckedFile
    from flowlang.semantics.infer.engine import Inference
    from flowlang.syntax import ast


def report_unknown_function(c: Inference, node: ast.Name, call: ast.Call) -> None:
    """Of `name(…)`."""
    binding = c.scope.find(node.name)
    if binding is not None:
        kind = binding.symbol.kind
        if kind == "type":
            type_called(c, node, call)
            return
        help = f"call one of its operations: `{node.name}.get('/path')`" if kind == "service" else ""
        c.report("not-callable", f"`{node.name}` is a {_kind(kind)} and cannot be called", node, help)
        return
    if is_imported_unparsed(c.file, node.name):
        return
    if of_imported(c, node, "nothing here is called"):
        return
    help = _meant(c, node.name) or _where(c, node.name)
    fixes: tuple[Fix, ...] = ()
    ours = SEEN if node.name == "log" and takes_text(call) else FUNCTIONS.get(node.name, "")
    if ours:
        help = said(ours)
        fixes = function_to_filter(c, call, ours) or wait(c, call, ours)
    if ours == CONFIG:
        help = given_by_environment(c.file.tree, node) or help
    c.reporter.report("unknown-function", f"nothing here is called `{node.name}`", node, help, fixes=fixes)


def report_unknown_owner(c: Inference, node: ast.Attribute, base: ast.Name, call: ast.Call | None) -> None:
    """Of `base.name(…)`, where nothing is called `base`."""
    name = node.name.name
    is_module = c.catalog.is_module(base.name)
    ours = MEMBERS.get(f"{base.name}.{name}", FUNCTIONS.get(name, "") if is_module else "")
    if is_module and (not ours or c.catalog.member(base.name, name) is not None):
        report_missing_import(c, base)
    elif (itself := as_itself(c, call)) is not None:
        message = f"nothing here is called `{c.text(node)}`"
        c.reporter.report("unknown-function", message, node, itself[0], fixes=itself[1])
        c.types[id(base)] = POISON
    elif ours:
        help = said(f"{ours}, with `import {base.name}`" if ours.startswith(f"`{base.name}.") else ours)
        message = f"nothing here is called `{c.text(node)}`"
        if ours == CONFIG:
            help = given_by_environment(c.file.tree, node) or help
        fixes = wait(c, call, ours) if call is not None else ()
        c.reporter.report("unknown-function", message, node, help, fixes=fixes)
        c.types[id(base)] = POISON
    else:
        is_service = call is not None and c.catalog.operation(name) is not None
        c.types[id(base)] = report_unknown_name(c, base, is_service)


def report_unknown_in_file(c: Inference, ident: ast.Ident, base: ast.Name, other: CheckedFile) -> None:
    """Of `file.name(…)`."""
    found = other.names.get(ident.name)
    if found is None:
        help = c.reporter.near(ident.name, [n for n, s in other.names.items() if s.kind in CALLABLE])
        c.report("unknown-function", f"`{base.name}` has no `{ident.name}`", ident, help)
    elif found.kind != "broken":
        c.report("not-callable", f"`{base.name}.{ident.name}` is a {_kind(found.kind)} and cannot be called", ident)


def report_unknown_in_module(c: Inference, node: ast.Attribute, module: str, call: ast.Call | None) -> None:
    """Of `module.name(…)`."""
    known = MEMBERS.get(f"{module}.{node.name.name}", "")
    help = "" if known else c.reporter.near(node.name.name, c.catalog.members(module))
    ours = known or FUNCTIONS.get(node.name.name, "")
    fixes: tuple[Fix, ...] = ()
    if (itself := as_itself(c, call)) is not None:
        help, fixes = itself
    elif not help and ours and ours != "`wait(5s)`":
        help, fixes = said(ours), _renamed(c, node, module, ours, call)
    elif not help and ours:
        help, fixes = f"write {ours}", () if call is None else wait(c, call, ours)
    message = f"module `{module}` has no `{node.name.name}`"
    c.reporter.report("unknown-function", message, node.name, help, fixes=fixes)


def _renamed(c: Inference, node: ast.Attribute, module: str, ours: str, call: ast.Call | None) -> tuple[Fix, ...]:
    """The fix for a function of a module that is called otherwise elsewhere, if ours takes what it is given."""
    name = ours.partition(f"`{module}.")[2].partition("(")[0]
    signature = c.catalog.member(module, name)
    if signature is None:
        return ()
    given = {each.name.name for each in call.arguments if each.name is not None} if call is not None else set()
    if not given <= {each.name for each in signature.params}:
        return ()
    return (Fix(f"write `{name}`", (Edit(c.reporter.span(node.name), name),), safe=False),)


def report_unknown_operation(c: Inference, ident: ast.Ident, service: str) -> None:
    """Of `service.name(…)`."""
    known = list(c.catalog.members("service"))
    help = c.reporter.near(ident.name, known) or f"a service offers {', '.join(f'`{each}`' for each in known)}"
    c.report("unknown-function", f"service `{service}` has no `{ident.name}`", ident, help)


def report_unknown_filter(c: Inference, ident: ast.Ident, what: str) -> None:
    """Of `… | name`; and of a test with a dot, which is found like a filter."""
    ours = _filter_of_elsewhere(ident.name) if what == "filter" else ""
    if not ours and of_imported(c, ident, f"there is no {what}"):
        return
    help = said(ours) or _meant(c, ident.name) or _where(c, ident.name)
    c.report("unknown-function", f"there is no {what} `{ident.name}`", ident, help)


def _filter_of_elsewhere(name: str) -> str:
    """How a filter, or a function or method that is none here, is written as a filter; '' if that is not known."""
    function = FUNCTIONS.get(name, "")
    return FILTERS.get(name) or (function if function.startswith("`x |") else "") or method(name, "x")


def report_unknown_test(c: Inference, ident: ast.Ident) -> None:
    """Of `… is name`."""
    if NAMES.get(ident.name) in ("`none`", "`true`", "`false`"):
        ours = NAMES[ident.name].strip("`")
        fix = Fix(f"write `{ours}`", (Edit(c.reporter.span(ident), ours),))
        c.reporter.report("unknown-test", f"there is no test `{ident.name}`", ident, f"write `{ours}`", fixes=(fix,))
        return
    own = [each.removeprefix("is_") for each in meant(c, f"is_{ident.name}", _tests(c))]
    help = (
        c.reporter.near(ident.name, [*own, *c.catalog.tests()]) if own or ident.name not in TESTS else TESTS[ident.name]
    )
    help = help or validated(c, ident.name)
    c.report("unknown-test", f"there is no test `{ident.name}`", ident, help)


def validated(c: Inference, name: str) -> str:
    """The test of a format that a module has."""
    if c.catalog.member("validate", name) is None:
        return ""
    is_imported = any(each.kind == "module" and each.qualified == "validate" for each in c.file.names.values())
    return f"write `is validate.{name}`" + ("" if is_imported else ", with `import validate`")


def _tests(c: Inference) -> list[str]:
    """The functions here that are tests by their name."""
    return [each for each in c.visible_names() if each.startswith("is_") and _is_callable(c, each)]


def _meant(c: Inference, name: str) -> str:
    """The callables that a misspelt name may mean."""
    names = [each for each in c.visible_names() if _is_callable(c, each)]
    return c.reporter.near(name, [*meant(c, name, names), *c.catalog.members("prelude")])


def _is_callable(c: Inference, name: str) -> bool:
    binding = c.scope.find(name)
    return binding is not None and binding.symbol.kind in CALLABLE


def _where(c: Inference, name: str) -> str:
    """Which module has it."""
    modules = [module for module in c.catalog.modules() if name in c.catalog.members(module)]
    return f"`{modules[0]}.{name}` is called so: `import {modules[0]}`" if len(modules) == 1 else ""


def _kind(kind: str) -> str:
    return {
        "param": "parameter",
        "const": "constant",
        "loop": "loop variable",
        "file": "file",
        "error": "caught error",
    }.get(kind, kind)
