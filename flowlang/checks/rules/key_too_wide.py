"""An idempotency key that several requests share: the receiver takes the later ones for repetitions."""

from __future__ import annotations

from flowlang.checks.annotated import is_sound
from flowlang.checks.reads import names_in, varies_with
from flowlang.checks.sites import sites
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.checks.sites import Site
    from flowlang.diagnostics import Diagnostic

SEVERITY = "error"
SCOPE = "file"
WORDS = ("@idempotent(",)
FIXED = frozenset(("const", "config", "function", "module"))


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each `key` that no name makes different, and each in a loop that nothing of the loop makes different."""
    seen: set[int] = set()
    for site in sites(look).calls:
        if site.effect not in ("read", "write"):
            continue
        given = site.policies.get("idempotent")
        key = None if given is None else given.written.get("key")
        if given is None or key is None or id(key) in seen or given.file != look.file.path or not is_sound(look, given):
            continue
        message = _problem(site, key, look)
        if message:
            seen.add(id(key))
            yield look.found(message, key, _WRONG_HOLE if _has_wrong_hole(key, look) else _HELP)


_HELP = (
    "put into the key what the request is about, or leave `key` out: one is derived from the run, the step and the item"
)
_WRONG_HOLE = 'nothing is filled in here: in double quotes write `{{ name }}`, such as `key="order-{{ id }}"`'


def _has_wrong_hole(key: ast.Expr, look: Look) -> bool:
    """Whether a text has a hole as other languages write it, or ours in single quotes."""
    written = look.file.source.text[key.start : key.end]
    return isinstance(key, ast.Text) and any(sign in written for sign in ("${", "#{", "{{"))


def _problem(site: Site, key: ast.Expr, look: Look) -> str:
    if isinstance(key, ast.Literal):
        return ""  # none: the derived key
    symbols = [look.facts.symbols.get(id(name)) for name in names_in(key)]
    if all(symbol is not None and symbol.kind in FIXED for symbol in symbols):
        return "this key is the same for every run: the receiver takes all but the first for repetitions"
    for level in site.levels:
        if isinstance(level.block, (ast.For, ast.Repeat)) and not varies_with(key, level.block, look):
            what = "item" if isinstance(level.block, ast.For) else "round"
            return f"this key is the same for every {what}: the receiver takes all but the first for repetitions"
    return ""
