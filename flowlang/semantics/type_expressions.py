"""Type expressions resolved: names of types to what they mean, constraints checked and put in.

A mistake in a type gives `any`, so that what stands under it causes no further finding. The words that only
declarations of the standard library may use (`cron`, `field_name[T]`, `T[k]`, …) are known only there.
"""

from __future__ import annotations

from flowlang.record import new
from flowlang.semantics.report import POISON, SMALLER, TOO_LARGE
from flowlang.semantics.suggest import closest, did_you_mean
from flowlang.syntax import ast
from flowlang.types.builtin import GENERIC, LIBRARY, PLAIN, generic
from flowlang.types.constraints import ConstraintError, constrain, words_of
from flowlang.types.edge import mixes_numbers, part_of, present
from flowlang.types.join import optional, union
from flowlang.types.model import NEVER, Any, Field, FieldOf, LiteralOf, RecordOf, TypeVar, Union
from flowlang.types.show import show
from flowlang.types.size import is_too_large

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Fix
    from flowlang.semantics.facts import Symbol
    from flowlang.semantics.state import ProgramState
    from flowlang.types.model import Type

USER_GENERIC: Final = ("list", "map", "secret")


class TypeNames:
    """What a file's type expressions may name. `params`: the type parameters of the declaration being read."""

    __slots__ = ("is_library", "names", "own", "params", "state")

    def __init__(self, state: ProgramState, names: dict[str, Symbol], own: dict[str, Type], is_library: bool) -> None:
        self.state = state
        self.names = names
        self.own = own
        self.is_library = is_library
        self.params: frozenset[str] = frozenset()

    def resolve(self, node: ast.TypeExpr) -> Type:
        """The type that a type expression names."""
        found = self._named(node) if isinstance(node, ast.TypeName) else self._composed(node)
        self.state.facts.type_exprs[id(node)] = found
        return found

    def _composed(self, node: ast.OptionalType | ast.UnionType | ast.LiteralType | ast.RecordType) -> Type:
        if isinstance(node, ast.OptionalType):
            return optional(self.resolve(node.inner))
        if isinstance(node, ast.UnionType):
            found = union([self.resolve(member) for member in node.members])
            if not isinstance(found, Union) or len(found.members) < len(node.members):
                self._repeated(node)
            if isinstance(found, Union) and not self.is_library and mixes_numbers(found):
                self.state.reporter.report(
                    "mixed-union",
                    "a number and a duration cannot be told apart: a duration is a number of microseconds",
                    node,
                    "keep to one of them, or give each a record with a field that says which it is",
                )
                return POISON
            return self.composed(found, node)
        if isinstance(node, ast.LiteralType):
            kind = "string" if isinstance(node.value, str) else type(node.value).__name__
            return LiteralOf(node.value, kind)
        return self.composed(self.record(node, "", False), node)

    def composed(self, of: Type, at: ast.Node) -> Type:
        """A type that was put together out of others, unless it is too large, which is reported."""
        return self._wrong("type-too-large", TOO_LARGE, at, SMALLER) if is_too_large(of) else of

    def _repeated(self, node: ast.UnionType) -> None:
        """Report what stands twice in a union."""
        from flowlang.diagnostics import Edit, Fix
        from flowlang.source import Span

        reporter = self.state.reporter
        seen: dict[ast.TypeExpr, ast.TypeExpr] = {}
        for before, each in zip((node.members[0], *node.members), node.members, strict=False):
            first = seen.setdefault(each, each)
            if first is not each:
                edit = Edit(Span(reporter.file, before.end, each.end), "")
                reporter.report(
                    "duplicate-member",
                    "this stands in the union already",
                    each,
                    "leave it out",
                    (reporter.related("the first is here", first),),
                    (Fix("leave it out", (edit,)),),
                )

    def record(self, node: ast.RecordType, name: str, exact: bool) -> Type:
        """A record type under its declared name ('' for an anonymous one)."""
        fields: dict[str, Field] = {}
        first: dict[str, ast.Node] = {}
        for each in node.fields:
            turned = self.turned(each)
            type_ = self.resolve(each.type) if turned is None else POISON
            called = (turned or each.name).name
            if called in fields:
                self.state.reporter.report(
                    "duplicate-field",
                    f"field `{called}` stands twice in this type",
                    each.name,
                    related=(self.state.reporter.related("the first is here", first[called]),),
                )
                continue
            first[called] = each.name
            default = None
            if each.default is not None:
                default = (self._default(each, each.default, type_),)
            fields[called] = new(Field, (called, type_, default))
        return RecordOf(name, tuple(fields.values()), exact)

    def _default(self, field: ast.Field, node: ast.Expr, of: Type) -> object:
        """The value of a field's default, none if it is mistaken; whether it fits is asked where values are."""
        if isinstance(node, ast.BrokenExpr):
            return None
        try:
            value = constant(node, of)
        except ValueError:
            self.state.reporter.report("literal-needed", "the default of a field is a literal value", node)
            return None
        self.state.facts.defaults.append((field, of))
        if type(value) not in (dict, list) or self.is_library:
            return value
        from flowlang.types.defaults import completed

        return completed(value, of)

    def _named(self, node: ast.TypeName) -> Type:
        name = node.name.name
        if not name:
            return POISON
        if name in self.params:
            return self._parameter(node, name)
        plain = PLAIN.get(name)
        if plain is not None and not node.arguments and not node.constraints:
            return plain
        if plain is None and self.is_library:
            plain = LIBRARY.get(name)
        if name in GENERIC and (node.arguments or name != "secret") and (self.is_library or name in USER_GENERIC):
            return self._constrained(node, self._generic(node, name))
        if node.arguments:
            for each in node.arguments:
                self.resolve(each)
            if plain is not None or self._lookup(name) is not None:
                return self._wrong("wrong-type-arguments", f"`{name}` takes no type in brackets", node)
        if plain is not None:
            return self._constrained(node, plain)
        found = self._lookup(name)
        if found is None:
            return self._unknown(node, name)
        return self._constrained(node, found)

    def turned(self, node: ast.Param | ast.Field) -> ast.Ident | None:
        """The name of a parameter or field that stands behind its type, as in other languages: `int: a`. It is
        reported.
        """
        word, kind = node.type, node.name
        if not self._is_type(kind.name) or not isinstance(word, ast.TypeName):
            return None
        if word.arguments or word.constraints or "." in word.name.name:
            return None
        if word.name.name in self.names or self._is_type(word.name.name):
            return None
        from flowlang.diagnostics import Edit, Fix

        span, text = self.state.reporter.span(kind), f"{word.name.name}: {kind.name}"
        edit = Edit(span.replace(end=self.state.reporter.span(word).end), text)
        fixes = (Fix(f"write `{text}`", (edit,), safe=False),)
        message = f"there is no type `{word.name.name}`"
        self.state.reporter.report("unknown-type", message, word, "the name comes first", (), fixes)
        self.state.facts.type_exprs[id(word)] = POISON
        return word.name

    def _is_type(self, name: str) -> bool:
        symbol = self.names.get(name)
        return name in PLAIN or name in self.params or (symbol is not None and symbol.kind == "type")

    def _parameter(self, node: ast.TypeName, name: str) -> Type:
        found: Type = TypeVar(name)
        for each in node.arguments:
            assert isinstance(each, ast.TypeName)
            found = FieldOf(found, each.name.name)
        return found

    def _generic(self, node: ast.TypeName, name: str) -> Type:
        arguments = [self.resolve(each) for each in node.arguments]
        if len(arguments) != 1:
            given = "none" if not arguments else f"{len(arguments)}"
            return self._wrong(
                "wrong-type-arguments",
                f"`{name}` takes one type in brackets, not {given}",
                node,
                f"write `{name}[T]`, such as `{name}[string]`",
            )
        return self.composed(generic(name, arguments[0]), node)

    def _lookup(self, name: str) -> Type | None:
        """A declared type, of this file, of an imported file or of a module; null if there is none."""
        head, dot, rest = name.partition(".")
        if not dot:
            symbol = self.names.get(name)
            if symbol is not None:
                self.state.facts.used.add(id(symbol.node))
            found = self.own.get(name)
            if found is not None:
                return found
            return POISON if symbol is not None and symbol.kind in ("type", "broken") else None
        symbol = self.names.get(head)
        if symbol is None or "." in rest:
            return None
        self.state.facts.used.add(id(symbol.node))
        if symbol.kind == "file":
            other = self.state.files.get(symbol.qualified)
            if other is not None and rest in other.names:
                self.state.facts.used.add(id(other.names[rest].node))
            return (
                self.state.types.get(symbol.qualified, {}).get(rest) if symbol.qualified in self.state.types else POISON
            )
        if symbol.kind == "module":
            return self.state.catalog.type(symbol.qualified, rest)
        return POISON if symbol.kind == "broken" else None

    def _unknown(self, node: ast.TypeName, name: str) -> Type:
        head, dot, rest = name.partition(".")
        symbol = self.names.get(head)
        if dot and symbol is None:
            if self.state.catalog.is_module(head):
                return self._wrong(
                    "needs-import", f"`{head}` is not imported", node, f"add `import {head}` at the top of the file"
                )
            first = ast.Ident(node.name.start, node.name.start + len(head), head)
            return self._wrong(
                "unknown-name", f"nothing here is called `{head}`", first, self.state.reporter.near(head, self.names)
            )
        if symbol is not None and not dot:
            return self._wrong("not-a-type", f"`{name}` is a {symbol.kind}, not a type", node)
        if dot and symbol is not None:
            known: list[str] = []
            if symbol.kind == "file":
                known = list(self.state.types.get(symbol.qualified, {}))
            elif symbol.kind == "module":
                known = self.state.catalog.types(symbol.qualified)
            last = ast.Ident(node.name.end - len(rest), node.name.end, rest)
            help = self.state.reporter.near(rest, known)
            return self._wrong("unknown-type", f"`{head}` has no type `{rest}`", last, help)
        declared = (name for name, symbol in self.names.items() if symbol.kind == "type")
        from flowlang.semantics.unparsed import is_declared_unparsed

        file = self.state.files.get(self.state.reporter.file)
        if file is not None and is_declared_unparsed(file, name, node):
            return POISON
        names = [*PLAIN, *USER_GENERIC, *declared, *self.params] if self.state.reporter.is_suggesting else []
        for meant in closest(name, names):  # a misspelt use is one
            if meant in self.names:
                self.state.facts.used.add(id(self.names[meant].node))
        self._report_unknown(node, name, self.state.reporter.near(name, names))
        return POISON

    def _report_unknown(self, node: ast.TypeName, name: str, help: str) -> None:
        """Report a name that is no type, with what it is called here if other languages have it."""
        from flowlang.diagnostics import Edit, Fix
        from flowlang.semantics.elsewhere import SHAPES, TYPES

        ours = TYPES.get(name, "")
        holds = ours in ("list", "map")
        text = ours
        if ours:
            help = f"it is called `{ours}` here" + (f", with what it holds: `{ours}[string]`" if holds else "")
            text = ours if bool(node.arguments) == holds and len(node.arguments) < 2 else ""
        span = self.state.reporter.span(node.name)
        shape = SHAPES.get(name, help)
        if name in ("Optional", "optional", "Maybe") and len(node.arguments) == 1:
            inner, source = node.arguments[0], self.state.files[self.state.reporter.file].source
            text, span = f"{source.text[inner.start : inner.end]}?", self.state.reporter.span(node)
            shape = f"what may be none is written `{text}`"
        fixes = (Fix(f"write `{text}`", (Edit(span, text),), safe=False),) if text else ()
        self.state.reporter.report("unknown-type", f"there is no type `{name}`", node, shape, (), fixes)

    def _constrained(self, node: ast.TypeName, of: Type) -> Type:
        if not node.constraints or of is POISON:
            return of
        values: dict[str, object] = {}
        places: dict[str, ast.Node] = {}
        for each in node.constraints:
            if each.name is None and (held := self._held(node, each.value)) is not None:
                return held
            if each.name is None:
                return self._wrong("bad-constraint", "a constraint has a name", each, f"write `{_example(of)}`", of)
            word = each.name.name
            if word in values:
                return self._wrong("duplicate-argument", f"constraint `{word}` stands twice", each, "", of)
            try:
                values[word] = constant(each.value)
            except ValueError:
                return self._wrong("literal-needed", f"constraint `{word}` takes a literal value", each.value, "", of)
            places[word] = each.name
        try:
            return constrain(of, values)
        except ConstraintError as error:
            words = words_of(of)
            if error.word not in words:
                from flowlang.semantics.elsewhere import CONSTRAINTS

                ours = next((word for word in CONSTRAINTS.get(error.word, ()) if word in words), "")
                help = f"it is called `{ours}` here" if ours else did_you_mean(error.word, words)
                help = help or (f"it takes {', '.join(f'`{w}`' for w in words)}" if words else "")
                message, at = f"{show(of)} takes no constraint `{error.word}`", places[error.word]
                self.state.reporter.report("bad-constraint", message, at, help, (), self._renamed(at, ours))
                return of
            at = next(each.value for each in node.constraints if each.name is places[error.word])
            return self._wrong("bad-constraint", str(error), at, "", of)

    def _held(self, node: ast.TypeName, value: ast.Expr) -> Type | None:
        """What `secret(url)` was meant to be, which is reported: what a type holds stands in brackets."""
        name = node.name.name
        inner = PLAIN.get(value.name) if isinstance(value, ast.Name) else None
        if inner is None or name not in USER_GENERIC or not isinstance(value, ast.Name):
            return None
        from flowlang.diagnostics import Edit, Fix

        ours = f"{name}[{value.name}]"
        fix = Fix(f"write `{ours}`", (Edit(self.state.reporter.span(node), ours),))
        help = f"what a type holds stands in brackets: `{ours}`"
        self.state.reporter.report("bad-constraint", "a constraint has a name", value, help, (), (fix,))
        return generic(name, inner)

    def _renamed(self, node: ast.Node, ours: str) -> tuple[Fix, ...]:
        """The fix for a name that is another one here, if it is."""
        from flowlang.diagnostics import Edit, Fix

        return (Fix(f"write `{ours}`", (Edit(self.state.reporter.span(node), ours),), safe=False),) if ours else ()

    def _wrong(self, rule: str, message: str, at: ast.Node, help: str = "", instead: Type = POISON) -> Type:
        self.state.reporter.report(rule, message, at, help)
        return instead


