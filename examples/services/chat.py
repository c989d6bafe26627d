"""A chat webhook as teams use it, and an OpenAI-compatible chat completion endpoint with token counts."""

from __future__ import annotations

import json
from typing import Any

from examples.services.routing import Routes
from examples.services.wire import Request, Response

INTERESTED = ("quote", "fleet", "urgent", "insure", "cover", "offer")


class TeamHook:
    """Messages posted to the team's channel; the path is the secret, as with real chat webhooks."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def routes(self) -> Routes:
        return {"POST /hooks/{token}": self._post}

    def _post(self, request: Request, _: dict[str, str]) -> Response:
        self.messages.append(request.json()["text"])
        return Response(200, b"ok")


class ChatModel:
    """Scores the last message by its words, always the same way; a token is a word."""

    def routes(self) -> Routes:
        return {"POST /llm/v1/chat/completions": self._complete}

    def _complete(self, request: Request, _: dict[str, str]) -> Response:
        order = request.json()
        text = " ".join(str(message["content"]) for message in order["messages"])
        hits = sum(word in text.lower() for word in INTERESTED)
        answer = json.dumps({"score": min(100, 30 + 12 * hits), "reason": f"{hits} signs of interest"})
        usage = {"prompt_tokens": len(text.split()), "completion_tokens": len(answer.split())}
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": answer},
            "finish_reason": "stop",
        }
        return Response(
            200,
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "model": order["model"],
                "choices": [choice],
                "usage": {**usage, "total_tokens": sum(usage.values())},
            },
        )
