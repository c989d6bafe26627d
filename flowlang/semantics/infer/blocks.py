"""Blocks: what `if`, `match`, `for`, `parallel`, `sequence`, `race`, `repeat` give, and what is known inside them."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.bodies import Place, check_body, has_broken
from flowlang.semantics.infer.cases import check_case_expression
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Wanted
from flowlang.semantics.infer.narrowing import condition, doubt, equals_any, is_none_literal, literal_of
from flowlang.semantics.infer.operations import overlap, unnarrowed, value_among
from flowlang.semantics.infer.structures import loop_scope
from flowlang.semantics.presence import negate
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Scope
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types import narrow
from flowlang.types.assign import is_optional
from flowlang.types.join import base, join_all, members, optional
from flowlang.types.model import NEVER, NONE, Bool, Field, List, LiteralOf, NoneType, RecordOf
from flowlang.types.show import show, show_literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final

    from flowlang.semantics.infer.bodies import Outcome
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

    Goal = tuple[Type, Wanted] | None


NONE_KEY: Final[tuple[str, object]] = ("none", None)


def infer_block(c: Inference, node: ast.Block, goal: Goal) -> Type:
    """The type of a block's value; `goal` is what it is wanted to be, pushed into its yields."""
    found = c.types[id(node)] = _BLOCKS[type(node)](c, node, goal)
    return c.fit(node, found, *goal) if goal is not None else found


def _value(outcome: Outcome, goal: Goal = None) -> Type:
    """What a branch gives: none without a yield, nothing at all if it always fails, and what is wanted once it was
    checked against that.
    """
    if outcome.fails:
        return NEVER
    if outcome.value is None:
        return NONE
    return outcome.value if goal is None else goal[0]


def _joined(c: Inference, bodies: list[ast.Body], outcomes: list[Outcome], rest: list[Type], goal: Goal) -> Type:
    """The join of branches, and of what is if none runs. A branch that forgets its `yield` is reported, and counts for
    nothing.
    """
    if all(outcome.value is None for outcome in outcomes):
        if any(has_broken(body) for body in bodies):
            return POISON  # which may have been its `yield`
        return NEVER if not rest and all(outcome.fails for outcome in outcomes) else NONE
    values: list[Type] = []
    is_given = any(isinstance(each, ast.Yield) for body in bodies for each in body.statements)
    for body, outcome in zip(bodies, outcomes, strict=True):
        if outcome.value is None and not outcome.fails:
            if is_given and not has_broken(body):  # a broken statement may have been a `yield`, and need not
                at = Span(c.file.path, body.end - 1, body.end)
                message = "this branch ends without a `yield`, and others have one"
                c.reporter.report("missing-yield", message, at, "give its value: `yield …`, or `yield none`")
        else:
            values.append(_value(outcome, goal))
    found = join_all([*values, *rest])
    return found if goal is not None else c.met(found, yielded(bodies), bodies[-1])


def yielded(bodies: Iterable[ast.Body]) -> list[ast.Expr]:
    """What bodies yield, each at its end."""
    return [each.value for body in bodies for each in body.statements if isinstance(each, ast.Yield)]


def join_results(c: Inference, node: ast.Step | ast.Do, given: Type, whole: Type) -> Type:
    """What a step's value of a type, or its handlers' yields instead, becomes a part of."""
    c.settle(node, given, whole)
    yields = yielded(clause.body for clause in node.clauses if isinstance(clause, ast.Catch))
    return c.met(whole, yields, node.value)


def _if(c: Inference, node: ast.If, goal: Goal) -> Type:
    outcomes: list[Outcome] = []
    before = c.mark()
    for branch in node.branches:
        c.pure_place = "a condition"
        known = condition(c, branch.condition)
        mark = c.mark()
        c.learn(known.true, known.formula)
        outcomes.append(check_body(c, branch.body, Scope(c.scope), Place("branch", goal)))
        c.restore(mark)
        c.learn(known.false, negate(known.formula))
    bodies = [branch.body for branch in node.branches]
    if node.otherwise is not None:
        outcomes.append(check_body(c, node.otherwise, Scope(c.scope), Place("branch", goal)))
        bodies.append(node.otherwise)
    c.restore(before)
    return _joined(c, bodies, outcomes, [] if node.otherwise is not None else [NONE], goal)


