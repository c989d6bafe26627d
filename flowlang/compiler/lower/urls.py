"""Where a hole of a url template stands, read from the text around it: base, path segment, query key or value,
fragment.

Scheme, userinfo, host and port admit no hole; the checker says so first, this is the last guard.
"""

from __future__ import annotations

from flowlang.semantics.url_text import after_text
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
            place = after_text(part, place)
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
