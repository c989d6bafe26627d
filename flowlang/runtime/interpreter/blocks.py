"""The blocks: which scopes they open, one after another or side by side, and the value they make of them.

A choice with an effect beneath it is journaled and, on resume, held against the journal. A loop never holds more than
`width` items open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any

from flowlang.plan.nodes import FlowCall, ForBlock, IfBlock, MatchBlock, ParallelBlock, RaceBlock, RepeatBlock, Scope
from flowlang.runtime.errors import ReplayDisagrees, RunError, cancelled, fault
from flowlang.runtime.faults import iterate, unicode_text
from flowlang.runtime.interpreter.alike import digest_of
from flowlang.runtime.interpreter.flow import end_by, limit_frame, repeat_handlers, run_flow
from flowlang.runtime.interpreter.frame import Frame
from flowlang.runtime.interpreter.program import FlowProgram, NodeProgram
from flowlang.runtime.interpreter.progress import Bound
from flowlang.runtime.interpreter.race import run_race
from flowlang.runtime.interpreter.scope import close_scope, run_scope, with_deadline
from flowlang.runtime.interpreter.state import RunState
from flowlang.runtime.operations import equal
from flowlang.types.instants import show_duration

Within = Callable[[Frame, Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Awaits the work of a frame by the deadlines of its block."""

BREATH = 256  # pure rounds after which a loop lets others run


async def block(frame: Frame, node: NodeProgram, path: str, bound: Bound | None = None) -> Any:
    """Run a block, or one round of it that must be done by `bound`; returns its value. Its undos are handed to the
    frame that it stands in.
    """
    within = partial(_within, node, bound)
    match node.action:
        case IfBlock() as action:
            return await _if(frame, node, path, action, within)
        case MatchBlock() as action:
            return await _match(frame, node, path, action, within)
        case ForBlock() as action:
            return await _for(frame, node, path, action, within)
        case ParallelBlock() as action:
            return await _inner(frame, node, path, "", action.body, within, width=action.width)
        case RaceBlock() as action:
            return await _race(frame, node, path, action, within)
        case RepeatBlock() as action:
            return await _repeat(frame, node, path, action, within)
    raise AssertionError(node.key)


async def flow_call(frame: Frame, node: NodeProgram, path: str, bound: Bound | None = None) -> Any:
    """Run the flow that a step calls, or one round of it that must be done by `bound`; returns its result. Its undos go
    to the step unless that has its own.
    """
    action: FlowCall = node.action  # type: ignore[assignment]
    run = frame.run
    flow = run.program.flow(action.flow)
    arguments = node.arguments()(frame)
    _hold_alike(frame, node, f"{path}/", arguments, f"`{path}` called its flow with other arguments")
    base = _base(frame, node)
    if node.step.deadline is None and bound is None:
        result, inner = await run_flow(run, flow, arguments, f"{path}/", frame, base)
    else:
        inner = Frame(run, None, f"{path}.", {}, frame, frame, base)
        result = await _call_within(inner, flow, arguments, path, partial(_within, node, bound))
    if node.step.undo is None:
        frame.undos.extend(inner.undos)
    return result


async def _call_within(around: Frame, flow: FlowProgram, arguments: dict[str, Any], path: str, within: Within) -> Any:
    """Run a flow inside a frame that has the deadline of its call."""
    results: list[Any] = []
    around.expect_rounds(1)

    async def work() -> None:
        try:
            result, inner = await run_flow(around.run, flow, arguments, f"{path}/", around, around.base)
        except RunError as error:
            _round_failed(around, error)
        else:
            results.append(result)
            around.undos.extend(inner.undos)
            around.round_ended()

    try:
        await within(around, work)
        return await close_scope(around, lambda: results[0])
    finally:
        around.close()


async def repeat_call(frame: Frame, node: NodeProgram, path: str) -> None:
    """Go through what the handlers of a called flow did that passed its error on."""
    action: FlowCall = node.action  # type: ignore[assignment]
    run = frame.run
    await repeat_handlers(run, run.program.flow(action.flow), node.arguments()(frame), f"{path}/", frame)


def _base(frame: Frame, node: NodeProgram) -> int:
    """What a block's steps depend on just by being run: all that was written when it began, if its own choice was."""
    return frame.run.written if node.has_effect else frame.seq_of(node)


async def _inner(
    frame: Frame, node: NodeProgram, path: str, suffix: str, scope: Scope, within: Within, width: int | None = None
) -> Any:
    inner = Frame(frame.run, node.inner(suffix, scope), f"{path}{suffix}.", {}, frame, frame, _base(frame, node), width)
    value = await within(inner, lambda: run_scope(inner))
    frame.undos.extend(inner.undos)
    return value


