"""A baseline: findings that were there when checking began, kept in a file and passed over since.

An entry is known by path, rule, message and the item it stands in, never by a line, so that it survives edits
elsewhere; how often the same appears is counted. Entries that nothing answers to any more are told, so that the file
only shrinks. Syntax errors are never passed over.
"""

from __future__ import annotations

import json
import os

from flowlang.cli.failure import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import CheckedFile

    Entry = tuple[str, str, str, str]

NAMES = ("path", "rule", "message", "within")


class Baseline:
    """The entries of a file, each with how often it was found."""

    def __init__(self, file: str) -> None:
        self._folder = os.path.dirname(os.path.abspath(file))
        self._file = file
        self._entries: dict[Entry, int] = {}

    def read(self) -> Baseline:
        """Read the file. Raises `UsageError`."""
        try:
            with open(self._file, encoding="utf-8") as opened:
                document = json.load(opened)
            for each in document["findings"]:
                entry = (str(each["path"]), str(each["rule"]), str(each["message"]), str(each["within"]))
                count = each.get("count", 1)
                if type(count) is not int or count < 1:
                    raise ValueError(count)
                self._entries[entry] = self._entries.get(entry, 0) + count
        except OSError as error:
            hint = "; --write-baseline makes it" if isinstance(error, FileNotFoundError) else ""
            raise UsageError(f"the baseline {self._file} cannot be read: {error.strerror}{hint}") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UsageError(f"{self._file} is not a baseline: --write-baseline makes one") from error
        return self

    def write(self, found: Iterable[Diagnostic], files: Mapping[str, CheckedFile]) -> int:
        """Write the file with these findings and the entries of files that were not looked at; gives how many they are.

        Raises `UsageError` if it cannot be written.
        """
        from flowlang.cli.failure import CommandFailed
        from flowlang.cli.writing import replace

        self._keep_others({self._path(path) for path in files})
        for each in found:
            if _may_pass(each):
                entry = self._entry(each, files)
                self._entries[entry] = self._entries.get(entry, 0) + 1
        rows = [
            {**dict(zip(NAMES, entry, strict=True)), **({"count": count} if count > 1 else {})}
            for entry, count in sorted(self._entries.items())
        ]
        try:
            replace(self._file, json.dumps({"version": 1, "findings": rows}, indent=2, ensure_ascii=False) + "\n")
        except CommandFailed as error:
            raise UsageError(str(error)) from error
        return sum(self._entries.values())

    def _keep_others(self, looked_at: set[str]) -> None:
        """Of what the file holds, if it is a baseline, keep the entries of files that are there and not looked at."""
        try:
            self.read()
        except UsageError:
            self._entries.clear()
        for entry in list(self._entries):
            if entry[0] in looked_at or not self._is_there(entry[0]):
                del self._entries[entry]

    def _is_there(self, path: str) -> bool:
        return os.path.exists(os.path.join(self._folder, path))

    def new(self, found: Iterable[Diagnostic], files: Mapping[str, CheckedFile]) -> list[Diagnostic]:
        """The findings that are not in the baseline, in order."""
        left = dict(self._entries)
        kept = []
        for each in found:
            entry = self._entry(each, files)
            if _may_pass(each) and left.get(entry, 0) > 0:
                left[entry] -= 1
            else:
                kept.append(each)
        return kept

    def stale(
        self, found: Iterable[Diagnostic], files: Mapping[str, CheckedFile], is_wanted: Callable[[str, str], bool]
    ) -> list[str]:
        """What of the baseline is found no more, in files that were looked at or are gone, each as a sentence; but for
        rules that are not wanted now in a file.
        """
        left = dict(self._entries)
        for each in found:
            entry = self._entry(each, files)
            left[entry] = left.get(entry, 0) - 1
        looked_at = {self._path(path) for path in files}
        return [
            f"{path}: {rule} in {within}: {message}"
            for (path, rule, message, within), count in sorted(left.items())
            if count > 0
            and is_wanted(os.path.join(self._folder, path), rule)
            and (path in looked_at or not self._is_there(path))
        ]

    def _path(self, path: str) -> str:
        return os.path.relpath(os.path.abspath(path), self._folder).replace(os.sep, "/")

    def _entry(self, found: Diagnostic, files: Mapping[str, CheckedFile]) -> Entry:
        return self._path(found.span.file), found.rule, found.message, _item(found, files.get(found.span.file))


def _may_pass(found: Diagnostic) -> bool:
    from flowlang.checks.registry import SYNTAX

    return found.rule not in SYNTAX


def _item(found: Diagnostic, file: CheckedFile | None) -> str:
    """The item of the file that a finding stands in: `flow submit`; `file` for none."""
    for item in () if file is None else file.tree.items:
        if item.start <= found.span.start <= item.end:
            kind = type(item).__name__.removesuffix("Decl").lower()
            name = getattr(getattr(item, "name", None), "name", "")
            return f"{kind} {name}".strip()
    return "file"
