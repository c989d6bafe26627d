"""Who else watches a run: the structured log of `--log`, the spans of `--trace`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from flowlang.cli.failure import UsageError, lacking
from flowlang.engines.local import Watcher, new_run_id
from flowlang.engines.logs import RunLog
from flowlang.render.visible import visible

if TYPE_CHECKING:
    from flowlang.runtime.seam import Seam
    from flowlang.store.runs import RunRecord

Dress = Callable[["Seam"], "Seam"]
Watchers = Callable[["RunRecord"], Sequence[Watcher]]


@contextlib.contextmanager
def watching(values: dict[str, Any], now: Callable[[], int]) -> Iterator[tuple[Dress, Watchers]]:
    """Open what the options ask for; gives what a seam to run with becomes, and who watches each run. A log that cannot
    be opened or a missing extra is a usage error.
    """
    request = os.environ.get("FLOWLANG_REQUEST_ID") or new_run_id()
    dress: Dress = _as_it_is
    makers: list[Callable[[RunRecord], Watcher]] = []
    with contextlib.ExitStack() as stack:
        if values.get("log"):
            write = _line_writer(stack.enter_context(_opened(values["log"])))
            makers.append(lambda record: RunLog(write, now, request, record.id, record.flow))
        if values.get("trace"):
            dress, spans = _tracing(stack, request)
            makers.append(spans)
        yield dress, lambda record: [make(record) for make in makers]


@contextlib.contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    if path == "-":
        yield sys.stderr
        return
    try:
        file = Path(path).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115
    except OSError as error:
        raise UsageError(f"the log {path} cannot be written: {error.strerror}") from error
    try:
        yield file
    finally:
        _close(file, path)


def _close(file: TextIO, path: str) -> None:
    """Close a log; what it could not take does not change what the command does."""
    try:
        file.close()
    except OSError as error:
        print(f"flowlang: the log {visible(path)} is incomplete: {error.strerror}", file=sys.stderr)


def _line_writer(file: TextIO) -> Callable[[str], object]:
    return lambda line: file.write(line + "\n")


def _as_it_is(seam: Seam) -> Seam:
    return seam


def _tracing(stack: contextlib.ExitStack, request: str) -> tuple[Dress, Callable[[RunRecord], Watcher]]:
    try:
        from flowlang.engines import tracing
    except ModuleNotFoundError as error:
        raise lacking("--trace needs OpenTelemetry", "otel") from error
    try:
        provider = tracing.provider()
    except tracing.UnknownExporter as error:
        raise UsageError(str(error)) from error
    stack.callback(provider.shutdown)
    tracer = provider.get_tracer("flowlang")

    def dress(seam: Seam) -> Seam:
        return replace(seam, transport=tracing.TracingTransport(seam.transport))

    return dress, lambda record: tracing.RunSpans(tracer, request, record.id, record.flow)
