"""The edits that turn the sign of another language into ours, where that is mechanical.

Each gives none where it would have to guess.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.lexing import CLOSER, END, LINES, SIGN
from flowlang.syntax.sayings import statement_is_over
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    # replacements as (start, end, text)
    Edits = tuple[tuple[int, int, str], ...]

SIGNS: Final = {
    "===": "==", "!==": "!=", "<>": "!=", "&&": "and", "&": "and", "||": "or", "!": "not ", "^": "**",
    "elif": "else if", "elsif": "else if", "elseif": "else if", "foreach": "for", "var": "let", "const": "let",
    "val": "let", "local": "let", "switch": "match", "record": "type",
}  # fmt: skip

HOLDERS: Final = {
    **dict.fromkeys(("List", "Array", "list", "array", "Set", "set"), "list"),
    **dict.fromkeys(("Map", "Dict", "map", "dict", "Record"), "map"),
    **dict.fromkeys(("Secret", "secret"), "secret"),
}
"""Types that hold others, as they are called elsewhere and here."""
LONGEST: Final = 400
"""Characters of a line that are looked at for what a value is."""
DEEPEST: Final = 20
"""Angles inside of angles that are read."""


def of_sign(text: str, start: int, end: int) -> Edits:
    """The sign or word at a place in our spelling."""
    sign = text[start:end]
    if sign == "`":
        return of_backticks(text, start)
    ours = SIGNS.get(sign)
    return () if ours is None else apart(text, start, end, ours)


def apart(text: str, start: int, end: int, ours: str) -> Edits:
    """A replacement that does not grow together with a word beside it."""
    before = " " if ours[:1].isalpha() and start and _is_word(text[start - 1]) else ""
    after = " " if ours[-1:].isalpha() and _is_word(text[end : end + 1]) else ""
    return ((start, end, before + ours + after),)


def of_defaults(text: str, start: int) -> tuple[Edits, bool]:
    """`a ?? b ?? c` with its first `??` at a place as `a | default(b) | default(c)`, if the sides are plain enough that
    nothing else binds tighter; and whether it means the same: no side may fail where it would not be looked at.
    """
    line = text.rfind("\n", 0, start) + 1
    if _given(text[max(line, start - LONGEST) : start]) is None:
        return (), False
    edits: list[tuple[int, int, str]] = []
    at, is_same = start, True
    while text.startswith("??", at):
        found = _default(text, at)
        if found is None:
            return (), False
        is_same = is_same and _is_plain(found[1]) is not None
        begin = len(text[:at].rstrip(" \t"))
        edits.append((begin, found.end(1), f" | default({found[1]})"))
        at = found.end()
    return (tuple(edits), is_same) if _ends_value(text, at) else ((), False)


_operand: Final = r"[A-Za-z_][\w.]*(?:\([^()\r\n]*\)|\[[^\[\]\r\n]*\])*(?:\.[\w.]+)?"
_given: Final = patterns.compile(
    rf"(?:.*(?:(?<![=!<>])=|[(\[{{,:]|\b(?:return|yield|when|if|else)\b))[ \t]*"
    rf"{_operand}(?:[ \t]*\|[ \t]*[a-z_]\w*(?:\([^()\r\n]*\))?)*[ \t]*\Z"
).match
_default: Final = patterns.compile(
    rf"\?\?[ \t]*('[^'\\\r\n]*'|\"[^\"\\\r\n]*\"|-?[0-9][\w.]*|{_operand}|\[[^\[\]\r\n]*\]|\{{[^{{}}\r\n]*\}})[ \t]*"
).match
_is_plain: Final = patterns.compile(r"(?:'.*'|\"[^{]*\"|-?[0-9][\w.]*|[A-Za-z_][\w.]*|\[[ \t]*\]|\{[ \t]*\})\Z").match
_ends_value: Final = patterns.compile(r"[)\]},#\r\n]|\Z|(?:else|when|after|catch|ensure|until)\b").match


def of_semicolons(text: str, start: int, sign: str = "") -> Edits:
    """The `;` at a place, and those behind it on the same line that part the same things, as line ends or as a sign."""
    line = text.rfind("\n", 0, start) + 1
    indent = text[line : line + len(text[line:start]) - len(text[line:start].lstrip(" \t"))]
    found: list[tuple[int, int, str]] = []
    depth = 0
    for group, at, after in tokens(text, start):
        if group in (LINES, END) or depth < 0:
            break
        bracket = text[at:after] if group == SIGN else ""
        depth += (bracket in CLOSER) - (bracket in (")", "]", "}"))
        if text[at:after] != ";" or depth:
            continue
        if statement_is_over(text, after):
            found.append((at, after, ""))
        else:
            found += ((at, after, sign),) if sign else with_blanks(text, at, after, f"\n{indent}")
    return tuple(found)


def with_blanks(text: str, start: int, end: int, ours: str) -> Edits:
    """A replacement for a sign and the blanks around it."""
    begin = start
    while begin and text[begin - 1] in " \t":
        begin -= 1
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return ((begin, end, ours),)


def without_brackets(text: str, at: int) -> Edits:
    """`[a, b]` at a place as `a, b`, if nothing but names stands inside."""
    found = patterns.compile(r"[\[(][ \t]*(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*[\])]").match(text, at)
    return () if found is None else ((at, found.end(), found[1]),)


def of_backticks(text: str, at: int) -> Edits:
    """`` `a ${b}` `` at a place as `"a {{ b }}"`, if its holes hold names."""
    found = patterns.compile(r"`([^`\"\\\r\n]*)`").match(text, at)
    if found is None or "{{" in found[1]:
        return ()
    filled = patterns.compile(r"\$\{[ \t]*([A-Za-z_][\w.]*)[ \t]*\}").sub(r"{{ \1 }}", found[1])
    return ((at, found.end(), f'"{filled}"'),) if "${" not in filled else ()


def of_quotes(text: str, start: int, quotes: dict[str, str]) -> Edits:
    """A typographic quote and the one that closes it on the same line."""
    ours, stop = quotes[text[start]], text.find("\n", start)
    line = text[start + 1 : stop if stop >= 0 else len(text)]
    closing = next((index for index, char in enumerate(line) if quotes.get(char) == ours), -1)
    if closing < 0 or ours in line[:closing] or "\\" in line[:closing]:
        return ()
    return ((start, start + 1, ours), (start + 1 + closing, start + 2 + closing, ours))


def of_f_string(text: str, start: int) -> Edits:
    """`f"{name}"` at a place as `"{{ name }}"`."""
    quote, stop = text[start + 1], text.find("\n", start)
    line = text[start + 2 : stop if stop >= 0 else len(text)]
    body, closed, _ = line.partition(quote)
    if not closed or "\\" in body or '"' in body or "{{" in body:
        return ()
    filled = patterns.compile(r"\{\s*([A-Za-z_][\w.]*)\s*\}").sub(r"⟦ \1 ⟧", body)
    if "{" in filled or "}" in filled:
        return ()
    filled = filled.replace("⟦", "{{").replace("⟧", "}}")
    return ((start, start + 2 + len(body) + 1, f'"{filled}"'),)


def of_raw(text: str, start: int) -> Edits:
    """`r"\\d"` at a place as `"\\\\d"`."""
    quote, stop = text[start + 1], text.find("\n", start)
    line = text[start + 2 : stop if stop >= 0 else len(text)]
    body, closed, _ = line.partition(quote)
    if not closed or body.endswith("\\") or "{{" in body or "{%" in body:
        return ()
    ours = body.replace("\\", "\\\\")
    return ((start, start + len(body) + 3, f"{quote}{ours}{quote}"),)


def of_angles(text: str, start: int) -> Edits:
    """`<string>`, `<string, List<int>>` of a map, at a place as `[…]`, if nothing but types stands inside."""
    read = _in_angles(text, start, DEEPEST)
    return () if read is None else ((start, read[0], read[1]),)


def _in_angles(text: str, start: int, deeper: int) -> tuple[int, str] | None:
    """Where what stands in angles ends, and what it is in our brackets; null if it is anything but a type."""
    found = patterns.compile(r"<[ \t]*(?:string[ \t]*,[ \t]*)?([A-Za-z_][\w.]*)").match(text, start)
    if found is None or not deeper:
        return None
    held, at = found[1], found.end()
    if text.startswith("<", at):
        inner = _in_angles(text, at, deeper - 1) if held in HOLDERS else None
        if inner is None:
            return None
        held, at = HOLDERS[held] + inner[1], inner[0]
    closer = patterns.compile(r"(\??)[ \t]*>").match(text, at)
    return None if closer is None else (closer.end(), f"[{held}{closer[1]}]")


def of_empty_brackets(text: str, at: int) -> Edits:
    """`string[]` with its brackets at a place as `list[string]`."""
    start = at
    while start and (_is_word(text[start - 1]) or text[start - 1] == "."):
        start -= 1
    return ((start, at + 2, f"list[{text[start:at]}]"),) if start < at else ()


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
