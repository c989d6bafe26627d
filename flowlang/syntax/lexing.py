"""What a token is: the patterns of the lexer and the rules that the grammar leaves to it.

The driver matches TOKEN at a place; the group says what it found. A line end is space where the innermost open bracket
is `(` or `[`, or where `continues` says that the next line goes on; the state of the parser decides the rest (see
`grammar/flow.lark`).
"""

from __future__ import annotations

from flowlang import patterns

# Groups, in the order in which they are tried. Space before a token belongs to no group.
WORD, SIGN, TEXT, NUMBER, LINES, END, OTHER = range(1, 8)

TOKEN = patterns.compile(
    r"""[ \t]*+(?:
    ([A-Za-z_][A-Za-z0-9_]*+)
    |([.,:(){}\[\]@+%~]|=(?!=)|->|\?\.|\*\*|//|==(?!=)|!=(?!=)|<=|>=|\|(?!\|)|[?\-*/<>])
    |('(?!'')[^'\\\r\n]*'|"(?!"")[^"\\{\r\n]*")
    |([0-9](?:[eE][+-]|\.(?=[0-9])|[A-Za-z0-9_])*)
    |((?:\#[^\r\n]*|[\r\n])[ \t\r\n]*(?:\#[^\r\n]*[ \t\r\n]*)*)
    |(\Z)
    |(.))""",
    patterns.VERBOSE,
)
scanner = TOKEN.scanner  # type: ignore[attr-defined]

# Reserved wherever a value is named; the others are keywords only where the grammar expects them.
RESERVED = frozenset("and or not in is if else for match repeat true false none null".split())
# These begin a block only right before its brace.
BRACED = frozenset(("parallel", "race", "sequence"))
CONTEXTUAL = frozenset(
    "import as config let type service from action function native python flow annotation on trigger test mock step do "
    "return yield next with after when until every ensure catch undo case".split()
)
# How the driver treats a word: absent here, it is a NAME.
CONTEXTUAL_WORD, RESERVED_WORD, BRACED_WORD = 1, 2, 3
KIND_OF_WORD = {
    **dict.fromkeys(CONTEXTUAL, CONTEXTUAL_WORD),
    **dict.fromkeys(RESERVED, RESERVED_WORD),
    **dict.fromkeys(BRACED, BRACED_WORD),
}
# A word before a colon is a key, whatever the grammar would expect.
before_colon = patterns.compile(r"[ \t]*:").match
before_brace = patterns.compile(r"[ \t]*\{").match

CLOSER = {"(": ")", "[": "]", "{": "}"}

# Characters that may begin a continuing line; a letter needs a look at its word.
CONTINUING = frozenset("|.?+-*/%~=!<>aeiounwc")
_CONTINUATION = patterns.compile(
    r"""\||\.|\?\.|\+|-|\*(?!\*)|/|%|~|==|!=|<|>|=
    |(?:after|when|until|ensure|catch|undo|else|and|or|is|in|not[ \t]+in|with)(?![A-Za-z0-9_])(?![ \t]*(?::|=(?!=)))""",
    patterns.VERBOSE,
)
continues = _CONTINUATION.match

# Lines with their ends; the last one may have none.
each_line = patterns.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+").finditer

# The beginning of a line that can only be a statement or an item: it ends whatever stands unfinished before it.
_FRESH = patterns.compile(
    r"""(?:step|let)[ \t]+[A-Za-z_]\w*[ \t]*[:=](?!=)
    |do[ \t]+[A-Za-z_]
    |(?:return|yield)[ \t]+[\w"'\[{(]
    |on[ \t]+[A-Za-z_]\w*[ \t]*\(
    |(?:flow|action|function|annotation|trigger)[ \t]+[A-Za-z_]\w*[ \t]*[(\[]
    |type[ \t]+[A-Za-z_]\w*[ \t]*[={]
    |service[ \t]+[A-Za-z_]\w*[ \t]*(?:\{|from\b)
    |import[ \t]+[A-Za-z_"']
    |config[ \t]*\{
    |test[ \t]+['"]
    |@[A-Za-z_]""",
    patterns.VERBOSE,
)
begins_afresh = _FRESH.match
# The same for a clause, where an expression is wanted: `when` as a value is followed by an operator.
begins_clause = patterns.compile(r"(?:after|when|until|ensure|catch)[ \t]+[\w\"'\[{(]|(?:catch|undo)[ \t]*\{").match
begins_field = patterns.compile(r"[A-Za-z_]\w*[ \t]*:").match
_word_or_sign = patterns.compile(r"[A-Za-z_]\w*|@").match


def first_word(text: str, at: int) -> str:
    """The word that a line found by `begins_afresh` begins with, or `@`."""
    found = _word_or_sign(text, at)
    return found[0] if found else ""


# Parts of texts. The patterns of TOKEN have no escapes, holes or line ends; what they refuse is read piece by piece.
plain_run = patterns.compile(r"[^'\\\r\n]*").match
template_run = patterns.compile(r'[^"\\{\r\n]*+(?:\{(?![{%])[^"\\{\r\n]*+)*').match
long_run = patterns.compile(r'[^"\\{]*+(?:(?:\{(?![{%])|"(?!""))[^"\\{]*+)*').match

integer = patterns.compile(r"0|[1-9][0-9]*").fullmatch
number = patterns.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").fullmatch
duration = patterns.compile(r"([0-9]+)(?:\.([0-9]+))?(ms|s|m|h|d)").fullmatch
