"""What an item declares where it did not parse: uses of such a name are no mistake of their own.

Asked only where a name means nothing. The text is looked at, for there is no tree of what did not parse.
"""

from __future__ import annotations

from flowlang.syntax import ast
from flowlang.syntax.lookalikes import as_seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.semantics.facts import CheckedFile

_DECLARING: Final = frozenset("step let mut const var type service action function flow import for as".split())


def is_declared_unparsed(file: CheckedFile, name: str, use: ast.Node) -> bool:
    """Whether a name stands in a broken part of the item that uses it, or of the configuration, behind a word that
    declares or before a colon.
    """
    text = file.source.text
    return any(
        _is_declared(text, name, item) or _seems_declared(text[item.start : item.end], name)
        for item in file.tree.items
        if isinstance(item, ast.Config) or item.start <= use.start < item.end
    )


def _seems_declared(text: str, name: str) -> bool:
    """Whether a name is declared to a reader, though a character that cannot be seen or looks Latin spoils it."""
    seen = as_seen(text)
    words = ["", *seen.replace(":", " : ").split(), ""] if seen != text else []
    return any(
        word == name and (before in _DECLARING or after == ":")
        for before, word, after in zip(words, words[1:], words[2:], strict=False)
    )


def _is_declared(text: str, name: str, item: ast.Node) -> bool:
    at = text.find(name, item.start, item.end)
    while at >= 0:
        end = at + len(name)
        if not _is_in_word(text, at - 1) and not _is_in_word(text, end):
            before = text[max(0, at - 80) : at].split()
            is_declared = bool(before) and before[-1] in _DECLARING
            if (is_declared or text[end : end + 20].lstrip()[:1] == ":") and _is_broken_at(item, at):
                return True
        at = text.find(name, end, item.end)
    return False


def _is_in_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def _is_broken_at(node: Any, at: int) -> bool:
    """Whether the innermost node around a place is one that did not parse."""
    while True:
        if isinstance(node, ast.Broken) or (isinstance(node, ast.Field) and _has_no_type(node)):
            return True
        inner = next((each for each in _parts(node) if each.start <= at < each.end), None)
        if inner is None:
            return False
        node = inner


def _has_no_type(field: ast.Field) -> bool:
    return isinstance(field.type, ast.TypeName) and not field.type.name.name


def _parts(node: Any) -> list[ast.Node]:
    found: list[ast.Node] = []
    for part in node:
        if isinstance(part, ast.Node):
            found.append(part)
        elif isinstance(part, tuple):
            found += [each for each in part if isinstance(each, ast.Node)]
    return found
