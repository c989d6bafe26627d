"""Names that mean nothing where they stand: misspelt, out of scope, or of a module that is not imported."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.habits import CONFIG, NAMES
from flowlang.semantics.infer.absence import BLOCK_WORDS
from flowlang.semantics.infer.around import given_by_environment, inner_name, named_so, path_to, unnamed_catch
from flowlang.semantics.infer.arrivals import is_of_trigger
from flowlang.semantics.report import POISON, TOP
from flowlang.semantics.suggest import closest, did_you_mean
from flowlang.semantics.unparsed import has_lost_name, is_declared_unparsed, is_imported_unparsed
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.around import Inner
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

_CAUGHT: Final = frozenset("e err error ex exc exception".split())


def report_unknown_name(c: Inference, node: ast.Name, is_service: bool = False) -> Type:
    """A name that means nothing here: a misspelling, or something that needs an import or another spelling.
    `is_service`: an operation of it is called.
    """
    name = node.name
    if c.catalog.is_module(name):
        return POISON if is_of_trigger(c, node) else report_missing_import(c, node)
    if c.catalog.prelude(name) is not None:
        if is_declared_unparsed(c.file, name, node):
            return POISON
        return c.report("not-a-value", f"`{name}` is a function, not a value", node, f"call it: `{name}(…)`")
    if name in c.hidden:
        return c.report("unknown-name", f"`{name}` is not visible here: {c.hidden[name]}", node)
    if name in _CAUGHT and (caught := unnamed_catch(c.file.tree, node)) is not None:
        edit = Edit(Span(c.file.path, caught.body.start, caught.body.start), f"as {name} ")
        fix = Fix("name the error", (edit,))
        help = f"name the error that is caught: `catch … as {name} {{`"
        c.reporter.report("unknown-name", f"nothing here is called `{name}`", node, help, fixes=(fix,))
        return POISON
    if c.reporter.is_suggesting:
        inner = inner_name(c.file.tree, node)
        if inner is not None:
            return _out_of_scope(c, node, inner)
        if is_declared_unparsed(c.file, name, node) or is_imported_unparsed(c.file, name):
            return POISON
    if is_of_trigger(c, node):
        return POISON
    if NAMES.get(name, "").startswith("`"):
        ours = NAMES[name]
        fix = Fix(f"write {ours}", (Edit(c.reporter.span(node), ours.strip("`")),), safe=not name.islower())
        c.reporter.report("unknown-name", f"nothing here is called `{name}`", node, f"write {ours}", fixes=(fix,))
        return POISON
    is_short = len(name) < 3 and name in NAMES  # within reach of any other
    near = [] if is_short else meant(c, name, _other_names(c, node))
    help = did_you_mean(name, [each for each in near if _is_value(c, each)])
    help = help or NAMES.get(name, "")
    if help == CONFIG:
        help = given_by_environment(c.file.tree, node) or help
    if not help and name in c.config:
        address = f"config.{name}"
        help = (
            f"declare it: `service {name} {{ base_url = {address} }}`" if is_service else f"did you mean `{address}`?"
        )
    if not help and has_lost_name(c.file, node):
        return POISON
    return c.report("unknown-name", f"nothing here is called `{name}`", node, help)


def _other_names(c: Inference, node: ast.Name) -> list[str]:
    """The names to suggest, without those of the steps and lets whose values a name stands in: they would wait for
    themselves.
    """
    visible = c.visible_names()
    if not visible:
        return []
    around = [each for each in path_to(c.file.tree, node) if isinstance(each, (ast.Step, ast.Let))]
    own = {each.name.name for each in around if each.value.start <= node.start < each.value.end}
    return [each for each in visible if each not in own]


def _is_value(c: Inference, name: str) -> bool:
    """Whether a name that is known may stand where a value does."""
    binding = c.scope.find(name)
    return binding is None or binding.symbol.kind not in ("type", "flow", "action", "function")


def meant(c: Inference, name: str, visible: list[str]) -> list[str]:
    """What a misspelt name may mean; a misspelt use is one, so nothing is said of it that it is unused."""
    found = closest(name, visible)
    for each in found:
        binding = c.scope.find(each)
        if binding is not None:
            c.facts.used.add(id(binding.symbol.node))
    return found


def _out_of_scope(c: Inference, node: ast.Name, inner: Inner) -> Type:
    """A name that ends with its block: which block is to give it out."""
    name, holder = inner.name.name, inner.holder
    c.facts.used.update(named_so(c.file.tree, node))
    message = f"`{name}` stands in a block and is not visible outside it"
    if inner.kind == "error":
        message = f"`{name}` is known in its `catch` only"
        help = "give a value out of the handler with `yield`"
    elif isinstance(holder, ast.Comprehension):
        message = f"`{name}` stands for an item inside the comprehension only"
        help = "give the list a name, and read its items"
    elif isinstance(holder, ast.Step):
        c.facts.used.add(id(holder))
        what = "the step" if inner.kind == "step" else "what you need"
        help = f"give {what} out with `yield`, and read `{holder.name.name}` here"
        if _is_given_out(holder.value, name):
            help = f"read `{holder.name.name}.{name}`"
    else:
        word = BLOCK_WORDS.get(type(getattr(holder, "value", holder)), "sequence")
        given = f"yield {name}" if inner.kind == "step" else "yield …"
        help = f"make the block a step that gives it out: `step result = {word} … {{ … {given} }}`, and read `result`"
        if _is_given_out(getattr(holder, "value", holder), name):
            help = f"make the block a step, `step result = {word} …`, and read `result.{name}`"
        if inner.kind != "step":
            message = f"`{name}` is known in its `{word}` only"
    related = c.reporter.related(f"`{name}` is declared here, inside a block", inner.name)
    return c.report("unknown-name", message, node, help, (related,))


def _is_given_out(block: ast.Node, name: str) -> bool:
    """Whether a block gives the record of its steps, this one among them."""
    if not isinstance(block, (ast.Parallel, ast.Sequence)):
        return False
    steps = block.body.statements
    is_there = any(isinstance(each, ast.Step) and each.name.name == name for each in steps)
    return is_there and not any(isinstance(each, ast.Yield) for each in steps)


def report_missing_import(c: Inference, node: ast.Name) -> Type:
    """A module that is not imported: once for each item that uses it; of several items' the first is kept."""
    name = node.name
    if name not in c.missing and not is_imported_unparsed(c.file, name):
        c.missing.add(name)
        first = next((item for item in c.file.tree.items if isinstance(item, ast.Import)), None)
        at = first.start if first is not None else TOP
        fix = Fix(f"import `{name}`", (Edit(Span(c.file.path, at, at), f"import {name}\n"),))
        help = f"add `import {name}` at the top of the file"
        c.reporter.report("needs-import", f"`{name}` is not imported", node, help, fixes=(fix,))
    return POISON
