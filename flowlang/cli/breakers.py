"""What `flowlang breakers` does: read and change the states that runs share in their database.

A breaker is known once a call has gone through it, by its service and address, its host or its key; a service's name
is enough where one known breaker has it. What no call has used cannot be changed: a misspelt name would hold nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from flowlang.cli.copied import command
from flowlang.cli.databases import opened, refused, without
from flowlang.cli.failure import UsageError
from flowlang.cli.shown import duration, instant, moment, table
from flowlang.runtime.journal import JournalUnavailable
from flowlang.runtime.policies import breaker
from flowlang.semantics.suggest import did_you_mean
from flowlang.store.rows import JournalCorrupt

if TYPE_CHECKING:
    from flowlang.store.sqlite import Store

PREFIX = "breaker:"
Values = dict[str, Any]


def run(values: Values) -> int:
    """Do what the command says and show how the breakers stand then."""
    with opened(values, must_exist=True) as store:
        try:
            return _run(store, values)
        except JournalUnavailable as error:
            raise refused(error) from error


def _run(store: Store, values: Values) -> int:
    what = values["command"]
    known, corrupt = _states(store)
    if what == "list":
        _show_all(known, values["format"])
        return without(list(corrupt.values()))
    name = _meant(values["name"], [*known, *corrupt], store)
    if what in ("show", "release") and name in corrupt:
        raise UsageError(f"{corrupt[name]}; this begins it anew: {command('breakers reset', name, values=values)}")
    match what:
        case "reset":
            _change(store, name, breaker.reset)
        case "hold":
            _change(store, name, lambda state: breaker.hold(state, values["as"]))
        case "release":
            if known[name].get("held") is None:
                held = command("breakers hold", name, values=values)
                raise UsageError(f"breaker {name!r} is not held; this holds it: {held}")
            _change(store, name, breaker.release)
    _show_all({name: _states(store)[0][name]}, values["format"])
    return 0


def _meant(name: str, known: Collection[str], store: Store) -> str:
    """The known breaker of a name, which may be short of its address. Raises `UsageError`."""
    if name in known:
        return name
    short = {each: each.rpartition("@")[0] for each in known if "@" in each}
    found = sorted(each for each in short if short[each] == name)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"several breakers are called {name!r}; say which: {', '.join(found)}")
    among = f"there are {', '.join(sorted(known))}" if known else "none has been used yet"
    meant = did_you_mean(name, [*known, *short.values()])
    raise UsageError(f"no call has used a breaker {name!r} in {store.path}; {meant or among}")


def _states(store: Store) -> tuple[dict[str, Any], dict[str, str]]:
    """The states by name, and what is wrong with those that are corrupt."""
    states: dict[str, Any] = {}
    corrupt: dict[str, str] = {}
    for key, state in store.shared_states().items():
        name = key.removeprefix(PREFIX)
        if isinstance(state, JournalCorrupt):
            corrupt.update({name: str(state)} if name != key else {})
        elif name != key:
            states[name] = state
    return states, corrupt


def _change(store: Store, name: str, change: Callable[[object | None], dict[str, Any]]) -> None:
    asyncio.run(store.shared.update(PREFIX + name, lambda state: (change(state), None)))


def _show_all(states: dict[str, Any], format: str) -> None:
    now = time.time_ns() // 1000
    if format == "json":
        document = {"breakers": [_to_json(name, state, now) for name, state in sorted(states.items())]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    rows = [_row(name, state, now) for name, state in sorted(states.items())]
    print(table(("BREAKER", "STATE", "FAILURES", "CALLS", "TRIPS", "UNTIL"), rows), end="")


def _mode(state: dict[str, Any], now: int) -> str:
    """How it stands; one whose open time is over lets the next call try."""
    if state.get("held"):
        return f"held {state['held']}"
    return "half_open" if state["mode"] == "open" and state["until"] <= now else str(state["mode"])


def _counts(state: dict[str, Any]) -> tuple[int, int | None]:
    """Failures, and calls where they are counted."""
    buckets = state.get("buckets") or []
    if buckets:
        return sum(each[2] for each in buckets), sum(each[1] for each in buckets)
    return int(state.get("failures", 0)), None


def _row(name: str, state: dict[str, Any], now: int) -> tuple[str, ...]:
    failures, calls = _counts(state)
    until = state.get("until", 0)
    ahead = f"{moment(until)} (in {duration(until - now)})" if until > now and not state.get("held") else ""
    shown = "" if calls is None else str(calls)
    return (name, _mode(state, now), str(failures), shown, str(state.get("trips", 0)), ahead)


def _to_json(name: str, state: dict[str, Any], now: int) -> dict[str, object]:
    failures, calls = _counts(state)
    return {
        "breaker": name,
        "state": _mode(state, now).removeprefix("held "),
        "held": bool(state.get("held")),
        "failures": failures,
        "calls": calls,
        "trips": state.get("trips", 0),
        "opened": instant(state.get("opened")),
        "until": instant(state.get("until")),
    }
