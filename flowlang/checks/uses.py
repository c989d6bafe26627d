"""Whether anything refers to a declaration; where there are mistakes, whether anything seems to."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.checks.look import Look
    from flowlang.syntax import ast


def is_unused(look: Look, node: ast.Node, name: str, sign: str = "") -> bool:
    """Whether nothing refers to an item; in a file with errors its name must not be spelled elsewhere either, for what
    could not be read may be a use (there with a `sign` behind it). A name that begins with `_` is meant to be unused.
    """
    if id(node) in look.facts.used or name.startswith("_"):
        return False
    return not look.errors or not is_spelled(look.file.source.text, name + sign, node)


def is_spelled(text: str, word: str, besides: ast.Node) -> bool:
    """Whether a word stands in a text outside the node that declares it."""
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        is_own = besides.start <= at < besides.end
        if not is_own and not _is_in_word(text, at - 1) and not (word[-1].isalnum() and _is_in_word(text, end)):
            return True
        at = text.find(word, end)
    return False


def _is_in_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")
