r"""Reading texts that the lexer's fast patterns refuse: escapes, holes, several lines, texts that never end.

`"…"` and those between three double quotes are templates, `'…'` is plain; all know the escapes of ESCAPES, `\uXXXX` and
`\u{…}`. In a text of several lines the line ends beside the quotes and the indentation that all lines share do not
belong to it. A line end in a text is `\n`, however the file writes it.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.record import new
from flowlang.syntax import ast
from flowlang.syntax.lexing import long_run, plain_run, template_run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.syntax.parser import Parser

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "{": "{"}

_continuing = patterns.compile(r"\{%[-+]?\s*(?:end|else|elif)").match
_binding = patterns.compile(
    r"\{%[-+]?\s*(?:for\b([^%]*?)\bin\b|set\b([^=%]*)|(?:macro|with|import|from|call)\b([^%]*)%\})"
).match
_sets = patterns.compile(r"\{%[-+]?\s*set\b").match
_words = patterns.compile(r"[A-Za-z_]\w*").findall
_line_end = patterns.compile(r"\r\n?|\n")
_rest_of_line = patterns.compile(r"[^\r\n]*").match
_unicode = patterns.compile(r"u(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{4})(?:\\u([0-9A-Fa-f]{4}))?)").match
_raw = patterns.compile(r"[^\w.][rR][\"']").match
_blank_then_line_end = patterns.compile(r"[ \t]*(?:\r\n?|\n)").match
_blank = patterns.compile(r"[ \t]*").match


def read_text(p: Parser, at: int) -> tuple[ast.Text | ast.Template | None, int]:
    """Read the text whose quote stands at a place; None, after a report, where it never ends (then: where to go on)."""
    mark = len(p.diagnostics)
    found = _read(p, at)
    # In `r"\d"` the letter is the mistake: backslashes mean nothing behind it.
    if len(p.diagnostics) > mark and _raw(p.text, at - 2):
        p.diagnostics[mark:] = [each for each in p.diagnostics[mark:] if each.rule != "bad-escape"]
    return found


def _read(p: Parser, at: int) -> tuple[ast.Text | ast.Template | None, int]:
    text = p.text
    if text.startswith('"""', at):
        return _read_long(p, at)
    if text.startswith("'''", at):
        p.report(
            "syntax-error",
            "a text cannot begin with three single quotes",
            at,
            at + 3,
            'three double quotes `"""` begin a text of several lines',
        )
        p.hangs_on(at, len(text))  # as tokens these quotes are others
        return None, _after(text, "'''", at + 3)
    if text[at] == "'":
        return _read_plain(p, at)
    return _read_template(p, at)


def _read_plain(p: Parser, at: int) -> tuple[ast.Text | None, int]:
    text, here = p.text, at + 1
    while True:
        here = plain_run(text, here).end()  # type: ignore[union-attr]
        char = text[here : here + 1]
        if char == "'":
            return ast.Text(at, here + 1, unescape(p, at + 1, here)), here + 1
        if char != "\\" or text[here + 1 : here + 2] in ("", "\r", "\n"):
            return _unclosed(p, at, 1)
        here += 2


def _read_template(p: Parser, at: int) -> tuple[ast.Text | ast.Template | None, int]:
    text, here = p.text, at + 1
    segment = here
    parts: list[ast.TemplateText | ast.Expr] = []
    bound: set[str] = set()
    while True:
        here = template_run(text, here).end()  # type: ignore[union-attr]
        char = text[here : here + 1]
        if char == '"':
            break
        if char == "{":
            if text[here + 1] == "%":
                _statement(p, at, here)
                bound |= _bound_by(text, here)
                here += 2
                continue
            hole, after = p.hole(here, False)
            if hole is None:
                return None, after
            if segment < here:
                parts.append(new(ast.TemplateText, (segment, here, unescape(p, segment, here))))
            parts.append(_known(text, hole, bound) if bound else hole)
            segment = here = after
        elif char != "\\" or text[here + 1 : here + 2] in ("", "\r", "\n"):
            return _unclosed(p, at, 1)
        else:
            here += 2
    if not parts:
        return ast.Text(at, here + 1, unescape(p, segment, here)), here + 1
    if segment < here:
        parts.append(new(ast.TemplateText, (segment, here, unescape(p, segment, here))))
    return new(ast.Template, (at, here + 1, tuple(parts))), here + 1


