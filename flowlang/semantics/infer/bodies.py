"""Bodies: the names a scope declares, the order in which its statements are looked at, what each must wait for, its
yield.

References make the order: statements are inferred after what they refer to, whatever the order of lines. `needs`
holds, per statement, the steps of the same scope it waits for, through lets and out of inner blocks. A yield or
return is looked at last.
"""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.record import Record, new
from flowlang.semantics.facts import Symbol
from flowlang.semantics.graph import order
from flowlang.semantics.infer.absence import BLOCK_WORDS
from flowlang.semantics.infer.around import inner_step, path_to
from flowlang.semantics.infer.chains import chain_head
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Wanted
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Binding, Scope
from flowlang.semantics.uses import name_nodes
from flowlang.syntax import ast
from flowlang.types.model import Never

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from flowlang.semantics.infer.course import Course
    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type


class Place(Record):
    """What a body is: 'flow', 'flow handler', 'branch', 'for', 'parallel', 'sequence', 'race', 'repeat', 'handler',
    'undo'; and what its value is wanted to be.
    """

    __slots__ = ()

    kind: str
    wanted: tuple[Type, Wanted] | None = None
    next: tuple[Type, Wanted] | None = None


class Outcome(Record):
    """What a body gives: the type of its yield (null: it has none), whether it always fails, and its scope."""

    __slots__ = ()

    value: Type | None
    fails: bool
    scope: Scope


STATEMENTS: Final[dict[type, Callable[[Inference, Any], Type | None]]] = {}
"""Steps, `do`s and lets, filled by `clauses`: each gives the type of its value."""
_NAMED: Final = (ast.Step, ast.Let)
_RUN: Final = (ast.Step, ast.Do)
_ORDERED: Final = (ast.Step, ast.Do, ast.Let)


def check_body(c: Inference, node: ast.Body, scope: Scope, place: Place) -> Outcome:
    """Infer the statements of a body in the order of their dependencies."""
    outer, c.scope = c.scope, scope
    course = c.course if place.kind == "flow" else None
    if course is None and len(node.statements) == 1 and type(node.statements[0]) is ast.Yield:
        value: Type | None = _yield(c, node.statements[0], place, None, False)
        c.scope = outer
        return new(Outcome, (value, isinstance(value, Never), scope))
    mark = c.mark()
    if course is not None:
        course.declare()
    _declare(c, node, scope, place)
    _keys(c, node)
    statements = _ordered(c, node, place)
    if course is not None:
        course.enter(scope)
    fails = False
    ends: list[ast.Yield | ast.Return] = []
    for statement in statements:
        handler = STATEMENTS.get(type(statement))
        if handler is not None:
            found = handler(c, statement) if course is None else course.value(c, statement, handler)
            fails = fails or isinstance(found, Never)
        elif isinstance(statement, (ast.Yield, ast.Return)):
            ends.append(statement)
        elif isinstance(statement, ast.Ensure) and place.kind != "flow":
            _misplaced_ensure(c, statement)
    value = _end(c, ends, place, place.kind == "repeat" and has_broken(node), course)
    if course is not None:
        course.leave(c)
    if value is None and has_broken(node):
        value = POISON  # what did not parse may be its end
    c.restore(mark)
    c.scope = outer
    return new(Outcome, (value, fails or isinstance(value, Never), scope))


def _declare(c: Inference, node: ast.Body, scope: Scope, place: Place) -> None:
    for statement in node.statements:
        if isinstance(statement, (ast.Step, ast.Let)):
            kind = "step" if isinstance(statement, ast.Step) else "let"
            declare(c, scope, statement.name, kind, statement, None)
        elif isinstance(statement, ast.Broken) and statement.name is not None and statement.name not in scope.names:
            scope.names[statement.name] = Binding(Symbol(statement.name, "broken", statement, c.file.path, ""))


