"""Entries and claims as they are stored: an entry is appended to the one table of all runs and linked to the one of its
run before it; the claim of the run knows the last one and how many there are.

So a step writes the last page of entries and the page of its claim, however many runs there are, and no index. Only who
holds a claim as it stands adds entries, each behind the one before. A link needs no checksum: it leads back, so it is
right if it leads to as many entries of the run as its claim knows. That a disk gave back an older claim is told by the
entry behind the last one that it knows: either it is near, or an index has it. That an entry is there already, the
journal of its owner says; then it is looked for among those of its run.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from flowlang.runtime.journal import Entry, JournalConflict
from flowlang.store.history import Row
from flowlang.store.rows import JournalCorrupt, claim_checksum, from_json, row_checksum
from flowlang.store.schema import COUNTER, NEAR

COLUMNS = "seq, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc"
INSERT = (
    "INSERT INTO entries "
    "(seq, before, run, key, kind, generation, retry, number, attempt, data, started, ended, epoch, crc) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
GROW = "UPDATE claims SET entries = ?, last = ?, crc = ? WHERE run = ? AND epoch = ? AND crc = ?"
"""Lengthens a claim that is as its owner knows it: the checksum tells the other columns."""
CHAIN = """
WITH RECURSIVE chain (seq) AS (
  VALUES (?) UNION ALL SELECT before FROM chain CROSS JOIN entries USING (seq) WHERE before < seq LIMIT ?)
"""
"""The numbers of the entries of a run: from its last one back, so many."""
StoredClaim = tuple[int, str, int, str | None, int, int, int, int]
StoredEntry = tuple[int, str, str, int, int, int, int, str, int, int, int, int]
"""A row as it is read: `COLUMNS`. As it is queued it has the number of the run in place of its own: `QueuedEntry`."""
QueuedEntry = StoredEntry


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write a run: who holds it, under which epoch, how many entries there are and which is the last,
    whether its end is asked for. The run's id stands here a second time, so that an index that has lost it cannot hide
    the run.
    """

    run: int
    id: str
    epoch: int
    owner: str | None
    cancel: bool
    entries: int
    last: int  # of a run without entries: the last one of all when it came

    def stored(self) -> StoredClaim:
        """The columns of the claim, its checksum last."""
        columns = (self.run, self.id, self.epoch, self.owner, int(self.cancel), self.entries, self.last)
        return (*columns, claim_checksum(columns))

    def add(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO claims (run, id, epoch, owner, cancel, entries, last, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self.stored(),
        )

    def store(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE claims SET epoch = ?, owner = ?, cancel = ?, entries = ?, last = ?, crc = ? WHERE run = ?",
            (*self.stored()[2:], self.run),
        )


def read_claim(connection: sqlite3.Connection, run: int, run_id: str) -> Claim:
    """The claim on a run; raises `JournalCorrupt`."""
    row = connection.execute(
        "SELECT run, id, epoch, owner, cancel, entries, last, crc FROM claims WHERE run = ?", (run,)
    ).fetchone()
    if row is None or row[1] != run_id or claim_checksum(row[:7]) != row[7]:
        raise JournalCorrupt(f"the journal of run {run_id} is corrupt: its claim does not match its checksum")
    return Claim(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6])


def is_claimed(connection: sqlite3.Connection, run_id: str) -> bool:
    """Whether a claim says that there is a run of an id."""
    found = connection.execute("SELECT 1 FROM claims WHERE id = ? AND run <> ?", (run_id, COUNTER))
    return found.fetchone() is not None


def last_entry(connection: sqlite3.Connection) -> int:
    """The number of the last entry of all runs."""
    (seq,) = connection.execute("SELECT max(seq) FROM entries").fetchone()
    return seq or 0


def read_rows(connection: sqlite3.Connection, claim: Claim) -> list[Row]:
    """Every entry of a run in the order written, each held to its checksum and all of them to their number. A link that
    is not as it was leads to another run's entry, or to too few: it never leads forward.
    """
    stored = _linked(connection, claim)
    rows = [_read(claim.run, claim.id, columns) for columns in stored]
    if len({columns[1:6] for columns in stored}) != claim.entries:
        raise JournalCorrupt(f"the journal of run {claim.id} is corrupt: it holds an entry twice")
    return rows


def _linked(connection: sqlite3.Connection, claim: Claim) -> list[StoredEntry]:
    """The entries of a run in the order written; raises `JournalCorrupt` if they are not as many as they were."""
    rows: list[StoredEntry] = connection.execute(
        f"{CHAIN} SELECT {COLUMNS} FROM chain CROSS JOIN entries USING (seq)", (claim.last, claim.entries)
    ).fetchall()
    if len(rows) != claim.entries or _goes_on(connection, claim):
        raise _not_whole(connection, claim, len(rows))
    rows.reverse()
    return rows


