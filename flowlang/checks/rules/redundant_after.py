"""`after` names a step that this one waits for anyway."""

from __future__ import annotations

from flowlang.checks.removal import removal
from flowlang.checks.sites import sites
from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
WORDS = ("after",)


def check(step: ast.Step | ast.Do, look: Look) -> Iterator[Diagnostic]:
    """Each name in `after` that stands there already, that is also referred to, or that another step waits for which
    this one waits for.
    """
    for clause in step.clauses:
        if not isinstance(clause, ast.After):
            continue
        named: set[int] = set()
        referred = {id(node) for node in look.facts.references.get(id(step), ())}
        between = _between(step, look)
        for position, name in enumerate(clause.names):
            symbol = look.facts.symbols.get(id(name))
            if symbol is None or symbol.node is None:
                continue
            through = between.get(id(symbol.node))
            is_twice, is_own = id(symbol.node) in named, id(symbol.node) in referred
            named.add(id(symbol.node))
            if is_twice or is_own or through is not None:
                if is_twice:
                    why = "it stands here twice"
                elif is_own or through is None:
                    why = "it refers to it"
                else:
                    why = f"`{look.facts.keys.get(id(through), 'a step')}` waits for it"
                message, fixes = f"this waits for `{name.name}` anyway: {why}", _fixes(clause, position, look)
                yield look.found(message, name, "leave it out", fixes=fixes)


def _between(step: ast.Node, look: Look) -> dict[int, ast.Node]:
    """For each step that one waits for by way of others, the first of those; what waits for itself is an error."""
    wanted = look.facts.needs.get(id(step), ())
    if len(wanted) < 2:
        return {}
    known = _Known.of(look)
    found: dict[int, ast.Node] = {}
    passed = 0
    for between in wanted:
        reached = known.behind(between)
        if reached & known.bit(step):
            continue
        new, passed = reached & ~passed, passed | reached
        while new:
            lowest = new & -new
            found[known.nodes[lowest.bit_length() - 1]] = between
            new ^= lowest
    return found


class _Known:
    """What each step waits for, also by way of others, as bits of an int; found once per file."""

    def __init__(self, needs: dict[int, tuple[ast.Node, ...]]) -> None:
        self.nodes: list[int] = []
        self._needs = needs
        self._bits: dict[int, int] = {}
        self._behind: dict[int, int] = {}

    @classmethod
    def of(cls, look: Look) -> _Known:
        memo = sites(look).memo
        found = memo.get("what steps wait for")
        if not isinstance(found, cls) or found._needs is not look.facts.needs:
            found = memo["what steps wait for"] = cls(look.facts.needs)
        return found

    def behind(self, step: ast.Node) -> int:
        """The steps that one waits for; of a circle of them, which is an error, some."""
        found = self._behind
        pending = [] if id(step) in found else [step]
        begun: set[int] = set()
        while pending:
            node, reached = pending[-1], 0
            size = len(pending)
            for each in self._needs.get(id(node), ()):
                if id(each) in found or id(each) in begun:
                    reached |= self.bit(each) | found.get(id(each), 0)
                elif id(each) in self._needs:
                    pending.append(each)
                else:
                    reached |= self.bit(each)
            begun.add(id(node))
            if len(pending) == size:
                found[id(node)] = reached
                pending.pop()
        return found[id(step)]

    def bit(self, node: ast.Node) -> int:
        found = self._bits.get(id(node))
        if found is None:
            found = self._bits[id(node)] = 1 << len(self.nodes)
            self.nodes.append(id(node))
        return found


def _fixes(clause: ast.After, position: int, look: Look) -> tuple[Fix, ...]:
    """Take the name out, and the clause with its last name."""
    if len(clause.names) == 1:
        return removal(look, clause, "leave it out")
    if position:
        span = Span(look.file.path, clause.names[position - 1].end, clause.names[position].end)
    else:
        span = Span(look.file.path, clause.names[0].start, clause.names[1].start)
    return (Fix("leave it out", (Edit(span, ""),)),)
