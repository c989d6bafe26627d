"""The real transport: what it sends, keeps and refuses, and what it makes of answers that are none."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowlang.runtime.http import HttpTransport, TimedOut, TooLarge
from flowlang.runtime.seam import NetworkError, Request, Response, Unsent
from tests.stdlib.loopback import OK, Server, request, run


def packed(body: bytes) -> bytes:
    """gzip without the time: tests are named by it."""
    return gzip.compress(body, mtime=0)


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
TOO_LONG = "answered with headers, or with a line, of more than 64 KiB"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", NO_ANSWER),
        (b"HTTP/1.1 200 OK\r\nContent-Le", HALF_AN_ANSWER),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok", HALF_AN_ANSWER),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", HALF_AN_ANSWER),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", TOO_LONG),
        (b"HTTP/1.1 200 OK\r\n" + b"X: aaaaaaaaaa\r\n" * 300_000 + b"\r\n", TOO_LONG),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999999\r\n\r\nok", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;" + b"x" * 300_000 + b"\r\nab\r\n", TOO_LONG),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 50_000, TOO_LONG),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\nab", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nX\0: a\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 099 Odd\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", NO_HTTP),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, HALF_AN_ANSWER),
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


@pytest.mark.parametrize(("is_sent", "wanted"), [(False, Unsent), (True, asyncio.CancelledError)])
def test_a_request_that_is_cut_off_tells_whether_it_was_sent(is_sent: bool, wanted: type[BaseException]) -> None:
    async def cut_off(transport: HttpTransport, server: Server) -> type[BaseException] | None:
        async def send() -> type[BaseException] | None:
            try:
                await transport.send(request(server))
            except asyncio.CancelledError as error:
                return type(error)
            return None

        task = asyncio.create_task(send())
        await asyncio.sleep(0)
        while is_sent and not server.heads:
            await asyncio.sleep(0.01)
        task.cancel()
        return await task

    assert run(Server(None), cut_off) is wanted


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + packed(b"x" * 900_000)[:900],
    ],
)
def test_what_is_too_large_is_not_read(answer: bytes) -> None:
    async def send_and_close(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    assert isinstance(failure(send_and_close, max_body=1000), TooLarge)


@pytest.mark.parametrize("junk", [b"x", OK, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"])
@pytest.mark.parametrize("late", [False, True])
def test_what_follows_an_answer_is_not_the_next_one(junk: bytes, late: bool) -> None:
    async def answer_too_much(writer: asyncio.StreamWriter) -> None:
        writer.write(OK if late else OK + junk)
        if late:
            await asyncio.sleep(0.05)
            writer.write(junk)

    async def use(transport: HttpTransport, server: Server) -> list[bytes]:
        first = await transport.send(request(server))
        await asyncio.sleep(0.15)
        return [first.body, (await transport.send(request(server, method="POST"))).body]

    server = Server(answer_too_much, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright")
    assert run(server, use) == [b"ok", b"right"]
    assert server.connections == 2


@pytest.mark.parametrize(
    "flood",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + packed(b"")[:10],
    ],
)
def test_floods_end_at_a_limit_and_not_at_the_deadline(flood: bytes) -> None:
    """Endless headers, an endless body, endless chunks of a byte, an endless compressed body."""

    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(flood)
        block = b"1\r\na\r\n" * 10_000 if b"chunked" in flood else b"a" * 60_000
        while True:
            writer.write(block)
            await writer.drain()

    failed = failure(pour, timeout=20.0, max_body=1_000_000)
    assert not isinstance(failed, TimedOut)


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)])
def test_compressed_bodies(name: str, pack: Callable[[bytes], bytes]) -> None:
    body = pack(b"hello " * 1000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert exchange(head + body)[0].body == b"hello " * 1000


def test_a_compressed_body_of_several_members_is_read_to_its_end() -> None:
    body = packed(b"hello ") + packed(b"") + packed(b"world")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert exchange(head + body)[0].body == b"hello world"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", b"junk"),
        ("gzip", packed(b"abc" * 100)[:-8]),
        ("gzip", packed(b"abc") + b"junk"),
        ("gzip", packed(b"abc") + packed(b"abc")[:-8]),
        ("deflate", zlib.compress(b"abc") + b"junk"),
        ("br", b"x"),
        ("gzip, gzip", packed(packed(b"x"))),
    ],
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


def test_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    (tmp_path / ".netrc").write_text("default login user password s3cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    response, server = exchange(OK)
    assert response.status == 200
    assert b"authorization" not in server.heads[0].lower()


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
