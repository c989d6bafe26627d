"""kill -9 at every effect and at random instants: no journaled step runs again, keys stay, the run ends as if
undisturbed.
"""

from __future__ import annotations

import itertools
import random
import time

import pytest

from examples.services import Services
from tests.depth import depth
from tests.kill.conftest import RESULT, Spawner, Victim, kill_after

pytestmark = pytest.mark.slow
FLOWS = sorted(RESULT)
KINDS = ("entry", "commit", "ask", "answer")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("flow", FLOWS)
def test_killed_at_each_effect(spawner: Spawner, services: Services, flow: str, kind: str) -> None:
    for n in itertools.count(1):
        victim = Victim(spawner, services, flow, f"{flow}-{kind}-{n}")
        victim.start((kind, n))
        if spawner.wait() != -9:
            assert n > 3
            return
        victim.killed()
        victim.finish()


@depth("pairs", usual=4, soak=40)
@pytest.mark.parametrize("flow", FLOWS)
def test_killed_again_at_an_effect_of_the_recovery(spawner: Spawner, services: Services, flow: str, pairs: int) -> None:
    dice = random.Random(flow)
    for pair in range(pairs):
        victim = Victim(spawner, services, flow, f"{flow}-pair-{pair}-of-{pairs}")
        for _ in range(2):
            victim.start((dice.choice(KINDS), dice.randint(1, 5)))
            spawner.wait()
            victim.killed()
        victim.finish()


@pytest.mark.parametrize("flow", FLOWS)
def test_killed_again_and_again_as_it_recovers(spawner: Spawner, services: Services, flow: str) -> None:
    victim = Victim(spawner, services, flow, f"{flow}-again")
    for _ in range(60):
        victim.start(("entry", 2))
        if spawner.wait() != -9:
            break
        victim.killed()
    victim.finish()


@pytest.mark.parametrize("flow", FLOWS)
def test_killed_at_random_instants(spawner: Spawner, services: Services, flow: str) -> None:
    """200 kills in all."""
    kill_at_random(spawner, services, flow, 200 // len(FLOWS))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("flow", FLOWS)
def test_killed_at_very_many_random_instants(spawner: Spawner, services: Services, flow: str) -> None:
    kill_at_random(spawner, services, flow, 1000 // len(FLOWS))


def kill_at_random(spawner: Spawner, services: Services, flow: str, kills: int) -> None:
    """Kill runs so often while they run, each up to four times; the instants are spread over what a run takes."""
    dice = random.Random(f"{flow} {kills}")
    longest = 1.2 * undisturbed(spawner, services, flow, f"{flow}-undisturbed-{kills}")
    killed = 0
    for n in itertools.count():
        victim = Victim(spawner, services, flow, f"{flow}-random-{n}-of-{kills}")
        for _ in range(4):
            pid, _ = victim.start()
            kill_after(pid, dice.uniform(0.01, longest))
            if spawner.wait() != -9:
                break
            killed += 1
            victim.killed()
        victim.finish()
        if killed >= kills:
            return


def undisturbed(spawner: Spawner, services: Services, flow: str, run_id: str) -> float:
    """The seconds that a run takes which nobody kills: the least of three."""
    taken = []
    for n in range(3):
        victim = Victim(spawner, services, flow, f"{run_id}-{n}")
        began = time.monotonic()
        victim.finish()
        taken.append(time.monotonic() - began)
    return min(taken)
