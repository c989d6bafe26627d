"""Colours of `.flow` text for whatever uses Pygments: Sphinx, MkDocs, terminals.

Every text that the parser accepts gives no `Error` token, and the words are those of `grammar/flow.lark`; a test holds
both. A word is told from a name by what stands beside it, as there is no parser here: behind a dot, before a colon and
before an argument's `=` it is a name. Nothing else imports this module: Pygments finds it by its entry point.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
)

OPERATORS = ("and", "or", "not", "in", "is")
CONSTANTS = ("true", "false", "none", "null")
NAMING = ("type", "service", "flow", "action", "function", "annotation", "trigger", "step", "let", "repeat")
"""Words before the name of what they declare."""
OPENING = ("import", "config", "test", "mock", "on", "from", "native", "python")
CONTROL = ("if", "else", "for", "match", "case", "do", "return", "yield", "next")
CLAUSES = ("after", "when", "until", "every", "ensure", "catch", "undo", "with", "as")
BRACED = ("parallel", "race", "sequence")

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_NO_FIELD = r"(?<![\w.])"
_NO_KEY = r"(?![A-Za-z0-9_])(?![ \t]*(?::|=(?!=)))"


class FlowLexer(RegexLexer):  # type: ignore[misc,unused-ignore]
    """The lexer; as a code block's language it is called `flow` or `flowlang`."""

    name = "Flow"
    aliases: ClassVar = ["flow", "flowlang"]
    filenames: ClassVar = ["*.flow"]
    mimetypes: ClassVar = ["text/x-flow"]

    tokens: ClassVar = {
        "root": [include("value")],
        "space": [
            (r"[ \t\r\n]+", Whitespace),
            (r"##[^\r\n]*", Comment.Special),
            (r"#[^\r\n]*", Comment.Single),
        ],
        "value": [
            include("space"),
            ('"""', String.Double, "long"),
            ('"', String.Double, "template"),
            (r"'(?:[^'\\\r\n]|\\[^\r\n])*'", String.Single),
            ("@", Punctuation, "decorator"),
            (r"[0-9]+(?:\.[0-9]+)?(?:ms|[smhd])(?![A-Za-z0-9_])", Number),
            (r"[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+", Number.Float),
            (r"[0-9]+", Number.Integer),
            # A name before a colon is a key, a field or a parameter.
            (rf"{_NO_FIELD}{_NAME}(?=[ \t]*:)", Name.Attribute),
            (
                rf"{_NO_FIELD}({'|'.join(NAMING)})([ \t]+)({_NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Variable),
            ),
            (words(OPERATORS, prefix=_NO_FIELD, suffix=_NO_KEY), Operator.Word),
            (words(CONSTANTS, prefix=_NO_FIELD, suffix=_NO_KEY), Keyword.Constant),
            (words(BRACED, prefix=_NO_FIELD, suffix=r"(?=[ \t]*\{)"), Keyword),
            (words(OPENING, prefix=_NO_FIELD, suffix=_NO_KEY + r"(?!\.)"), Keyword.Declaration),
            (words((*CONTROL, *CLAUSES), prefix=_NO_FIELD, suffix=_NO_KEY), Keyword),
            (r"(?<!\w)[A-Z][A-Za-z0-9_]*", Name.Class),
            (rf"{_NAME}(?=\()", Name.Function),
            (_NAME, Name),
            (r"->|\?\.|\*\*|//|[=!<>]=|[|+\-*/%~<>=?]", Operator),
            (r"\{", Punctuation, "braces"),
            (r"[.,:()\[\]]", Punctuation),
        ],
        "braces": [(r"\}", Punctuation, "#pop"), include("value")],
        "decorator": [include("space"), (_NAME, Name.Decorator, "#pop"), default("#pop")],
        "template": [
            ('"', String.Double, "#pop"),
            # What is never closed ends with its line.
            (r"(?=[\r\n])", String.Double, "#pop"),
            (r"\{\{", String.Interpol, "hole"),
            (r"\\u\{[0-9A-Fa-f]*\}|\\[^\r\n]", String.Escape),
            (r'[^"\\{\r\n]+|\{|\\', String.Double),
        ],
        "long": [
            ('"""', String.Double, "#pop"),
            (r"\{\{", String.Interpol, "hole"),
            (r"\\u\{[0-9A-Fa-f]*\}|\\(?:.|\r|\n)", String.Escape),
            (r'[^"\\{]+|["{\\]', String.Double),
        ],
        "hole": [(r"\}\}", String.Interpol, "#pop"), include("value")],
    }
