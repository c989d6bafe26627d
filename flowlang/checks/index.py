"""Which rules there are, and which of them a text can concern: known without importing one of them.

A rule's module is imported only for a text that has one of its `WORDS` (always, if it names none); `a + b` wants both.
They are looked for as if the text had no white space and no comments, and, but for words with one, no parentheses:
nothing that may be written otherwise must keep a rule from its text.
Its `SCOPE` says what its findings in an item hang on: the item and what it names (`item`, unless said otherwise), or
the whole file (`file`). Where those in a flow are those in its head and in each statement of its body, as if no other
stood there, it is `statement`: what they hang on must not change when other statements do, as does what a `do` is
called (`Facts.keys`), what it waits for and whether something refers to a step.
The index is made by importing all modules once; it is kept under the state of the rules' folder in the user's cache,
and ships in the wheel as `_bundled/rules.json`. An index that is absent, corrupt or refused costs time only.
"""

from __future__ import annotations

import os

from flowlang import bundled, modules, patterns
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Final, Literal

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic
    from flowlang.diagnostics.model import Severity

    Check = Callable[[Any, Look], Iterable[Diagnostic]]
    Scope = Literal["statement", "item", "file"]

LONGEST: Final = 24
"""Characters of a rule's word."""
TAG: Final = "\U000e0001"
"""The word that stands for each of the hundreds of tags and of selectors of variants beyond the sixteen."""
PACKAGE: Final = "flowlang.checks.rules"
OWN: Final = "flowlang/checks/index.py"


class Rule:
    """A check with its name, its severity, the classes of nodes it looks at, the words of which each calls for it,
    those that do it `together`, and its scope. One without words is always called.
    """

    __slots__ = ("_check", "name", "nodes", "scope", "severity", "together", "words")

    def __init__(
        self,
        name: str,
        severity: Severity,
        nodes: Iterable[str],
        words: list[str],
        together: list[list[str]],
        scope: Scope,
    ) -> None:
        self.name = name
        self.severity = severity
        self.scope = scope
        self.nodes: list[type] = [getattr(ast, each) for each in nodes]
        self.words = frozenset(words)
        self.together = [*map(frozenset, together)]
        self._check: Check | None = None

    @property
    def check(self) -> Check:
        """The check itself; its module is imported now."""
        if self._check is None:
            module: Any = modules.load(f"{PACKAGE}.{self.name.replace('-', '_')}")
            self._check = module.check
        return self._check

    def concerns(self, words: set[str]) -> bool:
        """Whether a file whose text has some words may have what the rule looks for."""
        if not self.words.isdisjoint(words):
            return True
        for each in self.together:
            if each <= words:
                return True
        return not self.words and not self.together


def spelled(text: str) -> tuple[str, str, str]:
    """A text as words are looked for in it: without white space, comments and parentheses; with parentheses; and as it
    is. See `place_of`.
    """
    code = _uncommented(text)
    dense = _dense(code)
    if "#" in code:  # in a text, or behind one
        dense = f"{dense}\0{_dense(_COMMENT.sub('', code))}"
    return _bare(dense), dense, text if text.isascii() else _with_mark(text)


def _with_mark(text: str) -> str:
    """A text, with `TAG` behind it if it holds one of that kind: U+E0000 to U+E0FFF begin with the same bytes."""
    return text + TAG if b"\xf3\xa0" in text.encode("utf-8", "surrogatepass") else text


def place_of(word: str) -> int:
    """In which of these a word is looked for, which is `_dense` itself: what cannot be seen in the text as it is."""
    return 1 if "(" in word else 0 if word.isprintable() else 2


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the lines begin and end that may share a word with some lines of a text."""
    first, last = _line_above(text, start), _line_below(text, end)
    while first > 0 and _is_short(text[first:start]):
        first = _line_above(text, first)
    while last < len(text) and _is_short(text[end:last]):
        last = _line_below(text, last)
    return first, last


def _line_above(text: str, start: int) -> int:
    return text.rfind("\n", 0, max(0, start - 1)) + 1


def _line_below(text: str, end: int) -> int:
    return text.find("\n", end) + 1 or len(text)


def _is_short(text: str) -> bool:
    return len(_bare(_dense(_COMMENT.sub("", text)))) < LONGEST


_COMMENT: Final = patterns.compile(r"#[^\r\n]*")


def _uncommented(text: str) -> str:
    """A text without its comments; behind a quote on its line one may be part of a text, and stays."""
    kept: list[str] = []
    done, at = 0, text.find("#")
    while at >= 0:
        line, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        if end < 0:
            end = len(text)
        if text.find('"', line, at) < 0 and text.find("'", line, at) < 0:
            kept.append(text[done:at])
            turn = text.find("\r", at, end)
            done = turn if turn >= 0 else end
        at = text.find("#", end)
    return "".join([*kept, text[done:]])


def _dense(text: str) -> str:
    return "".join(text.replace(" ", "").split())  # most white space is blanks


def _bare(dense: str) -> str:
    return dense.replace("(", "").replace(")", "")


def by_place(rules: Iterable[Rule]) -> list[set[str]]:
    """The words of some rules, by where they are looked for."""
    found: list[set[str]] = [set(), set(), set()]
    for rule in rules:
        for word in rule.words.union(*rule.together):
            found[place_of(word)].add(word)
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
        called_by = [[*map(_dense, each.split(" + "))] for each in getattr(module, "WORDS", ())]
        assert all(len(word) <= LONGEST for words in called_by for word in words)
        alone = [word for words in called_by if len(words) == 1 for word in words]
        together = [words for words in called_by if len(words) > 1]
        scope = getattr(module, "SCOPE", "item")
        found[module_name.replace("_", "-")] = [module.SEVERITY, nodes, alone, together, scope]
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
