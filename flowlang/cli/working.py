"""What `flowlang work` does."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowlang.cli import databases
from flowlang.cli.compiling import denies_private
from flowlang.cli.failure import INTERNAL, INTERRUPTED, SUCCEEDED, CommandFailed, UsageError, described
from flowlang.cli.running import stored_task
from flowlang.cli.shown import moment
from flowlang.cli.stopping import Stop, Terminated, until_stopped
from flowlang.cli.watchers import Watchers, watching
from flowlang.engines.local import LocalEngine, Watcher
from flowlang.engines.worker import Worker
from flowlang.plan import codec
from flowlang.plan.errors import PlanError
from flowlang.render.visible import visible
from flowlang.runtime.errors import ReplayDisagrees
from flowlang.runtime.journal import JournalConflict, JournalUnavailable
from flowlang.runtime.world import in_folder, real_seam
from flowlang.store.rows import JournalCorrupt

if TYPE_CHECKING:
    from flowlang.plan.nodes import Plan
    from flowlang.runtime.seam import Seam
    from flowlang.store.runs import RunRecord
    from flowlang.store.sqlite import Store

MOST_PLANS = 64


def run(values: dict[str, Any]) -> int:
    """`flowlang work`; ends well when it is asked to end, for that is how it ends."""
    if not (values["width"].isascii() and values["width"].isdigit() and int(values["width"])):
        raise UsageError(f"--width takes a number from 1, not {values['width']!r}")
    with databases.opened(values) as store:
        # Where private addresses are denied and where they are not, each with its own connections.
        seams = {denies: real_seam(Path.cwd(), deny_private=denies) for denies in (False, True)}
        now = seams[False].now
        bugs: list[Exception] = []

        async def work(_: Stop) -> None:
            try:
                with watching(values, now) as (dress, watchers):
                    if not values["once"]:
                        path = visible(str(store.path))
                        _say(f"goes on with parked runs of {path} when their time or an event has come; Ctrl-C ends it")
                    takes = Takes(store, {denies: dress(seam) for denies, seam in seams.items()}, watchers, bugs)
                    await Worker(store, now, takes.take_up, int(values["width"])).work(once=values["once"])
            finally:
                for seam in seams.values():
                    await seam.transport.close()

        try:
            until_stopped(work)
        except Terminated:
            return SUCCEEDED
        except KeyboardInterrupt:
            return INTERRUPTED
        except JournalUnavailable as error:
            raise CommandFailed(str(error)) from error
    return INTERNAL if bugs else SUCCEEDED


class Takes:
    """Takes runs up: with the plan each is pinned to, in the folder of its file. A bug that ends one goes to `bugs`: it
    must not end the others.
    """

    def __init__(self, store: Store, seams: Mapping[bool, Seam], watchers: Watchers, bugs: list[Exception]) -> None:
        self._store = store
        self._seams = seams
        self._watchers = watchers
        self._bugs = bugs
        self._plans: dict[str, Plan] = {}
        self._engines: dict[tuple[Path, bool], LocalEngine] = {}

    async def take_up(self, run_id: str) -> bool:
        """Go on with a run until it leaves; false, and a line on stderr, if it cannot. Raises `JournalUnavailable`
        if the database as a whole cannot be used: what this process holds then is free when it ends.
        """
        try:
            record = self._store.get(run_id)
            task = stored_task(self._store, record, {"config": []}, self._plan(record))
            await self._engine(task.file).resume(run_id, task.plan, task.config)
        except UsageError as error:
            _say(str(error))
            return False
        except (PlanError, JournalConflict, JournalCorrupt, ReplayDisagrees) as error:
            _say(f"run {run_id} cannot go on: {error}")
            return False
        except JournalUnavailable:
            raise
        except Exception as error:
            _say(f"run {run_id} cannot go on: {described(error)}; this is a bug in flowlang")
            if os.environ.get("FLOWLANG_DEBUG"):
                traceback.print_exception(error)
            self._bugs.append(error)
            return False
        return True

    def _plan(self, record: RunRecord) -> Plan:
        found = self._plans.get(record.body)
        if found is None:
            while len(self._plans) >= MOST_PLANS:
                self._plans.pop(next(iter(self._plans)))
            found = self._plans[record.body] = codec.loads(self._store.plan_body(record))
        return found

    def _engine(self, file: Path) -> LocalEngine:
        folder, denies = file.parent, denies_private(str(file))
        found = self._engines.get((folder, denies))
        if found is None:
            seam = in_folder(self._seams[denies], folder)
            found = self._engines[folder, denies] = LocalEngine(self._store, seam, watchers=self._watch, stay=False)
        return found

    def _watch(self, record: RunRecord) -> Sequence[Watcher]:
        return [Teller(record), *self._watchers(record)]


class Teller:
    """Says a line for each run that begins here, ends or is parked."""

    def __init__(self, record: RunRecord) -> None:
        self._run = f"run {record.id} ({record.flow})"

    def begun(self) -> None:
        _say(f"{self._run} goes on")

    def observe(self, event: tuple[Any, ...]) -> None:
        """Steps are for `--log`."""

    def ended(self, status: str, created: int, error: object) -> None:
        _say(f"{self._run} {'was cancelled' if status == 'cancelled' else status}")

    def parked(self, wake: int) -> None:
        _say(f"{self._run} waits until {moment(wake)}")


def _say(text: str) -> None:
    print(f"flowlang: {visible(text)}", file=sys.stderr)
