"""Which rules there are, and which of them a text can concern: known without importing one of them.

A rule's module is imported only for a text that has one of its `WORDS` (always, if it names none); `a + b` wants both.
Its `SCOPE` says what its findings in an item hang on: the item and what it names (`item`, unless said otherwise), or
the whole file (`file`).
The index is made by importing all modules once; it is kept under the state of the rules' folder in the user's cache,
and ships in the wheel as `_bundled/rules.json`. An index that is absent, corrupt or refused costs time only.
"""

from __future__ import annotations

import os

from flowlang import bundled, modules
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final, Literal

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic
    from flowlang.diagnostics.model import Severity

    Check = Callable[[Any, Look], Iterable[Diagnostic]]
    Scope = Literal["item", "file"]

PACKAGE: Final = "flowlang.checks.rules"
OWN: Final = "flowlang/checks/index.py"


class Rule:
    """A check with its name, its severity, the classes of nodes it looks at, the words that call for it, its scope."""

    __slots__ = ("_check", "name", "nodes", "scope", "severity", "words")

    def __init__(
        self, name: str, severity: Severity, nodes: Iterable[str], words: list[list[str]], scope: Scope
    ) -> None:
        self.name = name
        self.severity = severity
        self.scope = scope
        self.nodes: list[type] = [getattr(ast, each) for each in nodes]
        self.words = words
        self._check: Check | None = None

    @property
    def check(self) -> Check:
        """The check itself; its module is imported now."""
        if self._check is None:
            module: Any = modules.load(f"{PACKAGE}.{self.name.replace('-', '_')}")
            self._check = module.check
        return self._check

    def concerns(self, has: dict[str, bool]) -> bool:
        """Whether a file with such a text may have what the rule looks for."""
        for parts in self.words:
            for part in parts:
                if not has[part]:
                    break
            else:
                return True
        return not self.words


class Has(dict[str, bool]):
    """Whether a text has a word; looked for once, for many rules ask for the same."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __missing__(self, word: str) -> bool:
        self[word] = found = word in self._text
        return found


def load() -> dict[str, Rule]:
    """Every rule by name, in the order of names."""
    shipped = bundled.read_shipped("rules.json")
    rows = bundled.unpack(shipped, None) if shipped is not None else None
    if rows is None:
        key = _state()
        stored = bundled.read_cache(f"rules-{key}.json")
        rows = bundled.unpack(stored, key) if stored is not None else None
        if rows is None:
            rows = _read()
            bundled.write_cache(f"rules-{key}.json", bundled.pack(rows, key))
    return {name: Rule(name, *row) for name, row in rows.items()}


def build(folder: str) -> None:
    """Write the index of a wheel into a folder."""
    with open(os.path.join(folder, "rules.json"), "wb") as file:
        file.write(bundled.pack(_read(), "rules"))


def _read() -> dict[str, Any]:
    """What each rule's module says of itself."""
    found = {}
    for module_name in sorted({each.partition(".")[0] for each, *_ in _files()}):
        module: Any = modules.load(f"{PACKAGE}.{module_name}")
        first = next(iter(module.check.__annotations__.values()))
        nodes = [each.strip().removeprefix("ast.") for each in first.split("|")]
        words = [each.split(" + ") for each in getattr(module, "WORDS", ())]
        scope = getattr(module, "SCOPE", "item")
        found[module_name.replace("_", "-")] = [module.SEVERITY, nodes, words, scope]
    return found


def _state() -> str:
    """What changes whenever a rule's file does."""
    return bundled.digest(repr(sorted(_files())).encode(), bundled.state([OWN]).encode())


def _files() -> Iterable[tuple[str, int, int]]:
    """The modules of the rules' package, with size and time of change; in a folder or in a zip archive."""
    package = modules.load(PACKAGE)
    folder = os.path.dirname(package.__file__ or "")
    try:
        files = []
        for name in os.listdir(folder):
            if name.endswith((".py", ".pyc")):
                found = os.stat(f"{folder}/{name}")
                files.append((name, found.st_size, found.st_mtime_ns))
    except OSError:
        prefix = PACKAGE.replace(".", os.sep) + os.sep
        archive = getattr(package.__loader__, "_files", {})
        files = [(name[len(prefix) :], 0, 0) for name in archive if name.startswith(prefix)]
    return [each for each in files if each[0].endswith((".py", ".pyc")) and not each[0].startswith("_")]
