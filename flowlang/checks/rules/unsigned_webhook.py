"""A webhook trigger that anybody may call."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic, Related

SEVERITY = "error"
SCOPE = "statement"
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
                *_remedy(look, trigger),
            )


def _remedy(look: Look, trigger: ast.Trigger) -> tuple[str, tuple[Related, ...], tuple[Fix, ...]]:
    """Declare a secret, or give the one that is declared."""
    blocks = [each for each in look.whole.tree.items if isinstance(each, ast.Config)]
    fields = [each for block in blocks for each in block.fields if each.name.name == "hook_secret"]
    if not fields:
        return "declare `hook_secret: secret` in `config` and say `secret=config.hook_secret`", (), ()
    related = (look.related("it is declared here", fields[0]),)
    if not trigger.arguments or any(each.name is not None and each.name.name == "secret" for each in trigger.arguments):
        return "say `secret=config.hook_secret`", related, ()
    end = trigger.arguments[-1].end
    edit = Edit(Span(look.file.path, end, end), ", secret=config.hook_secret")
    return "say `secret=config.hook_secret`", related, (Fix("check the signature", (edit,), safe=False),)
