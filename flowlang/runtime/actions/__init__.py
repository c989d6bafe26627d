"""The bodies of the standard library's actions, one file per module, listed by qualified name.

A body is `async def body(context, arguments) -> value`: one attempt of one call. It reaches the world through the
context's seam alone, raises `RunError` for an expected failure and never retries, counts or waits by itself. A
service's operation is the `http` action of the same name, with `path` instead of `url` and the service in the context.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from flowlang.runtime.actions import clock, events, http, llm, notify, webhook
from flowlang.runtime.context import ActionContext

ActionBody = Callable[[ActionContext, Mapping[str, Any]], Awaitable[object]]

ACTIONS: Final[dict[str, ActionBody]] = {
    **clock.ACTIONS,
    **events.ACTIONS,
    **http.ACTIONS,
    **llm.ACTIONS,
    **notify.ACTIONS,
    **webhook.ACTIONS,
}
