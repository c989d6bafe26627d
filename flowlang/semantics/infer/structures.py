"""Lists, maps and loops over them; what is wanted of a list or map is pushed into its parts."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.record import new
from flowlang.semantics.infer.absence import need_value
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Wanted, expects, handles
from flowlang.semantics.infer.narrowing import condition
from flowlang.semantics.infer.origins import where_from
from flowlang.semantics.operators import kind_of
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Scope
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import assignable, field_of, is_optional
from flowlang.types.edge import mixes_numbers
from flowlang.types.join import join, join_all, members, optional, sealed, untyped
from flowlang.types.members import Member, Refusal, element, entry
from flowlang.types.model import (
    ANY,
    NEVER,
    PLAIN,
    SECRET_ANY,
    STRING,
    Any,
    Field,
    List,
    LiteralOf,
    Map,
    RecordOf,
    Secret,
    Union,
)
from flowlang.types.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

    # The fields that are known by name, each with all that it may be; what else may stand under any name; whether a
    # field holds other values.
    Parts = tuple[dict[str, Field], list[Type], bool]


@handles(ast.List)
def list_(c: Inference, node: ast.List) -> Type:
    if not node.items:
        return List(NEVER)
    item = c.met(_of_items([c.infer(each) for each in node.items]), node.items)
    return c.composed(List(item, len(node.items), len(node.items)), node)


def _of_items(types: Iterable[Type]) -> Type:
    """What items are: any where numbers and durations meet, which makes the durations text."""
    found = join_all(types)
    return untyped((ANY, found)) if isinstance(found, Union) and mixes_numbers(found) else found


@expects(ast.List)
def expect_list(c: Inference, node: ast.List, target: Type, wanted: Wanted) -> Type | None:
    lists = [m for m in members(target) if isinstance(m, List)]
    if len(lists) != 1:
        return None
    if not node.items:
        return _expect_none(c, node, target, wanted) if lists[0].min_length else None
    inner = lists[0].item
    if isinstance(inner, Any):
        return None
    item_wanted = Wanted(f"an item of {wanted.what}", wanted.related)
    for each in node.items:
        c.expect(each, inner, item_wanted)
    found = c.types[id(node)] = List(inner, len(node.items), len(node.items))
    return c.fit(node, found, target, wanted)


def _expect_none(c: Inference, node: ast.List, target: Type, wanted: Wanted) -> Type:
    """A list without items where one with some is wanted."""
    found = c.types[id(node)] = List(NEVER, 0, 0)
    return c.fit(node, found, target, wanted)


@handles(ast.Map)
def map_(c: Inference, node: ast.Map) -> Type:
    return _put_together(c, node, _parts(c, node, lambda key, value: c.infer(value)))


def _parts(c: Inference, node: ast.Map, infer_value: Callable[[str | None, ast.Expr], Type]) -> Parts:
    """What a map literal is made of."""
    fields: dict[str, Field] = {}
    seen: dict[str, ast.Node] = {}
    loose: list[Type] = []
    is_nested = False
    for each in node.entries:
        if isinstance(each, ast.Spread):
            is_nested = True
            _spread(c, each, fields, loose)
            continue
        key = _entry_key(c, each)
        value = infer_value(key, each.value)
        if key is None:
            _add_loose(value, fields, loose)
            continue
        if key in seen:
            c.reporter.report(
                "duplicate-field",
                f"`{key}` stands twice in this map",
                each.key,
                related=(c.reporter.related("the first is here", seen[key]),),
            )
        seen[key] = each.key
        fields[key] = new(Field, (key, value, None))
        is_nested = is_nested or type(value) not in PLAIN
    return fields, loose, is_nested


def _add_loose(of: Type, fields: dict[str, Field], loose: list[Type]) -> None:
    """Add what may stand under any name, and so in place of each field that stands before it."""
    loose.append(of)
    for name, field in fields.items():
        fields[name] = Field(name, join(field.type, of))


def _put_together(c: Inference, node: ast.Map, parts: Parts) -> Type:
    """The record that a map literal is; a map if its keys are not known."""
    fields, loose, is_nested = parts
    if loose:
        whole = Map(_of_items([*loose, *(f.type for f in fields.values())]))
        for each in node.entries:
            c.settle(
                each.value, c.types.get(id(each.value), whole), whole if isinstance(each, ast.Spread) else whole.value
            )
        return c.composed(whole, node)
    found = RecordOf("", tuple(fields.values()))
    return c.composed(found, node) if is_nested else found


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
        is_secret, inner = isinstance(each, Secret), each.inner if isinstance(each, Secret) else each
        if isinstance(inner, RecordOf) and len(members(found)) == 1:
            for field in inner.fields:
                type_ = sealed(field.type) if is_secret else field.type
                old = fields.get(field.name)
                if old is not None and is_optional(type_):
                    type_ = join(old.type, type_)
                fields[field.name] = Field(field.name, type_)
        elif isinstance(inner, (Map, RecordOf, Any)):
            value = entry(inner)
            assert isinstance(value, Member)
            _add_loose(sealed(value.type) if is_secret else value.type, fields, loose)
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
        parts = _parts(c, node, lambda key, value: c.expect(value, inner, _field_wanted(wanted, key)))
        built = c.types[id(node)] = _put_together(c, node, parts)
        return c.fit(node, built, target, wanted)
    before = len(c.reporter.found)
    unknown: list[str] = []

    def value_of(key: str | None, value: ast.Expr) -> Type:
        if key is None:
            return c.infer(value)
        field = field_of(record, key)
        if field is None:
            unknown.append(key)
            return c.infer(value)
        return c.expect(value, _field_type(field), _field_wanted(wanted, key))

    parts = _parts(c, node, value_of)
    built = c.types[id(node)] = _put_together(c, node, parts)
    if parts[1]:
        held = _held_to(parts, record)
        if held is not None and assignable(held, target).ok:
            c.facts.coercions[id(node)] = target
            return target
    if unknown and isinstance(built, RecordOf) and _report_extra(c, node, record, unknown, wanted):
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


def _held_to(parts: Parts, record: RecordOf) -> RecordOf | None:
    """What a map literal that data is spread into is as a record: an entry is itself, all else is of the data."""
    fields, loose, _ = parts
    rest = join_all(loose)
    if type(rest) is not Any and rest != SECRET_ANY:
        return None
    return RecordOf("", tuple([fields.get(f.name) or Field(f.name, rest) for f in record.fields]))


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
    """Report keys that the wanted record does not have; written out they are a mistake, even where a value's would be
    dropped.
    """
    for each in node.entries:
        if isinstance(each, ast.Entry) and isinstance(each.key, ast.Text) and each.key.value in unknown:
            known = [f.name for f in record.fields]
            help = c.reporter.near(each.key.value, known) or f"its fields are {', '.join(f'`{n}`' for n in known[:8])}"
            what = show(record) if record.name else wanted.what
            c.reporter.report("extra-field", f"{what} has no field `{each.key.value}`", each.key, help, wanted.related)
            return True
    return False


@handles(ast.Comprehension)
def comprehension(c: Inference, node: ast.Comprehension) -> Type:
    return c.composed(List(_each(c, node, c.infer)), node)


@expects(ast.Comprehension)
def expect_comprehension(c: Inference, node: ast.Comprehension, target: Type, wanted: Wanted) -> Type | None:
    """Of a map literal as the element, field by field."""
    lists = [m for m in members(target) if isinstance(m, List)]
    if type(node.element) is not ast.Map or len(lists) != 1 or isinstance(lists[0].item, Any):
        return None
    inner, item_wanted = lists[0].item, Wanted(f"an item of {wanted.what}", wanted.related)
    found = c.types[id(node)] = List(_each(c, node, lambda element: c.expect(element, inner, item_wanted)))
    return c.fit(node, found, target, wanted)


def _each(c: Inference, node: ast.Comprehension, ask: Callable[[ast.Expr], Type]) -> Type:
    """The type of a comprehension's element."""
    scope, outer = loop_scope(c, node.names, node.iterable, node.element), c.scope
    c.scope = scope
    mark = c.mark()
    if node.condition is not None:
        known = condition(c, node.condition)
        c.learn(known.true, known.formula)
    found = ask(node.element)
    was_doubtful = c.premises.is_doubtful()
    c.restore(mark)
    c.scope = outer
    return POISON if was_doubtful and not c.premises.is_doubtful() else found


