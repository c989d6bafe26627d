"""What is known where a condition holds, and where it does not: narrowed types by path, and the condition's presence
formula.

Understood: truthiness, `is none`, `is defined`, tests for a kind, `==`, `!=`, `in`, `not in` with literals, a
discriminating field, dotted paths, `and or not`, and lets that stand for such conditions. Every other condition is an
opaque atom: the same text under the same names is the same condition. `x is not none`, where step x's own type has no
none, is x's presence formula itself.
"""

from __future__ import annotations

from flowlang.record import Record, is_same, new
from flowlang.semantics.presence import DOUBT, FALSE, NONE_VALUE, TRUE, all_of, is_large, negate, some_of
from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types import narrow
from flowlang.types.assign import is_optional
from flowlang.types.join import join, members
from flowlang.types.model import ANY, NEVER, SECRET_ANY, Bool, LiteralOf, Map, Never, NoneType, RecordOf, Union

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from flowlang.semantics.infer.engine import Inference, Path
    from flowlang.semantics.presence import Formula
    from flowlang.semantics.scopes import Binding
    from flowlang.types.model import Type

    Known = dict[Path, Type]


class Assumption(Record):
    """A condition: what is known where it is true and where it is false, and its formula."""

    __slots__ = ()

    true: Known
    false: Known
    formula: Formula


NOTHING: Final[Known] = {}
ALWAYS: Final = Assumption(NOTHING, NOTHING, TRUE)
NEVER_HOLDS: Final = Assumption(NOTHING, NOTHING, FALSE)


def condition(c: Inference, node: ast.Expr) -> Assumption:
    """Infer a condition and say what follows from it. One that is the same at every run is noted; after one with a
    mistake nothing is certain.
    """
    before = len(c.reporter.found)
    c.asked.append(node)
    c.infer(node)
    if len(c.reporter.found) > before:
        is_mistaken = any(found.rule not in ABSENCE for found in c.reporter.found[before:])
        c.forgives = not is_mistaken
        known = assume(c, node)
        c.forgives = False
        if is_mistaken:
            known = c.assumptions[id(node)] = known.replace(formula=all_of([known.formula, doubt(c)]))
            return known
    else:
        known = assume(c, node)
    answer = c.premises.tell(known.formula)
    if answer != "maybe" and not c.premises.is_doubtful() and not c.atoms.is_doubtful(known.formula):
        c.facts.constant[id(node)] = answer == "always"
    return known


ABSENCE: Final = frozenset(("maybe-none", "maybe-absent", "none-in-template"))
"""Mistakes that leave a condition's meaning whole."""


def doubt(c: Inference) -> Formula:
    """The formula of a condition with a mistake: where it is a premise, nothing may be said about what is absent."""
    return c.atoms.atom(DOUBT, "truthy")


def assume(c: Inference, node: ast.Expr) -> Assumption:
    """What follows from an inferred condition."""
    found = c.assumptions.get(id(node))
    if found is None:
        found = c.assumptions[id(node)] = _assume(c, node)
    return found


def path_of(c: Inference, node: ast.Expr) -> Path | None:
    """The path of an expression: a name with constant keys and indexes; null if it is something else."""
    if type(node) is ast.Name:
        binding = c.scope.find(node.name)
        return None if binding is None else binding.path
    if type(node) is ast.Attribute:
        key: str | int | None = node.name.name
    elif type(node) is ast.Index:
        key = constant_key(node.index)
    else:
        return None
    holder = path_of(c, node.value) if key is not None else None
    return None if holder is None else (*holder, key)


def constant_key(node: ast.Expr) -> str | int | None:
    """The constant text or int of an index."""
    if isinstance(node, ast.Text):
        return node.value
    if isinstance(node, ast.Literal) and type(node.value) is int:
        return node.value
    return None


