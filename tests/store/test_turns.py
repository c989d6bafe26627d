"""Turns of `@rate_limit`: who was killed before its turn leaves it to others, who lives keeps it."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from flowlang.plan.nodes import RateLimitPolicy
from flowlang.runtime.policies import rate_limit
from flowlang.store.shared import SqliteSharedState
from flowlang.store.sqlite import Store
from tests.conftest import ROOT
from tests.store.conftest import go

SECOND = 1_000_000
POLICY = RateLimitPolicy(1, SECOND, None)
TAKE = """
    import asyncio, sys, time
    from pathlib import Path
    from flowlang.store.sqlite import Store
    from tests.store.test_turns import take
    store = Store(Path(sys.argv[1]))
    print([asyncio.run(take(store.shared, n, 0)) for n in range(4)], flush=True)
    time.sleep(60)
"""


async def take(shared: SqliteSharedState, number: int, now: int) -> int:
    """Take a turn at an instant; gives when it is."""
    turn = rate_limit.Turn(shared.holder, number)

    def change(state: object | None) -> tuple[Any, Any]:
        gone = rate_limit.holders(state, shared.is_gone)
        return rate_limit.take(POLICY, state, turn, now, None, gone)

    answer: Any = await shared.update("rate_limit:crm", change)
    return int(answer["at"])


def test_the_turns_of_a_killed_process_are_free(store: Store, path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(TAKE), str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == f"{[0, SECOND, 2 * SECOND, 3 * SECOND]}\n"
        assert go(take(store.shared, 1, SECOND // 2)) == 4 * SECOND
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert go(take(store.shared, 2, SECOND // 2)) == SECOND  # the first call may have been made
    assert go(take(store.shared, 3, SECOND // 2)) == 2 * SECOND


def test_another_store_s_turns_are_free_when_it_is_closed(store: Store, path: Path) -> None:
    with Store(path) as other:
        assert go(take(other.shared, 0, 0)) == 0
        assert go(take(other.shared, 1, 0)) == SECOND
        assert go(take(store.shared, 0, 0)) == 2 * SECOND
    assert go(take(store.shared, 1, 0)) == SECOND


def test_a_state_that_an_earlier_version_left_starts_afresh(store: Store) -> None:
    go(store.shared.update("rate_limit:crm", lambda _: ({"turns": [5 * SECOND]}, None)))
    assert go(take(store.shared, 0, 0)) == 0
