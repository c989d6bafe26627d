"""Which names a piece of syntax refers to, without knowing what they mean.

Names that the piece itself binds (loop variables, handlers' errors, steps of its blocks) are left out, so what
remains refers to the scope it stands in or an enclosing one. One visit per node: blocks hand their names up.
"""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

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
            self._visit(node, found)
        return found

    def _visit(self, root: object, found: set[str]) -> None:
        """Add what a node refers to, or several in a tuple."""
        pending: list[Any] = [root]
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
                _SPECIAL[kind](self, node, found)

    def _without(self, bound: list[str], parts: tuple[object, ...], found: set[str]) -> None:
        inner: set[str] = set()
        for part in parts:
            if part is not None:
                self._visit(part, inner)
        inner.difference_update(bound)
        found |= inner

    def _filter(self, node: ast.Filter | ast.Test, found: set[str]) -> None:
        found.add("|" + node.name.name)
        self._visit(node.value, found)
        self._visit(node.arguments, found)

    def _body(self, body: ast.Body, found: set[str]) -> None:
        bound = [each.name.name for each in body.statements if isinstance(each, (ast.Step, ast.Let))]
        inner: set[str] = set()
        for statement in body.statements:
            inner |= self.names(statement)
        inner.difference_update(bound)
        found |= inner

    def _for(self, node: ast.For, found: set[str]) -> None:
        self._visit(node.iterable, found)
        self._without([name.name for name in node.names], (node.body,), found)

    def _repeat(self, node: ast.Repeat, found: set[str]) -> None:
        self._visit(node.initial, found)
        self._without([node.name.name], (node.body,), found)

    def _comprehension(self, node: ast.Comprehension, found: set[str]) -> None:
        self._visit(node.iterable, found)
        self._without([name.name for name in node.names], (node.element, node.condition), found)

    def _catch(self, node: ast.Catch, found: set[str]) -> None:
        bound = [] if node.binding is None else [node.binding.name]
        self._without(bound, (node.condition, node.body), found)

    def _annotation(self, node: ast.Annotation, found: set[str]) -> None:
        """`@meter` sees its call's `result`, which is no reference to a step of that name."""
        self._without(["result"] if node.name.name == "meter" else [], node.arguments, found)

    def _step(self, node: ast.Step, found: set[str]) -> None:
        """A step sees its own value in `until`, `ensure` and `undo`."""
        self._visit(node.annotations, found)
        self._visit(node.value, found)
        for clause in node.clauses:
            if isinstance(clause, (ast.Until, ast.Ensure, ast.Undo)):
                self._without([node.name.name], (clause,), found)
            else:
                self._visit(clause, found)

    def _flow(self, node: ast.FlowDecl, found: set[str]) -> None:
        bound = [param.name.name for param in node.params]
        self._without(bound, (*node.annotations, node.body, *node.catches), found)
        for trigger in node.triggers:
            self._without([trigger.name.name], (trigger,), found)
        self._visit(tuple(param.default for param in node.params if param.default is not None), found)

    def _function(self, node: ast.FunctionDecl, found: set[str]) -> None:
        self._without([param.name.name for param in node.params], (node.body,), found)
        self._visit(tuple(param.default for param in node.params if param.default is not None), found)


_SPECIAL: Final[dict[type, Callable[..., None]]] = {
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
