"""Who else watches a run: the structured log of `--log`, the spans of `--trace`."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

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
            write = stack.enter_context(_opened(values["log"]))
            makers.append(lambda record: RunLog(write, now, request, record.id, record.flow))
        if values.get("trace"):
            dress, spans = _tracing(stack, request)
            makers.append(spans)
        yield dress, lambda record: [make(record) for make in makers]


class LogFile:
    """A log that lines are appended to, each at once or not at all; `lost` counts the others, `reason` says why."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._is_torn = False
        self.lost = 0
        self.reason = ""

    def write(self, line: str) -> None:
        """Append a line, behind what there was room for of one before."""
        data = ("\n" * self._is_torn + line + "\n").encode(errors="backslashreplace")
        try:
            written = self._file.write(data)
        except OSError as error:
            self.lost, self.reason = self.lost + 1, error.strerror or str(error)
        else:
            self._is_torn = written < len(data)
            self.lost += self._is_torn


@contextlib.contextmanager
def _opened(path: str) -> Iterator[Callable[[str], object]]:
    """Open a log; gives what appends a line. Lines that it could not take do not change what the command does."""
    if path == "-":
        yield lambda line: sys.stderr.write(line + "\n")
        return
    try:
        file = Path(path).open("ab", buffering=0)  # noqa: SIM115
    except OSError as error:
        raise UsageError(f"the log {path} cannot be written: {error.strerror}") from error
    log = LogFile(file)
    try:
        yield log.write
    finally:
        with contextlib.suppress(OSError):
            file.close()
        if log.lost:
            lines = "a line" if log.lost == 1 else f"{log.lost:,} lines"
            why = log.reason or os.strerror(errno.ENOSPC)
            print(f"flowlang: the log {visible(path)} lacks {lines}: {why}", file=sys.stderr)


def _as_it_is(seam: Seam) -> Seam:
    return seam


def _tracing(stack: contextlib.ExitStack, request: str) -> tuple[Dress, Callable[[RunRecord], Watcher]]:
    try:
        from flowlang.engines import tracing
    except ModuleNotFoundError as error:
        raise lacking("--trace needs OpenTelemetry", "otel") from error
    try:
        provider, sending = tracing.provider()
    except tracing.UnknownExporter as error:
        raise UsageError(str(error)) from error

    def end() -> None:
        provider.shutdown()
        if sending is not None and sending.has_lost:
            print(f"flowlang: {visible(sending.why)}", file=sys.stderr)

    stack.callback(end)
    tracer = provider.get_tracer("flowlang")

    def dress(seam: Seam) -> Seam:
        return replace(seam, transport=tracing.TracingTransport(seam.transport))

    return dress, lambda record: tracing.RunSpans(tracer, request, record.id, record.flow)