def has_broken(node: ast.Body) -> bool:
    """Whether a statement of a body did not parse: what is missing there may be in it."""
    return any(isinstance(statement, ast.Broken) for statement in node.statements)


# ---- keys


def _keys(c: Inference, node: ast.Body) -> None:
    """A step's key is its name; a `do`'s the last name of its callee, a block's its word and ordinal, each made unique
    in its scope. One that paths have a meaning for gets a `_`.
    """
    keys = c.facts.keys
    taken = {statement.name.name for statement in node.statements if isinstance(statement, ast.Step)}
    counts: dict[str, int] = {}
    for statement in node.statements:
        if isinstance(statement, ast.Step):
            key = statement.name.name
            while _is_part(key) or (key != statement.name.name and key in taken):
                key += "_"
            taken.add(key)
            keys[id(statement)] = key
        elif isinstance(statement, ast.Do):
            word = BLOCK_WORDS.get(type(statement.value))
            stem = word or callee_word(statement.value) or "do"  # type: ignore[arg-type]
            key = stem
            while True:
                counts[stem] = number = counts.get(stem, 0) + 1
                key = f"{stem}_{number}" if word is not None or number > 1 or stem == "do" else stem
                if key not in taken and not _is_part(key):
                    break
            taken.add(key)
            keys[id(statement)] = key


def _is_part(key: str) -> bool:
    """Whether a path has such a part of its own: what a step's undo or its handlers did is beneath it."""
    return key == "undo" or (key.startswith("catch") and key[5:].isdecimal())


def callee_word(value: ast.Expr) -> str:
    """The last name of the callee at the head of an expression; '' if there is none."""
    head = chain_head(value)
    if head is None:
        return ""
    callee = head.callee
    return (
        callee.name.name if isinstance(callee, ast.Attribute) else callee.name if isinstance(callee, ast.Name) else ""
    )


# ---- order


def _ordered(c: Inference, node: ast.Body, place: Place) -> list[ast.Statement]:
    """The statements so that each comes after what it refers to; notes what each waits for."""
    statements = list(node.statements)
    names = c.scope.names  # one that is declared twice is the first's
    index = {
        s.name.name: i
        for i, s in enumerate(statements)
        if isinstance(s, _NAMED) and names[s.name.name].symbol.node is s
    }
    uses: list[list[int]] = []
    after: list[list[int]] = []
    waits: list[list[int]] = []
    for statement in statements:
        used: list[int] = []
        named: list[int] = []
        if isinstance(statement, _ORDERED):
            used = sorted(map(index.__getitem__, index.keys() & c.uses.names(statement)))
            if isinstance(statement, _RUN) and statement.clauses:
                named = _after(c, statement, statements, index)
        uses.append(used)
        after.append(named)
        waits.append(used + named if named else used)
    sorted_, cycles = order(waits)
    for cycle in cycles:
        _report_cycle(c, [statements[i] for i in cycle])
    _needs(c, statements, uses, after, sorted_)
    if place.kind == "sequence":
        _check_sequence(c, statements)
    return [statements[i] for i in sorted_]


def _needs(
    c: Inference, statements: list[ast.Statement], uses: list[list[int]], after: list[list[int]], sorted_: list[int]
) -> None:
    """What each statement waits for: steps it refers to, those its lets refer to, and those it names in `after`."""
    through: dict[int, dict[int, ast.Node]] = {}  # of each let, by their numbers
    for number in sorted_:
        statement = statements[number]
        if not isinstance(statement, _ORDERED):
            continue
        found: dict[int, ast.Node] = {}
        for other in uses[number]:
            if type(statements[other]) is ast.Let:
                found |= through.get(other, {})
            elif other != number:
                found[other] = statements[other]
        c.facts.references[id(statement)] = tuple(found.values())
        for other in after[number]:
            found[other] = statements[other]
        if len(found) > 1:
            found = dict(sorted(found.items()))
        through[number] = found
        c.facts.needs[id(statement)] = tuple(found.values())