def _read_long(p: Parser, at: int) -> tuple[ast.Text | ast.Template | None, int]:
    text, here = p.text, at + 3
    segment = here
    parts: list[Any] = []
    bound: set[str] = set()
    while True:
        here = long_run(text, here).end()  # type: ignore[union-attr]
        char = text[here : here + 1]
        if char == '"':
            break
        if char == "{":
            if text[here + 1] == "%":
                _statement(p, at, here)
                bound |= _bound_by(text, here)
                here += 2
                continue
            hole, after = p.hole(here, True)
            if hole is None:
                return None, after
            parts += [(segment, here), _known(text, hole, bound) if bound else hole]
            segment = here = after
        elif char == "\\" and here + 1 < len(text):
            here += 2
        else:
            return _unclosed(p, at, 3)
    parts.append((segment, here))
    return _dedented(p, at, here + 3, parts), here + 3


def _dedented(p: Parser, at: int, end: int, parts: list[Any]) -> ast.Text | ast.Template:
    """Make the node; a part is a hole or the (start, end) of the text between two."""
    text = p.text
    first, last = parts[0], parts[-1]
    opening = _blank_then_line_end(text, first[0], first[1])
    margins = _margins(text, parts)
    margin = _shared(margins)
    made: list[ast.TemplateText | ast.Expr] = []
    for part in parts:
        if type(part) is not tuple:
            made.append(part)
            continue
        start, stop = part
        begin = opening.end() if part is first and opening else start
        cut = _closing_line(text, begin, stop, part is first and opening is not None) if part is last else stop
        value = _lines_without(p, begin, cut, margin, part is first and opening is not None, cut < stop)
        if value or len(parts) == 1:
            made.append(ast.TemplateText(start, stop, value))
    if len(parts) == 1:
        return ast.Text(at, end, value)
    return ast.Template(at, end, tuple(made))


def _margins(text: str, parts: list[Any]) -> list[str]:
    """The white space that begins each line with something on it; the line of the opening quotes does not count."""
    found = []
    for number, part in enumerate(parts):
        if type(part) is not tuple:
            continue
        for line_end in _line_end.finditer(text, *part):
            blank = _blank(text, line_end.end(), part[1])
            stop = blank.end()  # type: ignore[union-attr]
            empty = number == len(parts) - 1 if stop == part[1] else text[stop] in "\r\n"
            if not empty:
                found.append(text[line_end.end() : stop])
    return found


def _shared(margins: list[str]) -> str:
    if not margins:
        return ""
    low, high = min(margins), max(margins)
    for index, char in enumerate(low):
        if index >= len(high) or high[index] != char:
            return low[:index]
    return low


def _closing_line(text: str, start: int, stop: int, at_line_start: bool) -> int:
    """Where the text ends: before the line end that only white space parts from the closing quotes, if there is one."""
    here = stop
    while here > start and text[here - 1] in " \t":
        here -= 1
    if here > start and text[here - 1] in "\r\n":
        return here - (2 if text[here - 2 : here] == "\r\n" and here - 2 >= start else 1)
    return here if here == start and at_line_start else stop


def _lines_without(p: Parser, start: int, stop: int, margin: str, fresh: bool, whole: bool) -> str:
    """Decode a stretch of lines, each without the margin, empty if it is blank.

    `fresh` where the stretch begins at the beginning of a line, `whole` where it ends at the end of one.
    """
    text = p.text
    lines = []
    while True:
        line_end = _line_end.search(text, start, stop)
        until = line_end.start() if line_end else stop
        if fresh and (line_end or whole) and not text[start:until].strip(" \t"):
            start = until
        elif fresh and text.startswith(margin, start, until):
            start += len(margin)
        lines.append(unescape(p, start, until))
        if not line_end:
            return "\n".join(lines)
        start, fresh = line_end.end(), True


