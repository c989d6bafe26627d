"""The goldens' own runner is no yes-man: broken promises of a run and wrong expectations are seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowlang.runtime.interpreter.state import RunState
from flowlang.runtime.journal import Entry
from flowlang.runtime.policies import keys
from tests.golden.run.play import compare, crash_everywhere, play
from tests.golden.run.script import Script, read
from tests.simulation.journal import CrashingJournal

SEMANTICS = Path(__file__).parent / "semantics"


def golden(name: str, *changes: tuple[str, str]) -> Script:
    path = SEMANTICS / f"{name}.flow"
    script = read(path)
    for old, new in changes:
        assert old in script.text
        changed = script.text.replace(old, new)
        script = read_text(path, changed)
    return script


def read_text(path: Path, text: str) -> Script:
    class Changed(type(path)):  # type: ignore[misc]
        def read_text(self, encoding: str | None = None) -> str:
            return text

    return read(Changed(path))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("succeeded 1", "succeeded 2"),
        ("expect: succeeded 1", "expect: failed"),
        ("call: 4s POST", "call: 5s POST"),
        ('next {"n": 1}', 'next {"n": 2}'),
        ("took: 4s", "took: 3s"),
        ("took: 4s", "journal: slow value, quick value"),
        ("took: 4s", "journal-lacks: both.quick"),
        ("took: 4s", "journal-never: quick"),
        ("took: 4s", 'steps: {"both": "skipped"}'),
        ("took: 4s", 'error: {"kind": "http"}'),
        ("#! http: GET https://a.test/slow -> 200 {} after 4s\n", ""),
    ],
)
def test_a_wrong_expectation_is_seen(old: str, new: str) -> None:
    script = golden("01b-block-ends-with-its-last-step", (old, new))
    assert compare(script, play(script))


def test_two_calls_under_one_key_are_seen() -> None:
    script = golden("15a-every-post-has-a-key", ("key=b", "key=a"))
    assert compare(script, play(script))


@pytest.mark.parametrize("line", ["#! cal: 0s GET x", "#! call: soon GET x", "#! crash: no", "#! http: GET x 200"])
def test_a_line_of_another_format_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="01a"):
        golden("01a-return-waits-for-every-step", ("#! took: 6s", line))


def test_a_journaled_step_that_runs_again_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CrashingJournal, "entries", lambda self: {})
    wrong = crash_everywhere(golden("01b-block-ends-with-its-last-step"))
    assert any("attempt 1" in text for text in wrong), wrong


def test_an_effect_that_does_not_wait_for_the_disk_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hasty(self: RunState) -> None:
        return None

    assert not crash_everywhere(golden("17d-inputs-are-pinned"))
    monkeypatch.setattr(RunState, "commit", hasty)
    wrong = crash_everywhere(golden("17d-inputs-are-pinned"))
    assert any("under one key" in text for text in wrong), wrong


def test_another_idempotency_key_after_a_crash_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    original = keys.derived_key

    def fresh(*arguments: object) -> str:
        made.append(0)
        return original(*arguments) + str(len(made))  # type: ignore[arg-type]

    monkeypatch.setattr("flowlang.runtime.interpreter.effect.derived_key", fresh)
    wrong = crash_everywhere(golden("01a-return-waits-for-every-step"))
    assert any("another idempotency key" in text for text in wrong), wrong


def test_a_lost_entry_that_changes_the_outcome_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    write: Callable[[CrashingJournal, Entry], None] = CrashingJournal.write

    def forgetful(self: CrashingJournal, entry: Entry) -> None:
        if entry.kind != "attempt":
            write(self, entry)

    monkeypatch.setattr(CrashingJournal, "write", forgetful)
    script = golden("11g-nothing-retries-a-block")
    played = play(script, 1)
    assert played.ended.status == "failed"
    assert compare(script, played)
