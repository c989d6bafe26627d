"""Guesses at what was meant by a word behind a value, where only an operator can stand: `a contains 'x'`."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.tokens import text_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax.repairs import Edits

HANDLING: Final = frozenset("fallback otherwise orelse rescue recover".split())
HANDLED: Final = "a failure is handled behind the step: `catch { yield 'x' }`"
CALLING: Final = frozenset("call run flow subflow workflow invoke exec execute perform".split())
VERBS: Final = frozenset("GET POST PUT PATCH DELETE HEAD".split())
_COMPARED: Final = {
    **dict.fromkeys(("eq", "equals"), "=="), "ne": "!=", "lt": "<", "le": "<=", "lte": "<=", "gt": ">", "ge": ">=",
    "gte": ">=", "mod": "%", "div": "//", "AND": "and", "OR": "or", "NOT": "not", "IN": "in",
}  # fmt: skip
_TESTS: Final = {
    "contains": "{b} in {a}",
    "includes": "{b} in {a}",
    **dict.fromkeys(("matches", "like", "ilike", "=~"), "{a} | matches({b})"),
    **dict.fromkeys(("startswith", "startsWith", "starts_with", "beginswith"), "{a} | starts_with({b})"),
    **dict.fromkeys(("endswith", "endsWith", "ends_with"), "{a} | ends_with({b})"),
}
_OTHER_PATTERNS: Final = frozenset(("like", "ilike"))  # `%` says there what `.*` says here
_declarations: Final = patterns.compile(r"(?m)^(import|service|flow|action|function|type)[ \t]+(\w+)").finditer
_dashed: Final = patterns.compile(r"[A-Za-z_]\w*(?:-\w+)+").findall
_call: Final = patterns.compile(r"[A-Za-z_][\w.]*[ \t]*\(").match
_operand: Final = patterns.compile(
    r".*(?:\b(?:return|yield|if|when|ensure|and|or)[ \t]+|(?:(?<![=!<>])=|\()[ \t]*)([A-Za-z_][\w.]*)\Z"
).match
_value: Final = patterns.compile(r"[ \t]+([A-Za-z_][\w.]*|(?=[\"']))").match
_ends: Final = patterns.compile(r"[ \t]*(?:[#\r\n{}),]|\Z|(?:and|or|else|if)\b)").match


def of_word_behind(text: str, before: tuple[int, int], start: int, word: str) -> Guess:
    """Guess at what was meant by a word, or a sign, behind a value."""
    previous = text[before[0] : before[1]]
    if word in _TESTS:
        return _of_test(text, before, start, word)
    if word in HANDLING or previous == "try":
        return Guess("", HANDLED)
    if previous in VERBS:
        return of_verb(previous)
    if word in _COMPARED:
        ours = _COMPARED[word]
        return Guess("", f"it is written `a {ours} b`", edits=((start, start + len(word), ours),))
    if word in ("instanceof", "isa"):
        return Guess("", "a test tells what a value is: `x is string`, `x is number`")
    if word == "between":
        return Guess("", "bounds are written on both sides: `1 <= a <= 5`")
    if not _call(text, start):
        return NOTHING
    if previous in CALLING:
        return Guess("", f"a call is written without `{previous}`: `{word}(…)`", edits=((before[0], start, ""),))
    if is_declared(text, previous):
        return Guess("", f"a dot parts the two: `{previous}.{word}(…)`", edits=((before[1], start, "."),))
    return NOTHING


def of_verb(verb: str) -> Guess:
    """`GET url`, as a request is written in documents."""
    return Guess("", f"a request is a call: `http.{verb.lower()}(…)`, with `import http`")


def declared(text: str, times: int = 2) -> frozenset[str]:
    """The beginnings of the declarations of a text that `is_declared`, `is_callable` and `is_type` look for, and what
    `is_alone` does, if it stands there so many times.
    """
    dashed: dict[str, int] = {}
    for name in _dashed(text):
        dashed[name] = dashed.get(name, 0) + 1
    repeated = [f"# {name}\n" for name, count in dashed.items() if count >= times]
    return frozenset([f"{each[1]} {each[2]}\n" for each in _declarations(text)] + repeated)


def is_declared(text: str, name: str) -> bool:
    """Whether a file imports a module, or declares a service, by a name."""
    return any(each[2] == name for each in _declarations(text) if each[1] in ("import", "service"))


def is_callable(text: str, name: str) -> bool:
    """Whether a file declares something that can be called by a name."""
    return any(each[2] == name for each in _declarations(text) if each[1] in ("flow", "action", "function"))


def is_alone(text: str, name: str) -> bool:
    """Whether a name with `-` is written only once."""
    return _dashed(text).count(name) == 1


def is_type(text: str, name: str) -> bool:
    """Whether a file declares a type by a name."""
    return any(each[2] == name for each in _declarations(text) if each[1] == "type")


def _of_test(text: str, before: tuple[int, int], start: int, word: str) -> Guess:
    ours = _TESTS[word]
    line = text.rfind("\n", 0, start) + 1
    operand = _operand(text[line : before[1]])
    value = _value(text, start + len(word))
    help = f"write `{ours.format(a='a', b=chr(39) + 'x' + chr(39))}`"
    edits: Edits = ()
    if operand and value and word not in _OTHER_PATTERNS:
        end = value.end() if value[1] else text_end(text, value.end())
        begin = line + operand.start(1)
        if _ends(text, end):
            b = text[value.end() - len(value[1]) : end]
            edits = ((begin, end, ours.format(a=operand[1], b=b)),)
    message = "`=~` is not an operator" if word == "=~" else ""
    return Guess(message, help, edits=edits)