def unescape(p: Parser, start: int, end: int) -> str:
    """Decode the escapes between two places."""
    text = p.text
    at = text.find("\\", start, end)
    if at < 0:
        return text[start:end]
    found = []
    while at >= 0:
        found.append(text[start:at])
        char = text[at + 1]
        if char in ESCAPES:
            found.append(ESCAPES[char])
            start = at + 2
        else:
            value, start = _unicode_escape(p, at, end)
            found.append(value)
        at = text.find("\\", start, end)
    found.append(text[start:end])
    return "".join(found)


def _unicode_escape(p: Parser, at: int, end: int) -> tuple[str, int]:
    """Decode `\\uXXXX`, a pair of them or `\\u{…}`; report anything else and keep it as it stands."""
    text = p.text
    found = _unicode(text, at + 1, end)
    if found:
        braced, first, second = found.groups()
        code = int(braced or first, 16)
        if first and 0xD800 <= code < 0xDC00 and second and 0xDC00 <= int(second, 16) < 0xE000:
            return chr(0x10000 + ((code - 0xD800) << 10) + int(second, 16) - 0xDC00), found.end()
        after = found.end(1) + 1 if braced else found.end(2)
        if code < 0xD800 or 0xDFFF < code < 0x110000:
            return chr(code), after
        p.report("bad-escape", f"`{text[at:after]}` is no character", at, after)
        return "", after
    char = text[at + 1]
    if char == "u":
        help = "write four hexadecimal digits, or up to six in braces: `\\u00e9`, `\\u{1F600}`"
    elif not char.isprintable():
        help = 'for a backslash write `\\\\`; a text of several lines stands in `"""`'
    else:
        help = f"for a backslash write `\\\\`: `\\\\{char}`; escapes are \\n \\t \\r \\\\ \\\" \\' \\{{ and \\u{{…}}"
    shown = f"`\\{char}`" if char.isprintable() else "a backslash before a line end or a hidden character"
    p.report("bad-escape", f"{shown} is not an escape", at, at + 2, help)
    return text[at : at + 2], at + 2


def _bound_by(text: str, at: int) -> set[str]:
    """The names to which a statement of Jinja gives a meaning for the holes behind it."""
    found = _binding(text, at)
    return {"loop", *_words(found[1] or found[2] or found[3] or "")} if found else set()


def _known(text: str, hole: ast.Expr, bound: set[str]) -> ast.Expr:
    """A hole, if it uses no name that a statement bound: else what it says cannot be known."""
    return hole if bound.isdisjoint(_words(text, hole.start, hole.end)) else ast.BrokenExpr(hole.start, hole.end)


def _statement(p: Parser, begin: int, at: int) -> None:
    """Report `{% … %}`; what a text has besides, or what goes on with one of another text, is no mistake of its own."""
    reported = [found.span.start for found in p.diagnostics if found.rule == "jinja-statement"]
    if reported and (_continuing(p.text, at) or reported[-1] > begin):
        return
    end = p.text.find("%}", at)
    line = _rest_of_line(p.text, at).end()  # type: ignore[union-attr]
    p.report(
        "jinja-statement",
        "a template holds expressions in `{{ }}`, not statements in `{% %}`",
        at,
        end + 2 if 0 <= end < line else at + 2,
        "a value is named with `let` above the text"
        if _sets(p.text, at)
        else "choose with `{{ a if c else b }}`, repeat with `{{ [e for x in xs] | join(', ') }}`",
    )


def _unclosed(p: Parser, at: int, quotes: int) -> tuple[None, int]:
    line_end = _rest_of_line(p.text, at).end()  # type: ignore[union-attr]
    mark = p.text[at : at + quotes]
    if quotes == 3:
        p.hangs_on(at, len(p.text))
        message, help = "a text of several lines is never closed", 'close it with `"""`'
    else:
        message, help = (
            "a text is not closed on its line",
            f'close it with `{mark}`; a text of several lines stands between `"""`',
        )
    p.report("unclosed-string", message, at, at + quotes if quotes == 3 else line_end, help)
    return None, line_end


def _after(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return _rest_of_line(text, start).end() if found < 0 else found + len(mark)  # type: ignore[union-attr]
