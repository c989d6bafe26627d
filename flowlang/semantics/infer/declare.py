"""Names declared in a scope: twice in one is a mistake, and so is hiding an outer one."""

from __future__ import annotations

from flowlang.record import new
from flowlang.semantics.facts import Symbol
from flowlang.semantics.scopes import Binding
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.infer.engine import Inference
    from flowlang.semantics.scopes import Scope
    from flowlang.types.model import Type


def declare(c: Inference, scope: Scope, name: ast.Ident, kind: str, node: ast.Node, type: Type | None) -> Binding:
    """Declare a name in a scope; a mistaken one is declared all the same, unless the scope has it."""
    spelled = name.name
    symbol = new(Symbol, (spelled, kind, node, c.file.path, spelled))
    binding = Binding(symbol, type)
    c.facts.symbols[id(node)] = c.facts.symbols[id(name)] = symbol
    if name is node and type is not None:
        c.types[id(name)] = type
    old = scope.names.get(spelled)
    if old is not None and not spelled:
        return binding  # two steps without a name, which was told
    if old is not None:
        help = "a value never changes; give the new one a name of its own"
        c.report(
            "duplicate-name", f"`{spelled}` is declared twice here", name, help, _place(c, old, "the first is here")
        )
        return binding
    outer = scope.parent.find(spelled) if scope.parent is not None and spelled else None
    if outer is not None and outer.symbol.kind != "broken":
        what = "the configuration" if spelled == "config" else f"the {_word(outer.symbol.kind)} of that name"
        related = _place(c, outer, f"the outer `{spelled}` is here")
        c.report("shadowed-name", f"`{spelled}` hides {what}", name, "give it another name", related)
    scope.names[spelled] = binding
    return binding


def _word(kind: str) -> str:
    return {
        "param": "parameter",
        "const": "constant",
        "loop": "loop variable",
        "file": "import",
        "module": "import",
    }.get(kind, kind)


def _place(c: Inference, binding: Binding, message: str):  # type: ignore[no-untyped-def]
    node = binding.symbol.node
    if node is None or binding.symbol.file != c.file.path:
        return ()
    name = getattr(node, "name", None)
    return (c.reporter.related(message, name if isinstance(name, ast.Node) else node),)