def _after(
    c: Inference, statement: ast.Step | ast.Do, statements: list[ast.Statement], index: dict[str, int]
) -> list[int]:
    found: list[int] = []
    for clause in statement.clauses:
        if isinstance(clause, ast.After):
            for name in clause.names:
                number = _find_after(c, name, statements, index)
                if number is not None:
                    c.facts.symbols[id(name)] = c.facts.symbols.get(id(statements[number])) or _do_symbol(
                        c, statements[number]
                    )
                    found.append(number)
    return found


def _do_symbol(c: Inference, statement: ast.Statement) -> Symbol:
    key = c.facts.keys[id(statement)]
    return Symbol(key, "do", statement, c.file.path, key)


def _report_no_step(c: Inference, name: ast.Ident, what: str) -> None:
    """Report a name in `after` that is known, and no step."""
    help = "leave it out: a value is there when it is used; for order alone name the step that it comes from"
    c.report("not-a-step", f"`{name.name}` is {what}, and `after` names steps", name, help)


def _order_of_block(c: Inference, name: ast.Ident, step: ast.Node | None) -> str:
    """How the block around an `after` waits for a step outside of it."""
    path = path_to(c.file.tree, name)
    bodies = [index for index, each in enumerate(path) if isinstance(each, ast.Body) and _is_among(step, each)]
    block = path[bodies[-1] + 1] if bodies else None
    if block is not None and any(isinstance(each, ast.Name) for each in name_nodes(block, name.name)):
        return f"the block refers to `{name.name}`, and so waits for it as a whole: leave it out"
    return f"write `after {name.name}` behind the block"


def _is_among(step: ast.Node | None, body: ast.Body) -> bool:
    return any(each is step for each in body.statements)


def _find_after(c: Inference, name: ast.Ident, statements: list[ast.Statement], index: dict[str, int]) -> int | None:
    number = index.get(name.name)
    if number is not None and isinstance(statements[number], ast.Step):
        return number
    called = [i for i, s in enumerate(statements) if isinstance(s, ast.Do) and _after_word(c, s) == name.name]
    if len(called) == 1:
        return called[0]
    if len(called) > 1:
        c.report(
            "ambiguous-after",
            f"`{name.name}` occurs {len(called)} times here",
            name,
            "make it a step with a name: `step name = …`",
        )
        return None
    if number is not None:
        _report_no_step(c, name, "a let")
        return None
    binding = c.scope.find(name.name)
    if binding is not None and binding.symbol.kind == "broken":
        return None
    if binding is not None and binding.symbol.kind == "step":
        c.report(
            "not-a-step",
            f"`{name.name}` stands outside this block",
            name,
            _order_of_block(c, name, binding.symbol.node),
        )
        return None
    if binding is not None:
        _report_no_step(c, name, "not a step")
        return None
    text = c.file.source.text
    if any(isinstance(each, ast.Broken) and text.startswith(f"{name.name}(", each.start) for each in statements):
        return None
    inner = inner_step(c.file.tree, name)
    if inner is not None:
        _report_inner(c, name, inner, statements)
        return None
    known = [c.facts.keys[id(s)] for s in statements if isinstance(s, (ast.Step, ast.Do))]
    c.report("unknown-name", f"no step here is called `{name.name}`", name, c.reporter.near(name.name, known))
    return None