def literal_of(node: ast.Expr) -> LiteralOf | None:
    """The literal that an expression is, none aside."""
    if isinstance(node, ast.Text):
        return new(LiteralOf, (node.value, "string"))
    if isinstance(node, ast.Literal) and node.value is not None:
        return LiteralOf(node.value, type(node.value).__name__)
    if isinstance(node, ast.Unary) and node.operator == "-" and isinstance(node.operand, ast.Literal):
        value = node.operand.value
        if type(value) is int or type(value) is float:
            return LiteralOf(-value, type(value).__name__)
    return None


def is_none_literal(node: ast.Expr) -> bool:
    """Whether an expression is `none`."""
    return isinstance(node, ast.Literal) and node.value is None


def equals_any(
    c: Inference, subject: ast.Expr, literals: list[LiteralOf], with_none: bool = False, only_true: bool = False
) -> Assumption:
    """`subject in [literals…]`, as a `case` and `==` mean it too. `only_true`: what follows from its falsehood is not
    asked.
    """
    kinds = tuple(literals)
    path = path_of(c, subject)
    if path is None:
        atoms: list[Formula] = [c.atoms.atom(subject, "eq", _value(one)) for one in literals]
        if with_none:
            atoms.append(c.atoms.atom(subject, "none"))
        return Assumption(NOTHING, NOTHING, some_of(atoms))
    of = c.types.get(id(subject), ANY)
    kept = narrow.keep_literals(of, kinds)
    if with_none:
        kept = join(kept, narrow.only_none(of))
    _learn_domain(c, path, of)
    parts = [_equals(c, path, of, one) for one in literals]
    if with_none:
        parts.append(negate(_is_there(c, subject, path, of)))
    formula = some_of(parts)
    binding = _root(c, subject)
    if binding is not None and not with_none:
        formula = all_of([binding.presence, formula])
    known = _known(c, subject, path, kept, lambda t: narrow.keep_literals(t, kinds), only_unions=True)
    if only_true:
        return Assumption(known, NOTHING, formula)
    left = narrow.remove_literals(of, kinds)
    if with_none:
        left = narrow.without_none(left)
    otherwise = _known(c, subject, path, left, lambda t: narrow.remove_literals(t, kinds), only_unions=True)
    return Assumption(known, otherwise, formula)


def _assume(c: Inference, node: ast.Expr) -> Assumption:
    if _has_mistake(c, node):
        return Assumption(NOTHING, NOTHING, doubt(c))
    handler = _CONDITIONS.get(type(node))
    found = handler(c, node) if handler is not None else None
    return found if found is not None else Assumption(NOTHING, NOTHING, c.atoms.atom(node, "truthy"))


def _has_mistake(c: Inference, node: ast.Expr) -> bool:
    """Whether what a condition asks about was reported."""
    types = c.types
    if c.forgives:
        return False
    if type(node) is ast.Template:
        return True  # a text, where a condition was meant
    if type(node) is ast.Compare:
        return types.get(id(node.first)) is POISON or any(types.get(id(link.operand)) is POISON for link in node.rest)
    return types.get(id(node)) is POISON or (type(node) is ast.Test and types.get(id(node.value)) is POISON)


def _literal(c: Inference, node: ast.Literal | ast.Text) -> Assumption:
    return ALWAYS if node.value else NEVER_HOLDS


def _not(c: Inference, node: ast.Unary) -> Assumption | None:
    if node.operator != "not":
        return None
    inner = assume(c, node.operand)
    return Assumption(inner.false, inner.true, negate(inner.formula))


def _logic(c: Inference, node: ast.Logic) -> Assumption:
    left, right = assume(c, node.left), assume(c, node.right)
    if node.operator == "and":
        formula = _opaque(c, node, all_of([left.formula, right.formula]))
        return Assumption(_both(left.true, right.true), _either(left.false, right.false, left.true), formula)
    formula = _opaque(c, node, some_of([left.formula, right.formula]))
    return Assumption(_either(left.true, right.true, left.false), _both(left.false, right.false), formula)


def _opaque(c: Inference, node: ast.Logic, formula: Formula) -> Formula:
    """The formula of a condition, unless it is large: then it is one atom."""
    return c.atoms.atom(node, "truthy") if is_large(formula) else formula


def _both(first: Known, second: Known) -> Known:
    if not first or not second:
        return first or second
    return {**first, **second}


