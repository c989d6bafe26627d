"""The real transport: one HTTP exchange, bounded in time and size.

Redirects are not followed, the environment is not read, cookies are not kept. The deadline covers everything from the
name's resolution to the last byte; the body is measured before and after decompression, so that no bomb unfolds.
Messages name the host and the reason, never a path, a query or a header: those may hold secrets. httpx is imported
when the first request is sent.
"""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

from flowlang.runtime.inflate import ENCODINGS, Inflater
from flowlang.runtime.seam import NetworkError, Request, Response, Unsent

if TYPE_CHECKING:
    import httpx

    from flowlang.runtime.connections import Connections, Progress


PIECES: Final = 100_000
"""So many pieces may a body have, and one more for each KiB it may hold: each costs as much as it holds little."""


class TimedOut(NetworkError):
    """The deadline passed. The outcome is unknown once the request has been sent."""


class TooLarge(NetworkError):
    """The response is larger than the request allows; trying again would not help."""


class Forbidden(NetworkError):
    """The address is one that this machine lets no run connect to; trying again would not help."""


class HttpTransport:
    """Sends requests; kept connections are shared by all that use it. `deny_private`: only to public addresses."""

    def __init__(self, *, deny_private: bool = False) -> None:
        self._deny_private = deny_private
        self._transport: Connections | None = None

    def prepare(self) -> None:
        """Import httpx."""
        from flowlang.runtime.connections import Connections

        if self._transport is None:
            self._transport = Connections(deny_private=self._deny_private)

    async def send(self, request: Request) -> Response:
        """Exchange one request for its response; raises NetworkError, or Unsent where a cancellation came in time."""
        import httpx

        from flowlang.runtime.connections import NotPublic, Progress

        self.prepare()
        progress = Progress()
        try:
            url = httpx.URL(request.url)
        except (httpx.InvalidURL, ValueError):
            raise NetworkError("the address of the request is not a URL", unknown_outcome=False) from None
        host = url.netloc.decode("ascii", "replace").rpartition("@")[2]
        try:
            async with asyncio.timeout(request.timeout if isfinite(request.timeout) else None):
                return await self._exchange(url, request, progress)
        except asyncio.CancelledError:
            if progress.sent:
                raise
            raise Unsent("there was no connection") from None
        except TimeoutError:
            waited = f"no answer from {host} within {request.timeout:g} s"
            raise TimedOut(waited if progress.sent else f"no connection to {host} in time", progress.sent) from None
        except NotPublic:
            raise Forbidden(f"{host} is not a public address, and [http] deny_private allows no other", False) from None
        except httpx.LocalProtocolError as error:
            raise NetworkError(f"the request to {host} is not valid HTTP: {error}", unknown_outcome=False) from None
        except httpx.ConnectError as error:
            raise NetworkError(f"no connection to {host}: {error}", unknown_outcome=False) from None
        except httpx.UnsupportedProtocol:
            raise NetworkError(f"{host}: only http and https are spoken", unknown_outcome=False) from None
        except httpx.RemoteProtocolError as error:
            raise NetworkError(f"{host} {error}", unknown_outcome=progress.sent) from None
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise NetworkError(f"the connection to {host} was lost: {reason}", unknown_outcome=progress.sent) from None

    async def close(self) -> None:
        """Close the kept connections."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _exchange(self, url: httpx.URL, request: Request, progress: Progress) -> Response:
        import httpx

        if url.scheme not in ("http", "https") or not url.raw_host:
            raise httpx.UnsupportedProtocol("")
        assert self._transport is not None
        head: list[tuple[bytes, bytes]] = [(b"Host", url.netloc), (b"Accept-Encoding", b"gzip, deflate")]
        head += [(name.encode("ascii"), value.encode()) for name, value in request.headers]
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            head.append((b"Content-Length", str(len(request.body)).encode()))
        message = httpx.Request(
            request.method,
            url,
            headers=head,
            stream=httpx.ByteStream(request.body),
            extensions={"progress": progress},
        )
        response = await self._transport.handle_async_request(message)
        try:
            body = await _read(response, request)
        finally:
            await response.aclose()
        headers = tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw
        )
        return Response(response.status_code, headers, body, request.url)


async def _read(response: httpx.Response, request: Request) -> bytes:
    """Read and decompress a body, never holding more than it may be."""
    most = request.max_body
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and int(length) > most and request.method != "HEAD":
        raise _too_large(most)
    inflater = _inflater(response.headers.get("content-encoding", ""))
    body = bytearray()
    raw = pieces = 0
    async for chunk in response.aiter_raw():
        raw += len(chunk)
        pieces += 1
        if pieces > PIECES + most // 1024:
            raise TooLarge(f"the answer comes in more than {pieces - 1:,} pieces", unknown_outcome=True)
        for piece in (chunk,) if inflater is None else inflater.feed(chunk):
            body += piece
            if len(body) > most or raw > most:
                raise _too_large(most)
    if inflater is not None and raw and not inflater.is_whole:
        raise NetworkError("the answer's compressed body is cut off", unknown_outcome=True)
    return bytes(body)


def _inflater(encoding: str) -> Inflater | None:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    if name not in ENCODINGS:
        raise NetworkError(f"the answer is encoded as {name[:20]}, which was not asked for", unknown_outcome=True)
    return Inflater(name)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the answer is larger than {most:,} bytes", unknown_outcome=True)


def retry_after(headers: dict[str, str], now: float) -> float | None:
    """Seconds that a server asks to wait, from `Retry-After` as seconds or HTTP date; `now` in seconds since the
    epoch.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:12]), 10**9))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        return None
    return max(moment.timestamp() - now, 0.0)
