"""The values that a `flowlang.toml` gives to `config { }`, held against the types that are declared there.

A value is judged as a run judges it. What else may give it (the command line, the environment, `.env`) is of each run,
and not looked at; so a value that is missing is not told. A finding lies where the value is given; of a secret it lies
at the declaration, for what shows findings shows the line.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Diagnostic, Related, sort_key
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types import model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.compiler.run_tables import Given
    from flowlang.semantics.facts import Program
    from flowlang.types.model import Type

_head = patterns.compile(r"[ \t]*\[+[ \t]*([^\]\r\n]*)").match


def judge_values(program: Program, given: Given) -> Program:
    """A program with what is wrong with the values that are given to its files."""
    found = tuple(misfits(program, given))
    if not found:
        return program
    return program.replace(diagnostics=tuple(sorted([*program.diagnostics, *found], key=sort_key)))


def misfits(program: Program, given: Given) -> Iterator[Diagnostic]:
    """What is wrong with the values that are given to the files of a program; what is related last is the declaration,
    where the finding does not lie there.
    """
    from flowlang.types.show import show

    for file in program.files.values():
        for field in (each for item in file.tree.items if isinstance(item, ast.Config) for each in item.fields):
            name, of = field.name.name, program.facts.type_exprs.get(id(field.type))
            problem = "" if of is None or name not in given.values else _problem(of, given.values[name])
            if of is None or not problem:
                continue
            declared = Span(file.path, field.start, field.end)
            if _holds_secret(of):
                message = f"`config.{name}` is {show(of)}, which {given.path} gives something else: {problem}"
                help = f"a secret is given by `FLOW_{name.upper()}` or `FLOW_{name.upper()}_FILE`"
                yield Diagnostic("type-mismatch", "error", message, declared, help)
            else:
                message = f"`config.{name}` is {show(of)}: {problem}"
                related = (Related("it is declared here", declared),)
                yield Diagnostic("type-mismatch", "error", message, _place(given, name), "", related)


def _problem(of: Type, value: object) -> str:
    from flowlang.types.check import checker
    from flowlang.types.edge import written

    return "; ".join(map(str, checker(written(of)).check(value)[1]))


def _holds_secret(of: Type) -> bool:
    match of:
        case model.Secret():
            return True
        case model.List():
            return _holds_secret(of.item)
        case model.Map():
            return _holds_secret(of.value)
        case model.RecordOf():
            return any(_holds_secret(field.type) for field in of.fields)
        case model.Union():
            return any(map(_holds_secret, of.members))
    return False


def _place(given: Given, name: str) -> Span:
    """Where a value is given: its key, for TOML readers tell no places."""
    quoted = rf"(?P<key>{name}|\"{name}\"|'{name}')"
    in_table = patterns.compile(rf"[ \t]*{quoted}[ \t]*[.=]").match
    above = patterns.compile(rf"[ \t]*config[ \t]*(?:\.[ \t]*|=[ \t]*\{{.*?){quoted}[ \t]*[.=]").match
    of_its_own = patterns.compile(rf"[ \t]*\[[ \t]*config[ \t]*\.[ \t]*{quoted}[ \t]*[.\]]").match
    head, at = "", 0
    for line in given.text.splitlines(keepends=True):
        table = _head(line)
        if table is not None:
            head = table[1].strip()
        found = of_its_own(line) or (in_table(line) if head == "config" else above(line) if not head else None)
        if found is not None:
            return Span(given.path, at + found.start("key"), at + found.end("key"))
        at += len(line)
    return Span(given.path, 0, 0)
