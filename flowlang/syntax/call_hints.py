"""Guesses at what was meant by a statement without its word, such as a call or an assignment of another language."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.key_hints import of_word
from flowlang.syntax.lexing import CLOSER, LINES, SIGN
from flowlang.syntax.sayings import IN_PARENTHESES, ORDER, SEEN, statement_is_over
from flowlang.syntax.tokens import text_end, tokens
from flowlang.syntax.word_hints import HANDLED, HANDLING, VERBS, is_callable, is_declared, of_verb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax.repairs import Edits

PRINTING: Final = frozenset("print println printf echo puts log console logger logging".split())
_FAILING: Final = frozenset("fail raise throw panic abort error die".split())
_CHANGING: Final = frozenset("append push add extend insert unshift pop shift remove sort reverse update".split())
_SCHEDULES: Final = frozenset("schedule cron every interval timer".split())
_POLICIES: Final = frozenset(
    "count for_each foreach with_items depends_on dependsOn needs retries max_attempts ignore_errors on_error".split()
)
_STARTING: Final = frozenset(("cron", "webhook", "event"))
_WAITED_FOR: Final = "write `{}`; what is to wait for it says `after wait`"
_shifted: Final = patterns.compile(r"[\w.\[\], \t]+(?:>>|<<)").match
_call: Final = patterns.compile(r"([A-Za-z_]\w*)((?:\.\w+)*)[ \t]*\(").match
_with_text: Final = patterns.compile(r"([A-Za-z_]\w*(?:\.\w+)*)[ \t]+(?=[\"'])").match
_handling: Final = patterns.compile(r"(\w+)[ \t]+(?![(.]|=(?!>))").match
_raised: Final = patterns.compile(r"(?:raise|throw)[ \t]+(?:new[ \t]+)?([A-Za-z_][\w.]*\()?(?=[\"'])").match
_sleep: Final = patterns.compile(r"(?:time\.)?(?:sleep|delay|pause)[ \t]*\([ \t]*([0-9.]+)(s?)[ \t]*\)").match
_typed: Final = patterns.compile(r"(string|int|float|bool|datetime|any)[ \t]+(\w+)[ \t]*=(?!=)").match
_waits: Final = patterns.compile(r"(?:wait|sleep|delay)[ \t]+([0-9.]+(?:ms|[smhd]))\b").match
_given: Final = patterns.compile(r"([\w.]+)[ \t]*:?=(?!=)").match
_each: Final = patterns.compile(r"([A-Za-z_]\w*)\.(?:each|times)\b").match
_guarded: Final = patterns.compile(r"[\w.]+[ \t]*(?:&&|\|\|)").match
_value: Final = patterns.compile(r"[\w.]+[ \t]*[|+*/\[-]").match
_UNREAD: Final = "a value has a name, `let name = …`; a flow gives its own with `return`, a block with `yield`"
_changed: Final = patterns.compile(r"[\w.]+[ \t]*(?:\+\+|--|(?:[-+*/%]|//|\*\*)=)").match
_opens_block: Final = patterns.compile(r"[ \t]*\{[ \t]*(?:[#\r\n]|\Z)").match
_is_call: Final = patterns.compile(r"[\w.]+[ \t]*\(").match


def of_statement(text: str, start: int) -> Guess:
    """Guess at what was meant by a statement that does not begin with its word."""
    handling = _handling(text, start)
    if handling is not None and handling[1] in HANDLING:
        return Guess("", HANDLED)
    if _shifted(text, start):
        return Guess("", ORDER)
    with_text = _with_text(text, start)
    if with_text is not None:
        return _without_parentheses(text, start, with_text[1], with_text.end())
    each = _each(text, start)
    if each is not None:
        return Guess("", f"what is done for each item stands in a loop: `for x in {each[1]} {{ … }}`")
    call = _call(text, start)
    if call is not None:
        return _of_call(text, start, call[1], call[1] + call[2])
    edits: Edits = ()
    typed = _typed(text, start)
    if typed:
        ours = f"let {typed[2]}: {typed[1]}"
        edits = ((start, typed.end(2), ours),)
        return Guess("a statement begins with its word", f"write `{ours} = …`", edits=edits)
    waits = _waits(text, start)
    if waits:
        ours = f"do wait({waits[1]})"
        edits = ((start, waits.end(), ours),) if _delays(text, start, waits.end()) else ()
        return Guess("", _WAITED_FOR.format(ours), edits=edits)
    if _guarded(text, start):
        return Guess("", "what is done only sometimes says so behind it: `do … when c`")
    given = _given(text, start)
    if given is not None and given[1] in _POLICIES:
        return Guess("", of_word(given[1]))
    if given is not None:
        help = "write `step name = …` for a call, `let name = …` for a value; a value never changes"
        return Guess("a statement begins with its word", help)
    if _changed(text, start):
        return Guess("a value never changes", "give the new one a name with `let`; rounds are written `repeat`")
    return Guess("", _UNREAD) if _value(text, start) else NOTHING


def _without_parentheses(text: str, start: int, name: str, at: int) -> Guess:
    """`fail "no"` and `print "x"`."""
    if name.partition(".")[0] in PRINTING:
        return Guess(f"there is no `{name}`", SEEN)
    if name in _SCHEDULES:
        return Guess("", "times are written `on cron('0 3 * * *')`")
    if name in VERBS:
        return of_verb(name)
    end = text_end(text, at)
    callee = "fail" if name in _FAILING else name
    is_known = callee == "fail" or is_declared(text, name.partition(".")[0]) or is_callable(text, name)
    edits: Edits = ((start, end, f"do {callee}({text[at:end]})"),) if is_known and statement_is_over(text, end) else ()
    return Guess("", f"{IN_PARENTHESES}: `do {callee}(…)`", edits=edits)


def _of_call(text: str, start: int, first: str, name: str) -> Guess:
    if name in PRINTING or (first in PRINTING and first != "log"):
        return Guess(f"there is no `{name}`", SEEN)
    if name.rpartition(".")[2] in _CHANGING and name != first and not is_declared(text, first):
        return Guess("a value never changes", "a list with more has a name of its own: `let more = xs + [x]`")
    if name.rpartition(".")[2] in ("forEach", "each", "map") and name != first:
        return Guess("", f"what is done for each item stands in a loop: `for x in {first} {{ … }}`")
    if name in ("exit", "quit", "die") or name.endswith((".exit", ".quit")):
        return Guess(f"there is no `{name}`", "a flow ends with its `return`, or fails with `do fail('text')`")
    if name in _STARTING and not is_callable(text, name):
        return Guess("", f"a trigger begins with `on`: `on {name}(…)`", edits=((start, start, "on "),))
    slept = _sleep(text, start)
    if slept is not None:
        ours = f"do wait({slept[1]}s)"
        if not _delays(text, start, slept.end()):
            return Guess(f"there is no `{name}`", _WAITED_FOR.format(ours))
        said = ((start, slept.end(), ours),)
        return Guess(f"there is no `{name}`", f"write `{ours}`", edits=said, safe=bool(slept[2]))  # it may be 5ms
    end = _call_end(text, start)
    if name == "wait" and not _delays(text, start, end):
        return Guess("", _WAITED_FOR.format("do wait(…)"))
    if _opens_block(text, end):
        return Guess("", f"what has steps is a flow, at the top of the file: `flow {name}() {{ … }}`")
    edits: Edits = ((start, start, "do "),) if text[end : end + 1] not in (",", ")") else ()
    return Guess("", "a call is a step: write `step name = …` or `do …`", edits=edits)


def _delays(text: str, start: int, end: int) -> bool:
    """Whether a wait that is written at a place delays something for sure: it is the only one and named behind `after`,
    it stands in an order or behind all else in rounds, or no other step stands beside it.
    """
    flow, close = text.rfind("\nflow ", 0, start) + 1, text.find("\n}", end) + 1
    if text.find("after wait", end, close) >= 0:
        return text.find("do wait(", flow, close) < 0
    opener = text.rfind("{", 0, start)
    head, before = text[text.rfind("\n", 0, opener) + 1 : opener].split(), text[opener + 1 : start]
    if "}" in before:
        return False  # the block around it is not the nearest
    behind = next(text[at:after] for group, at, after in tokens(text, end) if group != LINES)
    is_last = behind in ("}", "return", "yield")
    return head[-1:] in (["sequence"], ["parallel"], ["race"]) or (is_last and ("repeat" in head or not before.strip()))


def _call_end(text: str, start: int) -> int:
    """Where the call at a place ends."""
    depth = 0
    for group, at, after in tokens(text, start):
        sign = text[at:after] if group == SIGN else ""
        depth += (sign in CLOSER) - (sign in (")", "]", "}"))
        if sign == ")" and depth <= 0:
            return after
    return len(text)


def of_await(text: str, start: int, end: int) -> Edits:
    """`await` or `async` before a statement, or before a call that is none."""
    at = end
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    if text.startswith(("step ", "do ", "let ", "for ", "parallel", "flow "), at):
        return ((start, at, ""),)
    return ((start, at, "do "),) if _is_call(text, at) else ()


def of_text(text: str, before: tuple[int, int], start: int) -> Guess:
    """A text behind a name, where a call was meant: `do fail "no"`."""
    end = text_end(text, start)
    name = text[before[0] : before[1]]
    if name in VERBS:
        return of_verb(name)
    edits: Edits = ((before[0], end, f"{name}({text[start:end]})"),) if statement_is_over(text, end) else ()
    return Guess("", f"{IN_PARENTHESES}: `{name}(…)`", edits=edits)


def of_raise(text: str, start: int) -> Edits:
    """`raise "no"` and `throw new Error('no')`, where nothing else is said."""
    found = _raised(text, start)
    if found is None:
        return ()
    end = text_end(text, found.end())
    behind = end + text[end:].startswith(")") if found[1] else end
    is_whole = not found[1] or behind > end
    return (
        ((start, behind, f"do fail({text[found.end() : end]})"),)
        if is_whole and statement_is_over(text, behind)
        else ()
    )
