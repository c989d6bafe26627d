"""What may go wrong in a run, as values: one class whose `kind` is the word a `catch` names.

A `RunError` is an expected failure: it is journaled, shown to handlers as `err` and ends the run if nobody catches
it. A bug is any other exception. Messages are one sentence and never hold a secret (the interpreter masks what the
configuration calls secret).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

KINDS: Final = (
    "network",
    "timeout",
    "http",
    "validation",
    "fault",
    "breaker_open",
    "rate_limited",
    "cancelled",
    "failed",
)


class RunError(Exception):
    """A failure of a step, a scope or a run.

    `unknown_outcome`: the effect may have happened (timeout, cut connection). `retry_after`: seconds that the other
    side asked to wait. `step` is the path of the step it arose in, `attempt` the number of the attempt; both are
    filled in by the interpreter. `final`: no handler may answer it. `details` holds what else is known, JSON.
    """

    __slots__ = (
        "kind", "message", "code", "status", "response", "unknown_outcome", "retry_after",
        "step", "attempt", "place", "others", "final", "details",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        response: object = None,
        unknown_outcome: bool = False,
        retry_after: float | None = None,
        final: bool = False,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.code = code
        self.status = status
        self.response = response
        self.unknown_outcome = unknown_outcome
        self.retry_after = retry_after
        self.step: str | None = None
        self.attempt = 0
        self.place: str | None = None
        self.others: list[RunError] = []
        self.final = final
        self.details = dict(details) if details else {}

    def add_others(self, others: Iterable[RunError]) -> None:
        """Let other failures stand beside this one: each once, and never this one among what stands beside them."""
        known = self._tree()
        for other in others:
            if id(other) in known:
                continue
            tree = other._tree()
            if id(self) in tree:
                for each in tree.values():
                    each.others = [inner for inner in each.others if inner is not self]
            self.others.append(other)
            known.update(tree)

    def _tree(self) -> dict[int, RunError]:
        """The error, what stands beside it, and beside that, by identity."""
        found = {id(self): self}
        waiting = [self]
        for each in waiting:  # grows while it is read
            new = [inner for inner in each.others if id(inner) not in found]
            found.update((id(inner), inner) for inner in new)
            waiting.extend(new)
        return found

    def to_value(self) -> dict[str, object]:
        """The `err` that a handler sees."""
        value: dict[str, object] = {
            "kind": self.kind,
            "message": self.message,
            "step": self.step,
            "attempt": self.attempt,
        }
        value["code"] = self.code
        if self.kind == "http":
            value["status"] = self.status
            value["response"] = self.response
        value["others"] = [other.to_value() for other in self.others]
        return value

    def to_json(self) -> dict[str, Any]:
        """What is journaled and reported: everything but what is at its default."""
        data: dict[str, Any] = {"kind": self.kind, "message": self.message}
        for name in ("code", "status", "response", "retry_after", "step", "attempt", "place"):
            value = getattr(self, name)
            if value:
                data[name] = value
        if self.unknown_outcome:
            data["unknown_outcome"] = True
        if self.final:
            data["final"] = True
        if self.details:
            data["details"] = self.details
        if self.others:
            data["others"] = [other.to_json() for other in self.others]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunError:
        """Read back what `to_json` or `to_value` gave."""
        error = cls(
            data["kind"],
            data["message"],
            code=data.get("code"),
            status=data.get("status"),
            response=data.get("response"),
            unknown_outcome=data.get("unknown_outcome", False),
            retry_after=data.get("retry_after"),
            final=data.get("final", False),
            details=data.get("details"),
        )
        error.step = data.get("step")
        error.attempt = data.get("attempt", 0)
        error.place = data.get("place")
        error.others = [cls.from_json(other) for other in data.get("others", ())]
        return error


def network(message: str, unknown_outcome: bool) -> RunError:
    """No response came: refused, reset, unresolved."""
    return RunError("network", message, unknown_outcome=unknown_outcome)


def timeout(message: str, unknown_outcome: bool = True) -> RunError:
    """Time ran out; an effect cut short may have happened."""
    return RunError("timeout", message, unknown_outcome=unknown_outcome)


def http(message: str, status: int, response: object, retry_after: float | None = None) -> RunError:
    """A status outside 2xx that `accept` does not allow; `response` is the result as the action would have given it."""
    return RunError("http", message, status=status, response=response, retry_after=retry_after)


def validation(message: str, details: Mapping[str, object] | None = None) -> RunError:
    """A value that is not of its declared type, or an `ensure` that does not hold."""
    return RunError("validation", message, details=details)


def fault(message: str, code: str | None = None) -> RunError:
    """An evaluation that has no value: a missing key, a division by zero, a limit exceeded."""
    return RunError("fault", message, code=code)


def breaker_open(message: str) -> RunError:
    """A breaker refused the call."""
    return RunError("breaker_open", message)


def rate_limited(message: str, retry_after: float | None = None) -> RunError:
    """A rate limit refused the call."""
    return RunError("rate_limited", message, retry_after=retry_after)


def failed(message: str, code: str | None = None, unknown_outcome: bool = False) -> RunError:
    """`fail(…)`, or an exception of a Python action."""
    return RunError("failed", message, code=code, unknown_outcome=unknown_outcome)


def cancelled(message: str = "the run was cancelled") -> RunError:
    """Stopped from outside, or because another step failed."""
    return RunError("cancelled", message)


def words_of(error: BaseException) -> str:
    """What a foreign exception says, as text that has bytes; empty if it says nothing or fails to."""
    try:
        return str(error).encode(errors="backslashreplace").decode().strip()
    except Exception:
        return ""


def cut_off(reason: RunError) -> RunError:
    """Stopped for a reason that others may share, while an effect was under way."""
    return RunError(reason.kind, reason.message, unknown_outcome=True)


class ReplayDisagrees(Exception):
    """A resumed run computed another `when`, branch, list of items or winner than the journal holds: nothing more may
    be started.
    """