def _goes_on(connection: sqlite3.Connection, claim: Claim) -> bool:
    """Whether a run has entries behind the last one that its claim knows: the claim is an older one."""
    near = "SELECT 1 FROM entries WHERE seq > ? AND seq <= ? AND run = ? LIMIT 1"
    far = f"SELECT 1 FROM entries INDEXED BY far WHERE before = ? AND run = ? AND seq - before > {NEAR} LIMIT 1"
    found = connection.execute(near, (claim.last, claim.last + NEAR, claim.run)).fetchone()
    return (found or connection.execute(far, (claim.last, claim.run)).fetchone()) is not None


def _not_whole(connection: sqlite3.Connection, claim: Claim, linked: int) -> JournalCorrupt:
    (count,) = connection.execute("SELECT count(*) FROM entries WHERE run = ?", (claim.run,)).fetchone()
    holds = f"holds {count}" if count != claim.entries else f"links {linked}"
    return JournalCorrupt(
        f"the journal of run {claim.id} is corrupt: it {holds} of the {claim.entries} entries that were written"
    )


def remove(connection: sqlite3.Connection, run: int) -> None:
    """Remove the entries of a run, and its claim; of one whose links are not whole all entries are looked through."""
    counted = "SELECT entries, last FROM claims WHERE run = ? AND typeof(entries) = 'integer'"
    entries, last = connection.execute(counted, (run,)).fetchone() or (-1, 0)
    linked = f"DELETE FROM entries WHERE seq IN ({CHAIN} SELECT seq FROM chain) AND run = ?"
    removed = connection.execute(linked, (last, entries, run)).rowcount
    if removed != entries:
        connection.execute("DELETE FROM entries WHERE run = ?", (run,))
    connection.execute("DELETE FROM claims WHERE run = ?", (run,))


def _read(run: int, run_id: str, columns: StoredEntry) -> Row:
    seq, key, kind, generation, retry, _, attempt, data, started, ended, _, crc = columns
    if row_checksum((run, *columns[1:11])) != crc:
        raise JournalCorrupt(
            f"the journal of run {run_id} is corrupt at step {key!r} ({kind}): the entry does not match its checksum"
        )
    entry = Entry(key, kind, from_json(data), attempt, started, ended)  # type: ignore[arg-type]  # the checksum vouches
    return Row(entry, seq, generation, retry)


@dataclass(slots=True)
class Group:
    """Rows of one run, and its claim as its owner knows it. Called, it adds them. `may_know`: one of the rows may be
    there already.
    """

    run_id: str
    held: StoredClaim
    rows: list[QueuedEntry]
    may_know: bool = False

    def __call__(self, connection: sqlite3.Connection) -> StoredClaim:
        return write_group(connection, self)


class _Apart(Exception):
    """A group is not what it should be: each is to be looked at for itself."""


def write_groups(connection: sqlite3.Connection, groups: list[Group]) -> list[StoredClaim]:
    """Append the rows of many runs at once; gives their claims as they stand then. Raises if a claim is not what its
    owner knows, or if a row may be there already.
    """
    seq = last_entry(connection)
    claims: list[StoredClaim] = []
    rows: list[tuple[object, ...]] = []
    for group in groups:
        if group.may_know:
            raise _Apart
        seq = _append(group, seq, claims, rows)
    grown = [(c[5], c[6], c[7], c[0], c[2], group.held[7]) for c, group in zip(claims, groups, strict=True)]
    before = connection.total_changes
    connection.executemany(GROW, grown)
    if connection.total_changes - before != len(groups):
        raise _Apart
    connection.executemany(INSERT, rows)
    return claims


def _append(group: Group, seq: int, claims: list[StoredClaim], rows: list[tuple[object, ...]]) -> int:
    """Number and link the rows of a run behind the entry of a number; gives the last one's."""
    run, run_id, epoch, owner, cancel, entries, last, _ = group.held
    for row in group.rows:
        seq += 1
        rows.append((seq, last, *row))
        last = seq
    columns = (run, run_id, epoch, owner, cancel, entries + len(group.rows), last)
    claims.append((*columns, claim_checksum(columns)))
    return seq


def write_group(connection: sqlite3.Connection, group: Group) -> StoredClaim:
    """Add the rows of one run under the epoch of its claim; gives the claim as it stands then."""
    held = read_claim(connection, group.held[0], group.run_id)
    if (held.epoch, held.entries, held.last) != (group.held[2], *group.held[5:7]):
        raise JournalConflict(f"run {group.run_id} is owned by another process now")
    rows = _new_rows(connection, held, group.rows) if group.may_know else group.rows
    return write_groups(connection, [Group(group.run_id, held.stored(), rows)])[0]


def _new_rows(connection: sqlite3.Connection, claim: Claim, rows: list[QueuedEntry]) -> list[QueuedEntry]:
    """The rows that are not there yet; raises `JournalConflict` if one is with another value."""
    there = {columns[1:6]: columns[7] for columns in _linked(connection, claim)}
    new = []
    for row in rows:
        if row[1:6] not in there:
            there[row[1:6]] = row[7]
            new.append(row)
        elif there[row[1:6]] != row[7]:
            raise JournalConflict(f"run {claim.id}: step {row[1]!r} has another {row[2]} in the journal")
    return new
