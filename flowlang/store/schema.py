"""The tables: those of runs and journals, and those of events and parked runs (`store.events`, `store.parking`).

What a step writes is as few pages as can be: an entry is appended to the table of all runs' entries, linked to the one
of its run before it, and the claim of the run, which knows the last one, is lengthened. The one index of entries has
those alone that stand far behind the one of their run before them, and grows at its end, as its table does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

COUNTER: Final = 2**63 - 1
"""The number of no run: its claim has as many entries as there were commits. It stands behind all others, so the newest
run's is on the same page.
"""
CLAIMS: Final = f"""
CREATE TABLE claims (
  run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, owner TEXT, cancel INTEGER NOT NULL,
  entries INTEGER NOT NULL, last INTEGER NOT NULL, crc INTEGER NOT NULL);
INSERT INTO claims VALUES ({COUNTER}, '', 0, NULL, 0, 0, 0, 0);
"""
ENTRIES: Final = """
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY, before INTEGER NOT NULL, run INTEGER NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
  generation INTEGER NOT NULL, retry INTEGER NOT NULL, number INTEGER NOT NULL, attempt INTEGER NOT NULL,
  data TEXT NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, epoch INTEGER NOT NULL, crc INTEGER NOT NULL);
"""
NEAR: Final = 1000
"""How many entries behind one of a run are looked through for the next of it; `far` finds one that is further away."""
FAR: Final = f"CREATE INDEX IF NOT EXISTS far ON entries (before, run) WHERE seq - before > {NEAR};\n"
RUNS: Final = """
CREATE TABLE plans (digest TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, flow TEXT NOT NULL, file TEXT NOT NULL,
  plan TEXT NOT NULL, body TEXT NOT NULL, inputs TEXT NOT NULL, config TEXT NOT NULL,
  status TEXT NOT NULL, created INTEGER NOT NULL, started INTEGER, ended INTEGER,
  output TEXT, error TEXT, retries INTEGER NOT NULL, resets INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX runs_by_status ON runs (status, n);
CREATE TABLE resets (
  run INTEGER NOT NULL, retry INTEGER NOT NULL, prefix TEXT NOT NULL, crc INTEGER NOT NULL,
  PRIMARY KEY (run, retry, prefix)) WITHOUT ROWID;
CREATE TABLE shared (key TEXT PRIMARY KEY, state TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;
"""
WAITING: Final = """
CREATE TABLE events (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, key TEXT, data TEXT NOT NULL,
  at INTEGER NOT NULL, runs INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX events_by_type ON events (type, n);
CREATE INDEX events_by_key ON events (type, key, n);
CREATE INDEX events_by_runs ON events (runs, n);
CREATE TABLE parked (run INTEGER PRIMARY KEY, wake INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE INDEX parked_by_wake ON parked (wake);
CREATE TABLE expected (run INTEGER NOT NULL, type TEXT NOT NULL, key TEXT);
CREATE INDEX expected_by_run ON expected (run);
CREATE INDEX expected_by_type ON expected (type, key);
"""
SCHEMA: Final = RUNS + CLAIMS + ENTRIES + FAR + WAITING


def statements(schema: str) -> Iterator[str]:
    """The statements that make tables, one by one: several at once would end the transaction that they are in."""
    return (statement for statement in schema.split(";\n") if statement.strip())
