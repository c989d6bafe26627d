"""Steps, `do`s and lets with their clauses: what is known in each, what the step's value becomes, when it is there.

Around one step: `when` first; the value and `until` under it; each `ensure` under the earlier ones; handlers and
`undo` under `when`. The step's type is its value's, narrowed by its own `ensure`s, joined with its handlers' yields;
its presence is its `when`.
"""

from __future__ import annotations

from flowlang.semantics.infer.absence import BLOCK_WORDS
from flowlang.semantics.infer.annotations import check_annotations
from flowlang.semantics.infer.around import path_to
from flowlang.semantics.infer.blocks import infer_block, join_results
from flowlang.semantics.infer.bodies import STATEMENTS, Place, check_body
from flowlang.semantics.infer.chains import PURE, chain_head
from flowlang.semantics.infer.declare import declare
from flowlang.semantics.infer.engine import Wanted
from flowlang.semantics.infer.narrowing import assume, condition, doubt, path_of
from flowlang.semantics.presence import TRUE
from flowlang.semantics.report import POISON
from flowlang.semantics.scopes import Scope
from flowlang.semantics.suggest import did_you_mean
from flowlang.syntax import ast
from flowlang.types.join import join, union
from flowlang.types.model import DURATION, NONE, STRING, Any, Never

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference, Path
    from flowlang.semantics.scopes import Binding
    from flowlang.types.model import Type

    Catches = list[ast.Catch]

KINDS: Final = (
    "network",
    "timeout",
    "http",
    "validation",
    "fault",
    "breaker_open",
    "rate_limited",
    "cancelled",
    "failed",
)
ONCE: Final = {ast.After: "after", ast.When: "when", ast.Until: "until", ast.Undo: "undo"}
POLLING: Final = "10m"
"""The time that is proposed for a poll without one."""
SHOWN: Final = 60
"""How long a clause may be to be shown whole."""


def _step(c: Inference, node: ast.Step) -> Type:
    binding = c.scope.names.get(node.name.name)
    if binding is None or binding.symbol.node is not node:
        binding = None
    return _run(c, node, binding)


def _do(c: Inference, node: ast.Do) -> Type:
    found = c.types[id(node)] = _run(c, node, None)
    return found


def _let(c: Inference, node: ast.Let) -> Type | None:
    infer_let(c, node, c.scope.names.get(node.name.name))
    return None


def infer_let(c: Inference, node: ast.Let, binding: Binding | None) -> Type:
    """A name for a pure value: typed here, once."""
    c.pure_place = "a `let`, which is pure"
    if node.type is not None:
        declared = c.resolve_type(node.type)
        related = (c.reporter.related(f"the type of `{node.name.name}` is declared here", node.type),)
        found = c.expect(node.value, declared, Wanted(f"`{node.name.name}`", related))
        found = declared if isinstance(declared, Any) else found
    else:
        found = c.infer(node.value)
    if binding is not None and binding.symbol.node is node:
        binding.type = found
        if isinstance(node.value, _CONDITIONS):
            assume(c, node.value)
            binding.value = node.value
        elif (
            isinstance(node.value, (ast.Name, ast.Attribute, ast.Index))
            and node.type is None
            and not _is_soft(node.value)
        ):
            binding.path = path_of(c, node.value) or binding.path
    return found


_CONDITIONS = (ast.Logic, ast.Compare, ast.Test, ast.Unary)


def _is_soft(node: ast.Expr) -> bool:
    while isinstance(node, (ast.Attribute, ast.Index)):
        if isinstance(node, ast.Attribute) and node.optional:
            return True
        node = node.value
    return False


def _run(c: Inference, node: ast.Step | ast.Do, binding: Binding | None) -> Type:
    """One step with all its clauses."""
    when, until, ensures, catches, undo = _sort(c, node)
    before = c.mark()
    if when is not None:
        _when(c, node, when, binding)
    given = found = _value(c, node, binding)
    if binding is not None:
        binding.type, presence, binding.presence = found, binding.presence, TRUE
    if undo is not None:  # it runs too when the `until` or an `ensure` has failed
        check_body(c, undo.body, Scope(c.scope), Place("undo"))
    own: dict[Path, Type] = {}
    doubted = False
    if when or until or ensures:
        inside = c.mark()
        if until is not None:
            own.update(_until(c, node, until, binding))
        for ensure in ensures:
            own.update(_ensure(c, ensure, binding))
        doubted = c.premises.is_doubtful()
        c.restore(inside)
    if binding is not None:
        found = own.pop(binding.path, found)
    yields = check_catches(c, catches, binding, "handler", None)
    c.restore(before)
    result = found
    if yields:
        result = join(union(yields), found) if isinstance(found, Never) else join(found, union(yields))
        join_results(c, node, given, result)
    if binding is not None:
        binding.type, binding.presence = result, presence
        c.facts.presence[id(node)] = presence
        if not yields and (own or doubted):
            c.learn(own, doubt(c) if doubted and not c.premises.is_doubtful() else TRUE)
    return NONE if isinstance(result, Never) and when is not None else result


