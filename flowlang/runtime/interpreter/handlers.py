"""`catch`: which handler answers an error, and what becomes of it.

Handlers are tried in order, the first that matches answers. One without a `yield` passes the error on; an error
inside it goes outward. `cancelled` may be observed, never replaced. The error is journaled before a handler starts.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from flowlang.runtime.errors import RunError
from flowlang.runtime.interpreter.frame import Frame
from flowlang.runtime.interpreter.program import HandlerProgram
from flowlang.runtime.interpreter.scope import GRACE, run_scope, with_deadline
from flowlang.runtime.journal import Entry


async def answer(
    frame: Frame, owner: Frame | None, handlers: tuple[HandlerProgram, ...], path: str, error: RunError
) -> Any:
    """Let the first handler that matches answer; returns the value it gives, or raises what goes outward.

    `frame` is what the handlers see around them; their undos are handed to `owner`. `path`: the handlers' steps are
    under `<path>catch0.`.
    """
    if error.final or frame.run.was_told(path.removesuffix("."), error):
        raise error
    await frame.run.commit()
    for index, handler in enumerate(handlers):
        if not _covers(handler, error.kind):
            continue
        inner = _enter(frame, owner, handler, f"{path}catch{index}.", error)
        condition = handler.condition()
        if condition is not None and not condition(inner):
            inner.close()
            continue
        try:
            with frame.run.activity.hurry(inner.owner is None):
                value = await with_deadline(inner, partial(run_scope, inner), "the time for handling the failure")
        except RunError as failure:
            raise _outward(failure, error) from None
        if owner is not None:
            owner.undos.extend(inner.undos)
        if not handler.handler.body.yields or error.kind == "cancelled":
            raise error
        return value
    raise error


def _covers(handler: HandlerProgram, kind: str) -> bool:
    kinds = handler.handler.kinds
    return kind in kinds if kinds else kind != "cancelled"


def _enter(frame: Frame, owner: Frame | None, handler: HandlerProgram, prefix: str, error: RunError) -> Frame:
    """The handler's frame. Where everything is being stopped it stands apart, with some time of its own."""
    run = frame.run
    binding = handler.handler.binding
    values: dict[str, Any] = {} if binding is None else {binding: error.to_value()}
    late = run.cancelled or error.kind == "cancelled"
    inner = Frame(run, handler.body, prefix, values, frame, None if late or frame.is_late else owner, run.written)
    inner.answers = True
    if inner.owner is None:
        inner.deadline = asyncio.get_running_loop().time() + GRACE
    return inner


def _outward(failure: RunError, error: RunError) -> RunError:
    """What leaves a handler that failed: `fail(err)` is the error itself; another failure names the first among its
    others.
    """
    if (failure.kind, failure.message, failure.code) == (error.kind, error.message, error.code):
        return error
    failure.add_others([error])
    return failure


def handled(path: str, value: Any, now: int, *, volatile: bool = False) -> Entry:
    """The entry of a value that a handler gave; of a secret, that there was one."""
    return Entry(path, "handled", {"volatile": True} if volatile else {"value": value}, 0, 0, now)