def _report_inner(c: Inference, name: ast.Ident, inner: ast.Ident, statements: list[ast.Statement]) -> None:
    """Report a name in `after` that a step of a block has: which block is to be waited for."""
    step = inner.name
    message = f"`{step}` stands in a block and is not visible outside it"
    block = next((each for each in statements if each.start <= inner.start < each.end), None)
    fixes: tuple[Fix, ...] = ()
    if block is None:
        help = "a step waits for steps of its own block: name one of those, or leave it out"
    elif block.start <= name.start < block.end:
        message = f"`{step}` stands in the block that is to wait for it"
        help = "leave it out: what a block waits for stands outside of it"
    elif isinstance(block, ast.Step):
        ours = block.name.name
        help = f"write `after {ours}`: a block has ended when all of its steps have"
        fixes = (Fix(f"write `{ours}`", (Edit(c.reporter.span(name), ours),), safe=False),)
    else:
        word = BLOCK_WORDS.get(type(getattr(block, "value", block)), "sequence")
        help = f"make the block a step, `step result = {word} …`, and write `after result`"
    related = (c.reporter.related(f"`{step}` is declared here, inside a block", inner),)
    c.reporter.report("unknown-name", message, name, help, related, fixes)


def _after_word(c: Inference, statement: ast.Do) -> str:
    if type(statement.value) in BLOCK_WORDS:
        return c.facts.keys[id(statement)]
    return callee_word(statement.value)  # type: ignore[arg-type]


def _report_cycle(c: Inference, cycle: list[ast.Statement]) -> None:
    if any(_hides(c, statement) for statement in cycle):
        return  # the name that hides another was reported, and may be all that closes the cycle
    related = []
    for statement, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        nodes = _mentions(c, statement, following)
        related.append(
            c.reporter.related(
                f"{_called(c, statement)} needs {_called(c, following)}", nodes[0] if nodes else statement
            )
        )
    path = " → ".join(_called(c, each).strip("`") for each in [*cycle, cycle[0]])
    first = cycle[0]
    at = first.name if isinstance(first, (ast.Step, ast.Let)) else first
    help, fixes = _metered(c, first) if len(cycle) == 1 else ("", ())
    lines = c.file.source.text[first.start : first.end].splitlines()
    if len(cycle) == 1 and any(each.lstrip().startswith(("++", "--")) for each in lines):
        help = "a value never changes; rounds that carry one on are written `repeat`"
    message = f"{_called(c, first)} waits for itself: {path}"
    c.reporter.report("step-cycle", message, at, help, tuple(related), fixes)


def _metered(c: Inference, step: ast.Statement) -> tuple[str, tuple[Fix, ...]]:
    """`@meter(cost=answer.cost)` above `step answer`: there the result of the call is `result`."""
    meters = [each for each in getattr(step, "annotations", ()) if each.name.name == "meter"]
    nodes = [each for meter in meters for each in _mentions(c, step, step) if meter.start < each.start < meter.end]
    if not nodes or len(nodes) < len(_mentions(c, step, step)):
        return "", ()
    edits = tuple([Edit(c.reporter.span(each), "result") for each in nodes])
    return "in `@meter` what the call gives is `result`", (Fix("write `result`", edits, safe=False),)


def _mentions(c: Inference, statement: ast.Statement, other: ast.Statement) -> list[ast.Node]:
    if isinstance(other, (ast.Step, ast.Let)):
        return name_nodes(statement, other.name.name)
    return name_nodes(statement, _after_word(c, other)) if isinstance(other, ast.Do) else []


def _hides(c: Inference, statement: ast.Statement) -> bool:
    inner = {name for name in (getattr(getattr(statement, "name", None), "name", None),) if name}
    return any(
        found.rule == "shadowed-name" and any(f"`{name}`" in found.message for name in inner)
        for found in c.reporter.found
    )


def _called(c: Inference, statement: ast.Statement) -> str:
    if isinstance(statement, (ast.Step, ast.Let)):
        return f"`{statement.name.name}`"
    return f"`{c.facts.keys.get(id(statement), 'do')}`"


def _check_sequence(c: Inference, statements: list[ast.Statement]) -> None:
    """In a sequence nothing can use what a later line makes."""
    for statement in statements:
        if isinstance(statement, (ast.Step, ast.Do)):
            later = [node for node in c.facts.needs.get(id(statement), ()) if node.start > statement.start]
            if later:
                message = f"{_called(c, statement)} uses {_called(c, later[0])}, which runs after it in this sequence"  # type: ignore[arg-type]
                mentions = _mentions(c, statement, later[0])  # type: ignore[arg-type]
                c.report(
                    "sequence-order", message, mentions[0] if mentions else statement, "change the order of the lines"
                )


