"""The tables of events and parked runs: see `store.events` and `store.parking`."""

from __future__ import annotations

from typing import Final

SCHEMA: Final = """
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
