"""A sign of another language that stands where one of ours belongs: it is told, and read as if ours stood there.

The text that is parsed keeps its length, so that every place stays what it is.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.automaton import accepts, feed
from flowlang.syntax.braces import is_block, line_of
from flowlang.syntax.elements import list_around
from flowlang.syntax.messages import explain
from flowlang.syntax.putting_right import may_mend, read_item_again
from flowlang.syntax.repairs import HOLDERS, of_angles, of_semicolons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

_parted: Final = patterns.compile(r";[ \t]*[^\s#]").match
_tries: Final = patterns.compile(r"try[ \t]*\{").match
_quoted = r"(?:'[^'\\\r\n]*'|\"[^\"\\{\r\n]*\")"
_choices: Final = patterns.compile(
    rf"[ \t]*\w+[ \t]*:[ \t]*({_quoted}(?:[ \t]*,[ \t]*{_quoted})+)[ \t]*,?[ \t]*$"
).match


def read_as_ours(
    p: Parser, stacks: Stacks, expected: frozenset[str], key: str, tok: Any, start: int, pos: int
) -> tuple[int, int] | None:
    """Go on behind the sign as if it were ours; none if nothing of the kind stands there."""
    is_parted = p.text.startswith(";", start) and "," in expected and stacks.brackets and _parted(p.text, start)
    if is_parted or (p.text.startswith(";", start) and "NL" in expected):
        p.mend(explain(p, stacks, expected, key, tok, start, pos))
        edits = of_semicolons(p.text, start, "," if is_parted else "")
        if edits:  # all at once: a copy of the text for each would be many
            begin, end = edits[0][0], edits[-1][1]
            line = [*p.text[begin:end]]
            for first, last, ours in edits:
                line[first - begin : last - begin] = ours[:1].ljust(last - first)
            _write(p, stacks, begin, end, "".join(line))
        return stacks.state, start
    if key == "NAME" and _tries(p.text, start) and accepts(p, stacks, "sequence", "{"):
        p.diagnostics.append(explain(p, stacks, expected, key, tok, start, pos))
        feed(p, stacks, "sequence", "sequence", start)
        stacks.last = pos
        return stacks.state, pos
    if key == "<" and "+" not in expected:
        return _in_brackets(p, stacks, expected, key, tok, start, pos)
    if key == "STRING" and list_around(p, stacks)[0] == "BROKEN_FIELD":
        return _one_of(p, stacks, start)
    if key == ":" and "{" in expected and "=" not in expected and is_block(p.text, start):
        p.mend(explain(p, stacks, expected, key, tok, start, pos))
        return _write(p, stacks, start, start + 1, "{")
    return None


def _write(p: Parser, stacks: Stacks, start: int, end: int, ours: str) -> tuple[int, int]:
    p.text = p.text[:start] + ours.ljust(end - start) + p.text[end:]
    return stacks.state, start


def _in_brackets(
    p: Parser, stacks: Stacks, expected: frozenset[str], key: str, tok: Any, start: int, pos: int
) -> tuple[int, int] | None:
    """`List<string>` and `Map<string, List<int>>`, where a type stands."""
    found, holder = of_angles(p.text, start), stacks.values[-1] if stacks.values else ""
    if not found or type(holder) is not str or holder not in HOLDERS:
        return None
    if len(found[0][2]) > found[0][1] - start or (":" in expected and "(" not in expected):
        return None  # longer, or a parameter whose type comes first
    p.mend(explain(p, stacks, expected, key, tok, start, pos))
    stacks.values[-1] = HOLDERS[holder]
    return _write(p, stacks, *found[0])


def _one_of(p: Parser, stacks: Stacks, start: int) -> tuple[int, int] | None:
    """`state: 'new', 'paid'` in a record: the texts that a field may be are parted with bars."""
    from flowlang.diagnostics import Edit, Fix
    from flowlang.source import Span

    line = line_of(p.text, start)
    stop = p.text.find("\n", start)
    found = _choices(p.text[:stop] if stop >= 0 else p.text, line)
    _, count = list_around(p, stacks, ("BROKEN_ITEM",))
    if found is None or not found.start(1) < start < found.end(1) or not may_mend(p, stacks.starts[count]):
        return None
    commas = [each.start() for each in _parts(p.text, *found.span(1)) if each[0] == ","]
    edits = tuple([Edit(Span(p.path, at, at + 1), " |") for at in commas])
    told = p.error("syntax-error", "the texts that a field may be are parted with `|`", commas[0], commas[0] + 1)
    written = " | ".join([each[0] for each in _parts(p.text, *found.span(1)) if each[0] != ","])
    p.mend(told.replace(help=f"write `{written}`", fixes=(Fix("write `|`", edits),)))
    for at in commas:
        p.text = p.text[:at] + "|" + p.text[at + 1 :]
    return read_item_again(p, stacks, count, stacks.starts[count])


_parts: Final = patterns.compile(rf"{_quoted}|,").finditer
