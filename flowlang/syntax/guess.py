"""A guess at what was meant by text that does not parse."""

from __future__ import annotations

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.repairs import Edits


class Guess(Record):
    """What to say instead of, or beside, the plain message."""

    __slots__ = ()

    message: str = ""
    help: str = ""
    rule: str = ""
    span: tuple[int, int] | None = None
    edits: Edits = ()
    safe: bool = True  # that the edits say what was meant


NOTHING = Guess()
