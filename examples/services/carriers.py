"""Three insurance carriers that quote and take leads, each answering a quote in a dialect of its own.

Carrier A gives a monthly premium, B a yearly one in cents, C a list of offers as texts (empty for life insurance).
All want `Authorization: Bearer …` and know a lead by its own id, so that it can be withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from examples.services.routing import Routes
from examples.services.wire import Request, Response

MONTHLY = {"auto": 84.5, "home": 41.25, "life": 62.0}

Dialect = Callable[[str], Any]


def monthly_quote(insurance_type: str) -> Any:
    return {"premium": MONTHLY[insurance_type], "currency": "EUR", "per": "month"}


def yearly_quote(insurance_type: str) -> Any:
    return {"annual_premium_cents": round(MONTHLY[insurance_type] * 0.95 * 1200), "reference": f"B-{insurance_type}"}


def flexible_offers(insurance_type: str) -> Any:
    if insurance_type == "life":
        return {"offers": []}
    basic = MONTHLY[insurance_type]
    return {"offers": [{"plan": "plus", "monthly": f"{basic * 1.3:.2f}"}, {"plan": "basic", "monthly": f"{basic:.2f}"}]}


class Carrier:
    """One carrier's desk: the leads it holds by its own ids."""

    def __init__(self, name: str, dialect: Dialect) -> None:
        self.name = name
        self.dialect = dialect
        self.leads: dict[str, dict[str, Any]] = {}
        self._taken = 0

    def routes(self) -> Routes:
        return {
            f"POST /{self.name}/quotes": self._quote,
            f"POST /{self.name}/leads": self._take,
            f"GET /{self.name}/leads/{{id}}": self._read,
            f"DELETE /{self.name}/leads/{{id}}": self._withdraw,
        }

    def _quote(self, request: Request, _: dict[str, str]) -> Response:
        return _refused() if _anonymous(request) else Response(200, self.dialect(request.json()["insurance_type"]))

    def _take(self, request: Request, _: dict[str, str]) -> Response:
        if _anonymous(request):
            return _refused()
        lead = request.json()
        self._taken += 1
        reference = f"{self.name[-1]}-{self._taken}"
        self.leads[reference] = {"id": reference, "email": lead["email"], "status": "accepted"}
        return Response(201, self.leads[reference])

    def _read(self, _: Request, params: dict[str, str]) -> Response:
        lead = self.leads.get(params["id"])
        return Response(404, {"error": f"no lead {params['id']}"}) if lead is None else Response(200, lead)

    def _withdraw(self, request: Request, params: dict[str, str]) -> Response:
        if _anonymous(request):
            return _refused()
        self.leads.pop(params["id"], None)
        return Response(204)


def _anonymous(request: Request) -> bool:
    return not request.headers.get("authorization", "").startswith("Bearer ")


def _refused() -> Response:
    return Response(401, {"error": "a bearer token is needed"}, {"WWW-Authenticate": "Bearer"})
