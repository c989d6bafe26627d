"""Guesses at what was meant by a token in a type, or in the declaration of one: `list<string>`, `optional string`,
`'a' or 'b'`, `date-time`, `type T extends U`.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.guess import Guess
from flowlang.syntax.repairs import HOLDERS, of_angles, of_empty_brackets, with_blanks
from flowlang.syntax.sayings import TYPES
from flowlang.syntax.word_hints import is_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax.repairs import Edits
    from flowlang.syntax.sign_hints import Met

NO_INHERITANCE: Final = "a type names all its fields: `type T { a: int }`; there is no inheritance"
_angled: Final = patterns.compile(r"<[ \t]*([A-Za-z_][\w.]*)[ \t]*>").match
_dashed: Final = patterns.compile(r"[A-Za-z_]\w*(?:-\w+)+").match
_named: Final = patterns.compile(r"[ \t]+([A-Za-z_]\w*)[ \t]*(?=[,)\r\n])").match
_listed: Final = patterns.compile(r"\[[ \t]*([A-Za-z_][\w.]*\??)[ \t]*\]").match


def of_type(met: Met, line: str, word: str) -> Guess | None:
    """`optional string`, `'a' or 'b'`, `a: int: 5` and `type T extends U`, where a type stands."""
    text, start, end = met.text, met.start, met.start + len(word)
    if "?" in met.expected and met.previous in ("optional", "Optional", "nullable", "maybe"):
        if met.key == "NAME":
            edits: Edits = ((met.before[0], end, f"{word}?"),)
            return Guess("", f"what may be none has a `?` behind its type: `{word}?`", edits=edits)
        inner = _angled(text, start)
        edits = ((met.before[0], inner.end(), f"{inner[1]}?"),) if inner else ()
        return Guess(
            "", f"what may be none has a `?` behind its type: `{inner[1] if inner else 'string'}?`", edits=edits
        )
    if line.startswith("type ") and "=" in line and (word in ("or", ",") or met.key == "["):
        edits = with_blanks(text, start, end, " | ") if word in ("or", ",") else ()
        return Guess("", "one of a few texts is written `type K = 'a' | 'b'`", edits=edits)
    if line.startswith("type ") and word in ("extends", "implements", "inherits"):
        return Guess("", NO_INHERITANCE)
    if (
        met.key == ":"
        and not text.startswith("://", start)
        and "=" in met.expected
        and "?" in met.expected
        and met.bracket in ("{", "(")
    ):
        return Guess("", "a default follows `=`", edits=with_blanks(text, start, start + 1, " = "))
    return None


def of_type_declared(met: Met, line: str) -> Guess | None:
    """`type T(Base) { … }`, `type K = enum { a, b }`, `type T = struct { … }`."""
    if met.key == "(" and "{" in met.expected:
        return Guess("", NO_INHERITANCE)
    if met.previous == "enum":
        return Guess("", "one of a few texts is written `type K = 'a' | 'b'`")
    if met.previous in ("struct", "record", "object", "interface", "class"):
        gone: Edits = ((met.before[0], met.start, ""),)
        return Guess("", f"a record is written without `{met.previous}`: `type T {{ a: int }}`", edits=gone)
    return None


def of_type_brackets(met: Met) -> Guess | None:
    """`list<string>` and `string[]`, where a type stands."""
    if met.key == "<" and met.previous in HOLDERS:
        edits = of_angles(met.text, met.start)
        ours = HOLDERS[met.previous] + (edits[0][2] if edits else "[string]")
        named = _named(met.text, edits[0][1]) if edits else None
        if named:
            behind: Edits = ((met.before[0], named.end(), f"{named[1]}: {ours}"),)
            return Guess("", f"the type follows the name: `{named[1]}: {ours}`", edits=behind)
        if edits and met.is_adjacent:
            edits = ((met.before[0], edits[0][1], ours),)
        return Guess("", f"what a type holds stands in brackets: `{ours}`", edits=edits)
    if met.key == "[" and met.previous in (":", "->") and (listed := _listed(met.text, met.start)):
        ours = f"list[{listed[1]}]"
        return Guess("", f"a list is written `{ours}`", edits=((met.start, met.start, "list"),))
    if met.key == "]" and met.previous == "[" and met.is_adjacent:
        edits = of_empty_brackets(met.text, met.before[0])
        return Guess("", "a list of texts is written `list[string]`", edits=edits)
    return None


def of_dashed_type(text: str, start: int) -> Guess | None:
    """`date-time` and `my-type` where a type stands."""
    found = _dashed(text, start)
    if found is None:
        return None
    parts = found[0].split("-")
    ours = "".join(parts)
    ours = ours if ours in TYPES else "".join([part[:1].upper() + part[1:] for part in parts])
    is_known = ours in TYPES or is_type(text, ours)
    edits = ((*found.span(), ours),) if is_known else ()
    return Guess("", f"a type has no `-`: write `{ours}`", edits=edits)
