"""Literals, names, members, lists and maps, choices: what they are, and how what is wanted is pushed into them."""

from __future__ import annotations

from flowlang.semantics.infer.absence import need_value, report_unknown_name
from flowlang.semantics.infer.engine import POISON, Wanted, expects, handles
from flowlang.semantics.infer.narrowing import assume, constant_key, path_of
from flowlang.semantics.infer.places import is_url_place, url_text
from flowlang.semantics.presence import TRUE, Not, implies
from flowlang.semantics.scopes import Binding, Scope
from flowlang.semantics.suggest import did_you_mean
from flowlang.syntax import ast
from flowlang.types import narrow
from flowlang.types.assign import field_of, is_optional
from flowlang.types.join import join, join_all, members, optional, union
from flowlang.types.members import Member, Refusal, element, entry, item, member, sliced
from flowlang.types.model import (
    ANY,
    BOOL,
    DURATION,
    INT,
    NEVER,
    NONE,
    STRING,
    Any,
    Duration,
    Field,
    List,
    LiteralOf,
    Map,
    NoneType,
    RecordOf,
    Secret,
)
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

TRUE_TYPE: Final = LiteralOf(True, "bool")
FALSE_TYPE: Final = LiteralOf(False, "bool")
VALUE_KINDS: Final = frozenset(("param", "step", "let", "const", "loop", "error", "round", "trigger", "result"))
_LITERALS: Final[dict[object, Type]] = {None: NONE, True: TRUE_TYPE, False: FALSE_TYPE}


@handles(ast.Literal)
def literal(c: Inference, node: ast.Literal) -> Type:
    value = node.value
    if value is None:
        return NONE
    if value is True:
        return TRUE_TYPE
    if value is False:
        return FALSE_TYPE
    return LiteralOf(value, "int" if value.__class__ is int else "float")


@handles(ast.Text)
def text(c: Inference, node: ast.Text) -> Type:
    return LiteralOf(node.value, "string")


@handles(ast.Duration)
def duration(c: Inference, node: ast.Duration) -> Type:
    return DURATION


@handles(ast.BrokenExpr)
def broken(c: Inference, node: ast.BrokenExpr) -> Type:
    return POISON


@handles(ast.Name)
def name(c: Inference, node: ast.Name) -> Type:
    """A value by its name; with `?` where its step is not known to have run."""
    binding = c.scope.find(node.name)
    if binding is None:
        return report_unknown_name(c, node)
    symbol = binding.symbol
    binding.used = True
    c.facts.symbols[id(node)] = symbol
    if symbol.kind == "broken":
        return POISON
    if symbol.kind not in VALUE_KINDS:
        return _not_a_value(c, node, symbol.kind)
    found = binding.type
    if found is None:
        return POISON  # on a cycle, or not to be seen from here: reported there
    if c.narrowed:
        known = c.narrowed.get(binding.path)
        if known is not None:
            found = known
            if (
                binding.presence is not TRUE
                and is_optional(found)
                and not is_optional(binding.type)
                and c.is_present(binding)
            ):
                return narrow.without_none(found)
            return found
    if binding.presence is not TRUE and not c.is_present(binding):
        return optional(found)
    return settled(c, node, found) if c.premises and is_optional(found) else found


def settled(c: Inference, node: ast.Expr, of: Type) -> Type:
    """Without none, if what holds here says that the path is not none."""
    path = path_of(c, node)
    atom = c.atoms.numbers.get((path, "none", None)) if path is not None else None
    if atom is not None and implies(c.atoms, c.premises, Not(atom)):
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
    return c.report("not-a-value", f"`{node.name}` is {what}, not a value", node, help)


@handles(ast.Attribute)
def attribute(c: Inference, node: ast.Attribute) -> Type:
    """`a.b`: a key of a value, or a value of the configuration or of another file."""
    base = node.value
    if base.__class__ is ast.Name:
        binding = c.scope.find(base.name)  # type: ignore[union-attr]
        if binding is not None and binding.symbol.kind in _NAMESPACES:
            return _NAMESPACES[binding.symbol.kind](c, node, binding)
    holder = c.infer(base)
    return _member(c, node, holder, node.optional, lambda of: _field(c, of, node.name.name), node.name)


def _field(c: Inference, of: Type, name: str) -> Member | Refusal:
    """The field of a value, remembered for declared records: most are read many times."""
    if of.__class__ is not RecordOf:
        return member(of, name)
    known = c.members.get((id(of), name))
    if known is None:
        known = c.members[id(of), name] = (of, member(of, name))
    return known[1]