async def _within(node: NodeProgram, bound: Bound | None, inner: Frame, work: Callable[[], Awaitable[Any]]) -> Any:
    """Await the work of a block or called flow within its own deadline, and within what bounds all its rounds."""
    what = None
    if node.step.deadline is not None:
        limit_frame(inner, node.step.deadline)
        what = f"the time of `{node.key}`, {show_duration(node.step.deadline)},"
    if bound is not None and end_by(inner, bound.instant):
        what = bound.what
    return await work() if what is None else await with_deadline(inner, work, what)


async def _if(frame: Frame, node: NodeProgram, path: str, action: IfBlock, within: Within) -> Any:
    decided = frame.run.decided(path)
    if decided is not None:
        scopes = {"then" if i == 0 else f"elif{i}": scope for i, (_, scope) in enumerate(action.branches)}
        return await _as_decided(frame, node, path, decided, {**scopes, "else": action.otherwise}, within)
    chosen = next((i for i, (condition, _) in enumerate(action.branches) if node.compile(condition)(frame)), -1)
    if chosen >= 0:
        label = "then" if chosen == 0 else f"elif{chosen}"
        return await _branch(frame, node, path, label, action.branches[chosen][1], within)
    return await _branch(frame, node, path, "else", action.otherwise, within)


async def _match(frame: Frame, node: NodeProgram, path: str, action: MatchBlock, within: Within) -> Any:
    decided = frame.run.decided(path)
    if decided is not None:
        scopes = {f"case{i}": scope for i, (_, scope) in enumerate(action.cases)}
        return await _as_decided(frame, node, path, decided, {**scopes, "else": action.otherwise}, within)
    subject = node.compile(action.subject)(frame)
    budget = frame.run.program.evaluator.budget
    for i, (values, scope) in enumerate(action.cases):
        if any(equal(subject, node.compile(value)(frame), budget) for value in values):
            return await _branch(frame, node, path, f"case{i}", scope, within)
    return await _branch(frame, node, path, "else", action.otherwise, within)


async def _branch(frame: Frame, node: NodeProgram, path: str, label: str, scope: Scope | None, within: Within) -> Any:
    if node.has_effect:
        frame.run.choose(path, {"branch": label if scope is not None else None})
    return None if scope is None else await _inner(frame, node, path, f".{label}", scope, within)


async def _as_decided(
    frame: Frame, node: NodeProgram, path: str, decided: Mapping[str, Any], scopes: Mapping[str, Scope | None],
    within: Within,
) -> Any:  # fmt: skip
    """Go through the branch that was taken before the run was cancelled, for what is to be undone there."""
    label = decided["branch"]
    scope = None if label is None else scopes[label]
    return None if scope is None else await _inner(frame, node, path, f".{label}", scope, within)


# ---- loops


def _item_path(path: str, key: object) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    quoted = str(key).replace("\\", "\\\\").replace("'", "\\'")
    return f"{path}['{quoted}']"


async def _for(frame: Frame, node: NodeProgram, path: str, action: ForBlock, within: Within) -> Any:
    source = node.compile(action.iterable)(frame)
    budget = frame.run.program.evaluator.budget
    items = list(iterate(source, len(action.names), budget))
    if len(items) > budget.items:
        raise fault(f"the list has {len(items):,} items, more than {budget.items:,}", code="limit")
    if action.over_map:
        for key in source:
            unicode_text(key, "a key of the map")  # it is to stand in paths
    if node.has_effect or (node.remembers and frame.run.program.may_differ):
        _choose_items(frame.run, path, items)
    loop = Frame(frame.run, None, f"{path}.", {}, frame, frame, _base(frame, node))
    loop.expect_rounds(len(items))
    results: list[Any] = [None] * len(items)
    rounds = iter(enumerate(items))
    width = min(action.width, len(items)) if node.has_effect else 1
    try:
        work = partial(_take_items, frame, node, path, action, loop, rounds, results)
        await within(loop, lambda: loop.drive_rounds(work, max(width, 1)))
        value = await close_scope(loop, lambda: budget.bound(results) if action.body.yields else None)
    finally:
        loop.close()
    frame.undos.extend(loop.undos)
    return value


