"""Guesses at what was meant by text that does not parse: the habits of people who come from other languages.

A guess replaces the message, adds a help line, or both; where nothing fits, nothing is said.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.block_hints import of_block
from flowlang.syntax.clause_hints import of_clause
from flowlang.syntax.elements import set_tag
from flowlang.syntax.foreign_words import ALL_AT_ONCE, WORDS, of_word_at
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.import_hints import of_import
from flowlang.syntax.line_hints import of_line
from flowlang.syntax.lookalikes import LOOKALIKES, in_word, word_around
from flowlang.syntax.map_hints import of_entry
from flowlang.syntax.repairs import of_quotes, of_sign
from flowlang.syntax.sayings import ARROW, FUNCTION, ORDER
from flowlang.syntax.sign_hints import Met, of_sign_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser


# What stands at a place that cannot: (message, help). Longer first.
_SIGNS = {
    "===": ("`===` is not an operator", "`==` compares values of any type"),
    "!==": ("`!==` is not an operator", "`!=` compares values of any type"),
    "&&": ("`&&` is not an operator", "write `and`"),
    "||": ("`||` is not an operator", "write `or`; for a value in place of none, `x | default(y)`"),
    "??": ("`??` is not an operator", "write `x | default(y)`"),
    "{%": ("statements in `{% %}` have no meaning here", "write `if`, `for` or `let` without `{% %}`"),
    "${": ("`${` has no meaning here", "in a text in double quotes write `{{ name }}`, elsewhere the bare name"),
    "<>": ("", "`!=` says not equal"),
    "=>": ("`=>` has no meaning here", ARROW),
    "!": ("`!` is not an operator", "write `not`"),
    "^": ("`^` is not an operator", "a power is written `x ** 2`"),
    "&": ("`&` is not an operator", "write `and`"),
    "$": ("`$` has no meaning here", "names stand without a sign"),
    ">>": ("`>>` is not an operator", ORDER),
    "<<": ("`<<` is not an operator", f'a text of several lines stands in `"""`; {ORDER}'),
    "`": ("a backtick has no meaning here", "texts stand in `'…'` or, with `{{ }}` inside, in `\"…\"`"),
    "\\": ("a backslash has no meaning here", "inside `{{ }}` quotes need no backslash; lines go on inside brackets"),
}  # fmt: skip
_SECRET_OR_ENV = patterns.compile(r"\$(?:[A-Z][A-Z0-9_]+\b|env\b|vars\b|secrets\b)").match
_NOW = patterns.compile(r"\$(?:now|today)\b").match
_OF_STEPS = patterns.compile(r"\$(?:json|node|input|items?|steps|[.(\[])").match
_QUOTES = {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "″": '"'}
_LOOKALIKES = dict(zip("\u2212–—×÷≤≥≠→，：（）", "- - - * / <= >= != -> , : ( )".split(), strict=True))

_in_parallel = patterns.compile(r"(?s:.*)\bparallel[ \t]*\([ \t]*\Z").match
_listed = patterns.compile(r"(?s:.*)=[ \t]*(parallel|race|sequence)[ \t]*\Z").match
_declares_function = patterns.compile(r"[ \t]*function[ \t]+\w").match
_braced = patterns.compile(r"[ \t]*\{").match
_word = patterns.compile(r"[A-Za-z_]\w*").match


def hint(
    p: Parser, stacks: Stacks, expected: frozenset[str], key: str, start: int, end: int, before: tuple[int, int]
) -> Guess:
    """Guess at what was meant by the token at a place."""
    text = p.text
    if key == "OTHER" and text[start] not in "=!&|;$`\\^":
        return _strange(text, start)
    guess = of_import(text, expected, start) if "step" not in expected or text.startswith("from", start) else NOTHING
    if text[slice(*before)] == "for" and _in_parallel(text[max(0, before[0] - 20) : before[0]]):
        return Guess("", ALL_AT_ONCE)
    if guess is NOTHING and key != "FRESH":
        guess = of_block(text, expected, start, end, before)
    if guess is not NOTHING:
        return guess
    word = _word(text, start)
    bracket = text[stacks.brackets[-1]] if stacks.brackets else ""
    met = Met(text, expected, key, start, before, bracket, p.given)
    line = text[text.rfind("\n", 0, start) + 1 : start]
    is_inside = before[0] > start - len(line.lstrip())
    if key == "NAME" and met.previous == "step" and is_inside and "NAME" not in expected:
        help = "it stands on a line of its own, and what it gives is read by its name"
        return Guess("a step is no value", help, "", before)
    clause = of_clause(met, line, text[start:end]) or of_entry(met)
    if clause is not None:
        return clause
    if word and key != "FRESH":
        guess = of_word_at(met, word[0])
        if guess is not NOTHING:
            return guess
    if key == "{" and met.previous in WORDS:
        return Guess(f"there is no `{met.previous}`", WORDS[met.previous], "", before)
    if bracket == "[" and (block := _listed(text[: stacks.brackets[-1]])):
        return Guess("", f"the steps of a `{block[1]}` stand in braces: `{block[1]} {{ step a = … step b = … }}`")
    return of_sign_at(met) or _spelled(text, expected, start, before) or of_line(met, end)


