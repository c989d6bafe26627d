"""Guesses at what was meant by a token in a clause, a trigger or a head, as elsewhere: `catch f()`, `after 'x'`."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.guess import Guess
from flowlang.syntax.lexing import END, LINES, SIGN
from flowlang.syntax.repairs import with_blanks, without_brackets
from flowlang.syntax.sayings import HANDLED, MESSAGE, NO_CONDITION, RESULT, TYPES, admits_none, quoted_name
from flowlang.syntax.tokens import text_end, tokens
from flowlang.syntax.type_hints import of_type, of_type_declared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax.repairs import Edits
    from flowlang.syntax.sign_hints import Met

HANDLER: Final = "what handles a failure is a block: `catch { yield none }`"
TRIGGERS: Final = "a trigger is written like a call: `on webhook('/path')`, `on cron('0 3 * * *')`, `on event('name')`"
_WAIT: Final = "a wait is a step of its own: `step pause = wait(5s)`, and `after pause` behind what is to wait"
_catches: Final = patterns.compile(r".*\bcatch(?:[ \t]+[\w., \t]+)?\Z").match
_caught_kinds: Final = patterns.compile(r".*\bcatch[ \t]+\w+(?:[ \t]*,[ \t]*\w+)*[ \t]*\Z").match
_after_name: Final = patterns.compile(r".*\bafter[ \t]+\w+(?:[ \t]*,[ \t]*\w+)*\Z").match
_status: Final = patterns.compile(r"\([ \t]*(\d{3})[ \t]*\)").match
_triggers: Final = patterns.compile(r"[ \t]*on[ \t]+(\w+)[ \t]*\Z").match
_opens_block: Final = patterns.compile(r"\w+[ \t]*\{").match
_ensured: Final = patterns.compile(r"[ \t]*ensure[ \t]*(\()?").match
_gives: Final = patterns.compile(r"[ \t]*(?:return|yield|let)[ \t]").match
_typed: Final = patterns.compile(r".*\w[ \t]*:[ \t]*([^:{}\n]+)\Z").match
_is_key: Final = patterns.compile(r"[ \t]*:").match
_FAILURES: Final = frozenset("error failure failed err exception fail timeout".split())


def of_clause(met: Met, line: str, word: str) -> Guess | None:
    """Guess at what was meant; `line` is what stands before the token on its line, `word` the token."""
    if met.previous == "after":
        return _after(met)
    guess = of_type(met, line, word) or _order_or_condition(met, line, word) or _handler(met, line, word)
    if guess is not None:
        return guess
    trigger = _triggers(line)
    if trigger is not None:
        return _trigger(met, trigger[1])
    is_key = _is_key(met.text, met.start + len(word))
    if word in ("when", "while") and _gives(line) and "else" not in line.split() and not is_key:
        return _only_sometimes(met, line, word)
    ensured = _ensured(line)
    if ensured is not None and ensured[1] and met.key == "," and met.bracket == "(":
        return Guess("", MESSAGE)
    if ensured is not None and met.key == "STRING" and met.is_behind_operand:
        return Guess("", MESSAGE, edits=((met.start, met.start, "else "),))
    if line.startswith(("flow ", "function ", "action ")):
        return _of_head(met, word)
    if line.startswith("type ") and met.key in ("(", "{"):
        return of_type_declared(met, line)
    return _case(met, line, word) or _rounds(met, line, word)


def _order_or_condition(met: Met, line: str, word: str) -> Guess | None:
    """`after a and b`, `when (c) { … }`, `with (…)` and `service s(…)`."""
    if met.previous == "with" and met.key == "(":
        return Guess("", "what a trigger gives a flow is a map: `with { id: event.data.id }`")
    if line.startswith("service ") and met.key == "(" and "{" in met.expected:
        return Guess("", "what a service has stands in braces: `service name { base_url = … }`")
    head = line.split()[:1]
    if head == ["after"] and word in ("and", "&") and met.before[0] > met.text.rfind("\n", 0, met.start):
        edits = with_blanks(met.text, met.start, met.start + len(word), ", ")
        return Guess("", "steps are parted with commas: `after a, b`", edits=edits)
    if met.previous == "else" and "{" in met.expected and word in ("when", "unless"):
        return Guess(
            "",
            "another condition is `else if c { … }`",
            edits=((met.start, met.start + len(word), "if"),) * (word == "when"),
        )
    if met.previous == "else" and "{" in met.expected and met.key == "NAME":
        return Guess("", "a block stands in braces: `else { … }`")
    if met.previous in ("when", "case") and met.key in ("NAME", "NUMBER") and "=" in line and "NL" in met.expected:
        return Guess("", "a value is chosen with `a if condition else b`")
    if met.key == "(" and _after_name(line) and met.is_adjacent:
        gone: Edits = ((met.start, met.start + 2, ""),) if met.text.startswith("()", met.start) else ()
        return Guess("", "a step is named without parentheses: `after a, b`", edits=gone)
    if head == ["when"] and met.key == "{":
        return Guess("", "`when` says whether the step above runs, and has no block; a block is `if c { … }`")
    return None


def _handler(met: Met, line: str, word: str) -> Guess | None:
    """`catch http or timeout`, `catch http(404)`, `catch 'http'`, `catch f()`."""
    if _caught_kinds(line) and "{" in met.expected:
        if word in ("or", "|", "and", "&"):
            edits = with_blanks(met.text, met.start, met.start + len(word), ", ")
            return Guess("", "kinds of errors are parted with commas: `catch http, timeout { … }`", edits=edits)
        if met.key == "NAME" and met.previous != "catch" and _opens_block(met.text, met.start):
            help = f"the error is named with `as`: `catch … as {word} {{ … }}`"
            return Guess("", help, edits=((met.start, met.start, "as "),))
        if met.key == "(" and (status := _status(met.text, met.start)):
            asked = f"err.status == {status[1]}"
            return Guess("", f"a status is told by the error: `catch http as err when {asked} {{ … }}`")
    if met.text.startswith("=>", met.start) and _catches(line):
        return Guess("`=>` has no meaning here", HANDLER, "", (met.start, met.start + 2))
    if met.previous == "catch" and met.key == "STRING":
        return Guess("", "kinds of errors stand without quotes: `catch http { … }`", edits=_bare_name(met))
    if "{" in met.expected and met.bracket != "(" and _catches(line) and (met.key in (".", "->", "(") or _does(met)):
        return Guess("", HANDLER)
    return None


def _case(met: Met, line: str, word: str) -> Guess | None:
    """A condition in a `case`."""
    if not line.lstrip().startswith("case "):
        return None
    is_behind = "else" in met.expected and met.key in ("{", ":", "NL", "FRESH")
    is_guard = word == "when" and "{" in met.expected
    is_compared = met.previous == "case" and met.key in ("in", "<", ">", "<=", ">=", "==", "!=")
    return Guess("a `case` has no condition", NO_CONDITION) if is_behind or is_guard or is_compared else None


def _rounds(met: Met, line: str, word: str) -> Guess | None:
    """`repeat 3 {`, `repeat a = 0 while c {` and `for x in xs, concurrency=5 {`."""
    if word in ("while", "until") and "{" in met.expected and "repeat" in line.split():
        return Guess("", "rounds end with `next none`: `yield x next y if condition else none`")
    if "{" in met.expected and met.key == "," and line.split()[-2:-1] == ["in"] and "for" in line.split():
        return Guess("", "a loop is given nothing else; its width is said above it: `@concurrency(4)`")
    if met.previous == "repeat" and met.key == "NUMBER":
        help = "rounds are counted with `for i in range(3) { … }`, one after another with `@concurrency(1)` above it"
        return Guess("", help)
    return None


def _only_sometimes(met: Met, line: str, word: str) -> Guess:
    """`yield x when c`, `yield x next y while c`, `let a = b when c`."""
    text, start = met.text, met.start
    end = _end_of_condition(text, start + len(word))
    is_round = " next " in line
    may_be_none = True if is_round else admits_none(text, start)
    if may_be_none is False:
        return Guess("", "a value says `if`, and the other one: `… if condition else …`")
    help = "a value says `if`: `… if condition else none`"
    if is_round:
        help = "the last round has `next none`: `yield x next y if condition else none`"
    edits = ((start, start + len(word), "if"), (end, end, " else none")) if end > start + len(word) else ()
    return Guess("", help, edits=edits, safe=may_be_none is True)


def _end_of_condition(text: str, start: int) -> int:
    """Where a condition that begins at a place ends: with its line, or where the bracket around it goes on."""
    end, depth = start, 0
    for group, at, after in tokens(text, start):
        sign = text[at:after] if group == SIGN else ""
        if group in (LINES, END) or sign in ("{", "}") or (not depth and sign in (",", ")", "]")):
            break
        depth += (sign in ("(", "[")) - (sign in (")", "]"))
        end = after
    return end


def of_setting(met: Met, word: str) -> Guess | None:
    """`name: string required` and the like, in `config` and in records."""
    if met.bracket != "{" or "=" not in met.expected or "}" not in met.expected or "+" in met.expected:
        return None
    if word in ("required", "mandatory"):
        return Guess(
            "",
            "what has no default is required: leave the word out",
            edits=((met.before[1], met.start + len(word), ""),),
        )
    if word in ("optional", "nullable"):
        return _optional(met, word)
    if word == "default":
        return Guess("", "a default follows `=`", edits=((met.start, met.start + len(word), "="),))
    if met.key == "STRING":
        return Guess("", "a default follows `=`; what a value is for stands above it, behind `##`")
    return None


def _optional(met: Met, word: str) -> Guess:
    """`a: string optional`, where the `?` may stand already."""
    behind = met.before[1], met.start + len(word)
    if met.previous == "?":
        return Guess("", "the `?` says it: leave the word out", edits=((*behind, ""),))
    typed = _typed(met.text[: met.before[1]], met.text.rfind("\n", 0, met.before[1]) + 1)
    shown = f"`{typed[1]}?`" if typed else "`string?`"
    return Guess("", f"what may be left out has a `?`: {shown}", edits=((*behind, "?"),))


def _does(met: Met) -> bool:
    """Whether the token stands behind the word of a statement, which was read as a kind of error."""
    return met.previous in ("yield", "return", "do", "fail", "step")


def _after(met: Met) -> Guess | None:
    if met.key in ("DURATION", "NUMBER"):
        return Guess("", _WAIT)
    if met.key == "STRING":
        return Guess("", "a step is named without quotes: `after a, b`", edits=_bare_name(met))
    if met.key in ("[", "("):
        edits = without_brackets(met.text, met.start)
        if edits and met.before[1] == met.start:
            edits = ((*edits[0][:2], f" {edits[0][2]}"),)
        return Guess("", "steps are named without brackets: `after a, b`", edits=edits)
    return None


def _bare_name(met: Met) -> Edits:
    """A quoted name without its quotes."""
    name = quoted_name(met.text, met.start)
    return ((met.start, text_end(met.text, met.start), name[2]),) if name else ()


def _trigger(met: Met, name: str) -> Guess | None:
    """`on cron '…'`, `on http.post(…)`, `on error { … }`."""
    if name in _FAILURES and met.key == "{":
        return Guess("", HANDLED)
    if met.key == "STRING":
        end = text_end(met.text, met.start)
        ours = f"({met.text[met.start : end]})"
        return Guess("", TRIGGERS, edits=((met.before[1], end, ours),))
    return Guess("", TRIGGERS) if met.key in (".", ":", "=", "-", "NUMBER") else None


def _of_head(met: Met, word: str) -> Guess | None:
    """`flow f(string a)` and `flow f() int { … }`."""
    if met.bracket == "(" and met.expected == {":"} and met.key == "NAME" and met.previous in TYPES:
        edits: Edits = ((met.before[0], met.start + len(word), f"{word}: {met.previous}"),)
        return Guess("", f"the type follows the name: `{word}: {met.previous}`", edits=edits)
    if "->" in met.expected and met.key == "NAME":
        end = met.start + len(word) if word in ("returns", "returning", "as") else met.start
        return Guess("", RESULT, edits=((met.start, end, "->" + " " * (end == met.start)),))
    return None
