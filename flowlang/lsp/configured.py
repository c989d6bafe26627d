"""The settings of files as an editor needs them: always some, and never old for long."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.nearest import Misconfigured, runs_file, settings_file
from flowlang.compiler.run_tables import check_tables
from flowlang.compiler.settings import Settings, read
from flowlang.lsp.places import position
from flowlang.source import Source

if TYPE_CHECKING:
    from typing import Final

    from flowlang.compiler.run_tables import Given

FRESH: Final = 1.0
"""Seconds for which nothing is looked for on the disk again; not every editor tells of changes there."""
_PLACED: Final = re.compile(r":(\d+):(\d+): (.*)", re.DOTALL)
_TOML: Final = re.compile(r"\(at line (\d+), column (\d+)\)")


class Configured:
    """Settings by file. Those that were read last stay in force while theirs cannot be read."""

    def __init__(self) -> None:
        self._wrong: dict[str, types.Diagnostic] = {}
        self._wrong_for_runs: dict[str, types.Diagnostic] = {}
        self._good: dict[str | None, Settings] = {}
        self._read: dict[str | None, Settings] = {}
        self._above: dict[str, str | None] = {}
        self._given: dict[str, Given | None] = {}
        self._given_before: dict[str, Given | None] = {}
        self._above_for_runs: dict[str, str | None] = {}
        self._until = 0.0

    @property
    def problems(self) -> dict[str, types.Diagnostic]:
        """What is wrong with settings files, at its place, by their absolute path; of each what is told first."""
        return {**self._wrong_for_runs, **self._wrong}

    def renew(self) -> None:
        """Look at the disk again when next asked."""
        self._until = 0.0

    def of(self, path: str) -> Settings:
        """The settings in force for a file."""
        self._look_again()
        nearest = settings_file(os.path.dirname(os.path.abspath(path)), self._above)
        if nearest not in self._read:
            self._read[nearest] = self._load(nearest)
        return self._read[nearest]

    def given(self, path: str) -> Given | None:
        """The values that the nearest `flowlang.toml` gives to the configuration of a file; none where one of its
        tables for runs is wrong. It is the same object as long as they are the same.
        """
        self._look_again()
        nearest = runs_file(os.path.dirname(os.path.abspath(path)), self._above_for_runs)
        if nearest is None:
            return None
        if nearest not in self._given:
            found, before = None, self._given_before.get(nearest)
            self._wrong_for_runs.pop(nearest, None)
            try:
                found = check_tables(nearest)
            except Misconfigured as error:
                self._wrong_for_runs[nearest] = _shown(nearest, str(error))
            self._given[nearest] = self._given_before[nearest] = before if found == before else found
        return self._given[nearest]

    def _look_again(self) -> None:
        """Forget what was read a while ago."""
        now = time.monotonic()
        if now <= self._until:
            return
        self._above, self._above_for_runs, self._read, self._given = {}, {}, {}, {}
        for file in list(self._wrong):
            if settings_file(os.path.dirname(file), self._above) != file:
                del self._wrong[file]
        for file in list(self._wrong_for_runs):
            if runs_file(os.path.dirname(file), self._above_for_runs) != file:
                del self._wrong_for_runs[file]
        self._until = now + FRESH

    def _load(self, file: str | None) -> Settings:
        good = self._good.setdefault(file, Settings())
        if file is not None:
            try:
                found = read(file)
            except Misconfigured as error:
                self._wrong[file] = _shown(file, str(error))
                return good
            self._wrong.pop(file, None)
            good = good if found == good else found
        self._good[file] = good
        return good


def _shown(file: str, problem: str) -> types.Diagnostic:
    """What is wrong with a settings file, where it is wrong."""
    placed = _PLACED.search(problem) or _TOML.search(problem)
    line, column = (int(placed[1]), int(placed[2])) if placed else (1, 1)
    try:
        with open(file, "rb") as opened:
            source = Source(file, opened.read().decode("utf-8-sig", "replace"))
    except OSError:
        source = Source(file, "")
    start = len(source.text) if problem.endswith("(at end of document)") else source.offset(line, column)
    return types.Diagnostic(
        range=types.Range(start=position(source, start), end=position(source, start + 1)),
        message=placed[3] if placed and placed.re is _PLACED else problem,
        severity=types.DiagnosticSeverity.Error,
        source="flowlang",
    )
