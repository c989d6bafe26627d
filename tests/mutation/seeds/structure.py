"""Faults of structure: cycles, what is unused, unreachable, always so, or stands where it may not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from flowlang.syntax import ast
from flowlang.types import model
from tests.mutation.clean import BLOCKS, Change, Clean, is_optional, literals
from tests.mutation.generate import seed

UNUSED = {
    "union-twice": "flow spare_flow(kind: 'a' | 'b' | ⟦'a'⟧) -> string { return kind }",
    "duplicate-trigger": "flow spare_flow() -> int {\n  on event('a.b')\n  ⟦on event('a.b')⟧\n  return 1\n}",
    "unused-type": "type ⟦Spare⟧ { id: string }",
    "unused-function": "function ⟦spare⟧(x: int) -> int = x + 1",
    "unused-service": 'service ⟦spare⟧ {\n  base_url = "https://spare.example.com"\n}',
    "type-cycle": "type ⟦Endless⟧ = Endless\nflow endless(x: Endless) -> Endless { return x }",
}
STATEMENTS = {
    "unused-step": "step ⟦spare⟧ = 1 + 1",
    "unused-let": "let ⟦spare⟧ = 1 + 1",
    "useless-do": "do ⟦1 + 1⟧",
    "self-reference": "step ⟦spare⟧ = ⟦spare⟧ + 1",
    "always-true-ensure": "ensure ⟦1 + 1 == 2⟧ else 'never'",
    "yield-at-top": "⟦yield 1⟧",
    "empty-block": "⟦parallel { }⟧",
    "next-outside-repeat": "step spare_rounds = for x in [1, 2] { yield x ⟦next x⟧ }",
    "repeat-without-next": "step spare_rounds = ⟦repeat x: int = 1 { yield x }⟧",
    "second-yield": "step spare_rounds = for x in [1, 2] {\n ⟦yield x⟧\n ⟦yield x + 1⟧\n }",
    "catch-on-pure-literal": "step spare = 1 ⟦catch { yield 2 }⟧\n  step used = spare",
    "unreachable-behind-fail": "do sequence { do fail('no') ⟦do fail('not either')⟧ }",
    "decided-by-type": "do fail('no') when ⟦[1, 2] | length < 0⟧",
    "undo-on-pure": "step spare = 1 ⟦undo { do fail('no') }⟧\n  step used = spare",
}


def _item(kind: str, text: str) -> None:
    seed(kind)(lambda c: [c.item(text)])


def _statement(kind: str, text: str) -> None:
    seed(kind)(lambda c: [c.lines(flow, text) for flow in c.flows()])


for _kind, _text in UNUSED.items():
    _item(_kind, _text)
for _kind, _text in STATEMENTS.items():
    _statement(_kind, _text)


@seed("empty-undo")
def empty_undo(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls("post", "put", "patch", "delete"):
        if not any(isinstance(each, ast.Undo) for each in step.clauses):
            yield c.clause(step, "⟦undo { }⟧")


@seed("duplicate-path")
def duplicate_path(c: Clean) -> Iterator[Change]:
    """A second webhook on the path of one that a flow has."""
    for trigger in c.all(ast.Trigger):
        if trigger.name.name == "webhook" and trigger.condition is None:
            path, rest = trigger.arguments[0], c.text[trigger.arguments[0].end : trigger.arguments[-1].end]
            yield c.item(f"flow spare_flow() -> int {{\n  on webhook(⟦{c.spelling(path)}⟧{rest})\n  return 1\n}}")


@seed("step-cycle")
def step_cycle(c: Clean) -> Iterator[Change]:
    """The first of two steps, one of which uses the other, waits for the second."""
    for step in c.all(ast.Step):
        for name in c.within(step, ast.Name):
            used = c.declaration(name)
            if not isinstance(used, ast.Step) or used is step or c.inside(step, ast.Sequence):
                continue
            if c.parent(used) is c.parent(step) and not any(isinstance(each, ast.After) for each in used.clauses):
                yield c.change((_head_end(c, used), f" ⟦after {step.name.name}⟧"), at=[step, used])


def _head_end(c: Clean, step: ast.Step) -> int:
    return len(c.text[: step.clauses[0].start].rstrip()) if step.clauses else step.end


@seed("flow-recursion")
def flow_recursion(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        arguments = ", ".join(f"{each.name.name}={each.name.name}" for each in flow.params)
        yield c.statement(flow, f"do ⟦{flow.name.name}({arguments})⟧", at=[flow.name])


@seed("import-cycle")
def import_cycle(c: Clean) -> Iterator[Change]:
    yield c.item(f'⟦import "{c.path.name}" as itself⟧')


# ---- unused


@seed("unused-param")
def unused_param(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        called = [
            call for call in c.all(ast.Call) if isinstance(call.callee, ast.Name) and call.callee.name == flow.name.name
        ]
        if flow.params and not called:
            yield c.change((flow.params[-1].end, ", ⟦spare: string⟧ = 'x'"))


@seed("unused-import")
def unused_import(c: Clean) -> Iterator[Change]:
    spare = next(each for each in ("math", "json", "oauth2", "validate") if c.is_free(each))
    for node in c.all(ast.Import):
        yield c.change((node.end, f"\n⟦import {spare}⟧"))
    if not c.all(ast.Import):
        yield c.change((c.tree.items[-1].end, f"\n\n⟦import {spare}⟧"))


@seed("unused-config")
def unused_config(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Config):
        yield c.change((node.fields[-1].end, "\n  ⟦spare: string⟧ = 'x'"))


# ---- order


@seed("redundant-after")
def redundant_after(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls():
        if any(isinstance(each, ast.After) for each in step.clauses):
            continue
        for name in c.within(step.value, ast.Name):
            used = c.declaration(name)
            if isinstance(used, ast.Step) and c.parent(used) is c.parent(step):
                yield c.clause(step, f"after ⟦{name.name}⟧")


@seed("unordered-effect")
def unordered_effect(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        if any(isinstance(each, ast.Step) and c.effect(each) for each in flow.body.statements) and c.imports("http"):
            yield c.statement(flow, 'do ⟦http.post("https://audit.example.com/entries")⟧')


@seed("racing-effect")
def racing_effect(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Race):
        if c.imports("http"):
            yield c.change((node.body.end - 1, '  step spare = ⟦http.post("https://a.example.com/orders")⟧.json\n'))
    for flow in c.flows():
        if c.imports("http"):
            first = 'step a = http.get("https://a.example.com").json'
            second = 'step b = ⟦http.post("https://b.example.com")⟧.json'
            yield c.lines(flow, f"step spare = race {{\n    {first}\n    {second}\n  }}\n  step used = spare")


@seed("parallel-write")
def parallel_write(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        if c.imports("http"):
            call = 'http.put("https://a.example.com/desk/1", json={ n: %d })'
            yield c.statement(flow, f"⟦parallel {{\n    do ⟦{call % 1}⟧\n    do ⟦{call % 2}⟧\n  }}⟧")


# ---- conditions


@seed("always-true-when")
def always_true_when(c: Clean) -> Iterator[Change]:
    yield from _when(c, "⟦true⟧")


@seed("always-false-when")
def always_false_when(c: Clean) -> Iterator[Change]:
    yield from _when(c, "⟦false⟧")


def _when(c: Clean, condition: str) -> Iterator[Change]:
    for step in c.all(ast.Do):
        if not any(isinstance(each, ast.When) for each in step.clauses) and not step.implied:
            yield c.clause(step, f"when {condition}")
    for flow in c.flows():
        yield c.statement(flow, f"do fail('no') when {condition}")


@seed("always-true-if")
def always_true_if(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        yield c.statement(flow, "if ⟦1 < 2⟧ { do fail('no') }")


@seed("self-comparison")
def self_comparison(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Compare):
        is_plain = len(node.rest) == 1 and node.rest[0].operator not in ("in", "not in")
        if (
            is_plain
            and isinstance(node.first, (ast.Name, ast.Attribute))
            and not _narrows(c, node.first)
            and not c.is_lone(node.rest[0].operand)
        ):
            yield c.change((node.rest[0].operand, c.spelling(node.first)), at=[node])


def _narrows(c: Clean, subject: ast.Expr) -> bool:
    """Whether a comparison of it tells its type."""
    return is_optional(c.type(subject)) or bool(literals(c.type(subject)))


@seed("repeated-condition")
def repeated_condition(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.If):
        if node.otherwise is not None:
            condition = c.spelling(node.branches[0].condition)
            place = c.text.rindex("else", 0, node.otherwise.start)
            yield c.change((place, f"else if ⟦{condition}⟧ {c.spelling(node.otherwise)} "))


@seed("contradiction")
def contradiction(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        for param in flow.params:
            type_ = c.facts.type_exprs.get(id(param.type))
            if isinstance(type_, model.String) and not (type_.pattern or type_.format):
                name = param.name.name
                yield c.statement(flow, f"do fail('no') when ⟦{name} == 'alpha' and {name} == 'omega'⟧")


# ---- match


@seed("unreachable-case")
def unreachable_case(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Match):
        if literals(c.type(node.subject)):
            yield c.change((node.cases[0].values[-1].end, ", ⟦'nowhere'⟧"))


@seed("unreachable-else")
def unreachable_else(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Match):
        if literals(c.type(node.subject)) and node.otherwise is None:
            yield c.change((node.cases[-1].end, "\n    ⟦else { yield fail('no') }⟧"))


@seed("inexhaustive-match")
def inexhaustive_match(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Match):
        if node.otherwise is None and len(node.cases) > 1:
            for case in node.cases:
                yield c.change((case, ""), at=[node])


# ---- handlers


@seed("dead-handler")
def dead_handler(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Catch):
        above = c.parent(node)
        if not node.kinds and node.condition is None and isinstance(above, ast.Step):
            yield c.change((node.end, f"\n    ⟦catch ⟦timeout⟧ {c.spelling(node.body)}⟧"))
    for step, _ in c.calls("get"):
        if isinstance(step, ast.Step) and not step.clauses:
            yield c.clause(step, "catch as err { yield fail(err) }\n    ⟦catch ⟦timeout⟧ { yield fail('late') }⟧")


@seed("impossible-handler")
def impossible_handler(c: Clean) -> Iterator[Change]:
    for step in c.pure_steps():
        if not step.clauses:
            yield c.change((step.end, "\n    ⟦catch ⟦http⟧ { yield fail('no') }⟧"))
    for flow in c.flows():
        yield c.lines(flow, "step spare = [1, 2] | length\n    ⟦catch ⟦http⟧ { yield 2 }⟧\n  step used = spare")


# ---- return, yield


@seed("missing-return")
def missing_return(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        back = c.return_of(flow)
        wanted = c.facts.type_exprs.get(id(flow.result))
        if back is not None and wanted is not None and not is_optional(wanted) and wanted != model.NONE:
            yield c.change((back, ""), at=[(flow.start, flow.body.start), (flow.body.end - 1, flow.body.end)])


@seed("second-return")
def second_return(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        back = c.return_of(flow)
        if back is not None:
            yield c.change((back.start, f"⟦{c.spelling(back)}⟧\n  "), at=[back])


@seed("return-in-block")
def return_in_block(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        back = c.return_of(flow)
        value = c.spelling(back.value) if back is not None else "none"
        yield c.statement(flow, f"if [1, 2] | length > 1 {{\n    ⟦return {value}⟧\n  }}")


@seed("yield-in-race")
def yield_in_race(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Race):
        yield c.change((node.body.end - 1, "  ⟦yield 1⟧\n  "))


@seed("yield-missing-in-branch")
def yield_missing_in_branch(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.If):
        bodies = [each.body for each in node.branches] + ([node.otherwise] if node.otherwise else [])
        yields = [each for body in bodies for each in body.statements if isinstance(each, ast.Yield)]
        if len(yields) == len(bodies) > 1:
            for each in yields:
                whole = c.parent(each)
                assert whole is not None
                yield c.change((each, ""), at=[node])
    for match in c.all(ast.Match):
        for case in match.cases:
            for each in case.body.statements:
                if isinstance(each, ast.Yield):
                    yield c.change((each, ""), at=[match])


# ---- where an action may stand


@seed("action-in-let")
def action_in_let(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        for let in c.within(flow, ast.Let):
            value = c.spelling(let.value)
            yield c.change((let.value, f"({value}) if ⟦now()⟧ is defined else ({value})"))
        yield c.statement(flow, "let started = ⟦now()⟧\n  step used = started")


@seed("action-in-return")
def action_in_return(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        back = c.return_of(flow)
        if back is not None:
            value = c.spelling(back.value)
            yield c.change((back.value, f"({value}) if ⟦now()⟧ is defined else ({value})"))


@seed("action-in-when")
def action_in_when(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        yield c.statement(flow, "do fail('no') when ⟦random()⟧ > 0.5")


@seed("action-in-argument")
def action_in_argument(c: Clean) -> Iterator[Change]:
    for _, call in c.calls("post", "put", "patch"):
        argument = c.argument(call, "json")
        if argument is not None:
            yield c.change((argument.value, f"[⟦uuid()⟧, {c.spelling(argument.value)}]"))
    for flow in c.flows():
        yield c.statement(flow, "step spare = [⟦uuid()⟧] | length\n  step used = spare")


@seed("action-in-ternary")
def action_in_ternary(c: Clean) -> Iterator[Change]:
    for step, call in c.calls("get"):
        if isinstance(step, ast.Step) and step.value is call and not step.clauses:
            yield c.change((call, f"⟦{c.spelling(call)}⟧ if 1 < 2 else none"))
    for flow in c.flows():
        yield c.statement(flow, "step spare = ⟦uuid()⟧ if [1] | length > 0 else 'none'\n  step used = spare")


@seed("ensure-on-step")
def ensure_on_step(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        statements = flow.body.statements
        for step, following in itertools.pairwise(statements):
            if isinstance(step, ast.Step) and step.name.name != "text" and isinstance(following, (ast.Let, ast.Return)):
                yield c.first(flow, f"ensure ⟦{step.name.name}⟧ is not none else 'no'")


# ---- suppressions


def _ignore(kind: str, comment: str) -> None:
    @seed(kind)
    def each(c: Clean) -> Iterator[Change]:
        for step in c.all(ast.Step):
            if not isinstance(step.value, BLOCKS):
                yield c.change((step.start, f"⟦# flow: ignore[{comment}⟧\n  "))


_ignore("useless-ignore", "redundant-after] the gateway wants it")
_ignore("unknown-ignore", "no-such-rule] the gateway wants it")


@seed("reasonless-ignore")
def reasonless_ignore(c: Clean) -> Iterator[Change]:
    for change in redundant_after(c):
        (start, end, new), *_ = change.edits
        yield c.change(
            ((start, end), f"{new}  ⟦# flow: ignore[redundant-after]⟧".replace("⟦", "", 1).replace("⟧", "", 1))
        )


@seed("flow-not-called-right")
def flow_not_called_right(c: Clean) -> Iterator[Change]:
    for step in c.steps():
        call = c.effect(step)
        fact = c.fact(call) if call is not None else None
        if call is not None and fact is not None and fact.signature.kind == "flow" and len(call.arguments) > 0:
            first = call.arguments[0]
            end = call.arguments[1].start if len(call.arguments) > 1 else first.end
            yield c.change(((first.start, end), ""), at=[call])
    for flow in c.flows():
        required = [
            each
            for each in flow.params
            if each.default is None and not is_optional(c.facts.type_exprs.get(id(each.type)))
        ]
        if required:
            yield c.item(f"flow caller() {{\n  do ⟦{flow.name.name}()⟧\n}}")
