"""The parse table: found in the package or the user's cache, else built from the grammar; expanded row by row.

What is stored is JSON under the state of all that it was made from (the grammar, the generator, this format), so it is
never out of date; Lark's version does not count, for a grammar without conflicts has one LALR table. A cache
that is absent, corrupt or not writable costs time only: the table is then built in memory.
"""

from __future__ import annotations

from flowlang import bundled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Action = Callable[[list[Any], list[int], int, Any], Any]

FORMAT = 1
GRAMMAR = "grammar/flow.lark"
GENERATOR = "flowlang/syntax/generate.py"


class Reduce:
    """A rule as the driver wants it: how many symbols, what makes the value, and where to go on from the state below.

    `make` is a function of the stacks, or a number: the value is then the one at that place of the stack.
    """

    __slots__ = ("after", "count", "make", "origin")

    def __init__(self, origin: str, count: int, make: Action | int, after: Pass) -> None:
        self.origin, self.count, self.make, self.after = origin, count, make, after


class Table:
    """The rows of the automaton: `rows[state][terminal]` is a state to shift to, a Reduce, or a Pass.

    A Pass stands for a chain of rules with one symbol each (`postfix → unary → … → sum`), which leave the value alone:
    it maps the state below to the pair of the state at the end of the chain and the action there.
    """

    __slots__ = ("end", "rows", "start")

    def __init__(self, data: dict[str, Any], actions: dict[str, Action | int]) -> None:
        self.start: dict[str, int] = data["start"]
        self.end: dict[str, int] = data["end"]
        self.rows: Rows = Rows(data, actions)


class Rows(dict[int, "dict[str, Any]"]):
    """Rows by state, expanded when first asked for: a file uses a fraction of them, and of the rules."""

    __slots__ = ("_actions", "_gotos", "_passes", "_reductions", "_rules", "compact", "keysets")

    def __init__(self, data: dict[str, Any], actions: dict[str, Action | int]) -> None:
        self.compact: list[list[Any]] = data["rows"]
        self.keysets: list[str | list[str]] = data["keysets"]
        self._rules: list[list[Any]] = data["rules"]
        self._gotos: dict[str, Any] = data["goto"]
        self._passes: dict[str, Pass] = {}
        self._actions = actions
        self._reductions: dict[int, Any] = {}

    def __missing__(self, state: int) -> dict[str, Any]:
        compact = self.compact[state]
        row: dict[str, Any] = dict(compact[0])
        for index in range(1, len(compact), 2):
            reduction = self._reductions.get(compact[index])
            if reduction is None:
                reduction = self._reduction(compact[index])
            keys = self.keysets[compact[index + 1]]
            if isinstance(keys, str):
                keys = self.keysets[compact[index + 1]] = keys.split(" ")
            row.update(dict.fromkeys(keys, reduction))
        self[state] = row
        return row

    def _reduction(self, number: int) -> Reduce | Pass:
        """A rule; of one that leaves a lone child alone only where to go on."""
        origin, name, count = self._rules[number]
        after = self._passes.get(origin)
        if after is None:
            goto = self._gotos.get(origin, [])
            after = self._passes[origin] = Pass(self, dict(zip(goto[::2], goto[1::2], strict=True)))
        if name == "keep_last" and count == 1:
            found: Reduce | Pass = after
        else:
            make = -count if name == "keep_first" else -1 if name == "keep_last" else self._actions[name]
            found = Reduce(origin, count, make, after)
        self._reductions[number] = found
        return found


class Pass(dict[int, "Ends"]):
    """The ends of a chain of lone children, by the state below and the terminal; computed when first met."""

    __slots__ = ("goto", "rows")

    def __init__(self, rows: Rows, goto: dict[int, int]) -> None:
        self.rows, self.goto = rows, goto

    def __missing__(self, below: int) -> Ends:
        self[below] = ends = Ends(self.rows, self.goto[below], below)
        return ends


class Ends(dict[str, "tuple[int, Any]"]):
    """The ends of a chain above one state, by terminal: a state and the action there."""

    __slots__ = ("below", "rows", "state")

    def __init__(self, rows: Rows, state: int, below: int) -> None:
        self.rows, self.state, self.below = rows, state, below

    def __missing__(self, key: str) -> tuple[int, Any]:
        action = self.rows[self.state].get(key)
        self[key] = end = action[self.below][key] if isinstance(action, Pass) else (self.state, action)
        return end


def load(actions: dict[str, Action | int]) -> Table:
    """Find or build the table; `actions` names what each rule does."""
    return Table(_stored() or _built(), actions)


def build(folder: str) -> None:
    """Write the table into a folder: what a wheel carries as `flowlang/_bundled/`."""
    with open(f"{folder}/table.json", "wb") as file:
        file.write(bundled.pack(_generate(), _key()))


def _stored() -> dict[str, Any] | None:
    shipped = bundled.read_shipped("table.json")
    if shipped is not None:
        return bundled.unpack(shipped, None)
    key = _key()
    cached = bundled.read_cache(f"table-{key}.json")
    return None if cached is None else bundled.unpack(cached, key)


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
