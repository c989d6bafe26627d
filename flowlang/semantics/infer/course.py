"""How inference goes through a flow, so that after an edit only what the edit concerns is inferred again.

What is found out about a statement hangs on the flow's head, on what is known before it, and on what the names of the
body are that it refers to. Where all these are as they were, it stays. The first mistake ends that: what its message
suggests may hang on anything.
"""

from __future__ import annotations

from itertools import islice

from flowlang.semantics.scopes import Scope
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flowlang.semantics.facts import Symbol
    from flowlang.semantics.infer.engine import Inference
    from flowlang.semantics.infer.narrowing import Assumption
    from flowlang.semantics.ledger import Keys, Ledger
    from flowlang.semantics.scopes import Binding
    from flowlang.semantics.uses import Uses
    from flowlang.types.model import Type

    Statement = ast.Statement | ast.Yield | ast.Return
    Infer = Callable[[Inference, Any], Type | None]


class State:
    """What is known at a place: types that are narrowed there, and conditions that hold."""

    __slots__ = ("atoms", "narrowed", "premises", "trail")

    def __init__(self, c: Inference) -> None:
        self.atoms = c.atoms.copy()
        self.premises = c.premises.copy(self.atoms)
        self.narrowed, self.trail = c.narrowed.copy(), c.trail.copy()

    def restore(self, c: Inference) -> None:
        """Know that again."""
        c.atoms = self.atoms.copy()
        c.premises = self.premises.copy(c.atoms)
        c.narrowed, c.trail = self.narrowed.copy(), self.trail.copy()

    def is_alike(self, other: State | Inference) -> bool:
        """Whether the same is known elsewhere."""
        return (
            self.narrowed == other.narrowed
            and self.trail == other.trail
            and self.premises.stack == other.premises.stack
            and self.atoms.is_alike(other.atoms)
        )


class Part:
    """What was found out about a statement, or about a flow's head.

    `keys`: those in the tables of facts because of it; `names`: what it refers to; `before` and `after`: what is known
    there, `after` null where nothing of it is to stay; `value`: what it gives.
    """

    __slots__ = ("_asked", "_assumptions", "_called", "_read", "_used", "after", "before", "keys", "names", "value")

    def __init__(self, names: set[str], before: State | None) -> None:
        self.names = names
        self.before = before
        self.after: State | None = None
        self.keys: Keys = []
        self.value: Type | None = None
        self._read: set[tuple[str, str]] = set()
        self._used: set[int] = set()
        self._asked: list[ast.Expr] = []
        self._called: list[ast.Node] = []
        self._assumptions: dict[int, Assumption] = {}

    def infer(self, c: Inference, infer: Infer, node: ast.Node) -> None:
        """Find it out."""
        facts, asked, called, assumed = c.facts, len(c.asked), len(c.called), len(c.assumptions)
        read, used = facts.read, facts.used
        facts.read, facts.used = self._read, self._used
        self.value = infer(c, node)
        facts.read, facts.used = read, used
        read |= self._read
        used |= self._used
        self._asked, self._called = c.asked[asked:], c.called[called:]
        self._assumptions = dict(islice(c.assumptions.items(), assumed, None))

    def note(self, c: Inference) -> None:
        """All that is at hand is about it."""
        self._asked, self._called, self._assumptions = c.asked.copy(), c.called.copy(), c.assumptions.copy()
        self._read, self._used = c.facts.read.copy(), c.facts.used.copy()

    def take(self, c: Inference) -> None:
        """Find the same out again: the tables have it already."""
        c.asked += self._asked
        c.called += self._called
        c.assumptions.update(self._assumptions)
        c.facts.read |= self._read
        c.facts.used |= self._used

    def rename(self, symbols: dict[int, Symbol], renamed: list[tuple[Symbol, Symbol]]) -> None:
        """Let names mean other nodes. `renamed`: what they meant, and what they mean instead."""
        meant = {id(old): new for old, new in renamed}
        for key in [key for table, of in self.keys if table is symbols for key in of]:
            symbols[key] = meant.get(id(symbols[key]), symbols[key])
        for old, new in renamed:
            if id(old.node) in self._used:
                self._used.remove(id(old.node))
                self._used.add(id(new.node))


