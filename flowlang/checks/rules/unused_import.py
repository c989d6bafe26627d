"""An import that nothing in the file refers to."""

from __future__ import annotations

from flowlang.checks.removal import removal
from flowlang.checks.uses import is_unused
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "file"
WORDS = ("import",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each import that no expression and no type names; what a mistake hides may be its use."""
    for name, symbol in look.file.names.items():
        item = symbol.node
        if symbol.kind not in ("module", "file") or not isinstance(item, ast.Import):
            continue
        if is_unused(look, item, name, "."):
            fixes = removal(look, item, "remove it")
            yield look.found(f"nothing uses the import `{name}`", item, "remove it", fixes=fixes)
