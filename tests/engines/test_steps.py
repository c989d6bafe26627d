"""Which steps a journal says are over."""

from __future__ import annotations

from flowlang.engines.steps import ended_in
from flowlang.runtime.journal import EntryKind


def test_a_step_that_is_handled_is_not_over() -> None:
    entries: list[tuple[str, EntryKind]] = [
        ("waits", "wait"), ("waited", "wait"), ("waited", "value"), ("passed", "skipped"), ("chose", "choice"),
        ("failed", "failed"), ("failing", "failed"), ("failing.catch0.all[0].do", "failed"),
        ("failing.catch0.all[0].do.catch12.pause", "wait"),
        ("answered", "failed"), ("answered.catch1.do", "value"), ("answered", "handled"),
    ]  # fmt: skip
    assert ended_in(entries) == {"waited", "passed", "failed", "answered", "answered.catch1.do"}