def _sort(
    c: Inference, node: ast.Step | ast.Do
) -> tuple[ast.When | None, ast.Until | None, list[ast.Ensure], Catches, ast.Undo | None]:
    """The clauses by kind; one that stands twice is reported and left out."""
    once: dict[type, ast.Clause] = {}
    ensures: list[ast.Ensure] = []
    catches: Catches = []
    for clause in node.clauses:
        if isinstance(clause, ast.Ensure):
            ensures.append(clause)
        elif isinstance(clause, ast.Catch):
            catches.append(clause)
        elif type(clause) in once:
            word = ONCE[type(clause)]
            related = (c.reporter.related("the first is here", once[type(clause)]),)
            help = {"when": "join the conditions with `and`", "after": "name all steps in one: `after a, b`"}.get(
                word, ""
            )
            c.report("duplicate-clause", f"`{word}` stands twice on this step", clause, help, related)
        else:
            once[type(clause)] = clause
    return once.get(ast.When), once.get(ast.Until), ensures, catches, once.get(ast.Undo)  # type: ignore[return-value]


def _when(c: Inference, node: ast.Step | ast.Do, when: ast.When, binding: Binding | None) -> None:
    c.pure_place = "a `when`"
    known = condition(c, when.condition)
    c.learn(known.true, known.formula)
    if binding is not None:
        binding.presence = known.formula
        binding.skips = when


def _value(c: Inference, node: ast.Step | ast.Do, binding: Binding | None) -> Type:
    """The value of the call or block, checked against the declared type."""
    value = node.value
    goal: tuple[Type, Wanted] | None = None
    if isinstance(node, ast.Step) and node.type is not None:
        declared = c.resolve_type(node.type)
        related = (c.reporter.related(f"the type of `{node.name.name}` is declared here", node.type),)
        goal = (declared, Wanted(f"step `{node.name.name}`", related))
    if type(value) in BLOCK_WORDS:
        check_annotations(c, node.annotations, "block")
        return infer_block(c, value, goal)  # type: ignore[arg-type]
    head = chain_head(value)
    c.head, c.pure_place = id(head) if head is not None else 0, PURE
    found = c.expect(value, *goal) if goal is not None else c.infer(value)  # type: ignore[arg-type]
    c.head = 0
    if goal is not None and isinstance(goal[0], Any):
        found = goal[0]
    whole: Type = found
    if head is not None:
        fact = c.facts.calls.get(id(head))
        whole = c.types.get(id(head), POISON)
        if fact is not None and fact.signature.kind in ("action", "flow"):
            c.facts.effects[id(node)] = head
            if fact.signature.name == "events.wait":
                _bound_event(c, node, head)
    check_annotations(c, node.annotations, "step", whole)
    return found


def _until(c: Inference, node: ast.Step | ast.Do, until: ast.Until, binding: Binding | None) -> dict[Path, Type]:
    if until.every is not None:
        c.pure_place = "the time of an `until`"
        c.expect(until.every, DURATION, Wanted("`every`"))
    if until.limit is not None:
        c.expect(until.limit, DURATION, Wanted("the limit of an `until`"))
    elif not _has_timeout(c, node, _can_time_out(c, node)):
        from flowlang.semantics.infer.endless import report_poll

        report_poll(c, node, until, _can_time_out(c, node))
    c.pure_place = "an `until`"
    condition(c, until.condition)
    return _learn(c, until.condition, binding)


def _can_time_out(c: Inference, node: ast.Step | ast.Do) -> bool:
    """Whether a `@timeout` means something to a step: it has a call or block, or something that is mistaken."""
    if id(node) in c.facts.effects or type(node.value) in BLOCK_WORDS:
        return True
    inside = range(node.value.start, node.value.end)
    return any(each.span.file == c.file.path and each.span.start in inside for each in c.reporter.found)


def _has_timeout(c: Inference, node: ast.Step | ast.Do, is_heeded: bool = True) -> bool:
    """Whether a step has a `@timeout` with a time, or an annotation that may have been meant for one."""
    given = [each for each in node.annotations if each.name.name == "timeout"]
    if any(c.catalog.annotation(each.name.name) is None for each in node.annotations):
        return True
    if not given or not is_heeded:
        return is_heeded and _is_above(c, node)
    times = [each.value for annotation in given for each in annotation.arguments]
    return not all(isinstance(each, ast.Literal) and each.value is None for each in times)


def _bound_event(c: Inference, node: ast.Step | ast.Do, head: ast.Call) -> None:
    """An event may never come: a wait for one says for how long, unless its `until` does."""
    if _has_timeout(c, node) or any(isinstance(clause, ast.Until) for clause in node.clauses):
        return
    if any(each.name is not None and each.name.name == "timeout" for each in head.arguments):
        return
    if _is_raced(c, node):
        return
    from flowlang.semantics.infer.endless import report_event

    report_event(c, node, head)


