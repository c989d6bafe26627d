"""The command line in full: help, error messages and shell completion by click, built from the table of each command.

A command's module is imported when it is named; listing them for `--help` imports all, for their first lines.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

import click

import flowlang.cli.commands
from flowlang import __version__
from flowlang.cli.options import Command, Option

PROGRAM = "flowlang"
ORDER = ("check", "fmt", "plan", "run", "runs", "explain")


def command_names() -> list[str]:
    """Every command there is, the usual ones first."""
    found = {module.name for module in pkgutil.iter_modules(flowlang.cli.commands.__path__)}
    return [name for name in ORDER if name in found] + sorted(found.difference(ORDER))


class LazyGroup(click.Group):
    """Finds its commands by listing a package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return command_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in command_names():
            return None
        module = import_module(f"flowlang.cli.commands.{cmd_name}")
        return to_click(module.COMMAND, module, {})


def to_click(command: Command, module: ModuleType, given: dict[str, Any]) -> click.Command:
    """Build a click command that ends in the module's `run`."""
    if command.subcommands:
        group = click.Group(command.name, help=command.help, no_args_is_help=True)
        for sub in command.subcommands:
            group.add_command(to_click(sub, module, {"command": sub.name}))
        return group
    params: list[click.Parameter] = [
        click.Argument(
            [argument.name],
            metavar=argument.metavar,
            required=argument.required,
            nargs=-1 if argument.many else 1,
            type=click.Path(),
        )
        for argument in command.arguments
    ]
    params += [_option(option) for option in command.options]

    def call(**values: Any) -> int:
        lists = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        code: int = module.run({**given, **lists})
        return code

    return click.Command(command.name, params=params, callback=call, help=command.help, no_args_is_help=False)


def _option(option: Option) -> click.Option:
    flags = [flag for flag in (option.short, option.flag) if flag]
    if option.kind == "flag":
        return click.Option([*flags, option.name], is_flag=True, help=option.help)
    return click.Option(
        [*flags, option.name],
        type=click.Choice(option.choices) if option.choices else str,
        default=None if option.many else option.default,
        multiple=option.many,
        metavar=option.metavar or None,
        help=option.help,
        show_default=option.default is not None,
    )


def application() -> click.Group:
    """The whole command line."""
    group = LazyGroup(
        PROGRAM,
        help="Check, format, plan and run workflows written in the flow language.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        no_args_is_help=True,
    )
    return click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")(group)


def run(args: Sequence[str]) -> int:
    """Run the command line; answers mistakes itself with exit code 2."""
    try:
        result = application().main(list(args), prog_name=PROGRAM, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help(), err=True)
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Abort:
        return 130
    return result if isinstance(result, int) else 0
