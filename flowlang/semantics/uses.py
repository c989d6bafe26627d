"""Which names a piece of syntax refers to, without knowing what they mean.

Names that the piece itself binds (loop variables, handlers' errors, steps of its blocks) are left out, so what
remains refers to the scope it stands in or an enclosing one. One visit per node: blocks hand their names up.
"""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final

    Outside = Iterable[object]

_LEAVES: Final = frozenset(
    {ast.Ident, ast.After, type(None), ast.Literal, ast.Text, ast.Duration, ast.TemplateText, ast.BrokenExpr}
    | {ast.Broken, ast.Import, ast.Native, ast.PythonBody, ast.TypeName, ast.LiteralType, ast.OptionalType}
    | {ast.UnionType, ast.RecordType, ast.TestDecl}
)
_PLAIN: Final = ("str", "int", "bool", "OneOf", "Ident", "tuple[Ident", "TypeExpr", "tuple[TypeExpr", "tuple[Import")


def name_nodes(root: ast.Node, name: str) -> list[ast.Node]:
    """Where a name is referred to, in source order; for messages only."""
    found: list[ast.Node] = []
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Name, ast.After)):
            if isinstance(node, ast.Name):
                if node.name == name:
                    found.append(node)
            else:
                found.extend(ident for ident in node.names if ident.name == name)
        elif isinstance(node, tuple):
            stack.extend(node)
    return sorted(found, key=lambda node: node.start)


def is_callee(root: ast.Node, name: ast.Node) -> bool:
    """Whether a name is what a call calls."""
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Call) and node.callee is name:
            return True
        if isinstance(node, tuple):
            stack.extend(node)
    return False


class Uses:
    """Answers for one tree; what was asked of a block is remembered for its statements. Filters and tests are among
    the names as `|f`.
    """

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[int, set[str]] = {}

    def learn(self, names: dict[int, set[str]]) -> None:
        """What some nodes refer to is known."""
        self._of.update(names)

    def names(self, node: ast.Node) -> set[str]:
        """The names that a node refers to and does not bind itself."""
        found = self._of.get(id(node))
        if found is None:
            found = self._of[id(node)] = set()
            self._visit([node], found)
        return found

    def _visit(self, pending: list[Any], found: set[str]) -> None:
        """Add what some nodes, alone or in tuples, refer to; the list is taken over."""
        for node in pending:  # grows while it is read
            kind = type(node)
            try:
                parts = _PARTS[kind]
            except KeyError:
                parts = _PARTS[kind] = _parts_of(kind)
            if parts is not None:
                for at in parts:
                    pending.append(node[at])  # noqa: PERF401
            elif kind is ast.Name:
                found.add(node.name)
            elif kind is tuple:
                pending += node
            else:
                pending += _SPECIAL[kind](self, node, found)

    def _without(self, bound: Iterable[str], parts: Iterable[object], found: set[str]) -> None:
        inner: set[str] = set()
        self._visit([*parts], inner)
        inner.difference_update(bound)
        found |= inner

    # Each of these adds what a node refers to within what binds names, and gives the parts outside of it.

    def _filter(self, node: ast.Filter | ast.Test, found: set[str]) -> Outside:
        found.add("|" + node.name.name)
        return node.value, node.arguments

    def _body(self, body: ast.Body, found: set[str]) -> Outside:
        inner: set[str] = set()
        for statement in body.statements:
            inner |= self.names(statement)
        inner.difference_update([each.name.name for each in body.statements if isinstance(each, _BINDING)])
        found |= inner
        return ()

    def _for(self, node: ast.For, found: set[str]) -> Outside:
        self._without([name.name for name in node.names], (node.body,), found)
        return (node.iterable,)

    def _repeat(self, node: ast.Repeat, found: set[str]) -> Outside:
        self._without((node.name.name,), (node.body,), found)
        return (node.initial,)

    def _comprehension(self, node: ast.Comprehension, found: set[str]) -> Outside:
        self._without([name.name for name in node.names], (node.element, node.condition), found)
        return (node.iterable,)

    def _catch(self, node: ast.Catch, found: set[str]) -> Outside:
        if node.binding is None:
            return node.condition, node.body
        self._without((node.binding.name,), (node.condition, node.body), found)
        return ()

    def _annotation(self, node: ast.Annotation, found: set[str]) -> Outside:
        """`@meter` sees its call's `result`, which is no reference to a step of that name."""
        if node.name.name != "meter":
            return node.arguments
        self._without(("result",), node.arguments, found)
        return ()

    def _step(self, node: ast.Step, found: set[str]) -> Outside:
        """A step sees its own value in `until`, `ensure` and `undo`."""
        seeing = [each for each in node.clauses if isinstance(each, _SEEING)]
        if not seeing:
            return node.annotations, node.value, node.clauses
        self._without((node.name.name,), seeing, found)
        return node.annotations, node.value, *[each for each in node.clauses if not isinstance(each, _SEEING)]

    def _flow(self, node: ast.FlowDecl, found: set[str]) -> Outside:
        self._without([each.name.name for each in node.params], (node.annotations, node.body, node.catches), found)
        for trigger in node.triggers:
            self._without((trigger.name.name,), (trigger,), found)
        return [each.default for each in node.params]

    def _function(self, node: ast.FunctionDecl, found: set[str]) -> Outside:
        self._without([each.name.name for each in node.params], (node.body,), found)
        return [each.default for each in node.params]


_BINDING: Final = (ast.Step, ast.Let)
_SEEING: Final = (ast.Until, ast.Ensure, ast.Undo)
_SPECIAL: Final[dict[type, Callable[..., Outside]]] = {
    ast.Filter: Uses._filter,
    ast.Test: Uses._filter,
    ast.Body: Uses._body,
    ast.For: Uses._for,
    ast.Repeat: Uses._repeat,
    ast.Comprehension: Uses._comprehension,
    ast.Catch: Uses._catch,
    ast.Annotation: Uses._annotation,
    ast.Step: Uses._step,
    ast.FlowDecl: Uses._flow,
    ast.BrokenFlow: Uses._flow,
    ast.FunctionDecl: Uses._function,
}
_PARTS: Final[dict[type, tuple[int, ...] | None]] = dict.fromkeys((tuple, ast.Name, *_SPECIAL))
"""Per class that was met, where the fields stand that may hold names of values; null if these are not all there is to
do. No class of its own that fills itself: asking one takes four times as long.
"""


def _parts_of(kind: type) -> tuple[int, ...]:
    if not issubclass(kind, ast.Node) or kind in _LEAVES:
        return ()
    words = {name: word for each in kind.__mro__ for name, word in vars(each).get("__annotations__", {}).items()}
    return tuple(i for i, field in enumerate(kind._fields) if i > 1 and not words[field].startswith(_PLAIN))