def _strange(text: str, start: int) -> Guess:
    char = text[start]
    if char in _QUOTES:
        edits = of_quotes(text, start, _QUOTES)
        return Guess(f"`{char}` is a typographic quote", f"write `{_QUOTES[char]}`", edits=edits)
    if char in _LOOKALIKES:
        ours = _LOOKALIKES[char]
        return Guess(f"`{char}` is not an operator", f"write `{ours}`", edits=((start, start + 1, ours),))
    if char in "\u00a0\u2007\u202f\u3000\u2009\u200a\u2003\u2002":
        plain = ((start, start + 1, " "),)
        return Guess("a typographic space has no meaning here", "write a plain space", edits=plain)
    if char in LOOKALIKES:
        message = f"`{char}` (U+{ord(char):04X}) looks like `{LOOKALIKES[char]}` and is not"
        edits = tuple([(at, at + 1, LOOKALIKES[text[at]]) for at in in_word(text, start)])
        return Guess(message, "names consist of a-z, A-Z, 0-9 and _", edits=edits)
    if char.isalpha():
        message = f"`{char}` cannot stand in the name `{word_around(text, start)}`"
        return Guess(message, "names consist of a-z, A-Z, 0-9 and _; anything may stand in a text", "bad-name")
    if not char.isprintable():
        gone = ((start, start + 1, ""),)
        return Guess(f"the control character U+{ord(char):04X} has no meaning here", "delete it", edits=gone)
    return NOTHING


def _dollar(text: str, at: int) -> str:
    """What stands for `$json.x`, `$('Node')`, `$.x`, for `$now` and for `$HOME`; '' if that is not known."""
    if _NOW(text, at):
        return "the time is a step of its own: `step at = now()`"
    if _SECRET_OR_ENV(text, at):
        return "a value from outside is declared in `config { … }` and read as `config.name`"
    return "a step or a parameter is read by its name: `lead.id`" if _OF_STEPS(text, at) else ""


def _set(message: str, name: str, value: str, span: tuple[int, int]) -> Guess:
    """`{% set a = b %}`, and `{% set a = a + b %}`, which changes a value in Jinja."""
    if name in patterns.compile(r"[A-Za-z_]\w*").findall(value):
        help = f"a value never changes; rounds carry one on, `repeat {name} = 0 {{ … }}`, and a sum is `xs | sum`"
        return Guess(message, help, "", span)
    ours = f"let {name} = {value}"
    return Guess(message, f"a value has a name by `{ours}`", "", span, ((*span, ours),))


def _arrow(text: str, at: int) -> Guess | None:
    """`function g(x: int) => x + 1`, of languages where a function is a value."""
    if not _declares_function(text[text.rfind("\n", 0, at) + 1 : at]):
        return None
    edits = () if _braced(text, at + 2) else ((at, at + 2, "="),)
    return Guess("`=>` has no meaning here", FUNCTION, "", (at, at + 2), edits)


def _exclaimed(text: str, expected: frozenset[str], at: int) -> Guess:
    """`int!` and `a!.b`, of languages where it says that there is a value."""
    if "+" not in expected:
        return Guess("`!` has no meaning behind a type", "what may be none has a `?`", edits=((at, at + 1, ""),))
    return Guess("`!` is not an operator", "test the value first, or give it a default: `x | default(y)`")


def _spelled(text: str, expected: frozenset[str], start: int, before: tuple[int, int]) -> Guess | None:
    for at in (start, start - 1, start - 2):
        for sign in (text[at : at + 3], text[at : at + 2], text[at : at + 1] if at == start else ""):
            if len(sign) > start - at and sign in _SIGNS and at >= before[0]:
                message, help = _SIGNS[sign]
                if sign == "{%" and (named := set_tag(text, at)):
                    return _set(message, named[1], named[2], named.span())
                span = at, at + len(sign)
                if sign == "$":
                    help = _dollar(text, at) or help
                if sign == "=>" and (arrow := _arrow(text, at)):
                    return arrow
                if sign == "!" and (text[at - 1 : at].isalnum() or text[at - 1 : at] in ("_", ")", "]", "?")):
                    return _exclaimed(text, expected, at)
                return Guess(message, help, "", span if message else None, of_sign(text, *span))
    return None
