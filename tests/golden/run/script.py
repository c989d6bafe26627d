"""The expectations that a golden flow carries in its `#!` comments: what the world answers, and what the run must do.

    #! flow: main                         which flow runs; by default the only one
    #! input: {"n": 1}                    its inputs; `config:` the configuration, both as they come from outside
    #! start: 2026-03-01T10:00:00Z        the wall clock when the run begins
    #! random: 0.25                       what every draw gives (0.5)
    #! http: GET https://a.test/x -> 200 {"id": 1} headers {"retry-after": "7"} after 2s
    #! http: GET https://a.test/x -> 503 {} x2          twice; the last answer of a method and URL is given for ever
    #! http: POST https://a.test/x -> drop              cut after sending; `refuse`: never sent; `hang`: never answered
    #! python: pkg:name -> 42 after 1s                  a Python function; `-> raise TEXT`, `-> hang`
    #! event: 2h order.paid key=o1 {"by": "ann"}     an event that comes then; `key=` may be left out
    #! retried: 1                         a failed run is retried so often; `1 from the start`
    #! stop: 3s                           the process is interrupted then and the run resumed; `cancel: 3s` cancels it
    #! stop: 3s for 1h                    … and resumed so much later

    #! expect: succeeded {"total": 3}     status and result, or `expect: failed`
    #! error: {"kind": "http", "step": "lead", "others": 1}   what is known of the error; `message` may be a part of it
    #! report: outcome unknown            a part of what is said about the run when it has ended
    #! call: 2s POST https://a.test/x {"n": 1} key=a    every call with its virtual time, in order of time; the same
                                          letter is the same idempotency key, `none` no key, `'o1'` that key
    #! calls: none                        nothing is called
    #! took: 6s                           virtual time from start to end
    #! steps: {"a": "skipped"}            how steps ended
    #! journal: a failed, b value         these entries in this order, others between them
    #! journal-lacks: a, b                steps that the journal does not know
    #! journal-never: TEXT                nowhere in it

Each golden is run again with a crash at every entry of its journal, and must end alike without doing again what was
journaled:

    #! crash: no, REASON                  not this one
    #! crash: or {"code": "x"}            or fail like this, at least once
    #! never-again: POST https://a.test/x at most one call in all
    #! again: token                       a step that is called again although it had ended
    #! undone: b.undo.post, a.undo.post   the steps of undos, in the order of their first calls
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.simulation.clock import EPOCH
from tests.simulation.transport import Answer

LINE = re.compile(r"^#! ([a-z-]+): (.*)$", re.M)
CALL = re.compile(r"^(\S+) (\S+) (\S+)(?: (?!key=)(.+?))?(?: key=('[^']*'|\S+))?$")
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
UNSAID: Any = object()


@dataclass(frozen=True, slots=True)
class Call:
    """One expected call; `body` UNSAID and `key` null: nothing is claimed about them."""

    at: float
    method: str
    url: str
    body: Any
    key: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An event that comes after so many seconds."""

    at: float
    type: str
    key: str | None
    data: Any


@dataclass(slots=True)
class Script:
    """All that a golden says about itself."""

    path: Path
    text: str
    flow: str | None = None
    input: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    start: int = EPOCH
    random: float = 0.5
    world: list[tuple[str, str, Answer, int]] = field(default_factory=list)
    events: list[Told] = field(default_factory=list)
    retried: int = 0
    from_start: bool = False
    stop: float | None = None
    away: float = 0.0
    cancel: float | None = None
    status: str = ""
    output: Any = UNSAID
    error: dict[str, Any] | None = None
    report: str | None = None
    calls: list[Call] | None = None
    took: float | None = None
    steps: dict[str, str] = field(default_factory=dict)
    journal: list[list[tuple[str, str]]] = field(default_factory=list)
    journal_lacks: list[str] = field(default_factory=list)
    journal_never: list[str] = field(default_factory=list)
    crash: bool = True
    crash_error: dict[str, Any] | None = None
    never_again: list[tuple[str, str]] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    undone: list[str] | None = None


def read(path: Path) -> Script:
    """Read a golden; raises `ValueError` if a line of it is not of this format."""
    script = Script(path, path.read_text(encoding="utf-8"))
    for line in LINE.finditer(script.text):
        name, rest = line[1], line[2].strip()
        reader = READERS.get(name)
        if reader is None:
            raise ValueError(f"{path.name}: there is no `{name}`")
        try:
            reader(script, rest)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"{path.name}: cannot read `{name}: {rest}`: {error}") from error
    if script.text.count("\n#!") != len(LINE.findall(script.text)):
        raise ValueError(f"{path.name}: a `#!` line is malformed")
    if not script.status:
        raise ValueError(f"{path.name}: expects nothing")
    return script


