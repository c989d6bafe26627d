"""Expressions as plan data: names resolved, operators typed, calls with their arguments in declared order, checks
where a value enters a type.

Everything decided here was decided by semantics; this module only spells it. The one action call of a step is
replaced by its result.
"""

from __future__ import annotations

from flowlang.compiler.lower import by_name
from flowlang.compiler.lower.urls import url_parts
from flowlang.syntax import ast
from flowlang.types import model
from flowlang.types.assign import assignable, is_optional
from flowlang.types.edge import leaving, needs_edge, written
from flowlang.types.join import join
from flowlang.types.members import Member, member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.compiler.lower.tables import Tables
    from flowlang.plan.nodes import Expr
    from flowlang.semantics.facts import CallFact, ParamSig
    from flowlang.types.model import Type

NOTHING: Final = ("lit", None)
# Names that read values of the frames; every other symbol has a table of its own.
FRAME: Final = frozenset(("param", "step", "do", "let", "loop", "error", "round", "trigger"))
# Tests that compare two values, and whether by their order.
_COMPARISONS: Final = {
    **dict.fromkeys(("is_eq", "is_equalto", "is_ne", "is_in"), "equality"),
    **dict.fromkeys(("is_lt", "is_le", "is_gt", "is_ge", "is_lessthan", "is_greaterthan"), "order"),
}
# Tests about presence look at a path without faulting on what is not there.
PRESENCE: Final = frozenset(("defined", "undefined", "none"))


