"""Power cut at every write: nothing acknowledged under `synchronous=FULL` is lost, and nothing wrong is served.

The witness may have reached the disk or not, and never refuses what is whole. The same cuts under NORMAL do lose what
was acknowledged: the proof can fail.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from flowlang.runtime.journal import JournalUnavailable
from flowlang.store import writer
from flowlang.store.database import prepare
from flowlang.store.sqlite import Held, Store
from flowlang.store.witness import Witness
from tests.store.conftest import new_run, value
from tests.store.disk import Disk, Op, RecordedConnection, RecordingVFS

pytestmark = pytest.mark.slow
GROUPS = 45


def record(folder: Path, monkeypatch: pytest.MonkeyPatch, synchronous: str) -> Disk:
    """Write runs of growing groups to a disk; a mark stands behind each group that was acknowledged."""
    folder.mkdir()
    path = folder / "runs.db"
    prepare(path)
    disk = Disk(before={each.name: each.read_bytes() for each in folder.iterdir()})
    name = f"recording-{synchronous}"
    vfs = RecordingVFS(name, disk)

    def connect(path: Path, *_: Any) -> Any:
        connection = RecordedConnection(path, name)
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA wal_autocheckpoint=12")  # checkpoints are cut too
        return connection

    def note(witness: Witness, number: int) -> None:
        noted(witness, number)
        disk.log.append(Op("write", witness.path.name, 0, witness.path.read_bytes()))

    noted = Witness.note
    monkeypatch.setattr(Witness, "note", note)
    monkeypatch.setattr(writer, "connect", connect)

    async def main() -> None:
        with Store(path, "power" if synchronous == "FULL" else "process") as store:
            for number in range(1, GROUPS + 1):
                made = await store.create(new_run(f"r{number}"))
                assert isinstance(made, Held)
                for n in range(number % 7):
                    made.journal.write(value(f"a[{n}].quote", {"n": n, "text": "x" * 40 * (number % 5)}))
                await made.journal.committed()
                disk.mark(number)

    asyncio.run(main())
    monkeypatch.undo()
    vfs.unregister()
    return disk


def lost(disk: Disk, moment: int, draw: random.Random, folder: Path) -> list[int]:
    """The acknowledged runs that are not there, or not whole, after a cut."""
    folder.mkdir(exist_ok=True)
    for each in folder.iterdir():
        each.unlink()
    for name, content in disk.after_a_cut(moment, draw).items():
        (folder / name).write_bytes(content)
    with Store(folder / "runs.db") as store:
        return [number for number in range(1, disk.marks(moment) + 1) if not is_whole(store, number)]


def is_whole(store: Store, number: int) -> bool:
    record = store.find(f"r{number}")
    if record is None:
        return False
    try:
        rows = store.live(record)
    except JournalUnavailable:
        return False
    found = [(row.entry.key, row.entry.data) for row in rows]
    assert found == [(f"a[{n}].quote", {"n": n, "text": "x" * 40 * (number % 5)}) for n in range(len(found))]
    return len(found) == number % 7


def test_nothing_acknowledged_is_lost(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = record(memory / "whole", monkeypatch, "FULL")
    moments = range(len(disk.log) + 1)
    assert len(moments) >= 1000, len(moments)
    assert sum(op.what == "sync" for op in disk.log) >= GROUPS
    assert any(op.what == "write" and op.file == "runs.db" for op in disk.log), "no checkpoint was cut"
    for moment in moments:
        assert lost(disk, moment, random.Random(moment), memory / "cut") == [], f"cut at {moment}"


def test_normal_loses_what_it_acknowledged(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = record(memory / "whole", monkeypatch, "NORMAL")
    cuts = [lost(disk, moment, random.Random(moment), memory / "cut") for moment in range(0, len(disk.log) + 1, 5)]
    assert any(cuts)
