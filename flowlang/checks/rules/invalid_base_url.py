"""A `base_url` that paths cannot be put behind."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("base_url + ?", "base_url + #")


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each literal base URL with a query or a fragment."""
    for item in file.items:
        if not isinstance(item, ast.ServiceDecl):
            continue
        for setting in item.settings:
            value = setting.value
            if setting.name.name != "base_url" or look.is_broken(setting):
                continue
            parts = value.parts if isinstance(value, ast.Template) else (value,)
            text = "".join(part.value for part in parts if isinstance(part, (ast.Text, ast.TemplateText)))
            for mark, what in (("?", "query"), ("#", "fragment")):
                if mark in text:
                    yield look.found(
                        f"this base URL has a {what}, and the path of each call would come behind it",
                        value,
                        "give the query as `params = { … }` of the service"
                        if mark == "?"
                        else "leave the fragment out",
                    )
                    break
