"""Commands that are told, as a shell takes them when they are copied."""

from __future__ import annotations

import shlex
from typing import Any

from flowlang.render.visible import visible


def command(words: str, *names: str, values: dict[str, Any]) -> str:
    """`flowlang` with some words, names in quotes where they need them, and the database that `values` name."""
    database = f" --db {shlex.quote(values['db'])}" if values["db"] else ""
    return visible(" ".join(("flowlang", words, *map(shlex.quote, names)))) + visible(database)
