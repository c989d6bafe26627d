"""A world that answers from a script: HTTP and Python calls, with faults, on virtual time; what was asked is kept.

Answers are given per (method, URL) in the order written; the last one is given for ever. The script goes on over a
crash, as the real other side would. `Sent` says what was asked, when, and by which step.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flowlang.runtime.seam import NetworkError, Request, Response
from tests.simulation.clock import Clock

ASKING: contextvars.ContextVar[tuple[str, int] | None] = contextvars.ContextVar("asking", default=None)
"""The step and attempt on whose behalf a call is made, if the harness tells."""

Manner = Literal["answer", "drop", "refuse", "hang", "raise"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side does after `after` seconds: answer, cut the line, refuse, never answer, raise (Python)."""

    manner: Manner = "answer"
    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0


@dataclass(slots=True)
class Sent:
    """One call as the other side saw it. `ended`: when it was answered; null if it hangs or the caller went away."""

    at: float
    method: str
    url: str
    body: object
    headers: Mapping[str, str]
    step: str | None
    attempt: int
    ended: float | None = None

    @property
    def key(self) -> str | None:
        return self.headers.get("idempotency-key")


class World:
    """Both halves of the seam that touch others: `send` and `call_python`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.script: dict[tuple[str, str], list[Answer]] = {}
        self.sent: list[Sent] = []
        self.unexpected: list[str] = []
        self.dead = False

    def expect(self, method: str, url: str, answer: Answer, times: int = 1) -> None:
        self.script.setdefault((method, url), []).extend([answer] * times)

    def prepare(self) -> None:
        return None

    async def send(self, request: Request) -> Response:
        body: object = None
        if request.body:
            text = request.body.decode("utf-8", "replace")
            try:
                body = json.loads(text)
            except ValueError:
                body = text
        headers = {name.lower(): value for name, value in request.headers}
        answer = await self._ask(request.method, request.url, body, headers)
        if answer.manner in ("drop", "refuse"):
            raise NetworkError(
                "the connection was cut" if answer.manner == "drop" else "the connection was refused",
                answer.manner == "drop",
            )
        content, kind = _content(answer.body)
        sent = {"content-type": kind, **answer.headers}
        return Response(answer.status, tuple(sent.items()), content, request.url)

    async def close(self) -> None:
        return None

    async def call_python(self, target: str, arguments: Mapping[str, object]) -> object:
        answer = await self._ask("PY", target, dict(arguments), {})
        if answer.manner == "raise":
            raise ValueError(str(answer.body))
        return answer.body

    def find_python(self, target: str) -> Callable[..., object]:
        """A pure Python function: it answers at once, or raises."""

        def function(**arguments: object) -> object:
            self.sent.append(Sent(self.clock.seconds, "PY", target, arguments, {}, None, 0, self.clock.seconds))
            answer = self._next("PY", target)
            if answer.manner == "raise":
                raise ValueError(str(answer.body))
            return answer.body

        return function

    def _next(self, method: str, url: str) -> Answer:
        answers = self.script.get((method, url))
        if not answers:
            self.unexpected.append(f"{method} {url}")
            return Answer(status=599, body={"error": "not in the script"})
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def _ask(self, method: str, url: str, body: object, headers: Mapping[str, str]) -> Answer:
        if self.dead:
            await asyncio.Event().wait()
        step, attempt = ASKING.get() or (None, 0)
        sent = Sent(self.clock.seconds, method, url, body, headers, step, attempt)
        self.sent.append(sent)
        answer = self._next(method, url)
        if answer.manner == "hang":
            await asyncio.Event().wait()
        if answer.after:
            await asyncio.sleep(answer.after)
        if self.dead:
            await asyncio.Event().wait()
        sent.ended = self.clock.seconds
        return answer


def _content(body: Any) -> tuple[bytes, str]:
    if body is None:
        return b"", "text/plain"
    if isinstance(body, str):
        return body.encode(), "text/plain"
    return json.dumps(body).encode(), "application/json"
