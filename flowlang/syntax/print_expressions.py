"""Laying out expressions and types."""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.syntax.docs import SOFT, SPACE, Fill, Group, Indent, render
from flowlang.syntax.layout import Layout
from flowlang.syntax.spelling import escaped, is_name, is_word, spell_number, spell_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from flowlang.syntax.docs import Doc

ENDLESS = 1_000_000

# How tightly each kind of expression binds; what binds less tightly than its place asks for needs parentheses.
_TERNARY, _OR, _AND, _NOT, _COMPARE, _SUM, _CONCAT, _PRODUCT, _POWER, _FILTER, _UNARY, _POSTFIX = range(12)
_BINARY = {
    "+": _SUM,
    "-": _SUM,
    "~": _CONCAT,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "//": _PRODUCT,
    "%": _PRODUCT,
    "**": _POWER,
}
_CONTINUING = frozenset("after when until ensure catch undo else and or is in not with".split())


def _level(node: Any) -> int:
    match node:
        case ast.Conditional():
            return _TERNARY
        case ast.Logic():
            return _OR if node.operator == "or" else _AND
        case ast.Unary():
            return _NOT if node.operator == "not" else _UNARY
        case ast.Compare():
            return _COMPARE
        case ast.Binary():
            return _BINARY[node.operator]
        case ast.Filter() | ast.Test():
            return _FILTER
        case _:
            return _POSTFIX