def _example(of: Type) -> str:
    words = words_of(of)
    return f"{show(of)}({words[0]}=…)" if words else show(of)


def constant(node: ast.Expr, of: Type = NEVER) -> object:
    """The JSON value of a literal expression; raises ValueError for any other. `of`: the type of the place; where it is
    `any`, a duration is text.
    """
    if isinstance(node, (ast.Literal, ast.Text)):
        return node.value
    if isinstance(node, ast.Duration):
        return _duration(node.microseconds, of)
    if isinstance(node, ast.Unary) and node.operator in "+-":
        sign, operand = -1 if node.operator == "-" else 1, node.operand
        if isinstance(operand, ast.Duration):
            return _duration(sign * operand.microseconds, of)
        if isinstance(operand, ast.Literal) and type(operand.value) in (int, float):
            return sign * operand.value  # type: ignore[operator]
    if isinstance(node, ast.List):
        part = part_of(present(of))
        return [constant(each, part) for each in node.items]
    if isinstance(node, ast.Map):
        of = present(of)
        entries: dict[str, object] = {}
        for each in node.entries:
            if not isinstance(each, ast.Entry) or not isinstance(each.key, ast.Text):
                raise ValueError(node)
            entries[each.key.value] = constant(each.value, part_of(of, each.key.value))
        return entries
    raise ValueError(node)


def _duration(micros: int, of: Type) -> int | str:
    if not isinstance(present(of), Any):
        return micros
    from flowlang.types.instants import write_duration

    return write_duration(micros)
