"""Asking features about a text with a `‸` where the cursor stands, as the server does, without a process."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

from lsprotocol import types

from flowlang.lsp.features import features
from flowlang.lsp.places import position
from flowlang.lsp.project import Project
from flowlang.source import Source

ANSWERS = {feature.method: feature.answer for feature in features()}
MARK = "‸"


def finished(answer: Any) -> Any:
    """An answer, also one that is found in slices."""
    while isinstance(answer, Generator):
        try:
            next(answer)
        except StopIteration as end:
            return end.value
    return answer


class Asked:
    """One file, `a.flow`, in a project; others may stand beside it."""

    def __init__(self, marked: str, others: dict[str, str] | None = None) -> None:
        self.at = marked.find(MARK)
        self.text = marked.replace(MARK, "")
        self.project = Project()
        self.uri = "file://" + os.path.abspath("a.flow")
        self.project.put(self.uri, 1, self.text)
        for name, text in (others or {}).items():
            self.project.put("file://" + os.path.abspath(name), 1, text)
        self.document = types.TextDocumentIdentifier(uri=self.uri)
        self.position = position(Source("a.flow", self.text), max(self.at, 0))

    def ask(self, method: str, **more: Any) -> Any:
        """The answer to a request about the cursor."""
        params = _Params(text_document=self.document, position=self.position, **more)
        return finished(ANSWERS[method](self.project, params))

    def labels(self) -> list[str]:
        """What is offered, best first."""
        items = self.ask(types.TEXT_DOCUMENT_COMPLETION).items
        return [each.label for each in sorted(items, key=lambda each: each.sort_text)]

    def accepted(self, label: str) -> str:
        """The text after one of the offers is taken."""
        items = self.ask(types.TEXT_DOCUMENT_COMPLETION).items
        item = next(each for each in items if each.label == label)
        return edited(self.text, [item.text_edit, *(item.additional_text_edits or ())])

    def renamed(self, new: str) -> dict[str, str]:
        """The texts of the files that a renaming changes, by name."""
        edit = self.ask(types.TEXT_DOCUMENT_RENAME, new_name=new)
        found = {}
        for uri, edits in edit.changes.items():
            name = uri.rpartition("/")[2]
            found[name] = edited(self.project.open[name].text, edits)
        return found


class _Params:
    def __init__(self, **named: Any) -> None:
        self.__dict__.update(named)


def edited(text: str, edits: list[types.TextEdit]) -> str:
    """A text after some edits, which must not overlap."""
    source = Source("", text)
    placed = sorted(
        (
            source.from_utf16(each.range.start.line, each.range.start.character),
            source.from_utf16(each.range.end.line, each.range.end.character),
            each.new_text,
        )
        for each in edits
    )
    for (_, end, _), (start, _, _) in itertools.pairwise(placed):
        assert end <= start
    for start, end, new in reversed(placed):
        text = text[:start] + new + text[end:]
    return text


def shown(text: str, place: types.Range) -> str:
    """The part of a text that a range shows."""
    source = Source("", text)
    start = source.from_utf16(place.start.line, place.start.character)
    return text[start : source.from_utf16(place.end.line, place.end.character)]


def project_of(folder: Path) -> Project:
    """The project of a folder, which becomes the working folder."""
    os.chdir(folder)
    return Project()
