"""Random edits with requests, cancellations and nonsense among them: all is answered, and the text stays the editor's.

The text is kept here a second time, in units of two bytes as an editor keeps it, by code that shares nothing with the
server's. In the end a server that is told the text at once must find the same.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from flowlang.lsp.protocol import changed, taken
from flowlang.source import Source
from tests.lsp.client import PULL, Client
from tests.lsp.test_everywhere import AT_A_PLACE, OF_A_FILE

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "examples").rglob("*.flow"))
PIECES = [
    *("😀", "\r\n", "\n", "\r", "\u2028", "\x0c", "\x00", "\ufeff", "\ud83d", "\ude00", "é", "a", " ", "\t", "."),
    *(
        "{{ ",
        " }}",
        '"',
        '"""',
        "'",
        "#",
        "}",
        "{",
        "(",
        ")",
        "flow g() -> int {\n",
        "step x = ",
        'import "b.flow" as b\n',
    ),
]
NAMES = ["a.flow", "b.flow", "untitled:c"]
REFUSALS = {-32800, -32801, -32803}  # cancelled, of a text that has changed, and refused with a reason


class Text:
    """A text in units of two bytes, each of them a character here."""

    def __init__(self, text: str) -> None:
        self.units = halved(text)

    def start(self, line: int) -> int | None:
        starts = [0, *(found.end() for found in re.finditer("\r\n|\r|\n", self.units))]
        return starts[line] if line < len(starts) else None

    def offset(self, line: int, character: int) -> int:
        start = self.start(line)
        if start is None:
            return len(self.units)
        end = re.compile("[^\r\n]*").match(self.units, start)
        assert end is not None
        return min(start + character, end.end())

    def change(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        first = self.offset(*start)
        last = max(first, self.offset(*end))
        self.units = self.units[:first] + halved(text) + self.units[last:]

    def __str__(self) -> str:
        return self.units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def halved(text: str) -> str:
    content = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(int.from_bytes(content[at : at + 2], "little")) for at in range(0, len(content), 2))


class Storm:
    """An editor gone mad."""

    def __init__(self, client: Client, chance: random.Random) -> None:
        self.client = client
        self.chance = chance
        self.texts: dict[str, Text] = {}
        self.waiting: set[int] = set()

    def place(self, text: Text) -> tuple[int, int]:
        lines = len(re.findall("\r\n|\r|\n", text.units)) + 1
        return self.chance.randrange(lines + 2), self.chance.choice([0, 5, 20, 10**6, self.chance.randrange(80)])

    def change(self, name: str) -> None:
        text = self.texts[name]
        changes: list[Any] = []
        for _ in range(self.chance.randrange(1, 4)):
            start = end = self.place(text)
            if self.chance.random() < 0.4:
                end = (start[0] + self.chance.randrange(-1, 2), self.chance.randrange(80))
                end = (max(0, end[0]), end[1])
            new = "".join(self.chance.choices(PIECES, k=self.chance.randrange(4)))
            text.change(start, end, new)
            ends = [{"line": line, "character": character} for line, character in (start, end)]
            changes.append({"range": {"start": ends[0], "end": ends[1]}, "text": new})
        self.client.change(name, *changes)

    def open(self, name: str) -> None:
        text = self.chance.choice(FILES).read_text(encoding="utf-8")
        self.texts[name] = Text(text)
        self.client.open(name, text)

    def close(self, name: str) -> None:
        del self.texts[name]
        self.client.close(name)

    def ask(self, name: str) -> None:
        line, character = self.place(self.texts.get(name, Text("")))
        params = {
            "textDocument": {"uri": self.client.uri(name)},
            "position": {"line": line, "character": character},
            "options": {"tabSize": 2, "insertSpaces": True},
            "newName": "n",
            "context": {"includeDeclaration": True, "triggerKind": 1, "isRetrigger": False},
        }
        methods = [
            *AT_A_PLACE,
            *OF_A_FILE,
            types.TEXT_DOCUMENT_RENAME,
            types.TEXT_DOCUMENT_REFERENCES,
            "flowlang/graph",
        ]
        self.waiting.add(self.client.post(self.chance.choice(methods), params))

    def nonsense(self) -> None:
        garbage = self.chance.choice(
            [b"{", b"[]", b"\xff", b"{}", self.chance.randbytes(30), b'{"jsonrpc":"2.0","method":3}', b"null", b'"x"']
        )
        self.client.write(b"Content-Length: %d\r\n\r\n%s" % (len(garbage), garbage))

    def cancel(self) -> None:
        known = [*self.waiting, -1, "x"]
        self.client.tell("$/cancelRequest", {"id": self.chance.choice(known)})

    def step(self) -> None:
        name = self.chance.choice(NAMES)
        kind = self.chance.random()
        if kind < 0.05:
            self.nonsense()
        elif kind < 0.15:
            self.cancel()
        elif kind < 0.5:
            self.ask(name)
        elif name not in self.texts:
            self.open(name)
        elif kind < 0.53:
            self.close(name)
        else:
            self.change(name)

    def answers(self) -> None:
        """Every request is answered once, and none by an exception."""
        while self.waiting:
            message = self.client.next()
            if "method" not in message:
                self.waiting.remove(message["id"])
                problem = message.get("error")
                assert problem is None or problem["code"] in REFUSALS, f"{problem} {self.logged()}"

    def logged(self) -> str:
        logs = [each["params"]["message"] for each in self.client.told if each["method"] == "window/logMessage"]
        return "\n".join(each for each in logs if "Traceback" in each)


ENDS = st.tuples(st.integers(0, 6), st.one_of(st.integers(0, 12), st.just(10**6)))
MADE = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@settings(max_examples=500)
@given(MADE, st.lists(st.tuples(ENDS, ENDS, MADE), max_size=6))
def test_changes_are_those_of_an_editor(text: str, changes: list[tuple[tuple[int, int], tuple[int, int], str]]) -> None:
    kept, model = Source("", taken(text)), Text(taken(text))
    for start, end, new in changes:
        place = types.Range(start=types.Position(*start), end=types.Position(*end))
        kept = changed(kept, types.TextDocumentContentChangePartial(range=place, text=new))
        model.change(start, end, new)
        if model.units.startswith("\ufeff"):
            model.units = " " + model.units[1:]
        assert kept.text == str(model)
        assert kept.starts == Source("", kept.text).starts


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_storm(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with Client(tmp_path, PULL) as client, Client(tmp_path, PULL) as fresh:
        storm = Storm(client, chance)
        for _ in range(12):
            for _ in range(40):
                storm.step()
            storm.answers()
        assert storm.logged() == ""
        texts = {name: str(text) for name, text in storm.texts.items()}
        assert texts
        for name, text in texts.items():
            fresh.open(name, text)
        for name in texts:
            assert json.dumps(client.pulled(name)) == json.dumps(fresh.pulled(name)), name
        assert client.process.poll() is None
        assert client.end() == 0
