"""Live progress of a run on stderr: on a terminal the steps under way with their time, below those that ended; in a
pipe a line each; nothing where it is to be silent, for what else stands on stderr is read by a program.

Pure steps of loops are left out: there may be thousands. Nothing here can fail or slow a run: a closed stderr is
ignored, and on a terminal at most ten frames a second are drawn.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from flowlang.cli.shown import duration
from flowlang.cli.terminal import wants_color
from flowlang.render.visible import visible

if TYPE_CHECKING:
    from rich.live import Live

    from flowlang.store.runs import RunRecord

MARKS = {
    "succeeded": ("✓", "ok", "green"),
    "handled": ("✓", "handled", "yellow"),
    "skipped": ("-", "skipped", "dim"),
    "failed": ("✗", "failed", "red"),
    "cancelled": ("✗", "cancelled", "red"),
    "undone": ("↶", "undone", "yellow"),
    "retry": ("↻", "retry", "yellow"),
}
MOST_SHOWN = 15
"""Steps under way that are drawn at once; and lines of ended steps printed per frame, the rest being counted."""
FRAME_S = 0.1


class Progress:
    """Observes a run. Use as a context: the live display ends with it."""

    def __init__(self, stream: TextIO, run_id: str, *, live: bool = True, silent: bool = False) -> None:
        self._may_live = live and not silent
        self._is_silent = silent
        self._stream = stream
        self._run_id = run_id
        self._live: Live | None = None
        self._active: dict[str, _Active] = {}
        self._lines: deque[tuple[str, str]] = deque()  # filled by the run, emptied by the display's thread
        self._color = wants_color(stream)
        self._since = time.time_ns() // 1000

    def __enter__(self) -> Self:
        with contextlib.suppress(OSError, ValueError):
            if self._may_live and self._stream.isatty():
                self._live = self._open_live()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            with contextlib.suppress(OSError):
                self._active.clear()
                self._live.stop()
                self._live = None
        self._flush(everything=True)

    def joined(self, record: RunRecord) -> None:
        """Say that the run is under way in another process."""
        self._say("", f"run {record.id} is under way in another process; waiting for it to end")
        self._flush(everything=True)

    def observe(self, event: tuple[Any, ...]) -> None:
        """Take an event of the run."""
        match event:
            case ("started", key, _, began):
                self._active[key] = _Active(began)
            case ("failed_attempt", key, attempt, error, _):
                self._say("retry", f"{key}  attempt {attempt} failed: {error.message}")
            case ("retry", key, attempt, at):
                self._active.setdefault(key, _Active(at)).state = f"attempt {attempt}"
            case ("waiting", key, until):
                self._active.setdefault(key, _Active(until)).state = "waiting"
            case ("ended", key, status, attempts, started, ended, _):
                self._active.pop(key, None)
                if "[" in key and not attempts and status in ("succeeded", "skipped"):
                    return  # nothing happened: a pure value, or a step passed over, of one item of a loop
                tries = f"  {attempts} attempts" if attempts > 1 else ""
                took = f"  {duration(ended - started)}" if started and ended else ""
                took += "  before" if 0 < ended < self._since else ""
                self._say(status, f"{key}{tries}{took}")
            case ("undone", key, error):
                self._say(
                    "undone" if error is None else "failed",
                    f"{key}" + (f"  not undone: {error.message}" if error else ""),
                )
        if self._live is None:
            self._flush(everything=True)

    def _say(self, mark: str, text: str) -> None:
        if self._is_silent:
            return
        self._lines.append((mark, visible(text)))

    def _flush(self, *, everything: bool) -> None:
        """Print the lines of what ended; on a terminal not more than a person can see."""
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        shown = lines if self._live is None or everything else lines[-MOST_SHOWN:]
        with contextlib.suppress(OSError, ValueError):
            if len(shown) < len(lines):
                self._print("", f"… {len(lines) - len(shown)} more steps")
            for mark, text in shown:
                self._print(mark, text)
            self._stream.flush()

    def _print(self, mark: str, text: str) -> None:
        sign, word, style = MARKS.get(mark, ("", "", ""))
        if self._live is not None:
            from rich.text import Text

            self._live.console.print(Text(f"{sign} {text}".strip(), style=style if self._color else ""))
        else:
            print(f"{word:<9} {text}" if word else text, file=self._stream)

    # ---- on a terminal

    def _open_live(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._stream, no_color=not self._color, highlight=False)
        live = Live(console=console, get_renderable=self._frame, refresh_per_second=1 / FRAME_S, transient=True)
        live.start()
        return live

    def _frame(self) -> Any:
        """Draw the steps under way; first print those that have ended since the last frame."""
        from rich.text import Text

        if self._lines and self._live is not None:
            self._flush(everything=False)
        now = time.time_ns() // 1000
        active = list(self._active.items())
        lines = []
        for key, step in active[:MOST_SHOWN]:
            state = f"  {step.state}" if step.state else ""
            lines.append(f"· {visible(key)}{state}  {duration(max(0, now - step.since))}")
        if len(active) > MOST_SHOWN:
            lines.append(f"· and {len(active) - MOST_SHOWN} more")
        return Text("\n".join(lines), style="cyan" if self._color else "")


class _Active:
    """A step under way: since when (µs since the epoch), and what it is at."""

    __slots__ = ("since", "state")

    def __init__(self, since: int) -> None:
        self.since = since
        self.state = ""