class Expressions:
    """Lowers the expressions of a program into one plan's tables."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.facts = tables.facts

    def type_of(self, node: ast.Expr | ast.Block) -> Type:
        return self.facts.types.get(id(node), model.ANY)

    def lower(self, node: ast.Expr, head: ast.Call | None = None) -> Expr:
        """Lower an expression with the check that it needs where it stands; `head` is the call that is `["result"]`."""
        found = self.outward(node, self.raw(node, head))
        wanted = self.check(node)
        return found if wanted is None else ["check", found, wanted]

    def outward(self, node: ast.Expr, value: Expr) -> Expr:
        """A value as JSON has it where it enters an `any`."""
        of = self.written_as(node)
        return value if of is None else ["edge", value, of]

    def written_as(self, node: ast.Expr | ast.Block) -> int | None:
        """The type by which a value is written where it enters an `any`, if that could change it."""
        wanted, given = self.facts.coercions.get(id(node)), self.type_of(node)
        if wanted is None or not needs_edge(given):
            return None
        of = leaving(given, wanted)
        return self.tables.type(of) if needs_edge(of) else None

    def check(self, node: ast.Expr | ast.Block) -> int | None:
        """The type to check an expression's value against and project it into where it stands, if that could change or
        refuse it.
        """
        wanted, given = self.facts.coercions.get(id(node)), self.type_of(node)
        if wanted is None or (needs_edge(given) and not assignable(given, wanted).needs_check):
            return None
        return self.tables.type(written(wanted, given))

    def raw(self, node: ast.Expr, head: ast.Call | None = None) -> Expr:
        """Lower an expression without its outermost check."""
        match node:
            case ast.Literal(value=value) | ast.Text(value=value):
                return ["lit", value]
            case ast.Duration(microseconds=value):
                return ["duration", value]
            case ast.Template():
                return self.template(node, head)
            case ast.Name():
                return self.name(node)
            case ast.Attribute():
                return self.attribute(node, head)
            case ast.Index(value=value, index=index):
                return ["index", self.lower(value, head), self.lower(index, head)]
            case ast.Slice(value=value, lower=low, upper=up, step=step):
                return ["slice", self.lower(value, head), *(self.maybe(e, head) for e in (low, up, step))]
            case ast.Call():
                return ["result"] if node is head else self.call(node, self.facts.calls[id(node)], head)
            case ast.Filter():
                return self.filter(node, head)
            case ast.Test():
                return self.test(node, head)
            case ast.Unary() | ast.Binary() | ast.Compare() | ast.Logic() | ast.Conditional():
                return self.operation(node, head)
            case ast.List(items=items):
                return ["list", [self.lower(item, head) for item in items]]
            case ast.Comprehension(element=element, names=names, iterable=iterable, condition=condition):
                parts = [self.lower(element, head), [n.name for n in names], self.lower(iterable, head)]
                return ["comp", *parts, self.maybe(condition, head), len(names) == 2]
            case ast.Map(entries=entries):
                return ["map", [self.entry(entry, head) for entry in entries]]
        raise self.tables.refuse("this does not parse", node)

    def maybe(self, node: ast.Expr | None, head: ast.Call | None = None) -> Expr | None:
        return None if node is None else self.lower(node, head)

    def entry(self, entry: ast.Entry | ast.Spread, head: ast.Call | None) -> list[object]:
        if isinstance(entry, ast.Spread):
            return ["**", self.lower(entry.value, head)]
        return [self.lower(entry.key, head), self.lower(entry.value, head)]

    # ---- names

    def name(self, node: ast.Name) -> Expr:
        symbol = self.facts.symbols.get(id(node))
        if symbol is None:  # in a declaration of the standard library, which is stored without facts
            return ["result"] if node.name == "result" else ["ref", node.name]
        if symbol.kind in FRAME:
            found: Expr = ["ref", node.name]
            is_text = id(symbol.node) in self.facts.coercions  # a step whose value is one of several
            of = self.type_of(node)
            return ["check", found, self.tables.type(of)] if is_text and needs_edge(of) else found
        if symbol.kind == "const":
            return ["const", self.tables.want("constant", symbol.qualified or node.name)]
        if symbol.kind == "result":
            return ["result"]
        raise self.tables.refuse(f"`{node.name}` is a {symbol.kind}, not a value", node, symbol.file)

    def attribute(self, node: ast.Attribute, head: ast.Call | None) -> Expr:
        symbol = self.facts.symbols.get(id(node)) or self.facts.symbols.get(id(node.name))
        base = self.facts.symbols.get(id(node.value)) if isinstance(node.value, ast.Name) else None
        if base is not None and base.kind == "config":
            return ["config", self.tables.want("config", node.name.name)]
        if symbol is not None and symbol.kind == "const":
            return ["const", self.tables.want("constant", symbol.qualified)]
        found = member(_present(self.type_of(node.value)), node.name.name)
        kind = "soft" if isinstance(found, Member) and found.soft else "attr"
        return [kind, self.lower(node.value, head), node.name.name, node.optional]

    def softly(self, node: ast.Expr, head: ast.Call | None = None) -> Expr:
        """Lower a path so that what is absent along it reads as none."""
        match node:
            case ast.Attribute():
                found = self.attribute(node, head)
                if found[0] in ("attr", "soft"):
                    # What is absent above is none; a name of a known type is there.
                    is_there = isinstance(node.value, ast.Name) and self.type_of(node.value) != model.ANY
                    return ["soft", self.softly(node.value, head), node.name.name, node.optional or not is_there]
                return found
            case ast.Index(value=value, index=index):
                base, key = self.softly(value, head), self.lower(index, head)
                return ["if", ["has", base, key], ["index", base, key], list(NOTHING)]
        return self.lower(node, head)

    # ---- templates

    def template(self, node: ast.Template, head: ast.Call | None) -> Expr:
        parts: list[str | tuple[Expr, Type]] = [
            part.value if isinstance(part, ast.TemplateText) else (self.lower(part, head), self.type_of(part))
            for part in node.parts
        ]
        if self.facts.places.get(id(node)) == "url":
            try:
                return ["url", url_parts(parts, self.tables.type)]
            except ValueError as error:
                raise self.tables.refuse(str(error), node) from error
        return [
            "text",
            [part if isinstance(part, str) else ["show", part[0], self.tables.type(part[1])] for part in parts],
        ]

    # ---- operators

    def operation(
        self, node: ast.Unary | ast.Binary | ast.Compare | ast.Logic | ast.Conditional, head: ast.Call | None
    ) -> Expr:
        match node:
            case ast.Unary(operator="not", operand=operand):
                return ["not", self.lower(operand, head)]
            case ast.Unary(operator="+", operand=operand):
                return self.lower(operand, head)
            case ast.Unary(operand=operand):
                return ["neg", self.operator(node, "neg_any").removeprefix("neg_"), self.lower(operand, head)]
            case ast.Binary(operator="~"):
                return ["text", self.concatenation(node, head)]
            case ast.Binary(operator=operator, left=left, right=right):
                return ["op", self.operator(node, _UNTYPED[operator]), self.lower(left, head), self.lower(right, head)]
            case ast.Compare(first=first, rest=rest):
                return [
                    "compare",
                    self.lower(first, head),
                    [[self.comparison(c), self.lower(c.operand, head)] for c in rest],
                ]
            case ast.Logic(operator=operator, left=left, right=right):
                return [operator, self.lower(left, head), self.lower(right, head)]
            case ast.Conditional(condition=condition, then=then, otherwise=otherwise):
                return ["if", self.lower(condition, head), self.lower(then, head), self.lower(otherwise, head)]

    def operator(self, node: ast.Node, otherwise: str) -> str:
        return self.facts.operators.get(id(node), otherwise)

    def comparison(self, node: ast.Comparison) -> str:
        return self.operator(node, node.operator).replace("not in", "not_in")

    def concatenation(self, node: ast.Expr, head: ast.Call | None) -> list[object]:
        """`a ~ b ~ c` as the parts of one template."""
        if isinstance(node, ast.Binary) and node.operator == "~":
            return [*self.concatenation(node.left, head), *self.concatenation(node.right, head)]
        if isinstance(node, ast.Text):
            return [node.value]
        return [["show", self.lower(node, head), self.tables.type(self.type_of(node))]]

    # ---- calls of pure functions

    def calls_python(self, root: ast.Node) -> bool:
        """Whether evaluating an expression calls a user's python function, through lets and functions too."""
        pending: list[object] = [root]
        seen: set[int] = set()
        while pending:
            node = pending.pop()
            if not isinstance(node, ast.Node):
                pending += node if isinstance(node, tuple) else ()
                continue
            if id(node) in seen:
                continue
            seen.add(id(node))
            fact, symbol = self.facts.calls.get(id(node)), self.facts.symbols.get(id(node))
            if fact is not None and fact.signature.kind != "action":
                if fact.signature.body == "python":
                    return True
                pending += [fact.signature.node.body] if isinstance(fact.signature.node, ast.FunctionDecl) else []
            if symbol is not None and symbol.kind in ("let", "const") and isinstance(symbol.node, ast.Let):
                pending.append(symbol.node.value)
            pending += [getattr(node, field) for field in type(node)._fields[2:]]
        return False

    def call(self, node: ast.Expr, fact: CallFact, head: ast.Call | None) -> Expr:
        signature = fact.signature
        document = self.facts.documents.get(id(node))
        if document is not None:
            from flowlang.compiler.lower.documents import render

            return render(self, document, fact.arguments[1][1], head)
        if signature.kind not in ("function", "test", "filter"):
            raise self.tables.refuse(f"`{signature.name}` has an effect and stands inside an expression", node)
        if signature.body == "native":
            given = {param.name: value for param, value in fact.arguments}
            found = by_name.spelled_out(self, signature.name, given, head)
            if found is not None:
                return found
        arguments = self.arguments(fact, head)
        if any(name == "soft" for name, _ in signature.annotations) and fact.arguments[0][1] is not None:
            arguments[0] = (arguments[0][0], self.softly(fact.arguments[0][1], head))
        if signature.body == "python":
            return ["python", signature.target, [[n, e] for n, e in arguments], self.tables.type(fact.result)]
        if signature.name == "string" and fact.arguments[0][1] is not None:  # as in a template: `30s`, not ISO text
            shown = fact.arguments[0][1]
            return ["text", [["show", arguments[0][1], self.tables.type(self.type_of(shown))]]]
        values = [e for _, e in arguments]
        if signature.body == "expression":
            return ["fn", self.tables.want("function", signature.name, signature.node), values]
        return ["call", signature.name, values]

    def arguments(self, fact: CallFact, head: ast.Call | None) -> list[tuple[str, Expr]]:
        """The arguments of a pure function. A question about a value sees it as it is inside: `30s is gt(20s)` compares
        lengths, not texts.
        """
        is_ours = fact.signature.file.startswith("stdlib/")
        name = fact.signature.name if is_ours else ""
        given = {param.name: value for param, value in fact.arguments}
        value, other = given.get("value"), given.get("other", given.get("seq"))
        if name in _COMPARISONS and value is not None and other is not None:
            both = self.as_compared(
                name, (self.raw(value, head), self.type_of(value)), (self.raw(other, head), self.type_of(other))
            )
            if both is not None:
                return [(param.name, each) for (param, _), each in zip(fact.arguments, both, strict=True)]
        asks = name.startswith("is_") or name == "string"
        is_tested = (
            "test" in given
            and value is not None
            and needs_edge(by_name.tested(_present(self.type_of(value)), given.get("attribute")))
        )
        return [
            (param.name, self.argument(param, each, head, asks or (is_tested and param.name == "argument")))
            for param, each in fact.arguments
        ]

    def as_compared(self, test: str, left: tuple[Expr, Type], right: tuple[Expr, Type]) -> list[Expr] | None:
        """Two values as a test compares them; null for one that does not compare."""
        kind = _COMPARISONS.get(test)
        if kind is None:
            return None
        (a, of), (b, other) = left, right
        item, whole = (_item(other), model.List(of)) if test == "is_in" else (other, of)
        return [self.compared(a, of, item, kind == "order"), self.compared(b, other, whole, kind == "order")]

    def compared(self, found: Expr, of: Type, beside: Type, by_order: bool) -> Expr:
        """A value that is compared with one of another type: beside an `any` a duration is text, and its order is that
        of lengths.
        """
        if by_order:
            is_read = isinstance(of, model.Any) and isinstance(_present(beside), model.Duration)
            return ["check", found, self.tables.type(model.WRITTEN_DURATION)] if is_read else found
        of = leaving(of, join(of, beside))
        return ["edge", found, self.tables.type(of)] if needs_edge(of) else found

    def argument(
        self, param: ParamSig, value: ast.Expr | None, head: ast.Call | None = None, inside: bool = False
    ) -> Expr:
        """An argument where it enters a parameter; the parameter's default where none is given. `inside`: as it is."""
        if value is None:
            return list(NOTHING) if param.default is None else self.lower(param.default)
        found = self.raw(value, head)
        if not inside:
            found = self.outward(value, found)
        wanted = self.check(value)
        return found if wanted is None else ["check", found, wanted]

    def filter(self, node: ast.Filter, head: ast.Call | None) -> Expr:
        return self.call(node, self.facts.calls[id(node)], head)

    def test(self, node: ast.Test, head: ast.Call | None) -> Expr:
        name = node.name.name
        if name in PRESENCE:
            found = self.presence(name, node.value, head)
        else:
            found = self.call(node, self.facts.calls[id(node)], head)
        return ["not", found] if node.negated else found

    def presence(self, name: str, value: ast.Expr, head: ast.Call | None) -> Expr:
        """`is none`: null or absent; `is defined`: whether the key is there, for a name whether it has a value."""
        if name != "none":
            there = self.has(value, head)
            return there if name == "defined" else ["not", there]
        return ["compare", self.softly(value, head), [["==", list(NOTHING)]]]

    def has(self, value: ast.Expr, head: ast.Call | None) -> Expr:
        match value:
            case ast.Attribute():
                found = self.attribute(value, head)
                if found[0] in ("attr", "soft"):
                    return ["has", self.softly(value.value, head), ["lit", value.name.name]]
                return ["compare", found, [["!=", list(NOTHING)]]]
            case ast.Index(value=base, index=index):
                return ["has", self.softly(base, head), self.lower(index, head)]
        return ["compare", self.lower(value, head), [["!=", list(NOTHING)]]]


_UNTYPED: Final = {
    "+": "add_any",
    "-": "sub_any",
    "*": "mul_any",
    "/": "div_any",
    "//": "floordiv_any",
    "%": "mod_any",
    "**": "pow_any",
}


def _present(of: Type) -> Type:
    """A type without none, for a question about what is there."""
    if isinstance(of, model.Union) and is_optional(of):
        rest = tuple(m for m in of.members if not isinstance(m, model.NoneType))
        return rest[0] if len(rest) == 1 else model.Union(rest)
    return of


def _item(of: Type) -> Type:
    """The type of a list's items; any of what else there may be."""
    of = _present(of)
    return of.item if isinstance(of, model.List) else model.ANY


def holds_secret(of: Type) -> bool:
    """Whether a value of the type has a secret in it."""
    match of:
        case model.Secret():
            return True
        case model.List(item=inner) | model.Map(value=inner):
            return holds_secret(inner)
        case model.RecordOf(fields=fields):
            return any(holds_secret(field.type) for field in fields)
        case model.Union(members=members):
            return any(holds_secret(m) for m in members)
    return False
