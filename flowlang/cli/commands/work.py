"""`flowlang work`: going on with parked runs when their time has come."""

from __future__ import annotations

from flowlang.cli.options import DB, LOG, TRACE, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

COMMAND = Command(
    name="work",
    help="Go on with parked runs when what they wait for has come.\n\n"
    "A run that only waits for long is parked: no process is at it. Workers take it up again; "
    "any number of them may share a database.",
    options=(
        Option("--once", "End when nothing is due.", kind="flag"),
        Option("--width", "So many runs at once.", metavar="N", default="100"),
        LOG,
        TRACE,
        DB,
    ),
)


def run(values: Values) -> int:
    from flowlang.cli.working import run

    return run(values)
