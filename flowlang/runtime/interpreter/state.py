"""What all frames of one run share: the journal with its watermarks, the history that is resumed from, records, and the
seam.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowlang.runtime.context import ServiceSettings
from flowlang.runtime.errors import ReplayDisagrees, RunError
from flowlang.runtime.events import Events
from flowlang.runtime.interpreter.activity import Activity, Patience
from flowlang.runtime.interpreter.mailbox import Mailbox
from flowlang.runtime.journal import Entry, EntryKind, Journal, SharedState, ancestors, is_volatile, not_undone
from flowlang.runtime.masking import Mask, secrets_in
from flowlang.runtime.observe import Gate, Observe
from flowlang.runtime.seam import Seam

if TYPE_CHECKING:
    from flowlang.runtime.interpreter.program import PlanProgram

ENDINGS: tuple[EntryKind, ...] = ("value", "skipped", "failed", "handled")
COURSE: tuple[EntryKind, ...] = (*ENDINGS, "choice")
"""What tells how far a block has come: one of pure steps writes no ending."""

MOST_RECORDS = 10_000
"""Steps whose end is noted in memory; a loop may have any number, and the journal has them all."""


@dataclass(slots=True)  # as `Entry`
class StepRecord:
    """How a step ended, for people and machines: 'succeeded', 'skipped', 'failed', 'handled' or 'cancelled'. Times in
    µs since the epoch. It is never changed.
    """

    key: str
    status: str
    attempts: int
    started: int
    ended: int
    error: RunError | None = None
    place: str = ""


class RunState:
    """See the module."""

    def __init__(
        self,
        program: PlanProgram,
        run_id: str,
        config: Mapping[str, object],
        seam: Seam,
        journal: Journal,
        shared: SharedState,
        events: Events,
        actions: Mapping[str, Callable[..., Awaitable[object]]],
        observe: Observe | None,
        gate: Gate | None,
        generation: Callable[[str], int],
        patience: Patience | None,
    ) -> None:
        self.program = program
        self.run_id = run_id
        self.config = config
        self.constants: dict[str, Any] = {}
        self.seam = seam
        self.now = seam.now
        self.journal = journal
        self.shared = shared
        self.actions = actions
        self.observe = observe
        self.gate = gate
        self.generation = generation
        self._write = journal.write
        self.entries = journal.entries()
        self.activity = Activity(seam.now, patience)
        self.mailbox = Mailbox(events, self.entries)
        self.memory: dict[str, object] = {}
        self.mask = _mask_of(program, config)
        self.services: dict[str, ServiceSettings] = {}
        self.addresses: dict[str, str] = {}  # of services, as the names of breakers and limits have them
        self.records: list[StepRecord] = []
        self.left_out = 0
        self.meters: dict[str, dict[str, float]] = {}
        self.undo_failures = dict(_undo_failures(self.entries))
        self.unknown = dict.fromkeys(key for key, kind in self.entries if kind == "unknown")
        self.cancelled = False
        self.accepted: int | None = None
        since: int | None = getattr(journal, "since", 0)  # of a store's: when a retry began
        self.try_began = seam.now() if since is None else since
        self.reached: set[str] = set()  # steps that this process came to, if the run was resumed
        self.effects: list[str] | None = None  # the steps of which the journal tells effects, sorted, once asked for
        self.left = set(_left(self.entries))
        self.carried = set(_carried(self.entries))
        self.secrets = [key for (key, _), entry in self.entries.items() if is_volatile(entry)]  # steps that gave one
        self.hollow: set[str] = set()  # scopes, and their steps, that give nothing, for nobody needs it any more
        self.written = 0
        self.allowed: set[str] = set()
        self._history: set[str] | None = None
        self._positions: dict[str, float] | None = None
        self._spans: dict[str, tuple[int, int]] | None = None
        self._gone_on: set[str] = set()
        self._ended = len(self.entries)
        # How a frame's steps are run, set by the run: frames need not know. They take a Frame and a NodeProgram; bare
        # steps the first one's index, the Cut of the task that they are run in, and after how many others are let run.
        self.run_node: Callable[[Any, Any], Awaitable[None]]
        self.run_bare: Callable[[Any, int, Any, int], Awaitable[tuple[int, int]]]
        self.run_inline: Callable[[Any, Any], None]

    # ---- journal

    def write(self, entry: Entry) -> int:
        """Queue an entry; returns its number."""
        self._write(entry)
        if self.entries and entry.kind in COURSE:
            self._gone_on.update(ancestors(entry.key))
        self.written += 1
        return self.written

    async def commit(self) -> None:
        """Wait until all that is written is durable."""
        if self.written > self.journal.durable:
            await self.journal.committed(self.activity.busy)

    def recall(self, path: str, kind: EntryKind) -> Entry | None:
        """What the journal held about a step when the run was resumed."""
        return self.entries.get((path, kind))

    def choose(self, path: str, choice: dict[str, object]) -> int:
        """Journal a choice, or hold a recomputed one against the journal."""
        entry = self.entries.get((path, "choice"))
        if entry is None:
            return self.write(Entry(path, "choice", choice, 0, 0, self.now()))
        stored: Any = entry.data
        if any(stored.get(name) != value for name, value in choice.items()):
            was = ", ".join(f"{k} {v}" for k, v in stored.items() if k in choice)
            now = ", ".join(f"{k} {v}" for k, v in choice.items())
            raise ReplayDisagrees(f"`{path}` was decided otherwise before the run was resumed: {was}, and now {now}")
        return 0

    def decided(self, path: str) -> Mapping[str, Any] | None:
        """The choice that the journal holds, if the run is cancelled: what was done then is to be undone, whatever
        would be chosen now.
        """
        entry = self.entries.get((path, "choice")) if self.cancelled else None
        data: Any = None if entry is None else entry.data
        found: Mapping[str, Any] | None = data
        return found

    def lose_track(self, path: str) -> None:
        """Report that a step's effect may have happened and cannot be undone. The journal remembers it: what is around
        the step may not be gone through again.
        """
        if path not in self.unknown:
            self.unknown[path] = None
            self.write(Entry(path, "unknown", None, 0, 0, self.now()))

    def note_undone(self, path: str, failure: RunError | None) -> None:
        """Journal how the undo of a step ended."""
        self.undo_failures.pop(not_undone(path, self.generation(path)), None)
        if failure is not None:
            self.undo_failures[path] = failure
        error = None if failure is None else failure.to_json()
        self.write(Entry(path, "undone", {"error": error}, 0, 0, self.now()))
        if self.observe is not None:
            self.observe(("undone", path, failure))

    def metered(self, path: str) -> dict[str, Any]:
        """A step's numbers so far, as its journal entries hold them."""
        return {"meter": dict(self.meters[path])} if path in self.meters else {}

    def recall_meter(self, path: str, data: Mapping[str, Any]) -> None:
        """Take a step's numbers from the data of its entry."""
        if "meter" in data:
            self.meters[path] = dict(data["meter"])

    # ---- history, when resumed

    def allow(self, paths: Iterable[str]) -> None:
        """Let steps that were in flight when their scope failed go on."""
        self.allowed.update(paths)
        if self._history is not None:
            for path in paths:
                self._history.update(ancestors(path))

    def left_beneath(self, prefix: str) -> set[str]:
        """The steps beneath a prefix that a process left with a call under way when it died."""
        return {path for path in self.left if path.startswith(_beneath(prefix))}

    def resumable(self, prefix: str) -> set[str]:
        """The steps beneath a prefix that were let go on and have not ended."""
        return {path for path in self.allowed if path.startswith(_beneath(prefix)) and not self.has_ended(path)}

    def has_ended(self, path: str) -> bool:
        """Whether a step of its own had ended."""
        return any((path, kind) in self.entries for kind in ENDINGS)

    def has_history(self, path: str) -> bool:
        """Whether anything at or beneath a path had happened before the run was resumed; an outcome that is unknown may
        be an earlier try's, and so may an `@once` step that is not started again.
        """
        if not self.entries:
            return False
        if self._history is None:
            self._history = set()
            for key in {key for key, kind in self.entries if kind != "unknown"} - self.carried | self.allowed:
                self._history.update(ancestors(key))
        return path in self._history

    def order_of(self, path: str) -> float:
        """When a step ended, as a number that grows: its place in the journal, or now. What has no entry of its own, as
        a block, ended right behind the last entry beneath it, unless it goes on in this process.
        """
        if self.entries and path not in self._gone_on:
            found = self._recalled_positions().get(path)
            if found is not None:
                return found
        self._ended += 1
        return self._ended

    def _recalled_positions(self) -> dict[str, float]:
        if self._positions is None:
            self._positions = {
                around: i + 1 / (1 + len(around))  # of two that end with the same entry the outer one ends later
                for i, (key, kind) in enumerate(self.entries)
                if kind in COURSE
                for around in ancestors(key)
            }
            self._positions.update({key: i for i, (key, kind) in enumerate(self.entries) if kind in ENDINGS})
        return self._positions

    def span_of(self, path: str) -> tuple[int, int] | None:
        """When the first and the last that the journal held at or beneath a path happened (µs), undos aside."""
        if self._spans is None:
            self._spans = {}
            for entry in self.entries.values():
                self._widen(self._spans, entry)
        return self._spans.get(path)

    @staticmethod
    def _widen(spans: dict[str, tuple[int, int]], entry: Entry) -> None:
        data = entry.data if isinstance(entry.data, dict) else {}
        instants = [at for at in (entry.started, entry.ended, data.get("since")) if at]
        if not instants or entry.kind in ("undone", "unknown") or ".undo." in entry.key:
            return
        first, last = min(instants), max(instants)
        for around in ancestors(entry.key):
            low, high = spans.get(around, (first, last))
            spans[around] = min(low, first), max(high, last)

    def goes_on(self, path: str) -> bool:
        """Whether something at or beneath a path ended in this process, if the run was resumed."""
        return path in self._gone_on

    # ---- errors

    def was_told(self, owner: str, error: RunError) -> bool:
        """Whether the handlers of a step or flow are done with an error, in an earlier try of the run."""
        entry = self.entries.get((error.step or "", "failed"))
        data: Any = {} if entry is None else entry.data
        return owner in data.get("told", ()) and all(self.was_told(owner, other) for other in error.others)

    def blame(self, error: RunError, path: str, place: str, attempt: int = 0) -> None:
        """Note where an error arose, if nobody has, and take secrets out of its words."""
        if error.step is None:
            error.step = path
            error.place = place
        if attempt and not error.attempt and error.step == path:
            error.attempt = attempt
        self.redact(error)

    def redact(self, error: RunError) -> None:
        """Take secrets out of an error."""
        error.message = self.mask.text(error.message)
        error.response = self.mask.shown(error.response)
        if error.details:
            error.details = {key: self.mask.shown(detail) for key, detail in error.details.items()}

    # ---- the world

    def find_python(self, target: str) -> Callable[..., Any]:
        return self.seam.find_python(target)

    def record(self, record: StepRecord) -> None:
        """Note how a step ended."""
        if len(self.records) < MOST_RECORDS:
            self.records.append(record)
        else:
            self.left_out += 1
        if self.observe is not None:
            end = record.attempts, record.started, record.ended, record.error
            self.observe(("ended", record.key, record.status, *end))


