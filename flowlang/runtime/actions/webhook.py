"""`webhook`: calls to somebody else's hook, signed as standardwebhooks.com or GitHub say."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from flowlang.runtime import errors
from flowlang.runtime.actions.exchange import Draft, accept, exchange
from flowlang.runtime.context import ActionContext


def sign_standard(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,…`: HMAC-SHA-256 of id, time and body; a secret `whsec_…` is base64 behind its prefix."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            raise errors.fault("the webhook's secret begins with whsec_ but is not base64") from None
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()


def sign_github(secret: str, body: bytes) -> str:
    """`sha256=…`: HMAC-SHA-256 of the body."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


async def call(context: ActionContext, method: str, arguments: Mapping[str, Any]) -> object:
    """Send one message; its id is the same for every attempt."""
    draft = Draft(method, arguments["url"], secret_place=True)
    for name, value in (arguments.get("headers") or {}).items():
        draft.set_header(name, value)
    if arguments.get("json") is not None:
        draft.set_json(arguments["json"])
    now_s = context.seam.now() // 1_000_000
    draft.set_header("Idempotency-Key", context.idempotency_key)
    secret = arguments.get("secret")
    if secret is not None and arguments["signature"] == "github":
        draft.set_header("X-Hub-Signature-256", sign_github(secret, draft.body))
    elif secret is not None:
        draft.set_header("webhook-id", context.idempotency_key)
        draft.set_header("webhook-timestamp", str(now_s))
        draft.set_header("webhook-signature", sign_standard(secret, context.idempotency_key, now_s, draft.body))
    return accept(await exchange(context, draft), draft, arguments.get("accept") or [], now_s)


def _by(method: str) -> Callable[[ActionContext, Mapping[str, Any]], Awaitable[object]]:
    async def body(context: ActionContext, arguments: Mapping[str, Any]) -> object:
        return await call(context, method, arguments)

    return body


ACTIONS: Final = {f"webhook.{method.lower()}": _by(method) for method in ("POST", "PUT", "PATCH")}
