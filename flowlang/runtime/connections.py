"""HTTP/1.1 connections for httpx: asyncio sockets, h11's state machine, a pool per origin.

httpx' own pool costs 500 to 1,200 µs a request, walks all connections on each and grows with them; this one 100. It is
an `httpx.AsyncBaseTransport` like any other. A connection is used by one request at a time and kept for the next if
both sides agree and the other has sent nothing that was not asked for. A name is resolved here, once: the addresses
that are judged are those that are connected to. Deliberately absent: HTTP/2, proxies, upgrades, a limit on
connections (the run's own limits bound them).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import h11
import httpx

from flowlang.runtime.addresses import is_public

HEAD_BYTES: Final = 64 * 1024
READ_BYTES: Final = 64 * 1024
KEPT_SECONDS: Final = 15.0
KEPT_PER_ORIGIN: Final = 32
MOST_INTERIM: Final = 20
HEAD_START: Final = 0.25
"""Seconds that an address has before the next one is tried beside it (RFC 8305)."""

_SAFE_METHODS: Final = frozenset(("GET", "HEAD"))

Origin = tuple[str, str, int]
Address = tuple[socket.AddressFamily, Any]
"""A family and the address of a socket, in digits."""


class NotPublic(httpx.ConnectError):
    """No address of the host is public."""


@dataclass(slots=True)
class Progress:
    """How far a request got: `sent` once a byte of it may have left. Comes as the request's extension `progress`."""

    sent: bool = False


class _Reader(asyncio.StreamReader):
    """Knows how many bytes have come that nobody has read."""

    unread = 0

    def feed_data(self, data: Any) -> None:
        self.unread += len(data)
        super().feed_data(data)

    async def read(self, n: int = -1) -> bytes:
        data = await super().read(n)
        self.unread -= len(data)
        return data


@dataclass(slots=True)
class _Connection:
    """One socket with its protocol state."""

    origin: Origin
    reader: _Reader
    writer: asyncio.StreamWriter
    state: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT, HEAD_BYTES))
    idle_since: float = 0.0

    def is_usable(self, now: float) -> bool:
        return (
            now - self.idle_since < KEPT_SECONDS
            and not self.reader.unread
            and not self.reader.at_eof()
            and not self.writer.is_closing()
            and self.reader.exception() is None
        )

    def close(self) -> None:
        self.writer.transport.abort()

    async def event(self) -> Any:
        """The next event of the response; h11.RemoteProtocolError if the other side breaks off."""
        while True:
            found = self.state.next_event()
            if found is not h11.NEED_DATA:
                return found
            self.state.receive_data(await self.reader.read(READ_BYTES))


BROKE_OFF = "the server broke off"
TOO_LONG = "Receive buffer too long"
"""What h11 says where its limit is passed before a head, a trailer or the line of a piece has ended."""


