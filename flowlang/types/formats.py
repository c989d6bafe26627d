"""The named formats of `string(format='…')` and the texts of url and cron: what each accepts, said once for check and
run.

A format is a property of text, decided without network or locale; each has a sentence part for messages ("an e-mail
address").
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGITS: Final = frozenset("0123456789")
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_LOCAL: Final = _LETTERS | _DIGITS | frozenset("!#$%&'*+-/=?^_`{|}~.")
_MONTHS: Final = {
    name: n + 1
    for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}
_DAYS: Final = {name: n for n, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}


def is_unicode(text: str) -> bool:
    """Whether every character is one: Python's texts may hold half a surrogate pair, which has no bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_hostname(text: str) -> bool:
    """RFC 1123: labels of letters (of any script), digits and hyphens."""
    if not text or len(text) > 253:
        return False
    labels = text.removesuffix(".").split(".")
    return (
        all(
            label.isalnum() or (label[:1] != "-" and label[-1:] != "-" and label.replace("-", "").isalnum())
            for label in labels
        )
        and max(map(len, labels)) <= 63
    )


def is_email(text: str) -> bool:
    """The practical part of RFC 5322: a dotted local part of at most 64, one `@`, a host name with a dot."""
    local, at, host = text.rpartition("@")
    if not at or not 0 < len(local) <= 64 or "." not in host or not is_hostname(host):
        return False
    if local[0] == "." or local[-1] == "." or ".." in local:
        return False
    return _LOCAL.issuperset(local) or not any(c.isspace() or (c not in _LOCAL and c < "\x80") for c in local)


def is_uuid(text: str) -> bool:
    """Five groups of hexadecimal digits."""
    groups = text.split("-")
    return [len(g) for g in groups] == [8, 4, 4, 4, 12] and all(c in _HEX for c in "".join(groups))


def is_uri(text: str) -> bool:
    """RFC 3986: a scheme, a colon, something behind it, no blanks or control characters."""
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or not scheme or scheme[0] not in _LETTERS:
        return False
    return all(c in _LETTERS or c in _DIGITS or c in "+-." for c in scheme) and is_clean(rest)


def is_clean(text: str) -> bool:
    """Hold no blank, control character or one that no URI may hold."""
    return not any(c <= " " or c in '"<>\\^`{|}' or "\x7f" <= c <= "\xa0" for c in text)


def is_url(text: str) -> bool:
    """An absolute http or https URL with a host."""
    return url_problem(text) is None


def url_problem(text: str) -> str | None:
    """Say what keeps a text from being an absolute http(s) URL."""
    scheme, colon, rest = text.partition("://")
    if not colon:
        return "it has no scheme such as https://"
    if scheme.lower() not in ("http", "https"):
        return f"its scheme is {scheme}, not http or https"
    if not is_clean(rest):
        return "it holds a blank or a character that must be encoded"
    return authority_problem(rest)


def authority_problem(rest: str) -> str | None:
    """Say what is wrong with the host and port of a URL, from behind its `://`."""
    authority = rest
    for end in "/?#":
        authority = authority.partition(end)[0]
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        address, bracket, port = host[1:].partition("]")
        if not bracket or not is_ipv6(address):
            return "its host is not an address"
        port = port.removeprefix(":")
    else:
        host, _, port = host.partition(":")
        if not host:
            return "it has no host"
        if not is_hostname(host.replace("_", "a")):
            return "its host is not a host name"
        if _is_past_ipv4(host):
            return "its host is not an address"
    if port and not (all(c in _DIGITS for c in port) and len(port) <= 5 and int(port) <= 65535):
        return "its port is not a number up to 65535"
    return None


def is_ipv4(text: str) -> bool:
    """Four decimal numbers up to 255, without leading zeros."""
    parts = text.split(".")
    return len(parts) == 4 and all(
        0 < len(p) <= 3 and all(c in _DIGITS for c in p) and int(p) <= 255 and str(int(p)) == p for p in parts
    )


def _is_past_ipv4(host: str) -> bool:
    """Whether a host is four decimal numbers, and one is above 255: no host can have the name."""
    parts = host.split(".")
    return len(parts) == 4 and all(_DIGITS.issuperset(p) and len(p) <= 3 for p in parts) and max(map(int, parts)) > 255


