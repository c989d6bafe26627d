"""A golden played: checked, lowered, run in a simulated world, held to what it expects; then again with crashes."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
from collections import Counter
from dataclasses import astuple, dataclass, field
from typing import Any

from flowlang.plan.nodes import Plan
from flowlang.runtime.interpreter.activity import Patience
from flowlang.runtime.memory import MemoryEvents, MemoryShared
from tests.golden.run.script import UNSAID, Script, Told
from tests.simulation.clock import Clock, simulate
from tests.simulation.journal import CrashingJournal, Mode, Rows
from tests.simulation.runs import Ended, execute
from tests.simulation.transport import Sent, World

RUN_ID = "run-1"
PROCESSES = 60
"""More processes than this in one run means that it does not come to an end."""
DEATHS = 20
"""A run whose processes die so often is then left in peace: what takes longer than they live would never be done."""


@dataclass(slots=True)
class Played:
    """What came of a golden: how the run ended, what was called, what is stored."""

    ended: Ended
    sent: list[Sent]
    rows: Rows
    took: float
    unexpected: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)


@functools.cache
def plan_of(name: str, text: str, flow: str | None) -> Plan:
    """Check and lower a golden; findings that are errors fail the test."""
    from flowlang.compiler.lower import lower
    from flowlang.compiler.pipeline import check_text

    program = check_text(text, name)
    errors = [d for d in program.diagnostics if d.severity == "error"]
    if errors:
        shown = "\n".join(f"  {d.rule}: {d.message} at {text[d.span.start : d.span.end]!r}" for d in errors)
        raise AssertionError(f"{name} has errors:\n{shown}")
    return lower(program, flow)


def play(
    script: Script,
    limit: int | None = None,
    mode: Mode = "late",
    again: bool = False,
    patience: Patience | None = None,
) -> Played:
    """Run a golden to its end; with a `limit` the first process dies after so many entries, and another resumes.

    `again`: each process after the first dies when it has added one entry. With `patience` the run leaves the process
    whenever it only waits.
    """
    plan = plan_of(script.path.name, script.text, script.flow)
    clock = Clock(epoch=script.start)
    world, shared, rows, mail = World(clock), MemoryShared(), Rows(), Mail(script.events, clock)
    for method, url, answer, times in script.world:
        world.expect(method, url, answer, times)
    repeated: list[str] = []
    stop = script.stop
    retried = 0
    for process_number in range(PROCESSES):
        done, before = _finished(rows), len(world.sent)
        journal = CrashingJournal(rows, RUN_ID, limit, mode)
        world.dead = False

        async def process(journal: CrashingJournal = journal, stop: float | None = stop) -> Ended | None:
            given = script.input, script.config, clock, world, journal, shared, script.random
            return await execute(plan, *given, stop, script.cancel, mail.deliver(), patience)

        ended = simulate(clock, process)
        repeated += _repetitions(world.sent[before:], done, script)
        limit = len(rows.rows) + 1 if again and process_number < DEATHS else None
        stop = None
        if ended is None:
            continue
        if ended.status == "parked":
            clock.seconds = mail.hasten((ended.wake - clock.epoch) / 1_000_000)
            continue
        if ended.status == "failed" and retried < script.retried:
            rows.try_again(plan, script.from_start)
            retried += 1
            continue
        if ended.status != "interrupted":
            return Played(ended, world.sent, rows, clock.seconds, world.unexpected, repeated)
        clock.seconds += script.away
    raise AssertionError("the run does not come to an end")


class Mail:
    """The events of a script, which come at their times whether a process is there or not."""

    def __init__(self, told: list[Told], clock: Clock) -> None:
        self.box = MemoryEvents()
        self.clock = clock
        self.coming = sorted(told, key=lambda each: each.at)

    def deliver(self) -> MemoryEvents:
        """Emit what has come; in the running loop also what comes."""
        loop = asyncio.get_running_loop()
        for each in self.coming:
            loop.call_at(each.at, self._emit)
        return self.box

    def hasten(self, wake: float) -> float:
        """When a parked run goes on: at its time, or when an event comes."""
        return min([wake, *(each.at for each in self.coming)])

    def _emit(self) -> None:
        while self.coming and self.coming[0].at <= self.clock.seconds + 1e-6:
            event = self.coming.pop(0)
            at = self.clock.epoch + round(event.at * 1_000_000)
            self.box.tell(f"e{len(self.coming)}", event.type, event.key, event.data, at)


def _finished(rows: Rows) -> dict[str, int]:
    """The steps that had ended before a process began, with the attempts that were known to be over."""
    over: dict[str, int] = {}
    for row in rows.rows:
        if row.retry == rows.retry and row.entry.kind in ("value", "failed", "handled", "skipped"):
            over[row.entry.key] = 1_000_000
        elif row.retry == rows.retry and row.entry.kind == "attempt":
            over[row.entry.key] = max(row.entry.attempt, over.get(row.entry.key, 0))
    return over


def _repetitions(sent: list[Sent], over: dict[str, int], script: Script) -> list[str]:
    """Calls that were made although the journal knew their end."""
    return [
        f"{call.method} {call.url} for {call.step}, attempt {call.attempt}"
        for call in sent
        if call.step is not None and call.attempt <= over.get(call.step, 0) and call.step not in script.again
    ]


def compare(script: Script, played: Played) -> list[str]:
    """Everything in which a run differs from what its golden expects."""
    wrong: list[str] = []
    ended = played.ended
    if ended.status != script.status:
        wrong.append(f"the run {ended.status}: {ended.error or ended.output}")
    if script.output is not UNSAID and not same(ended.output, script.output):
        wrong.append(f"result {json.dumps(ended.output)}, not {json.dumps(script.output)}")
    if script.error is not None:
        wrong += compare_error(script.error, ended.error)
    if script.report is not None and script.report not in ended.report:
        wrong.append(f"the report does not say {script.report!r}: {ended.report!r}")
    if script.calls is not None:
        wrong += compare_calls(script, played.sent)
    if script.took is not None and abs(played.took - script.took) > 1e-5:
        wrong.append(f"took {played.took:g} s, not {script.took:g} s")
    for key, status in script.steps.items():
        if ended.steps.get(key) != status:
            wrong.append(f"step {key} {ended.steps.get(key)}, not {status}")
    wrong += compare_journal(script, played.rows)
    if played.unexpected:
        wrong.append("not in the script: " + ", ".join(played.unexpected))
    return wrong


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same: 5 is not 5.0, the order of keys does not count."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def compare_error(expected: dict[str, Any], error: dict[str, Any] | None) -> list[str]:
    """How an error differs from the part of it that is known."""
    if error is None:
        return ["there is no error"]
    wrong = []
    for name, value in expected.items():
        found: Any = error.get(name)
        if name == "others":
            found = len(found or ())
        if name == "message" and isinstance(found, str):
            if value not in found:
                wrong.append(f"error.message {found!r} has no {value!r}")
        elif not same(found, value):
            wrong.append(f"error.{name} {found!r}, not {value!r} ({error.get('message')})")
    return wrong


def compare_calls(script: Script, sent: list[Sent]) -> list[str]:
    """How the calls differ; those of one instant have no order among them, but keep their keys apart."""
    expected = script.calls or []
    shown = [f"{call.at:g}s {call.method} {call.url}" for call in sent]
    wanted = [f"{call.at:g}s {call.method} {call.url}" for call in expected]
    if Counter(shown) != Counter(wanted):
        return ["calls:\n    " + "\n    ".join(shown) + "\n  not:\n    " + "\n    ".join(wanted)]
    wrong: list[str] = []
    labels: dict[str, str] = {}
    left = list(zip(shown, sent, strict=True))
    for text, call in zip(wanted, expected, strict=True):
        at = next((i for i, (seen, one) in enumerate(left) if seen == text and _fits(call.body, one)), None)
        if at is None:
            bodies = [json.dumps(one.body) for seen, one in left if seen == text]
            wrong.append(f"{text} sent {', '.join(bodies)}, not {json.dumps(call.body)}")
            continue
        _, one = left.pop(at)
        if call.key is None:
            continue
        if call.key == "none" or call.key.startswith("'"):
            if one.key != (None if call.key == "none" else call.key.strip("'")):
                wrong.append(f"{text} has key {one.key}")
        elif one.key is None or labels.setdefault(call.key, one.key) != one.key:
            wrong.append(f"{text} has key {one.key}, others with {call.key} {labels.get(call.key)}")
    if len(set(labels.values())) != len(labels):
        wrong.append(f"one idempotency key for several calls: {labels}")
    return wrong


def _fits(body: Any, call: Sent) -> bool:
    return body is UNSAID or same(body, call.body)


def compare_journal(script: Script, rows: Rows) -> list[str]:
    """How the stored entries differ from what must be, and must not be, among them."""
    entries = [(row.entry.key, row.entry.kind) for row in rows.rows]
    wrong = []
    for wanted in script.journal:
        rest = iter(entries)
        if not all(one in rest for one in wanted):
            wrong.append(f"the journal has no {wanted} in this order: {entries}")
    known = {key for key, _ in entries}
    wrong += [f"the journal knows {key}" for key in script.journal_lacks if key in known]
    text = json.dumps([astuple(row.entry) for row in rows.rows])
    wrong += [f"the journal holds {never!r}" for never in script.journal_never if never in text]
    return wrong


def crash_everywhere(script: Script) -> list[str]:
    """Run a golden with a crash after every entry of its journal; says what differs from the uninterrupted run."""
    whole = play(script)
    keys = _keys(whole.sent)
    wrong: list[str] = []
    otherwise = 0
    modes: tuple[Mode, ...] = ("late", "limbo")
    for mode, limit in [*itertools.product(modes, range(len(whole.rows.rows))), ("late", -1)]:
        played = play(script, limit if limit >= 0 else 1, mode, again=limit < 0)
        found = list(played.repeated)
        last = f"{mode} after {limit} entries" if limit >= 0 else "after each entry"
        if script.crash_error is not None and played.ended.status == "failed":
            found += compare_error(script.crash_error, played.ended.error)
            otherwise += 1
        else:
            found += _differences(whole, played)
        found += _other_keys(keys, played.sent) + _other_bodies(played.sent)
        if script.undone is not None and script.undone != _undone(played.sent):
            found.append(f"undone were {_undone(played.sent)}, not {script.undone}")
        for method, url in script.never_again:
            if sum((call.method, call.url) == (method, url) for call in played.sent) > 1:
                found.append(f"{method} {url} was called again")
        wrong += [f"crash {last}: {text}" for text in found]
    if script.crash_error is not None and not otherwise:
        wrong.append(f"no crash gave {script.crash_error}")
    return wrong


def _differences(whole: Played, played: Played) -> list[str]:
    wrong = []
    if played.ended.status != whole.ended.status:
        wrong.append(f"the run {played.ended.status} ({played.ended.error}), not {whole.ended.status}")
    if not same(played.ended.output, whole.ended.output):
        wrong.append(f"result {json.dumps(played.ended.output)}, not {json.dumps(whole.ended.output)}")
    if played.ended.report != whole.ended.report:
        wrong.append(f"the report is {played.ended.report!r}, not {whole.ended.report!r}")
    if whole.ended.error is not None and played.ended.error is not None:
        expected = {name: whole.ended.error[name] for name in ("kind", "step", "message") if name in whole.ended.error}
        wrong += compare_error(expected, played.ended.error)
    return wrong


def _undone(sent: list[Sent]) -> list[str]:
    return list(dict.fromkeys(call.step for call in sent if call.step is not None and ".undo." in call.step))


def _keys(sent: list[Sent]) -> dict[tuple[str | None, str, str], set[str | None]]:
    keys: dict[tuple[str | None, str, str], set[str | None]] = {}
    for call in sent:
        keys.setdefault((call.step, call.method, call.url), set()).add(call.key)
    return keys


def _other_bodies(sent: list[Sent]) -> list[str]:
    """One key never stands for two bodies: what a call sends is durable before it is sent."""
    bodies: dict[str, Any] = {}
    return [
        f"{call.method} {call.url} went out twice under one key, with {call.body} and {bodies[call.key]}"
        for call in sent
        if call.key is not None and not same(bodies.setdefault(call.key, call.body), call.body)
    ]


def _other_keys(known: dict[tuple[str | None, str, str], set[str | None]], sent: list[Sent]) -> list[str]:
    """A call that is made again is made with the key that it had."""
    return [
        f"{call.method} {call.url} went out with another idempotency key"
        for call in sent
        if call.key not in known.get((call.step, call.method, call.url), {call.key})
    ]


def trace(script: Script) -> str:
    """All that a run did, as text: the same whatever order sets and maps are walked in."""
    played = play(script)
    calls = [(c.at, c.method, c.url, json.dumps(c.body), c.key, c.step, c.attempt) for c in played.sent]
    entries = [astuple(row.entry) for row in played.rows.rows]
    return json.dumps([calls, entries, played.ended.status, played.ended.output, played.ended.error, played.took])
