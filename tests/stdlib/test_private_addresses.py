"""`[http] deny_private`: however an address is spelt, and whatever a name resolves to later, nothing is connected to
that is not public.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from flowlang.runtime import addresses, connections
from flowlang.runtime.addresses import is_public
from flowlang.runtime.http import Forbidden, HttpTransport
from flowlang.runtime.seam import NetworkError, Request
from tests.stdlib.loopback import OK, Server, run

LOOPBACK = [
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "0.0.0.0", "0", "00000000",
    "2130706433", "017700000001", "0x7f000001", "0x7F000001", "0x7f.1", "0x7f.0.0.1", "0x7f.0x0.0x0.0x1", "0177.1",
    "0177.0.0.1", "0177.0.0.01", "00177.0000.000.1", "127.0x1", "127.0.0x1", "0x7f.0.1", "127.00.00.01",
    "localhost", "LOCALHOST", "localhost.", "%6c%6f%63alhost", "\u2460\u2461\u2466.0.0.1", "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]", "[::ffff:0:127.0.0.1]", "user@127.0.0.1", "example.com@127.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("spelling", LOOPBACK)
def test_no_spelling_of_loopback_is_connected_to(spelling: str) -> None:
    async def use(transport: HttpTransport, server: Server) -> None:
        port = server.url.rpartition(":")[2]
        with pytest.raises(NetworkError) as caught:
            await transport.send(Request("GET", f"http://{spelling}:{port}/s3cret", (), b"", 5.0, 100))
        assert not caught.value.unknown_outcome
        assert "s3cret" not in str(caught.value)

    server = Server(OK)
    run(server, use, HttpTransport(deny_private=True))
    assert server.connections == 0


def test_the_refusal_says_why_and_not_what_a_name_stands_for() -> None:
    with pytest.raises(Forbidden) as caught:
        asyncio.run(HttpTransport(deny_private=True).send(Request("GET", "http://localhost:1/", (), b"", 5.0, 9)))
    assert str(caught.value) == "localhost:1 is not a public address, and [http] deny_private allows no other"


def test_without_the_setting_private_addresses_are_connected_to() -> None:
    async def use(transport: HttpTransport, server: Server) -> int:
        return (await transport.send(Request("GET", server.url, (), b"", 5.0, 100))).status

    assert run(Server(OK), use) == 200


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255",
        "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
        "240.0.0.1", "255.255.255.255", "fe80::1", "fe80::1%lo", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1",
        "2001:db8::1", "2001::1", "2001:0:7f00:1::", "2002:a00:1::", "100::1", "64:ff9b:1::a00:1", "64:ff9b::a00:1",
        "::ffff:10.0.0.1", "::ffff:169.254.169.254", "3fff::1", "5f00::1", "::", "::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.0.1.1",
        "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888",
        "::ffff:8.8.8.8", "64:ff9b::808:808",
    ],
)  # fmt: skip
def test_other_addresses_are(address: str) -> None:
    assert is_public(address)


def answers(monkeypatch: pytest.MonkeyPatch, *turns: list[str]) -> list[str]:
    """Let a name resolve to other addresses each time it is asked for; gives the names asked for."""
    asked: list[str] = []

    async def getaddrinfo(self: Any, host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = turns[min(len(asked), len(turns)) - 1]
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in found
        ]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_is_resolved_once_so_that_it_cannot_change_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is taken for public, the second is loopback: only what was judged is connected to."""
    asked = answers(monkeypatch, ["127.0.0.9"], ["127.0.0.1"])
    monkeypatch.setattr(connections, "is_public", lambda text: text == "127.0.0.9")

    async def use(transport: HttpTransport, server: Server) -> None:
        port = server.url.rpartition(":")[2]
        with pytest.raises(NetworkError):
            await transport.send(Request("GET", f"http://rebound.test:{port}/", (), b"", 2.0, 100))

    server = Server(OK)
    run(server, use, HttpTransport(deny_private=True))
    assert (asked, server.connections) == (["rebound.test"], 0)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["::1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]])
def test_names_that_resolve_to_private_addresses(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    answers(monkeypatch, found)
    with pytest.raises(Forbidden):
        asyncio.run(HttpTransport(deny_private=True).send(Request("GET", "http://inside.test/", (), b"", 2.0, 9)))


def test_of_several_addresses_only_the_public_ones_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["127.0.0.1", "8.8.8.8", "::1"])
    tried = []

    async def connect(family: Any, address: Any) -> Any:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(connections, "_connect", connect)
    with pytest.raises(NetworkError, match="refused"):
        asyncio.run(HttpTransport(deny_private=True).send(Request("GET", "http://mixed.test/", (), b"", 2.0, 9)))
    assert tried == ["8.8.8.8"]


def test_the_next_address_is_tried_when_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["127.0.0.9", "127.0.0.1"])

    async def use(transport: HttpTransport, server: Server) -> int:
        port = server.url.rpartition(":")[2]
        return (await transport.send(Request("GET", f"http://two.test:{port}/", (), b"", 5.0, 100))).status

    assert run(Server(OK), use) == 200


@pytest.mark.parametrize(
    "host", ["a..b", "x" * 64 + ".test", "[fe80::1%25nowhere]", "xn--a", "a b", "\u00ad", "-", "1.2.3.4.5"]
)
def test_hosts_that_are_none(host: str) -> None:
    with pytest.raises(NetworkError) as caught:
        asyncio.run(HttpTransport().send(Request("GET", f"http://{host}/", (), b"", 5.0, 9)))
    assert not caught.value.unknown_outcome


def test_the_judge_reads_digits_only() -> None:
    with pytest.raises(ValueError, match="appear"):
        addresses.is_public("localhost")
