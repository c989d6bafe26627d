"""A text that a function of the library always refuses, or makes nothing of."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.syntax import ast
from flowlang.types.formats import is_date, is_date_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "statement"
WORDS = ("date(", "| date", "duration(", "| duration", "datetime(", "pointer", "time.format", "time.parse")
DIRECTIVES = frozenset("YmdHMSjaAbByIpfzZ%")


def check(node: ast.Call | ast.Filter, look: Look) -> Iterator[Diagnostic]:
    """Each literal date, instant, duration, JSON pointer and pattern of a time that cannot be read."""
    fact = look.facts.calls.get(id(node))
    if fact is None or fact.signature.name not in READERS or not fact.signature.file.startswith("stdlib/"):
        return
    name, problem, help = READERS[fact.signature.name]
    value = next((value for param, value in fact.arguments if param.name == name), None)
    if isinstance(value, ast.Text):
        found = problem(value.value)
        ours = _in_our_parts(value.value) if found and help is _PARTS else ""
        if ours:
            fix = Fix(f"write `{ours}`", (Edit(look.span(value), f"'{ours}'"),), safe=False)
            yield look.found(found, value, f"write `{ours}`; {help}", fixes=(fix,))
        elif found:
            yield look.found(found, value, help)


def _date(text: str) -> str:
    return "" if is_date(text.strip()) or is_date_time(text.strip()) else f"`{text}` is not a date"


def _instant(text: str) -> str:
    return "" if is_date_time(text.strip()) else f"`{text}` is not an instant with its zone"


def _duration(text: str) -> str:
    from flowlang.types.instants import read_duration

    return "" if read_duration(text) is not None else f"`{text}` is not a duration"


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        return f"`{text}` is not a JSON pointer: it does not begin with a slash"
    bad = any(after[:1] not in ("0", "1") for after in text.split("~")[1:])
    return f"`{text}` is not a JSON pointer: `~` is written `~0`" if bad else ""


def _pattern(text: str) -> str:
    at = 0
    while (at := text.find("%", at)) >= 0:
        if text[at + 1 : at + 2] not in DIRECTIVES or at + 1 >= len(text):
            return f"`{text[at : at + 2]}` is not a part of a time"
        at += 2
    return "" if "%" in text else f"`{text}` names no part of a time"


def _in_our_parts(text: str) -> str:
    """A pattern such as `YYYY-MM-DD`, of other languages, in our parts; '' for what may mean something else."""
    ours, at = "", 0
    while at < len(text):
        part = next((each for each in _ELSEWHERE if text.startswith(each, at)), "")
        ours += _ELSEWHERE.get(part, text[at])
        if not part and (text[at].isalnum() or text[at] in "%'\\\n\r"):
            return ""
        at += len(part) or 1
    return ours if "%" in ours else ""


_ELSEWHERE: Final = {
    "YYYY": "%Y", "yyyy": "%Y", "MM": "%m", "DD": "%d", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
}  # fmt: skip
_PARTS = "the parts are %Y %m %d %H %M %S %j %a %A %b %B %y %I %p %f %z %Z %%"
READERS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "date": ("value", _date, "write it like '2026-01-31', a day that exists"),
    "datetime": ("value", _instant, "write it like '2026-01-31T09:00:00Z'"),
    "duration": ("value", _duration, "write it like `90m` as a value, or '1h30m' as text"),
    "json.pointer": ("path", _pointer, "write it like '/items/0/price'"),
    "time.format": ("pattern", _pattern, _PARTS),
    "time.parse": ("pattern", _pattern, _PARTS),
}
"""Functions with the parameter that is read, what says what is wrong with it, and the help."""