def _member(c, node, holder, is_soft, ask, at):  # type: ignore[no-untyped-def]
    """Ask a value for its member, with its none dealt with and what is known of the member."""
    may_be_none = is_soft and is_optional(holder)
    if may_be_none:
        holder = narrow.without_none(holder)
        if holder == NEVER:
            return NONE
    elif is_optional(holder):
        holder = need_value(c, node.value, holder, f"`{c.text(node)}` reads from it")
    answer = ask(holder)
    if isinstance(answer, Refusal):
        return _refused(c, node, holder, answer, at)
    found = answer.type
    if c.narrowed:
        path = path_of(c, node)
        known = c.narrowed.get(path) if path is not None else None
        if known is not None:
            return known if not may_be_none or not is_optional(c.types[id(node.value)]) else optional(known)
    if may_be_none:
        found = optional(found)
    return settled(c, node, found) if c.premises and is_optional(found) else found


def _refused(c: Inference, node: ast.Expr, holder: Type, answer: Refusal, at: ast.Node) -> Type:
    if answer.kind == "missing":
        spelled = getattr(at, "name", None) or getattr(at, "value", "")
        known = ", ".join(f"`{each}`" for each in answer.known[:8])
        help = did_you_mean(str(spelled), answer.known) or (f"its fields are {known}" if known else "")
        related = origin(c, node.value) if isinstance(node, (ast.Attribute, ast.Index)) else ()
        return c.report("unknown-field", answer.reason, at, help, related)
    return c.report("wrong-operand", answer.reason, at)


def origin(c: Inference, node: ast.Expr):  # type: ignore[no-untyped-def]
    """The related place where a value comes from: the declaration of the name that an expression begins with."""
    from flowlang.semantics.infer.mismatch import where_from

    return where_from(c, node)


@handles(ast.Index)
def index(c: Inference, node: ast.Index) -> Type:
    holder = c.infer(node.value)
    key = c.infer(node.index)
    if is_optional(key):
        key = need_value(c, node.index, key, "it is used as an index")
    return _member(c, node, holder, False, lambda of: item(of, key), node.index)


@handles(ast.Slice)
def slice_(c: Inference, node: ast.Slice) -> Type:
    holder = c.infer(node.value)
    for bound in (node.lower, node.upper, node.step):
        if bound is not None:
            c.expect(bound, INT, Wanted("a bound of a slice"))
    return _member(c, node, holder, False, sliced, node.value)


# ---- what stands behind a namespace


def _config_value(c: Inference, node: ast.Attribute, binding: Binding) -> Type:
    c.facts.symbols[id(node.value)] = binding.symbol
    binding.used = True
    found = c.config.get(node.name.name)
    if found is None:
        help = did_you_mean(node.name.name, c.config)
        return c.report("unknown-config", f"the configuration has no `{node.name.name}`", node.name, help)
    known = c.narrowed.get(("config", node.name.name)) if c.narrowed else None
    return known if known is not None else found


def _file_value(c: Inference, node: ast.Attribute, binding: Binding) -> Type:
    """A constant of another file."""
    c.facts.symbols[id(node.value)] = binding.symbol
    binding.used = True
    other = c.files.get(binding.symbol.qualified)
    if other is None:
        return POISON
    found = other.names.get(node.name.name)
    if found is None or found.kind in ("module", "file", "config"):
        help = did_you_mean(
            node.name.name, (n for n, s in other.names.items() if s.kind not in ("module", "file", "config"))
        )
        return c.report("unknown-name", f"`{binding.symbol.name}` has no `{node.name.name}`", node.name, help)
    c.facts.symbols[id(node)] = found
    if found.kind == "const" and isinstance(found.node, ast.Let):
        return c.types.get(id(found.node.value), ANY)
    return _not_a_value_in(c, node, found.kind)


def _module_value(c: Inference, node: ast.Attribute, binding: Binding) -> Type:
    c.facts.symbols[id(node.value)] = binding.symbol
    binding.used = True
    if binding.symbol.kind == "module" and c.catalog.member(binding.symbol.qualified, node.name.name) is None:
        help = did_you_mean(node.name.name, c.catalog.members(binding.symbol.qualified))
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


# ---- lists, maps, choices


@handles(ast.List)
def list_(c: Inference, node: ast.List) -> Type:
    if not node.items:
        return List(NEVER)
    return List(join_all([c.infer(each) for each in node.items]), len(node.items), len(node.items))


@expects(ast.List)
def expect_list(c: Inference, node: ast.List, target: Type, wanted: Wanted) -> Type | None:
    lists = [m for m in members(target) if isinstance(m, List)]
    if len(lists) != 1 or not node.items:
        return None
    inner = lists[0].item
    if isinstance(inner, Any):
        return None
    item_wanted = Wanted(f"an item of {wanted.what}", wanted.related)
    for each in node.items:
        c.expect(each, inner, item_wanted)
    found = c.types[id(node)] = List(inner, len(node.items), len(node.items))
    return c.fit(node, found, target, wanted)


