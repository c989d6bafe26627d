"""Where a hole of a url template stands, read from the text around it: base, path segment, query key or value,
fragment.

Scheme, userinfo, host and port admit no hole; the checker says so first, this is the last guard.
"""

from __future__ import annotations

from flowlang.types.model import Secret, Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.plan.nodes import Expr
    from flowlang.types.model import Type


def url_parts(parts: list[str | tuple[Expr, Type]], number: Callable[[Type], int]) -> list[object]:
    """Convert the parts of a template to those of `["url", …]`; raises ValueError for a hole where none may be."""
    found: list[object] = []
    place = "start"
    for part in parts:
        if isinstance(part, str):
            found.append(part)
            place = _after(part, place)
            continue
        expr, of = part
        if place == "start" and _is_url(of):
            found.append(["base", expr])
            place = "segment"
            continue
        if place in ("start", "scheme", "host"):
            raise ValueError("scheme and host of a url admit no hole but a leading url")
        found.append([place, expr, number(of)])
    return found


def _is_url(of: Type) -> bool:
    return isinstance(of, Url) or (isinstance(of, Secret) and isinstance(of.inner, Url))


def _after(text: str, place: str) -> str:
    """The place of what follows a text that began in a place."""
    if place == "start":
        head, colon, rest = text.partition("://")
        if colon and "/" not in head:
            place, text = "host", rest
        else:
            place = "segment" if text[:1] in ("/", "?", "#") else "scheme"
    for char in text:
        if char == "#" and place != "fragment":
            place = "fragment"
        elif char == "?" and place in ("host", "segment"):
            place = "query_key"
        elif char == "/" and place in ("host", "scheme"):
            place = "segment"
        elif char == "=" and place == "query_key":
            place = "query_value"
        elif char == "&" and place in ("query_key", "query_value"):
            place = "query_key"
    return place
