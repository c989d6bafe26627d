"""How deep a plan may nest: deeper than Python lets JSON be by itself, bounded by the parser and by this number."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Final

LIMIT: Final = 4000  # frames of the JSON encoder are small: 4,000 of them take 1 MB of stack


class Deep:
    """A context in which recursion may go to `LIMIT`; the limit of before comes back."""

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self.before, LIMIT))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        sys.setrecursionlimit(self.before)
