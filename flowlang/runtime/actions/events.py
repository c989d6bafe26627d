"""`events.wait`: receiving an event, which the interpreter journals and gives to one step of the run only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowlang.runtime.context import ActionContext
from flowlang.runtime.events import Wanted


async def wait(context: ActionContext, arguments: Mapping[str, Any]) -> object:
    return await context.wait_event(Wanted(arguments["name"], arguments["key"]))


ACTIONS: Final = {"events.wait": wait}
