"""Guesses at what was meant by a token in a map, as elsewhere: comprehensions, keys that are computed, methods."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.guess import Guess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax.repairs import Edits
    from flowlang.syntax.sign_hints import Met

ENTRIES: Final = "a comprehension gives a list, such as one of entries: `[{ key: k, value: v } for k in xs]`"
_computed: Final = patterns.compile(r"(\w+(?:\.\w+)*\.(\w+))[ \t]*(:?)").match
_number_key: Final = patterns.compile(r"(\d+)[ \t]*:").match
_listed: Final = patterns.compile(r"[\w.]+[ \t]*[,}]").match
_loops: Final = patterns.compile(r"[^\r\n{}]*\bfor[ \t]+\w+[^\r\n{}]*\bin\b").match


def of_entry(met: Met) -> Guess | None:
    """Guess at what was meant."""
    if met.bracket != "{" or "=" in met.expected or not ({":", "**"} & met.expected or met.expected >= {"}", ","}):
        return None
    if met.key == "NUMBER" and met.previous == "{" and _listed(met.text, met.start):
        return Guess("", "a list stands in brackets: `[1, 2]`")
    if met.key == "NUMBER" and "**" in met.expected and (number := _number_key(met.text, met.start)):
        ours = f"'{number[1]}'"
        return Guess("", f"a key is a text: `{ours}: …`", edits=((*number.span(1), ours),))
    if met.previous == "for" and met.expected == {":"}:
        return Guess("", ENTRIES, "", met.before)
    if met.key == "." and ":" in met.expected:
        return _of_path(met)
    if met.key == "(" and ":" in met.expected:
        return Guess("", "a map holds values; a function is an item of the file: `function name(x: int) -> int = …`")
    return None


def _of_path(met: Met) -> Guess | None:
    """`{ lead.id }` and `{ lead.id: 1 }`."""
    found = _computed(met.text, met.before[0])
    if found is None:
        return None
    if _loops(met.text, met.before[0]):
        return Guess("", ENTRIES)
    path, name, colon = found[1], found[2], found[3]
    ours = f"[{path}]" if colon else f"{name}: {path}"
    help = f"a key that is computed stands in brackets: `{ours}: …`" if colon else f"an entry has a key: `{ours}`"
    edits: Edits = ((met.before[0], found.end(1), ours),)
    return Guess("", help, edits=edits)
