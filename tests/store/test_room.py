"""Room in the write-ahead log: commits overwrite it, and recovery takes it for nothing."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

from flowlang.store.database import log_of
from flowlang.store.room import ROOM, Room
from flowlang.store.sqlite import Store
from tests.store.conftest import begin, go, value


def test_commits_do_not_make_the_log_longer_while_there_is_room(store: Store, path: Path) -> None:
    sizes = []

    async def work() -> None:
        held = await begin(store, "r1")
        for n in range(30):
            held.journal.write(value(f"a[{n}]"))
            await held.journal.committed()
            sizes.append(log_of(path).stat().st_size)

    go(work())
    assert sizes[0] >= ROOM
    assert {after - before for before, after in pairwise(sizes)} == {0, ROOM}


def test_what_is_committed_is_found_before_the_room(store: Store, path: Path, tmp_path: Path) -> None:
    async def work() -> None:
        await begin(store, "r1", *[value(f"a[{n}]") for n in range(20)])

    go(work())
    left = tmp_path / "left"  # by a process that was killed
    left.mkdir()
    for file in path.parent.glob(path.name + "*"):
        if file.is_file() and not file.name.endswith("-shm"):
            shutil.copy(file, left / file.name)
    assert not any(log_of(left / path.name).read_bytes()[-1000:])
    with Store(left / path.name) as again:
        assert len(again.history(again.get("r1"))) == 20


def test_a_log_with_room_is_left_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "x-wal"
    log.write_bytes(b"\x01" * 5000)
    Room(log).keep()
    content = log.read_bytes()
    assert content == b"\x01" * 5000 + bytes(ROOM)
    Room(log).keep()
    assert log.read_bytes() == content


def test_where_there_is_no_log_there_is_no_room(tmp_path: Path) -> None:
    Room(tmp_path / "x-wal").keep()
    assert not list(tmp_path.iterdir())