class ExpressionLayout(Layout):
    """Documents of expressions and types. `since` is where the text before a node ends: its parentheses follow it."""

    def expression(self, node: Any, since: int, level: int = 0) -> Doc:
        """Lay out an expression in a place that asks for a level."""
        doc: Doc = getattr(self, "_" + type(node).__name__.lower())(node)
        if self.wrapped(node, since, _level(node) < level):
            return Group("(", Indent(SOFT, doc), SOFT, ")")
        return doc

    def flat(self, node: Any) -> str:
        """An expression on one line, whatever its length."""
        return render(self.expression(node, node.start), ENDLESS)

    # ---- questions to a source text

    def wrapped(self, node: Any, since: int, needed: bool) -> bool:
        """Whether an expression or a type stands in parentheses."""
        return needed

    def literal(self, node: Any) -> Doc:
        """The spelling of a text, a template, a number or a duration."""
        match node:
            case ast.Duration():
                return str(node.spelling)
            case ast.Text():
                return spell_text(node.value)
            case ast.Template():
                return '"' + "".join([self._part(part) for part in node.parts]) + '"'
            case _:
                return spell_number(node.value)

    def _part(self, part: Any) -> str:
        return escaped(part.value, '"') if isinstance(part, ast.TemplateText) else f"{{{{ {self.flat(part)} }}}}"

    # ---- expressions

    def _literal(self, node: ast.Literal) -> Doc:
        if node.value is None:
            return "none"
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        return self.literal(node)

    def _text(self, node: ast.Text) -> Doc:
        return self.literal(node)

    def _template(self, node: ast.Template) -> Doc:
        return self.literal(node)

    def _duration(self, node: ast.Duration) -> Doc:
        return self.literal(node)

    def _name(self, node: ast.Name) -> Doc:
        return node.name

    def _brokenexpr(self, node: ast.BrokenExpr) -> Doc:
        return "…"

    def _attribute(self, node: ast.Attribute) -> Doc:
        dot = "?." if node.optional else "."
        return [self.expression(node.value, node.start, _POSTFIX), dot, node.name.name]

    def _index(self, node: ast.Index) -> Doc:
        return [
            self.expression(node.value, node.start, _POSTFIX),
            "[",
            self.expression(node.index, node.value.end),
            "]",
        ]

    def _slice(self, node: ast.Slice) -> Doc:
        at = node.value.end
        bounds: list[Doc] = []
        for bound in (node.lower, node.upper, node.step):
            bounds.append("" if bound is None else self.expression(bound, at))
            at = at if bound is None else bound.end
        third: Doc = [":", bounds[2]] if node.step is not None else ""
        return [self.expression(node.value, node.start, _POSTFIX), "[", bounds[0], ":", bounds[1], third, "]"]

    def _call(self, node: ast.Call) -> Doc:
        return [
            self.expression(node.callee, node.start, _POSTFIX),
            self.arguments(node.arguments, node.callee.end, node.end),
        ]

    def arguments(self, nodes: Sequence[ast.Argument], since: int, end: int) -> Doc:
        """Arguments in parentheses; `since` is a place before the opening one, `end` behind the closing one."""
        hug = bool(nodes) and isinstance(nodes[-1].value, (ast.Map, ast.List)) and _is_filled(nodes[-1].value)
        return self.bracketed("()", nodes, self._argument, self.behind("(", since), end - 1, hug)

    def _argument(self, node: ast.Argument, since: int) -> Doc:
        if node.name is None:
            return self.expression(node.value, since)
        return [node.name.name, "=", self.expression(node.value, node.name.end)]

    def _filter(self, node: Any) -> Doc:
        stages: list[Doc] = []
        since = node.start
        while True:
            arguments = self.arguments(node.arguments, node.name.end, node.end) if node.arguments else ""
            stages.append([SPACE, "| ", node.name.name, arguments])
            if not isinstance(node.value, ast.Filter) or self.wrapped(node.value, since, False):
                return Group(self.expression(node.value, since, _FILTER), Indent(*reversed(stages)))
            node = node.value

    def _test(self, node: ast.Test) -> Doc:
        word = " is not " if node.negated else " is "
        arguments: Doc = ""
        if node.arguments:
            # `x is eq y` has no parentheses: nothing can be above or beside its argument.
            bare = node.arguments[0].start == node.arguments[0].value.start and not self.calls(node)
            arguments = (
                ["(", self.flat(node.arguments[0].value), ")"]
                if bare
                else self.arguments(node.arguments, node.name.end, node.end)
            )
        level = _UNARY if isinstance(node.value, ast.Test) else _FILTER
        return [self.expression(node.value, node.start, level), word, node.name.name, arguments]

    def calls(self, node: ast.Test) -> bool:
        """Whether the arguments of a test stand in parentheses."""
        return True

    def _unary(self, node: ast.Unary) -> Doc:
        if node.operator == "not":
            return ["not ", self.expression(node.operand, node.start, _NOT)]
        return [node.operator, self.expression(node.operand, node.start, _UNARY)]

    def _binary(self, node: Any) -> Doc:
        return self._chain(node, _BINARY[node.operator])

    def _logic(self, node: Any) -> Doc:
        return self._chain(node, _OR if node.operator == "or" else _AND)

    def _chain(self, node: Any, level: int) -> Doc:
        """Left-associative operators of one level: all on one line, or each on its own."""
        rest: list[Doc] = []
        since, kind = node.start, type(node)
        while True:
            right = self.expression(node.right, node.left.end, level + 1)
            # A line cannot begin with `**`: in a map it would be a spread.
            rest.append([" **", SPACE, right] if level == _POWER else [SPACE, node.operator, " ", right])
            left = node.left
            if type(left) is not kind or _level(left) != level or self.wrapped(left, since, False):
                return Group(self.expression(left, since, level), Indent(*reversed(rest)))
            node = left

    def _compare(self, node: ast.Compare) -> Doc:
        rest: list[Doc] = [
            [SPACE, link.operator, " ", self.expression(link.operand, link.start, _SUM)] for link in node.rest
        ]
        return Group(self.expression(node.first, node.start, _SUM), Indent(*rest))

    def _conditional(self, node: Any) -> Doc:
        start = node.start
        rest: list[Doc] = []
        while True:
            then: Doc = [
                self.expression(node.then, start, _OR),
                " if ",
                self.expression(node.condition, node.then.end, _OR),
            ]
            rest += [["else ", then] if rest else then, SPACE]
            start = node.condition.end
            if not isinstance(node.otherwise, ast.Conditional) or self.wrapped(node.otherwise, start, False):
                rest.append(["else ", self.expression(node.otherwise, start)])
                return Group(rest[0], Indent(*rest[1:]))
            node = node.otherwise

    def _list(self, node: ast.List) -> Doc:
        return self.bracketed("[]", node.items, self.expression, node.start + 1, node.end - 1)

    def _comprehension(self, node: ast.Comprehension) -> Doc:
        names = ", ".join([name.name for name in node.names])
        condition: Doc = ""
        if node.condition is not None:
            condition = [SPACE, "if ", self.expression(node.condition, node.iterable.end, _OR)]
        loop: Doc = [SPACE, "for ", names, " in ", self.expression(node.iterable, node.names[-1].end, _OR)]
        return Group("[", Indent(SOFT, self.expression(node.element, node.start), loop, condition), SOFT, "]")

    def _map(self, node: ast.Map) -> Doc:
        return self.bracketed("{}", node.entries, self._entry, node.start + 1, node.end - 1)

    def _entry(self, node: ast.Entry | ast.Spread, since: int) -> Doc:
        if isinstance(node, ast.Spread):
            return ["**", self.expression(node.value, node.start)]
        if node.computed:
            return ["[", self.expression(node.key, node.start), "]: ", self.expression(node.value, node.key.end)]
        key = node.key
        assert isinstance(key, ast.Text)
        same = isinstance(node.value, ast.Name) and node.value.name == key.value
        if same and is_name(key.value) and key.value not in _CONTINUING and self.shortened(node):
            return key.value
        spelled: Doc = key.value if is_word(key.value) and self.bare(key) else self.literal(key)
        return [spelled, ": ", self.expression(node.value, key.end)]

    def shortened(self, node: ast.Entry) -> bool:
        """Whether an entry `id: id` is written `id`."""
        return True

    def bare(self, key: ast.Text) -> bool:
        """Whether a key that may stand without quotes does."""
        return True

    # ---- types

    def type(self, node: Any, since: int, level: int = 0) -> Doc:
        """Lay out a type; level 1 is that of a member of a union, 2 that of what a `?` follows."""
        own = 0 if isinstance(node, ast.UnionType) else 1 if isinstance(node, ast.OptionalType) else 2
        doc: Doc = getattr(self, "_" + type_name(node))(node)
        return ["(", doc, ")"] if self.wrapped(node, since, own < level) else doc

    def _typename(self, node: ast.TypeName) -> Doc:
        at = node.name.end
        arguments: Doc = ""
        if node.arguments:
            at = self.behind("[", at)
            for argument in node.arguments:
                arguments = [arguments, ", " if arguments else "[", self.type(argument, at)]
                at = argument.end
            arguments = [arguments, "]"]
            at = self.behind("]", at)
        constraints = self.arguments(node.constraints, at, node.end) if node.constraints else ""
        return [node.name.name, arguments, constraints]

    def _literaltype(self, node: ast.LiteralType) -> Doc:
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        if isinstance(node.value, str):
            return self.literal(ast.Text(node.start, node.end, node.value))
        return spell_number(node.value)

    def _optionaltype(self, node: ast.OptionalType) -> Doc:
        return [self.type(node.inner, node.start, 2), "?"]

    def _uniontype(self, node: ast.UnionType) -> Doc:
        at = node.start
        members: list[Doc] = []
        for member in node.members:
            doc = self.type(member, at, 1)
            members.append(["| ", doc] if members else doc)
            at = member.end
        if all(isinstance(member, ast.LiteralType) for member in node.members):
            return Indent(Fill(members))
        return Group(members[0], Indent(*[[SPACE, member] for member in members[1:]]))

    def _recordtype(self, node: ast.RecordType) -> Doc:
        return self.bracketed("{}", node.fields, self.field, node.start + 1, node.end - 1)

    def field(self, node: ast.Field, since: int) -> Doc:
        """Lay out a field of a record or of `config`."""
        annotations: list[Doc] = [[self.annotation(a, a.start), " "] for a in node.annotations]
        return [*annotations, node.name.name, self.typed(node.type, node.name.end), self.default(node)]

    def typed(self, node: Any, since: int) -> Doc:
        """`: T`, or nothing."""
        return "" if node is None else [": ", self.type(node, since)]

    def default(self, node: ast.Field | ast.Param) -> Doc:
        """` = value`, or nothing."""
        return "" if node.default is None else [" = ", self.expression(node.default, node.type.end)]

    def annotation(self, node: ast.Annotation, since: int) -> Doc:
        """Lay out an annotation."""
        return ["@", node.name.name, self.arguments(node.arguments, node.name.end, node.end) if node.arguments else ""]

    def behind(self, sign: str, since: int) -> int:
        """The place behind the next bracket of a kind."""
        return since


def type_name(node: Any) -> str:
    """The name of the method for a node's class."""
    return type(node).__name__.lower()


def _is_filled(node: ast.Map | ast.List) -> bool:
    return bool(node.entries if isinstance(node, ast.Map) else node.items)
