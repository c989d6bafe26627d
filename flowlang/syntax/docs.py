"""Documents: text with places where lines may break, and the one function that decides where they do.

After Wadler ("A prettier printer") and Prettier's group, fill and conditional group. A group is laid out on one line if
it fits and holds nothing that must break; else its own lines break and its inner groups decide for themselves.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Doc: TypeAlias = "str | list[Doc] | Line | Indent | Group | Flat | IfBroken | Choice | Fill | Aside | Raw | _Next"

INDENT = "  "


class Line:
    """A place to break: else `flat`. A hard one always breaks; `blank` leaves an empty line before it."""

    __slots__ = ("blank", "flat", "hard")

    def __init__(self, flat: str, hard: bool = False, blank: bool = False) -> None:
        self.flat, self.hard, self.blank = flat, hard, blank


SPACE, SOFT = Line(" "), Line("")
HARD, BLANK = Line("", hard=True), Line("", hard=True, blank=True)


class Indent:
    """Lines that break inside are indented one step further."""

    __slots__ = ("doc", "hard")

    def __init__(self, *docs: Doc) -> None:
        self.doc: Doc = list(docs)
        self.hard = must_break(self.doc)


class Group:
    """On one line if possible."""

    __slots__ = ("doc", "hard")

    def __init__(self, *docs: Doc, broken: bool = False) -> None:
        self.doc: Doc = list(docs)
        self.hard = broken or must_break(self.doc)


class Flat:
    """On one line, come what may; it holds nothing that must break."""

    __slots__ = ("doc",)
    hard = False

    def __init__(self, *docs: Doc) -> None:
        self.doc: Doc = list(docs)


class IfBroken:
    """One text where the group around it is broken, another where it is on one line."""

    __slots__ = ("broken", "flat")
    hard = False

    def __init__(self, broken: str, flat: str = "") -> None:
        self.broken, self.flat = broken, flat


class Choice:
    """The first of several layouts whose first line fits; the last one if none does."""

    __slots__ = ("hard", "layouts")

    def __init__(self, *layouts: Doc) -> None:
        self.layouts = layouts
        self.hard = all(must_break(layout) for layout in layouts)


class Fill:
    """As many parts on each line as fit; a part that does not is preceded by a break."""

    __slots__ = ("hard", "parts")

    def __init__(self, parts: list[Doc]) -> None:
        self.parts = parts
        self.hard = must_break(parts)


class Aside:
    """Text at the end of a line that does not count for its width: a comment. What follows must break."""

    __slots__ = ("text",)
    hard = False

    def __init__(self, text: str) -> None:
        self.text = text


class Raw:
    """Text that is written as it stands, its own line ends included."""

    __slots__ = ("text",)
    hard = False

    def __init__(self, text: str) -> None:
        self.text = text


def must_break(doc: Doc) -> bool:
    """Whether a document cannot stand on one line."""
    if isinstance(doc, list):
        return any(map(must_break, doc))
    return not isinstance(doc, str) and doc.hard


def join(separator: Doc, docs: list[Doc]) -> Doc:
    """Put a separator between documents."""
    joined: list[Doc] = []
    for doc in docs:
        joined += [separator, doc]
    return joined[1:]


def render(doc: Doc, width: int) -> str:
    """Lay a document out; no line ends in white space unless a Raw says so."""
    out: list[str] = []
    column = 0
    waiting: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while waiting:
        depth, flat, at = waiting.pop()
        if isinstance(at, str):
            out.append(at)
            column += len(at)
        elif isinstance(at, list):
            waiting += [(depth, flat, part) for part in reversed(at)]
        elif isinstance(at, Line):
            if flat and not at.hard:
                out.append(at.flat)
                column += len(at.flat)
            else:
                _end_line(out)
                out.append("\n\n" if at.blank else "\n")
                out.append(INDENT * depth)
                column = len(INDENT) * depth
        elif isinstance(at, Indent):
            waiting.append((depth + 1, flat, at.doc))
        elif isinstance(at, Group):
            flat = flat or (not at.hard and _fits(width - column, [(depth, True, at.doc)], waiting))
            waiting.append((depth, flat and not at.hard, at.doc))
        elif isinstance(at, Flat):
            waiting.append((depth, True, at.doc))
        elif isinstance(at, IfBroken):
            waiting.append((depth, flat, at.flat if flat else at.broken))
        elif isinstance(at, Choice):
            waiting.append((depth, flat, _choose(at, width - column, depth, flat, waiting)))
        elif isinstance(at, Fill):
            _fill(at, depth, flat, waiting)
        elif isinstance(at, Aside):
            out.append(at.text)
        elif isinstance(at, _Next):
            flat = _fits(width - column, [(depth, True, [SPACE, at.part])], at.after or waiting)
            waiting.append((depth, False, [at.part]))
            waiting.append((depth, flat, SPACE))
        else:
            out.append(at.text)
            column = len(at.text) - at.text.rfind("\n") - 1 if "\n" in at.text else column + len(at.text)
    return "".join(out)


class _Next:
    """What is left of a Fill: a part and the break before it, decided when it is reached."""

    __slots__ = ("after", "part")
    hard = False

    def __init__(self, part: Doc, after: list[tuple[int, bool, Doc]] | None) -> None:
        self.part, self.after = part, after


def _fill(fill: Fill, depth: int, flat: bool, waiting: list[tuple[int, bool, Doc]]) -> None:
    if flat:
        waiting.append((depth, True, join(SPACE, fill.parts)))
        return
    for index in range(len(fill.parts) - 1, 0, -1):
        after: list[tuple[int, bool, Doc]] | None = [(depth, False, HARD)] if index < len(fill.parts) - 1 else None
        waiting.append((depth, False, _Next(fill.parts[index], after)))
    waiting.append((depth, False, fill.parts[0]))


def _end_line(out: list[str]) -> None:
    while out and not out[-1].strip(" "):
        out.pop()
    if out and out[-1].endswith(" "):
        out[-1] = out[-1].rstrip(" ")


def _choose(choice: Choice, room: int, depth: int, flat: bool, rest: list[tuple[int, bool, Doc]]) -> Doc:
    for layout in choice.layouts[:-1]:
        if (flat or not must_break(layout)) and _fits(room, [(depth, True, layout)], rest):
            return layout
        if must_break(layout) and _fits(room, [(depth, False, layout)], rest):
            return layout
    return choice.layouts[-1]


def _fits(room: int, first: list[tuple[int, bool, Doc]], rest: list[tuple[int, bool, Doc]]) -> bool:
    """Whether a layout reaches the end of its first line within the room that is left."""
    waiting, index = first, len(rest)
    while room >= 0:
        if not waiting:
            if not index:
                return True
            index -= 1
            waiting.append(rest[index])
        depth, flat, at = waiting.pop()
        if isinstance(at, str):
            room -= len(at)
        elif isinstance(at, list):
            waiting += [(depth, flat, part) for part in reversed(at)]
        elif isinstance(at, Line):
            if at.hard or not flat:
                return True
            room -= len(at.flat)
        elif isinstance(at, Indent):
            waiting.append((depth, flat, at.doc))
        elif isinstance(at, Group):
            waiting.append((depth, flat and not at.hard, at.doc))
        elif isinstance(at, Flat):
            waiting.append((depth, True, at.doc))
        elif isinstance(at, IfBroken):
            waiting.append((depth, flat, at.flat if flat else at.broken))
        elif isinstance(at, Choice):
            waiting.append((depth, flat, at.layouts[0] if flat else at.layouts[-1]))
        elif isinstance(at, Fill):
            waiting.append((depth, flat, join(SPACE, at.parts)))
        elif isinstance(at, Raw):
            if "\n" in at.text:
                return room >= at.text.index("\n")
            room -= len(at.text)
        elif isinstance(at, _Next):
            return True
    return False
