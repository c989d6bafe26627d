"""The values that a `flowlang.toml` gives to `config { }`, held against the types that are declared there.

A value that the file reads is judged as a run judges it. What else may give it (the command line, the environment,
`.env`) is of each run, and not looked at; so a value that is missing is not told. A finding lies at the declaration:
what shows findings shows the line, and a secret may stand in that of the settings.
"""

from __future__ import annotations

from flowlang.diagnostics import Diagnostic, sort_key
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import secret_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.compiler.run_tables import Given
    from flowlang.semantics.facts import Program
    from flowlang.types.model import Type


def judge_values(program: Program, given: Given) -> Program:
    """A program with what is wrong with the values that are given to its files."""
    found = tuple(misfits(program, given))
    if not found:
        return program
    return program.replace(diagnostics=tuple(sorted([*program.diagnostics, *found], key=sort_key)))


def misfits(program: Program, given: Given) -> Iterator[Diagnostic]:
    """What is wrong with the values that are given to the files of a program."""
    from flowlang.types.show import show

    for file in program.files.values():
        for field in (each for item in file.tree.items if isinstance(item, ast.Config) for each in item.fields):
            name, of = field.name.name, program.facts.type_exprs.get(id(field.type))
            if of is None or name not in given.values or (file.path, name) not in program.facts.read:
                continue
            problem = _problem(of, given.values[name])
            if problem:
                message = f"`config.{name}` is {show(of)}, which {given.path} gives something else: {problem}"
                secret = f"a secret is given by `FLOW_{name.upper()}` or `FLOW_{name.upper()}_FILE`"
                span = Span(file.path, field.start, field.end)
                yield Diagnostic("type-mismatch", "error", message, span, "" if secret_path(of) is None else secret)


def _problem(of: Type, value: object) -> str:
    from flowlang.types.check import checker
    from flowlang.types.edge import written

    return "; ".join(map(str, checker(written(of)).check(value)[1]))
