"""How a value that does not fit is reported: one finding, the type in the author's words, where it is wanted and where
it comes from.
"""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.absence import is_doubtful, report_absent
from flowlang.semantics.infer.meant import inner_value, joined, meant
from flowlang.semantics.infer.origins import none_from, where_from
from flowlang.semantics.operators import kind_of
from flowlang.semantics.presence import TRUE
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import assignable, is_optional, reveal
from flowlang.types.join import members
from flowlang.types.model import LiteralOf, Secret, Union, Url
from flowlang.types.narrow import without_none
from flowlang.types.show import show, show_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.infer.engine import Inference, Wanted
    from flowlang.types.assign import Assignability
    from flowlang.types.model import Type


def report_mismatch(
    c: Inference, node: ast.Expr | ast.Block, found: Type, target: Type, wanted: Wanted, answer: Assignability
) -> None:
    """Report that a value of one type stands where another is wanted."""
    if isinstance(found, Union) and c.premises.is_doubtful():
        return
    written = c.text(node)
    shown, goal = show_pair(found, target)
    related = (*wanted.related, *where_from(c, node))
    if answer.kind == "secret":
        where = f" (in `{answer.path.removeprefix('.')}`)" if answer.path else ""
        from flowlang.semantics.elsewhere import REQUESTS

        help = f"write {REQUESTS['token']}" if wanted.what.startswith("argument `auth` of ") else ""
        c.report("secret-leak", f"a secret may not go into {wanted.what}{where}", node, help, related)
    elif answer.kind == "none" and not answer.path:
        _report_none(c, node, found, target, wanted)
    elif answer.kind == "missing":
        help, fixes = inner_value(c, node, found) or ("", ())
        c.reporter.report("missing-field", f"{wanted.what}: {answer.sentence}", node, help, related, fixes)
    elif answer.kind == "extra":
        c.report("extra-field", f"{wanted.what}: {answer.sentence}", node, "", related)
    elif answer.path or answer.reason.startswith(f"{shown}: ") or _is_sentence(answer.reason):
        help, fixes = meant(c, node, found, target) or ("", ())
        message = f"{wanted.what} takes {goal}: {answer.sentence}"
        c.reporter.report("type-mismatch", message, node, help, related, fixes)
    else:
        what = (
            f"`{written}` is {shown}" if isinstance(node, (ast.Name, ast.Attribute, ast.Index)) else f"this is {shown}"
        )
        help, fixes = (
            _unquoted(c, node, target)
            or _declared(c, node, found, target)
            or meant(c, node, found, target)
            or (joined(c, node) if goal in ("url", "url?") else None)
            or (_hint(c, found, target) or _of_policy(found, target, wanted), ())
        )
        c.reporter.report("type-mismatch", f"{wanted.what} takes {goal}, but {what}", node, help, related, fixes)


def _is_sentence(reason: str) -> bool:
    return reason.startswith("'") and " is not " not in reason


def _unquoted(c: Inference, node: ast.Node, target: Type) -> tuple[str, tuple[Fix, ...]] | None:
    """Help for a template that is nothing but one hole, where what is in the hole would fit."""
    if not isinstance(node, ast.Template) or len(node.parts) != 1:
        return None
    hole = node.parts[0]
    inner = c.types.get(id(hole))
    if inner is None or not assignable(inner, target).ok:
        return None
    text = c.file.source.text[hole.start : hole.end]
    fix = Fix("leave the quotes out", (Edit(Span(c.file.path, node.start, node.end), text),))
    return f"a template is always text; leave the quotes out: `{text}`", (fix,)


def _declared(c: Inference, node: ast.Node, found: Type, target: Type) -> tuple[str, tuple[Fix, ...]] | None:
    """A value of the configuration that is declared as a text or as a secret one, where a secret url is wanted."""
    goal = without_none(target)
    is_wanted = isinstance(goal, Secret) and isinstance(goal.inner, Url)
    if not is_wanted or not isinstance(node, ast.Attribute) or c.text(node.value) != "config":
        return None
    ours = show(goal)
    blocks = [each for each in c.file.tree.items if isinstance(each, ast.Config)]
    fields = [each for block in blocks for each in block.fields if each.name.name == node.name.name]
    if kind_of(reveal(found)) != "text" or len(fields) != 1:
        return None
    of = fields[0].type
    fix = Fix(f"declare it as `{ours}`", (Edit(Span(c.file.path, of.start, of.end), ours),), safe=False)
    return f"declare it in `config` as `{node.name.name}: {ours}`", (fix,)


def _report_none(c: Inference, node: ast.Expr | ast.Block, found: Type, target: Type, wanted: Wanted) -> None:
    _, goal = show_pair(found, target)
    binding = c.scope.find(node.name) if isinstance(node, ast.Name) else None
    if is_doubtful(c, binding):
        return
    if (
        binding is not None
        and binding.presence is not TRUE
        and binding.type is not None
        and not is_optional(binding.type)
    ):
        assert isinstance(node, ast.Name)
        report_absent(c, node, node.name, f"{wanted.what} takes {goal}")
        return
    written = c.text(node)
    what = f"`{written}`" if isinstance(node, (ast.Name, ast.Attribute, ast.Index)) else "this"
    also, related = none_from(c, node)
    verb = "is" if show(found) == "none" else "may be"
    help = f"{also}test it (`is not none`) or give a default (`| default(…)`)"
    if verb == "is":
        help = "what may be none has a `?` behind its type"
        if wanted.what.startswith("argument `") and not wanted.related:  # the library says its type
            from flowlang.semantics.infer.allowed import allowed

            help = f"write {allowed(target)}"
    c.report(
        "maybe-none",
        f"{wanted.what} takes {goal}, but {what} {verb} none",
        node,
        help,
        (*wanted.related, *related),
    )


def _of_policy(found: Type, target: Type, wanted: Wanted) -> str:
    """What an annotation takes in place of a literal that it does not."""
    if not isinstance(found, LiteralOf) or " of `@" not in wanted.what:
        return ""
    from flowlang.semantics.infer.allowed import allowed

    return f"write {allowed(target)}"


def _hint(c: Inference, found: Type, target: Type) -> str:
    if isinstance(found, LiteralOf) and isinstance(found.value, str):
        known = [m.value for m in members(target) if isinstance(m, LiteralOf) and isinstance(m.value, str)]
        if known:
            return c.reporter.near(found.value, known)
    shown, goal = show(found), show(target)
    if goal in ("duration", "duration?") and isinstance(found, LiteralOf) and found.kind in ("int", "float"):
        return f"a duration has a unit: `{shown}s`, `{shown}m`, `{shown}h`"
    if goal in ("url", "url?") and shown == "string":
        return "a url comes from a literal, a template or the configuration; `url(x)` takes it from data"
    if shown == "string" and goal in ("int", "float", "bool", "datetime", "date", "duration"):
        return f"convert it: `| {goal}`" if goal in ("int", "float", "bool") else f"convert it: `{goal}(…)`"
    if goal in ("string", "string?") and shown in ("int", "float", "bool", "datetime", "date", "duration"):
        return "convert it: `| string`, or write it in a template"
    return ""
