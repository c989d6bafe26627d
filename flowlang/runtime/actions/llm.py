"""`llm`: a chat with a language model behind an OpenAI-compatible API, its tokens reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowlang.runtime import errors
from flowlang.runtime.actions.exchange import Answer, Draft, accept, exchange
from flowlang.runtime.context import ActionContext
from flowlang.runtime.functions.json_text import read_json

_COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")


async def chat(context: ActionContext, arguments: Mapping[str, Any]) -> object:
    """Ask once; what the model answers is data, never an instruction to this program."""
    draft = Draft("POST", arguments["base_url"].removesuffix("/") + "/chat/completions")
    if arguments.get("api_key") is not None:
        draft.set_header("Authorization", f"Bearer {arguments['api_key']}")
    draft.set_header("Idempotency-Key", context.idempotency_key)
    draft.set_json(_order(arguments))
    answer = accept(await exchange(context, draft), draft, [], context.seam.now() / 1_000_000)
    try:
        return _completion(answer["json"], draft, arguments["model"])
    except errors.RunError as error:
        error.unknown_outcome = True  # it happened, but there is no value to undo it with
        raise


def _order(arguments: Mapping[str, Any]) -> dict[str, Any]:
    messages: list[Any] = list(arguments.get("messages") or [])
    if arguments.get("system") is not None:
        messages.insert(0, {"role": "system", "content": arguments["system"]})
    messages.append({"role": "user", "content": arguments["prompt"]})
    order: dict[str, Any] = {"model": arguments["model"], "messages": messages}
    for name in ("temperature", "max_tokens"):
        if arguments.get(name) is not None:
            order[name] = arguments[name]
    if arguments.get("format") == "json":
        order["response_format"] = {"type": "json_object"}
    return order


def _completion(data: Any, draft: Draft, model: str) -> Answer:
    """The declared `llm.Completion`; counts that a server leaves out are 0."""
    try:
        choice = data["choices"][0]
        text = choice["message"]["content"] or ""
    except (KeyError, IndexError, TypeError):
        text = None
    if text.__class__ is not str:
        raise errors.validation(
            f"the answer of {draft.place} is no chat completion: it has no choices[0].message.content"
        )
    usage = data.get("usage") if isinstance(data.get("usage"), dict) else {}
    counts = {name: _count(usage.get(name)) for name in _COUNTS}
    if not counts["total_tokens"]:
        counts["total_tokens"] = counts["prompt_tokens"] + counts["completion_tokens"]
    completion = Answer(text=text)
    try:
        completion["json"] = read_json(unfenced(text).encode())
    except ValueError as error:
        completion.reason = f"the model's answer is not JSON: {error}"
    completion["usage"] = counts
    completion["model"] = data["model"] if isinstance(data.get("model"), str) else model
    reason = choice.get("finish_reason")
    completion["finish_reason"] = reason if isinstance(reason, str) else None
    return completion


def unfenced(text: str) -> str:
    """The text without a Markdown fence around it."""
    body = text.strip()
    if not body.startswith("```") or not body.endswith("```") or len(body) < 6:
        return body
    return body[3:-3].partition("\n")[2] if "\n" in body else body[3:-3]


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


ACTIONS: Final = {"llm.chat": chat}
