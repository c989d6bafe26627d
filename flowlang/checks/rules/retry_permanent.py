"""`@retry` of answers that stay the same however often one asks."""

from __future__ import annotations

from flowlang.checks.heed import given_in
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("4xx", "'http'", '"http"')
BETTER = {"4xx": "'408', '425', '429'", "http": "'429', '5xx'"}


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each item of `on` that holds 400, 401, 403, 404 and their like."""
    for given in given_in(look, "retry"):
        items = given.written.get("on")
        if not isinstance(items, ast.List):
            continue
        said = [each.value for each in items.items if isinstance(each, ast.Text)]
        for item in items.items:
            if isinstance(item, ast.Text) and item.value in BETTER and not ("http" in said and item.value == "4xx"):
                better = BETTER[item.value]
                edits = (Edit(Span(look.file.path, item.start, item.end), better),)
                is_clear = not any(each.strip("' ") in said for each in better.split(","))
                yield look.found(
                    f"`{item.value}` repeats what fails for good: 400, 401, 403, 404 and 422 stay what they are",
                    item,
                    f"name what passes: {better}",
                    fixes=(Fix(f"retry {better} instead", edits, safe=False),) if is_clear else (),
                )
