"""Fixes at work: which of many can be made in one pass, and the text that comes of them.

Edits of one pass never touch one another, so their order does not matter and none sees text that another has made; what
has to wait is found again, with new places, when the result is checked. Everything outside an edit stays as it is,
comments and line ends included.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from flowlang.diagnostics.model import Diagnostic, Edit, Fix

    Edits = tuple[Edit, ...]

_line_end = patterns.compile(r"\r\n?|\n").search


def chosen_fix(found: Diagnostic, unsafe: bool, aside: Collection[Edits] = ()) -> Fix | None:
    """The fix that is made for a finding: the first that may be, but for those whose edits are set aside."""
    return next((fix for fix in found.fixes if fix.edits and (fix.safe or unsafe) and fix.edits not in aside), None)


def fix_in(files: Collection[str], found: Diagnostic, unsafe: bool, aside: Collection[Edits] = ()) -> Fix | None:
    """The fix that is made for a finding if only some files may change: a fix is made whole or not at all."""
    fix = chosen_fix(found, unsafe, aside)
    return fix if fix is not None and all(edit.span.file in files for edit in fix.edits) else None


def one_pass(
    found: Iterable[Diagnostic], unsafe: bool, files: Collection[str], aside: Collection[Edits] = ()
) -> list[Fix]:
    """As many fixes as fit beside each other, in `files` only."""
    chosen: list[Fix] = []
    taken: dict[str, list[Edit]] = {}
    for each in found:
        fix = fix_in(files, each, unsafe, aside)
        if fix is None or any(_touches(edit, taken) for edit in fix.edits):
            continue
        chosen.append(fix)
        for edit in fix.edits:
            taken.setdefault(edit.span.file, []).append(edit)
    return chosen


def _touches(edit: Edit, taken: dict[str, list[Edit]]) -> bool:
    start, end = edit.span.start, edit.span.end
    return any(start <= other.span.end and other.span.start <= end for other in taken.get(edit.span.file, ()))


def edits_of(fixes: Iterable[Fix]) -> dict[str, list[Edit]]:
    """The edits of fixes that fit beside each other, by file."""
    by_file: dict[str, list[Edit]] = {}
    for fix in fixes:
        for edit in fix.edits:
            by_file.setdefault(edit.span.file, []).append(edit)
    return by_file


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Replace the spans of edits that do not overlap; new lines end as the first line of the text does."""
    line_end = end_of_line(text)
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=_place):
        parts += [text[at : edit.span.start], written(edit, line_end)]
        at = edit.span.end
    return "".join([*parts, text[at:]])


def put_in(texts: dict[str, str], edits: dict[str, list[Edit]]) -> dict[Edit, Span]:
    """Where the new text of each edit stands when all of them have been made in `texts`."""
    places: dict[Edit, Span] = {}
    for path, of_file in edits.items():
        line_end, moved = end_of_line(texts[path]), 0
        for edit in sorted(of_file, key=_place):
            start, end = edit.span.start + moved, edit.span.end + moved
            places[edit] = Span(path, start, start + len(written(edit, line_end)))
            moved += places[edit].end - end
    return places


def moved(fix: Edits, places: dict[Edit, Span]) -> Edits:
    """The edits of a fix as they are once others have been `put_in`; none if those have touched its places."""
    found: list[Edit] = []
    for edit in fix:
        start, end = edit.span.start, edit.span.end
        others = [other for other in places if other.span.file == edit.span.file]
        if any(start <= other.span.end and other.span.start <= end for other in others):
            return ()
        before = [other for other in others if other.span.end < start]
        by = sum((places[other].end - places[other].start) - (other.span.end - other.span.start) for other in before)
        found.append(edit.replace(span=Span(edit.span.file, start + by, end + by)))
    return tuple(found)


def _place(edit: Edit) -> tuple[int, int]:
    return edit.span.start, edit.span.end


def end_of_line(text: str) -> str:
    """How the first line of a text ends: what else ends lines of it should."""
    found = _line_end(text)
    return found[0] if found else "\n"


def written(edit: Edit, end_of_line: str) -> str:
    """The new text of an edit with the line ends of its file."""
    return edit.text.replace("\r\n", "\n").replace("\n", end_of_line)