def _match(c: Inference, node: ast.Match, goal: Goal) -> Type:
    c.pure_place = "a `match`"
    subject = c.infer(node.subject)
    whole = unnarrowed(c, node.subject, subject)
    seen: dict[tuple[str, object], ast.Node] = {}
    outcomes: list[Outcome] = []
    rest: list[Type] = []
    named: list[LiteralOf] = []
    meant: set[object] = set()
    names_none = is_mistaken = is_whole_by_name = False
    impossible = 0
    for case in node.cases:
        before = len(c.reporter.found)
        literals, with_none = _case_values(c, node, case, subject, whole, seen, meant)
        is_whole_by_name = is_whole_by_name or _is_catch_all(c, case)
        is_whole = len(literals) + with_none == len(case.values) or len(c.reporter.found) > before
        never = sum(found.rule == "impossible-case" for found in c.reporter.found[before:])
        impossible += never
        mark = c.mark()
        known = equals_any(c, node.subject, literals, with_none, only_true=True)
        if subject is POISON or never:
            c.learn({}, doubt(c))  # which value was meant is not known
        elif is_whole:
            c.learn(known.true, known.formula)
        outcomes.append(check_body(c, case.body, Scope(c.scope), Place("branch", goal)))
        c.restore(mark)
        named += literals
        is_mistaken = is_mistaken or any(c.types.get(id(value)) is POISON for value in case.values)
        names_none = names_none or with_none
    c.alike([node.subject, *(value for case in node.cases for value in case.values)])
    left = narrow.remove_literals(subject, tuple(named))
    left = narrow.without_none(left) if names_none else left
    entered = c.mark()
    bodies = [case.body for case in node.cases]
    if node.otherwise is not None:
        known = equals_any(c, node.subject, named, names_none)
        c.learn(known.false, negate(known.formula) if subject is not POISON else doubt(c))
        outcomes.append(check_body(c, node.otherwise, Scope(c.scope), Place("branch", goal)))
        bodies.append(node.otherwise)
        if left == NEVER and subject != NEVER:
            c.report("unreachable-case", "every value has its `case`: this `else` never runs", node.otherwise)
    elif left != NEVER:
        if not is_mistaken:
            _inexhaustive(c, node, subject, left, meant, impossible)
        rest = [] if subject is POISON or is_whole_by_name or _is_enumerable(subject) else [NONE]
    c.restore(entered)
    return _joined(c, bodies, outcomes, rest, goal)


def _is_catch_all(c: Inference, case: ast.Case) -> bool:
    """Whether a case is that of other languages for all that is left: `case _`."""
    value = case.values[0]
    is_alone = len(case.values) == 1 and isinstance(value, ast.Name) and value.name in ("_", "default")
    return is_alone and isinstance(value, ast.Name) and c.scope.find(value.name) is None


def _case_values(
    c: Inference,
    node: ast.Match,
    case: ast.Case,
    subject: Type,
    whole: Type,
    seen: dict[tuple[str, object], ast.Node],
    meant: set[object],
) -> tuple[list[LiteralOf], bool]:
    """The literals of a case, and whether none is among them; repeated and impossible ones are reported, and what an
    impossible one is a misspelling of is added to `meant`. `whole`: the type of the subject before what is known here.
    """
    literals: list[LiteralOf] = []
    with_none = False
    if _is_catch_all(c, case):
        fix = Fix("write `else`", (Edit(Span(c.file.path, case.start, case.values[0].end), "else"),))
        message = "nothing here is called `_`"
        c.reporter.report("unknown-name", message, case.values[0], "what no `case` names is `else { … }`", fixes=(fix,))
        c.types[id(case.values[0])] = POISON
        return [], False
    for value in case.values:
        found = value_among(c, value, node.subject, whole)
        literal = literal_of(value)
        if is_none_literal(value):
            key = NONE_KEY
        elif literal is not None:
            key = (literal.kind, literal.value)
        else:
            check_case_expression(c, node, value, whole, found)
            continue
        if key in seen:
            c.report(
                "duplicate-case",
                f"`{c.text(value)}` has a `case` already",
                value,
                "",
                (c.reporter.related("the first is here", seen[key]),),
            )
            continue
        if literal is not None:
            literals.append(literal)
        with_none = with_none or literal is None
        if not overlap(whole, found) or (
            with_none and literal is None and not is_optional(subject) and _is_enumerable(subject)
        ):
            from flowlang.semantics.suggest import closest

            known = [m.value for m in members(subject) if isinstance(m, LiteralOf) and isinstance(m.value, str)]
            help = ""
            if literal is not None and isinstance(literal.value, str):
                help = c.reporter.near(literal.value, known)
                meant.update(closest(literal.value, known) if c.reporter.is_suggesting else ())
            c.report(
                "impossible-case", f"`{c.text(node.subject)}` is {show(subject)} and never {c.text(value)}", value, help
            )
        seen.setdefault(key, value)
    return literals, with_none


def _is_enumerable(of: Type) -> bool:
    return all(isinstance(m, (LiteralOf, Bool, NoneType)) for m in members(of))


def _inexhaustive(
    c: Inference, node: ast.Match, subject: Type, left: Type, meant: set[object], impossible: int
) -> None:
    """Report what no case names, unless as many cases name what cannot be: those were meant for it."""
    if not _is_enumerable(subject):
        return
    missing = []
    for each in members(left):
        if isinstance(each, LiteralOf) and each.value in meant:
            continue  # its case is there, misspelt
        if isinstance(each, Bool):
            missing += ["true", "false"]
        else:
            missing.append("none" if not isinstance(each, LiteralOf) else show_literal(each.value))
    if len(missing) <= impossible:
        return
    listed = ", ".join(f"`{each}`" for each in missing)
    message = f"`{c.text(node.subject)}` may also be {listed}, which no `case` names"
    c.report("inexhaustive-match", message, node.subject, "add the missing cases, or an `else`")


