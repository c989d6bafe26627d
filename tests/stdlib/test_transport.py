"""The real transport against a real server on loopback that answers bytes from a list and misbehaves on demand."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowlang.runtime.http import HttpTransport, TimedOut, TooLarge
from flowlang.runtime.seam import NetworkError, Request, Response

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


def run(server: Server, use: Use) -> Any:
    async def main() -> Any:
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
            server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            transport = HttpTransport()
            try:
                return await use(transport, server)
            finally:
                await transport.close()

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


def exchange(*steps: Any, **changes: Any) -> tuple[Response, Server]:
    server = Server(*steps)
    return run(server, lambda t, s: t.send(request(s, **changes))), server


def failure(*steps: Any, **changes: Any) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        exchange(*steps, **changes)
    assert "s3cret" not in str(caught.value)
    return caught.value


def test_a_request_arrives_as_it_was_made() -> None:
    response, server = exchange(
        OK, method="POST", path="/a%2Fb?q=%20#f", body=b"abc", headers=(("X-Ü".replace("Ü", "u"), "ü"),)
    )
    head = server.heads[0].decode()
    assert head.startswith("POST /a%2Fb?q=%20 HTTP/1.1\r\n")
    assert "X-u: ü" in head
    assert "Content-Length: 3" in head
    assert server.bodies == [b"abc"]
    assert (response.status, response.body) == (200, b"ok")


def test_connections_are_kept_and_used_again() -> None:
    async def use(transport: HttpTransport, server: Server) -> None:
        for _ in range(3):
            await transport.send(request(server))
        await asyncio.gather(*(transport.send(request(server)) for _ in range(4)))

    server = Server(OK)
    run(server, use)
    assert server.connections == 4


def test_a_kept_connection_that_was_closed_is_not_used() -> None:
    async def use(transport: HttpTransport, server: Server) -> None:
        await transport.send(request(server))
        await asyncio.sleep(0.05)
        assert (await transport.send(request(server, method="POST"))).status == 200

    async def answer_and_close(writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        writer.close()

    run(Server(answer_and_close, OK), use)


@pytest.mark.parametrize(("method", "survives"), [("GET", True), ("POST", False)])
def test_a_kept_connection_that_closes_under_a_request(method: str, survives: bool) -> None:
    async def use(transport: HttpTransport, server: Server) -> None:
        await transport.send(request(server))
        assert (await transport.send(request(server, method=method))).status == 200

    server = Server(OK, b"", OK)
    if survives:
        run(server, use)
    else:
        with pytest.raises(NetworkError) as caught:
            run(server, use)
        assert caught.value.unknown_outcome
    assert len(server.heads) == (3 if survives else 2)


def test_a_refused_port_is_known_not_to_have_happened() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NetworkError, match=f"no connection to 127.0.0.1:{port}: the connection was refused") as caught:
        asyncio.run(HttpTransport().send(Request("GET", f"http://127.0.0.1:{port}/s3cret", (), b"", 5.0, 100)))
    assert not caught.value.unknown_outcome
    assert "s3cret" not in str(caught.value)


def test_a_name_that_does_not_resolve() -> None:
    with pytest.raises(NetworkError, match="could not be resolved") as caught:
        asyncio.run(HttpTransport().send(Request("GET", "http://nowhere.invalid/", (), b"", 5.0, 100)))
    assert not caught.value.unknown_outcome


@pytest.mark.parametrize("url", ["ftp://x/", "http:///x", "http://x:99999/", "x", "http://[::1/"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(NetworkError) as caught:
        asyncio.run(HttpTransport().send(Request("GET", url, (), b"", 5.0, 100)))
    assert not caught.value.unknown_outcome


NO_ANSWER = "closed the connection without an answer"
HALF_AN_ANSWER = "broke off in the middle of its answer"
NO_HTTP = "answered with something that is not HTTP"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", NO_ANSWER),
        (b"HTTP/1.1 200 OK\r\nContent-Le", HALF_AN_ANSWER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", HALF_AN_ANSWER),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", HALF_AN_ANSWER),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", NO_HTTP),
    ],
)
def test_answers_that_break_off_or_are_no_http_have_an_unknown_outcome(answer: bytes, said: str) -> None:
    async def send_and_close(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    failed = failure(send_and_close, method="POST")
    assert failed.unknown_outcome
    assert str(failed).partition(" ")[2] == said


def test_a_reset_connection() -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    assert failure(reset).unknown_outcome


def test_the_deadline_covers_head_and_body() -> None:
    late = failure(None, timeout=0.1)
    assert isinstance(late, TimedOut)
    assert late.unknown_outcome
    assert str(late).endswith("within 0.1 s")

    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(50):
            writer.write(b"x")
            await asyncio.sleep(0.02)

    assert isinstance(failure(trickle, timeout=0.15), TimedOut)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b"x" * 900_000)[:900],
    ],
)
def test_what_is_too_large_is_not_read(answer: bytes) -> None:
    async def send_and_close(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    assert isinstance(failure(send_and_close, max_body=1000), TooLarge)


def test_a_bomb_is_never_unfolded() -> None:
    import tracemalloc

    bomb = gzip.compress(b"\0" * 100_000_000, 9)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    tracemalloc.start()
    try:
        assert isinstance(failure(answer, max_body=1_000_000), TooLarge)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)])
def test_compressed_bodies(name: str, pack: Callable[[bytes], bytes]) -> None:
    body = pack(b"hello " * 1000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert exchange(head + body)[0].body == b"hello " * 1000


@pytest.mark.parametrize(
    ("name", "body"), [("gzip", b"junk"), ("gzip", gzip.compress(b"abc" * 100)[:-8]), ("br", b"x")]
)
def test_bodies_that_do_not_unpack(name: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert failure(head + body).unknown_outcome


def test_chunks_interim_answers_and_empty_bodies() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert exchange(early + chunked)[0].body == b"abcde"
    assert exchange(b"HTTP/1.1 204 No Content\r\n\r\n")[0].status == 204
    assert exchange(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", method="HEAD", max_body=10)[0].body == b""


def test_redirects_are_answers_and_cookies_are_not_kept() -> None:
    async def use(transport: HttpTransport, server: Server) -> int:
        first = await transport.send(request(server))
        await transport.send(request(server))
        return first.status

    moved = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
    server = Server(moved, OK)
    assert run(server, use) == 302
    assert len(server.heads) == 2
    assert b"cookie" not in server.heads[1].lower()


def test_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert exchange(OK)[0].status == 200


def test_header_names_come_in_lower_case_and_repeat() -> None:
    response, _ = exchange(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n")
    assert [value for name, value in response.headers if name == "x-a"] == ["1", "2"]


def test_cancelling_closes_the_connection() -> None:
    async def use(transport: HttpTransport, server: Server) -> int:
        task = asyncio.create_task(transport.send(request(server)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.steps = [OK]
        await transport.send(request(server))
        return server.connections

    assert run(Server(None), use) == 2


def test_a_server_that_does_not_speak_tls() -> None:
    async def main() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            await HttpTransport().send(Request("GET", f"https://127.0.0.1:{port}/", (), b"", 5.0, 100))

    with pytest.raises(NetworkError, match="TLS handshake failed") as caught:
        asyncio.run(main())
    assert not caught.value.unknown_outcome
