"""What a run holds in memory is bounded, however long it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.running import compiled, loop_source, timed
from flowlang.runtime.interpreter.frame import MOST_UNWRITTEN
from flowlang.runtime.interpreter.state import MOST_RECORDS
from flowlang.runtime.journal import Entry
from flowlang.runtime.memory import MemoryJournal
from tests.surfaces.conftest import Command, write


class Backlog(MemoryJournal):
    """Counts the entries that nobody has waited for."""

    durable = waiting = most = 0

    def write(self, entry: Entry) -> None:
        super().write(entry)
        self.waiting += 1
        self.most = max(self.most, self.waiting)

    async def committed(self, at_work: int = 1) -> None:
        self.durable += self.waiting
        self.waiting = 0


def test_entries_do_not_pile_up() -> None:
    journal = Backlog("long")
    asyncio.run(timed(compiled(loop_source()), 5000, journal))
    assert len(journal.written) > 5000
    assert journal.most <= MOST_UNWRITTEN + 100 + 2  # a worker each, and what is written before the first effect


def test_steps_that_are_not_held_are_told_from_the_journal(flowlang: Command, here: Path) -> None:
    count = MOST_RECORDS + 10
    text = (
        f"flow long() -> int {{\n  step all = for i in range({count}) {{\n"
        "    step id = uuid()\n    yield id\n  }\n  return all | length\n}\n"
    )
    document = flowlang("run", write(here, "long.flow", text), "--format=json").json()
    assert document["output"] == count
    keys = [step["key"] for step in document["steps"]]
    assert len(keys) == count  # the loop itself is not in the journal
    assert f"all[{count - 1}].id" in keys
