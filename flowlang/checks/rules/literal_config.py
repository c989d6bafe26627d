"""A configuration value whose type is one literal: `retries: 3`, where a default was meant."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("config",)


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each value that must be given and can be nothing else."""
    for field in (each for item in file.items if isinstance(item, ast.Config) for each in item.fields):
        kind = field.type
        if not isinstance(kind, ast.LiteralType) or field.default is not None or look.is_broken(field):
            continue
        text = look.file.source.text
        written = text[kind.start : kind.end]
        name = "url" if str(kind.value).startswith(("http://", "https://")) else _NAMES[type(kind.value)]
        ours = f"{name} = {written}"
        message = f"`config.{field.name.name}` must be given, and can only be {written}"
        fix = Fix(f"write `{ours}`", (Edit(Span(look.file.path, kind.start, kind.end), ours),), safe=False)
        yield look.found(message, kind, f"a default follows the type: `{field.name.name}: {ours}`", fixes=(fix,))


_NAMES = {str: "string", bool: "bool", int: "int", float: "float"}
