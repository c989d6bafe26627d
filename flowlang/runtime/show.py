"""Run-time values as text in templates, and URLs built from their parts.

In text: `true`, JSON for maps and lists, ISO for datetimes, `30s` for durations; none is a fault. In a URL a hole is
one segment, a query key or value, or a fragment, encoded; what it makes of its segment is neither empty nor `.` nor
`..`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flowlang.runtime.budget import Budget
from flowlang.runtime.errors import fault
from flowlang.runtime.faults import unicode_text
from flowlang.runtime.operations import kind_word
from flowlang.types import model
from flowlang.types.edge import encoder, needs_edge
from flowlang.types.instants import show_duration

Show = Callable[[Any], str]


def show(value: Any) -> str:
    """Write a value whose type says nothing more."""
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        return repr(value)
    if kind is list or kind is dict:
        return json.dumps(value, ensure_ascii=False)
    raise fault(f"{kind_word(value)} has no text")


def shower(of: model.Type) -> Show:
    """The function that writes values of a type as text."""
    while isinstance(of, model.Secret):
        of = of.inner
    if isinstance(of, model.Duration):
        return lambda value: show_duration(value) if value.__class__ is int else show(value)
    if needs_edge(of):
        encode = encoder(of)
        return lambda value: show(encode(value))
    return show


def html(value: Any, write: Show) -> str:
    """Write a value as text of an HTML or XML document, between tags or as an attribute in quotes."""
    text = write(value)
    if text.isalnum():
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&#34;").replace("'", "&#39;")


def segment(value: Any, write: Show) -> str:
    """Encode a hole of a URL: `/` too. Lists, maps and none are no part of a URL."""
    if value.__class__ in (list, dict) or value is None:
        raise fault(f"{kind_word(value)} cannot stand in a URL")
    return quote(unicode_text(write(value), "what is to stand in a URL"), safe="")


def base_url(value: Any) -> str:
    """The leading url of a URL template, ready to be continued."""
    if value.__class__ is not str:
        raise fault(f"a URL was expected, not {kind_word(value)}")
    if "?" in value or "#" in value:
        raise fault("a URL that is continued has no query and no fragment")
    return value.removesuffix("/")


def whole_url(parts: tuple[str, ...], holes: tuple[int, ...], budget: Budget) -> str:
    """Join the parts of a URL; `holes` are the indexes of parts that stand in the path."""
    text = budget.made_text("".join(parts))
    at = 0
    for index, part in enumerate(parts):
        if index in holes:
            start = text.rfind("/", 0, at) + 1
            end = min(
                (found for found in (text.find(mark, at + len(part)) for mark in "/?#") if found >= 0),
                default=len(text),
            )
            if text[start:end] in ("", ".", ".."):
                raise fault(
                    f"a segment of the URL became `{text[start:end]}`"
                    if end > start
                    else "a segment of the URL became empty"
                )
        at += len(part)
    return text
