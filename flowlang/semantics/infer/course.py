"""How inference goes through a flow, so that after an edit it is taken up at a statement in the middle of the body.

What is found out about a statement hangs on the flow's head, on the names that the body declares and on what was known
before it. Where all these are the very nodes that they were, it stays. The first mistake ends that: what its message
suggests may hang on anything.
"""

from __future__ import annotations

from flowlang.semantics.scopes import Scope
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.infer.engine import Inference
    from flowlang.semantics.ledger import Keys, Ledger
    from flowlang.semantics.uses import Uses


class Astray(Exception):
    """The statements that were to stay do not come first any more."""


class Halt:
    """What is known before a statement; null: before the body's end. `fails`: whether one before it always does.
    `counts`: how many keys stand in each table of facts by then.
    """

    __slots__ = (
        "_asked",
        "_assumptions",
        "_atoms",
        "_called",
        "_narrowed",
        "_premises",
        "_read",
        "_trail",
        "_used",
        "counts",
        "fails",
        "statement",
    )

    def __init__(self, c: Inference, statement: ast.Statement | None, fails: bool, counts: list[int]) -> None:
        self.statement = statement
        self.fails = fails
        self.counts = counts
        self._atoms = c.atoms.copy()
        self._premises = c.premises.copy(self._atoms)
        self._assumptions, self._narrowed, self._trail = c.assumptions.copy(), c.narrowed.copy(), c.trail.copy()
        self._asked, self._called = c.asked.copy(), c.called.copy()
        self._read, self._used = c.facts.read.copy(), c.facts.used.copy()

    def restore(self, c: Inference) -> None:
        """Know that again, once."""
        c.atoms, c.premises = self._atoms, self._premises
        c.assumptions, c.narrowed, c.trail = self._assumptions, self._narrowed, self._trail
        c.asked += self._asked
        c.called += self._called
        c.facts.read |= self._read
        c.facts.used |= self._used


class Course:
    """One flow's. `keys`: those that stand in the tables because of statements and of the flow's head; `heads`: because
    of what else is found out before the first statement, each time.
    """

    __slots__ = ("_body", "_done", "_flow", "_halts", "_heads", "_keys", "_ledger", "_names", "_params", "_passed")

    def __init__(self, ledger: Ledger, heads: Keys, keys: Keys) -> None:
        self._ledger = ledger
        self._heads, self._keys = heads, keys
        self._flow: ast.FlowDecl | None = None
        self._params = self._body = Scope(None)
        self._halts: list[Halt] = []
        self._done: list[ast.Statement | None] = []  # statements of which all stays, in the order of inference
        self._names: dict[int, set[str]] = {}  # statement → what it refers to
        self._passed = 0

    def turn_to(self, flow: ast.FlowDecl) -> list[int] | None:
        """Keep what stays for a flow that takes the other's place. Gives how many keys of each table do; null: none."""
        stay = set(map(id, flow.body.statements))
        if not self._halts or self._flow is None or not _begin_alike(self._flow, flow):
            return None
        self._flow = flow
        done = 0
        while done < len(self._halts) - 1 and id(self._halts[done].statement) in stay:
            done += 1
        self._done = [halt.statement for halt in self._halts[:done]]
        self._names = {id(each): self._names[id(each)] for each in self._done}
        del self._halts[done + 1 :]
        return self._halts[done].counts

    def leading(self, flow: ast.FlowDecl) -> int:
        """How many statements at the beginning of the flow are as they were, with all that was found out about them."""
        stays = set(map(id, self._done))
        count = 0
        for statement in flow.body.statements if stays else ():
            if id(statement) not in stays and type(statement) is not ast.Ensure:
                break
            count += 1
        return count

    def tell(self, uses: Uses) -> None:
        """Tell to which names those statements refer."""
        uses.learn(self._names)

    def head(self, flow: ast.FlowDecl, outer: Scope) -> Scope | None:
        """The scope of the parameters; null where the head is to be inferred."""
        if self._flow is flow:
            self._params.parent = outer
            return self._params
        return None

    def begin(self, flow: ast.FlowDecl, params: Scope) -> None:
        """The head was inferred."""
        self._flow, self._params = flow, params
        self._halts, self._done, self._names = [], [], {}

    def declare(self) -> None:
        """What the body declares and in which order is found out next."""
        self._ledger.turn_to(self._heads)

    def enter(self, c: Inference, body: Scope) -> bool:
        """Enter the body, whose names are declared: whether what is done in it always fails."""
        self._ledger.turn_to(self._keys)
        self._passed = 0
        known, self._body = self._body, body
        if not self._halts:
            return False
        for statement in self._done:
            if isinstance(statement, (ast.Step, ast.Let)):
                name = statement.name.name
                binding = body.names[name] = known.names[name]
                c.facts.symbols[id(statement)] = c.facts.symbols[id(statement.name)] = binding.symbol
        halt = self._halts.pop()
        halt.restore(c)
        return halt.fails

    def passes(self, c: Inference, statement: ast.Statement | None, fails: bool) -> bool:
        """Whether all is known of a statement, or else note what is before it. Raises `Astray`."""
        if self._passed < len(self._done):
            if self._done[self._passed] is not statement:
                raise Astray
            self._passed += 1
            return True
        if not c.reporter.found and not c.missing:
            self._halts.append(Halt(c, statement, fails, self._ledger.counts()))
            if statement is not None:
                self._names[id(statement)] = c.uses.names(statement)
        return False


def _begin_alike(old: ast.FlowDecl, new: ast.FlowDecl) -> bool:
    """Whether what is inferred before the bodies of two flows is the same nodes, and the bodies declare the same."""
    is_same = old.name == new.name and old.result == new.result and _declared(old) == _declared(new)
    return is_same and [*map(id, _head(old))] == [*map(id, _head(new))]


def _head(flow: ast.FlowDecl) -> list[ast.Node]:
    preconditions = [each for each in flow.body.statements if isinstance(each, ast.Ensure)]
    return [*flow.params, *flow.annotations, *flow.triggers, *preconditions]


def _declared(flow: ast.FlowDecl) -> list[tuple[type, str | None]]:
    """What a body declares; a statement that did not parse declares its name, too."""
    declared: list[tuple[type, str | None]] = []
    for each in flow.body.statements:
        if isinstance(each, (ast.Step, ast.Let)):
            declared.append((type(each), each.name.name))
        elif isinstance(each, ast.Broken):
            declared.append((type(each), each.name))
    return declared
