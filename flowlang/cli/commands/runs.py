"""`flowlang runs`: what ran, what failed, and trying it again."""

from __future__ import annotations

from flowlang.cli.options import DB, FORMAT, LOG, OLDER_THAN, PARK, TRACE, Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values
    from flowlang.store.runs import RunRecord
    from flowlang.store.sqlite import Store

STATUSES = ("running", "interrupted", "succeeded", "failed", "cancelled", "waiting")
RUN = Argument("run", "RUN")
CONFIG = Option("--config", "A value of the configuration; secrets are read anew.", metavar="NAME=VALUE", many=True)

COMMAND = Command(
    name="runs",
    help="List, count, show, retry, replay, cancel and remove recorded runs.",
    subcommands=(
        Command(
            name="list",
            help="List runs, the newest first.",
            options=(
                Option("--status", "Only runs that stand so.", choices=STATUSES),
                Option("--flow", "Only runs of this flow.", metavar="NAME"),
                Option("--limit", "So many at most.", metavar="N", default="50"),
                FORMAT,
                DB,
            ),
        ),
        Command(
            name="show",
            help="Show a run: inputs, steps, result or cause of failure.",
            arguments=(RUN,),
            options=(FORMAT, DB),
        ),
        Command(
            name="retry",
            help="Run a failed or cancelled run again, from where it failed.\n\n"
            "What ended well is kept; only what failed, was undone or refers to what was undone is done again, with "
            "its pinned plan and inputs.",
            arguments=(RUN,),
            options=(
                Option("--from-start", "Do everything again.", kind="flag"),
                CONFIG,
                PARK,
                LOG,
                TRACE,
                FORMAT,
                DB,
            ),
        ),
        Command(
            name="replay",
            help="Start a new run with the plan, inputs and configuration of an earlier one, some of them changed.\n\n"
            "The earlier run stays as it is; secrets are read anew.",
            arguments=(RUN,),
            options=(
                Option("--input", "An input that is to be another.", metavar="NAME=VALUE", many=True),
                Option("--input-file", "A JSON file of such inputs; - is stdin.", metavar="FILE"),
                Option("--config", "A value of the configuration.", metavar="NAME=VALUE", many=True),
                Option("--run-id", "Name the new run.", metavar="ID"),
                PARK,
                LOG,
                TRACE,
                FORMAT,
                DB,
            ),
        ),
        Command(
            name="failed",
            help="List the runs that failed, the newest first, each with its reason.",
            options=(
                Option("--flow", "Only runs of this flow.", metavar="NAME"),
                Option("--limit", "So many at most.", metavar="N", default="50"),
                FORMAT,
                DB,
            ),
        ),
        Command(
            name="stats",
            help="Count runs by flow and step: how they ended, how long they took, what they used.",
            options=(
                Option("--window", "Runs that began within.", choices=("24h", "7d", "30d", "all"), default="24h"),
                Option("--flow", "Only runs of this flow.", metavar="NAME"),
                FORMAT,
                DB,
            ),
        ),
        Command(
            name="cancel",
            help="End a run: what it did is undone where its steps say how.",
            arguments=(RUN,),
            options=(CONFIG, LOG, TRACE, FORMAT, DB),
        ),
        Command(
            name="prune",
            help="Remove runs that ended long ago, with their journals.\n\n"
            "What is not over stays, and so does the newest run. A failed run that is removed cannot be retried.",
            options=(
                OLDER_THAN,
                Option("--status", "Only runs that ended so.", choices=("succeeded", "failed", "cancelled")),
                FORMAT,
                DB,
            ),
        ),
    ),
)


def run(values: Values) -> int:
    from flowlang.cli import running
    from flowlang.cli.databases import opened, refused
    from flowlang.cli.failure import UsageError
    from flowlang.runtime.journal import JournalUnavailable
    from flowlang.store.runs import RunNotFound

    with opened(values, must_exist=True) as store:
        try:
            match values["command"]:
                case "list":
                    return _list(store, values)
                case "show":
                    from flowlang.cli.showing import show

                    return show(store, values)
                case "failed":
                    from flowlang.cli.statistics import failed

                    return failed(store, values)
                case "stats":
                    from flowlang.cli.statistics import stats

                    return stats(store, values)
                case "replay":
                    from flowlang.cli.replaying import replay

                    return replay(store, values)
                case "prune":
                    from flowlang.cli.pruning import prune_runs

                    return prune_runs(store, values)
                case "retry":
                    return running.retry(store, values)
            return running.cancel(store, values)
        except JournalUnavailable as error:
            raise refused(error) from error
        except RunNotFound as error:
            raise UsageError(f"run {error} has just been removed from {store.path}") from error


def _list(store: Store, values: Values) -> int:
    import json

    from flowlang.cli.databases import limit_of, without
    from flowlang.cli.showing import standing_of, to_json, waits_of
    from flowlang.cli.shown import duration, moment, table
    from flowlang.store.rows import JournalCorrupt

    status = values["status"]
    corrupt: list[str] = []
    stored = "running" if status == "interrupted" else status
    found = store.newest(stored, values["flow"], limit_of(values), corrupt)
    standing: list[tuple[RunRecord, str]] = []
    for record in found:
        try:
            standing.append((record, standing_of(store, record)))
        except JournalCorrupt as error:
            corrupt.append(str(error))
    if status is not None:
        standing = [(record, how) for record, how in standing if how == status]
    if values["format"] == "json":
        told = [to_json(record, how, waits_of(store, record, how)) for record, how in standing]
        print(json.dumps({"runs": told}, indent=2, ensure_ascii=False))
        return without(corrupt)
    rows = [
        (
            record.id,
            record.flow,
            how,
            moment(record.created),
            duration(record.ended - record.created) if record.ended is not None else "",
        )
        for record, how in standing
    ]
    print(table(("RUN", "FLOW", "STATUS", "STARTED", "TOOK"), rows), end="")
    return without(corrupt)