def is_ipv6(text: str) -> bool:
    """RFC 4291, without a zone."""
    head, gap, tail = text.partition("::")
    if "::" in tail or text.count(":") > 8:
        return False
    groups = [g for part in (head, tail) if part for g in part.split(":")]
    size = 0
    for index, group in enumerate(groups):
        if index == len(groups) - 1 and "." in group:
            if not is_ipv4(group):
                return False
            size += 2
        elif 0 < len(group) <= 4 and all(c in _HEX for c in group):
            size += 1
        else:
            return False
    return size < 8 if gap else size == 8


def is_date(text: str) -> bool:
    """`2026-01-31`, a day that exists."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    digits = text[:4] + text[5:7] + text[8:]
    if not all(c in _DIGITS for c in digits):
        return False
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= _days(year, month)


def is_time(text: str) -> bool:
    """`13:45`, `13:45:09`, `13:45:09.25`, with `Z` or `+02:00` behind it or without."""
    body = text.removesuffix("Z").removesuffix("z")
    if body == text:
        for sign in "+-":
            before, found, zone = text.rpartition(sign)
            if found:
                if not _clock(zone, 2):
                    return False
                body = before
                break
    body, _, fraction = body.partition(".")
    if "." in text and not (0 < len(fraction) <= 9 and all(c in _DIGITS for c in fraction)):
        return False
    return _clock(body, 3) or ("." not in text and _clock(body, 2))


def is_date_time(text: str) -> bool:
    """RFC 3339: a date, `T` or a blank, a time with a zone."""
    zone = text[-1:] in ("Z", "z") or text[-6:-5] in ("+", "-")
    return zone and text[10:11] in ("T", "t", " ") and is_date(text[:10]) and is_time(text[11:])


def cron_problem(text: str) -> str | None:
    """Say what keeps a text from being a cron expression of five fields."""
    fields = text.split()
    if len(fields) != 5:
        count = f"{len(fields)} field{'' if len(fields) == 1 else 's'}"
        return f"it has {count}, not 5 (minute, hour, day, month, weekday)"
    limits: tuple[tuple[str, int, int, dict[str, int]], ...] = (
        ("a minute", 0, 59, {}),
        ("an hour", 0, 23, {}),
        ("a day", 1, 31, {}),
        ("a month", 1, 12, _MONTHS),
        ("a weekday", 0, 7, _DAYS),
    )
    for field, (name, low, high, words) in zip(fields, limits, strict=True):
        for part in field.split(","):
            if not _cron_part(part, low, high, words):
                return f"`{field}` is not {name} ({low} to {high})"
    return None


def _cron_part(part: str, low: int, high: int, words: dict[str, int]) -> bool:
    span, slash, every = part.partition("/")
    if slash and not (every and all(c in _DIGITS for c in every) and 1 <= int(every[:4]) <= high):
        return False
    if span == "*":
        return True
    first, dash, last = span.partition("-")
    numbers = [
        words.get(end.lower(), int(end[:3]) if end and all(c in _DIGITS for c in end) else -1)
        for end in (first, last or first)
    ]
    return all(low <= n <= high for n in numbers) and (not dash or (bool(last) and numbers[0] <= numbers[1]))


def _clock(text: str, parts: int) -> bool:
    units = text.split(":")
    if len(units) != parts or not all(len(u) == 2 and all(c in _DIGITS for c in u) for u in units):
        return False
    return all(int(u) <= top for u, top in zip(units, (23, 59, 60), strict=False))


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def is_path(text: str) -> bool:
    """The path of a URL: a slash, and no query or fragment."""
    return text.startswith("/") and is_clean(text) and "?" not in text and "#" not in text


FORMATS: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "email": (is_email, "an e-mail address"),
    "uuid": (is_uuid, "a UUID"),
    "uri": (is_uri, "a URI"),
    "url": (is_url, "an http or https URL"),
    "path": (is_path, "a path such as /hooks/leads"),
    "hostname": (is_hostname, "a host name"),
    "ipv4": (is_ipv4, "an IPv4 address"),
    "ipv6": (is_ipv6, "an IPv6 address"),
    "date": (is_date, "a date such as 2026-01-31"),
    "time": (is_time, "a time such as 13:45:00"),
    "date-time": (is_date_time, "a date and time with its zone"),
}
