"""The type that is wanted where a word of a tree stands: of a parameter, a result, a declared name, a field.

The nodes around the word are left from the inside out; what is passed on the way (an item of a list, an entry of a map)
is the way down into the type that is found above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.compiler.pipeline import standard_library
from flowlang.record import Record
from flowlang.syntax import ast
from flowlang.types.assign import field_of
from flowlang.types.generics import is_generic
from flowlang.types.join import members, union
from flowlang.types.model import DURATION, STRING, List, LiteralOf, Map, RecordOf, Secret
from flowlang.types.model import Field as TypeField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.lsp.cursor import Probe
    from flowlang.semantics.facts import Facts, ParamSig
    from flowlang.types.model import Type


class Item(Record):
    """The way into a list."""

    __slots__ = ()


class Entry(Record):
    """The way into a map: the key, and what its other entries say."""

    __slots__ = ()

    key: str
    given: dict[str, object]


def wanted_type(found: Probe) -> Type | None:
    """The type that is wanted at the word; none where any will do, or it is not known."""
    return _wanted(found.snapshot.facts, found.chain)


def wanted_shapes(found: Probe, node: ast.Map) -> list[RecordOf]:
    """The records that a map around the word may be meant to be."""
    of = _wanted(found.snapshot.facts, found.chain[: found.chain.index(node) + 1])
    given = _given(node)
    return [each for each in _inner(of) if isinstance(each, RecordOf) and _admits(each, given)] if of else []


def parameter_at(found: Probe) -> tuple[ast.Node, ParamSig] | None:
    """The call, filter, test, annotation or trigger of which the word is a whole argument, and its parameter."""
    chain, facts = found.chain, found.snapshot.facts
    if len(chain) < 3 or not isinstance(chain[-2], ast.Argument):
        return None
    fact = facts.calls.get(id(chain[-3])) or facts.annotations.get(id(chain[-3]))
    param = None if fact is None else next((p for p, value in fact.arguments if value is chain[-1]), None)
    return None if param is None else (chain[-3], param)


def _wanted(facts: Facts, chain: list[ast.Node]) -> Type | None:
    way: list[Item | Entry] = []
    for at in range(len(chain) - 2, -1, -1):
        node, inner = chain[at], chain[at + 1]
        match node:
            case ast.List():
                way.append(Item())
            case ast.Entry(key=key, value=value):
                above = chain[at - 1]
                if inner is not value or not isinstance(key, ast.Text) or not isinstance(above, ast.Map):
                    return None
                way.append(Entry(key.value, _given(above)))
            case ast.For(body=body) | ast.Repeat(body=body) if inner is body:
                way.append(Item())
            case ast.Conditional(condition=other) | ast.Branch(condition=other) | ast.Match(subject=other):
                if inner is other:
                    return None
            case ast.Yield(value=value) if inner is value:
                pass
            case ast.Case(body=body) | ast.Catch(body=body) if inner is body:
                pass
            case (
                ast.Map() | ast.Comparison() | ast.Argument() | ast.Body() | ast.If() | ast.Parallel() | ast.Sequence()
            ):
                pass
            case _:
                found = _anchor(facts, chain, at)
                return None if found is None else _descend(found, way)
    return None


def _anchor(facts: Facts, chain: list[ast.Node], at: int) -> Type | None:
    """What a node wants of the one below it."""
    node, inner = chain[at], chain[at + 1]
    match node:
        case ast.Call() | ast.Filter() | ast.Test() | ast.Annotation():
            return _argument(facts, node, inner)
        case ast.Trigger(inputs=inputs):
            return _parameters(facts, chain[at - 1]) if inner is inputs else _argument(facts, node, inner)
        case ast.Compare(first=first, rest=rest):
            return _compared(facts, first, rest, inner)
        case ast.Case():
            match = next(each for each in reversed(chain[:at]) if isinstance(each, ast.Match))
            return facts.types.get(id(match.subject))
        case ast.Yield():
            rounds = next((each for each in reversed(chain[:at]) if isinstance(each, ast.Repeat)), None)
            return None if rounds is None or rounds.type is None else facts.type_exprs.get(id(rounds.type))
        case ast.Return():
            flow = next((each for each in chain if isinstance(each, ast.FlowDecl)), None)
            return None if flow is None or flow.result is None else facts.signatures[id(flow)].result
        case ast.FunctionDecl(result=result):
            return None if result is None else facts.signatures[id(node)].result
        case ast.Step(type=type) | ast.Let(type=type) | ast.Repeat(type=type) | ast.Param(type=type):
            return None if type is None else facts.type_exprs.get(id(type))
        case ast.Field(type=type):
            return facts.type_exprs.get(id(type))
        case ast.Setting(name=name):
            field = field_of(standard_library().settings(), name.name)
            return None if field is None else field.type
        case ast.Ensure(message=message) if inner is message:
            return STRING
        case ast.Until(condition=condition) if inner is not condition:
            return DURATION
        case _:
            return None


def _argument(facts: Facts, node: ast.Node, inner: ast.Node) -> Type | None:
    """What a call wants: of an argument, or of what a filter is applied to."""
    fact = facts.calls.get(id(node)) or facts.annotations.get(id(node))
    value = inner.value if isinstance(inner, ast.Argument) else inner
    of = None if fact is None else next((param.type for param, given in fact.arguments if given is value), None)
    return None if of is None or is_generic(of) else of


def _parameters(facts: Facts, flow: ast.Node) -> Type | None:
    """The parameters of a flow, as the record that a trigger gives."""
    signature = facts.signatures.get(id(flow))
    if signature is None:
        return None
    return RecordOf(
        "",
        tuple(TypeField(each.name, each.type, None if each.default is None else (None,)) for each in signature.params),
    )


def _compared(facts: Facts, first: ast.Expr, rest: tuple[ast.Comparison, ...], inner: ast.Node) -> Type | None:
    """The type of the other side of a comparison."""
    if inner is first:
        return facts.types.get(id(rest[0].operand)) if rest[0].operator in ("==", "!=") else None
    of = facts.types.get(id(first))
    is_list = isinstance(inner, ast.Comparison) and inner.operator in ("in", "not in")
    return List(of) if is_list and of is not None else of


def _descend(of: Type, way: list[Item | Entry]) -> Type | None:
    """The part of a type at the end of a way; the last piece of the way is the first to go."""
    for piece in reversed(way):
        parts = list(_parts(of, piece))
        if not parts:
            return None
        of = union(parts)
    return of


def _parts(of: Type, piece: Item | Entry) -> Iterator[Type]:
    for each in _inner(of):
        match each, piece:
            case List(), Item():
                yield each.item
            case Map(), Entry():
                yield each.value
            case RecordOf(), Entry():
                field = field_of(each, piece.key)
                others = {key: value for key, value in piece.given.items() if key != piece.key}
                if field is not None and _admits(each, others):
                    yield field.type


def _inner(of: Type) -> Iterator[Type]:
    """The members of a type, also of a secret one."""
    for each in members(of):
        yield from members(each.inner) if isinstance(each, Secret) else (each,)


def _given(node: ast.Map) -> dict[str, object]:
    """The literal values of a map by key; of others there is no telling."""
    entries = [each for each in node.entries if isinstance(each, ast.Entry)]
    return {
        each.key.value: each.value.value
        for each in entries
        if isinstance(each.key, ast.Text) and isinstance(each.value, (ast.Text, ast.Literal))
    }


def _admits(of: RecordOf, given: dict[str, object]) -> bool:
    """Whether the literal fields of a record may have the values that are given."""
    for field in of.fields:
        literals = [each.value for each in members(field.type) if isinstance(each, LiteralOf)]
        if field.name in given and len(literals) == len(members(field.type)) and given[field.name] not in literals:
            return False
    return True
