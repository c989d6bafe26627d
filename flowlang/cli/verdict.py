"""How a run ended: its result on stdout, or on stderr the step, the attempt, the cause with its source line, and how
to go on.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from flowlang.cli.copied import command
from flowlang.cli.failure import FAILED, PARKED, SUCCEEDED
from flowlang.cli.shown import instant, moment
from flowlang.engines.local import Finished
from flowlang.engines.steps import count_over_tries, steps_of, undo_failures_of, unknown_of
from flowlang.plan.walk import place_key, refs, steps, uses
from flowlang.render.visible import visible
from flowlang.store.history import barred_step

if TYPE_CHECKING:
    from flowlang.engines.local import Left
    from flowlang.plan.nodes import Place, Plan
    from flowlang.store.runs import RunRecord
    from flowlang.store.sqlite import Store


class Verdict:
    """What is said about one run. `plan` gives the source lines; null: nothing new happened."""

    def __init__(self, store: Store, record: RunRecord, plan: Plan | None, values: dict[str, Any]) -> None:
        self._store = store
        self._record = record
        self._plan = plan
        self._values = values

    def tell(self, finished: Finished) -> int:
        """Print the verdict and give the exit code."""
        if self._values["format"] == "json":
            print(json.dumps(self._json(finished), indent=2, ensure_ascii=False))
        elif self._record.status == "succeeded" and self._has_result():
            print(json.dumps(self._record.output, indent=2, ensure_ascii=False))
        if self._plan is not None:
            sys.stdout.flush()
            lines = lines_left_behind(finished) if self._record.status == "succeeded" else self.failure(finished)
            if lines:
                print("flowlang: " + "\n".join(lines), file=sys.stderr)
        return SUCCEEDED if self._record.status == "succeeded" else FAILED

    def tell_left(self, left: Left) -> int:
        """Say that the run goes on without us, and give the exit code."""
        if self._values["format"] == "json":
            print(
                json.dumps(
                    {**self._json(Finished(left.record)), "until": instant(left.wake)},
                    indent=2,
                    ensure_ascii=False,
                )
            )
        where = "under way in another process" if left.wake is None else f"parked until {moment(left.wake)}"
        hint = f"{command('work', values=self._values)} goes on with it then"
        print(f"flowlang: run {visible(left.record.id)} is {where}; {hint}", file=sys.stderr)
        return PARKED

    def _has_result(self) -> bool:
        """A flow that gives none, and nothing else ever, prints nothing."""
        if self._record.output is not None or self._plan is None:
            return self._record.output is not None
        result = self._plan.flows[self._plan.flow].result
        return result is not None and self._plan.types[result] != "none"

    def _json(self, finished: Finished) -> dict[str, object]:
        record = self._record
        rows = self._store.live(record) if finished.steps is None else []
        now = time.time_ns() // 1000
        told = steps_of(rows, record, now) if finished.steps is None else finished.steps
        if record.retries:
            count_over_tries(told, self._store.history(record))
        document: dict[str, Any] = {
            "run": record.id,
            "flow": record.flow,
            "status": record.status,
            "output": record.output,
            "error": record.error,
            "steps": [step.to_json() for step in told],
        }
        meter: dict[str, float] = {}
        for step in told:
            for name, number in step.meter.items():
                if isinstance(number, (int, float)):
                    meter[name] = meter.get(name, 0) + number
        if meter:
            document["meter"] = meter
        document.update(
            left_behind(finished.unknown or unknown_of(rows), finished.undo_failures or undo_failures_of(rows))
        )
        return document

    def failure(self, finished: Finished) -> list[str]:
        """The lines that say what went wrong."""
        record = self._record
        error: dict[str, Any] = record.error if isinstance(record.error, dict) else {}
        step, attempt = error.get("step"), error.get("attempt")
        where = f" at step `{step}`" if step else ""
        if where and attempt:
            where += f", attempt {max([attempt, *self._calls(finished, step)])}"
        how = "was cancelled" if record.status == "cancelled" else "failed"
        lines = [f"run {record.id} {how}{where}: {error.get('kind', 'failed')}: {error.get('message', '')}"]
        lines = [visible(line) for line in lines]
        lines += self._excerpt(error.get("place"))
        for other in error.get("others", ()):
            cause = f"{other.get('kind')}: {other.get('message')}"
            lines.append(visible(f"also failed: step `{other.get('step')}`: {cause}"))
        lines += lines_left_behind(finished)
        return [*lines, self._remedy(how)]

    def _calls(self, finished: Finished, step: object) -> list[int]:
        """How many calls a step took, if that is known, with those that a process left under way when it died."""
        told = steps_of(self._store.live(self._record), self._record) if finished.steps is None else finished.steps
        return [each.attempts for each in told if each.key == step]

    def _remedy(self, how: str) -> str:
        """The command that tries the run again, or a new one with other inputs where these can only fail."""
        if self._refused_its_inputs():
            replay = command("runs replay", self._record.id, values=self._values)
            return f"the inputs do not hold, a new run with others: {replay} --input NAME=VALUE"
        again = command("runs retry", self._record.id, values=self._values)
        barred = barred_step(self._store.live(self._record)) if self._has_once() else None
        if barred is None:
            return f"try again from where it {how}: {again}"
        return f"do everything again, also step `{visible(barred)}`, which is `@once`: {again} --from-start"

    def _refused_its_inputs(self) -> bool:
        """Whether an `ensure` of the run's own flow failed that reads its inputs alone."""
        error: Any = self._record.error
        if self._plan is None or not isinstance(error, dict):
            return False
        flow, place = self._plan.flows[self._plan.flow], error.get("place")
        at = [place_key(flow.name, f"#ensure{i}") for i, _ in enumerate(flow.preconditions)]
        if place not in at or error.get("step"):
            return False
        condition = flow.preconditions[at.index(place)].condition
        return bool(refs(condition)) and next(uses(condition, "config"), None) is None

    def _has_once(self) -> bool:
        flows = [] if self._plan is None else self._plan.flows.values()
        return any(step.policies.once for flow in flows for _, step in steps(flow))

    def _excerpt(self, key: object) -> list[str]:
        """The source line of a place, underlined."""
        place: Place | None = self._plan.places.get(key) if self._plan is not None and isinstance(key, str) else None
        if place is None:
            return []
        gutter = " " * len(str(place.line))
        width = place.end_column - place.column if place.end_line == place.line else len(place.text) - place.column + 1
        return [
            f"{gutter} --> {visible(place.file)}:{place.line}:{place.column}",
            f"{gutter} |",
            f"{place.line} | {visible(place.text)}",
            f"{gutter} | {' ' * (place.column - 1)}{'^' * max(1, width)}",
        ]


def left_behind(unknown: list[str], undo_failures: list[object]) -> dict[str, object]:
    """What of a run's effects remains to be looked at, in `--format json`; nothing where there is nothing."""
    found: dict[str, object] = {"outcome_unknown": unknown, "undo_failures": undo_failures}
    return {name: value for name, value in found.items() if value}


def lines_left_behind(finished: Finished) -> list[str]:
    """The same for people."""
    lines = [f"outcome unknown: step `{key}` may have taken effect" for key in finished.unknown]
    failures = [failure for failure in finished.undo_failures if isinstance(failure, dict)]
    lines += [f"not undone: step `{failure.get('step')}`: {failure.get('message')}" for failure in failures]
    return [visible(line) for line in lines]
