"""HTTP/1.1 on asyncio streams, as much of it as a client on loopback needs.

Keep-alive, pipelining by order, Content-Length bodies and chunked requests. One connection is one task; a handler
gives a `Response`, or `None` to cut the connection without an answer.

Deliberately absent: TLS, compression, streaming, any defence against a hostile client.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

MAX_HEAD_BYTES = 64 * 1024
REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(slots=True)
class Request:
    """One request: the path is decoded, header names are lower case, `query` keeps the last value of a name."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; none for an empty body; raises `ValueError` where it is not JSON."""
        return json.loads(self.body) if self.body else None


@dataclass(slots=True)
class Response:
    """One answer; `body` is sent as JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        if isinstance(self.body, bytes):
            payload, content_type = self.body, "text/plain; charset=utf-8"
        elif self.body is None:
            payload, content_type = b"", "application/json"
        else:
            payload, content_type = json.dumps(self.body).encode(), "application/json"
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Type: {content_type}", f"Content-Length: {len(payload)}", "", ""]
        return "\r\n".join(lines).encode("latin-1") + payload


Handler = Callable[[Request], Awaitable[Response | None]]


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handler) -> None:
    """Answer requests on one connection until the client leaves or the handler cuts it."""
    try:
        while True:
            request = await _read_request(reader)
            response = await handle(request)
            if response is None:
                writer.transport.abort()
                return
            payload = response.encode()
            if request.method == "HEAD":
                payload = payload[: payload.index(b"\r\n\r\n") + 4]
            writer.write(payload)
            await writer.drain()
            if request.headers.get("connection", "").lower() == "close":
                return
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return
    finally:
        writer.close()


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head[:-4].split("\r\n")
    method, target, _ = start.split(" ", 2)
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    path, _, query = target.partition("?")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        length = int(headers.get("content-length", "0"))
        body = await reader.readexactly(length) if length else b""
    return Request(method, unquote(path), dict(parse_qsl(query, keep_blank_values=True)), headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks: list[bytes] = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return b"".join(chunks)
