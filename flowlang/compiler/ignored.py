"""What `.gitignore` files exclude, as gitignore(5) says: the last pattern that fits decides, the nearest file last.

Patterns of the folders above count up to the root of the repository. A file beneath an excluded folder stays excluded,
which the walk ensures by not going there. As in git, patterns and paths are bytes: each stands here as one character.
"""

from __future__ import annotations

import os
import re
import stat

from flowlang.compiler.globs import translate

Rule = tuple["re.Pattern[str]", bool, bool]  # over the path below the file's folder; negated; folders only


class Ignored:
    """The rules in force in one folder: pairs of a folder and the rules its file declares, outermost first."""

    def __init__(self, levels: tuple[tuple[str, tuple[Rule, ...]], ...] = ()) -> None:
        self._levels = levels

    @classmethod
    def above(cls, folder: str) -> Ignored:
        """The rules of the folders above one, from the root of its repository; none outside a repository."""
        parents = [folder]
        while not os.path.exists(os.path.join(parents[-1], ".git")):
            parent = os.path.dirname(parents[-1])
            if parent == parents[-1]:
                return cls()
            parents.append(parent)
        ignored = cls()
        for parent in reversed(parents[1:]):
            ignored = ignored.within(parent)
        return ignored

    def within(self, folder: str) -> Ignored:
        """The rules in force one folder deeper."""
        path = os.path.join(folder, ".gitignore")
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                return self  # as git does: no links, and a pipe would never answer
            with open(path, encoding="latin-1", newline="") as file:
                lines = file.read(1_000_000).removeprefix("\xef\xbb\xbf").split("\n")
        except OSError:
            return self
        rules = tuple(rule for line in lines if (rule := _rule(line)) is not None)
        return Ignored((*self._levels, (os.path.realpath(folder), rules))) if rules else self

    def excludes(self, path: str, is_folder: bool) -> bool:
        """Whether a file or folder is passed over."""
        if not self._levels:
            return False
        absolute = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))
        for folder, rules in reversed(self._levels):
            below = os.fsencode(os.path.relpath(absolute, folder)).decode("latin-1").replace(os.sep, "/")
            for pattern, negated, folders_only in reversed(rules):
                if (is_folder or not folders_only) and pattern.fullmatch(below):
                    return not negated
        return False


def _rule(line: str) -> Rule | None:
    line = line.removesuffix("\r")
    while line.endswith(" ") and not line.endswith("\\ "):
        line = line[:-1]
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[1:] if negated else line
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    anchored = "/" in line
    line = line.removeprefix("/")
    if not line:
        return None
    try:
        pattern = re.compile(translate(line if anchored else f"**/{line}"), re.DOTALL)
    except re.error:
        return None
    return pattern, negated, folders_only
