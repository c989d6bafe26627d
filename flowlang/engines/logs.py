"""A run as structured log lines: one JSON object a line, for machines that collect them.

Every line has `time` (RFC 3339, UTC), `level`, `event`, `request` (the call that asked for the run), `run` and `flow`;
what else there is to say has `step`, `attempt`, `status`, `duration_ms`, `error` (`kind`, `message`), `until`. Error
texts come masked. A log that cannot be written never stops a run. Of a run that is resumed, what began or was over in
another process is not told again; pure steps are, as they are evaluated again.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from flowlang.types.instants import from_micros

LEVELS = {"failed": "error", "cancelled": "warning", "handled": "warning"}


class RunLog:
    """Writes the lines of one run. `write` takes a line without its end and may raise OSError or ValueError."""

    def __init__(
        self, write: Callable[[str], object], now: Callable[[], int], request: str, run: str, flow: str
    ) -> None:
        self._write = write
        self._now = now
        self._since = 0
        self._running: set[str] = set()
        self._same = {"request": request, "run": run, "flow": flow}

    def observe(self, event: tuple[Any, ...]) -> None:
        """Log an event of the run."""
        match event:
            case ("started", key, at, began):
                if at == began or began >= self._since:  # a clock that steps back makes nothing old
                    self._running.add(key)
                    self._line("info", "step.started", at, step=key)
            case ("attempt", key, attempt, at):
                self._line("debug", "attempt.started", at, step=key, attempt=attempt)
            case ("failed_attempt", key, attempt, error, at):
                self._line("warning", "attempt.failed", at, step=key, attempt=attempt, error=_error(error))
            case ("retry", key, attempt, at):
                self._line("info", "attempt.planned", self._now(), step=key, attempt=attempt, until=_time(at))
            case ("waiting", key, until):
                self._line("info", "step.waiting", self._now(), step=key, until=_time(until))
            case ("ended", key, _, _, _, ended, _) if 0 < ended < self._since and key not in self._running:
                return
            case ("ended", key, status, attempts, started, ended, error):
                self._running.discard(key)
                said: dict[str, Any] = {"step": key, "status": status, "attempt": attempts}
                if started and ended:
                    said["duration_ms"] = (ended - started) / 1000
                if error is not None:
                    said["error"] = _error(error)
                self._line(LEVELS.get(status, "info"), "step.ended", ended or self._now(), **said)
            case ("undone", key, None):
                self._line("info", "step.undone", self._now(), step=key)
            case ("undone", key, error):
                self._line("error", "step.not_undone", self._now(), step=key, error=_error(error))

    def begun(self) -> None:
        """Log that the run goes on here."""
        self._since = self._now()
        self._line("info", "run.started", self._since)

    def ended(self, status: str, created: int, error: object) -> None:
        """Log how the run ended; `error` as it is stored."""
        now = self._now()
        said: dict[str, Any] = {"status": status, "duration_ms": (now - created) / 1000}
        if isinstance(error, dict):
            said["error"] = {"kind": error.get("kind"), "message": error.get("message")}
            said.update({name: error[name] for name in ("step", "attempt") if error.get(name)})
        self._line(LEVELS.get(status, "info"), "run.ended", now, **said)

    def parked(self, wake: int) -> None:
        """Log that the run has left the process until an instant."""
        self._line("info", "run.parked", self._now(), until=_time(wake))

    def _line(self, level: str, event: str, at: int, **said: object) -> None:
        line = {"time": _time(at), "level": level, "event": event, **self._same, **said}
        with contextlib.suppress(OSError, ValueError):
            self._write(json.dumps(line, ensure_ascii=False))


def _error(error: Any) -> dict[str, object]:
    return {"kind": error.kind, "message": error.message}


def _time(at: int) -> str:
    return from_micros(at)