# ---- the end of a body


def _misplaced_ensure(c: Inference, node: ast.Ensure) -> None:
    message = "an `ensure` of its own stands at a flow's top only"
    c.report("misplaced-ensure", message, node, "write it behind the step that it is about")


def _end(
    c: Inference, ends: list[ast.Yield | ast.Return], place: Place, is_torn: bool, course: Course | None
) -> Type | None:
    """The type of the body's yield or return; `is_torn`: a statement beside it did not parse."""
    value: Type | None = None
    seen: dict[type, ast.Node] = {}
    for node in ends:
        first = seen.setdefault(type(node), node)
        infer = _ending(place, first if first is not node else None, is_torn)
        found = infer(c, node) if course is None else course.value(c, node, infer)
        value = found if value is None else value
    return value


def _ending(place: Place, seen: ast.Node | None, is_torn: bool) -> Callable[[Inference, ast.Yield | ast.Return], Type]:
    """The inference of a yield or return; `seen`: one before it."""
    return lambda c, node: (
        _return(c, node, place, seen) if isinstance(node, ast.Return) else _yield(c, node, place, seen, is_torn)
    )


def _return(c: Inference, node: ast.Return, place: Place, seen: ast.Node | None) -> Type:
    c.pure_place = "a `return`"
    if place.kind not in ("flow", "flow handler"):
        c.infer(node.value)
        help = (
            "choose the value there: `return a if condition else b`"
            if place.kind == "branch"
            else "give the block's value with `yield`"
        )
        return c.report("misplaced-return", "`return` stands at a flow's top level only", node, help)
    if seen is not None:
        c.infer(node.value)
        if isinstance(seen, ast.Return) and _lacks_else(seen.value):
            return POISON  # it says the other value
        related = (c.reporter.related("the first is here", seen),)
        return c.report(
            "misplaced-return", "a flow has one `return`", node, "choose there: `return a if condition else b`", related
        )
    if place.wanted is not None:
        return c.expect(node.value, *place.wanted)
    return c.infer(node.value)


def _lacks_else(value: ast.Expr) -> bool:
    return isinstance(value, ast.Conditional) and isinstance(value.otherwise, ast.BrokenExpr)


def _yield(c: Inference, node: ast.Yield, place: Place, seen: ast.Node | None, is_torn: bool) -> Type:
    c.pure_place = "a `yield`"
    problem, help = "", ""
    rule = "misplaced-yield"
    if place.kind in ("flow", "flow handler"):
        problem, help = "`yield` gives a block's value, and this is a flow", "a flow's result is given by `return`"
    elif place.kind == "race":
        rule, problem, help = "yield-in-race", "a race has no `yield`: the first step to succeed gives the value", ""
    elif place.kind == "undo":
        problem = "an `undo` gives no value"
    elif seen is not None:
        problem, help = "a block has one `yield`", "choose there: `yield a if condition else b`"
    elif node.next is not None and place.kind != "repeat":
        problem = "`next` stands in a `repeat` only"
    elif node.next is None and place.kind == "repeat" and not is_torn:
        rule, problem, help = (
            "missing-next",
            "a round of `repeat` says what comes next",
            "`yield value next value_of_next_round`, or `next none` to end",
        )
    found = c.expect(node.value, *place.wanted) if place.wanted is not None and not problem else c.infer(node.value)
    if node.next is not None:
        if place.next is not None and not problem:
            c.expect(node.next, *place.next)
        else:
            c.infer(node.next)
    if problem:
        related = (c.reporter.related("the first is here", seen),) if seen is not None else ()
        c.report(rule, problem, node, help, related)
    return found
