"""The tags of a document template with their exact places, as Jinja2's lexer reads them.

Jinja2 knows lines only. Its tokens, laid end to end, are the text again but for white space that `-` takes away, and
so each is found in the text behind the one before it. Where the lexer gives up, a hole is passed over and reading goes
on; so is a statement, of which the first word is kept, for what it begins or ends.
"""

from __future__ import annotations

from jinja2 import Environment, TemplateSyntaxError

from flowlang.record import Record
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

ENVIRONMENT: Final = Environment(autoescape=False)
MOST_MISTAKES: Final = 20
"""Tags that are passed over before reading ends."""
_CLOSERS: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}


class Word(Record):
    """A token in a tag, with Jinja2's name for its kind."""

    __slots__ = ()

    kind: str
    value: str
    start: int

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.value)


class Tag(Record):
    """`{{ … }}` or `{% … %}`; `inside` and `close` are the places behind its opening and of its closing sign."""

    __slots__ = ()

    kind: Literal["hole", "statement"]
    start: int
    inside: int
    close: int
    end: int
    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        """What a statement is called: its first word."""
        return self.words[0].value if self.words else ""


class Mistake(Record):
    """What Jinja2's lexer refuses."""

    __slots__ = ()

    message: str
    start: int
    end: int
    help: str = ""


class Cut(Record):
    """A template in parts; `is_whole` if they are all there are; `lost`: where the statements begin that are unread."""

    __slots__ = ()

    parts: tuple[ast.TemplateText | Tag, ...]
    mistakes: tuple[Mistake, ...]
    is_whole: bool
    lost: frozenset[int]


def cut(text: str) -> Cut:
    """Cut a template, whose line ends are `\\n`, into texts and tags."""
    mistakes: list[Mistake] = []
    lost: list[int] = []
    while True:
        parts: list[ast.TemplateText | Tag] = []
        reading = _Reading(text, parts)
        mistake = reading.run()
        if mistake is None:
            return Cut(tuple(parts), tuple(mistakes), True, frozenset(lost))
        mistakes.append(mistake)
        opening = reading.opening
        closer = _CLOSERS.get(opening.value[:2], "") if opening is not None else ""
        end = text.find(closer, mistake.start) if closer in ("}}", "%}") else -1
        if opening is None or end < 0 or len(mistakes) == MOST_MISTAKES:
            return Cut(tuple(parts), tuple(mistakes), False, frozenset(lost))
        start, stop = opening.start, end + 2
        if closer == "%}":
            lost.append(start)
            word = reading.words[0] if reading.words else opening
            start, stop = word.end, end - (text[end - 1] in "-+")
        text = text[:start] + "".join([c if c == "\n" else " " for c in text[start:stop]]) + text[stop:]


class _Reading:
    """One run of Jinja2's lexer over a text."""

    def __init__(self, text: str, parts: list[ast.TemplateText | Tag]) -> None:
        self.text = text
        self.parts = parts
        self.at = 0
        self.opening: Word | None = None
        self.words: list[Word] = []

    def run(self) -> Mistake | None:
        """Fill the parts; gives what the lexer refused."""
        try:
            for _, kind, value in ENVIRONMENT.lex(self.text):
                start = self.text.index(value, self.at)
                self.at = start + len(value)
                self._take(Word(kind, value, start))
        except TemplateSyntaxError as error:
            return self._refused(error.message or "")
        if self.opening is None:
            return None
        sign = self.opening.value[:2]
        return self._unclosed(self.opening, f"`{sign}` is never closed", _CLOSERS[sign])

    def _take(self, word: Word) -> None:
        match word.kind:
            case "data":
                self.parts.append(ast.TemplateText(word.start, word.end, word.value))
            case "variable_begin" | "block_begin" | "comment_begin" | "raw_begin":
                self.opening, self.words = word, []
            case "comment_end" | "raw_end":
                self.opening = None
            case "variable_end" | "block_end":
                assert self.opening is not None
                kind: Literal["hole", "statement"] = "hole" if word.kind == "variable_end" else "statement"
                begin = self.opening
                self.parts.append(Tag(kind, begin.start, begin.end, word.start, word.end, tuple(self.words)))
                self.opening = None
            case "whitespace" | "comment":
                pass
            case _:
                self.words.append(word)

    def _refused(self, message: str) -> Mistake:
        opening = self.opening
        if message.startswith("Missing end of") and opening is not None:
            is_raw = opening.kind == "raw_begin"
            name, closer = ("{% raw %}", "{% endraw %}") if is_raw else ("{#", "#}")
            return self._unclosed(opening, f"`{name}` is never closed", closer)
        at = self.at
        while at < len(self.text) - 1 and self.text[at].isspace():
            at += 1
        char = self.text[at : at + 1]
        if char in ("'", '"'):
            return Mistake("a text is not closed", at, at + 1, f"close it with `{char}`")
        if message.startswith("unexpected char"):
            return Mistake(f"`{char}` has no meaning in a document template", at, at + 1)
        if "expected" in message and ", expected" in message:
            wanted = message.rpartition("expected ")[2].strip("'")
            return Mistake(f"expected `{wanted}`, not `{char}`", at, at + 1)
        return Mistake(f"`{char}` closes nothing", at, at + 1)

    def _unclosed(self, opening: Word, message: str, closer: str) -> Mistake:
        return Mistake(message, opening.start, opening.start + 2, f"close it with `{closer}`")
