"""The canonical spelling of a file: two spaces, a hundred columns, every comment kept.

What an author decides stays: empty lines (one at most), parentheses, quotes, a list exploded by its trailing comma, a
map or record by a line end behind its brace, clauses on lines of their own. Text between `# fmt: off` and `# fmt: on`
is left alone. Lines end as they did, CRLF or LF, which git and editors decide; LF where they ended at CR.
"""

from __future__ import annotations

import sys

from flowlang.formatter.fidelity import Unfaithful, check_fidelity
from flowlang.formatter.source_printer import SourcePrinter
from flowlang.source import Source
from flowlang.syntax.docs import render
from flowlang.syntax.parser import parse
from flowlang.syntax.printer import WIDTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Diagnostic

__all__ = ["Unfaithful", "format_source"]

RECURSION = 20_000
"""Python frames: the parser bounds how deep a tree is."""


def format_source(source: Source) -> str | tuple[Diagnostic, ...]:
    """Format a file, or give the errors for which it cannot be.

    Raises Unfaithful, a bug of ours, rather than change what a file means.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        parsed = parse(source)
        if parsed.diagnostics:
            return parsed.diagnostics
        printer = SourcePrinter(source.text, parsed.comments)
        formatted = render(printer.file(parsed.tree), WIDTH)
        check_fidelity(parsed, parse(Source(source.path, formatted)))
        return formatted.replace("\n", "\r\n") if "\r\n" in source.text else formatted
    finally:
        sys.setrecursionlimit(limit)
