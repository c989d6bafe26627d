"""What else is told of a run: structured logs, OpenTelemetry spans with `traceparent` on HTTP calls, and pauses."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from examples.services import Services
from flowlang.cli.watchers import LogFile
from flowlang.engines.logs import RunLog
from tests.surfaces.conftest import ONE, Command, answer, environment, logged, write

FLOW = """\
config {
  base: url
  token: secret
}

@retry('fixed', attempts=3, delay=10ms, jitter=0)
@idempotent
service work {
  base_url = config.base
  headers = { Authorization: "Bearer {{ config.token }}" }
}

flow ask(id: string) -> int {
  step first: int = work.post("/first", json={ id }).json.n
  step each = for n in [1, 2] {
    step one: int = work.post("/one", json={ n, first }).json.n
    yield one
  }
  step gone: int = work.post("/gone", json={ each }).json.n
    catch http { yield 0 }
  return gone
}
"""


@pytest.fixture
def env(services: Services, here: Path) -> dict[str, str]:
    write(here, "ask.flow", FLOW)
    services.fail("POST /first", {"status": 503})
    services.fail("POST /gone", {"status": 422, "times": "always"})
    services.fail("*", ONE)
    return {"FLOW_BASE": services.url, "FLOW_TOKEN": "hunter2-hunter2", "FLOWLANG_REQUEST_ID": "req-1"}


def test_a_log_tells_the_run(flowlang: Command, env: dict[str, str], here: Path) -> None:
    (here / "log").write_text('{"earlier": true}\n')
    done = flowlang("run", "ask.flow", "--input=id=a", "--run-id=mine", "--log=log", **env)
    assert done.code == 0, done.err
    text = (here / "log").read_text()
    earlier, *lines = logged(text)
    assert earlier == {"earlier": True}
    assert "hunter2" not in text
    assert all((line["request"], line["run"], line["flow"]) == ("req-1", "mine", "ask") for line in lines)
    assert (lines[0]["event"], lines[-1]["event"], lines[-1]["status"]) == ("run.started", "run.ended", "succeeded")
    first = [(line["event"], line.get("attempt")) for line in lines if line.get("step") == "first"]
    assert first == [
        ("step.started", None), ("attempt.started", 1), ("attempt.failed", 1), ("attempt.planned", 2),
        ("attempt.started", 2), ("step.ended", 2),
    ]  # fmt: skip
    failed = next(line for line in lines if line["event"] == "attempt.failed")
    assert (failed["level"], failed["error"]["kind"]) == ("warning", "http")
    gone = next(line for line in lines if line.get("step") == "gone" and line["event"] == "step.ended")
    assert (gone["status"], gone["level"]) == ("handled", "warning")
    assert {line["step"] for line in lines if "step" in line} == {"first", "each", "each[0].one", "each[1].one", "gone"}
    assert all(line["duration_ms"] >= 0 for line in lines if line["event"].endswith(".ended"))
    assert lines == sorted(lines, key=lambda line: line["time"])


def test_a_failed_run_logs_its_cause(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    answer(services, "POST /first", {"status": 418, "times": "always"})
    done = flowlang("run", "ask.flow", "--input=id=a", "--log=-", **env)
    assert done.code == 1
    last = logged("\n".join(line for line in done.err.splitlines() if line.startswith("{")))[-1]
    assert (last["event"], last["level"], last["status"], last["step"]) == ("run.ended", "error", "failed", "first")
    assert last["error"]["kind"] == "http"


def test_a_log_on_stderr_stands_there_alone(flowlang: Command, env: dict[str, str]) -> None:
    done = flowlang("run", "ask.flow", "--input=id=a", "--log=-", **env)
    assert done.code == 0
    assert logged(done.err)[-1]["event"] == "run.ended"
    assert all(line.startswith("{") for line in done.err.splitlines())


def test_a_log_tells_only_what_is_new_when_a_run_goes_on(
    flowlang: Command, services: Services, env: dict[str, str], here: Path
) -> None:
    answer(services, "POST /one", {"status": 418})
    assert flowlang("run", "ask.flow", "--input=id=a", "--run-id=mine", **env).code == 1
    done = flowlang("runs", "retry", "mine", "--log=log", **env)
    assert done.code == 0, done.err
    lines = logged((here / "log").read_text())
    assert not [line for line in lines if line.get("step") == "first"]
    ended = [line["step"] for line in lines if line["event"] == "step.ended"]
    assert ended[-2:] == ["each", "gone"]
    assert ended[0] in ("each[0].one", "each[1].one")  # the other may have ended before
    assert len(ended) == len(set(ended))
    assert lines == sorted(lines, key=lambda line: line["time"])


def test_a_log_that_cannot_be_opened_is_said_before_anything_runs(
    flowlang: Command, services: Services, env: dict[str, str]
) -> None:
    done = flowlang("run", "ask.flow", "--input=id=a", "--log=nowhere/log", **env)
    assert (done.code, services.calls) == (2, [])
    assert "nowhere/log" in done.err


def test_a_log_that_fails_later_loses_lines_only() -> None:
    def full(line: str) -> None:
        raise OSError("no space left on device")

    log = RunLog(full, lambda: 1_000_000, "q", "r", "f")
    log.begun()
    log.observe(("started", "a", 5, 5))
    log.ended("succeeded", 0, None)


def test_a_clock_that_steps_back_loses_no_lines() -> None:
    lines: list[str] = []
    log = RunLog(lines.append, lambda: 100, "q", "r", "f")
    log.begun()
    log.observe(("started", "a", 90, 90))
    log.observe(("ended", "a", "succeeded", 1, 90, 95, None))
    log.observe(("started", "old", 110, 50))
    log.observe(("ended", "old", "succeeded", 1, 50, 60, None))
    log.ended("succeeded", 0, None)
    told = [(line["event"], line.get("step")) for line in map(json.loads, lines)]
    assert told == [("run.started", None), ("step.started", "a"), ("step.ended", "a"), ("run.ended", None)]


class Filling(io.BytesIO):
    """A disk with room for so many bytes at first, and for all later."""

    room = 12

    def write(self, data: Any) -> int:
        if not self.room:
            self.room = 1000
            raise OSError(28, "No space left on device")
        fits = super().write(data[: self.room])
        self.room -= fits
        return fits


def test_a_log_counts_what_it_loses_and_tears_no_other_line() -> None:
    disk = Filling()
    log = LogFile(disk)
    for line in ("first", "second, too long", "third", "fourth \ud800"):
        log.write(line)
    assert disk.getvalue() == b"first\nsecond\nfourth \\ud800\n"
    assert (log.lost, log.reason) == (2, "No space left on device")


# ---- spans


class Collector(BaseHTTPRequestHandler):
    """Takes what OTLP exporters post."""

    bodies: list[bytes]

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def spans_of(bodies: list[bytes]) -> list[Any]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    found = []
    for body in bodies:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


@pytest.fixture
def collected() -> Iterator[tuple[dict[str, str], list[bytes]]]:
    """The variables that send spans to a collector, and what has come there."""
    server = HTTPServer(("127.0.0.1", 0), Collector)
    server.bodies = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    yield (
        {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_COMPRESSION": "none"},
        server.bodies,  # type: ignore[attr-defined]
    )
    server.shutdown()
    thread.join()
    server.server_close()


Collected = tuple[dict[str, str], list[bytes]]


def tree_of(spans: list[Any]) -> list[tuple[str, str]]:
    """The names of spans, each with that of the span around it."""
    by_id = {span.span_id: span for span in spans}
    return sorted((span.name, by_id[span.parent_span_id].name if span.parent_span_id else "") for span in spans)


def told_to(services: Services) -> list[str]:
    """The ids of the spans that the services were told."""
    return sorted(call.headers["traceparent"].split("-")[2] for call in services.calls)


def attempts_in(spans: list[Any]) -> list[str]:
    return sorted(span.span_id.hex() for span in spans if span.name.startswith("attempt"))


def test_spans_of_run_steps_and_attempts(
    flowlang: Command, services: Services, env: dict[str, str], collected: Collected
) -> None:
    otel, bodies = collected
    done = flowlang("run", "ask.flow", "--input=id=a", "--run-id=mine", "--trace", **env, **otel)
    assert done.code == 0, done.err
    spans = spans_of(bodies)
    assert tree_of(spans) == sorted([
        ("flow ask", ""),
        ("step first", "flow ask"), ("attempt 1", "step first"), ("attempt 2", "step first"),
        ("step each", "flow ask"),
        ("step each[0].one", "step each"), ("attempt 1", "step each[0].one"),
        ("step each[1].one", "step each"), ("attempt 1", "step each[1].one"),
        ("step gone", "flow ask"), ("attempt 1", "step gone"),
    ])  # fmt: skip
    assert told_to(services) == attempts_in(spans)
    assert len({span.trace_id for span in spans}) == 1
    root = next(span for span in spans if not span.parent_span_id)
    attributes = {each.key: each.value.string_value for each in root.attributes}
    assert attributes == {
        "flowlang.request": "req-1", "flowlang.run": "mine", "flowlang.flow": "ask", "flowlang.status": "succeeded",
    }  # fmt: skip
    assert all(b"hunter2" not in body for body in bodies)


POLLED = """\
config { base: url }