def _for(c: Inference, node: ast.For, goal: Goal) -> Type:
    c.pure_place = "the list of a `for`"
    scope = loop_scope(c, node.names, node.iterable, node.body)
    item: Goal = None
    if goal is not None:
        lists = [m for m in members(goal[0]) if isinstance(m, List)]
        if len(lists) == 1:
            item = (lists[0].item, Wanted(f"an item of {goal[1].what}", goal[1].related))
    outcome = check_body(c, node.body, scope, Place("for", item))
    if outcome.value is None and not outcome.fails:
        return _without_yield(c, node, goal)
    over = c.types.get(id(node.iterable))
    if over is POISON:
        return POISON  # how many there are is not known
    if isinstance(over, List):
        return c.composed(List(_value(outcome, item), over.min_length, over.max_length), node.iterable)
    return c.composed(List(_value(outcome, item)), node.iterable)


def _without_yield(c: Inference, node: ast.For, goal: Goal) -> Type:
    """What a `for` gives that yields nothing; a broken statement may have been its `yield`."""
    if has_broken(node.body):
        return POISON
    if goal is None or not isinstance(goal[0], List):
        return NONE
    at = Span(c.file.path, node.body.end - 1, node.body.end)
    message = f"this `for` yields nothing, and {goal[1].what} takes {show(goal[0])}"
    c.reporter.report("missing-yield", message, at, "end its body with an item: `yield …`", goal[1].related)
    return POISON


def _together(c: Inference, node: ast.Parallel | ast.Sequence, goal: Goal) -> Type:
    """The yield, or the record of the named steps."""
    kind = "parallel" if isinstance(node, ast.Parallel) else "sequence"
    has_yield = any(isinstance(statement, ast.Yield) for statement in node.body.statements)
    outcome = check_body(c, node.body, Scope(c.scope), Place(kind, goal if has_yield else None))
    if outcome.fails:
        return NEVER
    if outcome.value is not None:
        return outcome.value
    fields = []
    for statement in node.body.statements:
        if isinstance(statement, ast.Step):
            binding = outcome.scope.names[statement.name.name]
            type_ = binding.type if binding.type is not None else POISON
            fields.append(Field(statement.name.name, type_ if c.is_present(binding) else optional(type_)))
    return c.composed(RecordOf("", tuple({field.name: field for field in fields}.values())), node)


def _race(c: Inference, node: ast.Race, goal: Goal) -> Type:
    outcome = check_body(c, node.body, Scope(c.scope), Place("race"))
    values: list[Type] = []
    racing: list[ast.Step | ast.Do] = []
    surely = False
    for statement in node.body.statements:
        if isinstance(statement, ast.Step):
            binding = outcome.scope.names[statement.name.name]
            racing.append(statement)
            values.append(binding.type if binding.type is not None else POISON)
            surely = surely or c.is_present(binding)
        elif isinstance(statement, ast.Do):
            racing.append(statement)
            values.append(c.types.get(id(statement), NONE))
            surely = surely or not any(isinstance(clause, ast.When) for clause in statement.clauses)
    if not values:
        return NONE
    found = join_all(values)
    for each, value in zip(racing, values, strict=True):
        if join_results(c, each, value, found) is POISON:
            return POISON
    return found if surely else optional(found)


def _repeat(c: Inference, node: ast.Repeat, goal: Goal) -> Type:
    c.pure_place = "the start of a `repeat`"
    name = node.name.name
    if node.type is not None:
        declared = c.resolve_type(node.type)
        wanted = Wanted(f"`{name}`", (c.reporter.related(f"the type of `{name}` is declared here", node.type),))
        c.expect(node.initial, declared, wanted)
        round_type = declared
    else:
        initial = c.infer(node.initial)
        round_type = List(POISON) if initial == List(NEVER) else base(initial)
        wanted = Wanted(
            f"the next `{name}`", (c.reporter.related(f"`{name}` begins as {show(round_type)}", node.initial),)
        )
    scope = Scope(c.scope)
    declare(c, scope, node.name, "round", node.name, round_type)
    c.facts.symbols[id(node)] = scope.names[name].symbol
    item: Goal = None
    if goal is not None:
        lists = [m for m in members(goal[0]) if isinstance(m, List)]
        item = (lists[0].item, Wanted(f"an item of {goal[1].what}", goal[1].related)) if len(lists) == 1 else None
    following = (optional(round_type), Wanted(f"the next `{name}`", wanted.related))
    outcome = check_body(c, node.body, scope, Place("repeat", item, following))
    if outcome.value is None and not outcome.fails:
        if has_broken(node.body):
            return POISON
        c.report(
            "missing-next",
            "a round of `repeat` says what comes next",
            node.name,
            f"end the body with `yield value next next_{name}`",
        )
        return POISON
    return c.composed(List(_value(outcome, item)), node.name)


_BLOCKS: Final[dict[type, Callable[[Inference, Any, Goal], Type]]] = {
    ast.If: _if,
    ast.Match: _match,
    ast.For: _for,
    ast.Parallel: _together,
    ast.Sequence: _together,
    ast.Race: _race,
    ast.Repeat: _repeat,
}
