"""Run records: what a run was started with, what it is pinned to, how it stands and how it ended.

The functions here are jobs for the writer or reads for any connection; each row is held to its checksum. Secrets are
never in a record: flows neither take nor return them, and of the configuration only what is not secret is pinned.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from flowlang.store.entries import Claim, is_claimed, last_entry, read_claim
from flowlang.store.history import Generations
from flowlang.store.rows import JournalCorrupt, checksum, from_json, readable, to_json

Status = Literal["running", "succeeded", "failed", "cancelled", "waiting"]

COLUMNS = (
    "n, id, flow, file, plan, body, inputs, config, status, created, started, ended, output, error, retries, resets"
)


STALE = (
    "DELETE FROM shared WHERE key IN (SELECT key FROM shared WHERE key >= 'cache:' AND key < 'cache;' "
    "AND (NOT json_valid(state) OR json_extract(state, '$.until') < ?) LIMIT 100)"
)
"""Drops values of `@cache` that nobody will reuse, some at the end of each run."""


class RunNotFound(Exception):
    """There is no run of that id."""


class RunNotRetryable(Exception):
    """Only a run that failed or was cancelled can be retried; the message says how this one stands."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run is started with. `plan` is the plan's identity, `body` its JSON text with places and docs."""

    id: str
    flow: str
    file: str
    plan: str
    body: str
    inputs: Mapping[str, object]
    config: Mapping[str, object]
    created: int  # µs since the epoch


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it is stored. `body` is the digest of its plan's text; times in µs since the epoch; `n` orders runs
    as they came.
    """

    n: int
    id: str
    flow: str
    file: str
    plan: str
    body: str
    inputs: Mapping[str, object]
    config: Mapping[str, object]
    status: Status
    created: int
    started: int | None
    ended: int | None
    output: object
    error: object
    retries: int
    resets: int  # over all retries

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen without a retry."""
        return self.status in ("succeeded", "failed", "cancelled")

    def _columns(self) -> tuple[object, ...]:
        inputs, config = to_json(self.inputs), to_json(self.config)
        output, error = to_json(self.output), to_json(self.error)
        return (
            self.n, self.id, self.flow, self.file, self.plan, self.body, inputs, config, self.status,
            self.created, self.started, self.ended, output, error, self.retries, self.resets,
        )  # fmt: skip

    def add(self, connection: sqlite3.Connection) -> None:
        columns = self._columns()
        connection.execute(
            f"INSERT INTO runs ({COLUMNS}, crc) VALUES ({'?, ' * len(columns)}?)", (*columns, checksum(columns))
        )

    def store(self, connection: sqlite3.Connection) -> None:
        """Write what may change: how the run stands."""
        columns = self._columns()
        connection.execute(
            "UPDATE runs SET status = ?, ended = ?, output = ?, error = ?, retries = ?, resets = ?, crc = ? "
            "WHERE n = ?",
            (self.status, *columns[11:], checksum(columns), self.n),
        )


def _record(row: tuple[object, ...]) -> RunRecord:
    *columns, crc = row
    if checksum(columns) != crc:
        raise JournalCorrupt(f"the record of run {columns[1]} is corrupt: it does not match its checksum")
    for at in (6, 7, 12, 13):
        columns[at] = from_json(str(columns[at]))
    return RunRecord(*columns)  # type: ignore[arg-type]  # the checksum vouches for the columns' types


def find(connection: sqlite3.Connection, run_id: str) -> RunRecord | None:
    """The run of an id; raises `JournalCorrupt`, also if only its claim knows it."""
    row = _row(connection, run_id)
    if row is None and not is_claimed(connection, run_id):
        return None
    row = row or _row(connection, run_id)  # it may have been made in between
    record = None if row is None else _record(row)
    if record is None or record.id != run_id:
        raise JournalCorrupt(f"the record of run {run_id} is corrupt: it is not where its id stands")
    return record


def _row(connection: sqlite3.Connection, run_id: str) -> tuple[object, ...] | None:
    row: tuple[object, ...] | None = connection.execute(
        f"SELECT {COLUMNS}, crc FROM runs WHERE id = ?", (run_id,)
    ).fetchone()
    return row


def get(connection: sqlite3.Connection, run_id: str) -> RunRecord:
    """The run of an id; raises `RunNotFound`."""
    record = find(connection, run_id)
    if record is None:
        raise RunNotFound(run_id)
    return record


