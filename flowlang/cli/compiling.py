"""From a file on the command line to a plan, for the commands that need one; findings go to stderr."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.plan.nodes import Limits, Plan
    from flowlang.semantics.facts import Program


def compiled(file: str, flow: str | None) -> Plan | None:
    """The plan of a file's flow; none, with the findings told, if the file has errors. Raises `UsageError`."""
    from flowlang.cli.files import tidy

    program = _checked(tidy(file))
    errors = [found for found in program.diagnostics if found.severity == "error"]
    if errors:
        _tell(program)
        return None
    return _lowered(program, flow)


def plan_of(file: str, flow: str | None) -> Plan | None:
    """The plan of a file's flow, without a word; none if it has errors. Raises `UsageError`."""
    program = _checked(file)
    if any(found.severity == "error" for found in program.diagnostics):
        return None
    return _lowered(program, flow)


def _checked(file: str) -> Program:
    from flowlang.cli.failure import UsageError
    from flowlang.compiler.pipeline import check
    from flowlang.compiler.workspace import reader

    if not os.path.exists(file):
        raise UsageError(f"no such file: {file}")
    if os.path.isdir(file):
        raise UsageError(f"{file} is a folder, not a file")
    return check(file, reader(file))


def _lowered(program: Program, flow: str | None) -> Plan:
    from flowlang.cli.failure import UsageError
    from flowlang.compiler.lower import LoweringError, lower

    try:
        return lower(program, flow, limits_near(program.root))
    except LoweringError as error:
        raise UsageError(str(error)) from error


def limits_near(file: str) -> Limits:
    """The limits that the nearest `flowlang.toml` at or above a file sets. Raises `UsageError`."""
    from flowlang.cli.failure import UsageError
    from flowlang.plan.nodes import Limits

    path, table = _table_near(file, "limits")
    for name, value in table.items():
        if name not in Limits._fields:
            raise UsageError(f"{path}: there is no limit {name!r}; there is {', '.join(Limits._fields)}")
        if type(value) is not int or value < 1:
            raise UsageError(f"{path}: the limit {name} is a whole number above 0")
    return Limits(**table)


def denies_private(file: str) -> bool:
    """Whether the nearest `flowlang.toml` at or above a file lets runs connect to public addresses only. Raises
    `UsageError`.
    """
    from flowlang.cli.failure import UsageError

    path, table = _table_near(file, "http")
    for name, value in table.items():
        if name != "deny_private":
            raise UsageError(f"{path}: there is no setting {name!r} in [http]; there is deny_private")
        if type(value) is not bool:
            raise UsageError(f"{path}: deny_private is true or false")
    return bool(table.get("deny_private"))


def _table_near(file: str, name: str) -> tuple[str, dict[str, Any]]:
    """A table of the nearest `flowlang.toml` at or above a file, with the path of that; empty if there is none."""
    import tomllib

    from flowlang.cli.failure import UsageError
    from flowlang.compiler.nearest import LARGEST

    folder = os.path.dirname(os.path.abspath(file))
    while not os.path.isfile(path := os.path.join(folder, "flowlang.toml")):
        if folder == (folder := os.path.dirname(folder)):
            return "", {}
    if (size := os.path.getsize(path)) > LARGEST:
        raise UsageError(f"{path} has {size:,} bytes; the most that is read is {LARGEST:,}")
    try:
        with open(path, "rb") as opened:
            table = tomllib.load(opened).get(name, {})
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if not isinstance(table, dict):
        raise UsageError(f"{path}: [{name}] is not a table")
    return path, table


def _tell(program: Program) -> None:
    from flowlang.cli.terminal import wants_color
    from flowlang.render import text

    shown = text.render(program.diagnostics, program.sources, wants_color(sys.stderr))
    print(shown + "\n" + text.summary(program.diagnostics, max(1, len(program.files))), file=sys.stderr)
