"""Comments as other languages write them, such as `// …`, `/* … */` and `<!-- … -->`: where they are, and how they are
reported.

Lines of them that follow one another are one mistake, with one fix. A sign that is an operator too (`//`, `--`, `%`)
begins a comment where what stands around a mistake tells so.
"""

from __future__ import annotations

from itertools import pairwise

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax.braces import begins_line, indentation, line_of
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
_line = patterns.compile(r"[^\r\n]*").match
_next_line = patterns.compile(r"(?:\r\n?|\n)[ \t]*").match
_sign = patterns.compile(r"//|/\*|<!--|\{#|\(\*").match
_first_sign = patterns.compile(
    r"--(?![->])|%|;(?=[^\r\n]*[^\s;])|(?:REM|Rem|rem|dnl)(?=[ \t]+\w|[ \t]*(?:[\r\n]|\Z))"
).match
_later_sign = patterns.compile(r"--(?=[ \t]+[A-Za-z])").match
_operators = patterns.compile(r"//|--|%").match
_any_sign = patterns.compile(r"//|/\*|<!--|\{#|\(\*|--|%|;|\w+").match
_CLOSERS = {"/*": "*/", "<!--": "-->", "{#": "#}", "(*": "*)"}
LONGEST = 10_000
"""Characters that are looked at for the end of a comment."""
_words = patterns.compile(r"[ \t]*\w[\w' \t]*\Z").match
_word = patterns.compile(r"[A-Za-z_][\w']*").match
_divisor = patterns.compile(r"[ \t]*[\d(]").match
_line_end = patterns.compile(r"[ \t]*(?:[\r\n]|\Z)").match
_BEGINNINGS = frozenset(("let", "step", "do", "return", "yield"))
HELP = "comments begin with `#`"


def comment(p: Context, at: int, end: int) -> Diagnostic:
    """The finding for a comment between two places."""
    sign = _sign_at(p.text, at)
    found = p.error("syntax-error", f"`{sign}` begins no comment", at, at + len(sign), HELP)
    edits = tuple([Edit(Span(p.path, *place), ours) for *place, ours in _edits(p.text, at, end, sign)])
    is_sure = begins_line(p.text, at) or sign in _CLOSERS
    return found.replace(fixes=(Fix("write `#`", edits, is_sure),)) if edits else found


def _sign_at(text: str, at: int) -> str:
    found = _any_sign(text, at)
    assert found is not None
    return found[0]


def words_before(text: str, at: int) -> int:
    """Where a comment of words begins that ends right before a place on its line; -1 if there is none."""
    line = line_of(text, at)
    before = text[line:at]
    for _, start, _ in tokens(text, line) if "//" in before or "--" in before or "%" in before else ():
        if start >= at:
            break
        sign = _operators(text, start)
        if sign is not None and (sign[0] != "%" or not before[: start - line].strip()):
            return start if _is_comment(text, start, sign.end(), at) else -1
    return -1


def _is_comment(text: str, start: int, behind: int, at: int) -> bool:
    """Whether a sign begins a comment that reaches up to what cannot stand at a place on its line."""
    said, is_first = text[behind:at], begins_line(text, start)
    if text.startswith("--", start):
        return is_first or (said[:1] in (" ", "\t") and _is_prose(text, start, said, at))
    if is_first and not _divisor(said):
        return True
    if not said.strip():
        return text.startswith("//", start) and (text.startswith(("/", "{"), at) or _word(text, at) is not None)
    return _is_prose(text, start, said, at)


def _is_prose(text: str, start: int, said: str, at: int) -> bool:
    """Whether words behind a sign, up to what cannot stand at a place, are no operand: two stand side by side that are
    no operators, or a quote behind one. The last of them may be that at the place; behind code it must begin no
    statement.
    """
    if _words(said) is None:
        return False
    words = said.split()
    found = _word(text, at)
    if found is not None and (found[0] not in _BEGINNINGS or begins_line(text, start)):
        words.append(found[0])
    return text.startswith(("'", '"'), at) or any(RESERVED.isdisjoint(pair) for pair in pairwise(words))


