"""`flowlang events`: telling runs what they wait for, and what they were told."""

from __future__ import annotations

from flowlang.cli.options import DB, FORMAT, OLDER_THAN, Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

COMMAND = Command(
    name="events",
    help="Emit events that runs wait for, list and remove them.",
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
        Command(
            name="list",
            help="List events, the newest first.",
            options=(
                Option("--name", "Only events of this name.", metavar="NAME"),
                Option("--key", "Only events of this key.", metavar="KEY"),
                Option("--limit", "So many at most.", metavar="N", default="50"),
                FORMAT,
                DB,
            ),
        ),
        Command(
            name="prune",
            help="Remove old events that no run can receive any more.\n\n"
            "An event stays while a run that had begun before it is not over, or can be retried, and so does the "
            "newest. The id of one that is removed may be emitted again.",
            options=(OLDER_THAN, FORMAT, DB),
        ),
    ),
)


def run(values: Values) -> int:
    from flowlang.cli.events import run

    return run(values)
