"""Where the calls of a file stand: each with its policies, what encloses it, and what is known of its repetition.

Policies resolve as in lowering: the nearest annotation wins as a whole, step over block over service over flow over
the action's own; on a block or flow `@timeout`, `@concurrency`, `@once` and `@meter` mean the block or flow itself. A
test compares the two on every flow of the tree. One walk per file, shared by all rules.
"""

from __future__ import annotations

from _bisect import bisect_left

from flowlang.checks.annotated import (
    ACTION,
    ATTEMPT_TIMEOUT,
    BLOCK,
    FLOW,
    SERVICE,
    STEP,
    attempts,
    limit,
    read,
)
from flowlang.record import Record
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final, TypeGuard

    from flowlang.checks.annotated import Given
    from flowlang.checks.look import Look
    from flowlang.semantics.facts import CallFact, CheckedFile, Facts, Signature

NOT_INHERITED: Final = frozenset(("timeout", "concurrency", "once", "meter"))
READS: Final = frozenset(("http.get", "http.head"))
WAITS: Final = frozenset(("wait", "time.wait", "time.wait_until", "events.wait"))
CLOCKS: Final = frozenset(("now", "time.now", "uuid", "random"))
STEPS: Final = (ast.Step, ast.Do)
_BLOCKS: Final = frozenset((ast.If, ast.Match, ast.For, ast.Parallel, ast.Race, ast.Sequence, ast.Repeat))
_CALLS: Final = frozenset((ast.Call, ast.Filter, ast.Test))


class Level(Record):
    """A block or the flow around a call, with its own annotations."""

    __slots__ = ()

    node: ast.Node  # the Step or Do whose value is the block; the FlowDecl
    block: ast.Block | None
    given: tuple[Given, ...]
    deadline: int | None

    def own(self, name: str) -> Given | None:
        """Its annotation of a name."""
        return named(self.given, name)

    def is_fan_out(self) -> bool:
        """Whether it is a `for` that runs several items at once."""
        width = self.own("concurrency")
        return isinstance(self.block, ast.For) and (width is None or width.values.get("width") != 1)


class Site(Record):
    """A step with a call. `levels` are inside out and end with the flow; `rescue`: it stands in a handler or undo."""

    __slots__ = ()

    step: ast.Step | ast.Do
    head: ast.Call
    fact: CallFact
    action: str  # 'http.post' also for a service's operation; 'python'; a flow's own name
    effect: str  # 'read', 'write', 'wait', 'clock' or 'flow'
    own: tuple[Given, ...]
    levels: tuple[Level, ...]
    rescue: bool
    around: list[Given]  # what may hold for the call, the nearest first
    policies: dict[str, Given]  # what holds, by name
    retry: Given | None  # the `@retry` among them, if it makes more than one attempt

    @property
    def flow(self) -> ast.FlowDecl:
        node = self.levels[-1].node
        assert isinstance(node, ast.FlowDecl)
        return node

    def chain(self, name: str) -> list[Given]:
        """The annotations of a name around the call; the first of them holds."""
        return [each for each in self.around if each.name == name]

    def attempt(self) -> int | None:
        """How long one attempt may take; null if nothing bounds it."""
        given = self.policies.get("timeout")
        each = None if given is None else given.values["each"]
        if isinstance(each, int):
            return each
        return ATTEMPT_TIMEOUT if self.is_request() else None

    def deadlines(self) -> Iterator[tuple[int, Given]]:
        """The deadlines of what encloses it, inside out; a handler of the flow stands outside of them."""
        if self.rescue:
            return
        for level in self.levels:
            given = level.own("timeout") if level.deadline is not None else None
            if level.deadline is not None and given is not None:
                yield level.deadline, given

    def is_idempotent(self) -> bool:
        """Whether repeating the call is said to be harmless."""
        if self.effect == "read" or self.policies.get("idempotent") is not None:
            return True
        return is_declared_idempotent(self.fact.signature)

    def is_request(self) -> bool:
        """Whether it is sent over the network."""
        return self.effect in ("read", "write") and self.action != "python"


def named(given: tuple[Given, ...], name: str) -> Given | None:
    """The first of some annotations that has a name."""
    for each in given:
        if each.name == name:
            return each
    return None


def is_declared_idempotent(signature: Signature) -> bool:
    """Whether the declaration of an action says that it may be repeated."""
    for name, _ in signature.annotations:  # noqa: SIM110 — asked of every call, and a generator costs more than the loop
        if name == "idempotent":
            return True
    return False


