"""What one golden cannot say: a journal that does not fit its plan, state that runs share, an ended run resumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowlang.runtime.errors import ReplayDisagrees
from flowlang.runtime.memory import MemoryShared
from tests.golden.run.play import plan_of, play
from tests.golden.run.script import Script, read
from tests.simulation.clock import Clock, simulate
from tests.simulation.journal import CrashingJournal, Rows
from tests.simulation.runs import Ended, execute
from tests.simulation.transport import World

SEMANTICS = Path(__file__).parent / "semantics"


def run(
    script: Script, rows: Rows, shared: MemoryShared, clock: Clock, limit: int | None = None
) -> tuple[Ended | None, World]:
    plan = plan_of(script.path.name, script.text, script.flow)
    world = World(clock)
    for method, url, answer, times in script.world:
        world.expect(method, url, answer, times)

    async def process() -> Ended | None:
        journal = CrashingJournal(rows, f"run-{id(rows)}", limit)
        return await execute(plan, script.input, script.config, clock, world, journal, shared, script.random)

    return simulate(clock, process), world


@pytest.mark.parametrize(
    ("key", "changed"),
    [("maybe", {"when": False}), ("branch", {"branch": "then"}), ("case", {"branch": "else"}), ("loop", {"length": 3})],
)
def test_a_recomputed_choice_that_disagrees_is_a_named_error(key: str, changed: dict[str, object]) -> None:
    """17: a recomputation that disagrees with the journal is an error with a name, and nothing more is started."""
    script = read(SEMANTICS / "17c-what-was-chosen-is-journaled.flow")
    rows, clock = Rows(), Clock()
    whole, _ = run(script, rows, MemoryShared(), clock)
    assert whole is not None
    kept = next(i for i, row in enumerate(rows.rows) if (row.entry.key, row.entry.kind) == (key, "choice"))
    other = rows.rows[kept]
    rows.rows = [type(other)(replace(other.entry, data=changed), 0, other.generation, other.retry)]
    with pytest.raises(ReplayDisagrees, match=key):
        run(script, rows, MemoryShared(), clock)


def test_two_runs_share_a_breaker() -> None:
    """20: what opens the breaker of a service in one run is met by another."""
    script = read(SEMANTICS / "08h-kind-breaker-open.flow")
    shared, clock = MemoryShared(), Clock()
    first, asked = run(script, Rows(), shared, clock)
    second, not_asked = run(script, Rows(), shared, clock)
    assert first is not None
    assert second is not None
    assert first.output == ["http", "http", "breaker_open"]
    assert second.output == ["breaker_open"] * 3
    assert (len(asked.sent), len(not_asked.sent)) == (2, 0)


def test_two_runs_share_a_rate_limit() -> None:
    """20: the turns that one run took are taken for another."""
    script = read(SEMANTICS / "20b-rate-limit-makes-wait.flow")
    shared, clock = MemoryShared(), Clock()
    run(script, Rows(), shared, clock)
    began = clock.seconds
    _, asked = run(script, Rows(), shared, clock)
    assert [call.at - began for call in asked.sent] == [10, 10, 20, 20]


def test_a_run_that_had_ended_does_nothing_more() -> None:
    """17: replaying a whole journal gives the same end without a call."""
    script = read(SEMANTICS / "09c-undo-handed-outward.flow")
    rows, shared, clock = Rows(), MemoryShared(), Clock()
    first, asked = run(script, rows, shared, clock)
    second, not_asked = run(script, rows, shared, clock)
    assert first is not None
    assert second is not None
    assert asked.sent
    assert (second.status, second.error, second.report) == (first.status, first.error, first.report)
    assert not_asked.sent == []


SLOW = """
import http
#! http: GET https://a.test/slow -> hang
#! expect: failed

flow main() -> none {
  @timeout(20s, total=30s)
  do http.get("https://a.test/slow")
  return none
}
"""


def test_a_total_timeout_counts_from_the_first_call_over_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "slow.flow"
    path.write_text(SLOW, encoding="utf-8")
    rows, clock = Rows(), Clock()
    assert run(read(path), rows, MemoryShared(), clock, 0)[0] is None
    assert clock.seconds == 20
    ended, _ = run(read(path), rows, MemoryShared(), clock)
    assert ended is not None
    assert ended.error is not None
    assert clock.seconds == 30


METERED = """
import http
#! http: POST https://a.test/ask -> 200 {"done": false, "tokens": 3}
#! http: POST https://a.test/ask -> 200 {"done": true, "tokens": 4}
#! http: POST https://a.test/bad -> 200 {"tokens": 5}
#! expect: succeeded

flow main() -> any? {
  @meter(tokens=result.json.tokens)
  @timeout(total=5m)
  step asked = http.post("https://a.test/ask").json.done
    until asked every 1s
  @meter(tokens=result.json.tokens)
  step bad = http.post("https://a.test/bad").json.answer
    after asked
    catch fault { yield none }
  return bad
}
"""


def test_what_was_metered_survives_a_crash(tmp_path: Path) -> None:
    """`@meter`: numbers of polls and of failed steps are the same whenever the process dies."""
    path = tmp_path / "metered.flow"
    path.write_text(METERED, encoding="utf-8")
    script = read(path)
    for limit in (None, *range(1, len(play(script).rows.rows))):
        entries = {(row.entry.key, row.entry.kind): row.entry.data for row in play(script, limit).rows.rows}
        asked: Any = entries["asked", "value"]
        bad: Any = entries["bad", "failed"]
        assert (limit, asked["meter"], bad["meter"]) == (limit, {"tokens": 7}, {"tokens": 5})
