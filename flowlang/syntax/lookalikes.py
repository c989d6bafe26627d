"""Letters of other scripts that look like Latin ones, and where they stand in a name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LOOKALIKES: Final = dict(
    zip(
        "асеорхуіјѕһԁАВЕКМНОРСТХІЈЅαορνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aceopxyijshdABEKMHOPCTXIJSaopvikABEZHIKMNOPTYX",
        strict=True,
    )
)


def in_word(text: str, at: int) -> list[int]:
    """The places of the look-alikes in the word around a place; none if another strange letter stands in it."""
    begin, end = at, at + 1
    while begin and _is_in_word(text[begin - 1]):
        begin -= 1
    while end < len(text) and _is_in_word(text[end]):
        end += 1
    found = [index for index in range(begin, end) if not text[index].isascii()]
    return found if all(text[index] in LOOKALIKES for index in found) else []


def _is_in_word(char: str) -> bool:
    return char.isalnum() or char == "_"
