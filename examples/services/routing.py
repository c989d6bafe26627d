"""Routes of the stand-in services: `METHOD /path/{name}` to a function of the request and its path parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from examples.services.wire import Request, Response

Handler = Callable[[Request, dict[str, str]], Response]
Routes = Mapping[str, Handler]


class Router:
    """Finds the handler of a request; literal segments win over parameters by being declared first."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, int], list[tuple[list[str], Handler]]] = {}

    def add(self, routes: Routes) -> None:
        for route, handler in routes.items():
            method, path = route.split(" ")
            segments = path.split("/")
            self._routes.setdefault((method, len(segments)), []).append((segments, handler))

    def answer(self, request: Request) -> Response:
        """Answer with the first route that fits; 404 where none does, 400 where the body is not what it must be."""
        segments = request.path.split("/")
        for method in (request.method, "ANY"):
            for template, handler in self._routes.get((method, len(segments)), ()):
                params = _fit(template, segments)
                if params is not None:
                    return _guarded(handler, request, params)
        return Response(404, {"error": f"no {request.method} {request.path}"})


def _fit(template: list[str], segments: list[str]) -> dict[str, str] | None:
    params: dict[str, str] = {}
    for want, have in zip(template, segments, strict=True):
        if want.startswith("{"):
            params[want[1:-1]] = have
        elif want != have:
            return None
    return params


def _guarded(handler: Handler, request: Request, params: dict[str, str]) -> Response:
    try:
        return handler(request, params)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Response(400, {"error": f"bad request: {error!r}"})
