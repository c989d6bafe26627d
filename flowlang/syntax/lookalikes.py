"""Letters of other scripts that look like Latin ones, and where they stand in a name; what a text seems to say."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LOOKALIKES: Final = dict(
    zip(
        "асеорхуіјѕһԁкАВЕКМНОРСТХІЈЅαορνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aceopxyijshdkABEKMHOPCTXIJSaopvikABEZHIKMNOPTYX",
        strict=True,
    )
)


class _Seen(dict[int, "int | str | None"]):
    """What a character seems to be: nothing where it cannot be seen."""

    def __missing__(self, code: int) -> int | str | None:
        char = chr(code)
        self[code] = found = LOOKALIKES.get(char, code) if char.isprintable() or char in " \t\r\n" else None
        return found


_SEEN: Final = _Seen()


def as_seen(text: str) -> str:
    """A text as a reader takes it: without what cannot be seen, with Latin letters for those that look Latin."""
    return text.translate(_SEEN)


def word_around(text: str, at: int) -> str:
    """The word around a place, whatever its letters."""
    begin, end = _around(text, at)
    return text[begin:end]


def in_word(text: str, at: int) -> list[int]:
    """The places of the look-alikes in the word around a place; none if another strange letter stands in it."""
    begin, end = _around(text, at)
    found = [index for index in range(begin, end) if not text[index].isascii()]
    return found if all(text[index] in LOOKALIKES for index in found) else []


def _around(text: str, at: int) -> tuple[int, int]:
    begin, end = at, at + 1
    while begin and _is_in_word(text[begin - 1]):
        begin -= 1
    while end < len(text) and _is_in_word(text[end]):
        end += 1
    return begin, end


def _is_in_word(char: str) -> bool:
    return char.isalnum() or char == "_"
