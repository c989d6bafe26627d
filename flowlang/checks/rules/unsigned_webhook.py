"""A webhook trigger that anybody may call."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
WORDS = ("webhook(",)


def check(flow: ast.FlowDecl, look: Look) -> Iterator[Diagnostic]:
    """Each `on webhook` without a `secret`."""
    for trigger in flow.triggers:
        fact = look.facts.annotations.get(id(trigger))
        if fact is None or fact.signature.name != "webhook" or look.is_broken(trigger):
            continue
        secret = next((value for param, value in fact.arguments if param.name == "secret"), None)
        if secret is None or (isinstance(secret, ast.Literal) and secret.value is None):
            yield look.found(
                "anybody who knows the path can start this flow: no signature is checked",
                trigger.name,
                "declare `hook_secret: secret` in `config` and say `secret=config.hook_secret`",
            )
