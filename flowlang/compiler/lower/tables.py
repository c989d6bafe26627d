"""What a plan holds beside its steps, collected while they are lowered: only what is used gets in.

Types are numbered in the order they are met; constants, functions, services, flows and configuration are asked for by
their qualified name and lowered once, after whoever asked, so that nothing here recurses through the program.
"""

from __future__ import annotations

import json
import posixpath

from flowlang.compiler.lower.errors import LoweringError
from flowlang.compiler.pipeline import standard_library
from flowlang.semantics.infer.library import infer_library
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.codec import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.plan.nodes import Function
    from flowlang.semantics.facts import CheckedFile, Facts, Program
    from flowlang.types.model import Type


class Declared:
    """Every item of a program that a plan may name, by qualified name, each with its file."""

    def __init__(self, program: Program) -> None:
        self.flows: dict[str, tuple[ast.FlowDecl, CheckedFile]] = {}
        self.services: dict[str, tuple[ast.ServiceDecl, CheckedFile]] = {}
        self.constants: dict[str, tuple[ast.Let, CheckedFile]] = {}
        self.config: dict[str, tuple[ast.Field, CheckedFile]] = {}
        for file in program.files.values():
            for item in file.tree.items:
                self._add(item, file)

    def _add(self, item: ast.Item, file: CheckedFile) -> None:
        match item:
            case ast.FlowDecl():
                self.flows[qualified(file, item.name.name)] = (item, file)
            case ast.ServiceDecl():
                self.services[qualified(file, item.name.name)] = (item, file)
            case ast.Let():
                self.constants[qualified(file, item.name.name)] = (item, file)
            case ast.Config():
                for field in item.fields:
                    self.config.setdefault(field.name.name, (field, file))


def qualified(file: CheckedFile, name: str) -> str:
    """The name of a file's own item in the plan."""
    symbol = file.names.get(name)
    return symbol.qualified if symbol is not None and symbol.qualified else name


class Tables:
    """The tables of one plan under construction."""

    def __init__(self, program: Program) -> None:
        infer_library(program, standard_library())
        self.program = program
        self.facts: Facts = program.facts
        self.declared = Declared(program)
        self.types: list[object] = []
        self.type_numbers: dict[str, int] = {}
        # Asked for and not yet lowered, in order: (table, qualified name, node if the name alone does not find it).
        self.wanted: list[tuple[str, str, ast.Node | None]] = []
        self.asked: set[tuple[str, str]] = set()
        self.documents: dict[str, Function] = {}

    def type(self, of: Type) -> int:
        """The number of a type."""
        data = to_json(of)
        key = json.dumps(data)
        number = self.type_numbers.setdefault(key, len(self.types))
        if number == len(self.types):
            self.types.append(data)
        return number

    def want(self, table: str, name: str, node: ast.Node | None = None) -> str:
        """Have an item lowered into the plan; gives its name back."""
        if (table, name) not in self.asked:
            self.asked.add((table, name))
            self.wanted.append((table, name, node))
        return name

    def document(self, path: str, function: Function) -> str:
        """Have a document template in the plan; gives the name of its function."""
        root = posixpath.dirname(self.program.root.replace("\\", "/")) or "."
        name = base = posixpath.relpath(path, root)
        while self.documents.setdefault(name, function) != function:
            name = f"{base}#{len(self.documents)}"
        return name

    def refuse(self, message: str, node: ast.Node, file: str = "") -> LoweringError:
        """The error for something that a plan cannot hold."""
        return LoweringError(message, Span(file or self.program.root, node.start, node.end))
