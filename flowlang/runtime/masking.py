"""Secrets taken out of what comes from outside: the second line, behind the types.

Types keep a secret from going where it must not; they cannot see a server that echoes a request or an exception that
quotes one. So the texts that are known to be secret are looked for, in the spellings that protocols give them, and
`***` stands in their place. A secret that somebody means to hide in a spelling of their own is not found.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, quote_plus

from pydantic_core import to_json

from flowlang.types import model

HIDDEN: Final = "***"
SHORTEST: Final = 4
"""Shorter secrets would hide everything."""
SHORTEST_IN_VALUES: Final = 8
"""Shorter ones would change values that only happen to hold the same letters."""
HEAD: Final = 16
"""A secret that a message cuts off is known by so many of its first characters."""
_ESCAPED: Final = re.compile("%[0-9A-F]{2}")
_CP1252: Final = {at: char for at in range(0x80, 0xA0) if (char := bytes([at]).decode("cp1252", "ignore"))}
"""What Windows reads where Latin-1 has characters without a glyph."""


class Mask:
    """The secrets of one run; it learns more while the run fetches tokens."""

    __slots__ = ("_heads", "_in_json", "_in_texts", "_in_values", "_known")

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._heads: dict[str, list[str]] = {}
        self._in_texts: list[str] = []
        self._in_values: list[str] = []
        self._in_json: list[bytes] = []

    def add(self, value: object) -> None:
        """Learn all texts of a secret value."""
        found = [each for text in texts(value) for each in (text, *_behind_host(text))]
        new = {text for text in found if len(text) >= SHORTEST} - self._known
        if not new:
            return
        self._known |= new
        self._in_texts = _longest_first({each for secret in self._known for each in spellings(secret)})
        long = {secret for secret in self._known if len(secret) >= SHORTEST_IN_VALUES}
        self._in_values = _longest_first({each for secret in long for each in spellings(secret)})
        written = [json.dumps(each, ensure_ascii=False)[1:-1] for each in self._in_values]
        self._in_json = [each.encode("utf-8", "replace") for each in written]
        whole = [secret for secret in long if "://" not in secret]
        self._heads = {}
        for each in {each for secret in whole for each in _readings(secret) if len(each) > HEAD}:
            self._heads.setdefault(each[:HEAD], []).append(each)

    def text(self, text: str) -> str:
        """A message without secrets."""
        if not self._known:
            return text
        text = _replaced(text, self._in_texts)
        for head, secrets in self._heads.items():
            text = _without_head(text, head, secrets)
        return text

    def shown(self, value: object) -> object:
        """A value as people and logs may see it."""
        return _deeply(value, self.text) if self._known else value

    def value(self, value: object) -> object:
        """A value without secrets; the same object if it holds none."""
        if not self._in_values or not self._is_found(value):
            return value
        return _deeply(value, lambda text: _replaced(text, self._in_values))

    def written(self, text: str) -> str:
        """The JSON text of a value, without secrets."""
        return _replaced(text, self._in_texts)

    def _is_found(self, value: object) -> bool:
        """Whether a value may hold a secret; one look at the whole is cheaper than one at each text."""
        try:
            whole = to_json(value)
        except ValueError:
            return True
        return any(spelling in whole for spelling in self._in_json)


def texts(value: object) -> Iterator[str]:
    """The texts in a value; a number as it is written."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def secrets_in(of: model.Type, value: Any) -> Iterator[object]:
    """The parts of a value that its type says are secret."""
    match of:
        case model.Secret():
            yield value
        case model.List() if isinstance(value, list):
            for inner in value:
                yield from secrets_in(of.item, inner)
        case model.Map() if isinstance(value, dict):
            for inner in value.values():
                yield from secrets_in(of.value, inner)
        case model.RecordOf() if isinstance(value, dict):
            for field in of.fields:
                yield from secrets_in(field.type, value.get(field.name))
        case model.Union():
            for member in of.members:
                yield from secrets_in(member, value)