def seconds(text: str) -> float:
    """Read `2s`, `1.5h`, `250ms`."""
    number, unit = re.fullmatch(r"([0-9.]+)([a-z]+)", text).groups()  # type: ignore[union-attr]
    return float(number) * UNITS[unit]


def _answer(script: Script, text: str, kind: str) -> None:
    target, _, rest = text.partition(" -> ")
    method, url = ("PY", target) if kind == "python" else target.split(" ")
    m = re.fullmatch(r"(.*?)(?: headers (\{.*?\}))?(?: after (\S+))?(?: x(\d+))?", rest)
    what, headers, after, times = m.groups()  # type: ignore[union-attr]
    delay = seconds(after) if after else 0.0
    if what in ("drop", "refuse", "hang"):
        answer = Answer(what, after=delay)
    elif kind == "python":
        raised = what.startswith("raise ")
        answer = Answer("raise" if raised else "answer", body=what[6:] if raised else json.loads(what), after=delay)
    else:
        status, _, body = what.partition(" ")
        answer = Answer(
            "answer", int(status), json.loads(body) if body else None, json.loads(headers) if headers else {}, delay
        )
    script.world.append((method, url, answer, int(times or 1)))


def _expect(script: Script, text: str) -> None:
    script.status, _, output = text.partition(" ")
    if script.status not in ("succeeded", "failed", "cancelled", "interrupted"):
        raise ValueError("no such status")
    if output:
        script.output = json.loads(output)


def _call(script: Script, text: str) -> None:
    m = CALL.match(text)
    at, method, url, body, key = m.groups()  # type: ignore[union-attr]
    call = Call(seconds(at), method, url, UNSAID if body is None else json.loads(body), key)
    script.calls = [*(script.calls or ()), call]


def _event(script: Script, text: str) -> None:
    at, type_, key, data = re.fullmatch(r"(\S+) (\S+)(?: key=(\S+))? (.+)", text).groups()  # type: ignore[union-attr]
    script.events.append(Told(seconds(at), type_, key, json.loads(data)))


def _calls(script: Script, text: str) -> None:
    if text != "none":
        raise ValueError("only `none` may be said of all calls")
    script.calls = []


def _crash(script: Script, text: str) -> None:
    if text.startswith("or "):
        script.crash_error = json.loads(text[3:])
    elif re.match(r"no, .+", text):
        script.crash = False
    else:
        raise ValueError("either `or {…}` or `no, REASON`")


def _journal(script: Script, text: str) -> None:
    script.journal.append([(key, kind) for key, kind in (entry.rsplit(" ", 1) for entry in text.split(", "))])


def _start(script: Script, text: str) -> None:
    script.start = round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def _retried(script: Script, text: str) -> None:
    times, _, where = text.partition(" ")
    if where not in ("", "from the start"):
        raise ValueError("either a number or a number `from the start`")
    script.retried, script.from_start = int(times), bool(where)


def _stop(script: Script, text: str) -> None:
    at, _, away = text.partition(" for ")
    script.stop, script.away = seconds(at), seconds(away) if away else 0.0


def _set(name: str, read_value: Any) -> Any:
    return lambda script, text: setattr(script, name, read_value(text))


READERS: dict[str, Any] = {
    "flow": _set("flow", str),
    "input": _set("input", json.loads),
    "config": _set("config", json.loads),
    "start": _start,
    "random": _set("random", float),
    "http": lambda script, text: _answer(script, text, "http"),
    "python": lambda script, text: _answer(script, text, "python"),
    "event": _event,
    "retried": _retried,
    "stop": _stop,
    "cancel": _set("cancel", seconds),
    "expect": _expect,
    "error": _set("error", json.loads),
    "report": _set("report", str),
    "call": _call,
    "calls": _calls,
    "took": _set("took", seconds),
    "steps": _set("steps", json.loads),
    "journal": _journal,
    "journal-lacks": _set("journal_lacks", lambda text: text.split(", ")),
    "journal-never": lambda script, text: script.journal_never.append(text),
    "crash": _crash,
    "never-again": lambda script, text: script.never_again.append(tuple(text.split(" "))),
    "again": _set("again", lambda text: text.split(", ")),
    "undone": _set("undone", lambda text: text.split(", ")),
}