def _choose_items(run: RunState, path: str, items: list[Any]) -> None:
    """Journal how many items there are, and a digest of them where they may be others when the run is resumed. A
    cancelled run goes through no items that may be others than it began with.
    """
    entry = run.recall(path, "choice")
    known: Any = {} if entry is None else entry.data
    decided = run.decided(path)
    if decided is not None and decided["length"] != len(items):
        raise cancelled(f"`{path}` has {len(items)} items now and had {decided['length']}")
    choice: dict[str, object] = {"length": len(items)}
    if known.get("length", len(items)) == len(items) and ("items" in known or (not known and run.program.may_differ)):
        choice["items"] = digest_of(items, run.mask)
        if known.get("items", choice["items"]) != choice["items"]:
            said = f"`{path}` went over other items before the run was resumed, though of the same number"
            raise ReplayDisagrees(said) if decided is None else cancelled(said)
    run.choose(path, choice)


def _hold_alike(frame: Frame, node: NodeProgram, path: str, given: object, what: str) -> None:
    """Journal a digest of what a round or a called flow begins with, where that may be another when the run is resumed.
    A cancelled run goes through none that would begin with another.
    """
    run = frame.run
    if not run.program.may_differ or not (node.has_effect or node.remembers):
        return
    digest = digest_of([given], run.mask)
    entry = run.recall(path, "choice")
    known: Any = {"given": digest} if entry is None else entry.data
    if known["given"] != digest:
        said = f"{what} before the run was resumed"
        raise ReplayDisagrees(said) if run.decided(path) is None else cancelled(said)
    run.choose(path, {"given": digest})


async def _take_items(
    frame: Frame,
    node: NodeProgram,
    path: str,
    action: ForBlock,
    loop: Frame,
    rounds: Iterator[tuple[int, Any]],
    results: list[Any],
) -> None:
    """Run items until none is left or the loop is stopped."""
    program = node.inner("[]", action.body, action.names)
    run, names = frame.run, action.names
    for index, item in rounds:
        key = item[0] if action.over_map and len(names) == 2 else item if action.over_map else index
        where = _item_path(path, key)
        if loop.stopping is not None and not loop.may_repeat(node, where):
            continue
        values = dict(zip(names, item, strict=True)) if len(names) == 2 else {names[0]: item}
        inner = Frame(run, program, where + ".", values, frame, loop, loop.base)
        try:
            results[index] = await run_scope(inner)
        except RunError as error:
            _round_failed(loop, error)
        else:
            loop.round_ended()
            loop.undos.extend(inner.undos)
        if not node.has_effect and index % BREATH == BREATH - 1:
            await asyncio.sleep(0)


def _round_failed(loop: Frame, error: RunError) -> None:
    """A round's error fails the loop; one that was only stopped does not."""
    if error.kind != "cancelled" or loop.stopping is None:
        loop.fail(error)


async def _repeat(frame: Frame, node: NodeProgram, path: str, action: RepeatBlock, within: Within) -> Any:
    budget = frame.run.program.evaluator.budget
    loop = Frame(frame.run, None, f"{path}.", {}, frame, frame, _base(frame, node))
    loop.expect_rounds(1)
    results: list[Any] = []
    try:
        work = partial(_rounds, frame, node, path, action, loop, results)
        await within(loop, lambda: loop.drive_rounds(work, 1))
        value = await close_scope(loop, lambda: budget.bound(results))
    finally:
        loop.close()
    frame.undos.extend(loop.undos)
    return value


async def _rounds(
    frame: Frame, node: NodeProgram, path: str, action: RepeatBlock, loop: Frame, results: list[Any]
) -> None:
    run, budget = frame.run, frame.run.program.evaluator.budget
    try:
        current = budget.bound(node.compile(action.initial)(frame))
    except RunError as error:
        loop.fail(error)
        return
    program = node.inner("[]", action.body, (action.name,))
    following = program.next()
    for index in range(action.limit):
        where = f"{path}[{index}]"
        if loop.stopping is not None and not loop.may_repeat(node, where):
            return
        try:
            _hold_alike(frame, node, where, current, f"`{where}` began with another value")
        except RunError as error:
            loop.fail(error)
            return
        inner = Frame(
            run,
            program,
            where + ".",
            {action.name: current},
            frame,
            loop,
            run.written if node.has_effect else loop.base,
        )
        try:
            results.append(await run_scope(inner))
            loop.undos.extend(inner.undos)
            current = None if following is None else budget.bound(following(inner))
        except RunError as error:
            _round_failed(loop, error)
            return
        if current is None:
            loop.round_ended()
            return
        if not node.has_effect and index % BREATH == BREATH - 1:
            await asyncio.sleep(0)
    loop.fail(fault(f"`{node.key}` is not done after {action.limit} round{'s' * (action.limit != 1)}", code="limit"))


# ---- race


async def _race(frame: Frame, node: NodeProgram, path: str, action: RaceBlock, within: Within) -> Any:
    program = node.inner("", action.body)
    value, undos = await run_race(frame, program, path, _base(frame, node), within)
    frame.undos.extend(undos)
    return value