def loop_scope(c: Inference, names: tuple[ast.Ident, ...], iterable: ast.Expr, body: ast.Node | None = None) -> Scope:
    """The scope with the variables of a loop over a value; `body`: what it evaluates for each."""
    found = c.infer(iterable)
    if is_optional(found):
        found = need_value(c, iterable, found, "the loop runs over it")
    secret = isinstance(found, Secret)
    if isinstance(found, Secret):
        found = found.inner
    elif isinstance(found, Union):
        secret = any(isinstance(each, Secret) for each in found.members)
    if isinstance(found, RecordOf) and found.name == "Response" and _is_answer(c, iterable, found):
        found = POISON
    if isinstance(found, RecordOf) and len(names) == 1 and body is not None and _takes_parts(c, names[0], body):
        _report_record(c, names[0], iterable, found)
        found = POISON
    answer = element(found) if len(names) == 1 else entry(found)
    if isinstance(answer, Refusal) and len(names) > 2:
        answer = Member(POISON)
    elif isinstance(answer, Refusal):
        help = _POSITION if len(names) == 2 and kind_of(found) == "list" else _LOOPS.get(kind_of(found), "")
        c.report("not-iterable", _no_loop(c, iterable, found, len(names)), iterable, help, where_from(c, iterable))
        answer = Member(POISON)
    types = [answer.type] if len(names) == 1 else [STRING, answer.type]
    if len(names) > 2:
        message = f"a loop has one variable, or a key and a value; `{names[2].name}` is one too many"
        c.report("not-iterable", message, names[2], "name the item, and take its parts where they are used")
        types += [POISON] * (len(names) - 2)
    scope = Scope(c.scope)
    for ident, type_ in zip(names, types, strict=True):
        declare(c, scope, ident, "loop", ident, sealed(type_) if secret else type_)
    return scope