def _either(first: Known, second: Known, before_second: Known) -> Known:
    """What is known if one of two is: only paths that both say something about; the second was asked after
    `before_second`.
    """
    if not first:
        return NOTHING
    found: Known = {}
    for path, type_ in first.items():
        other = second.get(path, before_second.get(path))
        if other is not None:
            found[path] = join(type_, other)
    return found


def _compare(c: Inference, node: ast.Compare) -> Assumption | None:
    if len(node.rest) != 1:
        return None
    link = node.rest[0]
    left, right = node.first, link.operand
    if link.operator in ("==", "!="):
        if literal_of(left) is not None or is_none_literal(left):
            left, right = right, left
        literal = literal_of(right)
        if literal is not None:
            found: Assumption | None = equals_any(c, left, [literal])
        elif is_none_literal(right):
            found = _flip(_presence(c, left))
        else:
            found = None
        return _flip(found) if link.operator == "!=" else found
    if link.operator in ("in", "not in") and isinstance(right, ast.List):
        literals = [literal_of(item) for item in right.items]
        if all(one is not None or is_none_literal(item) for one, item in zip(literals, right.items, strict=True)):
            given = [one for one in literals if one is not None]
            found = equals_any(c, left, given, with_none=len(given) < len(literals))
            return _flip(found) if link.operator == "not in" else found
    return None


def _flip(found: Assumption | None) -> Assumption | None:
    return None if found is None else new(Assumption, (found.false, found.true, negate(found.formula)))


def _test(c: Inference, node: ast.Test) -> Assumption | None:
    name = node.name.name
    if name in ("none", "defined", "undefined"):
        there = _presence(c, node.value)
        if name != "none" and _may_hold_null(c, node.value):  # there, and null all the same
            there = Assumption(NOTHING, there.false, c.atoms.atom(node.value, "defined"))
        return there if (name == "defined") is not node.negated else _flip(there)
    path = path_of(c, node.value)
    of = c.types.get(id(node.value), ANY)
    if path is None or narrow.by_test(of, name, negated=False) is of:
        return None if not node.negated else _flip(_positive(c, node))
    found = Assumption(
        _known(c, node.value, path, narrow.by_test(of, name, negated=False), None),
        _known(c, node.value, path, narrow.by_test(of, name, negated=True), None),
        c.atoms.atom(node.replace(negated=False), "truthy"),
    )
    return _flip(found) if node.negated else found


def _positive(c: Inference, node: ast.Test) -> Assumption:
    return Assumption(NOTHING, NOTHING, c.atoms.atom(node.replace(negated=False), "truthy"))


def _may_hold_null(c: Inference, node: ast.Expr) -> bool:
    """Whether a member that is there may be null: `is defined` asks for the key, not for the value."""
    if not isinstance(node, (ast.Attribute, ast.Index)):
        return False
    of = narrow.without_none(c.types.get(id(node.value), ANY))
    return not isinstance(of, Map) or is_optional(of.value)


def _presence(c: Inference, node: ast.Expr) -> Assumption:
    """`node is not none`."""
    path = path_of(c, node)
    if path is None:
        return Assumption(NOTHING, NOTHING, negate(c.atoms.atom(node, "none")))
    of = c.types.get(id(node), ANY)
    there = _known(c, node, path, narrow.without_none(of), narrow.without_none)
    absent = _known(c, node, path, narrow.only_none(of), narrow.only_none)
    return new(Assumption, (there, absent, _is_there(c, node, path, of)))


def _is_there(c: Inference, node: ast.Expr, path: Path, of: Type) -> Formula:
    """The formula of `is not none`: of a step without none of its own, its presence."""
    binding = _root(c, node)
    if binding is not None and binding.type is not None:
        if not is_optional(binding.type) and binding.type not in (ANY, SECRET_ANY):
            return binding.presence
        _learn_domain(c, path, of)
        return all_of([binding.presence, negate(c.atoms.atom(path, "none"))])
    _learn_domain(c, path, of)
    return negate(c.atoms.atom(path, "none"))


