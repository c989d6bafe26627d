"""Text: prelude and `text`. Lengths are in code points; what can grow beyond its input is capped before it is made."""

from __future__ import annotations

import base64 as _base64
import hashlib
import hmac
import re
import unicodedata
from io import StringIO
from typing import Any, Final
from urllib.parse import quote, quote_plus

from flowlang.runtime.errors import fault
from flowlang.runtime.functions.caps import allow_items, allow_text
from flowlang.runtime.functions.naming import Function
from flowlang.runtime.functions.values import number, text_of
from flowlang.runtime.operations import kind_word
from flowlang.runtime.show import show as to_text
from flowlang.types.constraints import matches as found_in
from flowlang.types.formats import url_problem

# The author's patterns never come here: these three are linear.
_WORD_OR_START: Final = re.compile(r"[-\s({\[<]+|[^-\s({\[<]+")
_WORD: Final = re.compile(r"\w+")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


def string(value: Any) -> str:
    return to_text(value)


def lower(s: Any) -> str:
    return text_of(s, "lower").lower()


def upper(s: Any) -> str:
    return text_of(s, "upper").upper()


def capitalize(s: Any) -> str:
    return text_of(s, "capitalize").capitalize()


def title(s: Any) -> str:
    made = StringIO()  # a list of the words would take forty times the text
    for part in _WORD_OR_START.finditer(text_of(s, "title")):
        made.write(part[0][0].upper() + part[0][1:].lower())
    return made.getvalue()


def trim(value: Any, chars: str | None = None) -> str:
    text = text_of(value, "trim")
    if chars is None or len(chars) <= 16:
        return text.strip(chars)
    unwanted = frozenset(chars)
    start, end = 0, len(text)
    while start < end and text[start] in unwanted:
        start += 1
    while end > start and text[end - 1] in unwanted:
        end -= 1
    return text[start:end]


def truncate(s: Any, length: int = 255, killwords: bool = False, end: str = "...", leeway: int = 5) -> str:
    text = text_of(s, "truncate")
    if length < len(end):
        raise fault(f"truncate: a length of {length} has no room for the {len(end)} of `end`")
    if len(text) <= length + leeway:
        return text
    cut = text[: length - len(end)]
    return (cut if killwords else cut.rsplit(" ", 1)[0]) + end


def replace(s: Any, old: str, new: str, count: int | None = None) -> str:
    text = text_of(s, "replace")
    most = -1 if count is None else count
    times = text.count(old) if most < 0 else min(text.count(old), most)
    allow_text(len(text) + times * max(len(new) - len(old), 0))
    return text.replace(old, new, most)


def split(text: Any, separator: str) -> list[str]:
    if not separator:
        raise fault("split: the separator is empty")
    allow_items(text_of(text, "split").count(separator) + 1)
    return str(text).split(separator)


def starts_with(text: Any, prefix: str) -> bool:
    return text_of(text, "starts_with").startswith(prefix)


def ends_with(text: Any, suffix: str) -> bool:
    return text_of(text, "ends_with").endswith(suffix)


def matches(text: Any, pattern: str) -> bool:
    try:
        return found_in(pattern, text_of(text, "matches"))
    except ValueError as error:
        raise fault(f"the pattern does not compile: {error}") from None


def wordcount(s: Any) -> int:
    return sum(1 for _ in _WORD.finditer(text_of(s, "wordcount")))


def urlencode(value: Any) -> str:
    """As Jinja2's: text with `/` kept, a map as a query."""
    if isinstance(value, dict):
        return "&".join(f"{quote_plus(k, safe='')}={quote_plus(to_text(v), safe='')}" for k, v in value.items())
    if isinstance(value, list):
        raise fault("urlencode wants text, a number or a map, not a list")
    return quote(to_text(value), safe="/")


def url(text: Any) -> str:
    problem = url_problem(text_of(text, "url"))
    if problem is not None:
        raise fault(f"the text is not a url: {problem}")
    return str(text)


def words(text: Any) -> list[str]:
    return text_of(text, "text.words").split()


def lines(text: Any) -> list[str]:
    return text_of(text, "text.lines").splitlines()


def pad_left(text: Any, width: int, fill: str = " ") -> str:
    allow_text(width)
    return text_of(text, "text.pad_left").rjust(width, fill)


def pad_right(text: Any, width: int, fill: str = " ") -> str:
    allow_text(width)
    return text_of(text, "text.pad_right").ljust(width, fill)


def remove_prefix(text: Any, prefix: str) -> str:
    return text_of(text, "text.remove_prefix").removeprefix(prefix)


def remove_suffix(text: Any, suffix: str) -> str:
    return text_of(text, "text.remove_suffix").removesuffix(suffix)


def slug(text: Any) -> str:
    plain = text_of(text, "text.slug").replace("ß", "ss")
    if not plain.isascii():
        # Letter by letter: a long row of combining marks takes quadratic time to be brought into order.
        plain = _NOT_ASCII.sub(lambda found: _plain(found[0]), plain)
    return _NO_SLUG.sub("-", plain.lower()).strip("-")


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()


def number_text(x: Any, decimals: int = 2, thousands: str = ",", point: str = ".") -> str:
    whole, _, fraction = f"{number(x, 'text.number'):,.{decimals}f}".partition(".")
    return whole.replace(",", thousands) + (point + fraction if fraction else "")


def base64(text: Any) -> str:
    return _base64.b64encode(text_of(text, "text.base64").encode()).decode()


def from_base64(text: Any) -> str:
    try:
        return _base64.b64decode(text_of(text, "text.from_base64").encode(), validate=True).decode()
    except ValueError:
        raise fault("the text is not base64 of UTF-8") from None


def sha256(text: Any) -> str:
    return hashlib.sha256(text_of(text, "text.sha256").encode()).hexdigest()


def hmac_sha256(text: Any, key: str) -> str:
    if key.__class__ is not str:
        raise fault(f"text.hmac_sha256 wants a text for key, not {kind_word(key)}")
    return hmac.new(key.encode(), text_of(text, "text.hmac_sha256").encode(), "sha256").hexdigest()


FUNCTIONS: Final[dict[str, Function]] = {
    "string": string,
    "lower": lower,
    "upper": upper,
    "capitalize": capitalize,
    "title": title,
    "trim": trim,
    "truncate": truncate,
    "replace": replace,
    "split": split,
    "starts_with": starts_with,
    "ends_with": ends_with,
    "matches": matches,
    "wordcount": wordcount,
    "urlencode": urlencode,
    "url": url,
    "text.words": words,
    "text.lines": lines,
    "text.pad_left": pad_left,
    "text.pad_right": pad_right,
    "text.remove_prefix": remove_prefix,
    "text.remove_suffix": remove_suffix,
    "text.slug": slug,
    "text.number": number_text,
    "text.base64": base64,
    "text.from_base64": from_base64,
    "text.sha256": sha256,
    "text.hmac_sha256": hmac_sha256,
}