def _left(entries: Mapping[tuple[str, EntryKind], Entry]) -> Iterator[str]:
    """The steps that have a call under way of which the journal holds no end."""
    for (key, kind), entry in entries.items():
        if kind != "begun" or (key, "value") in entries:
            continue
        data: Any = entry.data
        attempt, poll = entries.get((key, "attempt")), entries.get((key, "poll"))
        polled: Any = {"attempts": 0} if poll is None else poll.data
        if data["attempt"] <= max(0 if attempt is None else attempt.attempt, polled["attempts"]):
            continue
        if not any(_has_lost(entries, around, key) for around in ancestors(key)):
            yield key


def _carried(entries: Mapping[tuple[str, EntryKind], Entry]) -> Iterator[str]:
    """The `@once` steps that are not started again and about which nothing else is known, for what is around them is
    done again.
    """
    for (key, kind), entry in entries.items():
        data: Any = entry.data
        if kind == "started" and data is not None and "carried" in data:
            yield key


def _has_lost(entries: Mapping[tuple[str, EntryKind], Entry], race: str, path: str) -> bool:
    """Whether a step was abandoned when a race around it was won: it leaves no end."""
    choice = entries.get((race, "choice"))
    data: Any = {} if choice is None else choice.data
    if data.get("winner") is None:
        return False
    return path not in data["in_flight"] and f"{race}.{data['winner']}" not in ancestors(path)


def _undo_failures(entries: Mapping[tuple[str, EntryKind], Entry]) -> Iterator[tuple[str, RunError]]:
    """The undos that had failed before the run was resumed, by step."""
    for (key, kind), entry in entries.items():
        data: Any = entry.data
        if kind == "undone" and data["error"] is not None:
            yield key, RunError.from_json(data["error"])


def _mask_of(program: PlanProgram, config: Mapping[str, object]) -> Mask:
    """The mask that knows the secrets of the configuration."""
    mask = Mask()
    for parameter in program.plan.config:
        for part in secrets_in(program.evaluator.type(parameter.type), config.get(parameter.name)):
            mask.add(part)
    return mask


def _beneath(prefix: str) -> tuple[str, ...]:
    """What the paths of the steps of a scope begin with; those of the rounds of a loop `x.` begin with `x[`."""
    return (prefix, f"{prefix[:-1]}[") if prefix.endswith(".") else (prefix,)
