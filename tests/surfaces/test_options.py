"""Plain arguments and click read one table: what the small parser accepts, click reads as the same values."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.cli.clicked import command_names, to_click
from flowlang.cli.options import Argument, Command, Option, parse_plain

COMMAND = Command(
    name="demo",
    help="Do it.",
    arguments=(Argument("paths", "PATH...", many=True),),
    options=(
        Option("--format", "how", choices=("text", "json"), default="text"),
        Option("--input", "a value", many=True),
        Option("--db", "where"),
        Option("--check", "only look", kind="flag"),
        Option("--quiet", "say less", kind="flag", short="-q"),
    ),
)
TWO = Command(name="two", help="Do it.", arguments=(Argument("file", "FILE"), Argument("name", "NAME", required=False)))
GROUP = Command(name="group", help="Do it.", subcommands=(COMMAND, TWO))

WORDS = [
    "a.flow", "b", "-", "--", "--format", "--format=json", "--format=yaml", "json", "--input", "--input=k=v", "k=v", "",
    "--db", "--db=x y", "--db=", "--check", "--check=1", "-q", "--quiet", "--help", "--unknown", "-x", "--inp",
    "demo", "two",
]  # fmt: skip


def clicked(command: Command, args: list[str]) -> dict[str, Any] | None:
    """What click makes of arguments; none if it refuses them or shows help."""
    module = ModuleType("demo")
    seen: list[dict[str, Any]] = []
    module.run = lambda values: seen.append(values) or 0  # type: ignore[attr-defined,func-returns-value]
    try:
        to_click(command, module, {}).main(list(args), prog_name="demo", standalone_mode=False)
    except (click.ClickException, click.exceptions.Exit):
        return None
    return seen[0] if seen else None


@pytest.mark.parametrize("command", [COMMAND, TWO, GROUP], ids=lambda command: command.name)
@given(args=st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_is_accepted_is_what_click_reads(command: Command, args: list[str]) -> None:
    values = parse_plain(command, args)
    if values is not None:
        assert clicked(command, args) == values


@pytest.mark.parametrize(
    "args",
    [
        ["a.flow"],
        ["a.flow", "b.flow", "--format", "json", "--check"],
        ["--input=k=v", "--input", "x=1", "-", "-q"],
        ["--", "--odd.flow"],
    ],
)
def test_what_is_usual_needs_no_click(args: list[str]) -> None:
    assert parse_plain(COMMAND, args) is not None


@pytest.mark.parametrize(
    "args", [[], ["--help"], ["a", "--format", "yaml"], ["a", "--db"], ["a", "--check=yes"], ["a", "--nope"]]
)
def test_mistakes_are_left_to_click(args: list[str]) -> None:
    assert parse_plain(COMMAND, args) is None


def test_every_module_of_the_package_is_a_command() -> None:
    assert "completion" in command_names()
