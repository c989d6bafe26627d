"""Words of the language that may stand at a place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowlang.lsp.offers.desk import Rank
from flowlang.lsp.words import BLOCK_WORDS, CLAUSE_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.lsp.offers.desk import Desk, Item

OPERAND_WORDS: Final = "true false none not".split()
OPERATOR_WORDS: Final = ("and", "or", "in", "not in", "is", "if", "else")
_BEHIND: Final = tuple(
    (re.compile(pattern), words.split())
    for pattern, words in (
        (r"(?:^|\[.*|=\s*)\bfor\s+\w+(?:\s*,\s*\w+)?\s*$", "in"),
        (r"^\s*import\s", "as"),
        (r"^\s*@[^(]*$", ""),
        (r"^\s*on\s[^{]*\bwhen\s[^{]*$", "with and or in is"),
        (r"^\s*on\s[^{]*$", "when with"),
        (r"\bcatch\s[\w\s,]*$", "as when"),
        (r"^\s*(?:flow|function|action)\s.*\)\s*$", "->"),
        (r"^\s*(?:flow|function|action|type|service)\s", ""),
        (r"^\s*(?:step|let|repeat)\s+\w+\s*(?::[^=]*)?$", ""),
        (r"^\s*ensure\s", "else and or in is"),
        (r"\buntil\s", "every for and or in is"),
        (r"^\s*if\s[^{]*$|=\s*if\s[^{]*$|\}\s*else\s+if\s[^{]*$|^\s*(?:match|case)\s", "and or in is"),
        (r"^\s*yield\s", "next and or in is if else"),
    )
)
"""What goes on behind an operand, by how its line begins."""
_operand: Final = re.compile(r"(?:[)\]}\"'?]|\b\w+)\s*$")
_expects: Final = re.compile(
    r"(?:^|[^\w.])(?:return|yield|when|until|ensure|if|else|in|is|not|and|or|match|case|do|with|every|for|next|undo)\s*$"
)


def is_behind_operand(before: str) -> bool:
    """Whether what stands before a place is a whole operand."""
    return _operand.search(before) is not None and _expects.search(before) is None


def behind_operand(desk: Desk) -> Iterator[Item]:
    """What may go on behind an operand: operators, and clauses where a statement may end."""
    before = desk.before
    named = next((words for pattern, words in _BEHIND if pattern.search(before)), None)
    around = desk.cursor.open[-1][0] if desk.cursor.open else "{"
    if named is not None and not desk.cursor.is_in_hole:
        yield from desk.words(named, Rank.FAR)
    elif around != "{":
        yield from desk.words((*OPERATOR_WORDS, "for") if around == "[" else OPERATOR_WORDS, Rank.FAR)
    else:
        yield from desk.words((*CLAUSE_WORDS, *OPERATOR_WORDS), Rank.FAR)


def operand_words(desk: Desk) -> Iterator[Item]:
    """What an operand may begin with: behind `step name =` and `do` a block too."""
    yield from desk.words(OPERAND_WORDS)
    if re.search(r"(?:^\s*step\s+\w+\s*(?::.*)?=|^\s*do)\s+$", desk.before):
        yield from desk.words(BLOCK_WORDS)
