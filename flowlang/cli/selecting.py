"""`--select` and `--ignore`: rules by name, with commas or repeated."""

from __future__ import annotations

from flowlang.cli.failure import UsageError
from flowlang.compiler.settings import Overrides, chosen, problem_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def overrides(select: Iterable[str], ignore: Iterable[str], strict: bool) -> Overrides:
    """What the command line says over the settings of files. Raises `UsageError`."""
    selected, ignored = _rules("--select", select, True), _rules("--ignore", ignore, False)
    return Overrides(chosen(selected) if selected else None, chosen(ignored), strict)


def _rules(flag: str, words: Iterable[str], may_be_all: bool) -> list[str]:
    names = [name for word in words for name in (part.strip() for part in word.split(",")) if name]
    for name in names:
        problem = problem_with(name, may_be_all)
        if problem is not None:
            raise UsageError(f"{flag} {name}: {problem}")
    return names