class Sites:
    """All calls of a file, and its services with their policies. `earlier`: those of a file in which all is the same
    that several calls share.
    """

    def __init__(self, facts: Facts, file: CheckedFile, earlier: Sites | None = None) -> None:
        self.facts = facts
        self.file = file
        self.calls: list[Site] = []
        self.of: dict[int, Site] = {}
        self.blocks: list[tuple[ast.Step | ast.Do, tuple[Level, ...]]] = []  # a block's step, its levels with itself
        self.flows: list[Level] = []
        self.pure: list[tuple[ast.Step | ast.Do, tuple[Given, ...]]] = []  # steps without a call or block
        self.unclear: dict[int, tuple[Level, ...]] = {}  # steps with a call of which it is not known what it does
        self._groups: dict[int, tuple[Given, ...]] = {}  # by the first of each
        self.memo: dict[str, object] = {}  # what else is found once per file
        self.parts: list[Sites] = []  # what it was joined from
        self._known: dict[int, tuple[Given, ...]] = {}
        self._known_earlier = {} if earlier is None else earlier._known
        self._mistaken: list[int] | None = None
        for item in file.tree.items:
            if isinstance(item, ast.ServiceDecl):
                self.given(item.annotations, SERVICE, item.name.name)
            elif isinstance(item, ast.ActionDecl):
                self.given(item.annotations, ACTION, item.name.name)
            elif isinstance(item, ast.FlowDecl):
                self._flow(item)
        self._known_earlier = {}

    @classmethod
    def joined(cls, facts: Facts, file: CheckedFile, parts: list[Sites]) -> Sites:
        """What rules about a whole file ask for, from its parts, which may share services: calls, flows and groups."""
        whole = cls(facts, file.replace(tree=ast.File(0, 0, (), "")))
        whole.file = file
        whole.parts = parts
        for part in parts:
            whole.calls += part.calls
            whole.flows += part.flows
            if part.unclear:
                whole.unclear.update(part.unclear)
        return whole

    def behind(self, rest: CheckedFile, facts: Facts) -> Sites:
        """The same of the rest of the file from a place on."""
        place = rest.tree.start
        found = Sites(facts, rest.replace(tree=ast.File(0, 0, (), "")))
        found.file = rest
        found.calls = [each for each in self.calls if each.step.start >= place]
        found.blocks = [each for each in self.blocks if each[0].start >= place]
        found.pure = [each for each in self.pure if each[0].start >= place]
        found.of, found.unclear, found.flows = self.of, self.unclear, self.flows
        found._groups = {key: group for key, group in self._groups.items() if group[0].node.start >= place}
        return found

    @property
    def groups(self) -> list[tuple[Given, ...]]:
        """The annotations of each thing of the file that has some."""
        groups = self._groups.copy()
        for part in self.parts:
            groups.update(part._groups)
        return [*groups.values()]

    def given(
        self, annotations: tuple[ast.Annotation, ...], place: int, owner: str, file: str | None = None
    ) -> tuple[Given, ...]:
        """The annotations of one thing, read once."""
        if not annotations:
            return ()
        known = self._known.get(id(annotations))
        if known is None:
            own = file is None or file == self.file.path
            known = self._known_earlier.get(id(annotations)) if place != STEP else None
            if known is None:
                read_ = [read(self.facts, each, place, owner, file or self.file.path) for each in annotations]
                known = tuple([each for each in read_ if each is not None])
            self._known[id(annotations)] = known
            if own and known:
                self._groups[id(known[0].node)] = known
        return known

    def _flow(self, node: ast.FlowDecl) -> None:
        given = self.given(node.annotations, FLOW, node.name.name)
        level = Level(node, None, given, limit(named(given, "timeout")))
        self.flows.append(level)
        self._body(node.body, (level,), False)
        for each in node.catches:
            self._body(each.body, (level,), True)

    def _body(self, body: ast.Body, levels: tuple[Level, ...], rescue: bool) -> None:
        for statement in body.statements:
            if type(statement) is ast.Step or type(statement) is ast.Do:
                self._step(statement, levels, rescue)

    def _step(self, step: ast.Step | ast.Do, levels: tuple[Level, ...], rescue: bool) -> None:
        name = step.name.name if isinstance(step, ast.Step) else ""
        value = step.value
        if is_block(value):
            given = self.given(step.annotations, BLOCK, name)
            inside = (Level(step, value, given, limit(named(given, "timeout"))), *levels)
            self.blocks.append((step, inside))
            for body in bodies(value):
                self._body(body, inside, rescue)
        else:
            head = self.facts.effects.get(id(step))
            fact = self.facts.calls.get(id(head)) if head is not None else None
            if head is not None and fact is not None:
                self._call(step, head, fact, levels, rescue)
            elif self._is_mistaken(value):
                self.unclear[id(step)] = levels  # its annotations may hold for whatever was meant
            else:
                self.pure.append((step, self.given(step.annotations, STEP, name)))
        for clause in step.clauses:
            if isinstance(clause, (ast.Catch, ast.Undo)):
                self._body(clause.body, levels, True)

    def _is_mistaken(self, value: ast.Node) -> bool:
        """Whether in a value that calls no action something stands that was meant to, or may have been."""
        starts = self._mistaken
        if starts is None:
            called = self.facts.called.get(self.file.path, ())
            starts = self._mistaken = sorted(each.start for each in called if _may_act(self.facts, each))
        index = bisect_left(starts, value.start)
        return index < len(starts) and starts[index] < value.end

    def open(self) -> set[int]:
        """The annotations of blocks and flows that may hold for a call of which it is not known what it does."""
        return {id(given.node) for levels in self.unclear.values() for level in levels for given in level.given}

    def _call(
        self, step: ast.Step | ast.Do, head: ast.Call, fact: CallFact, levels: tuple[Level, ...], rescue: bool
    ) -> None:
        signature = fact.signature
        action = "python" if signature.body == "python" else signature.name
        shared: tuple[Given, ...] = ()
        if fact.service is not None:
            action = f"http.{signature.name.rpartition('.')[2]}"
            symbol = self.facts.symbols.get(id(head.callee.value)) if isinstance(head.callee, ast.Attribute) else None
            if symbol is not None and isinstance(symbol.node, ast.ServiceDecl):
                shared = self.given(symbol.node.annotations, SERVICE, symbol.node.name.name, symbol.file)
        node = signature.node
        declared = (
            self.given(node.annotations, ACTION, node.name.name, signature.file)
            if isinstance(node, ast.ActionDecl) and signature.body == "python"
            else ()
        )
        effect = "flow" if signature.kind == "flow" else _effect(action, fact)
        own = self.given(step.annotations, STEP, self.facts.keys.get(id(step), ""))
        around = _around(effect, own, levels, shared, declared)
        policies = {each.name: each for each in reversed(around)}
        retry = policies.get("retry")
        if retry is not None and (attempts(retry) == 1 or "once" in policies):
            retry = None
        site = Site(step, head, fact, action, effect, own, levels, rescue, around, policies, retry)
        self.calls.append(site)
        self.of[id(step)] = site


