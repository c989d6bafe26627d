"""A mailbox with messages to work through, and a service that knows companies by their domain."""

from __future__ import annotations

from typing import Any

from examples.services.routing import Routes
from examples.services.wire import Request, Response

FIRST_MESSAGES: list[dict[str, Any]] = [
    {
        "id": "m1",
        "from": "ops@acme.example",
        "subject": "Urgent: cover for our fleet",
        "text": "We need a quote to insure 40 vans before Friday.",
        "received_at": "2026-03-02T08:15:00Z",
    },
    {
        "id": "m2",
        "from": "win@lottery.example",
        "subject": "You won",
        "text": "Click here.",
        "received_at": "2026-03-02T08:20:00Z",
    },
    {
        "id": "m3",
        "from": "grace@navy.example",
        "subject": "Home insurance",
        "text": "Could you make me an offer?",
        "received_at": "2026-03-02T09:02:00Z",
    },
]
COMPANIES: dict[str, dict[str, Any]] = {
    "acme.example": {"name": "Acme Logistics", "employees": 240, "industry": "transport"},
    "navy.example": {"name": "Navy", "employees": 12000, "industry": "public"},
}


class Mailbox:
    """An inbox; `sent` is what was mailed out."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {m["id"]: {**m, "archived": False} for m in FIRST_MESSAGES}
        self.sent: list[dict[str, Any]] = []

    def routes(self) -> Routes:
        return {
            "GET /mail/messages": self._inbox,
            "GET /mail/messages/{id}": self._read,
            "POST /mail/messages/{id}/archive": self._archive,
            "POST /mail/send": self._send,
        }

    def _inbox(self, _: Request, __: dict[str, str]) -> Response:
        return Response(200, {"messages": [m for m in self.messages.values() if not m["archived"]]})

    def _read(self, _: Request, params: dict[str, str]) -> Response:
        message = self.messages.get(params["id"])
        return Response(404, {"error": "no such message"}) if message is None else Response(200, message)

    def _archive(self, _: Request, params: dict[str, str]) -> Response:
        message = self.messages.get(params["id"])
        if message is None:
            return Response(404, {"error": "no such message"})
        message["archived"] = True
        return Response(200, {"id": message["id"], "archived": True})

    def _send(self, request: Request, _: dict[str, str]) -> Response:
        self.sent.append(request.json())
        return Response(202, {"id": f"out-{len(self.sent)}"})


class Enrichment:
    """Companies by domain."""

    def routes(self) -> Routes:
        return {"GET /enrich/companies/{domain}": self._company}

    def _company(self, _: Request, params: dict[str, str]) -> Response:
        company = COMPANIES.get(params["domain"])
        return (
            Response(404, {"error": f"nothing known of {params['domain']}"})
            if company is None
            else Response(200, company)
        )
