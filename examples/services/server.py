"""The server: every stand-in service on one port, with a log of calls and failures on demand.

Use it in a thread (`with Services() as services: services.url …`) or as a process (`python -m examples.services`).
Besides the services of `world` it answers, for whoever drives a test:

    POST   /_control   {"route": "POST /crm/*", "fail": [outcome, …]} · {"dedupe": true} · {"reset": true}
    GET    /_calls     {"total", "work", "counts": {route: n}, "calls": [{"route", "key", "status", …}, …]}
                       ?route=PATTERN filters, ?counts=1 leaves the list out
    GET    /_state     what the services hold: leads, messages, certificates …

Every other call is logged when it arrives and completed when it is answered, so a call whose client died is seen too.
With dedupe on, a second request with the same `Idempotency-Key` on a route gets the first answer and does no work.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from examples.services.faults import FaultPlan, Outcome
from examples.services.wire import MAX_HEAD_BYTES, Request, Response, serve_connection
from examples.services.world import World


@dataclass(slots=True)
class Call:
    """One request as it was seen; `status` 0 means cut off or not answered yet, `worked` that the service acted."""

    n: int
    route: str
    key: str | None
    query: dict[str, str]
    headers: dict[str, str]
    json: Any
    status: int = 0
    worked: bool = False
    replayed: bool = False


class Services:
    """All stand-in services on one loopback port, running in a thread between `start` and `stop`."""

    def __init__(self, port: int = 0, *, dedupe: bool = False) -> None:
        self.port = port
        self.dedupe = dedupe
        self.faults = FaultPlan()
        self.world = World()
        self.calls: list[Call] = []
        self._answers: dict[tuple[str, str], Response] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, route: str, *outcomes: Mapping[str, Any]) -> None:
        """Let the next calls of a route meet `outcomes` (see `faults`)."""
        self.faults.set(route, list(outcomes))

    def calls_of(self, pattern: str = "*") -> list[Call]:
        """The calls whose `METHOD /path` matches a pattern, in order of arrival."""
        return [call for call in self.calls if call.route == pattern or fnmatchcase(call.route, pattern)]

    def work_of(self, pattern: str = "*") -> int:
        """How many calls a service acted on, replays and injected failures not counted."""
        return sum(call.worked for call in self.calls_of(pattern))

    def reset(self) -> None:
        """Forget calls, failures and everything the services hold."""
        self.calls.clear()
        self.faults.clear()
        self._answers.clear()
        self.world.reset()

    # Serving

    def start(self) -> Self:
        """Serve from a thread; returns once the port is open."""
        opened = threading.Event()

        def serve() -> None:
            try:
                asyncio.run(self.serve(lambda _: opened.set()))
            except BaseException as error:  # handed to the starter, which raises it
                self._failure = error
                opened.set()

        self._thread = threading.Thread(target=serve, name="stand-in services", daemon=True)
        self._thread.start()
        opened.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        """Close the port and every connection; returns when the thread has ended."""
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    async def serve(self, on_open: Callable[[int], object]) -> None:
        """Serve until stopped; calls `on_open` with the port."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            with contextlib.suppress(asyncio.CancelledError):
                await serve_connection(reader, writer, self.answer)
            connections.discard(task)

        server = await asyncio.start_server(connected, "127.0.0.1", self.port, limit=MAX_HEAD_BYTES, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        on_open(self.port)
        try:
            await self._stop.wait()
        finally:
            server.close()
            for task in connections:
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)

    # Answering

    async def answer(self, request: Request) -> Response | None:
        """Answer one request; none cuts the connection."""
        if request.path.startswith("/_"):
            return self._administer(request)
        call = self._log(request)
        outcome = self.faults.take(call.route)
        if outcome.delay_s:
            await asyncio.sleep(outcome.delay_s)
        if outcome.drop_request:
            return None
        response = self._respond(request, call, outcome)
        if outcome.drop_response:
            return None
        call.status = response.status
        return response

    def _log(self, request: Request) -> Call:
        try:
            body = request.json()
        except ValueError:
            body = None
        call = Call(
            n=len(self.calls) + 1,
            route=f"{request.method} {request.path}",
            key=request.headers.get("idempotency-key"),
            query=request.query,
            headers=request.headers,
            json=body,
        )
        self.calls.append(call)
        return call

    def _respond(self, request: Request, call: Call, outcome: Outcome) -> Response:
        if outcome.status is not None:
            return Response(outcome.status, outcome.body, outcome.headers)
        remembered = self._answers.get((call.route, call.key)) if self.dedupe and call.key else None
        if remembered is not None:
            call.replayed = True
            return Response(remembered.status, remembered.body, {**remembered.headers, "Idempotent-Replayed": "true"})
        response = self.world.answer(request)
        call.worked = response.status < 400
        if call.key and call.worked:
            self._answers[call.route, call.key] = response
        return response

    def _administer(self, request: Request) -> Response:
        match request.method, request.path:
            case "POST", "/_control":
                return self._control(request)
            case "GET", "/_calls":
                calls = self.calls_of(request.query.get("route", "*"))
                report: dict[str, Any] = {
                    "total": len(calls),
                    "work": sum(call.worked for call in calls),
                    "counts": Counter(call.route for call in calls),
                }
                if "counts" not in request.query:
                    report["calls"] = [asdict(call) for call in calls]
                return Response(200, report)
            case "GET", "/_state":
                return Response(200, self.world.snapshot())
            case _:
                return Response(404, {"error": f"no {request.method} {request.path}"})

    def _control(self, request: Request) -> Response:
        try:
            order = request.json()
            if not isinstance(order, dict) or (unknown := set(order) - {"route", "fail", "dedupe", "reset"}):
                raise ValueError(f"unknown in a control order: {order if not isinstance(order, dict) else unknown}")
            if order.get("reset"):
                self.reset()
            if "route" in order:
                self.faults.set(order["route"], order.get("fail", []))
            if "dedupe" in order:
                self.dedupe = bool(order["dedupe"])
        except (ValueError, TypeError) as error:
            return Response(400, {"error": str(error)})
        return Response(200, {"dedupe": self.dedupe})


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted; prints the address, and writes the port to a file where asked."""
    parser = argparse.ArgumentParser(prog="python -m examples.services", description="Stand-in services on loopback.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--port-file", type=Path, help="write the port to this file once it is open")
    parser.add_argument(
        "--dedupe", action="store_true", help="answer a repeated Idempotency-Key without doing the work"
    )
    options = parser.parse_args(argv)
    services = Services(options.port, dedupe=options.dedupe)

    def announce(port: int) -> None:
        if options.port_file is not None:
            partial = options.port_file.with_suffix(".partial")
            partial.write_text(str(port))
            os.replace(partial, options.port_file)
        print(f"stand-in services on {services.url}", flush=True)

    try:
        asyncio.run(services.serve(announce))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
        return 2
    return 0
