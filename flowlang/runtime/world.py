"""The real world behind the seam: clocks, sleep, random, the HTTP transport when first used, Python of the project's
folder.

Python targets are `module:attribute`; `check_python` finds all of a plan's before the run starts. A sync action runs
in a thread of its own, which cannot be interrupted: when it is abandoned its `running` future ends with the thread.
An async one runs in the loop.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import random
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowlang.plan.nodes import Call, Plan
from flowlang.plan.walk import inner_scopes, scope_expressions, step_expressions, steps, uses
from flowlang.runtime.errors import RunError, words_of
from flowlang.runtime.seam import NetworkError, Request, Response, Seam, Transport


def real_seam(folder: Path, *, deny_private: bool = False) -> Seam:
    """The seam of a run of a project in a folder. `deny_private`: only public addresses may be connected to."""
    python = ProjectPython(folder)
    return Seam(
        now=lambda: time.time_ns() // 1000,
        monotonic=time.monotonic,
        sleep=asyncio.sleep,
        random=random.random,
        transport=LazyTransport(lambda: _http_transport(deny_private)),
        call_python=python.call,
        find_python=python.find,
    )


def in_folder(seam: Seam, folder: Path) -> Seam:
    """The same world with the Python of another folder."""
    python = ProjectPython(folder)
    return replace(seam, call_python=python.call, find_python=python.find)


def _http_transport(deny_private: bool) -> Transport:
    from flowlang.runtime.http import HttpTransport

    return HttpTransport(deny_private=deny_private)


class LazyTransport:
    """A transport that is made when first used: its import costs more than a small run."""

    def __init__(self, make: Callable[[], Transport]) -> None:
        self._make = make
        self._made: Transport | None = None

    def prepare(self) -> None:
        """Make it."""
        self._transport().prepare()

    async def send(self, request: Request) -> Response:
        """Send a request."""
        return await self._transport().send(request)

    def _transport(self) -> Transport:
        if self._made is None:
            self._made = self._make()
        return self._made

    async def close(self) -> None:
        """Close what was opened."""
        if self._made is not None:
            await self._made.close()


class ProjectPython:
    """The Python that `python('module:attribute')` names, imported with the project's folder first on the path."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder.resolve())
        self._found: dict[str, Callable[..., Any]] = {}
        self._in_loop: set[str] = set()

    def find(self, target: str) -> Callable[..., Any]:
        """The function behind a target; LookupError says what is wrong with it."""
        found = self._found.get(target)
        if found is None:
            found = self._found[target] = self._load(target)
            if inspect.iscoroutinefunction(found):
                self._in_loop.add(target)
        return found

    def _load(self, target: str) -> Callable[..., Any]:
        name, colon, path = target.partition(":")
        if not colon or not name or not path:
            raise LookupError(f"`{target}` is not of the form module:attribute")
        if self._folder not in sys.path:
            sys.path.insert(0, self._folder)
        try:
            found: Any = importlib.import_module(name)
            for part in path.split("."):
                found = getattr(found, part, None)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise LookupError(f"`{name}` cannot be imported: {_told(error)}") from error
        if not callable(found):
            raise LookupError(f"`{name}` has no function `{path}`")
        function: Callable[..., Any] = found
        return function

    def call(self, target: str, arguments: Mapping[str, object]) -> Awaitable[object]:
        """Call an action: in the loop if it is async, else in a thread."""
        function = self.find(target)
        if target in self._in_loop:
            return _not_ending_the_loop(function(**arguments))
        return ThreadCall(lambda: function(**arguments), target)


class ThreadCall:
    """A call in a thread of its own; the thread does not keep the process alive."""

    def __init__(self, function: Callable[[], object], name: str) -> None:
        self._function = function
        self._name = name
        self.running: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    def __await__(self) -> Generator[Any, None, object]:
        threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return asyncio.shield(self.running).__await__()

    def _work(self) -> None:
        loop = self.running.get_loop()
        try:
            result = self._function()
        except BaseException as error:
            self._report(loop, self.running.set_exception, _storable(error))
        else:
            self._report(loop, self.running.set_result, result)

    def _report(self, loop: asyncio.AbstractEventLoop, end: Callable[[Any], None], what: object) -> None:
        def deliver() -> None:
            if not self.running.done():
                end(what)
                self.running.exception()  # an abandoned call's error is nobody's: do not warn

        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver)


async def _not_ending_the_loop(work: Awaitable[object]) -> object:
    try:
        return await work
    except GeneratorExit:  # the loop is gone
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise _storable(error) from error
    except BaseException as error:
        raise _storable(error) from error


def _storable(error: BaseException) -> BaseException:
    """An exception that a future can hold and that ends the call only: `sys.exit` is not for a step to say, nor is what
    the runtime itself raises.
    """
    is_foreign = isinstance(error, Exception | KeyboardInterrupt)
    if is_foreign and not isinstance(error, StopIteration | RunError | NetworkError):
        return error
    return RuntimeError(_told(error))


def _told(error: BaseException) -> str:
    return ": ".join(filter(None, (type(error).__name__, words_of(error))))


def python_targets(plan: Plan) -> Iterable[str]:
    """Every Python target of a plan, each once."""
    found: dict[str, None] = {}
    expressions = [*plan.constants.values(), *(function.body for function in plan.functions.values())]
    for flow in plan.flows.values():
        expressions += scope_expressions(flow.body)
        for _, step in steps(flow):
            if isinstance(step.action, Call) and step.action.target is not None:
                found[step.action.target] = None
            expressions += step_expressions(step)
            for body in _bodies(step):
                expressions += scope_expressions(body)
    for expr in expressions:
        found.update(dict.fromkeys(uses(expr, "python")))
    return found


def _bodies(step: Any) -> Iterable[Any]:
    return [scope for _, scope in inner_scopes(step)]


def check_python(plan: Plan, seam: Seam) -> list[str]:
    """Find every Python target of a plan; returns what is wrong, one sentence each."""
    problems = []
    for target in python_targets(plan):
        try:
            seam.find_python(target)
        except LookupError as error:
            problems.append(str(error.args[0]))
    return problems
