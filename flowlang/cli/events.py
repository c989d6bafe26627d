"""What `flowlang events` does."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowlang.cli.databases import limit_of, opened, refused, without
from flowlang.cli.failure import UsageError
from flowlang.cli.pruning import prune_events
from flowlang.cli.shown import moment, table
from flowlang.engines.local import new_run_id
from flowlang.engines.spelling import strict_json
from flowlang.runtime.events import OtherEvent
from flowlang.runtime.journal import JournalUnavailable

if TYPE_CHECKING:
    from flowlang.store.sqlite import Store

MOST_BYTES = 16 * 1024 * 1024
"""As large as a value may be."""


def run(values: dict[str, Any]) -> int:
    """`flowlang events`."""
    if values["command"] == "emit":
        return _emit(values)
    with opened(values, must_exist=True) as store:
        try:
            return _list(store, values) if values["command"] == "list" else prune_events(store, values)
        except JournalUnavailable as error:
            raise refused(error) from error


def _list(store: Store, values: dict[str, Any]) -> int:
    corrupt: list[str] = []
    found = store.newest_events(values["name"], values["key"], limit_of(values), corrupt)
    if values["format"] == "json":
        print(json.dumps({"events": [event.to_value() for event in found]}, indent=2, ensure_ascii=False))
        return without(corrupt)
    rows = [(event.id, event.type, event.key or "", moment(event.at)) for event in found]
    print(table(("EVENT", "NAME", "KEY", "CAME"), rows), end="")
    return without(corrupt)


def _emit(values: dict[str, Any]) -> int:
    for name in ("name", "key", "id"):
        text = values[name]
        if text is not None and not (text and text.isprintable() and len(text) <= 1000):
            raise UsageError(f"{name if name == 'name' else '--' + name} takes 1 to 1,000 printable characters")
    data = _data(values)
    with opened(values, must_exist=True) as store:
        try:
            at = time.time_ns() // 1000
            event = asyncio.run(store.emit(values["id"] or new_run_id(), values["name"], values["key"], data, at))
        except (JournalUnavailable, OtherEvent) as error:
            raise refused(error) from error
    print(json.dumps(event.to_value(), indent=2, ensure_ascii=False) if values["format"] == "json" else event.id)
    return 0


def _data(values: dict[str, Any]) -> object:
    """What the event says; nothing is none."""
    if values["data"] is not None and values["data_file"] is not None:
        raise UsageError("--data and --data-file do not go together")
    text, place = values["data"], "--data"
    if values["data_file"] is not None:
        text, place = _read(values["data_file"]), values["data_file"]
    if text is None:
        return None
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise UsageError(f"{place} has more than {MOST_BYTES:,} bytes")
    try:
        return strict_json(text)
    except ValueError as error:
        raise UsageError(f"{place} is not JSON: {error}") from error


def _read(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not UTF-8 text") from error
