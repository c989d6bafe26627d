"""A CRM: leads that are read, created, changed and annotated."""

from __future__ import annotations

from typing import Any

from examples.services.routing import Routes
from examples.services.wire import Request, Response

FIRST_LEADS: list[dict[str, Any]] = [
    {"id": "l1", "email": "ada@acme.example", "insurance_type": "auto", "quality_score": 91, "phone": "+49 30 901820"},
    {"id": "l2", "email": "grace@navy.example", "insurance_type": "home", "quality_score": 67, "phone": None},
    {"id": "l3", "email": "alan@bletchley.example", "insurance_type": "life", "quality_score": 74, "country": "GB"},
    {"id": "l4", "email": "spam@nowhere.example", "insurance_type": "auto", "quality_score": 12},
    {"id": "l5", "email": "mary@somerville.example", "insurance_type": "home", "quality_score": 96, "vip": True},
]


class Crm:
    """Leads by id, as JSON objects; notes in the order they came."""

    def __init__(self) -> None:
        self.leads: dict[str, dict[str, Any]] = {lead["id"]: dict(lead) for lead in FIRST_LEADS}
        self.notes: list[dict[str, Any]] = []

    def routes(self) -> Routes:
        return {
            "GET /crm/leads": self._list,
            "POST /crm/leads": self._create,
            "GET /crm/leads/{id}": self._read,
            "PATCH /crm/leads/{id}": self._change,
            "DELETE /crm/leads/{id}": self._delete,
            "POST /crm/leads/{id}/notes": self._note,
        }

    def _list(self, request: Request, _: dict[str, str]) -> Response:
        email = request.query.get("email")
        return Response(200, {"data": [lead for lead in self.leads.values() if email in (None, lead["email"])]})

    def _create(self, request: Request, _: dict[str, str]) -> Response:
        fields = request.json()
        lead = {**fields, "id": f"l{len(self.leads) + 1}", "email": fields["email"]}
        self.leads[lead["id"]] = lead
        return Response(201, {"data": lead})

    def _read(self, _: Request, params: dict[str, str]) -> Response:
        lead = self.leads.get(params["id"])
        return _missing(params["id"]) if lead is None else Response(200, {"data": lead})

    def _change(self, request: Request, params: dict[str, str]) -> Response:
        lead = self.leads.get(params["id"])
        if lead is None:
            return _missing(params["id"])
        lead.update(request.json())
        return Response(200, {"data": lead})

    def _delete(self, _: Request, params: dict[str, str]) -> Response:
        return _missing(params["id"]) if self.leads.pop(params["id"], None) is None else Response(204)

    def _note(self, request: Request, params: dict[str, str]) -> Response:
        if params["id"] not in self.leads:
            return _missing(params["id"])
        self.notes.append({"lead": params["id"], "text": request.json()["text"]})
        return Response(201, {"data": self.notes[-1]})


def _missing(lead_id: str) -> Response:
    return Response(404, {"error": f"no lead {lead_id}"})
