"""A training platform: learning paths of courses with modules and quizzes, and certificates for agents who pass."""

from __future__ import annotations

from typing import Any

from examples.services.routing import Routes
from examples.services.wire import Request, Response


def _quiz(quiz_id: str, pass_mark: int) -> dict[str, Any]:
    return {"id": quiz_id, "pass_mark": pass_mark, "max_attempts": 3}


PATHS: dict[str, dict[str, Any]] = {
    "claims": {
        "id": "claims",
        "title": "Claims handling",
        "courses": [
            {
                "id": "basics",
                "title": "Claims basics",
                "modules": [
                    {"id": "intake", "title": "Taking a claim", "minutes": 20, "quiz": _quiz("intake-quiz", 60)},
                    {"id": "video", "title": "A day at the desk", "minutes": 10, "quiz": None},
                ],
            },
            {
                "id": "law",
                "title": "Insurance law",
                "modules": [{"id": "duty", "title": "Duties", "minutes": 45, "quiz": _quiz("duty-quiz", 80)}],
            },
        ],
    }
}
LEARNERS: dict[str, dict[str, Any]] = {
    "a1": {"id": "a1", "name": "Ada", "email": "ada@desk.example", "level": "junior", "talent": 30},
    "a2": {"id": "a2", "name": "Bob", "email": "bob@desk.example", "level": "senior", "talent": 0},
}


class Academy:
    """Scores rise with each attempt at a quiz: 45, 65, 85, plus the learner's talent; certificates are numbered."""

    def __init__(self) -> None:
        self.attempts: dict[tuple[str, str], int] = {}
        self.certificates: list[dict[str, Any]] = []

    def routes(self) -> Routes:
        return {
            "GET /academy/agents/{id}": lambda _, params: _found(LEARNERS, params["id"]),
            "GET /academy/paths/{id}": lambda _, params: _found(PATHS, params["id"]),
            "POST /academy/quizzes/{id}/attempts": self._attempt,
            "POST /academy/certificates": self._certify,
        }

    def _attempt(self, request: Request, params: dict[str, str]) -> Response:
        agent = request.json()["agent_id"]
        number = self.attempts[agent, params["id"]] = self.attempts.get((agent, params["id"]), 0) + 1
        score = min(100, 25 + 20 * number + LEARNERS[agent]["talent"])
        return Response(201, {"quiz_id": params["id"], "number": number, "score": score})

    def _certify(self, request: Request, _: dict[str, str]) -> Response:
        certificate = {**request.json(), "number": f"C-{len(self.certificates) + 1:04}"}
        self.certificates.append(certificate)
        return Response(201, certificate)


def _found(table: dict[str, dict[str, Any]], key: str) -> Response:
    return Response(200, table[key]) if key in table else Response(404, {"error": f"no {key}"})