def newest(
    connection: sqlite3.Connection,
    status: str | None = None,
    flow: str | None = None,
    limit: int = 50,
    before: int | None = None,
) -> Iterator[tuple[int, RunRecord | JournalCorrupt]]:
    """Runs from the newest back, each with its number `n`, those before a number where it is given; in place of a
    corrupt one what is wrong.
    """
    given = (("status =", status), ("flow =", flow), ("n <", before))
    wanted = [(test, value) for test, value in given if value is not None]
    where = " AND ".join(f"{test} ?" for test, _ in wanted) or "1"
    rows = connection.execute(
        f"SELECT {COLUMNS}, crc FROM runs WHERE {where} ORDER BY n DESC LIMIT ?",
        (*(value for _, value in wanted), limit),
    )
    return ((row[0], readable(_record, row)) for row in rows)


def plan_body(connection: sqlite3.Connection, record: RunRecord) -> str:
    """The JSON text of the plan that a run is pinned to."""
    row = connection.execute("SELECT body FROM plans WHERE digest = ?", (record.body,)).fetchone()
    if row is None:
        raise JournalCorrupt(f"the plan of run {record.id} is not in the database")
    if digest_of(row[0]) != record.body:
        raise JournalCorrupt(f"the plan of run {record.id} is corrupt: it does not match its digest")
    return str(row[0])


def digest_of(body: str) -> str:
    """The name under which a plan's text is stored, once for all runs."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def create(connection: sqlite3.Connection, new: NewRun, owner: str) -> tuple[RunRecord, Claim] | RunRecord:
    """Add a run and claim it; or find the one that has its id already."""
    existing = find(connection, new.id)
    if existing is not None:
        return existing
    (n,) = connection.execute("SELECT coalesce(max(n), 0) + 1 FROM runs").fetchone()
    digest = digest_of(new.body)
    connection.execute("INSERT OR IGNORE INTO plans (digest, body) VALUES (?, ?)", (digest, new.body))
    record = RunRecord(
        n, new.id, new.flow, new.file, new.plan, digest, new.inputs, new.config, "running", new.created, new.created,
        None, None, None, 0, 0,
    )  # fmt: skip
    claim = Claim(n, new.id, 1, owner, False, 0, last_entry(connection))
    try:
        record.add(connection)
        claim.add(connection)
    except sqlite3.IntegrityError as error:
        raise JournalCorrupt(f"the table of runs is corrupt: number {n} or id {new.id} is taken, and hidden") from error
    return record, claim


def finish(
    connection: sqlite3.Connection, run_id: str, epoch: int, status: Status, output: object, error: object, ended: int
) -> bool:
    """Write how a run ended and let it go; false if another process owns it now."""
    record = get(connection, run_id)
    claim = read_claim(connection, record.n, run_id)
    if claim.epoch != epoch:
        return False
    replace(record, status=status, output=output, error=error, ended=ended).store(connection)
    connection.execute(STALE, (ended,))
    replace(claim, owner=None, cancel=False).store(connection)
    return True


def release(connection: sqlite3.Connection, run_id: str, epoch: int) -> None:
    """Let a run go that goes on later; nothing happens if another process owns it now."""
    record = get(connection, run_id)
    claim = read_claim(connection, record.n, run_id)
    if claim.epoch == epoch:
        replace(claim, owner=None).store(connection)


def ask_to_cancel(connection: sqlite3.Connection, run_id: str) -> RunRecord:
    """Mark a run that is not over for its owner to end."""
    record = get(connection, run_id)
    if not record.is_over:
        claim = read_claim(connection, record.n, run_id)
        if not claim.cancel:
            replace(claim, cancel=True).store(connection)
    return record


def reopen(connection: sqlite3.Connection, record: RunRecord, prefixes: list[str]) -> RunRecord:
    """Begin the next try of a run that is over; the named steps and all beneath them begin a new generation."""
    retry = record.retries + 1
    for prefix in prefixes:
        columns = (record.n, retry, prefix)
        connection.execute(
            "INSERT INTO resets (run, retry, prefix, crc) VALUES (?, ?, ?, ?)", (*columns, checksum(columns))
        )
    resets = record.resets + len(prefixes)
    reopened = replace(record, status="running", retries=retry, resets=resets, ended=None, output=None, error=None)
    reopened.store(connection)
    return reopened


def generations(connection: sqlite3.Connection, record: RunRecord) -> Generations:
    """The generations of a run's steps in the try that its record tells of."""
    rows = connection.execute(
        "SELECT run, retry, prefix, crc FROM resets WHERE run = ? AND retry <= ?", (record.n, record.retries)
    ).fetchall()
    for run, retry, prefix, crc in rows:
        if checksum((run, retry, prefix)) != crc:
            raise JournalCorrupt(
                f"the journal of run {record.id} is corrupt: the reset of {prefix!r} does not match its checksum"
            )
    if len(rows) != record.resets:
        raise JournalCorrupt(
            f"the journal of run {record.id} is corrupt: it holds {len(rows)} of the {record.resets} resets "
            "that were written"
        )
    since = max((retry for _, retry, prefix, _ in rows if not prefix), default=0)
    return Generations((prefix for _, _, prefix, _ in rows), since)
