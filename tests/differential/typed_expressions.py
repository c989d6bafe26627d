"""Random expressions that both languages understand, grown by what they give, so that most have a value.

Left out is what differs on purpose (`test_jinja_evaluation.DIFFERENCES`), such as bools and lists written as text.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

TYPES = {
    "i": "int",
    "j": "int",
    "x": "float",
    "y": "float",
    "s": "string",
    "t": "string",
    "b": "bool",
    "c": "bool",
    "xs": "list[int]",
    "fs": "list[float]",
    "ws": "list[string]",
    "m": "map[int]",
    "row": "{ n: int, s: string, b: bool }",
    "rows": "list[{ n: int, s: string, b: bool }]",
}
"""The names that expressions see, with their types here."""
TEXTS = ["", "a", "Ab c", "ßé", "it's", "1", "-7", "2.5", "x-y z", "the quick brown fox", "<&>", "  pad "]
WORDS = ["a", "B", "b", "zed", "", "É", "10", "9"]
INTS = [0, 1, 2, 3, -1, -2, 7, 10, 64, 100]
FLOATS = [0.0, 0.5, 1.0, -1.25, 2.5, 3.14159, 1e-7, 1e15]


def values(chance: random.Random) -> dict[str, Any]:
    """Values for the names."""

    def row() -> dict[str, Any]:
        return {"n": chance.choice(INTS), "s": chance.choice(WORDS), "b": chance.random() < 0.5}

    def some(of: list[Any]) -> list[Any]:
        return [chance.choice(of) for _ in range(chance.choice((0, 1, 2, 3, 5)))]

    return {
        **{name: chance.choice(INTS) for name in "ij"},
        **{name: chance.choice(FLOATS) for name in "xy"},
        **{name: chance.choice(TEXTS) for name in "st"},
        **{name: chance.random() < 0.5 for name in "bc"},
        "xs": some(INTS),
        "fs": some(FLOATS),
        "ws": some(WORDS),
        "m": {word: chance.choice(INTS) for word in some(WORDS)},
        "row": row(),
        "rows": [row() for _ in range(chance.choice((0, 1, 2, 4)))],
    }


class Grower:
    """Grows expressions; methods are named after what theirs give."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def grow(self) -> str:
        """An expression of any kind."""
        kinds = (self.int, self.float, self.text, self.bool, self.ints, self.texts, self.rows, self.item)
        kind = self.chance.choice(kinds)
        return kind(self.chance.choice((1, 2, 2, 3)))

    def item(self, depth: int) -> str:
        """What an item of a map or list is used for; it may not be there, which has no value in either language."""
        pick = self.chance.choice
        item = pick([f"m[{self._literal(pick(WORDS))}]", f"({self.ints(depth)})[{pick([0, 1, -1])}]"])
        return pick([item, f"{item} * {self.int(depth)}", f"{item} > {self.float(depth)}"])

    def _one(self, depth: int, atoms: list[str], forms: list[Callable[[], str]]) -> str:
        return self.chance.choice(atoms) if depth <= 0 or not forms else self.chance.choice(forms)()

    def _literal(self, text: str) -> str:
        quoted = text.replace("'", "\\'")
        return f"'{quoted}'"

    def int(self, depth: int) -> str:
        d, pick = depth - 1, self.chance.choice
        counted = pick(["length", "sum(attribute='n')"])
        return self._one(
            depth,
            ["i", "j", "row.n", "row['n']", str(abs(pick(INTS)))],
            [
                lambda: f"({self.int(d)} {pick(['+', '-', '*', '//', '%'])} {self.int(d)})",
                lambda: f"({self.int(d)} ** {pick([0, 1, 2, 3])})",
                lambda: f"(-{self.int(d)})",
                lambda: f"{self.int(d)} | abs",
                lambda: f"({self.text(d)}) | {pick(['length', 'count', 'wordcount', 'int', 'int(7)'])}",
                lambda: f"({self.ints(d)}) | {pick(['length', 'sum'])}",
                lambda: f"({self.ints(d)}) | {pick(['first', 'last', 'max', 'min'])} | default({self.int(0)})",
                lambda: f"({self.float(d)}) | int",
                lambda: f"({self.rows(d)}) | {counted}",
                lambda: f"({self.int(d)} if {self.bool(d)} else {self.int(d)})",
            ],
        )

    def float(self, depth: int) -> str:
        d, pick = depth - 1, self.chance.choice
        return self._one(
            depth,
            ["x", "y", str(abs(pick(FLOATS)))],
            [
                lambda: f"({self.float(d)} {pick(['+', '-', '*', '/', '//', '%'])} {self.float(d)})",
                lambda: f"({self.int(d)} / {self.int(d)})",
                lambda: f"({self.float(d)} {pick(['+', '-', '*'])} {self.int(d)})",
                lambda: f"({self.float(d)}) | {pick(['abs', 'round', 'round(2)', 'float'])}",
                lambda: f"({self.float(d)}) | round({pick([0, 1, 3])}, '{pick(['common', 'ceil', 'floor'])}')",
                lambda: f"fs | {pick(['first', 'max', 'min', 'last'])} | default({self.float(0)})",
                lambda: "fs | sum",
                lambda: f"({self.text(d)}) | float",
            ],
        )

    def text(self, depth: int) -> str:
        d, pick = depth - 1, self.chance.choice
        plain = pick(["upper", "lower", "capitalize", "title", "trim", "string"])
        return self._one(
            depth,
            ["s", "t", "row.s", self._literal(pick(TEXTS))],
            [
                lambda: f"({self.text(d)}) | {plain}",
                lambda: f"({self.text(d)} ~ {pick([self.text, self.int, self.float])(d)})",
                lambda: f"({self.text(d)} + {self.text(d)})",
                lambda: f"({self.text(d)} * {pick([0, 1, 2, 3])})",
                lambda: f"({self.text(d)}) | replace({self._literal(pick(['a', 'b', ' ', '']))}, {self.text(0)})",
                lambda: (
                    f"({self.text(d)}) | truncate({pick([3, 5, 9])}, {pick(['true', 'false'])}, '..', {pick([0, 2])})"
                ),
                lambda: f"({self.text(d)})[{pick(['0', '1', ''])}:{pick(['', '3', '-1'])}]",
                lambda: f"({self.texts(d)}) | join({self._literal(pick(['', '-', ', ']))})",
                lambda: f"({self.ints(d)}) | join('-')",
                lambda: f"({self.texts(d)}) | {pick(['first', 'last'])} | default({self.text(0)})",
                lambda: f"({self.text(d)} if {self.bool(d)} else {self.text(d)})",
                lambda: f"({self.text(d)} {pick(['or', 'and'])} {self.text(d)})",
                lambda: f"({self.text(d)}) | urlencode",
            ],
        )

    def bool(self, depth: int) -> str:
        d, pick = depth - 1, self.chance.choice
        ordered = pick(["<", "<=", ">", ">=", "==", "!="])
        return self._one(
            depth,
            ["b", "c", "row.b", "true", "false"],
            [
                lambda: f"({self.int(d)} {ordered} {self.int(d)})",
                lambda: f"({self.int(d)} {pick(['<', '<='])} {self.float(d)} {pick(['<', '>='])} {self.int(d)})",
                lambda: f"({self.text(d)} {ordered} {self.text(d)})",
                lambda: f"({self.ints(d)} {pick(['==', '!='])} {self.ints(d)})",
                lambda: f"({self.int(d)} {pick(['in', 'not in'])} {self.ints(d)})",
                lambda: f"({self.text(d)} {pick(['in', 'not in'])} {pick([self.texts, self.text])(d)})",
                lambda: f"({self._literal(pick(WORDS))} in m)",
                lambda: f"(not {pick([self.bool, self.int, self.text, self.ints])(d)})",
                lambda: f"({self.bool(d)} {pick(['and', 'or'])} {self.bool(d)})",
                lambda: f"({self.int(d)} is {pick(['even', 'odd', 'divisibleby(3)', 'number', 'gt(2)', 'le(1)'])})",
                lambda: f"({self.int(d)} is not {pick(['even', 'odd', 'eq(1)', 'ne(0)', 'lt(3)', 'ge(7)'])})",
                lambda: f"({self.text(d)} is {pick(['lower', 'upper', 'string', 'mapping', 'sequence'])})",
            ],
        )

    def ints(self, depth: int) -> str:
        d, pick = depth - 1, self.chance.choice
        return self._one(
            depth,
            ["xs", "[i, j]", "[1, 2, 3]"],
            [
                lambda: f"[{self.int(d)}, {self.int(d)}]",
                lambda: f"({self.ints(d)} + {self.ints(d)})",
                lambda: f"({self.ints(d)} * {pick([0, 1, 2])})",
                lambda: f"({self.ints(d)})[{pick(['0', '1', ''])}:{pick(['', '2', '-1'])}]",
                lambda: f"range({pick([0, 1, 4])}) | list",
                lambda: (
                    f"({self.ints(d)}) | {pick(['sort', 'sort(reverse=true)', 'unique', 'reverse', 'list'])} | list"
                ),
                lambda: f"({self.ints(d)}) | {pick(['select', 'reject'])}('{pick(['even', 'odd'])}') | list",
                lambda: f"({self.ints(d)}) | {pick(['select', 'reject'])}('{pick(['gt', 'lt', 'eq'])}', 2) | list",
                lambda: f"({self.rows(d)}) | map(attribute='n') | list",
                lambda: f"({self.texts(d)}) | map('length') | list",
            ],
        )

    def texts(self, depth: int) -> str:
        d, pick = depth - 1, self.chance.choice
        return self._one(
            depth,
            ["ws", "[s, t]"],
            [
                lambda: f"[{self.text(d)}, {self.text(d)}]",
                lambda: f"({self.texts(d)} + {self.texts(d)})",
                lambda: (
                    f"({self.texts(d)}) | {pick(['sort', 'unique', 'reverse', 'sort(case_sensitive=true)'])} | list"
                ),
                lambda: f"({self.texts(d)}) | map('{pick(['upper', 'lower', 'trim', 'title'])}') | list",
                lambda: f"({self.rows(d)}) | map(attribute='s') | list",
                lambda: f"({self.texts(d)}) | {pick(['select', 'reject'])} | list",
                lambda: "m | list",
            ],
        )

    def rows(self, depth: int) -> str:
        d, pick = depth - 1, self.chance.choice
        named = pick(["n", "s"])
        return self._one(
            depth,
            ["rows", "[row]"],
            [
                lambda: f"({self.rows(d)}) | sort(attribute='{named}') | list",
                lambda: f"({self.rows(d)}) | {pick(['selectattr', 'rejectattr'])}('{pick(['b', 'n', 's'])}') | list",
                lambda: f"({self.rows(d)}) | selectattr('n', '{pick(['gt', 'le', 'eq'])}', {pick([0, 1, 7])}) | list",
                lambda: f"({self.rows(d)} + {self.rows(d)})",
                lambda: f"({self.rows(d)}) | batch(2) | first | default([])",
                lambda: f"({self.rows(d)}) | unique(attribute='{named}') | list",
            ],
        )