@retry('fixed', attempts=2, delay=1ms, jitter=0)
@idempotent
service work { base_url = config.base }

flow look() -> int {
  step one: int = work.get("/one").json.n
    until one == 3 every 300ms for 1m
  step round: int = sequence {
    step inner: int = work.get("/inner").json.n
    yield inner
  }
    until round == 2 every 1ms for 1m
  return one
}
"""


def test_every_poll_has_a_span_of_its_own_time(
    flowlang: Command, services: Services, here: Path, collected: Collected
) -> None:
    write(here, "look.flow", POLLED)
    for route, numbers in (("GET /one", (1, 2, 3)), ("GET /inner", (1, 2))):
        services.fail(route, *({"json": {"n": n}} for n in numbers))
    otel, bodies = collected
    done = flowlang("run", "look.flow", "--trace", **otel, FLOW_BASE=services.url)
    assert done.code == 0, done.err
    spans = spans_of(bodies)
    assert told_to(services) == attempts_in(spans)
    assert tree_of(spans) == sorted([
        ("flow look", ""),
        ("step one", "flow look"), *((f"attempt {n}", "step one") for n in (1, 2, 3)),
        ("step round", "flow look"),
        ("step round.inner", "step round"), ("attempt 1", "step round.inner"),
        ("step round#2.inner", "step round"), ("attempt 1", "step round#2.inner"),
    ])  # fmt: skip
    one = next(span.span_id for span in spans if span.name == "step one")
    polls = sorted((span for span in spans if span.parent_span_id == one), key=lambda span: span.start_time_unix_nano)
    for poll, following in itertools.pairwise(polls):
        assert following.start_time_unix_nano - poll.end_time_unix_nano >= 300_000_000  # the pause is no poll's


def test_a_step_that_was_over_in_another_process_has_no_span() -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from flowlang.engines.tracing import RunSpans

    sent, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(sent))
    spans = RunSpans(provider.get_tracer("test"), "q", "r", "f")
    spans.observe(("started", "block", 50, 10))
    spans.observe(("started", "block.over", 51, 10))
    spans.observe(("ended", "block.over", "succeeded", 1, 10, 20, None))
    spans.observe(("ended", "block", "succeeded", 0, 10, 20, None))
    spans.observe(("started", "going", 52, 30))
    spans.observe(("ended", "going", "succeeded", 1, 30, 60, None))
    spans.ended("succeeded", 0, None)
    found = {span.name: (span.start_time, span.end_time) for span in sent.get_finished_spans()}
    assert sorted(found) == ["flow f", "step going"]
    assert found["step going"] == (52_000, 60_000)


def test_a_collector_that_is_down_stops_no_run(flowlang: Command, env: dict[str, str]) -> None:
    done = flowlang(
        "run", "ask.flow", "--input=id=a", "--trace",
        **env, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", OTEL_EXPORTER_OTLP_TIMEOUT="1",
    )  # fmt: skip
    assert done.code == 0, done.err
    why = "is there a collector at http://127.0.0.1:1? OTEL_EXPORTER_OTLP_ENDPOINT says where it is"
    assert done.err.splitlines()[-1] == f"flowlang: spans could not be sent: {why}"
    assert "Connection" not in done.err
    assert "Failed" not in done.err


def test_without_the_extra_the_command_to_install_it_is_said(
    flowlang: Command, env: dict[str, str], here: Path
) -> None:
    blocked = here / "blocked" / "opentelemetry"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text("raise ModuleNotFoundError(__name__)")
    done = flowlang("run", "ask.flow", "--input=id=a", "--trace", **env, PYTHONPATH=str(blocked.parent))
    assert done.code == 2
    assert "pip install '/path/to/flowlang[otel]'" in done.err
    assert flowlang("run", "ask.flow", "--input=id=a", "--trace", **env, OTEL_TRACES_EXPORTER="smoke").code == 2


def test_without_tracing_nothing_is_sent(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    assert flowlang("run", "ask.flow", "--input=id=a", **env).code == 0
    assert all("traceparent" not in call.headers for call in services.calls)


# ---- pauses


def test_steps_wait_for_a_word(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    done = flowlang("run", "ask.flow", "--input=id=a", "--step", stdin="\nwhat\n\nc\n", **env)
    assert done.code == 0, done.err
    assert "step first: work.post" in done.err
    assert '"id": "a"' in done.err
    assert "there is no 'what'" in done.err
    assert done.err.count("step each[") == 2
    assert "step gone" not in done.err.split("[Enter")[-1]
    assert "hunter2" not in done.err
    assert done.out == "0\n"


def test_how_long_a_wait_is_is_said_as_in_the_file(flowlang: Command, here: Path) -> None:
    write(here, "w.flow", "import time\n\nflow w() -> none {\n  do time.wait(10ms)\n  do wait(1.5ms)\n}\n")
    done = flowlang("run", "w.flow", "--step", stdin="\n\n")
    assert done.code == 0, done.err
    assert 'time.wait\n{\n  "duration": "10ms"\n}' in done.err
    assert '"duration": "1ms500us"' in done.err


def test_a_run_that_is_left_can_be_resumed(flowlang: Command, services: Services, env: dict[str, str]) -> None:
    for word in ("\nq\n", "q\n", ""):
        done = flowlang("run", "ask.flow", "--input=id=a", "--step", "--run-id=x" + str(len(word)), stdin=word, **env)
        assert done.code == 130, done.err
        assert "go on with it: flowlang run --resume" in done.err
    assert [call.route for call in services.calls] == ["POST /first", "POST /first"]
    assert flowlang("run", "--resume=x3", **env).code == 0
    assert [call.route for call in services.calls].count("POST /first") == 2


def test_steps_that_come_at_once_are_asked_about_one_by_one() -> None:
    from flowlang.cli.stepping import Stepper

    async def main() -> str:
        end, begin = os.pipe()
        with open(end) as asked, open(begin, "w") as typed, open(os.devnull, "w") as said:
            stepper = Stepper(said, asked, lambda: None)
            order: list[str] = []

            async def step(key: str) -> None:
                await stepper.gate(key, "a", {})
                order.append(key)

            tasks = [asyncio.create_task(step(key)) for key in ("a", "b", "c")]
            await asyncio.sleep(0.05)
            assert order == []
            typed.write("\n")
            typed.flush()
            await asyncio.wait_for(tasks[0], 10)
            await asyncio.sleep(0.05)
            assert order == ["a"]
            typed.write("c\n")
            typed.flush()
            await asyncio.wait_for(asyncio.gather(*tasks), 10)
            return "".join(order)

    assert asyncio.run(main()) == "abc"


@pytest.mark.skipif(sys.platform != "linux", reason="signals as on Linux")
def test_ctrl_c_while_a_step_waits(services: Services, env: dict[str, str], here: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "flowlang", "run", "ask.flow", "--input=id=a", "--step", "--run-id=w"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=here, env={**environment(), **env},
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = b""
        while b"[Enter" not in said:
            piece = os.read(process.stderr.fileno(), 4096)
            assert piece, said
            said += piece
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert b"flowlang run --resume w" in process.stderr.read()
    assert services.calls == []