def comment_around(text: str, start: int) -> int:
    """Where the comment begins that a token which cannot stand at its place is in; -1 if there is none."""
    if _sign(text, start) or _later_sign(text, start) or (begins_line(text, start) and _first_sign(text, start)):
        return start
    for at in (start - 1, start - 2):
        if at >= 0 and text.startswith(("/*", "<!--"), at):
            return at
    return first_line(text, words_before(text, start))


def first_line(text: str, at: int) -> int:
    """Where the first of the lines begins that begin with the sign at a place, one after the other."""
    sign = _sign_at(text, at) if at >= 0 else ""
    while sign and begins_line(text, at):
        end = line_of(text, at) - 1
        end -= text.startswith("\r\n", end - 1)
        above = line_of(text, end) + indentation(text, end)
        if above >= end or not text.startswith(sign, above):
            break
        at = above
    return at


def comment_of_bracket(text: str, bracket: int, start: int) -> int:
    """Where the comment begins that a bracket is in which lines before a place left open; -1 if there is none."""
    line = line_of(text, start)
    at = words_before(text, bracket) if bracket < line else -1
    return at if at >= 0 and (begins_line(text, at) or not text[at + 2 : bracket].strip()) else -1


def comment_end(p: Context, at: int) -> int:
    """Where the lines of comment end that begin at a place; what stands behind code goes on over no more lines.

    Behind the last `*/` none is looked for: each `/*` would read the rest of the text.
    """
    text, sign = p.text, _sign_at(p.text, at)
    if sign not in ("//", "/*"):
        return _closed(text, at, sign) if sign in _CLOSERS else _lines_of(text, at, sign)
    if p.last_comment_end is None:
        p.last_comment_end = text.rfind("*/")
    if at < p.last_comment_end:
        found = _lines(text, at) if begins_line(text, at) else _behind_code(text, at)
    else:
        found = _unclosed_lines(text, at) if begins_line(text, at) else _unclosed_behind_code(text, at)
    assert found is not None
    p.hangs_on(at, len(text) if at > p.last_comment_end and "/*" in found[0] else found.end())
    return found.end()


def _closed(text: str, at: int, sign: str) -> int:
    """Where a comment ends that has a sign for its end; its line does if it has none."""
    end = text.find(_CLOSERS[sign], at + len(sign), at + LONGEST)
    return end + len(_CLOSERS[sign]) if end >= 0 else _end_of_line(text, at)


def _lines_of(text: str, at: int, sign: str) -> int:
    """Where the lines end that begin with a sign, one after the other."""
    end, is_first = _end_of_line(text, at), begins_line(text, at)
    while is_first and (line := _next_line(text, end)) and text.startswith(sign, line.end()):
        end = _end_of_line(text, line.end())
    return end


def _end_of_line(text: str, at: int) -> int:
    found = _line(text, at)
    assert found is not None
    return found.end()


def _edits(text: str, at: int, end: int, sign: str) -> Edits:
    """`#` for each sign; none where code follows on the same line."""
    if _line_end(text, end) is None:
        return ()
    if sign not in _CLOSERS and "/*" not in text[at:end]:
        places = [each for each in range(at + 1, end) if text.startswith(sign, each) and begins_line(text, each)]
        return tuple([_signed(text, each, sign) for each in (at, *places)])
    said = [_said(line, sign) for line in text[at:end].splitlines()]
    is_alone = begins_line(text, at)
    lines = [f"# {line}".rstrip() for index, line in enumerate(said) if line or 0 < index < len(said) - 1]
    margin = text[line_of(text, at) : at]
    line_end = "\r\n" if "\r\n" in text[at:end] else "\n"
    return ((at, end, (line_end + margin).join(lines)),) if is_alone or len(lines) < 2 else ()


def _signed(text: str, at: int, sign: str) -> tuple[int, int, str]:
    """`#` in place of a sign, `##` and `##!` for `///` and `//!`."""
    end = at + len(sign)
    if sign == "//" and text.startswith("/", end) and not text.startswith("//", end):
        return at, end + 1, "##"
    return at, end, "##" if text.startswith("!", end) else "#"


def _said(line: str, sign: str) -> str:
    """A line of a comment without its signs."""
    if sign in ("//", "/*"):
        return line.strip().removesuffix("*/").strip("/* \t")
    return line.strip().removesuffix(_CLOSERS[sign]).removeprefix(sign).strip()
