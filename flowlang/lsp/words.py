"""Words of the language, by what they begin: what is offered, and what a text that is half written is read by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

ANNOTATED_ITEMS: Final = "flow type service action function".split()
ITEM_WORDS: Final = [*ANNOTATED_ITEMS, "let", "import", "config"]
BLOCK_WORDS: Final = "if match for repeat parallel race sequence".split()
ANNOTATED_STATEMENTS: Final = ["step", "do", *BLOCK_WORDS]
STATEMENT_WORDS: Final = ["step", "let", "do", "return", "yield", *BLOCK_WORDS, "ensure", "on"]
CLAUSE_WORDS: Final = "when after until ensure catch undo".split()
HEADS: Final = "if for match case repeat catch flow".split()
"""What has a body behind something that is written out."""
