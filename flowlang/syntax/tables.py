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

    Make = Callable[[list[Any], list[int], int, int, Any], Any]
    Action = tuple[int, Any, "After | None"]

FORMAT = 3
GRAMMAR = "grammar/flow.lark"
GENERATOR = "flowlang/syntax/generate.py"
REFUSED: Action = (0, None, None)
"""The action where a terminal cannot stand."""
_UNASKED: dict[str, tuple[int, Action]] = {}


class After:
    """Where to go on when what a nonterminal stands for has been read: by the state below it, the next one.

    `ends` gives, by the state below and the terminal, what comes of going on through all the rules that leave a lone
    symbol alone (`postfix → unary → … → sum`): the state at the end of them and the action there. What was not asked
    for yet gives `Table.follow`.
    """

    __slots__ = ("ends", "goto", "origin")

    def __init__(self, origin: str, goto: dict[int, int], states: int) -> None:
        self.origin, self.goto = origin, goto
        self.ends = [_UNASKED] * states


class Table:
    """The rows of the automaton: a row gives for a terminal what to do, as three things that the driver takes apart.

    To shift is (0, state, None). To reduce is (symbols that the stacks hold fewer then, what makes the value, After):
    where nothing makes it, it is that of the first symbol.

    Rows are expanded when they are first asked for: a file uses a fraction of them, and of the rules. All that the
    driver looks up is in plain lists and dictionaries, which is three times as fast as in classes made of them.
    """

    __slots__ = (
        "_actions",
        "_afters",
        "_compact",
        "_gotos",
        "_keysets",
        "_reductions",
        "_rules",
        "end",
        "rows",
        "start",
    )

    def __init__(self, data: dict[str, Any], actions: dict[str, Make]) -> None:
        self.start: dict[str, int] = data["start"]
        self.end: dict[str, int] = data["end"]
        self.rows: list[dict[str, Action] | None] = [None] * len(data["rows"])
        self._compact: list[list[Any]] = data["rows"]
        self._keysets: list[list[str]] = data["keysets"]
        self._rules: list[list[Any]] = data["rules"]
        self._gotos: dict[str, dict[int, int]] = data["goto"]
        self._afters: dict[str, After] = {}
        self._actions = actions
        self._reductions: dict[int, Action] = {}

    def row(self, state: int) -> dict[str, Action]:
        """The row of a state."""
        return self.rows[state] or self._expanded(state)

    def follow(self, after: After, below: int, key: str) -> tuple[int, Action]:
        """The state behind a nonterminal above a state and behind what it is alone in, and the action of a terminal."""
        then: After | None = after
        while then is not None:
            state = then.goto[below]
            action = self.row(state).get(key, REFUSED)
            fewer, make, then = action
            if fewer or make is not None:
                break
        ends = after.ends
        ends[below] = ends[below] or {}
        ends[below][key] = (state, action)
        return state, action

    def _expanded(self, state: int) -> dict[str, Any]:
        compact = self._compact[state]
        row: dict[str, Action] = compact[0]
        for index in range(1, len(compact), 2):
            reduction = self._reductions.get(compact[index])
            if reduction is None:
                reduction = self._reductions[compact[index]] = self._reduction(compact[index])
            row |= dict.fromkeys(self._keysets[compact[index + 1]], reduction)
        self.rows[state] = row
        return row

    def _reduction(self, number: int) -> Action:
        origin, name, count = self._rules[number]
        after = self._afters.get(origin)
        if after is None:
            after = self._afters[origin] = After(origin, self._gotos.get(origin, {}), len(self.rows))
        keeps = name == "keep_first" or (name == "keep_last" and count == 1)
        return count - 1, None if keeps else self._actions[name], after


def is_shift(action: Action | None) -> bool:
    """Whether a terminal with this action can stand right here, without a rule that ends before it."""
    return action is not None and action[2] is None


def load(actions: dict[str, Make]) -> Table:
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
    """The stored data as `Table` takes it: what to go on to is in dictionaries, a shift is an action, and each terminal
    is one string everywhere, which is found in a row faster.
    """
    name = sys.intern
    shifts = [(0, state, None) for state in range(len(data["rows"]))]
    rows = [[{name(key): shifts[state] for key, state in row[0].items()}, *row[1:]] for row in data["rows"]]
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
