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
        for field in item.fields if isinstance(item, ast.Config) else ():
            name = field.name.name
            if (look.file.path, name) not in look.facts.read and is_unused(look, field, name):
                if look.is_broken(field) or is_in_hole(look, f"config.{name}", field):
                    continue
                fixes = () if look.is_broken(item) else removal(look, field, "remove it", safe=False)
                yield look.found(f"nothing reads `config.{name}`", field.name, "remove it", fixes=fixes)
