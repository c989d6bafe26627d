"""Builds the parse table from `grammar/flow.lark` with Lark: its only importer, and only when there is no table.

The table is plain data (see `tables.py`), the same for the same grammar in every process: states are numbered in the
order in which a walk from the start rules meets them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

START_RULES = ("file", "expression", "type")
PASSED_ON = "keep_last"


def lark_options() -> dict[str, Any]:
    """How Lark reads the grammar, here and in the tests that hold our driver to Lark's own parser."""
    return {
        "parser": "lalr",
        "start": list(START_RULES),
        "keep_all_tokens": True,
        "maybe_placeholders": False,
    }


def generate(grammar: str) -> dict[str, Any]:
    """Compute the table of a grammar."""
    from lark import Lark

    made = Lark(grammar, **lark_options())
    table = made.parser.parser._parse_table
    return _Compact(table, {t.name: _spelling(t) for t in made.terminals}).data()


def _spelling(terminal: Any) -> str:
    """A keyword or a sign goes by its text, another terminal by its name; a word with a lookahead is a keyword."""
    if terminal.pattern.type == "str":
        return str(terminal.pattern.value)
    name = str(terminal.name)
    text = name.lower()
    return text if terminal.pattern.value.startswith(text + "(?=") else name


class _Compact:
    def __init__(self, table: Any, spellings: dict[str, str]) -> None:
        self.table, self.spellings = table, spellings
        self.rules: dict[tuple[str, str, int], int] = {}
        self.keysets: dict[str, int] = {}
        self.columns: dict[str, dict[int, int]] = {}
        self.numbers = self._number_states()

    def data(self) -> dict[str, Any]:
        rows = [self._row(state) for state in self.numbers]
        return {
            "start": {name: self.numbers[self.table.start_states[name]] for name in START_RULES},
            "end": {name: self.numbers[self.table.end_states[name]] for name in START_RULES},
            "rules": [list(rule) for rule in self.rules],
            "keysets": list(self.keysets),
            "rows": rows,
            "goto": {origin: [x for pair in sorted(c.items()) for x in pair] for origin, c in self.columns.items()},
        }

    def _actions(self, state: int) -> list[tuple[str, str, Any]]:
        found = [(str(symbol), str(kind), to) for symbol, (kind, to) in self.table.states[state].items()]
        return sorted(found, key=lambda action: action[:2])

    def _number_states(self) -> dict[int, int]:
        numbers: dict[int, int] = {}
        waiting = [self.table.start_states[name] for name in reversed(START_RULES)]
        while waiting:
            state = waiting.pop()
            if state not in numbers:
                numbers[state] = len(numbers)
                waiting += [to for _, kind, to in reversed(self._actions(state)) if kind == "Shift"]
        return numbers

    def _row(self, state: int) -> list[Any]:
        """A row as [{terminal: state to shift to}, rule, set of terminals, rule, set of terminals, …]."""
        shifts: dict[str, int] = {}
        reductions: dict[int, list[str]] = {}
        for symbol, kind, to in self._actions(state):
            key = self.spellings.get(symbol, symbol)
            if kind == "Reduce":
                reductions.setdefault(self._rule(to), []).append(key)
            elif symbol in self.spellings or symbol.startswith(("BROKEN_", "$")):
                shifts[key] = self.numbers[to]
            else:
                self.columns.setdefault(symbol, {})[self.numbers[state]] = self.numbers[to]
        row: list[Any] = [shifts]
        for rule, keys in reductions.items():
            row += [rule, self.keysets.setdefault(" ".join(sorted(keys)), len(self.keysets))]
        return row

    def _rule(self, rule: Any) -> int:
        count = len(rule.expansion)
        origin = str(rule.origin.name)
        passes = count == 1 and rule.alias is None and rule.options.expand1
        name = PASSED_ON if passes else str(rule.alias or origin)
        return self.rules.setdefault((origin, name, count), len(self.rules))
