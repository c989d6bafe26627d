"""Retries beside what bounds them: each `@retry` with each `total` and deadline that its calls stand under, once.

A service's own `total` counts where the service is declared, called or not. Of several limits on one retry the
tightest is told.
"""

from __future__ import annotations

from flowlang.checks.annotated import ATTEMPT_TIMEOUT, BLOCK, FLOW, PLACES, SERVICE, STEP, attempts, is_sound, waits
from flowlang.checks.annotated import worst as worst_of
from flowlang.checks.sites import sites
from flowlang.record import Record
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Related


class Budget(Record):
    """A retry and a limit on it, in microseconds. `attempt`: the longest one attempt may take; `rate`: the rate limit
    of the same calls.
    """

    __slots__ = ()

    retry: Given
    bound: Given  # the `@timeout` that limits it
    limit: int
    attempt: int
    timeout: Given | None  # what says how long an attempt may take
    rate: Given | None

    @property
    def at(self) -> ast.Annotation:
        """Where to tell it: at the annotation that fewer calls share."""
        return self.bound.node if self.bound.place < self.retry.place else self.retry.node

    @property
    def whose(self) -> str:
        """What has so little time, for messages."""
        if self.bound.place in (BLOCK, FLOW):
            return self.bound.where()
        return f"the {PLACES[self.bound.place]}'s `total`"

    @property
    def worst(self) -> int:
        """How long all attempts take at most, with their waits."""
        return worst_of(self.retry, self.attempt)

    @property
    def is_inverted(self) -> bool:
        """Whether one attempt is given more time than all of them, which is `timeout-inversion`."""
        given = self.timeout
        if given is None or self.attempt <= self.limit or not isinstance(given.values["each"], int):
            return False
        return given is self.bound or given.place == STEP

    @property
    def starts(self) -> list[int]:
        """When each attempt begins at the earliest: the waits are as short as may be, and attempts take no time."""
        calls, per = (0, 0) if self.rate is None else (self.rate.values["calls"], self.rate.values["per"])
        found = [0]
        for low, _ in waits(self.retry):
            turn = found[-calls] + per if 0 < calls <= len(found) else 0
            found.append(max(found[-1] + low, turn))
        return found

    @property
    def never(self) -> int | None:
        """The first attempt that the limit never lets begin."""
        return next((number for number, start in enumerate(self.starts, 1) if start >= self.limit and number > 1), None)

    def related(self, look: Look) -> tuple[Related, ...]:
        """The other annotation, if it is of this file."""
        other = self.retry if self.at is self.bound.node else self.bound
        if other.file != look.file.path or other.node is self.at:
            return ()
        return (look.related("the retry is here" if other is self.retry else "the limit is here", other.node),)


def budgets(look: Look) -> list[Budget]:
    """Every retry of the file with the tightest limit of each place, found once."""
    memo = sites(look).memo
    found = memo.get("budgets")
    if not isinstance(found, list):
        found = memo["budgets"] = list(_budgets(look))
    return found


def _budgets(look: Look) -> Iterator[Budget]:
    seen: set[tuple[int, int]] = set()
    for found in (*_services(look), *_calls(look)):
        pair = (id(found.retry.node), id(found.bound.node))
        told = found.bound if found.at is found.bound.node else found.retry
        if (
            pair not in seen
            and told.file == look.file.path
            and is_sound(look, found.retry)
            and is_sound(look, found.bound)
            and is_sound(look, found.rate)
        ):
            seen.add(pair)
            yield found


def _services(look: Look) -> Iterator[Budget]:
    for group in sites(look).groups:
        if group[0].place != SERVICE:
            continue
        given = {each.name: each for each in group}
        retry, timeout = given.get("retry"), given.get("timeout")
        if retry is not None and timeout is not None and attempts(retry) > 1:
            total, each = timeout.values["total"], timeout.values["each"]
            if isinstance(total, int):
                attempt = each if isinstance(each, int) else ATTEMPT_TIMEOUT
                yield Budget(retry, timeout, total, attempt, timeout, given.get("rate_limit"))


def _calls(look: Look) -> Iterator[Budget]:
    for site in sites(look).calls:
        retry, attempt = site.retry, site.attempt()
        if retry is None or attempt is None or look.is_broken(site.step):
            continue
        tightest, bound = min(_limits(site), key=_length, default=(0, None))
        if bound is not None and not retry.place == bound.place == SERVICE:  # of a service it is said once
            given = site.policies
            yield Budget(retry, bound, tightest, attempt, given.get("timeout"), given.get("rate_limit"))


def _length(limit: tuple[int, Given]) -> int:
    return limit[0]


def _limits(site: Site) -> Iterator[tuple[int, Given]]:
    timeout = site.policies.get("timeout")
    total = None if timeout is None else timeout.values["total"]
    if timeout is not None and isinstance(total, int):
        yield total, timeout
    yield from site.deadlines()