def _truthy(c: Inference, node: ast.Name | ast.Attribute | ast.Index) -> Assumption | None:
    if isinstance(node, ast.Name):
        binding = c.scope.find(node.name)
        if binding is not None and binding.value is not None and binding.path == (node.name,):
            stands_for = c.assumptions.get(id(binding.value))
            if stands_for is not None:
                return stands_for
    path = path_of(c, node)
    if path is None:
        return None
    of = c.types.get(id(node), ANY)
    formula = _truthy_formula(c, node, path, of)
    return Assumption(
        _known(c, node, path, narrow.truthy(of), narrow.truthy),
        _known(c, node, path, narrow.falsy(of), narrow.falsy),
        formula,
    )


def _truthy_formula(c: Inference, node: ast.Expr, path: Path, of: Type) -> Formula:
    binding = _root(c, node)
    if binding is not None and binding.type is not None:
        if narrow.falsy(binding.type) == NEVER:
            return binding.presence
        return all_of([binding.presence, c.atoms.atom(path, "truthy")])
    _learn_domain(c, path, of)
    return c.atoms.atom(path, "truthy")


def _root(c: Inference, node: ast.Expr) -> Binding | None:
    """The binding of a bare name whose path is its own."""
    if not isinstance(node, ast.Name):
        return None
    binding = c.scope.find(node.name)
    return binding if binding is not None and len(binding.path) == 1 else None


def _value(literal: LiteralOf) -> tuple[str, object]:
    return ("number" if literal.kind in ("int", "float") else literal.kind, literal.value)


def _equals(c: Inference, path: Path, of: Type, literal: LiteralOf) -> Formula:
    if literal.kind == "bool" and all(isinstance(m, Bool) for m in members(of)):
        atom = c.atoms.atom(path, "truthy")
        return atom if literal.value else negate(atom)
    return c.atoms.atom(path, "eq", _value(literal))


def _learn_domain(c: Inference, path: Path, of: Type) -> None:
    """Note which literals a path can be, if its type says so and nothing has narrowed it here."""
    number = c.atoms.path(path)
    if number in c.atoms.domains or (c.narrowed and any(path[:n] in c.narrowed for n in range(1, len(path) + 1))):
        return
    if all(isinstance(m, (LiteralOf, NoneType)) for m in members(of)):
        c.atoms.domains[number] = frozenset(_value(m) if isinstance(m, LiteralOf) else NONE_VALUE for m in members(of))


def _known(
    c: Inference,
    node: ast.Expr,
    path: Path,
    of: Type,
    on_field: Callable[[Type], Type] | None,
    only_unions: bool = False,
) -> Known:
    """A path's narrowed type, and what follows for the value that it is a field of (literals choose among the records
    of a union).
    """
    old = c.types.get(id(node))
    kind = type(of)
    if of is old or kind is Never or old is None or (kind is type(old) and is_same(of, old)):
        return NOTHING
    known: Known = {path: of}
    if isinstance(node, (ast.Attribute, ast.Index)) and len(path) > 1:
        holder = c.types.get(id(node.value), ANY)
        inner = holder
        if isinstance(node, ast.Attribute) and node.optional and not is_optional(of):
            inner = narrow.without_none(holder)
        if on_field is not None and isinstance(path[-1], str) and _has_records(inner, only_unions):
            inner = narrow.by_field(inner, path[-1], on_field)
        if inner is not holder and not isinstance(inner, (Never, NoneType)):
            known[path[:-1]] = inner
    return known


def _has_records(of: Type, only_unions: bool) -> bool:
    return (isinstance(of, RecordOf) and not only_unions) or (
        isinstance(of, Union) and any(isinstance(m, RecordOf) for m in of.members)
    )


_CONDITIONS: Final[dict[type, Callable[[Inference, Any], Assumption | None]]] = {
    ast.Literal: _literal,
    ast.Text: _literal,
    ast.Unary: _not,
    ast.Logic: _logic,
    ast.Compare: _compare,
    ast.Test: _test,
    ast.Name: _truthy,
    ast.Attribute: _truthy,
    ast.Index: _truthy,
}