class Course:
    """One flow's. `keys`: those that stand in the tables because of the flow's head, and behind them those of what is
    found out each time; `heads`: because of what is found out before the first statement, each time.
    """

    __slots__ = (
        "_again",
        "_kept",
        "_flow",
        "_head",
        "_heads",
        "_here",
        "_is_at_hand",
        "_keys",
        "_last",
        "_ledger",
        "_names",
        "_old",
        "_params",
        "_parts",
        "_renamed",
        "_stay",
        "_touched",
    )

    def __init__(self, ledger: Ledger, heads: Keys, keys: Keys) -> None:
        self._ledger = ledger
        self._heads, self._keys = heads, keys
        self._flow: ast.FlowDecl | None = None
        self._params = self._names = self._old = Scope(None)  # `_old`: the body's the last time
        self._kept = 0
        self._head = self._last = Part(set(), None)
        self._parts: dict[int, tuple[Statement, Part]] = {}
        self._here: State | None = None  # what is known where inference is, null: all that is at hand
        self._is_at_hand = True
        self._again: set[str] = set()  # names of which something else is known than the last time
        self._renamed: dict[str, tuple[Symbol, Symbol]] = {}  # of which the same is known, but of another node
        self._touched: set[str] = set()  # names of what was inferred again, and of what hangs on these
        self._stay: set[int] = set()  # statements of which nothing is and that hang on nothing that is

    def turn_to(self, flow: ast.FlowDecl) -> bool:
        """Keep what may stay for a flow that takes the other's place; whether something does."""
        if self._head.after is None or self._flow is None or not _begin_alike(self._flow, flow):
            return False
        self._flow = flow
        self._ledger.cut(self._heads)
        self._ledger.cut(self._keys, self._kept)
        for key in self._parts.keys() - set(map(id, flow.body.statements)):
            self._ledger.cut(self._parts.pop(key)[1].keys)
        return True

    def drop(self) -> None:
        """Take out what is known of the statements."""
        for _, part in self._parts.values():
            self._ledger.cut(part.keys)
        self._parts = {}

    def leading(self, flow: ast.FlowDecl) -> int:
        """How many statements at the beginning of the flow are as they were, with all that they hang on."""
        count = 0
        for statement in flow.body.statements if self._stay else ():
            if id(statement) not in self._stay and type(statement) is not ast.Ensure:
                break
            count += 1
        return count

    def tell(self, uses: Uses) -> None:
        """Tell to which names the statements refer."""
        uses.learn({key: part.names for key, (_, part) in self._parts.items()})

    # ---- on the way

    def head(self, c: Inference, flow: ast.FlowDecl) -> Scope | None:
        """The scope of the parameters; null where the head is to be inferred."""
        if self._flow is not flow:
            return None
        self.tell(c.uses)
        self._params.parent = c.scope
        self._head.take(c)
        self._here, self._is_at_hand = self._head.after, False
        return self._params

    def begin(self, c: Inference, flow: ast.FlowDecl, params: Scope) -> None:
        """The head was inferred."""
        self._flow, self._params = flow, params
        self._head.note(c)
        self._ledger.turn_to(self._keys)
        self._kept = len(self._keys)
        self._head.after = self._here = State(c) if _is_sound(c) else None

    def declare(self) -> None:
        """What the body declares and in which order is found out next."""
        self._ledger.turn_to(self._heads)

    def enter(self, names: Scope) -> None:
        """Enter the body, whose names are declared."""
        self._ledger.turn_to(self._keys)
        self._old, self._names = self._names, names
        self._again, self._renamed, self._touched, self._stay = set(), {}, set(), set()
        self._last = self._head

    def value(self, c: Inference, node: Statement, infer: Infer) -> Type | None:
        """What a statement gives: as the last time if all is the same that it hangs on, or else it is inferred."""
        _, old = self._parts.get(id(node), (node, None))
        if _is_sound(c):
            self._arrive(c, old)
        if old is not None and self._stays(c, old):
            self._pass(c, node, old)
            return old.value
        self._ledger.turn_to(None)
        if old is not None:
            self._ledger.cut(old.keys)
        self._load(c)
        part = self._last = Part(c.uses.names(node), self._here)
        self._parts[id(node)] = node, part
        self._ledger.turn_to(part.keys)
        part.infer(c, infer, node)
        self._here = None
        self._compare(node)
        return part.value

    def leave(self, c: Inference) -> None:
        """Leave the body: what is known at its end is at hand."""
        if _is_sound(c):
            self._arrive(c, None)
        self._load(c)
        self._ledger.turn_to(self._keys)

    def _arrive(self, c: Inference, part: Part | None) -> None:
        """Find out what is known before a statement. `part`: what was found out about it."""
        if self._here is None:
            known = (self._last.before, None if part is None else part.before)
            self._here = next((each for each in known if each is not None and each.is_alike(c)), None) or State(c)
            self._last.after = self._here

    def _load(self, c: Inference) -> None:
        """Have at hand what is known here."""
        if not self._is_at_hand and self._here is not None:
            self._here.restore(c)
        self._is_at_hand = True

    def _stays(self, c: Inference, part: Part) -> bool:
        """Whether what was found out about a statement holds here."""
        here = self._here
        if here is None or part.before is None or part.after is None or not part.names.isdisjoint(self._again):
            return False
        return _is_sound(c) and (here is part.before or here.is_alike(part.before))

    def _pass(self, c: Inference, node: Statement, part: Part) -> None:
        """Go past a statement about which all is known."""
        symbols = c.facts.symbols
        if not part.names.isdisjoint(self._renamed):
            part.rename(symbols, [both for name, both in self._renamed.items() if name in part.names])
        part.take(c)
        if isinstance(node, (ast.Step, ast.Let)):
            name = node.name.name
            binding = self._names.names[name] = self._old.names[name]
            symbols[id(node)] = symbols[id(node.name)] = binding.symbol
        if part.names.isdisjoint(self._touched):
            self._stay.add(id(node))
        elif isinstance(node, (ast.Step, ast.Let)):
            self._touched.add(node.name.name)
        self._is_at_hand = self._is_at_hand and part.after is part.before
        self._here = part.after

    def _compare(self, node: Statement) -> None:
        """Note whether a name that was inferred is what it was the last time."""
        if isinstance(node, (ast.Step, ast.Let)):
            name = node.name.name
            self._touched.add(name)
            old, new = self._old.names.get(name), self._names.names[name]
            if old is not None and _is_alike(old, new):
                self._renamed[name] = old.symbol, new.symbol
            else:
                self._again.add(name)


