"""What `run`, `runs retry` and `runs cancel` share: getting a run ready, watching it, and telling how it ended."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowlang.cli import databases
from flowlang.cli.compiling import compiled, denies_private, plan_of
from flowlang.cli.copied import command
from flowlang.cli.failure import FAILED, INTERRUPTED, SUCCEEDED, CommandFailed, UsageError
from flowlang.cli.progress import Progress
from flowlang.cli.stepping import Stepper
from flowlang.cli.stopping import Stop, Terminated, until_stopped
from flowlang.cli.verdict import Verdict, lines_left_behind
from flowlang.cli.watchers import watching
from flowlang.engines.configuration import Configuration, Places, configure
from flowlang.engines.local import Ended, Finished, Left, LocalEngine, OtherRun, new_run_id
from flowlang.engines.spelling import Misspelt, read_value, strict_json
from flowlang.plan import codec
from flowlang.plan.errors import PlanError
from flowlang.plan.identity import content_hash
from flowlang.plan.nodes import Plan
from flowlang.plan.walk import uses
from flowlang.runtime.errors import ReplayDisagrees
from flowlang.runtime.inputs import validate_config, validate_inputs
from flowlang.runtime.interpreter.alike import may_differ
from flowlang.runtime.journal import JournalConflict, JournalUnavailable
from flowlang.runtime.seam import Seam
from flowlang.runtime.world import check_python, real_seam
from flowlang.store.history import barred_step
from flowlang.store.rows import JournalCorrupt
from flowlang.store.runs import NewRun, RunNotFound, RunNotRetryable, RunRecord
from flowlang.store.sqlite import Store
from flowlang.types.codec import from_json

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """A plan with the complete configuration to run it with; `pinned` is what of it may be stored."""

    plan: Plan
    config: dict[str, object]
    pinned: dict[str, object]
    file: Path


def run(values: Values) -> int:
    """`flowlang run`."""
    _refuse_mixtures(values)
    if values["resume"] is not None:
        with databases.opened(values, must_exist=True) as store:
            return _resume(store, values)
    planned = _planned(values)  # what cannot start leaves no database behind
    if planned is None:
        return FAILED
    task, new = planned
    with databases.opened(values) as store:
        return drive(store, values, task, new.id, lambda engine: engine.start(new, task.plan, task.config))


def retry(store: Store, values: Values) -> int:
    """`flowlang runs retry`."""
    record = databases.known(store, values["run"], values)
    if record.status == "succeeded":
        again = command("runs replay", record.id, values=values)
        raise UsageError(f"run {record.id} has succeeded; a new run that does its work again: {again}")
    if not record.is_over:
        resume, end = (command(name, record.id, values=values) for name in ("run --resume", "runs cancel"))
        hint = f"; if it cannot go on, end it first: {end}" * values["from_start"]
        raise UsageError(f"run {record.id} is not over yet; go on with it, or wait for its end: {resume}{hint}")
    task = stored_task(store, record, values)
    warn_of_changes(record)
    return drive(
        store, values, task, record.id,
        lambda engine: engine.retry(record.id, task.plan, task.config, from_start=values["from_start"]),
    )  # fmt: skip


def cancel(store: Store, values: Values) -> int:
    """`flowlang runs cancel`: succeeds if the run ends cancelled, or was already."""
    record = databases.known(store, values["run"], values)
    if record.is_over and record.status != "cancelled":
        raise UsageError(f"run {record.id} is over: it {_over(record)}; there is nothing to cancel")
    task = stored_task(store, record, values)
    code = drive(
        store, values, task, record.id, lambda engine: engine.cancel(record.id, task.plan, task.config), quietly=True
    )
    return SUCCEEDED if store.get(record.id).status == "cancelled" else code


# ---- getting ready


def _refuse_mixtures(values: Values) -> None:
    if values["file"] is None and values["resume"] is None:
        raise UsageError("name a FILE to run, or a run to go on with: --resume RUN")
    if values["resume"] is not None:
        if values["file"] is not None:
            resume = command("run --resume", values["resume"], values=values)
            raise UsageError(f"a run that is resumed goes on with the plan it began with, leave out the file: {resume}")
        for name in ("flow", "input", "input_file", "run_id"):
            if values[name]:
                option = f"--{name.replace('_', '-')}"
                replay = command(f"runs replay {option} …", values["resume"], values=values)
                hint = f"; a new run with another: {replay}" if "input" in name else ""
                raise UsageError(f"{option} does not go with --resume: the run has its own{hint}")
    named_run(values["run_id"])


def named_run(run_id: str | None) -> None:
    """Refuse a name that a run cannot have."""
    if run_id is not None and not (run_id.isprintable() and 0 < len(run_id) <= 200 and " " not in run_id):
        raise UsageError("--run-id takes 1 to 200 printable characters without spaces")


def _planned(values: Values) -> tuple[Task, NewRun] | None:
    """The run that the options ask for; none, with the findings told, if its file has errors."""
    plan = compiled(values["file"], values["flow"])
    if plan is None:
        return None
    file = Path(values["file"])
    problems: list[str] = []
    inputs = read_inputs(plan, values, problems)
    config = _config(plan, values, file, problems)
    seam = real_seam(file.parent)
    problems += _without_python(plan, seam)
    if problems:
        raise UsageError(listed("the run cannot start", problems))
    task = Task(plan, config, _without_secrets(plan, config), file)
    new = NewRun(
        id=values["run_id"] or new_run_id(),
        flow=plan.flow.rpartition(":")[2],
        file=os.path.abspath(file),
        plan=content_hash(plan),
        body=codec.dumps(plan),
        inputs=inputs,
        config=task.pinned,
        created=seam.now(),
    )
    return task, new


def _resume(store: Store, values: Values) -> int:
    record = databases.known(store, values["resume"], values)
    if record.is_over:
        is_barred = record.status != "succeeded" and barred_step(store.live(record)) is not None
        again = command("runs retry", record.id, values=values) + " --from-start" * is_barred
        hint = "" if record.status == "succeeded" else f"; {again} tries it again"
        print(f"flowlang: run {record.id} is over: it {_over(record)}{hint}", file=sys.stderr)
        return Verdict(store, record, None, values).tell(Finished(record))
    task = stored_task(store, record, values)
    warn_of_changes(record)
    return drive(store, values, task, record.id, lambda engine: engine.resume(record.id, task.plan, task.config))


def stored_task(store: Store, record: RunRecord, values: Values, plan: Plan | None = None) -> Task:
    """The plan that a run is pinned to (read, unless it is given), its pinned configuration, and its secrets as they
    are now.
    """
    try:
        plan = plan or codec.loads(store.plan_body(record))
    except (PlanError, JournalUnavailable) as error:
        raise UsageError(f"run {record.id} cannot go on: {error}") from error
    secrets = plan.replace(config=tuple(parameter for parameter in plan.config if parameter.secret))
    problems: list[str] = []
    file = Path(record.file)
    given = pairs("--config", values["config"], problems)
    pinned = [name for name in given if name in record.config]
    problems += [f"--config {name}: run {record.id} is pinned to the value it began with" for name in pinned]
    config = {**record.config, **_config(secrets, {**values, "config": []}, file, problems, given)}
    problems += _without_python(plan, real_seam(file.parent))
    if problems:
        raise UsageError(listed(f"run {record.id} cannot go on", problems))
    return Task(plan, config, dict(record.config), file)


def _without_python(plan: Plan, seam: Seam) -> list[str]:
    with redirect_stdout(sys.stderr):  # stdout is the result's: what the project's Python prints goes beside it
        return check_python(plan, seam)


def warn_of_changes(record: RunRecord, instead: str = "it goes on with the plan it began with") -> None:
    """Say that the file is no longer what a run was planned from, and what is executed instead of what it says now."""
    try:
        plan = plan_of(os.path.relpath(record.file), record.flow)
        changed = plan is None or content_hash(plan) != record.plan
    except UsageError:
        changed = True
    if changed:
        print(
            f"flowlang: {os.path.relpath(record.file)} has changed since run {record.id} began; {instead}",
            file=sys.stderr,
        )


def read_inputs(
    plan: Plan, values: Values, problems: list[str], given: dict[str, object] | None = None
) -> dict[str, object]:
    """The inputs that the options name, over those that are given; what is wrong with them goes to `problems`."""
    types = {parameter.name: parameter.type for parameter in plan.flows[plan.flow].parameters}
    raw = {**(given or {}), **_input_file(values["input_file"])}
    before = len(problems)
    for name, text in pairs("--input", values["input"], problems).items():
        try:
            raw[name] = read_value(text, from_json(plan.types[types[name]])) if name in types else text
        except Misspelt as error:
            problems.append(f"input `{name}`: {error}")
            raw.pop(name, None)
            types.pop(name)
    checked, found = validate_inputs(plan, raw)
    misspelt = len(problems) > before
    takes = listed_names(parameter.name for parameter in plan.flows[plan.flow].parameters)
    for problem in found:
        name = problem.split("`")[1]
        if problem == f"input `{name}` is missing":
            if not misspelt or name in types:
                problems.append(f"{problem}: pass --input {name}=…")
        else:
            problems.append(problem + f"; the flow takes {takes}" * (problem == f"input `{name}` is not known"))
    return checked


def listed_names(names: Iterable[str]) -> str:
    """What there is to choose from."""
    return ", ".join(names) or "none"


def _input_file(path: str | None) -> dict[str, object]:
    if path is None:
        return {}
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        value = strict_json(text)
    except OSError as error:
        raise UsageError(f"the input file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise UsageError(f"the input file {path} is not JSON: {reason}") from error
    if not isinstance(value, dict):
        raise UsageError(f"the input file {path} holds no JSON object")
    return value


def _config(
    plan: Plan, values: Values, file: Path, problems: list[str], given: dict[str, str] | None = None
) -> dict[str, object]:
    given = given if given is not None else pairs("--config", values["config"], problems)
    known = [parameter.name for parameter in plan.config]
    for name in given:
        if name not in known and name in _for_triggers(plan):
            problems.append(f"--config {name}: only a trigger reads it, and `flowlang run` fires none; leave it out")
        elif name not in known:
            problems.append(f"--config {name}: the flow has no such value; it has {listed_names(known)}")
    found: Configuration = configure(plan.config, plan.types, Places(given, os.environ, Path.cwd(), file))
    problems += found.problems
    _note(found.notes)
    if found.problems:
        return {}
    config, more = validate_config(plan, found.values)
    problems += more
    return config


_noted: set[str] = set()


def _note(notes: Iterable[str]) -> None:
    """Say what stops nothing: once, though a worker reads the configuration for each run."""
    for note in notes:
        if note not in _noted:
            _noted.add(note)
            print(f"flowlang: {note}", file=sys.stderr)


def _for_triggers(plan: Plan) -> set[str]:
    """The configuration that the flow's triggers read."""
    found: set[str] = set()
    for trigger in plan.flows[plan.flow].triggers:
        read = [value for _, value in (*trigger.arguments, *trigger.inputs)]
        for value in (*read, trigger.condition):
            found.update(() if value is None else uses(value, "config"))
    return found