@handles(ast.Map)
def map_(c: Inference, node: ast.Map) -> Type:
    return _build_map(c, node, lambda key, value: c.infer(value))


def _build_map(c, node, infer_value):  # type: ignore[no-untyped-def]
    """The record that a map literal is; a map if its keys are not known."""
    fields: dict[str, Field] = {}
    seen: dict[str, ast.Node] = {}
    loose: list[Type] = []
    for each in node.entries:
        if isinstance(each, ast.Spread):
            _spread(c, each, fields, loose)
            continue
        key = _entry_key(c, each)
        value = infer_value(key, each.value)
        if key is None:
            loose.append(value)
            continue
        if key in seen:
            c.reporter.report(
                "duplicate-field", f"`{key}` stands twice in this map", each.key,
                related=(c.reporter.related("the first is here", seen[key]),),
            )  # fmt: skip
        seen[key] = each.key
        fields[key] = Field(key, value)
    if loose:
        return Map(join_all([*loose, *(f.type for f in fields.values())]))
    return RecordOf("", tuple(fields.values()))


def _entry_key(c: Inference, entry_: ast.Entry) -> str | None:
    """The constant key of an entry; null if it is computed."""
    if not entry_.computed:
        if isinstance(entry_.key, ast.Text):
            return entry_.key.value
        return entry_.key.name if isinstance(entry_.key, ast.Name) else None
    if isinstance(entry_.key, ast.Text):
        c.infer(entry_.key)
        return entry_.key.value
    c.expect(entry_.key, STRING, Wanted("a computed key"))
    return None


def _spread(c: Inference, node: ast.Spread, fields: dict[str, Field], loose: list[Type]) -> None:
    found = c.infer(node.value)
    if is_optional(found):
        found = need_value(c, node.value, found, "`**` spreads it")
    for each in members(found):
        if isinstance(each, RecordOf) and len(members(found)) == 1:
            for field in each.fields:
                old = fields.get(field.name)
                if old is not None and is_optional(field.type):
                    field = Field(field.name, join(old.type, field.type))
                fields[field.name] = field.replace(default=None)
        elif isinstance(each, (Map, RecordOf)):
            loose.append(each.value if isinstance(each, Map) else join_all(f.type for f in each.fields))
        elif isinstance(each, Any):
            loose.append(ANY)
        else:
            c.report("wrong-operand", f"`**` spreads a map, not {show(found)}", node.value)
            return


@expects(ast.Map)
def expect_map(c: Inference, node: ast.Map, target: Type, wanted: Wanted) -> Type | None:
    """Field by field, each value where it stands."""
    record = _meant(node, target)
    if record is None:
        return None
    if isinstance(record, Map):
        inner = record.value
        built = c.types[id(node)] = _build_map(
            c, node, lambda key, value: c.expect(value, inner, _field_wanted(wanted, key))
        )
        return c.fit(node, built, target, wanted)
    before = len(c.reporter.found)

    def value_of(key: str | None, value: ast.Expr) -> Type:
        field = field_of(record, key) if key is not None else None
        if field is None:
            return c.infer(value)
        return c.expect(value, _field_type(field), _field_wanted(wanted, key))

    built = c.types[id(node)] = _build_map(c, node, value_of)
    if isinstance(built, RecordOf):
        unknown = [f.name for f in built.fields if field_of(record, f.name) is None]
        if unknown and _report_extra(c, node, record, unknown, wanted):
            return target
    if len(c.reporter.found) > before and isinstance(built, RecordOf):
        missing = [
            f
            for f in record.fields
            if f.default is None and not is_optional(f.type) and field_of(built, f.name) is None
        ]
        if not missing:
            return target
    return c.fit(node, built, target, wanted)


def _field_type(field: Field) -> Type:
    """What may be given for a field: none too if it has a default."""
    return field.type if field.default is None else optional(field.type)


def _field_wanted(wanted: Wanted, key: str | None) -> Wanted:
    return Wanted(
        f"field `{key}` of {wanted.what}" if key is not None else f"an entry of {wanted.what}", wanted.related
    )


def _meant(node: ast.Map, target: Type) -> RecordOf | Map | None:
    """The member of a wanted type that a map literal is meant to be, if that can be told."""
    shapes = [m for m in members(target) if isinstance(m, (RecordOf, Map))]
    if len(shapes) == 1:
        shape = shapes[0]
        return None if isinstance(shape, Map) and isinstance(shape.value, Any) else shape
    given = {e.key.value: e.value for e in node.entries if isinstance(e, ast.Entry) and isinstance(e.key, ast.Text)}
    fitting = [shape for shape in shapes if isinstance(shape, RecordOf) and _discriminated(shape, given)]
    return fitting[0] if len(fitting) == 1 else None


