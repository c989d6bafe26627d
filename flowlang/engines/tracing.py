"""A run as OpenTelemetry spans: one for the run, one for each step with an effect, one for each attempt; HTTP calls
carry the attempt's `traceparent`.

Only this module imports `opentelemetry`, which comes with the `[otel]` extra. Where spans go is OpenTelemetry's own
to configure (`OTEL_TRACES_EXPORTER`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`). Spans hold keys, numbers and
masked error texts, never inputs or values. What keeps spans from being sent never stops a run.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, Status, StatusCode, Tracer

from flowlang import __version__

if TYPE_CHECKING:
    from flowlang.runtime.seam import Request, Response, Transport

_attempt: ContextVar[Span | None] = ContextVar("flowlang_attempt", default=None)


class UnknownExporter(Exception):
    """`OTEL_TRACES_EXPORTER` names none that is there; the message says which there are."""


class Sending(SpanExporter):
    """Sends spans and remembers whether some could not be sent; why, OpenTelemetry logs at length and in its own words,
    which nobody reads amid a run.
    """

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self.has_lost = False
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send some spans."""
        try:
            result = self._inner.export(spans)
        except Exception:
            result = SpanExportResult.FAILURE
        self.has_lost = self.has_lost or result is not SpanExportResult.SUCCESS
        return result

    def shutdown(self) -> None:
        """Send nothing more."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is left."""
        return self._inner.force_flush(timeout_millis)

    @property
    def why(self) -> str:
        """What is said of spans that were lost."""
        names = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
        name = next((each for each in names if os.environ.get(each)), names[-1])
        place = (os.environ.get(name) or "http://localhost:4318").rpartition("@")[2]
        return f"spans could not be sent: is there a collector at {place}? {name} says where it is"


def provider() -> tuple[TracerProvider, Sending | None]:
    """The provider that the environment asks for, and what sends its spans; shut it down to send what is left."""
    service = os.environ.get("OTEL_SERVICE_NAME", "flowlang")
    made = TracerProvider(resource=Resource.create({"service.name": service, "service.version": __version__}))
    exporter = _exporter(os.environ.get("OTEL_TRACES_EXPORTER", "otlp"))
    sending = None if exporter is None else Sending(exporter)
    if sending is not None:
        made.add_span_processor(BatchSpanProcessor(sending))
    return made, sending


def _exporter(name: str) -> SpanExporter | None:
    match name:
        case "none":
            return None
        case "console":
            import sys

            return ConsoleSpanExporter(out=sys.stderr)
        case "otlp":
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            return OTLPSpanExporter()
    raise UnknownExporter(f"OTEL_TRACES_EXPORTER is otlp, console or none, not {name!r}")


class RunSpans:
    """Opens and ends the spans of one run; each step's stands in that of the step around it."""

    def __init__(self, tracer: Tracer, request: str, run: str, flow: str) -> None:
        self._tracer = tracer
        self._open: dict[str, Span] = {}
        self._since: dict[str, int] = {}
        self._attempts: dict[str, Span] = {}
        attributes = {"flowlang.request": request, "flowlang.run": run, "flowlang.flow": flow}
        self._root = tracer.start_span(f"flow {flow}", attributes=attributes)

    def begun(self) -> None:
        """The run's span was opened when this was made."""

    def observe(self, event: tuple[Any, ...]) -> None:
        """Take an event of the run."""
        match event:
            case ("started", key, at, _):
                context = trace.set_span_in_context(self._around(key))
                span = self._tracer.start_span(f"step {key}", context, start_time=at * 1000)
                span.set_attribute("flowlang.step", key)
                self._open[key], self._since[key] = span, at
            case ("attempt", key, attempt, at):
                context = trace.set_span_in_context(self._open.get(key, self._root))
                span = self._tracer.start_span(f"attempt {attempt}", context, start_time=at * 1000)
                span.set_attributes({"flowlang.step": key, "flowlang.attempt": attempt})
                self._attempts[key] = span
                _attempt.set(span)
            case ("failed_attempt", key, _, error, at):
                self._end_attempt(key, error, at)
            case ("polled", key, at):
                self._end_attempt(key, None, at)
            case ("ended", key, status, attempts, _, ended, error):
                self._end_attempt(key, error, ended)
                if key in self._open:
                    span = self._open.pop(key)
                    if ended < self._since.pop(key):
                        return  # it was over in another process, which sent its span: this one is never sent
                    span.set_attributes({"flowlang.status": status, "flowlang.attempts": attempts})
                    _end(span, error if status == "failed" else None, ended)

    def parked(self, wake: int) -> None:
        """End the spans of this part of the run; those of the next hang on a span of its own."""
        self.ended("waiting", 0, None)

    def ended(self, status: str, created: int, error: object) -> None:
        """End the run's span, and those that the end of the run has cut off."""
        for span in (*self._attempts.values(), *self._open.values()):
            span.end()
        self._root.set_attribute("flowlang.status", status)
        if isinstance(error, dict):
            self._root.set_attribute("flowlang.error.kind", str(error.get("kind")))
            self._root.set_status(Status(StatusCode.ERROR, str(error.get("message"))))
        self._root.end()

    def _end_attempt(self, key: str, error: Any, at: int) -> None:
        if key in self._attempts:
            _end(self._attempts.pop(key), error, at)

    def _around(self, key: str) -> Span:
        """The span of the nearest step around one: `a[0].b` stands in `a`, and `a#2.b`, of its second round, too."""
        while (end := max(key.rfind("."), key.rfind("["), key.rfind("#"))) >= 0:
            key = key[:end]
            if key in self._open:
                return self._open[key]
        return self._root


def _end(span: Span, error: Any, at: int) -> None:
    if error is not None:
        span.set_attribute("flowlang.error.kind", error.kind)
        span.set_status(Status(StatusCode.ERROR, error.message))
    span.end(at * 1000 if at else None)


class TracingTransport:
    """Sends requests with the `traceparent` of the attempt that makes them."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def prepare(self) -> None:
        self._inner.prepare()

    async def send(self, request: Request) -> Response:
        span = _attempt.get()
        if span is None:
            return await self._inner.send(request)
        carrier: dict[str, str] = {}
        propagate.inject(carrier, trace.set_span_in_context(span))
        return await self._inner.send(replace(request, headers=(*request.headers, *carrier.items())))

    async def close(self) -> None:
        await self._inner.close()
