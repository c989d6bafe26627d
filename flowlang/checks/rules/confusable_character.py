"""A letter of another script inside a word, which looks like one of ours."""

from __future__ import annotations

from flowlang.checks.literals import texts
from flowlang.syntax import ast
from flowlang.syntax.lookalikes import LOOKALIKES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowlang.checks.look import Look
    from flowlang.diagnostics import Diagnostic

SEVERITY = "warning"
SCOPE = "statement"


def check(file: ast.File, look: Look) -> Iterator[Diagnostic]:
    """Each word in a text that mixes Latin letters with Cyrillic or Greek ones that look like Latin."""
    if look.file.source.text[file.start : file.end].isascii():
        return
    for node in texts(file):
        parts = node.parts if isinstance(node, ast.Template) else (node,)
        for part in parts:
            if isinstance(part, (ast.Text, ast.TemplateText)) and not part.value.isascii():
                word = next((word for word in _words(part.value) if _is_mixed(word)), None)
                if word is not None:
                    strange = next(char for char in word if char in LOOKALIKES)
                    yield look.found(
                        f"`{strange}` (U+{ord(strange):04X}) in `{word}` looks like `{LOOKALIKES[strange]}` and is not",
                        part,
                        "write the whole word in one script",
                    )


def _words(text: str) -> Iterator[str]:
    word = ""
    for char in text:
        if char.isalpha():
            word += char
        else:
            yield word
            word = ""
    yield word


def _is_mixed(word: str) -> bool:
    """Whether a word has a plain Latin letter and a letter that looks like one."""
    return any(char in LOOKALIKES for char in word) and any(char.isascii() for char in word)
