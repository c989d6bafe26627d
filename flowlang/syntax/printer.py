"""Printing trees: the canonical spelling, with no more parentheses than needed, such that `parse(print(t)) == t`.

The printer makes documents (see `docs`). What it would take from a source text (comments, parentheses, what stands
exploded, how a literal is spelled) it asks of methods that the formatter overrides; here there is no text.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax import ast
from flowlang.syntax.docs import BLANK, HARD, SPACE, Aside, Group, Indent, render
from flowlang.syntax.print_expressions import ENDLESS, ExpressionLayout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from flowlang.syntax.docs import Doc
    from flowlang.syntax.layout import Element

WIDTH = 100
_FOREIGN = patterns.compile(r"(?:native|python)(?![A-Za-z0-9_])").match
_CLAUSE_ORDER = (ast.After, ast.When, ast.Until, ast.Ensure, ast.Catch, ast.Undo)
_BLOCKS = (ast.If, ast.Match, ast.For, ast.Parallel, ast.Race, ast.Sequence, ast.Repeat)


def print_file(tree: ast.File) -> str:
    """Print a file; the text ends in a line end unless it is empty."""
    return render(Printer().file(tree), WIDTH)


def print_expression(node: ast.Expr) -> str:
    """Print an expression on one line."""
    return Printer().flat(node)


def print_type(node: ast.TypeExpr) -> str:
    """Print a type on one line."""
    return render(Printer().type(node, node.start), ENDLESS)


class Printer(ExpressionLayout):
    """Documents of files, items, statements, clauses and blocks."""

    def file(self, tree: ast.File) -> Doc:
        """Lay out a file."""
        head = self.file_doc(tree)
        lines = self.lines(tree.items, self.item, 0, tree.end, self.apart)
        between = (
            [BLANK if tree.items and not isinstance(tree.items[0], ast.Import) else HARD] if head and lines else []
        )
        return [*head, *between, *lines, HARD] if head or lines else ""

    def file_doc(self, tree: ast.File) -> list[Doc]:
        """The `##!` lines of a file, where comments do not give them."""
        if not tree.doc:
            return []
        found: list[Doc] = []
        for line in tree.doc.split("\n"):
            found += [HARD, f"##! {line}".rstrip()]
        return found[1:]

    def apart(self, before: Any, after: Any) -> bool:
        """Whether an empty line stands between two items."""
        return not (isinstance(before, ast.Import) and isinstance(after, ast.Import))

    # ---- items

    def item(self, node: Any, since: int) -> Doc:
        """Lay out an item or a statement."""
        doc: Doc = getattr(self, "_" + type(node).__name__.lower())(node)
        return doc

    def _broken(self, node: ast.Broken) -> Doc:
        return "…"

    def _import(self, node: ast.Import) -> Doc:
        target: Doc = node.target.name
        if node.is_file:
            target = self.literal(ast.Text(node.target.start, node.target.end, node.target.name))
        return ["import ", target, [" as ", node.alias.name] if node.alias else ""]

    def _config(self, node: ast.Config) -> Doc:
        return ["config ", self._block_of_lines(node.fields, self.field, node.start, node.end)]

    def _block_of_lines(self, nodes: Sequence[Any], make: Any, since: int, end: int) -> Doc:
        lines = self.lines(nodes, make, self.behind("{", since), end - 1)
        return ["{", Indent(HARD, *lines), HARD, "}"] if lines else "{}"

    def _typedecl(self, node: ast.TypeDecl) -> Doc:
        head = [self.annotations(node.annotations, node.start), "type ", node.name.name]
        return [*head, " " if self.is_record(node) else " = ", self.type(node.type, node.name.end)]

    def is_record(self, node: ast.TypeDecl) -> bool:
        """Whether a type is declared as `type X { … }`, without `=`."""
        return isinstance(node.type, ast.RecordType)

    def _servicedecl(self, node: ast.ServiceDecl) -> Doc:
        head: list[Doc] = [self.annotations(node.annotations, node.start), "service ", node.name.name]
        at = node.name.end
        if node.openapi is not None:
            head += [" from ", self.literal(node.openapi)]
            at = node.openapi.end
            if not node.settings:
                return head
        return [*head, " ", self._block_of_lines(node.settings, self._setting, at, node.end)]

    def _setting(self, node: ast.Setting, since: int) -> Doc:
        return [node.name.name, " = ", self.expression(node.value, node.name.end)]

    def _actiondecl(self, node: ast.ActionDecl) -> Doc:
        return self._callable("action", node)

    def _functiondecl(self, node: ast.FunctionDecl) -> Doc:
        return self._callable("function", node)

    def _callable(self, word: str, node: ast.ActionDecl | ast.FunctionDecl) -> Doc:
        at = node.name.end
        type_params = ""
        if node.type_params:
            type_params = "[" + ", ".join([p.name for p in node.type_params]) + "]"
            at = node.type_params[-1].end
        head = [self.annotations(node.annotations, node.start), word, " ", node.name.name, type_params]
        parameters, at = self._params(node.params, at)
        result = self._result(node.result, at)
        return [*head, parameters, result, " = ", self._foreign(node.body, node.result.end if node.result else at)]

    def _foreign(self, node: Any, since: int) -> Doc:
        if isinstance(node, ast.Native):
            return "native"
        if isinstance(node, ast.PythonBody):
            return ["python(", self.literal(node.target), ")"]
        doc = self.expression(node, since)
        needs = not self.wrapped(node, since, False) and _FOREIGN(render(doc, ENDLESS))
        return ["(", doc, ")"] if needs else doc

    def _params(self, nodes: Sequence[ast.Param], since: int) -> tuple[Doc, int]:
        at = self.behind("(", since)
        end = self.behind(")", nodes[-1].end if nodes else at)
        return self.bracketed("()", nodes, self._param, at, end - 1), end

    def _param(self, node: ast.Param, since: int) -> Doc:
        return [node.name.name, self.typed(node.type, node.name.end), self.default(node)]

    def _result(self, node: Any, since: int) -> Doc:
        return "" if node is None else [" -> ", self.type(node, since)]

    def _flowdecl(self, node: ast.FlowDecl) -> Doc:
        head = [self.annotations(node.annotations, node.start), "flow ", node.name.name]
        parameters, at = self._params(node.params, node.name.end)
        statements = self.in_order([*node.triggers, *node.body.statements])
        lines = self.lines(statements, self.item, node.body.start + 1, node.body.end - 1)
        body: Doc = ["{", Indent(HARD, *lines), HARD, "}"] if lines else "{}"
        catches: list[Doc] = []
        for element in self.elements(node.catches, self._clause, node.body.end, node.end):
            catches += [HARD, *_with_comments(element)]
        return [*head, parameters, self._result(node.result, at), " ", body, *catches]

    def _annotationdecl(self, node: ast.AnnotationDecl) -> Doc:
        parameters: Doc = ""
        if node.params or self.has_parentheses(node):
            parameters, _ = self._params(node.params, node.name.end)
        return ["annotation ", node.name.name, parameters, " on ", ", ".join([t.name for t in node.targets])]

    def has_parentheses(self, node: ast.AnnotationDecl) -> bool:
        """Whether an annotation without parameters is declared with `()`."""
        return True

    def _triggerdecl(self, node: ast.TriggerDecl) -> Doc:
        parameters, at = self._params(node.params, node.name.end)
        return ["trigger ", node.name.name, parameters, self._result(node.result, at)]

    def _testdecl(self, node: ast.TestDecl) -> Doc:
        return ["test ", self.literal(node.name), " {}"]

    def annotations(self, nodes: Sequence[ast.Annotation], since: int) -> Doc:
        """Annotations, each on its line, with the line end behind the last."""
        found: list[Doc] = []
        for element in self.elements(nodes, self.annotation, since, nodes[-1].end if nodes else since):
            found += [*_with_comments(element), HARD]
        return found

    # ---- statements

    def _step(self, node: ast.Step) -> Doc:
        head = [self.annotations(node.annotations, node.start), "step ", node.name.name]
        at = node.type.end if node.type else node.name.end
        return [*head, self.typed(node.type, node.name.end), " = ", self._executed(node, at)]

    def _do(self, node: ast.Do) -> Doc:
        at = node.annotations[-1].end if node.annotations else node.start
        return [self.annotations(node.annotations, node.start), "" if node.implied else "do ", self._executed(node, at)]

    def _executed(self, node: ast.Step | ast.Do, since: int) -> Doc:
        """What a step does, and its clauses."""
        value = node.value
        is_block = isinstance(value, _BLOCKS)
        doc = self.item(value, since) if is_block else self.expression(value, since)
        if not node.clauses:
            return doc
        on_lines = self.clauses_on_lines(node)
        beside = self.beside(value.end, node.clauses[0].start)
        elements = self.elements(node.clauses, self._clause, value.end, node.end, on_lines)
        elements[: len(node.clauses)] = self.clause_order(node.clauses, elements)
        broken = on_lines or bool(beside) or any(e.above for e in elements)
        lines: list[Doc] = [Aside(beside)] if beside else []
        separator = SPACE if not is_block else HARD if broken else " "
        for element in elements:
            lines += [separator, *_with_comments(element)]
        if is_block:
            return [doc, *lines]
        return Group(doc, Indent(*lines), broken=broken)

    def _let(self, node: ast.Let) -> Doc:
        at = node.type.end if node.type else node.name.end
        return ["let ", node.name.name, self.typed(node.type, node.name.end), " = ", self.expression(node.value, at)]

    def _return(self, node: ast.Return) -> Doc:
        return ["return ", self.expression(node.value, node.start)]

    def _yield(self, node: ast.Yield) -> Doc:
        following = [" next ", self.expression(node.next, node.value.end)] if node.next is not None else ""
        return ["yield ", self.expression(node.value, node.start), following]

    def _trigger(self, node: ast.Trigger) -> Doc:
        arguments = (
            self.arguments(node.arguments, node.name.end, self._end_of_arguments(node)) if node.arguments else "()"
        )
        at = node.arguments[-1].end if node.arguments else node.name.end
        condition = [" when ", self.expression(node.condition, at)] if node.condition is not None else ""
        inputs = [" with ", self.expression(node.inputs, node.inputs.start)] if node.inputs is not None else ""
        return ["on ", node.name.name, arguments, condition, inputs]

    def _end_of_arguments(self, node: ast.Trigger) -> int:
        return self.behind(")", node.arguments[-1].end)

    # ---- clauses

    def _clause(self, node: Any, since: int) -> Doc:
        return self.item(node, since)

    def _after(self, node: ast.After) -> Doc:
        return ["after ", ", ".join([name.name for name in node.names])]

    def _when(self, node: ast.When) -> Doc:
        return ["when ", self.expression(node.condition, node.start)]

    def _until(self, node: ast.Until) -> Doc:
        parts: list[Doc] = ["until ", self.expression(node.condition, node.start)]
        at = node.condition.end
        for word, value in ((" every ", node.every), (" for ", node.limit)):
            if value is not None:
                parts += [word, self.expression(value, at)]
                at = value.end
        return parts

    def _ensure(self, node: ast.Ensure) -> Doc:
        condition = self.expression(node.condition, node.start)
        if node.message is None:
            return ["ensure ", condition]
        return Group("ensure ", condition, Indent(SPACE, "else ", self.expression(node.message, node.condition.end)))

    def _catch(self, node: ast.Catch) -> Doc:
        parts: list[Doc] = ["catch "]
        at = node.start
        if node.kinds:
            parts += [", ".join([kind.name for kind in node.kinds]), " "]
            at = node.kinds[-1].end
        if node.binding is not None:
            parts += ["as ", node.binding.name, " "]
            at = node.binding.end
        if node.condition is not None:
            parts += ["when ", self.expression(node.condition, at), " "]
        return Group(*parts, self.body(node.body))

    def _undo(self, node: ast.Undo) -> Doc:
        return Group("undo ", self.body(node.body))

    # ---- blocks

    def body(self, node: ast.Body, since: int = -1) -> Doc:
        """A body; comments since a place before it go to its beginning. One statement may stand beside the braces."""
        at = node.start + 1 if since < 0 else since
        lines = self.lines(self.in_order(node.statements), self.item, at, node.end - 1)
        if not lines:
            return "{}"
        line = SPACE if len(lines) == 1 and len(node.statements) == 1 and self.on_one_line(node) else HARD
        return ["{", Indent(line, *lines), line, "}"]

    def _if(self, node: ast.If) -> Doc:
        parts: list[Doc] = []
        at = node.start
        for branch in node.branches:
            parts.append("if " if not parts else " else if ")
            since = -1 if at == node.start else at
            parts += [self.expression(branch.condition, branch.start), " ", self.body(branch.body, since)]
            at = branch.body.end
        if node.otherwise is not None:
            parts += [" else ", self.body(node.otherwise, at)]
        return Group(*parts)

    def _match(self, node: ast.Match) -> Doc:
        head = ["match ", self.expression(node.subject, node.start), " {"]
        at = self.behind("{", node.subject.end)
        end = node.end - 1 if node.otherwise is None else node.otherwise.start
        lines = self.lines(node.cases, self._case, at, end)
        if node.otherwise is not None:
            lines += [HARD] if lines else []
            lines.append(Group("else ", self.body(node.otherwise)))
        return [*head, Indent(HARD, *lines), HARD, "}"] if lines else [*head, "}"]

    def _case(self, node: ast.Case, since: int) -> Doc:
        values: list[Doc] = []
        at = node.start
        for value in node.values:
            values += [", ", self.expression(value, at)]
            at = value.end
        return Group("case ", *values[1:], " ", self.body(node.body))

    def _for(self, node: ast.For) -> Doc:
        names = ", ".join([name.name for name in node.names])
        head = ["for ", names, " in ", self.expression(node.iterable, node.names[-1].end), " "]
        return Group(*head, self.body(node.body))

    def _parallel(self, node: ast.Parallel) -> Doc:
        return Group("parallel ", self.body(node.body))

    def _race(self, node: ast.Race) -> Doc:
        return Group("race ", self.body(node.body))

    def _sequence(self, node: ast.Sequence) -> Doc:
        return Group("sequence ", self.body(node.body))

    def _repeat(self, node: ast.Repeat) -> Doc:
        at = node.type.end if node.type else node.name.end
        head = ["repeat ", node.name.name, self.typed(node.type, node.name.end), " = "]
        return Group(*head, self.expression(node.initial, at), " ", self.body(node.body))

    # ---- questions to a source text

    def in_order(self, nodes: Sequence[Any]) -> Sequence[Any]:
        """Statements in the order in which they stand."""
        return nodes

    def clause_order(self, clauses: Sequence[Any], elements: list[Element]) -> list[Element]:
        """The clauses, laid out, in the order in which they are written."""
        return elements[: len(clauses)]

    def clauses_on_lines(self, node: ast.Step | ast.Do) -> bool:
        """Whether each clause begins a line although all might fit on one."""
        return True


def canonical_order(clauses: Sequence[Any]) -> list[int]:
    """The indexes of clauses in the order of the language page; those of one kind keep theirs."""
    return sorted(range(len(clauses)), key=lambda index: _CLAUSE_ORDER.index(type(clauses[index])))


def _with_comments(element: Any) -> list[Doc]:
    found: list[Doc] = []
    for _, text in element.above:
        found += [text, HARD]
    if not element.doc:
        return found[:-1]
    found.append(element.doc)
    if element.beside:
        found.append(Aside(element.beside))
    return found
