"""What a command takes, as data: read by a small parser of plain arguments and turned into click for everything else.

click costs 45 ms to import, more than a whole check; it is needed for help, mistakes and completion only. Both read the
same table, so they cannot disagree about what there is.
"""

from __future__ import annotations

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    Kind = Literal["text", "flag"]
    Values = dict[str, Any]


class Option(Record):
    """`--format json`; a `flag` takes no value. Choices are the only values; `many` collects a list."""

    __slots__ = ()

    flag: str
    help: str
    kind: Kind = "text"
    metavar: str = ""
    choices: tuple[str, ...] = ()
    default: str | None = None
    many: bool = False
    short: str = ""

    @property
    def name(self) -> str:
        return self.flag.lstrip("-").replace("-", "_")


class Argument(Record):
    """A value without a flag. `many`: one or more of them, as a list."""

    __slots__ = ()

    name: str
    metavar: str
    required: bool = True
    many: bool = False


class Command(Record):
    """A command, or a group of commands where it has `subcommands`. `help`: a sentence, then what else there is to
    say.
    """

    __slots__ = ()

    name: str
    help: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    subcommands: tuple[Command, ...] = ()


DB = Option("--db", "The run database (default .flowlang/runs.db).", metavar="FILE")
LOG = Option("--log", "Append what happens as JSON lines; - is stderr.", metavar="FILE")
PARK = Option("--park", "End when the run only waits for long; `flowlang work` goes on with it.", kind="flag")
TRACE = Option("--trace", "Send OpenTelemetry spans, as OTEL_* variables say.", kind="flag")
FORMAT = Option("--format", "For people or for machines.", choices=("text", "json"), default="text")

OLDER_THAN = Option("--older-than", "Only what is older.", metavar="DURATION", default="30d")


def parse_plain(command: Command, args: Sequence[str]) -> Values | None:
    """Read arguments that are plainly right; none for anything that wants help or an error message."""
    if command.subcommands:
        chosen = next((sub for sub in command.subcommands if args and sub.name == args[0]), None)
        values = parse_plain(chosen, args[1:]) if chosen else None
        return None if values is None or chosen is None else {"command": chosen.name, **values}
    options = {flag: option for option in command.options for flag in (option.flag, option.short) if flag}
    values = defaults(command)
    rest: list[str] = []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest.extend(waiting)
        elif arg == "-" or not arg.startswith("-"):
            rest.append(arg)
        else:
            flag, equals, value = arg.partition("=")
            option = options.get(flag)
            if option is None or not _store(values, option, value if equals else None, waiting):
                return None
    return values if _place(values, command.arguments, rest) else None


def defaults(command: Command) -> Values:
    """What the options are when nothing is said."""
    return {option.name: [] if option.many else option.kind != "flag" and option.default for option in command.options}


def _store(values: Values, option: Option, value: str | None, waiting: Any) -> bool:
    if option.kind == "flag":
        values[option.name] = True
        return value is None
    if value is None:
        value = next(waiting, None)
    if value is None or (option.choices and value not in option.choices):
        return False
    if option.many:
        values[option.name].append(value)
    else:
        values[option.name] = value
    return True


def _place(values: Values, arguments: tuple[Argument, ...], rest: list[str]) -> bool:
    for argument in arguments:
        if argument.many:
            values[argument.name], rest = rest, []
        else:
            values[argument.name] = rest.pop(0) if rest else None
        if argument.required and not values[argument.name]:
            return False
    return not rest
