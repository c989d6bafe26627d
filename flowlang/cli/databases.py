"""The run database as a command opens it: where it lies, and what is said when it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowlang.cli.copied import command
from flowlang.cli.failure import UsageError
from flowlang.runtime.journal import JournalUnavailable
from flowlang.store.rows import JournalCorrupt
from flowlang.store.sqlite import DEFAULT_PATH, Store
from flowlang.store.witness import Witness

if TYPE_CHECKING:
    from flowlang.store.database import Durability
    from flowlang.store.runs import RunRecord


REMEDY = "put back a copy of the database from before, or go on without: all else is as good as ever"
"""What can be done about what is corrupt."""


@contextmanager
def opened(values: dict[str, Any], *, must_exist: bool = False) -> Iterator[Store]:
    """Open the database that the options name; raises `UsageError` if it cannot be used."""
    if values["db"] in ("", ":memory:"):
        raise UsageError(f"--db takes the path of a file, not {values['db']!r}")
    path = Path(values["db"] or DEFAULT_PATH)
    durability: Durability = values.get("durability") or "power"
    try:
        if must_exist and not path.exists() and not Witness(path).read():
            raise UsageError(f"there is no run database at {path}: a run makes it, and --db FILE names another")
        store = Store(path, durability)
    except JournalUnavailable as error:
        raise refused(error) from error
    with store:
        yield store


def refused(error: Exception) -> UsageError:
    """What is said of a database that cannot be used, or of what is corrupt in it."""
    return UsageError(f"{error}" + f"; {REMEDY}" * isinstance(error, JournalCorrupt))


def known(store: Store, run_id: str, values: dict[str, Any]) -> RunRecord:
    """The record of a run; raises `UsageError` if there is none."""
    try:
        record = store.find(run_id)
    except JournalUnavailable as error:
        raise refused(error) from error
    if record is None:
        listed = command("runs list", values=values)
        raise UsageError(f"there is no run {run_id!r} in {store.path}; those that there are: {listed}")
    return record


def without(corrupt: list[str]) -> int:
    """The exit code of a list; raises `UsageError` that names what is missing from it."""
    if corrupt:
        raise UsageError("\n  ".join(("this was left out:", *corrupt)) + f"\n{REMEDY}")
    return 0


def limit_of(values: dict[str, Any]) -> int:
    """How many rows are asked for; raises `UsageError`."""
    text: str = values["limit"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"--limit takes a number, not {text!r}")
    return int(text)
