"""Everything behind the port: one object per service, and the plain routes that tests use."""

from __future__ import annotations

from typing import Any, Protocol

from examples.services.academy import Academy
from examples.services.carriers import Carrier, flexible_offers, monthly_quote, yearly_quote
from examples.services.chat import ChatModel, TeamHook
from examples.services.crm import Crm
from examples.services.mail import Enrichment, Mailbox
from examples.services.routing import Router, Routes
from examples.services.wire import Request, Response


class Service(Protocol):
    """Whatever has routes."""

    def routes(self) -> Routes: ...


class World:
    """The state of all services; `reset` brings back the first day."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.crm = Crm()
        self.carriers = {
            "carrier_a": Carrier("carrier_a", monthly_quote),
            "carrier_b": Carrier("carrier_b", yearly_quote),
            "carrier_c": Carrier("carrier_c", flexible_offers),
        }
        self.team = TeamHook()
        self.chat = ChatModel()
        self.mail = Mailbox()
        self.academy = Academy()
        self.effects: dict[str, int] = {}
        self._router = Router()
        carriers: list[Service] = list(self.carriers.values())
        for service in [self.crm, *carriers, self.team, self.chat, self.mail, Enrichment(), self.academy]:
            self._router.add(service.routes())
        self._router.add(
            {
                "ANY /echo": lambda request, _: Response(200, _describe(request)),
                "GET /items": lambda request, _: Response(200, list(range(int(request.query.get("n", "10"))))),
                "ANY /status/{code}": lambda _, params: Response(int(params["code"]), {"status": int(params["code"])}),
                "ANY /effects/{name}": self._effect,
            }
        )

    def answer(self, request: Request) -> Response:
        return self._router.answer(request)

    def snapshot(self) -> dict[str, Any]:
        """What the services hold now, for a test to look at."""
        return {
            "leads": self.crm.leads,
            "notes": self.crm.notes,
            "carriers": {name: carrier.leads for name, carrier in self.carriers.items()},
            "team": self.team.messages,
            "mail": self.mail.messages,
            "sent": self.mail.sent,
            "certificates": self.academy.certificates,
            "effects": self.effects,
        }

    def _effect(self, request: Request, params: dict[str, str]) -> Response:
        name = f"{request.method} {params['name']}"
        self.effects[name] = self.effects.get(name, 0) + 1
        return Response(200, {"name": params["name"], "n": self.effects[name], "got": request.json()})


def _describe(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "json": request.json() if request.headers.get("content-type", "").startswith("application/json") else None,
        "text": request.body.decode("utf-8", "replace"),
    }
