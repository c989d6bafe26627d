"""What an HTTP step costs on loopback: a step of a flow, beside httpx alone doing the same requests, and httpx' own
client over our connections beside its own.

The server answers bytes without looking at the request. It runs in the same loop, so a bare exchange over a socket is
shown too: nothing that calls it can be faster.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measure import interleaved_async
from benchmarks.running import compiled

CALLS = 200
BODY = b'{"n":1}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
STEPS = "\n".join(
    f'  step s{i}: int = http.get("{{{{ base }}}}/n", params={{ i: s{i - 1} }}).json.n' for i in range(1, CALLS)
)
SOURCE = f"""import http

flow ask(base: url) -> int {{
  step s0: int = http.get("{{{{ base }}}}/n").json.n
{STEPS}
  return s{CALLS - 1}
}}
"""


class _Server(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER)


def figures(rounds: int) -> Iterator[Figure]:
    """Microseconds a call."""
    yield from asyncio.run(_measured(rounds))


async def _measured(rounds: int) -> list[Figure]:
    import httpx

    from flowlang.runtime.connections import Connections

    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    own = httpx.AsyncClient(trust_env=False)
    ours = httpx.AsyncClient(trust_env=False, transport=Connections())
    plan = compiled(SOURCE)
    cases: dict[str, Callable[[], Awaitable[float]]] = {
        "socket": lambda: _socket(port),
        "httpx": lambda: _client(own, base),
        "ours": lambda: _client(ours, base),
        "step": lambda: _steps(plan, base),
    }
    try:
        seconds = await interleaved_async(cases, rounds)
    finally:
        await own.aclose()
        await ours.aclose()
        server.close()
    each = {name: value / CALLS * 1e6 for name, value in seconds.items()}
    return [
        Figure("httpx' client over our connections", each["ours"], "µs/call", each["socket"], "a bare socket"),
        Figure("httpx' client over its own", each["httpx"], "µs/call", each["socket"], "a bare socket"),
        Figure("an HTTP step, in memory", each["step"], "µs/call", each["httpx"], "httpx alone"),
        Figure("an HTTP step above httpx alone", each["step"] - each["httpx"], "µs/call", most=100),
    ]


async def _socket(port: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun = time.perf_counter()
    for _ in range(CALLS):
        writer.write(b"GET /n HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.read(65536)
    spent = time.perf_counter() - begun
    writer.close()
    return spent


async def _client(client: Any, base: str) -> float:
    begun = time.perf_counter()
    for i in range(CALLS):
        answer = await client.get(f"{base}/n", params={"i": i})
        answer.json()
    return time.perf_counter() - begun


async def _steps(plan: Any, base: str) -> float:
    from pathlib import Path

    from flowlang.runtime.actions import ACTIONS
    from flowlang.runtime.functions import FUNCTIONS
    from flowlang.runtime.interpreter import Run
    from flowlang.runtime.memory import MemoryJournal, MemoryShared
    from flowlang.runtime.world import real_seam

    seam = real_seam(Path())
    run = Run(
        plan, "bench", {"base": base}, {},
        seam=seam, journal=MemoryJournal("bench"), shared=MemoryShared(), natives=FUNCTIONS, actions=ACTIONS,
    )  # fmt: skip
    begun = time.perf_counter()
    outcome = await run.execute()
    spent = time.perf_counter() - begun
    await seam.transport.close()
    if outcome.status != "succeeded":
        raise SystemExit(f"a run of the benchmarks {outcome.status}: {outcome.error}")
    return spent