def _may_act(facts: Facts, node: ast.Node) -> bool:
    """Whether a call, filter or test is one of an action or flow, or could not be resolved."""
    if type(node) not in _CALLS:
        return False
    fact = facts.calls.get(id(node))
    return fact is None or fact.signature.kind != "function"


def _effect(action: str, fact: CallFact) -> str:
    if action in WAITS:
        return "wait"
    if action in CLOCKS:
        return "clock"
    harmless = action == "python" and is_declared_idempotent(fact.signature)
    return "read" if action in READS or harmless else "write"


def _around(
    effect: str,
    own: tuple[Given, ...],
    levels: tuple[Level, ...],
    shared: tuple[Given, ...],
    declared: tuple[Given, ...],
) -> list[Given]:
    """The annotations that may hold for a call, the nearest first."""
    if effect == "flow":
        return []
    if effect in ("wait", "clock"):
        return list(own)
    around = [*own]
    for level in levels:
        if level.block is None:
            around += shared
        for each in level.given:
            if each.name not in NOT_INHERITED:
                around.append(each)
    around += declared
    return around


def is_block(value: ast.Node) -> TypeGuard[ast.Block]:
    """Whether the value of a step is a block. To ask `isinstance` of as many classes takes seven times as long."""
    return type(value) in _BLOCKS


def bodies(block: ast.Block) -> list[ast.Body]:
    """The bodies of a block."""
    if not isinstance(block, (ast.If, ast.Match)):
        return [block.body]
    found = [each.body for each in (block.branches if isinstance(block, ast.If) else block.cases)]
    if block.otherwise is not None:
        found.append(block.otherwise)
    return found


_last: tuple[Sites, ...] = ()


def sites(look: Look) -> Sites:
    """The calls of the file that is looked at: found once, whichever rule asks first."""
    for found in _last:
        if found.file.tree is look.file.tree and found.facts is look.facts:
            return found
    found = Sites(look.facts, look.file)
    take_as_known(found)
    return found


def take_as_known(*found: Sites) -> None:
    """The calls that `sites` gives for their files, found already."""
    global _last
    _last = found
