"""Patterns over paths as gitignore(5) writes them, as regular expressions.

git's own reading of them, wildmatch.c, decides what the manual leaves open.
"""

from __future__ import annotations

import re
import string

CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, range(32))) + "\x7f",
    "digit": string.digits,
    "graph": string.ascii_letters + string.digits + string.punctuation,
    "lower": string.ascii_lowercase,
    "print": string.ascii_letters + string.digits + string.punctuation + " ",
    "punct": string.punctuation,
    "space": string.whitespace,
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}
NOTHING = "(?!)"


def translate(glob: str) -> str:
    """A pattern of gitignore as a regular expression over a whole relative path; a malformed one fits nothing.

    Of what a `*` or `**` may pass over the least is enough if another one follows: it is taken and never given back, so
    that no pattern takes more than polynomial time.
    """
    groups: list[list[str]] = [[]]  # between the `**/`; each ends with a `/`, the last with the pattern
    pieces: list[list[str]] = [[]]  # of the segment, between its `*`
    at, end = 0, ""
    while at < len(glob):
        char = glob[at]
        begins = at == 0 or glob[at - 1] == "/"
        if begins and glob.startswith("**/", at):
            if groups[-1] or len(groups) == 1:
                groups.append([])
            at += 3
            continue
        if begins and glob[at:] == "**":
            end = ".+"
            break
        if char == "[":
            found = _set(glob, at + 1)
            if found is None:
                return NOTHING
            pieces[-1].append(found[0])
            at = found[1]
            continue
        if char == "*":
            pieces.append([])
        elif char == "?":
            pieces[-1].append("[^/]")
        else:
            at += char == "\\"
            if at == len(glob):
                return NOTHING
            if glob[at] == "/":
                groups[-1] += [_segment(pieces), "/"]
                pieces = [[]]
            else:
                pieces[-1].append(re.escape(glob[at]))
        at += 1
    groups[-1] += [_segment(pieces), end]
    first, *others = ("".join(group) for group in groups)
    if not others:
        return first
    return first + "".join(f"(?>(?:[^/]*/)*?{each})" for each in others[:-1]) + "(?:.*/)?" + others[-1]


def _segment(pieces: list[list[str]]) -> str:
    """What a `*` stands between, each character of a fixed length."""
    first, *others = ("".join(piece) for piece in pieces)
    if not others:
        return first
    return first + "".join(f"(?>[^/]*?{each})" for each in others[:-1] if each) + "[^/]*" + others[-1]


def _set(glob: str, at: int) -> tuple[str, int] | None:
    """The set whose `[` stands before `at`, and the offset behind its `]`; none if it is malformed.

    A `]` that comes first belongs to it, and a `/` is never in it.
    """
    negated = glob.startswith(("!", "^"), at)
    at += negated
    inside: list[str] = []
    first, before = at, ""
    while at < len(glob):
        char = glob[at]
        if char == "]" and at > first:
            chars = "".join(inside)
            if negated:
                return f"[^/{chars}]", at + 1
            return (f"(?!/)[{chars}]" if chars else NOTHING), at + 1
        if char == "[" and glob.startswith("[:", at):
            name, closing, _ = glob[at + 2 :].partition(":]")
            if not closing or name not in CLASSES:
                return None
            inside += map(_literal, CLASSES[name])
            at, before = at + len(name) + 4, ""
            continue
        is_range = char == "-" and before != "" and glob[at + 1 : at + 2] not in ("", "]")
        at += is_range
        if glob[at] == "\\":
            at += 1
            if at == len(glob):
                return None
        char = glob[at]
        if not is_range:
            inside.append(_literal(char))
        elif before <= char:
            inside.append(f"{_literal(before)}-{_literal(char)}")
        before = "" if is_range else char
        at += 1
    return None


def _literal(char: str) -> str:
    return f"\\{char}" if char in string.punctuation else char
