"""`notify`: a message to a chat's incoming webhook, each service in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowlang.runtime.actions.exchange import Draft, accept, exchange
from flowlang.runtime.context import ActionContext


async def slack(context: ActionContext, arguments: Mapping[str, Any]) -> None:
    message = {"text": arguments["text"], "channel": arguments.get("channel"), "blocks": arguments.get("blocks")}
    await _post(context, arguments["webhook"], message)


async def teams(context: ActionContext, arguments: Mapping[str, Any]) -> None:
    await _post(context, arguments["webhook"], {"text": arguments["text"], "title": arguments.get("title")})


async def discord(context: ActionContext, arguments: Mapping[str, Any]) -> None:
    await _post(context, arguments["webhook"], {"content": arguments["text"], "username": arguments.get("username")})


async def _post(context: ActionContext, webhook: str, message: dict[str, Any]) -> None:
    draft = Draft("POST", webhook, secret_place=True)
    draft.set_json({key: value for key, value in message.items() if value is not None})
    draft.set_header("Idempotency-Key", context.idempotency_key)
    accept(await exchange(context, draft), draft, [], context.seam.now() / 1_000_000)


ACTIONS: Final = {"notify.slack": slack, "notify.teams": teams, "notify.discord": discord}
