"""Work that ends in order when the process is asked to end: runs are let go, to be resumed."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import redirect_stdout
from typing import Any, TypeVar

T = TypeVar("T")
Stop = Callable[[BaseException], None]


class Terminated(BaseException):
    """The process was asked to end by SIGTERM."""


def until_stopped(work: Callable[[Stop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine to its end. It is given `stop`, which cancels it and raises the reason in its place; SIGTERM does
    so with `Terminated`, Ctrl-C with `KeyboardInterrupt`. What the project's Python prints goes to stderr.
    """

    async def main() -> T:
        loop, this = asyncio.get_running_loop(), asyncio.current_task()
        assert this is not None
        reason: BaseException | None = None

        def stop(because: BaseException) -> None:
            nonlocal reason
            reason = because
            this.cancel()

        loop.add_signal_handler(signal.SIGTERM, stop, Terminated())
        try:
            return await work(stop)
        except asyncio.CancelledError:
            if reason is not None:
                raise reason from None
            raise

    with redirect_stdout(sys.stderr):
        return asyncio.run(main())
