"""`flowlang run --step`: a run that waits before each step with a call until a person says how to go on.

Time goes on while it waits: timeouts and deadlines of what is around count.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from typing import TextIO

from flowlang.render.visible import visible

HELP = "Enter: make this call · c: go on without pauses · q: stop here; the run can be resumed"
MOST_SHOWN = 4000
"""Characters of a step's inputs."""


class Stepper:
    """Pauses before each step that makes a call, one at a time, until a person says how to go on."""

    def __init__(self, said: TextIO, asked: TextIO, stop: Callable[[], object]) -> None:
        self._said = said
        self._asked = asked
        self._stop = stop
        self._turn = asyncio.Lock()
        self._pauses = True

    async def gate(self, key: str, action: str, arguments: object) -> None:
        """Show a step and its inputs, and wait."""
        async with self._turn:
            if not self._pauses:
                return
            print(f"\nstep {visible(key)}: {visible(action)}", file=self._said)
            print(_shown(arguments), file=self._said)
            while True:
                print(f"[{HELP}] ", end="", file=self._said, flush=True)
                answer = await _line(self._asked)
                match answer.strip().lower():
                    case "" if answer:
                        return
                    case "c":
                        self._pauses = False
                        return
                    case "q" | "":
                        print(file=self._said)
                        self._stop()
                        await asyncio.Event().wait()  # until the run is let go
                print(f"there is no {visible(answer.strip())!r}", file=self._said)


async def _line(stream: TextIO) -> str:
    """Read a line in a thread that nobody waits for: a run that is interrupted meanwhile ends at once."""
    loop = asyncio.get_running_loop()
    read: asyncio.Future[str] = loop.create_future()

    def told(line: str) -> None:
        if not read.done():
            read.set_result(line)

    def wait() -> None:
        try:
            line = stream.readline()
        except (OSError, ValueError):
            line = ""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(told, line)

    threading.Thread(target=wait, daemon=True).start()
    return await read


def _shown(arguments: object) -> str:
    given = {k: v for k, v in arguments.items() if v is not None} if isinstance(arguments, dict) else arguments
    text = json.dumps(given, indent=2, ensure_ascii=False)
    lines = (text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…").splitlines()
    return "\n".join(visible(line) for line in lines)
