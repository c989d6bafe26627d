"""One HTTP exchange of an action: a request put together from arguments and a service's settings, its answer as a
run-time value.

A call's own headers win over the service's; what frames the message (`Host`, `Content-Length` …) nobody may set.
Messages name the method, the place without its query, and the status; a place that is a secret only its host.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from pydantic_core import to_json

from flowlang import __version__
from flowlang.runtime import errors
from flowlang.runtime.context import ActionContext
from flowlang.runtime.functions.json_text import read_json
from flowlang.runtime.http import Forbidden, TimedOut, TooLarge, retry_after
from flowlang.runtime.operations import kind_word
from flowlang.runtime.seam import NetworkError, Request, Response
from flowlang.runtime.show import show

T = TypeVar("T")

FRAMING: Final = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "accept-encoding")
)
PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}
USER_AGENT: Final = f"flowlang/{__version__}"
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHARSET: Final = re.compile(r"charset=\"?([A-Za-z0-9_.:-]+)")
_NO_CHARSETS: Final = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"))
"""Codecs that count as unknown: they fail where others replace, or read what is no Unicode (half a surrogate pair)."""


@dataclass(slots=True)
class Draft:
    """A request in the making. `secret_place`: the URL itself is a secret."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    secret_place: bool = False

    @property
    def place(self) -> str:
        """The URL as messages may show it."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}/…" if self.secret_place else f"{parts.scheme}://{host}{parts.path}"

    def set_header(self, name: str, value: object) -> None:
        """Set a header, in place of one that differs in case only."""
        if _NAME.fullmatch(name) is None:
            raise errors.fault(f"'{name[:40]}' is not the name of a header")
        if name.lower() in FRAMING:
            raise errors.fault(f"the header {name} is set by the transport")
        if value.__class__ is not str:
            raise errors.fault(f"the header {name} is {kind_word(value)}, not text")
        text = str(value).strip(" \t")
        if any((c < " " and c != "\t") or c == "\x7f" for c in text):
            raise errors.fault(f"the header {name} holds a control character")
        _sendable(text.encode)
        for other in [other for other in self.headers if other.lower() == name.lower()]:
            del self.headers[other]
        self.headers[name] = text

    def has_header(self, name: str) -> bool:
        """Whether a header is set, in any case."""
        return any(other.lower() == name.lower() for other in self.headers)

    def set_json(self, value: object) -> None:
        """Send a value as JSON."""
        self.body = _sendable(lambda: to_json(value))
        self._set_type("application/json")

    def set_form(self, values: Mapping[str, object]) -> None:
        """Send values as a form."""
        self.body = _sendable(query_of(values, "form").encode)
        self._set_type("application/x-www-form-urlencoded")

    def set_text(self, text: str) -> None:
        """Send text."""
        self.body = _sendable(text.encode)
        self._set_type("text/plain; charset=utf-8")

    def _set_type(self, content_type: str) -> None:
        if not self.has_header("Content-Type"):
            self.headers["Content-Type"] = content_type

    def add_query(self, values: Mapping[str, object]) -> None:
        """Add parameters behind those the URL has; its fragment goes."""
        url = self.url.partition("#")[0]
        query = query_of(values, "params")
        if query:
            url += ("&" if "?" in url else "?") + query
        self.url = url


class Answer(dict[str, Any]):
    """A response as a value. A body that is no JSON has no `json`; asking for it says why."""

    reason = "the answer has no JSON"

    def __missing__(self, key: str) -> Any:
        if key == "json":
            raise errors.validation(self.reason)
        raise KeyError(key)


def query_of(values: Mapping[str, object], what: str) -> str:
    """`a=1&b=x&b=y`: none is left out, a list repeats its key."""
    pairs = []
    for key, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            if item is None:
                continue
            if isinstance(item, (list, dict)):
                raise errors.fault(f"{what}: '{key}' holds {kind_word(item)}, which has no place there")
            pairs.append(_sendable(lambda: f"{quote(key, safe='')}={quote(show(item), safe='')}"))  # noqa: B023
    return "&".join(pairs)


def _sendable(make: Callable[[], T]) -> T:
    """What is made of a call's arguments; half a surrogate pair, from Python or the environment, has no bytes."""
    try:
        return make()
    except ValueError:
        raise errors.fault("what is to be sent is nested too deeply, or holds a text that is not Unicode") from None


async def exchange(context: ActionContext, draft: Draft) -> Answer:
    """Send a draft; gives the answer whatever its status."""
    if not draft.has_header("User-Agent"):
        draft.headers["User-Agent"] = USER_AGENT
    if not draft.has_header("Accept"):
        draft.headers["Accept"] = "application/json, */*;q=0.8"
    timeout = float("inf") if context.timeout is None else context.timeout
    request = Request(
        draft.method, draft.url, tuple(draft.headers.items()), draft.body, timeout, context.limits.value_bytes
    )
    try:
        response = await context.seam.transport.send(request)
    except TimedOut as error:
        raise errors.timeout(str(error), error.unknown_outcome) from None
    except TooLarge as error:
        failure = errors.fault(str(error), code="limit")
        failure.unknown_outcome = error.unknown_outcome
        raise failure from None
    except Forbidden as error:
        raise errors.fault(str(error), code="private_address") from None
    except NetworkError as error:
        raise errors.network(str(error), error.unknown_outcome) from None
    return answer_of(response, draft)


def answer_of(response: Response, draft: Draft) -> Answer:
    """A response as the declared `http.Response`."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    content_type = headers.get("content-type", "")
    answer = Answer(status=response.status, headers=headers)
    try:
        answer["json"] = _json(response.body, content_type)
    except ValueError as error:
        answer.reason = f"the answer of {draft.method} {draft.place} is not JSON: {error}"
    answer["text"] = _text(response.body, content_type)
    answer["url"] = draft.place if draft.secret_place else response.url
    return answer


def accept(answer: Answer, draft: Draft, accepted: list[int], now_s: float) -> Answer:
    """Give back an answer with a status that is 2xx or accepted; others fail as `http`."""
    status = answer["status"]
    if 200 <= status < 300 or status in accepted:
        return answer
    phrase = PHRASES.get(status, "")
    message = f"{draft.method} {draft.place} answered {status} {phrase}".rstrip()
    if 300 <= status < 400 and "location" in answer["headers"]:
        message += "; redirects are not followed"
    raise errors.http(message, status, dict(answer), retry_after(answer["headers"], now_s))


def _json(body: bytes, content_type: str) -> Any:
    """Read a body that may be JSON; ValueError says why it is none."""
    if not body.strip():
        raise ValueError("it is empty")
    kind = content_type.partition(";")[0].strip().lower()
    if kind and "json" not in kind and kind not in ("text/plain", "application/octet-stream"):
        raise ValueError(f"it is {kind[:60]}")
    charset = _CHARSET.search(content_type)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        try:
            body = _decoded(body, charset[1], "strict").encode()
        except (LookupError, UnicodeError):
            raise ValueError(f"it is not in its charset {charset[1]}") from None
    return read_json(body)


def _text(body: bytes, content_type: str) -> str:
    charset = _CHARSET.search(content_type)
    try:
        return _decoded(body, charset[1] if charset else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _decoded(body: bytes, charset: str, errors: str) -> str:
    """A body as text; raises LookupError for an unknown charset."""
    if codecs.lookup(charset).name in _NO_CHARSETS:
        raise LookupError(charset)
    return body.decode(charset, errors)
