"""Which steps of a run refer to steps that were undone, through whatever stands between: what they did, or tried to do,
was done with values that hold no more, so a retry does them again.

References count, in every clause that had a say; that a step came `after` another is none. The scopes of the plan are
gone through with the names whose values may be others now, once for each item, round and poll that the journal knows.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Final

from flowlang.plan.nodes import FlowCall, LetNode, Plan, RaceBlock, RepeatBlock, Scope, Step
from flowlang.plan.walk import all_expressions, inner_scopes, refs, step_expressions
from flowlang.runtime.journal import EntryKind, ancestors

if TYPE_CHECKING:
    from flowlang.plan.nodes import Expr

_POLL: Final = r"(?:#\d+)?"
_ITEM: Final = r"\[(?:\d+|'(?:[^'\\]|\\.)*')\]"
_NUMBER: Final = re.compile(r"\d+")


def dependents(plan: Plan, entries: Collection[tuple[str, EntryKind]], undone: Collection[str]) -> list[str]:
    """The steps with entries that refer to those that were undone."""
    search = _Search(plan, entries, undone)
    if undone:
        search.flow(plan.flow, "")
    return search.found


class _Search:
    def __init__(self, plan: Plan, entries: Collection[tuple[str, EntryKind]], undone: Collection[str]) -> None:
        self._plan = plan
        self._undone = frozenset(undone)
        self._around_undone = {around for key in undone for around in ancestors(key)}
        self._won = {key for key, kind in entries if kind == "choice"}
        self._keys = sorted({key for key, _ in entries})
        self._handled = {key for key, kind in entries if kind == "handled"}
        self.found: list[str] = []

    def flow(self, name: str, prefix: str) -> bool:
        """Go through what a flow did; whether its value may be another now. So of the methods below."""
        flow = self._plan.flows[name]
        changed = self._scope(flow.body, prefix, frozenset())
        for i, handler in enumerate(flow.handlers):
            answer = self._scope(handler.body, f"{prefix}catch{i}.", frozenset())
            changed |= answer and prefix in self._handled
        return changed

    def _scope(self, scope: Scope, prefix: str, outer: frozenset[str], *, races: bool = False) -> bool:
        """Go through a scope's steps; `outer`: the names around it whose values may be others now. `races`: any of its
        steps may have given its value.
        """
        steps = {step.key: step for step in scope.nodes}
        stale = _with_lets(scope.lets, outer)
        changed = False
        for key in TopologicalSorter({step.key: step.needs for step in scope.nodes}).static_order():
            if self._step(steps[key], prefix + key, stale):
                changed = True
                stale = _with_lets(scope.lets, stale | {steps[key].name or key})
        own = [e for e in (scope.value, scope.next) if e is not None]
        return _refer(own, stale) or not stale.isdisjoint(scope.record or ()) or (races and changed)

    def _step(self, step: Step, path: str, stale: frozenset[str]) -> bool:
        if path in self._undone:
            return True
        if _refer(self._references(step, path), stale):
            return self._again(path)
        if not self._has_entries(path):
            return any(_refer(all_expressions(scope), stale) for _, scope in inner_scopes(step))
        return self._inside(step, path, stale)

    def _references(self, step: Step, path: str) -> Iterator[Expr]:
        """What had a say in what a step did, or has one in how it is undone; not what its blocks hold."""
        had_say = step.handlers if path in self._handled else ()
        yield from step_expressions(step.replace(handlers=had_say))
        scopes = [handler.body for handler in had_say]
        scopes += [] if step.undo is None else [step.undo]
        for scope in scopes:
            yield from all_expressions(scope)

    def _again(self, path: str) -> bool:
        if self._has_entries(path):
            self.found.append(path)
        return True

    def _inside(self, step: Step, path: str, stale: frozenset[str]) -> bool:
        """Go through the scopes that a step opened. What an answered block did is done again as a whole, and so is what
        a race did whose winner has something to do again: another may win now.
        """
        changed = False
        if isinstance(step.action, FlowCall):
            for prefix in self._prefixes(path, _POLL + "/"):
                changed |= self.flow(step.action.flow, prefix)
        for suffix, scope in inner_scopes(step):
            if suffix == ".undo":
                continue
            before = len(self.found)
            spelt = _POLL + (_ITEM if suffix == "[]" else re.escape(suffix)) + r"\."
            differs = self._scopes(step, scope, self._prefixes(path, spelt), stale)
            if suffix.startswith(".catch"):
                changed |= differs and path in self._handled
                continue
            is_found, is_race = len(self.found) > before, isinstance(step.action, RaceBlock)
            differs |= is_race and path in self._won and (is_found or path in self._around_undone)
            changed |= differs
            if (differs and is_race) or (is_found and path in self._handled):
                return self._again(path)
        return changed

    def _scopes(self, step: Step, scope: Scope, prefixes: list[str], stale: frozenset[str]) -> bool:
        """Go through a scope each time that it was entered. The rounds behind one that gives another value are done
        again as a whole.
        """
        races = isinstance(step.action, RaceBlock) and scope is step.action.body
        if not isinstance(step.action, RepeatBlock) or scope is not step.action.body:
            differing = [prefix for prefix in prefixes if self._scope(scope, prefix, stale, races=races)]
            return bool(differing)
        changed = False
        for prefix in sorted(prefixes, key=lambda each: [int(n) for n in _NUMBER.findall(each)]):
            changed = self._again(prefix[:-1]) if changed else self._scope(scope, prefix, stale)
        return changed

    def _beneath(self, path: str) -> Iterator[str]:
        for at in range(bisect_left(self._keys, path), len(self._keys)):
            if not self._keys[at].startswith(path):
                return
            yield self._keys[at]

    def _has_entries(self, path: str) -> bool:
        return any(path in ancestors(key) for key in self._beneath(path))

    def _prefixes(self, path: str, spelt: str) -> list[str]:
        """The paths, with what parts them from their steps, of the scopes under a step that are spelt so."""
        match = re.compile(re.escape(path) + spelt).match
        found = (match(key) for key in self._beneath(path))
        return list(dict.fromkeys(each[0] for each in found if each is not None))


def _refer(exprs: Iterable[Expr], stale: frozenset[str]) -> bool:
    return bool(stale) and any(not stale.isdisjoint(refs(expr)) for expr in exprs)


def _with_lets(lets: tuple[LetNode, ...], stale: frozenset[str]) -> frozenset[str]:
    """The names with those of the lets that refer to them, directly or through other lets."""
    while found := {let.name for let in lets if let.name not in stale and _refer([let.value], stale)}:
        stale |= found
    return stale
