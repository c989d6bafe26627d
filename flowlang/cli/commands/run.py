"""`flowlang run`: run a flow here and now, recorded so that nothing done is done twice."""

from __future__ import annotations

from flowlang.cli.options import DB, FORMAT, LOG, PARK, TRACE, Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

COMMAND = Command(
    name="run",
    help="Run a flow, or go on with a run that was interrupted.\n\n"
    "The result goes to stdout, progress to stderr. "
    "Exit code 0: succeeded, 1: failed, or the file has errors, 2: not started, 3: internal error, 4: parked, "
    "130: interrupted, 143: ended by SIGTERM.",
    arguments=(Argument("file", "[FILE]", required=False),),
    options=(
        Option("--flow", "Which flow, where the file has several.", metavar="NAME"),
        Option("--input", "An input; read as its parameter's type wants it.", metavar="NAME=VALUE", many=True),
        Option("--input-file", "A JSON file of inputs; - is stdin.", metavar="FILE"),
        Option("--config", "A value of the configuration.", metavar="NAME=VALUE", many=True),
        Option("--run-id", "Name the run; the same name again joins or returns it.", metavar="ID"),
        Option("--resume", "Go on with a run that was interrupted or killed.", metavar="RUN"),
        Option(
            "--durability",
            "What a recorded step survives: loss of power, or a killed process only.",
            choices=("power", "process"),
            default="power",
        ),
        PARK,
        Option("--step", "Pause before each call, show its inputs and ask how to go on.", kind="flag"),
        LOG,
        TRACE,
        FORMAT,
        DB,
    ),
)


def run(values: Values) -> int:
    from flowlang.cli import running

    return running.run(values)