def _is_raced(c: Inference, node: ast.Node) -> bool:
    """Whether a wait that ends stands in a `race` beside it, or beside a block around it: the race is over then."""
    path = path_to(c.file.tree, node)
    on_path = set(map(id, path))
    races = [each for each in path if isinstance(each, ast.Race)]
    return any(_ends(c, each) for race in races for each in race.body.statements if id(each) not in on_path)


def _ends(c: Inference, statement: ast.Statement) -> bool:
    """Whether a statement is nothing but a wait that surely begins, and ends by itself."""
    if not isinstance(statement, (ast.Step, ast.Do)) or any(isinstance(each, ast.When) for each in statement.clauses):
        return False
    return isinstance(statement.value, ast.Call) and c.text(statement.value.callee) in _ENDING


_ENDING: Final = frozenset(("wait", "time.wait", "time.wait_until"))


def _is_above(c: Inference, node: ast.Node) -> bool:
    """Whether a `@timeout` stands above a step that did not parse."""
    for line in reversed(c.file.source.text[: node.start].splitlines()):
        if line.lstrip().startswith(("@timeout", "timeout(")):
            return True
        if line.strip() and not line.lstrip().startswith("@"):
            return False
    return False


def _ensure(c: Inference, ensure: ast.Ensure, binding: Binding | None) -> dict[Path, Type]:
    """What it makes known of the step's own value; its message is written where it is false."""
    c.pure_place = "an `ensure`"
    known = condition(c, ensure.condition)
    if ensure.message is not None:
        mark = c.mark()
        c.learn(known.false, TRUE)
        c.expect(ensure.message, STRING, Wanted("the message of an `ensure`"))
        c.restore(mark)
    return _learn(c, ensure.condition, binding)


def _learn(c: Inference, asked: ast.Expr, binding: Binding | None) -> dict[Path, Type]:
    known = assume(c, asked)
    c.learn(known.true, known.formula)
    if binding is None:
        return {}
    length = len(binding.path)
    return {path: type_ for path, type_ in known.true.items() if path[:length] == binding.path}


# ---- handlers


def check_catches(
    c: Inference, catches: Catches, binding: Binding | None, kind: str, goal: tuple[Type, Wanted] | None
) -> list[Type]:
    """Infer handlers; gives the types of the values that they yield instead of the error."""
    if not catches:
        return []
    yields: list[Type] = []
    hidden = None if binding is None else binding.type
    if binding is not None:
        binding.type = None
    covered: set[str] = set()
    for catch in catches:
        kinds = _kinds(c, catch)
        reached = [each for each in kinds if each not in covered]
        if kinds and not reached:
            c.report(
                "unreachable-handler",
                "an earlier `catch` takes all that this one names",
                catch.kinds[0] if catch.kinds else catch,
            )
        if catch.condition is None:
            covered.update(kinds)
        scope = Scope(c.scope)
        if catch.binding is not None:
            error = union([c.catalog.error(each) for each in kinds]) if kinds else POISON
            declare(c, scope, catch.binding, "error", catch.binding, error)
        mark = c.mark()
        outer, c.scope = c.scope, scope
        if catch.condition is not None:
            c.pure_place = "the condition of a `catch`"
            known = condition(c, catch.condition)
            c.learn(known.true, known.formula)
        outcome = check_body(c, catch.body, Scope(scope), Place(kind, goal))
        c.scope = outer
        c.restore(mark)
        if outcome.value is not None and not outcome.fails:
            yields.append(outcome.value)
            if "cancelled" in kinds:
                name = next(each for each in catch.kinds if each.name == "cancelled")
                c.report(
                    "cancelled-replaced",
                    "a cancellation may be observed, but not replaced by a value",
                    name,
                    f"leave out its `{'return' if kind == 'flow handler' else 'yield'}`",
                )
    if binding is not None:
        binding.type = hidden
    return yields


_ALL_KINDS: Final = frozenset("Exception Error BaseException StandardError Throwable any all error err e ex _".split())
"""What is caught elsewhere to handle every failure."""


def _kinds(c: Inference, catch: ast.Catch) -> list[str]:
    """The error kinds that a handler takes; without names all but `cancelled`."""
    if not catch.kinds:
        return [kind for kind in KINDS if kind != "cancelled"]
    found: list[str] = []
    for ident in catch.kinds:
        if ident.name not in KINDS:
            ours = next((kind for kind in KINDS if ident.name.lower().startswith(kind)), "")
            help = f"write `{ours}`" if ours else did_you_mean(ident.name, KINDS) or f"the kinds are {', '.join(KINDS)}"
            if ident.name in _ALL_KINDS:
                binding = catch.binding.name if catch.binding is not None else "err"
                help = f"without kinds all failures are handled: `catch as {binding} {{ … }}`"
            c.report("unknown-error-kind", f"there is no error kind `{ident.name}`", ident, help)
        elif ident.name not in found:
            found.append(ident.name)
    return found


STATEMENTS[ast.Step] = _step
STATEMENTS[ast.Do] = _do
STATEMENTS[ast.Let] = _let
