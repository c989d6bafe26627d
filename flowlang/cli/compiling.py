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
    from flowlang.plan.nodes import Limits

    return Limits(**_table_near(file, "limits"))


def denies_private(file: str) -> bool:
    """Whether the nearest `flowlang.toml` at or above a file lets runs connect to public addresses only. Raises
    `UsageError`.
    """
    return bool(_table_near(file, "http").get("deny_private"))


def _table_near(file: str, name: str) -> dict[str, Any]:
    """A table of the nearest `flowlang.toml` at or above a file; empty if there is none."""
    from flowlang.cli.failure import UsageError
    from flowlang.compiler.nearest import Misconfigured
    from flowlang.compiler.run_tables import table_of

    folder = os.path.dirname(os.path.abspath(file))
    while not os.path.isfile(path := os.path.join(folder, "flowlang.toml")):
        if folder == (folder := os.path.dirname(folder)):
            return {}
    try:
        return table_of(path, name)
    except Misconfigured as error:
        raise UsageError(str(error)) from error


def _tell(program: Program) -> None:
    from flowlang.cli.terminal import wants_color
    from flowlang.render import text

    shown = text.render(program.diagnostics, program.sources, wants_color(sys.stderr))
    print(shown + "\n" + text.summary(program.diagnostics, max(1, len(program.files))), file=sys.stderr)
