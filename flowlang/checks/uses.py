"""Whether anything refers to a declaration; where there are mistakes, whether anything seems to."""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.checks.look import Look

MAYBE_ELSEWHERE: Final = "remove it, unless another file uses it"
"""What to do about an item that nothing in its file uses: who imports the file is not known where it is checked."""

UNUSED_HERE: Final = frozenset(("unused-constant", "unused-function", "unused-service", "unused-type"))
"""Rules that say so: what they find hangs on who imports the file."""


_WORDS: Final = {
    ast.Let: "let",
    ast.FunctionDecl: "function",
    ast.ActionDecl: "action",
    ast.ServiceDecl: "service",
    ast.TypeDecl: "type",
    ast.Import: "import",
}
"""The words of items that may be unused."""


def is_unused(look: Look, node: ast.Node, name: str, sign: str = "") -> bool:
    """Whether nothing refers to an item; in a file with errors its name must not be spelled elsewhere either, for what
    could not be read may be a use (there with a `sign` behind it). A name that begins with `_` is meant to be unused.
    An item whose own word is misspelt calls for no rule, whatever its letters make with those of the item before it.
    """
    if id(node) in look.facts.used or name.startswith("_"):
        return False
    if not look.errors:
        return True
    text = look.file.source.text
    is_declared = text.find(_WORDS.get(type(node), ""), node.start, node.end) >= 0
    return is_declared and not is_spelled(text, name, node, sign)


def is_spelled(text: str, word: str, besides: ast.Node, sign: str = "") -> bool:
    """Whether a word, with a sign behind it, seems to stand in a text outside the node that declares it."""
    global _last_seen
    from flowlang.syntax.lookalikes import as_seen

    if _last_seen[0] != text:
        _last_seen = (text, as_seen(text))
    return _times(_last_seen[1], word, sign) > _times(as_seen(text[besides.start : besides.end]), word, sign)


def is_meant_in_item(look: Look, statement: ast.Node, name: str) -> bool:
    """Whether the item around a statement seems to name what it declares, where that has errors: one may be about that
    very use.
    """
    item = look.file.tree.item_at(statement.start) if look.is_item_broken(statement) else None
    if item is None:
        return False
    text = look.file.source.text
    around = f"{text[item.start : statement.start]} {text[statement.end : item.end]}"
    return _times(around, name) > 0


_last_seen: tuple[str, str] = ("", "")
"""The text that was asked about last, and what it seems to say."""


def _times(text: str, word: str, sign: str = "") -> int:
    """How often a word stands in a text; between it and its sign may be blanks, line ends and comments."""
    count, at = 0, text.find(word)
    while at >= 0:
        end = at + len(word)
        if not _is_in_word(text, at - 1) and not _is_in_word(text, end):
            count += _next_sign(text, end).startswith(sign)
        at = text.find(word, end)
    return count


def _next_sign(text: str, at: int) -> str:
    while text[at : at + 1].isspace() or text.startswith("#", at):
        at = (text.find("\n", at) + 1 or len(text)) if text[at] == "#" else at + 1
    return text[at : at + 1]


def _is_in_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def is_in_hole(look: Look, name: str, at: ast.Node) -> bool:
    """Whether a name, or a path such as `config.key`, begins a hole that may be written wrongly, in the item that
    declares it: that it is no use is what is said there. What an item of its own declares may be meant anywhere.
    """
    global _last
    text = look.file.source.text
    item = look.file.tree.item_at(at.start)
    written = text if item is None or type(item) is ast.Config else text[item.start : item.end]
    if _last[0] != written:
        _last = (written, _in_holes(written))
    return name in _last[1]


_last: tuple[str, set[str]] = ("", set())
"""The text that was asked about last, and what begins its holes."""


def _in_holes(text: str) -> set[str]:
    """What begins `${name}`, `#{name}`, `{name}`, and `{{ name }}` behind an open single quote."""
    found: set[str] = set()
    at = text.find("{")
    while at >= 0:
        start = at + 1 + (text[at + 1 : at + 2] == " ")
        end = start
        while _is_in_word(text, end) or text[end : end + 1] == ".":
            end += 1
        if end > start and _is_wrong(text, at, end):
            first, dot, rest = text[start:end].partition(".")
            found.add(first)
            found.add(first + dot + rest.partition(".")[0])
        at = text.find("{", at + 1)
    return found


def _is_wrong(text: str, at: int, end: int) -> bool:
    """Whether the brace before a name begins no hole of ours."""
    if text[at - 1] != "{":
        return text[at - 1] in "$#" or text[end : end + 1] == "}"
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line.count("'") % 2 == 1 and line.count('"') % 2 == 0
