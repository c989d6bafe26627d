"""A configuration value that nothing reads."""

from __future__ import annotations

from flowlang.checks.removal import removal
from flowlang.checks.uses import is_in_hole, is_unused
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "file"
WORDS = ("config",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each value that no expression of the file reads; another file that reads it declares it too."""
    for item in file.items:
        if not isinstance(item, ast.Config) or not look.file.source.text.startswith("config", item.start):
            continue  # a misspelt one does not call for the rule
        unused = [field for field in item.fields if _is_unused(field, look)]
        # A `config` without a value goes as a whole: so does one of which nothing would be left.
        whole = removal(look, item, "remove `config`", safe=False) if len(unused) == len(item.fields) else ()
        for field in unused:
            fixes = () if look.is_broken(item) else whole or removal(look, field, "remove it", safe=False)
            yield look.found(f"nothing reads `config.{field.name.name}`", field.name, "remove it", fixes=fixes)


def _is_unused(field: ast.Field, look: Look) -> bool:
    name = field.name.name
    if (look.file.path, name) in look.facts.read or not is_unused(look, field, name):
        return False
    return not look.is_broken(field) and not is_in_hole(look, f"config.{name}", field)
