"""Guesses at what was meant by a block that stands where a value is wanted: `let a = if c { … }`, `return for …`."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.lexing import END, LINES
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_RESERVED: Final = frozenset("if match for repeat".split())
_NAMES: Final = frozenset("parallel race sequence".split())
_let = patterns.compile(r"[ \t]+let[ \t]+(\w+)[^=\n]*=[ \t]*\Z").match
_listed: Final = {
    "if": "the value comes first: `a if condition else b`",
    "for": "the value comes first, in brackets: `[e for x in xs]`",
}


def of_block(text: str, expected: frozenset[str], start: int, end: int, before: tuple[int, int]) -> Guess:
    """Guess at what was meant by a word that begins a block, or by what follows such a word where it is a name."""
    word, previous = text[start:end], text[before[0] : before[1]]
    if (previous in _RESERVED and expected == {"="}) or (previous in _NAMES and word == "{"):
        word, start, end = previous, *before
    elif word not in _RESERVED or not expected >= {"NUMBER", "NAME", "DURATION"}:
        return NOTHING
    line_start = text.rfind("\n", 0, start) + 1
    before_it = text[line_start:start]
    if _last_sign(text, start) not in ("{", "}") or before_it.lstrip().startswith("function "):
        return Guess("", _listed[word]) if word in _listed else NOTHING
    message = f"`{word}` begins a block, and a block is no value"
    let = _let(before_it)
    if let is not None:
        at = line_start + let.end() - len(let[0].lstrip(" \t"))
        return Guess(message, f"write `step {let[1]} = {word} …`", "", (start, end), ((at, at + 3, "step"),))
    return Guess(message, f"name it: `step name = {word} …`, and write `name` here", "", (start, end))


def _last_sign(text: str, start: int) -> str:
    """What stands last on the line of a place, comments apart."""
    last = ""
    for group, at, end in tokens(text, start):
        if group in (LINES, END):
            break
        last = text[at:end]
    return last