_POSITION: Final = "an item has one name; with its position it is `xs[i]` in `for i in range(xs | length)`"
_LOOPS: Final = {"int": "numbers in a row are `range(…)`", "text": "its parts are `… | split(',')`"}
"""What may have been meant by a loop over a number or a text."""


def _is_answer(c: Inference, iterable: ast.Expr, found: RecordOf) -> bool:
    """Report a loop over the fields of an answer: its body was meant."""
    from flowlang.semantics.infer.meant import inner_value

    advice = inner_value(c, iterable, found)
    if advice is not None:
        message = f"`{c.text(iterable)}` is the whole answer of a call, not a list"
        c.reporter.report("not-iterable", message, iterable, advice[0], where_from(c, iterable), advice[1])
    return advice is not None


def _takes_parts(c: Inference, name: ast.Ident, body: ast.Node) -> bool:
    """Whether a loop's body takes a field of its variable."""
    from flowlang.semantics.uses import name_nodes

    text = c.file.source.text
    return any(text.startswith((".", "?."), each.end) for each in name_nodes(body, name.name))


def _report_record(c: Inference, name: ast.Ident, iterable: ast.Expr, found: RecordOf) -> None:
    """Report a loop over the names of a record's fields that takes them for records: a list in it was meant."""
    spelled = c.text(iterable)
    lists = [f"{spelled}.{each.name}" for each in found.fields if kind_of(each.type) == "list"]
    fixes: tuple[Fix, ...] = ()
    if len(lists) == 1:
        edit = Edit(Span(c.file.path, iterable.start, iterable.end), lists[0])
        fixes = (Fix(f"write `{lists[0]}`", (edit,), safe=False),)
    message = f"`{spelled}` is a record: `{name.name}` would be the name of a field, which has no fields itself"
    help = f"a list in it is {' or '.join(f'`{each}`' for each in lists[:3])}" if lists else ""
    c.reporter.report("not-iterable", message, iterable, help, where_from(c, iterable), fixes)


def _no_loop(c: Inference, iterable: ast.Expr, found: Type, names: int) -> str:
    what = "a list or a map" if names == 1 else "a map"
    return f"`{c.text(iterable)}` is {show(found)}, not {what}"
