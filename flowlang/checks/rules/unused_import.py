"""An import that nothing in the file refers to."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each import whose name is spelled nowhere else; the text is asked, so that a broken line counts as a use."""
    imports = [item for item in file.items if isinstance(item, ast.Import)]
    text = look.file.source.text
    for item in imports:
        for name, symbol in look.file.names.items():
            if symbol.node is item and symbol.kind in ("module", "file") and not _is_used(text, name, item):
                yield look.found(f"nothing uses the import `{name}`", item, "remove it")


def _is_used(text: str, name: str, item: ast.Import) -> bool:
    """Whether `name.` stands somewhere outside the import itself."""
    at = text.find(f"{name}.")
    while at >= 0:
        inside = item.start <= at < item.end
        before = text[at - 1] if at else " "
        if not inside and not (before.isalnum() or before in "_."):
            return True
        at = text.find(f"{name}.", at + 1)
    return False
