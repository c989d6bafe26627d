"""Several processes on one database: each change of a state counts once, a run has one owner, a dead one is known."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

from flowlang.plan.nodes import BreakerPolicy
from flowlang.runtime.policies.breaker import Admission, report
from flowlang.store.ownership import Owner, is_alive
from flowlang.store.sqlite import Store
from tests.conftest import ROOT
from tests.store.conftest import go, take

COUNT = """
    import asyncio, sys
    from pathlib import Path
    from flowlang.store.sqlite import Store
    store = Store(Path(sys.argv[1]))
    async def work():
        for _ in range(100):
            await store.shared.update("calls", lambda state: ((state or 0) + 1, None))
    asyncio.run(work())
    store.close()
"""

ADMIT = """
    import asyncio, sys
    from pathlib import Path
    from flowlang.plan.nodes import BreakerPolicy
    from flowlang.runtime.policies.breaker import Admission, admit
    from flowlang.store.sqlite import Store
    store = Store(Path(sys.argv[1]))
    policy = BreakerPolicy(1, None, 1, 1_000_000, 1_000_000, 5, None)
    async def work():
        for now in range(2_000_000, 2_000_040):
            answer = await store.shared.update("breaker:b", lambda state: admit(policy, state, now, 1_000_000))
            if isinstance(answer, Admission):
                print(answer.permit)
    asyncio.run(work())
    store.close()
"""

HOLD = """
    import asyncio, sys, time
    from pathlib import Path
    from flowlang.store.sqlite import Store
    from tests.store.conftest import begin, value
    store = Store(Path(sys.argv[1]))
    asyncio.run(begin(store, "r1", value("a")))
    print("held", flush=True)
    time.sleep(60)
"""

CREATE = """
    import asyncio, sys
    from pathlib import Path
    from flowlang.store.sqlite import Store
    from tests.store.conftest import new_run
    store = Store(Path(sys.argv[1]))
    print(type(asyncio.run(store.create(new_run()))).__name__, flush=True)
    sys.stdin.read()
    store.close()
"""


def start(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_every_change_of_a_shared_state_counts_once(path: Path, reopen: Callable[[], Store]) -> None:
    processes = [start(COUNT, path) for _ in range(4)]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    assert reopen().shared_states() == {"calls": 400}


def test_a_half_open_breaker_grants_each_permit_once(path: Path, store: Store) -> None:
    policy = BreakerPolicy(1, None, 1, 1_000_000, 1_000_000, 5, None)
    go(store.shared.update("breaker:b", lambda state: (report(policy, state, "failure", 0, Admission()), None)))
    processes = [start(ADMIT, path) for _ in range(4)]
    permits = [permit for process in processes for permit in process.communicate()[0].split()]
    assert sorted(permits) == ["1", "2", "3", "4", "5"]


def test_a_killed_owner_is_known_at_once(path: Path, reopen: Callable[[], Store]) -> None:
    with start(HOLD, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        store = reopen()
        assert store.is_running(store.get("r1"))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not store.is_running(store.get("r1"))
    held = go(take(store))
    assert held.journal.entries()["a", "value"].data == 1


def test_of_processes_that_start_the_same_run_one_gets_it(path: Path) -> None:
    processes = [start(CREATE, path) for _ in range(4)]
    answers = [process.stdout.readline().strip() for process in processes if process.stdout]
    for process in processes:
        process.communicate("")
        assert process.returncode == 0
    assert sorted(answers) == ["Elsewhere", "Elsewhere", "Elsewhere", "Held"]


def test_the_lock_of_this_process_is_seen_from_within(path: Path) -> None:
    owner = Owner(path)
    assert is_alive(path, owner.token)
    owner.close()
    assert not is_alive(path, owner.token)
    assert not is_alive(path, None)
