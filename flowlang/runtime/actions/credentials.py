"""How a call proves who makes it: the schemes of `auth`, and OAuth tokens fetched, kept in memory and renewed.

A token lives in the context's memory until half a minute before it expires; steps that need one at the same time fetch
it once.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from flowlang.runtime import errors
from flowlang.runtime.actions.exchange import Draft, exchange
from flowlang.runtime.context import ActionContext
from flowlang.runtime.errors import RunError
from flowlang.runtime.seam import Unsent

MARGIN: Final = 30_000_000
_LIFETIME_S: Final = 3600


async def authorize(
    context: ActionContext, draft: Draft, auth: Mapping[str, Any] | None, *, renew: bool = False
) -> None:
    """Put credentials into a draft's headers. `renew`: the token at hand was refused."""
    if auth is None:
        return
    match auth["scheme"]:
        case "bearer":
            draft.set_header("Authorization", f"Bearer {auth['token']}")
        case "basic":
            draft.set_header("Authorization", basic(auth["user"], auth["password"]))
        case "header":
            draft.set_header(auth["name"], auth["value"])
        case "client_credentials":
            draft.set_header("Authorization", f"Bearer {await _token(context, auth, renew=renew)}")
        case other:
            raise errors.fault(f"'{other}' is no way to authenticate")


def is_renewable(auth: Mapping[str, Any] | None) -> bool:
    """Whether a refused token can be replaced."""
    return auth is not None and auth["scheme"] == "client_credentials"


def basic(user: str, password: str) -> str:
    """The value of `Authorization` for a user and password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


async def _token(context: ActionContext, auth: Mapping[str, Any], *, renew: bool) -> str:
    scope, audience = auth.get("scope"), auth.get("audience")
    key = f"token {auth['token_url']} {auth['client_id']} {scope} {audience}"
    lock = context.memory.setdefault(f"lock of {key}", asyncio.Lock())
    assert isinstance(lock, asyncio.Lock)
    refused = context.memory.get(key) if renew else None
    try:
        async with lock:
            kept = context.memory.get(key)
            if isinstance(kept, tuple) and kept is not refused and kept[1] - MARGIN > context.seam.now():
                return str(kept[0])
            fresh = await _fetch(context, auth)
            context.memory[key] = fresh
            return fresh[0]
    except asyncio.CancelledError:
        raise Unsent("there was no token") from None  # the call itself has not been made, or was refused


async def _fetch(context: ActionContext, auth: Mapping[str, Any]) -> tuple[str, int]:
    """Ask for a token; gives it with the instant it expires."""
    draft = Draft("POST", auth["token_url"])
    draft.set_header("Authorization", basic(auth["client_id"], auth["client_secret"]))
    draft.set_form({"grant_type": "client_credentials", "scope": auth.get("scope"), "audience": auth.get("audience")})
    try:
        answer = await exchange(context, draft)
    except RunError as error:
        error.unknown_outcome = False  # the call itself has not been made
        raise
    body = answer.get("json")
    if not 200 <= answer["status"] < 300 or not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        # The answer itself stays out of the error: it may hold a token.
        raise errors.http(f"no token from {draft.place}: it answered {answer['status']}", answer["status"], None)
    lifetime = body.get("expires_in")
    seconds = lifetime if isinstance(lifetime, (int, float)) and not isinstance(lifetime, bool) else _LIFETIME_S
    context.hide(body["access_token"])
    return body["access_token"], context.seam.now() + int(seconds * 1_000_000)
