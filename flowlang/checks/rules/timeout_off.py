"""A request that may hang for more than an hour."""

from __future__ import annotations

from flowlang.checks.annotated import HOUR, SERVICE
from flowlang.checks.heed import given_in
from flowlang.checks.sites import sites
from flowlang.render.durations import duration
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"
WORDS = ("@timeout",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `@timeout` of more than an hour that bounds one attempt of a request."""
    long = [each for each in given_in(look, "timeout") if (each.values["each"] or 0) > HOUR and not _is_inverted(each)]
    if not long:
        return
    requests = {id(site.policies.get("timeout")) for site in sites(look).calls if site.is_request()}
    for given in long:
        if given.place == SERVICE or id(given) in requests:
            yield look.found(
                f"one request may hang for {duration(given.values['each'])}: a lost connection is noticed only then",
                given.written["each"],
                "requests take seconds; for long work, start it and poll with `until`, or bound all with `total`",
            )


def _is_inverted(given: Given) -> bool:
    """Whether all attempts together have less time than one, which is `timeout-inversion`."""
    each, total = given.values["each"], given.values["total"]
    return isinstance(each, int) and isinstance(total, int) and each > total