def _is_sound(c: Inference) -> bool:
    """Whether there is no mistake so far."""
    return not c.reporter.found and not c.missing


def _is_alike(old: Binding, new: Binding) -> bool:
    """Whether of two names the same is known, as far as those who refer to them see. A `let` is never: it stands for a
    condition, and what that means hangs on others.
    """
    is_typed_alike = old.type is new.type or (old.type == new.type and repr(old.type) == repr(new.type))  # 0 == 0.0
    has_no_value = old.value is None and new.value is None
    return is_typed_alike and has_no_value and old.presence == new.presence and old.path == new.path


def _begin_alike(old: ast.FlowDecl, new: ast.FlowDecl) -> bool:
    """Whether what is inferred before the bodies of two flows is the same nodes, and the bodies declare the same; in
    what did not parse may be anything.
    """
    is_same = old.name == new.name and old.result == new.result and _declared(old) == _declared(new) is not None
    return is_same and [*map(id, _head(old))] == [*map(id, _head(new))]


def _head(flow: ast.FlowDecl) -> list[ast.Node]:
    preconditions = [each for each in flow.body.statements if isinstance(each, ast.Ensure)]
    return [*flow.params, *flow.annotations, *flow.triggers, *preconditions]


def _declared(flow: ast.FlowDecl) -> list[tuple[type, str]] | None:
    """What a body declares; null: there is a statement that did not parse, or an end behind another."""
    declared: list[tuple[type, str]] = []
    ends = 0
    for each in flow.body.statements:
        if isinstance(each, (ast.Step, ast.Let)):
            declared.append((type(each), each.name.name))
        elif isinstance(each, (ast.Yield, ast.Return)):
            ends += 1
        elif isinstance(each, ast.Broken):
            return None
    return declared if ends < 2 else None
