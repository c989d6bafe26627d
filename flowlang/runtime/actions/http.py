"""`http`, and the operations of services: the same bodies, with a path beneath the service's base URL."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from flowlang.runtime import errors
from flowlang.runtime.actions.credentials import authorize, is_renewable
from flowlang.runtime.actions.exchange import Draft, accept, exchange
from flowlang.runtime.context import ActionContext, ServiceSettings
from flowlang.runtime.operations import kind_word

KEYED: Final = frozenset(("POST", "PATCH"))
_WHOLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
UNKEYED: Final = frozenset(("GET", "HEAD", "OPTIONS"))


async def call(context: ActionContext, method: str, arguments: Mapping[str, Any]) -> object:
    """One exchange; a token that is refused is renewed once."""
    draft = draft_of(context, method, arguments)
    service = context.service
    auth = arguments.get("auth")
    if auth is None and service is not None:
        auth = service.auth
    await authorize(context, draft, auth)
    answer = await exchange(context, draft)
    accepted = arguments.get("accept") or []
    if answer["status"] == 401 and 401 not in accepted and is_renewable(auth):
        await authorize(context, draft, auth, renew=True)
        answer = await exchange(context, draft)
    return accept(answer, draft, accepted, context.seam.now() / 1_000_000)


def draft_of(context: ActionContext, method: str, arguments: Mapping[str, Any]) -> Draft:
    """Put a request together from a call's arguments and its service's settings."""
    service = context.service
    url = arguments["url"] if "url" in arguments else target(service, arguments["path"])
    draft = Draft(method, url)
    if service is not None:
        for name, value in service.headers.items():
            draft.set_header(name, value)
    for name, value in (arguments.get("headers") or {}).items():
        draft.set_header(name, value)
    shared = service.settings.get("params") if service is not None else None
    params = {**(shared if isinstance(shared, dict) else {}), **(arguments.get("params") or {})}
    draft.add_query(params)
    _set_body(draft, arguments)
    wants_key = method in KEYED or (context.idempotent and method not in UNKEYED)
    if wants_key and not draft.has_header("Idempotency-Key"):
        draft.set_header("Idempotency-Key", context.idempotency_key)
    return draft


def target(service: ServiceSettings | None, path: str) -> str:
    """The URL of a path of a service. A whole URL must be one of the service: its credentials go nowhere else."""
    if service is None or service.base_url is None:
        raise errors.fault("the service has no base_url")
    base = service.base_url
    if _WHOLE.match(path) is not None:
        wanted, given = urlsplit(base), urlsplit(path)
        if (wanted.scheme, wanted.netloc) != (given.scheme, given.netloc):
            raise errors.fault(f"{given.scheme}://{given.netloc} is not the service {service.name}")
        return path
    if "?" in base or "#" in base:
        raise errors.fault(f"the base_url of {service.name} has a query or a fragment")
    joint = "" if path.startswith(("/", "?")) or not path else "/"
    return base.removesuffix("/") + joint + path


def _set_body(draft: Draft, arguments: Mapping[str, Any]) -> None:
    given = [name for name in ("json", "form", "text") if arguments.get(name) is not None]
    if len(given) > 1:
        raise errors.fault(f"a call has one body, not {' and '.join(given)}")
    if not given:
        return
    value = arguments[given[0]]
    if given[0] == "json":
        draft.set_json(value)
    elif given[0] == "form":
        draft.set_form(value)
    elif value.__class__ is str:
        draft.set_text(value)
    else:
        raise errors.fault(f"`text` is {kind_word(value)}, not text")


def _by(method: str) -> Callable[[ActionContext, Mapping[str, Any]], Awaitable[object]]:
    async def body(context: ActionContext, arguments: Mapping[str, Any]) -> object:
        return await call(context, method, arguments)

    return body


async def request(context: ActionContext, arguments: Mapping[str, Any]) -> object:
    return await call(context, arguments["method"], arguments)


ACTIONS: Final = {
    **{f"http.{method.lower()}": _by(method) for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")},
    "http.request": request,
}
