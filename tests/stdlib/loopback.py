"""A server on loopback that answers bytes from a list and misbehaves on demand, and the real transport against it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from flowlang.runtime.http import HttpTransport
from flowlang.runtime.seam import Request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Per request the next step: bytes to send, `b''` to close without a word, None to hang, a function to act."""

    def __init__(self, *steps: Any) -> None:
        self.steps = list(steps)
        self.connections = 0
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                self.bodies.append(await reader.readexactly(int(length[0].split(b":")[1])) if length else b"")
                step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
                if step is None:
                    await asyncio.sleep(60)
                elif callable(step):
                    await step(writer)
                elif step == b"":
                    return
                else:
                    writer.write(step)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


Use = Callable[[HttpTransport, Server], Awaitable[Any]]


def run(server: Server, use: Use, transport: HttpTransport | None = None) -> Any:
    """Serve, and use a transport against the server."""
    used = transport or HttpTransport()

    async def main() -> Any:
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
            server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            try:
                return await use(used, server)
            finally:
                await used.close()

    return asyncio.run(main())


def request(server: Server, method: str = "GET", path: str = "/s3cret?t=s3cret", **changes: Any) -> Request:
    return Request(
        method,
        server.url + path,
        changes.get("headers", ()),
        changes.get("body", b""),
        changes.get("timeout", 5.0),
        changes.get("max_body", 1 << 20),
    )