class Connections(httpx.AsyncBaseTransport):
    """The pool. Closed connections and foreign errors come out as httpx errors."""

    def __init__(self, verify: ssl.SSLContext | None = None, *, deny_private: bool = False) -> None:
        self._idle: dict[Origin, list[_Connection]] = {}
        self._ssl = verify
        self._deny_private = deny_private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        progress = request.extensions.get("progress") or Progress()
        body = await request.aread()
        url = request.url
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))
        connection = self._reuse(origin)
        if connection is not None:
            try:
                return await self._exchange(connection, request, body, progress)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # The other side may have closed a kept connection just now. A safe request loses nothing by another.
                if request.method not in _SAFE_METHODS or connection.state.trailing_data[0]:
                    raise
        connection = await self._open(origin)
        return await self._exchange(connection, request, body, progress)

    async def aclose(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def _reuse(self, origin: Origin) -> _Connection | None:
        idle = self._idle.get(origin)
        now = asyncio.get_running_loop().time()
        while idle:
            connection = idle.pop()
            if connection.is_usable(now):
                return connection
            connection.close()
        return None

    async def _open(self, origin: Origin) -> _Connection:
        scheme, host, port = origin
        loop = asyncio.get_running_loop()
        reader = _Reader(READ_BYTES, loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        is_tls = scheme == "https"
        try:
            addresses = await resolve(host, port)
            if self._deny_private:
                addresses = [address for address in addresses if is_public(address[1][0])]
                if not addresses:
                    raise NotPublic("")
            transport, _ = await loop.create_connection(
                lambda: protocol,
                sock=await _connected(addresses),
                ssl=self._context() if is_tls else None,
                server_hostname=host if is_tls else None,
            )
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(connect_reason(error)) from error
        return _Connection(origin, reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    def _context(self) -> ssl.SSLContext:
        if self._ssl is None:
            self._ssl = httpx.create_ssl_context(trust_env=False)
        return self._ssl

    async def _exchange(
        self, connection: _Connection, request: httpx.Request, body: bytes, progress: Progress
    ) -> httpx.Response:
        """Send, and read the head of the answer; the connection belongs to the response's stream from there."""
        try:
            head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            data = connection.state.send(head) or b""
            if body:
                data += connection.state.send(h11.Data(data=body)) or b""
            data += connection.state.send(h11.EndOfMessage()) or b""
            progress.sent = True
            connection.writer.write(data)
            await connection.writer.drain()
            event = await connection.event()
            for _ in range(MOST_INTERIM):
                if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                    break
                event = await connection.event()
            if not isinstance(event, h11.Response):
                raise h11.RemoteProtocolError(BROKE_OFF)
        except BaseException as error:
            connection.close()
            raise _translated(error) from error
        return httpx.Response(
            event.status_code, headers=list(event.headers.raw_items()), stream=_Body(self, connection), request=request
        )

    def release(self, connection: _Connection) -> None:
        """Take back a connection whose exchange has ended."""
        state = connection.state
        said_more = bool(state.trailing_data[0] or connection.reader.unread)
        if state.our_state is not h11.DONE or state.their_state is not h11.DONE or said_more:
            connection.close()
            return
        state.start_next_cycle()
        idle = self._idle.setdefault(connection.origin, [])
        if len(idle) >= KEPT_PER_ORIGIN:
            idle.pop(0).close()
        connection.idle_since = asyncio.get_running_loop().time()
        idle.append(connection)


class _Body(httpx.AsyncByteStream):
    """The raw body of a response; closing it early closes the connection."""

    def __init__(self, pool: Connections, connection: _Connection) -> None:
        self._pool = pool
        self._connection: _Connection | None = connection

    async def __aiter__(self) -> AsyncIterator[bytes]:
        connection = self._connection
        assert connection is not None
        try:
            while True:
                event = await connection.event()
                if isinstance(event, h11.Data):
                    yield bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    break
                else:
                    raise h11.RemoteProtocolError(BROKE_OFF)
        except (h11.RemoteProtocolError, OSError) as error:
            raise _translated(error) from error
        self._connection = None
        self._pool.release(connection)

    async def aclose(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host, each once, families in turn."""
    loop = asyncio.get_running_loop()
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return [(family, (host, port))]
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses: list[Address] = list(dict.fromkeys((family, address) for family, _, _, _, address in found))
    first = [each for each in addresses if each[0] == addresses[0][0]]
    others = [each for each in addresses if each[0] != addresses[0][0]]
    paired = [each for pair in zip(first, others, strict=False) for each in pair]
    return paired + first[len(others) :] + others[len(first) :]


async def _connected(addresses: list[Address]) -> socket.socket:
    """A socket connected to the first address that answers; raises OSError."""
    attempts = [lambda each=each: _connect(*each) for each in addresses]
    winner, _, errors = await staggered_race(attempts, HEAD_START)
    if winner is None:
        raise next((error for error in errors if isinstance(error, OSError)), OSError("no address answered"))
    connected: socket.socket = winner
    return connected


async def _connect(family: socket.AddressFamily, address: Any) -> socket.socket:
    connecting = socket.socket(family, socket.SOCK_STREAM)
    try:
        connecting.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connecting, address)
    except BaseException:
        connecting.close()
        raise
    return connecting


def connect_reason(error: OSError | UnicodeError) -> str:
    """Why there is no connection, in words; never more than the address and the system's reason."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the TLS handshake failed: {error.reason or 'no reason given'}"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "its name could not be resolved"
    if isinstance(error, ConnectionRefusedError) or "refused" in str(error).lower():
        return "the connection was refused"
    return (error.strerror or str(error) or type(error).__name__).lower()


def _broken(reason: str) -> str:
    """What the other side did, for what h11 says of it."""
    if "ConnectionClosed" in reason:
        return "closed the connection without an answer"
    if reason == BROKE_OFF or "closed connection" in reason:
        return "broke off in the middle of its answer"
    if reason == TOO_LONG:
        return f"answered with headers, or with a line, of more than {HEAD_BYTES // 1024} KiB"
    return "answered with something that is not HTTP"


def _translated(error: BaseException) -> BaseException:
    """A foreign error as httpx names it."""
    if isinstance(error, h11.RemoteProtocolError):
        return httpx.RemoteProtocolError(_broken(str(error)))
    if isinstance(error, h11.LocalProtocolError):
        return httpx.LocalProtocolError(str(error))
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        return httpx.ReadError((error.strerror or str(error)).lower())
    return error