def holds_secret(of: model.Type) -> bool:
    """Whether values of a type hold a secret: such a value is never journaled."""
    match of:
        case model.Secret():
            return True
        case model.List():
            return holds_secret(of.item)
        case model.Map():
            return holds_secret(of.value)
        case model.RecordOf():
            return any(holds_secret(field.type) for field in of.fields)
        case model.Union():
            return any(holds_secret(member) for member in of.members)
    return False


def spellings(secret: str) -> set[str]:
    """How protocols, logs and people write a text, also those who take it for another one."""
    return {each for reading in _readings(secret) for each in _spellings(reading)}


def _readings(secret: str) -> set[str]:
    """A text, and what it is to those who read its UTF-8 as Latin-1 or as Windows does: headers come as bytes."""
    if secret.isascii():
        return {secret}
    as_latin = secret.encode("utf-8", "surrogatepass").decode("latin-1")
    return {secret, as_latin, as_latin.translate(_CP1252)}


def _spellings(secret: str) -> set[str]:
    data = secret.encode("utf-8", "surrogatepass")
    units = [int.from_bytes(pair, "big") for pair in _pairs(secret.encode("utf-16-be", "surrogatepass"))]
    quoted = {quote(data, safe=""), quote(data), quote_plus(data)}
    found = {
        secret,
        secret[::-1],
        *quoted,
        *(_ESCAPED.sub(lambda escape: escape[0].lower(), each) for each in quoted),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        data.hex(),
        data.hex().upper(),
        "\0".join(secret),
        "".join(f"%{byte:02X}" for byte in data),
        "".join(f"%{byte:02x}" for byte in data),
        "".join(f"\\x{byte:02x}" for byte in data),
        "".join(f"\\u{unit:04x}" for unit in units),
        "".join(f"&#{ord(letter)};" for letter in secret),
        "".join(f"&#x{ord(letter):x};" for letter in secret),
    }
    for offset in range(3):
        found |= _base64(data, offset)
    return {each for each in found if len(each) >= SHORTEST}


def _pairs(data: bytes) -> list[bytes]:
    return [data[at : at + 2] for at in range(0, len(data), 2)]


def _base64(data: bytes, offset: int) -> set[str]:
    """What base64 makes of a text with so many bytes before it: the characters that hang on nothing else."""
    whole = b64encode(bytes(offset) + data).decode()
    core = whole[(0, 2, 3)[offset] : 8 * (offset + len(data)) // 6]
    return {core, core.replace("+", "-").replace("/", "_")} if len(core) >= SHORTEST + 1 else set()


def _behind_host(secret: str) -> list[str]:
    """What stands behind the host of a secret that is a URL; the host itself is no secret."""
    _, is_url, rest = secret.partition("://")
    behind = "/" + rest.partition("/")[2]
    return [behind] if is_url and len(behind) >= SHORTEST_IN_VALUES else []


def _longest_first(found: set[str]) -> list[str]:
    return sorted(found, key=lambda each: (-len(each), each))


def _replaced(text: str, unwanted: list[str]) -> str:
    for each in unwanted:
        if each in text:
            text = text.replace(each, HIDDEN)
    return text


def _without_head(text: str, head: str, secrets: list[str]) -> str:
    """A text without what it holds of the secrets that begin with `head`."""
    at = text.find(head)
    while at >= 0:
        end = max(_end_of(secret, text, at) for secret in secrets)
        text = text[:at] + HIDDEN + text[end:]
        at = text.find(head, at + len(HIDDEN))
    return text


def _end_of(secret: str, text: str, at: int) -> int:
    """Where a text that holds the head of a secret at `at` no longer goes on as it does."""
    end = at + HEAD
    while end < len(text) and end - at < len(secret) and text[end] == secret[end - at]:
        end += 1
    return end


def _deeply(value: Any, change: Any) -> Any:
    """A value with its texts and keys changed; a map keeps its class and what else it knows."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        changed = value.__class__()
        changed.update({change(key): _deeply(inner, change) for key, inner in value.items()})
        if value.__class__ is not dict:
            vars(changed).update(vars(value))
        return changed
    if isinstance(value, list):
        return [_deeply(inner, change) for inner in value]
    return value