def pairs(flag: str, texts: Iterable[str], problems: list[str]) -> dict[str, str]:
    """`name=value` options by name."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            # What stands behind --config may be a secret.
            problems.append(f"{flag} takes name=value" + ("" if flag == "--config" else f", not {text!r}"))
        elif name in found:
            problems.append(f"{flag} {name} is given twice")
        else:
            found[name] = value
    return found


def _without_secrets(plan: Plan, config: dict[str, object]) -> dict[str, object]:
    secret = {parameter.name for parameter in plan.config if parameter.secret}
    return {name: value for name, value in config.items() if name not in secret}


def listed(what: str, problems: list[str]) -> str:
    """One problem behind a colon, several on lines of their own."""
    return what + (
        f": {problems[0]}" if len(problems) == 1 else ":" + "".join(f"\n  {problem}" for problem in problems)
    )


def _over(record: RunRecord) -> str:
    return "was cancelled" if record.status == "cancelled" else record.status


# ---- running


def drive(
    store: Store,
    values: Values,
    task: Task,
    run_id: str,
    work: Callable[[LocalEngine], Coroutine[Any, Any, Ended]],
    *,
    quietly: bool = False,
) -> int:
    """Run to the end and tell the verdict; an interrupted run says how to go on."""
    seam = real_seam(task.file.parent, deny_private=denies_private(str(task.file)))
    stepping = bool(values.get("step"))
    progress = Progress(sys.stderr, run_id, live=not stepping, silent=values.get("log") == "-")

    async def execute(stop: Stop) -> Ended:
        stepper = Stepper(sys.stderr, sys.stdin, lambda: stop(KeyboardInterrupt())) if stepping else None
        try:
            with progress, watching(values, seam.now) as (dress, watchers):
                engine = LocalEngine(
                    store,
                    dress(seam),
                    observe=progress.observe,
                    on_join=progress.joined,
                    watchers=watchers,
                    gate=None if stepper is None else stepper.gate,
                    stay=not values.get("park"),
                )
                return await work(engine)
        finally:
            await seam.transport.close()

    go_on = f"go on with it: {command('run --resume', run_id, values=values)}"
    try:
        ended = until_stopped(execute)
    except (KeyboardInterrupt, Terminated) as stopped:
        how = _is_elsewhere(store, run_id, values) or f"was interrupted; {go_on}"
        print(f"flowlang: run {run_id} {how}", file=sys.stderr)
        return INTERRUPTED if isinstance(stopped, KeyboardInterrupt) else 128 + signal.SIGTERM
    except OtherRun as error:
        shown = command("runs show", run_id, values=values)
        raise UsageError(f"{error}; leave out --run-id, or name a new run ({shown} shows that one)") from error
    except RunNotRetryable as error:
        raise UsageError(str(error)) from error
    except RunNotFound as error:
        raise CommandFailed(f"run {run_id} was removed from {store.path} meanwhile") from error
    except (JournalUnavailable, JournalConflict, ReplayDisagrees) as error:
        undo = "" if quietly else f"undo what was done: {command('runs cancel', run_id, values=values)}"
        raise _stopped(store, run_id, task.plan, error, go_on, undo) from error
    verdict = Verdict(store, ended.record, task.plan, values)
    if isinstance(ended, Left):
        return verdict.tell_left(ended)
    if quietly:
        print(f"flowlang: run {run_id} {_over(ended.record)}", file=sys.stderr)
        if values["format"] == "text":
            for line in lines_left_behind(ended):
                print(f"flowlang: {line}", file=sys.stderr)
            return SUCCEEDED if ended.record.status == "succeeded" else FAILED
    return verdict.tell(ended)


def _is_elsewhere(store: Store, run_id: str, values: Values) -> str | None:
    """What is said when only the waiting for a run of another process was interrupted; null if the run was."""
    try:
        record = store.find(run_id)
        if record is None or not store.is_running(record):
            return None
        is_asked = store.is_cancel_asked(record)
    except JournalUnavailable:
        return None
    wait = f"wait for its end: {command('runs cancel' if is_asked else 'run --resume', run_id, values=values)}"
    asked = "was asked to end, and " * is_asked
    return f"{asked}is still under way in another process; {wait}"


def _stopped(
    store: Store, run_id: str, plan: Plan, error: Exception, go_on: str, undo: str
) -> CommandFailed | UsageError:
    """What is said when the journal fails: how to go on is told only of a run that is recorded and can be read."""
    try:
        record = store.find(run_id)
    except JournalUnavailable:
        return CommandFailed(f"run {run_id} stopped: {databases.refused(error)}")
    if record is None:
        return UsageError(f"the run cannot start: {error}")
    if isinstance(error, JournalCorrupt):
        return CommandFailed(f"run {run_id} stopped: {databases.refused(error)}")
    if isinstance(error, ReplayDisagrees):  # inputs and the rest of the configuration are pinned
        if may_differ(plan):
            go_on = f"has a secret changed? Set it to what it was and {go_on}" + f", or {undo}" * bool(undo)
        else:
            go_on = "it cannot go on" + f"; {undo}" * bool(undo)
    return CommandFailed(f"run {run_id} stopped: {error}; {go_on}")
