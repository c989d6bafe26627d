"""`flowlang breakers`: how the circuit breakers of a run database stand, and moving them by hand."""

from __future__ import annotations

from flowlang.cli.options import DB, FORMAT, Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

NAME = Argument("name", "NAME")

COMMAND = Command(
    name="breakers",
    help="List, show, reset and hold circuit breakers.",
    subcommands=(
        Command(
            name="list",
            help="List the breakers that calls have used, with how they stand.",
            options=(FORMAT, DB),
        ),
        Command(name="show", help="Show one breaker.", arguments=(NAME,), options=(FORMAT, DB)),
        Command(
            name="reset",
            help="Close a breaker and forget what it has counted.",
            arguments=(NAME,),
            options=(FORMAT, DB),
        ),
        Command(
            name="hold",
            help="Hold a breaker open or closed until it is released.\n\n"
            "Held open it refuses every call, held closed it lets every call through; it counts neither way.",
            arguments=(NAME,),
            options=(
                Option("--as", "How it is held.", choices=("open", "closed"), default="open"),
                FORMAT,
                DB,
            ),
        ),
        Command(
            name="release",
            help="Let a held breaker judge for itself again; it begins closed.",
            arguments=(NAME,),
            options=(FORMAT, DB),
        ),
    ),
)


def run(values: Values) -> int:
    from flowlang.cli.breakers import run

    return run(values)
