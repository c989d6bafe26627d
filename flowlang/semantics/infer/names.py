"""Names and what is read from values: fields, items, slices, and what stands behind a namespace."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix, Related
from flowlang.semantics.infer.absence import need_value
from flowlang.semantics.infer.engine import Wanted, handles
from flowlang.semantics.infer.narrowing import path_of
from flowlang.semantics.infer.origins import handler_gives, where_from
from flowlang.semantics.operators import kind_of
from flowlang.semantics.presence import TRUE, Not
from flowlang.semantics.report import POISON
from flowlang.semantics.suggest import closest
from flowlang.syntax import ast
from flowlang.types import narrow
from flowlang.types.assign import is_optional
from flowlang.types.join import optional
from flowlang.types.members import Member, Refusal, item, member, sliced
from flowlang.types.model import ANY, INT, NEVER, NONE, RecordOf, Union
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.semantics.scopes import Binding
    from flowlang.types.model import Type


VALUE_KINDS: Final = frozenset(("param", "step", "let", "const", "loop", "error", "round", "trigger", "result"))


@handles(ast.Name)
def name(c: Inference, node: ast.Name) -> Type:
    """A value by its name; with `?` where its step is not known to have run."""
    binding = c.scope.find(node.name)
    if binding is None:
        from flowlang.semantics.infer.unknown_names import report_unknown_name

        return report_unknown_name(c, node)
    return _value(c, node, binding)


def _value(c: Inference, node: ast.Name, binding: Binding) -> Type:
    """The value that a name is bound to."""
    symbol, found = binding.symbol, binding.type
    c.facts.symbols[id(node)] = symbol
    c.facts.used.add(id(symbol.node))
    if symbol.kind not in VALUE_KINDS:
        return POISON if symbol.kind == "broken" else _not_a_value(c, node, symbol.kind)
    if found is None:
        return POISON  # on a cycle, or not to be seen from here: reported there
    known = c.narrowed.get(binding.path)
    if binding.presence is not TRUE:
        return _of_step(c, node, binding, found, known)
    if known is not None:
        return known
    return settled(c, node, found) if c.premises.stack and is_optional(found) else found


def _of_step(c: Inference, node: ast.Name, binding: Binding, of: Type, known: Type | None) -> Type:
    """The value of a step that runs under a condition. `known`: what is known of it here."""
    if c.premises.is_doubtful():
        c.facts.doubtful[id(node)] = True
    if known is not None:
        is_there = is_optional(known) and not is_optional(of) and c.is_present(binding)
        return narrow.without_none(known) if is_there else known
    if not c.is_present(binding):
        return optional(of)
    return settled(c, node, of) if c.premises.stack and is_optional(of) else of


def settled(c: Inference, node: ast.Expr, of: Type) -> Type:
    """Without none, if what holds here says that the path is not none."""
    path = path_of(c, node)
    atom = c.atoms.known(path, "none") if path is not None else None
    if atom is not None and c.premises.implies(Not(atom)):
        return narrow.without_none(of)
    return of


def _not_a_value(c: Inference, node: ast.Name, kind: str) -> Type:
    what, help = {
        "config": ("the configuration", "take one of its values, such as `config.name`"),
        "module": ("a module", f"take one of its members, such as `{node.name}.member`"),
        "file": ("an imported file", f"take one of its members, such as `{node.name}.member`"),
        "service": ("a service", f"call one of its operations, such as `{node.name}.get('/path')`"),
        "type": ("a type", ""),
        "action": ("an action", f"call it: `{node.name}(…)`"),
        "function": ("a function", f"call it: `{node.name}(…)`"),
        "flow": ("a flow", f"call it: `{node.name}(…)`"),
    }.get(kind, (f"a {kind}", ""))
    message = f"`{node.name}` is {what}, not a value"
    fixes: tuple[Fix, ...] = ()
    if kind == "config":
        help, fixes = _by_key(c, node) or (help, ())
    c.reporter.report("not-a-value", message, node, help, fixes=fixes)
    return POISON


def _by_key(c: Inference, node: ast.Name) -> tuple[str, tuple[Fix, ...]] | None:
    """What is said of `config['api']`: that it is `config.api`."""
    from flowlang.semantics.infer.around import path_to

    path = path_to(c.file.tree, node)
    above = path[-2] if len(path) > 1 else None  # what stands before the dot of a filter's name is not in the tree
    if (
        not isinstance(above, ast.Index)
        or not isinstance(above.index, ast.Text)
        or not above.index.value.isidentifier()
    ):
        return None
    ours = f"config.{above.index.value}"
    return f"write `{ours}`", (Fix(f"write `{ours}`", (Edit(c.reporter.span(above), ours),)),)


@handles(ast.Attribute)
def attribute(c: Inference, node: ast.Attribute) -> Type:
    """`a.b`: a key of a value, or a value of the configuration or of another file."""
    base = node.value
    binding = c.scope.find(base.name) if isinstance(base, ast.Name) else None
    if binding is None:
        holder = c.infer(base)
    elif binding.symbol.kind in _NAMESPACES:
        return _NAMESPACES[binding.symbol.kind](c, node, binding)
    else:
        holder = c.types[id(base)] = _value(c, base, binding)  # type: ignore[arg-type]
    if node.optional:
        c.called.append(node)
    return _member(c, node, holder, node.optional, _field, node.name.name, node.name)


def _field(c: Inference, of: Type, name: str) -> Member | Refusal:
    """The field of a value, remembered for declared records: most are read many times."""
    if type(of) is not RecordOf:
        return member(of, name)
    known = c.members.get((id(of), name))
    if known is None:
        known = c.members[id(of), name] = (of, member(of, name))
    return known[1]


def _member(
    c: Inference,
    node: ast.Attribute | ast.Index | ast.Slice,
    holder: Type,
    is_soft: bool,
    ask: Callable[[Inference, Type, Any], Member | Refusal],
    key: Any,
    at: ast.Node,
) -> Type:
    """Ask a value for its member by a key, with its none dealt with and what is known of the member."""
    answer = ask(c, holder, key)
    may_be_none = False
    if isinstance(answer, Refusal):
        if not is_optional(holder):
            return _refused(c, node, holder, answer, at)
        may_be_none, rest = is_soft, narrow.without_none(holder)
        if rest == NEVER and is_soft:
            return NONE
        answer = ask(c, rest, key)
        if not is_soft:
            is_field = isinstance(node, ast.Attribute) and isinstance(answer, Member)
            rest = need_value(c, node.value, holder, f"`{c.text(node)}` reads from it", is_field)
            answer = ask(c, rest, key)
        if isinstance(answer, Refusal):
            return _refused(c, node, rest, answer, at) if is_soft else POISON
    found = answer.type
    if c.narrowed:
        path = path_of(c, node)
        known = c.narrowed.get(path) if path is not None else None
        if known is not None:
            return known if not may_be_none or not is_optional(c.types[id(node.value)]) else optional(known)
    if may_be_none:
        found = optional(found)
    return settled(c, node, found) if c.premises.stack and is_optional(found) else found


def _refused(c: Inference, node: ast.Expr, holder: Type, answer: Refusal, at: ast.Node) -> Type:
    if isinstance(holder, Union) and c.premises.is_doubtful():
        return POISON
    if answer.kind == "missing":
        spelled = getattr(at, "name", None) or getattr(at, "value", "")
        known = ", ".join(f"`{each}`" for each in answer.known[:8])
        help = c.reporter.near(str(spelled), answer.known) or (f"its fields are {known}" if known else "")
        related = where_from(c, node.value) if isinstance(node, (ast.Attribute, ast.Index)) else ()
        reason = answer.reason
        if isinstance(node, ast.Attribute):
            from flowlang.semantics.infer.meant import answer_field, error_field

            is_any_error = isinstance(holder, Union) and _is_caught(c, node.value)
            handled = handler_gives(c, node, holder)
            if handled:
                help = f"a handler gives what has no `{node.name.name}`: give the same fields there"
                return c.report("unknown-field", reason, at, help, handled)
            advice = error_field(c, node) or answer_field(c, node, holder)
            if advice is not None:
                if is_any_error:
                    reason = f"not every error caught here has a field `{spelled}`"
                c.reporter.report("unknown-field", reason, at, advice[0], related, advice[1])
                return POISON
            if is_any_error:
                reason = f"no error caught here has a field `{spelled}`"
        return c.report("unknown-field", reason, at, help, related)
    if isinstance(node, ast.Index):
        from flowlang.semantics.infer.meant import inner_value

        help, fixes = inner_value(c, node.value, holder) or ("", ())
        c.reporter.report("wrong-operand", answer.reason, at, help, fixes=fixes)
        return POISON
    if isinstance(node, ast.Attribute):
        from flowlang.semantics.habits import PARTS, field
        from flowlang.semantics.infer.methods import to_filter

        if node.name.name in PARTS and kind_of(holder) == "datetime":
            return _part_of_time(c, node, answer)
        habit = field(getattr(at, "name", ""), c.text(node.value))
        if habit:
            fixes = to_filter(c, node, node, habit.partition(" | ")[2].rstrip("`"))
            c.reporter.report("wrong-operand", answer.reason, at, f"write {habit}", fixes=fixes)
            return POISON
    return c.report("wrong-operand", answer.reason, at)


def _part_of_time(c: Inference, node: ast.Attribute, answer: Refusal) -> Type:
    """Report `at.year`, which `time.parts` tells."""
    modules = [key for key, each in c.file.names.items() if each.kind == "module" and each.qualified == "time"]
    ours = f"{modules[0] if modules else 'time'}.parts({c.text(node.value)})"
    written = f"{ours}.{node.name.name}"
    fixes: tuple[Fix, ...] = ()
    if modules:
        c.facts.used.add(id(c.file.names[modules[0]].node))
        whole = f"{modules[0]}.parts({c.file.source.text[node.value.start : node.value.end]})"
        fixes = (Fix(f"write `{ours}`", (Edit(c.reporter.span(node.value), whole),), safe=False),)
    help = f"in UTC it is `{written}`" if modules else f"in UTC it is `{written}`, with `import time`"
    c.reporter.report("wrong-operand", answer.reason, node.name, help, fixes=fixes)
    return POISON


def _is_caught(c: Inference, node: ast.Expr) -> bool:
    """Whether a value is the error of a handler."""
    symbol = c.facts.symbols.get(id(node))
    return symbol is not None and symbol.kind == "error"


@handles(ast.Index)
def index(c: Inference, node: ast.Index) -> Type:
    holder = c.infer(node.value)
    key = c.infer(node.index)
    if key is POISON:
        return POISON
    if is_optional(key):
        key = need_value(c, node.index, key, "it is used as an index")
    return _member(c, node, holder, False, lambda _, of, key: item(of, key), key, node.index)


@handles(ast.Slice)
def slice_(c: Inference, node: ast.Slice) -> Type:
    holder = c.infer(node.value)
    for bound in (node.lower, node.upper, node.step):
        if bound is not None:
            c.expect(bound, INT, Wanted("a bound of a slice"))
    return _member(c, node, holder, False, lambda _, of, __: sliced(of), None, node.value)


def _config_value(c: Inference, node: ast.Attribute, binding: Binding) -> Type:
    c.facts.read.add((c.file.path, node.name.name))
    c.facts.symbols[id(node.value)] = binding.symbol
    found = c.config.get(node.name.name)
    if found is None:
        from flowlang.semantics.unparsed import is_declared_unparsed

        if is_declared_unparsed(c.file, node.name.name, node):
            return POISON
        if _report_declared_elsewhere(c, node):
            return POISON
        meant = closest(node.name.name, c.config)  # a misspelt use is one
        c.facts.read.update((c.file.path, each) for each in meant)
        listed = ", ".join(f"`{each}`" for each in sorted(c.config)[:8])
        help = c.reporter.near(node.name.name, meant) or (f"it has {listed}" if listed else "")
        return c.report("unknown-config", f"the configuration has no `{node.name.name}`", node.name, help)
    known = c.narrowed.get(("config", node.name.name)) if c.narrowed else None
    return known if known is not None else found


def _report_declared_elsewhere(c: Inference, node: ast.Attribute) -> bool:
    """Whether an imported file declares a configuration value; then its declaration is what is lacking here."""
    name = node.name.name
    place = c.state.config_places.get(name)
    if place is None or place.file == c.file.path:
        return False
    help = (
        f"`{place.file}` declares it, and each file declares what it reads: add `{name}: {show(c.state.config[name])}`"
    )
    related = (Related(f"`config.{name}` is declared here", place),)
    c.report("unknown-config", f"the configuration of this file has no `{name}`", node.name, help, related)
    return True


def _file_value(c: Inference, node: ast.Attribute, binding: Binding) -> Type:
    """A constant of another file."""
    c.facts.used.add(id(binding.symbol.node))
    c.facts.symbols[id(node.value)] = binding.symbol
    other = c.files.get(binding.symbol.qualified)
    if other is None:
        return POISON
    found = other.names.get(node.name.name)
    if found is None or found.kind in ("module", "file", "config"):
        help = c.reporter.near(
            node.name.name, (n for n, s in other.names.items() if s.kind not in ("module", "file", "config"))
        )
        return c.report("unknown-name", f"`{binding.symbol.name}` has no `{node.name.name}`", node.name, help)
    c.facts.used.add(id(found.node))
    c.facts.symbols[id(node)] = found
    if found.kind == "const" and isinstance(found.node, ast.Let):
        return c.types.get(id(found.node.value), ANY)
    return _not_a_value_in(c, node, found.kind)


def _module_value(c: Inference, node: ast.Attribute, binding: Binding) -> Type:
    c.facts.symbols[id(node.value)] = binding.symbol
    c.facts.used.add(id(binding.symbol.node))
    if binding.symbol.kind == "module" and c.catalog.member(binding.symbol.qualified, node.name.name) is None:
        help = c.reporter.near(node.name.name, c.catalog.members(binding.symbol.qualified))
        return c.report("unknown-name", f"module `{binding.symbol.name}` has no `{node.name.name}`", node.name, help)
    return _not_a_value_in(c, node, "operation" if binding.symbol.kind == "service" else "function")


def _not_a_value_in(c: Inference, node: ast.Attribute, kind: str) -> Type:
    spelled = c.text(node)
    help = "" if kind == "type" else f"call it: `{spelled}(…)`"
    return c.report("not-a-value", f"`{spelled}` is {'an' if kind[0] in 'ao' else 'a'} {kind}, not a value", node, help)


_NAMESPACES: Final = {
    "config": _config_value,
    "file": _file_value,
    "module": _module_value,
    "service": _module_value,
}
