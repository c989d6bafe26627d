"""The parse table: found in the package or the user's cache, else built from the grammar; expanded row by row.

What is stored is JSON under the state of all that it was made from (the grammar, the generator, this format), so it is
never out of date; Lark's version does not count, for a grammar without conflicts has one LALR table. A cache
that is absent, corrupt or not writable costs time only: the table is then built in memory.
"""

from __future__ import annotations

import sys

from flowlang import bundled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Action = Callable[[list[Any], list[int], int, int, Any], Any]

FORMAT = 2
GRAMMAR = "grammar/flow.lark"
GENERATOR = "flowlang/syntax/generate.py"


class Reduce:
    """A rule as the driver wants it: how many symbols, what makes the value, and where to go on from the state below.

    `make` is a function of the stacks; where there is none, the value is that of the first symbol. `fewer`: how many
    symbols fewer the stacks hold then.
    """

    __slots__ = ("after", "count", "fewer", "make", "origin")

    def __init__(self, origin: str, count: int, make: Action | None, after: Pass) -> None:
        self.origin, self.count, self.make, self.after = origin, count, make, after
        self.fewer = count - 1


class Pass:
    """A chain of rules with one symbol each (`postfix → unary → … → sum`), which leave the value alone.

    `ends` gives, by the state below and the terminal, the state at the end of the chain and the action there; what was
    not asked for yet gives `Table.follow`.
    """

    __slots__ = ("ends", "goto")

    def __init__(self, goto: dict[int, int]) -> None:
        self.goto = goto
        self.ends: dict[int, dict[str, tuple[int, Any]]] = {}


class Table:
    """The rows of the automaton: a row gives for a terminal a state to shift to, a Reduce, or a Pass.

    Rows are expanded when they are first asked for: a file uses a fraction of them, and of the rules. All that the
    driver looks up is in plain lists and dictionaries, which is three times as fast as in classes made of them.
    """

    __slots__ = (
        "_actions",
        "_compact",
        "_gotos",
        "_keysets",
        "_passes",
        "_reductions",
        "_rules",
        "end",
        "rows",
        "start",
    )

    def __init__(self, data: dict[str, Any], actions: dict[str, Action]) -> None:
        self.start: dict[str, int] = data["start"]
        self.end: dict[str, int] = data["end"]
        self.rows: list[dict[str, Any] | None] = [None] * len(data["rows"])
        self._compact: list[list[Any]] = data["rows"]
        self._keysets: list[list[str]] = data["keysets"]
        self._rules: list[list[Any]] = data["rules"]
        self._gotos: dict[str, dict[int, int]] = data["goto"]
        self._passes: dict[str, Pass] = {}
        self._actions = actions
        self._reductions: dict[int, Reduce | Pass] = {}

    def row(self, state: int) -> dict[str, Any]:
        """The row of a state."""
        return self.rows[state] or self._expanded(state)

    def follow(self, chain: Pass, below: int, key: str) -> tuple[int, Any]:
        """The state at the end of a chain above a state, and the action of a terminal there."""
        action: Any = chain
        while type(action) is Pass:
            state = action.goto[below]
            action = self.row(state).get(key)
        end = chain.ends.setdefault(below, {})[key] = (state, action)
        return end

    def _expanded(self, state: int) -> dict[str, Any]:
        compact = self._compact[state]
        row: dict[str, Any] = compact[0]
        for index in range(1, len(compact), 2):
            reduction = self._reductions.get(compact[index])
            if reduction is None:
                reduction = self._reductions[compact[index]] = self._reduction(compact[index])
            row |= dict.fromkeys(self._keysets[compact[index + 1]], reduction)
        self.rows[state] = row
        return row

    def _reduction(self, number: int) -> Reduce | Pass:
        """A rule; of one that leaves a lone child alone only where to go on."""
        origin, name, count = self._rules[number]
        after = self._passes.get(origin)
        if after is None:
            after = self._passes[origin] = Pass(self._gotos.get(origin, {}))
        if name == "keep_last" and count == 1:
            return after
        return Reduce(origin, count, None if name == "keep_first" else self._actions[name], after)


def load(actions: dict[str, Action]) -> Table:
    """Find or build the table; `actions` names what each rule does."""
    return Table(_stored() or _made(_built()), actions)


def build(folder: str) -> None:
    """Write the table into a folder: what a wheel carries as `flowlang/_bundled/`."""
    with open(f"{folder}/table.json", "wb") as file:
        file.write(bundled.pack(_generate(), _key()))


def _stored() -> dict[str, Any] | None:
    shipped = bundled.read_shipped("table.json")
    if shipped is not None:
        return bundled.unpack(shipped, None, _made)
    key = _key()
    cached = bundled.read_cache(f"table-{key}.json")
    return None if cached is None else bundled.unpack(cached, key, _made)


def _made(data: dict[str, Any]) -> dict[str, Any]:
    """The stored data as `Table` takes it: what to go on to is in dictionaries, and each terminal is one string
    everywhere, which is found in a row faster.
    """
    name = sys.intern
    rows = [[{name(key): state for key, state in row[0].items()}, *row[1:]] for row in data["rows"]]
    keysets = [[*map(name, each.split(" "))] for each in data["keysets"]]
    goto = {origin: dict(zip(each[::2], each[1::2], strict=True)) for origin, each in data["goto"].items()}
    return {**data, "rows": rows, "keysets": keysets, "goto": goto}


def _built() -> dict[str, Any]:
    data = _generate()
    key = _key()
    bundled.write_cache(f"table-{key}.json", bundled.pack(data, key))
    return data


def _generate() -> dict[str, Any]:
    from flowlang.syntax.generate import generate

    grammar = bundled.read(GRAMMAR)
    if grammar is None:
        raise FileNotFoundError(f"{GRAMMAR} is neither in the package nor beside it")
    return generate(grammar.decode())


def _key() -> str:
    return f"{FORMAT}-{bundled.state((GRAMMAR, GENERATOR))}"
