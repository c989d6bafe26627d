"""Regular expressions that stand ready: compiled once per Python, then made without `re`.

`re` and what it imports cost 5 ms, compiling the lexer's patterns 2 ms more; `flowlang check` would pay both in every
process. What is stored in the user's cache is the engine's own code for a pattern, under the mark of the engine; the
engine verifies code before it takes it. Each pattern's code stays bytes until the pattern is made, for most are of
mistakes that are seldom made. A cache that is absent, corrupt or refused costs time only.
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import sys

from flowlang import bundled

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable
    from typing import Any, Final

VERBOSE: Final = 64
DOTALL: Final = 16
"""Flags, as `re` numbers them."""
_KEY: Final = f"{_sre.MAGIC}-{_sre.CODESIZE}-{sys.hexversion:x}"
_FILE: Final = f"patterns-{_KEY}.json"
_stored: dict[str, list[Any]] | None = None


def compile(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern of ours; `re.compile` with the engine's code kept."""
    global _stored
    if _stored is None:
        cached = bundled.read_cache(_FILE)
        _stored = (
            None if cached is None else bundled.unpack(cached, _KEY, lambda stored: _with(_packed, stored))
        ) or {}
    made = _stored.get(f"{flags} {pattern}")
    if made is not None:
        all_flags, code, groups, names = made
        return _sre.compile(pattern, all_flags, _unpacked(code), groups, {}, tuple(names))  # type: ignore[no-any-return]
    return _compiled(pattern, flags, _stored)


def _packed(code: Iterable[int]) -> bytes:
    return b"".join([each.to_bytes(_sre.CODESIZE, sys.byteorder) for each in code])


def _unpacked(code: bytes) -> list[int]:
    return memoryview(code).cast("I").tolist()


def _with(change: Callable[[Any], Any], stored: dict[str, Any]) -> dict[str, Any]:
    """Stored patterns with their codes changed."""
    return {key: [flags, change(code), *rest] for key, (flags, code, *rest) in stored.items()}


def _compiled(pattern: str, flags: int, stored: dict[str, list[Any]]) -> re.Pattern[str]:
    """Compile a pattern that is not stored, and store it; those with named groups are not for us."""
    import re

    found = re.compile(pattern, flags)
    compiler = getattr(re, "_compiler", None)
    if compiler is not None and not found.groupindex:
        tree = compiler._parser.parse(pattern, flags)
        code = _packed(compiler._code(tree, flags))
        stored[f"{flags} {pattern}"] = [found.flags, code, found.groups, [None] * (found.groups + 1)]
        bundled.write_cache(_FILE, bundled.pack(_with(_unpacked, stored), _KEY))
    return found
