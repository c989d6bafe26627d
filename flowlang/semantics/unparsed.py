"""What an item declares where it did not parse: uses of such a name are no mistake of their own.

Asked only where a name means nothing. The text is looked at, for there is no tree of what did not parse.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax import ast
from flowlang.syntax.import_hints import WORDS
from flowlang.syntax.lexing import RESERVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.semantics.facts import CheckedFile

_word: Final = patterns.compile(r"[A-Za-z]+").match
_all_words: Final = patterns.compile(r"[A-Za-z_]\w*").findall
_DECLARING: Final = frozenset("step let mut const var type service action function flow import for as".split())


def is_declared_unparsed(file: CheckedFile, name: str, use: ast.Node) -> bool:
    """Whether a name stands in a broken part of the item that uses it, or of the configuration, behind a word that
    declares or before a colon; or in the broken head of the flow that uses it.
    """
    around = file.tree.item_at(use.start)
    if type(around) is ast.BrokenFlow and name in _all_words(file.source.text[around.name.end : around.body.start]):
        return True
    text = file.source.text
    items = [item for item in file.tree.items if isinstance(item, ast.Config) or item.start <= use.start < item.end]
    if any(_is_declared(text, name, item) for item in items):
        return True
    dashed = _dashed(text, use)
    items += [item for item in file.tree.items if isinstance(item, ast.Broken)]
    return "-" in dashed and any(_is_declared(text, dashed, item) for item in items)


def has_lost_name(file: CheckedFile, use: ast.Node) -> bool:
    """Whether a step of the item that uses a name has none: it may be the one that is meant."""
    pending: list[Any] = [file.tree.item_at(use.start)]
    while pending:
        part = pending.pop()
        if isinstance(part, ast.Step) and (part.name.name in RESERVED or not part.name.name.isidentifier()):
            return True
        pending += [each for each in part or () if isinstance(each, tuple)]
    return False


def _dashed(text: str, use: ast.Node) -> str:
    """The word with `-` in it, such as `my-step`, that a name is a part of."""
    start, end = use.start, use.end
    while _is_in_word(text, start - 1) or text[start - 1 : start] == "-":
        start -= 1
    while _is_in_word(text, end) or text[end : end + 1] == "-":
        end += 1
    return text[start:end]


def is_imported_unparsed(file: CheckedFile, name: str) -> bool:
    """Whether a line of imports that did not parse names this."""
    text = file.source.text
    lines = [text[item.start : item.end] for item in file.tree.items if is_broken_import(item, text)]
    return any(name in _all_words(line) for line in lines)


def is_broken_import(item: ast.Item, text: str, base: int = 0) -> bool:
    """Whether an item of a text that stands at a place is a line of imports that did not parse."""
    if not isinstance(item, ast.Broken):
        return False
    found = _word(text[item.start - base : item.start - base + 10].lstrip("@"))
    return found is not None and found[0] in WORDS


def _is_declared(text: str, name: str, item: ast.Node) -> bool:
    at = text.find(name, item.start, item.end)
    while at >= 0:
        end = at + len(name)
        if not _is_in_word(text, at - 1) and not _is_in_word(text, end):
            before = text[max(0, at - 80) : at].split()
            is_declared = (bool(before) and before[-1] in _DECLARING) or _is_left(text, at, end)
            if (is_declared or text[end : end + 20].lstrip()[:1] == ":") and _is_broken_at(item, at):
                return True
        at = text.find(name, end, item.end)
    return False


def _is_left(text: str, at: int, end: int) -> bool:
    """Whether a name stands left of the first `=` of its line, beside others: `a, b = …`, `let { a, b } = …`."""
    line, stop = text.rfind("\n", 0, at) + 1, text.find("\n", end)
    between, _, behind = text[end : stop if stop >= 0 else len(text)].partition("=")
    before = text[line:at]
    is_given = behind[:1] not in ("", "=") and between[-1:] not in ("!", "<", ">")
    return is_given and "=" not in before and "," in before + between


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
