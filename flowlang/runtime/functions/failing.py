"""`fail`: the error that a flow raises itself, or passes on."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from flowlang.runtime.errors import KINDS, RunError, failed
from flowlang.runtime.functions.naming import Function
from flowlang.runtime.show import show as to_text


def fail(problem: Any, code: str | None = None) -> NoReturn:
    """Raise `failed` with a message, or again an error that a handler caught."""
    if isinstance(problem, dict) and problem.get("kind") in KINDS and isinstance(problem.get("message"), str):
        error = RunError.from_json(problem)
        if code is not None:
            error.code = code
        raise error
    raise failed("no message" if problem is None else to_text(problem), code=code)


FUNCTIONS: Final[dict[str, Function]] = {"fail": fail}
