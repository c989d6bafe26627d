"""`flowlang events`: telling runs what they wait for."""

from __future__ import annotations

from flowlang.cli.options import DB, FORMAT, Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

COMMAND = Command(
    name="events",
    help="Emit events that runs wait for.",
    subcommands=(
        Command(
            name="emit",
            help="Emit an event; prints its id.\n\n"
            "It reaches every run that has begun and waits for it, now or later, whichever process it is in.",
            arguments=(Argument("name", "NAME"),),
            options=(
                Option("--key", "What it is about; a run may wait for one key only.", metavar="KEY"),
                Option("--data", "What it says, as JSON.", metavar="JSON"),
                Option("--data-file", "A JSON file of what it says; - is stdin.", metavar="FILE"),
                Option("--id", "Its id: emitted again with the same id it is one event still.", metavar="ID"),
                FORMAT,
                DB,
            ),
        ),
    ),
)


def run(values: Values) -> int:
    from flowlang.cli.events import emit

    return emit(values)