def _discriminated(shape: RecordOf, given: dict[str, ast.Expr]) -> bool:
    """Whether the literal fields of a record admit what is given, and at least one of them is."""
    told = False
    for field in shape.fields:
        literals = [m.value for m in members(field.type) if isinstance(m, LiteralOf)]
        value = given.get(field.name)
        if not literals or len(literals) < len(members(field.type)) or value is None:
            continue
        if isinstance(value, (ast.Text, ast.Literal)):
            if value.value not in literals:
                return False
            told = True
    return told


def _report_extra(c: Inference, node: ast.Map, record: RecordOf, unknown: list[str], wanted: Wanted) -> bool:
    """Report keys that the wanted record does not have; written out they are a mistake, even where a value's would be dropped."""
    for each in node.entries:
        if isinstance(each, ast.Entry) and isinstance(each.key, ast.Text) and each.key.value in unknown:
            known = [f.name for f in record.fields]
            help = did_you_mean(each.key.value, known) or f"its fields are {', '.join(f'`{n}`' for n in known[:8])}"
            what = show(record) if record.name else wanted.what
            c.reporter.report("extra-field", f"{what} has no field `{each.key.value}`", each.key, help, wanted.related)
            return True
    return False


@handles(ast.Conditional)
def conditional(c: Inference, node: ast.Conditional) -> Type:
    return _branches(c, node, c.infer, join_all)


@expects(ast.Conditional)
def expect_conditional(c: Inference, node: ast.Conditional, target: Type, wanted: Wanted) -> Type | None:
    found = c.types[id(node)] = _branches(c, node, lambda branch: c.expect(branch, target, wanted), union)
    return found


def _branches(c, node, ask, put):  # type: ignore[no-untyped-def]
    c.infer(node.condition)
    known = assume(c, node.condition)
    mark = c.mark()
    c.learn(known.true, known.formula)
    then = ask(node.then)
    c.restore(mark)
    c.learn(known.false, negated(known.formula))
    otherwise = ask(node.otherwise)
    c.restore(mark)
    return put((then, otherwise))


def negated(formula):  # type: ignore[no-untyped-def]
    from flowlang.semantics.presence import negate

    return negate(formula)


@handles(ast.Logic)
def logic(c: Inference, node: ast.Logic) -> Type:
    """`and`, `or` give one of their operands, as in Jinja2."""
    left = c.infer(node.left)
    known = assume(c, node.left)
    mark = c.mark()
    if node.operator == "and":
        c.learn(known.true, known.formula)
    else:
        c.learn(known.false, negated(known.formula))
    right = c.infer(node.right)
    c.restore(mark)
    if isinstance(left, Secret) or isinstance(right, Secret):
        return BOOL if left == right == BOOL else join(left, right)
    kept = narrow.falsy(left) if node.operator == "and" else narrow.truthy(left)
    return union((kept, right)) if kept == NEVER else join(kept, right)


@handles(ast.Comprehension)
def comprehension(c: Inference, node: ast.Comprehension) -> Type:
    scope, outer = loop_scope(c, node.names, node.iterable), c.scope
    c.scope = scope
    mark = c.mark()
    if node.condition is not None:
        c.infer(node.condition)
        known = assume(c, node.condition)
        c.learn(known.true, known.formula)
    found = c.infer(node.element)
    c.restore(mark)
    c.scope = outer
    return List(found)


def loop_scope(c: Inference, names: tuple[ast.Ident, ...], iterable: ast.Expr) -> Scope:
    """The scope with the variables of a loop over a value."""
    from flowlang.semantics.infer.declare import declare

    found = c.infer(iterable)
    if is_optional(found):
        found = need_value(c, iterable, found, "the loop runs over it")
    secret = isinstance(found, Secret)
    if isinstance(found, Secret):
        found = found.inner
    answer = element(found) if len(names) == 1 else entry(found)
    if isinstance(answer, Refusal):
        c.report("not-iterable", _no_loop(c, iterable, found, len(names)), iterable, "", origin(c, iterable))
        answer = Member(POISON)
    types = [answer.type] if len(names) == 1 else [STRING, answer.type]
    scope = Scope(c.scope)
    for ident, type_ in zip(names, types, strict=True):
        declare(c, scope, ident, "loop", ident, Secret(type_) if secret else type_)
    return scope


def _no_loop(c: Inference, iterable: ast.Expr, found: Type, names: int) -> str:
    what = "a list or a map" if names == 1 else "a map"
    return f"`{c.text(iterable)}` is {show(found)}, not {what}"


@expects(ast.Text)
def expect_text(c: Inference, node: ast.Text, target: Type, wanted: Wanted) -> Type | None:
    return url_text(c, node, target, wanted) if is_url_place(target) else None


__all__ = ["VALUE_KINDS", "constant_key", "loop_scope", "origin"]
_ = (BOOL, Duration, NoneType)
