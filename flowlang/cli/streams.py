"""The three streams of the process, made so that what the caller did to them is either told or does not matter.

A stream that the caller closed is opened again, so that no file opened later gets its number: stdout and stdin the
wrong way round, where using them fails as it should; stderr to nowhere. What stderr cannot take is dropped: it must
not change what a command does, nor its exit code.
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Lossy(io.FileIO):
    """A file that takes everything, also when it is full or nobody reads it."""

    def write(self, content: ReadableBuffer, /) -> int:
        try:
            return super().write(content)
        except OSError:
            return memoryview(content).nbytes


class _Recalling(io.FileIO):
    """A file that keeps how it failed: a stream above it without a buffer does not fail again."""

    failure: OSError | None = None

    def write(self, content: ReadableBuffer, /) -> int:
        try:
            return super().write(content)
        except OSError as error:
            self.failure = error
            raise


_stdout: _Recalling | None = None


def prepare() -> None:
    """Make the streams safe to use. A character that they cannot show is escaped."""
    if sys.stdin is None:
        os.open(os.devnull, os.O_WRONLY)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        os.open(os.devnull, os.O_RDONLY)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    elif sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = _recalling_stdout(sys.stdout)
    if sys.stderr is None:
        os.open(os.devnull, os.O_WRONLY)
    if sys.stderr is sys.__stderr__:
        encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
        raw = io.BufferedWriter(_Lossy(2, "w", closefd=False))
        sys.stderr = io.TextIOWrapper(raw, encoding, "backslashreplace", line_buffering=True)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _recalling_stdout(stdout: io.TextIOWrapper) -> io.TextIOWrapper:
    """Stdout as it is, on a file that keeps how it failed."""
    global _stdout
    _stdout = raw = _Recalling(1, "w", closefd=False)
    buffer = io.BufferedWriter(raw) if isinstance(stdout.buffer, io.BufferedWriter) else raw
    return io.TextIOWrapper(
        buffer, stdout.encoding, line_buffering=stdout.line_buffering, write_through=stdout.write_through
    )


def failure_of_stdout() -> str | None:
    """Why stdout cannot be written, if so: it tells, or what it could not take it still holds, and fails with again.

    It is let go then, for the interpreter would complain of it at its end.
    """
    failure = None if _stdout is None else _stdout.failure
    try:
        sys.stdout.flush()
    except OSError as error:
        failure = error
    if failure is None:
        return None
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return failure.strerror or type(failure).__name__
