"""`events.wait`: receiving an event, which the interpreter journals and gives to one step of the run only.
`events.emit`: telling one to all runs, under the call's idempotency key: however often it is told, it is one event.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowlang.runtime import errors
from flowlang.runtime.context import ActionContext
from flowlang.runtime.events import OtherEvent, Wanted


async def wait(context: ActionContext, arguments: Mapping[str, Any]) -> object:
    return await context.wait_event(Wanted(arguments["name"], arguments["key"]))


async def emit(context: ActionContext, arguments: Mapping[str, Any]) -> str:
    id, now = context.idempotency_key, context.seam.now()
    try:
        event = await context.emit_event(id, arguments["name"], arguments["key"], arguments["data"], now)
    except OtherEvent as error:
        raise errors.failed(str(error), "other_event") from error
    return event.id


ACTIONS: Final = {"events.wait": wait, "events.emit": emit}
