"""Comments as other languages write them, `// …` and `/* … */`: where they are, and how they are reported.

Lines of them that follow one another are one mistake, with one fix.
"""

from __future__ import annotations

from itertools import pairwise

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax.braces import begins_line, line_of
from flowlang.syntax.lexing import RESERVED
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Diagnostic
    from flowlang.syntax.context import Context
    from flowlang.syntax.repairs import Edits

_block = r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"
_behind_code = patterns.compile(rf"//[^\r\n]*|{_block}|/\*[^\r\n]*").match
_lines = patterns.compile(
    rf"(?:(?://[^\r\n]*|{_block})(?:[ \t]*(?:\r\n?|\n)[ \t]*(?=//|{_block}))?)+|/\*[^\r\n]*"
).match
_unclosed_behind_code = patterns.compile(r"//[^\r\n]*|/\*[^\r\n]*").match
_unclosed_lines = patterns.compile(r"(?://[^\r\n]*(?:[ \t]*(?:\r\n?|\n)[ \t]*(?=//))?)+|/\*[^\r\n]*").match
_sign = patterns.compile(r"//|/\*").match
_words = patterns.compile(r"//[ \t]*[A-Za-z_][\w' \t]*\Z").match
_word = patterns.compile(r"[A-Za-z_][\w']*").match
_line_end = patterns.compile(r"[ \t]*(?:[\r\n]|\Z)").match
_BEGINNINGS = frozenset(("let", "step", "do", "return", "yield"))
HELP = "comments begin with `#`"


def comment(p: Context, at: int, end: int) -> Diagnostic:
    """The finding for a comment between two places."""
    found = p.error("syntax-error", f"`{p.text[at : at + 2]}` begins no comment", at, at + 2, HELP)
    edits = tuple([Edit(Span(p.path, *place), ours) for *place, ours in _edits(p.text, at, end)])
    is_sure = begins_line(p.text, at) or p.text.startswith("/*", at)
    return found.replace(fixes=(Fix("write `#`", edits, is_sure),)) if edits else found


def words_before(text: str, at: int) -> int:
    """Where a comment of words begins that ends right before a place on its line; -1 if there is none."""
    line = line_of(text, at)
    for _, start, _ in tokens(text, line) if "//" in text[line:at] else ():
        if start >= at:
            break
        if text.startswith("//", start):
            return start if _words(text[start:at]) and _is_prose(text, start, at) else -1
    return -1


def _is_prose(text: str, start: int, at: int) -> bool:
    """Whether words behind `//`, up to what cannot stand at a place, are no divisor: two stand side by side that are no
    operators. The last of them may be that at the place; behind code it must begin no statement.
    """
    words = text[start + 2 : at].split()
    found = _word(text, at)
    if found is not None and (found[0] not in _BEGINNINGS or begins_line(text, start)):
        words.append(found[0])
    return any(RESERVED.isdisjoint(pair) for pair in pairwise(words))


def comment_around(text: str, start: int) -> int:
    """Where the comment begins that a token which cannot stand at its place is in; -1 if there is none."""
    if _sign(text, start):
        return start
    return start - 1 if text.startswith("/*", start - 1) else words_before(text, start)


def comment_end(p: Context, at: int) -> int:
    """Where the lines of comment end that begin at a place; what stands behind code goes on over no more lines.

    Behind the last `*/` none is looked for: each `/*` would read the rest of the text.
    """
    text = p.text
    if p.last_comment_end is None:
        p.last_comment_end = text.rfind("*/")
    if at < p.last_comment_end:
        found = _lines(text, at) if begins_line(text, at) else _behind_code(text, at)
    else:
        found = _unclosed_lines(text, at) if begins_line(text, at) else _unclosed_behind_code(text, at)
    assert found is not None
    p.hangs_on(at, len(text) if at > p.last_comment_end and "/*" in found[0] else found.end())
    return found.end()


def _edits(text: str, at: int, end: int) -> Edits:
    """`#` for each sign; none where code follows on the same line."""
    if _line_end(text, end) is None:
        return ()
    if "/*" not in text[at:end]:
        signs = [each for each in range(at + 1, end) if text.startswith("//", each) and begins_line(text, each)]
        return tuple([(each, each + 2, "#") for each in (at, *signs)])
    said = [_said(line) for line in text[at:end].splitlines()]
    is_alone = begins_line(text, at)
    lines = [f"# {line}".rstrip() for index, line in enumerate(said) if line or 0 < index < len(said) - 1]
    margin = text[line_of(text, at) : at]
    line_end = "\r\n" if "\r\n" in text[at:end] else "\n"
    return ((at, end, (line_end + margin).join(lines)),) if is_alone or len(lines) < 2 else ()


def _said(line: str) -> str:
    """A line of a comment without its signs."""
    return line.strip().removesuffix("*/").strip("/* \t")
