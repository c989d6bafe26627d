"""kill -9 at every journal entry and at random instants: no journaled step runs again, keys stay, the run ends as if
undisturbed.
"""

from __future__ import annotations

import random

import pytest

from examples.services import Services
from tests.kill.conftest import RESULT, Spawner, Victim, entries_of, kill_after

pytestmark = pytest.mark.slow
FLOWS = sorted(RESULT)


@pytest.fixture(scope="module")
def lengths(spawner: Spawner, services: Services) -> dict[str, int]:
    """How many journal entries each flow has when nobody kills it."""
    found = {}
    for flow in FLOWS:
        victim = Victim(spawner, services, flow, f"{flow}-whole")
        victim.finish()
        found[flow] = entries_of(victim.db, victim.run_id)
    return found


@pytest.mark.parametrize("when", ["after", "before"])
@pytest.mark.parametrize("flow", FLOWS)
def test_killed_around_each_journal_entry(
    spawner: Spawner, services: Services, lengths: dict[str, int], flow: str, when: str
) -> None:
    assert lengths[flow] >= 3
    for n in range(1, lengths[flow] + 1):
        victim = Victim(spawner, services, flow, f"{flow}-{when}-{n}")
        victim.start((n, when))
        assert spawner.wait() in (-9, RESULT[flow][0])
        victim.killed()
        victim.finish()


@pytest.mark.parametrize("flow", FLOWS)
def test_killed_again_and_again_as_it_recovers(spawner: Spawner, services: Services, flow: str) -> None:
    victim = Victim(spawner, services, flow, f"{flow}-again")
    for _ in range(60):
        victim.start((2, "after"))
        if spawner.wait() != -9:
            break
        victim.killed()
    victim.finish()


@pytest.mark.parametrize("flow", FLOWS)
def test_killed_at_random_instants(spawner: Spawner, services: Services, flow: str) -> None:
    kill_at_random(spawner, services, flow, 8)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("flow", FLOWS)
def test_killed_at_very_many_random_instants(spawner: Spawner, services: Services, flow: str) -> None:
    kill_at_random(spawner, services, flow, 1 + 500 // len(FLOWS))


def kill_at_random(spawner: Spawner, services: Services, flow: str, runs: int) -> None:
    """Kill each of so many runs twice."""
    dice = random.Random(f"{flow} {runs}")
    for n in range(runs):
        victim = Victim(spawner, services, flow, f"{flow}-random-{n}-of-{runs}")
        for _ in range(2):
            pid, _ = victim.start()
            kill_after(pid, dice.uniform(0.05, 0.4))
            spawner.wait()
            victim.killed()
        victim.finish()
