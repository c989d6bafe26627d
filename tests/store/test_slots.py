"""Places of `@concurrency`: so many over all processes, handed out in order, free when their holder is killed."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from flowlang.runtime.policies.retry_budget import count_call, take_retry
from flowlang.store.sqlite import Store
from tests.conftest import ROOT
from tests.store.conftest import go

HOLD = """
    import asyncio, sys, time
    from pathlib import Path
    from flowlang.store.sqlite import Store
    store = Store(Path(sys.argv[1]))
    async def hold():
        for _ in range(int(sys.argv[2])):
            await store.shared.slot("crm", 3)
    asyncio.run(hold())
    print("held", flush=True)
    time.sleep(60)
"""


def holder(path: Path, places: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLD), str(path), str(places)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
    process.send_signal(number)
    process.communicate()


def test_so_many_over_all_processes(store: Store, path: Path) -> None:
    process = holder(path, 2)

    async def take() -> float:
        await store.shared.slot("crm", 3)
        await store.shared.slot("erp", 1)  # another name
        began = time.monotonic()
        try:
            await asyncio.wait_for(store.shared.slot("crm", 3), 0.3)
        except TimeoutError:
            return time.monotonic() - began
        raise AssertionError("a fourth place of three")

    try:
        assert go(take()) >= 0.3
    finally:
        end(process)


def test_a_killed_holder_s_places_are_free_at_once(store: Store, path: Path) -> None:
    process = holder(path, 3)

    async def take() -> None:
        waiting = [asyncio.create_task(store.shared.slot("crm", 3)) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in waiting)
        process.send_signal(signal.SIGKILL)
        await asyncio.wait_for(asyncio.gather(*waiting), 30)  # it would have held them for a minute

    try:
        go(take())
    finally:
        process.communicate()


def test_places_are_handed_out_in_order_and_given_back(store: Store) -> None:
    async def work() -> list[int]:
        order: list[int] = []

        async def one(n: int) -> None:
            release = await store.shared.slot("crm", 2)
            order.append(n)
            await asyncio.sleep(0)
            release()

        tasks = [asyncio.create_task(one(n)) for n in range(20)]
        await asyncio.sleep(0)
        tasks[5].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await store.shared.slot("crm", 2)
        await store.shared.slot("crm", 2)
        return order

    assert go(work()) == [n for n in range(20) if n != 5]


def test_a_place_given_to_who_has_gone_is_passed_on(store: Store) -> None:
    async def work() -> None:
        release = await store.shared.slot("crm", 1)
        gone = asyncio.create_task(store.shared.slot("crm", 1))
        later = asyncio.create_task(store.shared.slot("crm", 1))
        await asyncio.sleep(0)
        release()  # to `gone`, which is cancelled before it hears of it
        gone.cancel()
        await asyncio.wait_for(later, 5)

    go(work())


def test_two_stores_of_one_process_share_places(store: Store, reopen: Callable[[], Store]) -> None:
    other = reopen()

    async def work() -> bool:
        await store.shared.slot("crm", 1)
        try:
            await asyncio.wait_for(other.shared.slot("crm", 1), 0.1)
        except TimeoutError:
            return True
        return False

    assert go(work())
    other.close()  # and closing one of them frees nothing of the other
    again = reopen()

    async def still() -> bool:
        try:
            await asyncio.wait_for(again.shared.slot("crm", 1), 0.1)
        except TimeoutError:
            return True
        return False

    assert go(still())


def test_the_retry_budget_is_one_for_all(store: Store, reopen: Callable[[], Store]) -> None:
    shared = [store.shared, reopen().shared]

    async def work() -> int:
        for _ in range(50):
            await count_call(shared[0], "crm", 0)
        return sum([await take_retry(shared[n % 2], "crm", 0) for n in range(40)])

    assert go(work()) == 20  # a fifth of 50 calls and ten more
