"""Why a checked program gave no plan: a choice the caller has to make, or a limit of plans."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.source import Span


class LoweringError(Exception):
    """No plan: no such flow, several without a name, or something a plan cannot hold.

    `span` is its place, if it has one.
    """

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.span = span
