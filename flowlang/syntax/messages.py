"""What a syntax mistake is called, in the words of whoever wrote the file.

What could have stood at the mistake is asked of the automaton (a terminal counts if it would be shifted), then said as
a thing where it is one ("an expression", "a name") and else as at most five signs or words. Guesses at what was meant
are in `hints`.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.diagnostics import Diagnostic, Edit, Fix, Related
from flowlang.source import Span
from flowlang.syntax.automaton import accepts
from flowlang.syntax.foreign_comments import comment, comment_around, comment_end
from flowlang.syntax.hints import hint
from flowlang.syntax.lexing import CLOSER, LINES, RESERVED, begins_afresh
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser
    from flowlang.syntax.repairs import Edits

_runs = patterns.compile(r"\s*(?:step[ \t]+\w+[ \t]*(?::[^=]*)?=|do\b)[ \t]*\Z").match
_returns = patterns.compile(r"\s*return\b").match
_holds_steps = patterns.compile(
    r"[ \t]*(?:step[ \t]+\w+[ \t]*(?::[^=\r\n]*)?=|do)[ \t]*\{[ \t]*(?:#[^\r\n]*)?[\r\n]"
).match
_SIGNS = (") ] } : = ( { , -> as in on from else every next with case").split()


def lacks_else(p: Parser, stacks: Stacks, expected: frozenset[str], key: str) -> bool:
    """Whether a ternary stands before a mistake that only `else` could complete, and what follows would follow it."""
    begin = p.text.rfind("\n", 0, stacks.last) + 1
    is_in_body = bool(stacks.brackets) and stacks.brackets[-1] >= begin
    if p.text[begin : stacks.last].lstrip().startswith("case ") and not is_in_body:
        return False  # what was meant is a condition
    if "else" not in expected or "or" not in expected or expected & {"NAME", "NL", "$END", ")", "]", "}", ","}:
        return False
    return accepts(p, stacks, "else", "NUMBER", "NL" if key == "FRESH" else key)


def explain(
    p: Parser, stacks: Stacks, expected: frozenset[str], key: str, tok: Any, start: int, end: int
) -> Diagnostic:
    """The finding for a mistake at a token."""
    comment_begins = -1 if p.holes else comment_around(p.text, start)
    if comment_begins >= 0:
        return comment(p, comment_begins, comment_end(p, comment_begins))
    before = _token_before(p, stacks)
    if p.text[start : start + 1].isalpha() and not p.text[end : end + 1].isprintable() and p.text[end] not in " \t\r\n":
        key, start, end = "OTHER", end, end + 1  # a character that cannot be seen parts a word
    if key == "TOO_DEEP":
        return p.error("too-deep", "brackets and blocks nest too deep", start, end, "at most 64 may be open at once")
    if key == "MISMATCH":
        return _mismatch(p, stacks, expected, tok, start, end)
    if key in ("FRESH", "$END") and stacks.brackets and (key == "$END" or p.text[stacks.brackets[-1]] != "{"):
        return unclosed(p, stacks.brackets[-1])
    if lacks_else(p, stacks, expected, key):
        return _missing_else(p, stacks)
    at_end = key in ("FRESH", "NL", "$END")
    guess = hint(p, stacks, expected, key, start, end, before)
    wanted = _wanted(expected)
    after = f" after `{_shown(p.text[before[0] : before[1]])}`" if before[1] > before[0] else ""
    if wanted.startswith(("a statement", "an item")):
        after = ""
    found = p.text[start:end]
    rule, help = guess.rule or "syntax-error", guess.help
    if guess.message:
        message = guess.message
    elif key == "OTHER":
        message = f"`{_visible(found[:1])}` has no meaning here"
    elif wanted:
        message = f"expected {wanted}{after}"
        if not at_end and found in RESERVED and "NAME" in expected:
            message += f"; `{found}` is a reserved word"
    else:
        message = (
            f"nothing may follow `{_shown(p.text[before[0] : before[1]])}` here"
            if at_end
            else f"`{_shown(found)}` cannot stand here"
        )
    if guess.span is not None:
        start, end = guess.span
    elif at_end and before[1] > before[0]:
        start, end = before
    found_ = p.error(rule, message, start, end, help)
    return found_.replace(fixes=(_repair(p, guess.edits, guess.safe),)) if guess.edits else found_


def _repair(p: Parser, edits: Edits, safe: bool) -> Fix:
    ours, lines, _ = edits[0][2].strip().partition("\n")
    ours += " …" if lines else ""
    return Fix(
        f"write `{ours}`" if ours else "end the line" if "\n" in edits[0][2] else "leave it out",
        tuple([Edit(Span(p.path, start, end), text) for start, end, text in edits]),
        safe and ours != "not",  # elsewhere it binds tighter
    )


def _mismatch(p: Parser, stacks: Stacks, expected: frozenset[str], closer: str, start: int, end: int) -> Diagnostic:
    if stacks.brackets and p.text.startswith("}}", start):
        return unclosed(p, stacks.brackets[-1])
    in_list = bool(stacks.brackets) and (p.text[stacks.brackets[-1]] != "{" or "," in expected)
    if not in_list and all(CLOSER[p.text[b]] != closer for b in stacks.brackets):
        return p.error("syntax-error", f"`{closer}` closes nothing", start, end)
    found = unclosed(p, stacks.brackets[-1])
    return found.replace(related=(Related(f"`{closer}` comes first", p.span(start, end)),))


def unclosed(p: Parser, opener: int) -> Diagnostic:
    """A bracket that is never closed."""
    sign = p.text[opener]
    line = p.text.rfind("\n", 0, opener) + 1
    block = _holds_steps(p.text, line)
    if block is not None and block.end() > opener and begins_afresh(p.text, next_code(p.text, opener + 1)):
        message, help = "a block of steps begins with its word", "write `sequence { … }`, or `parallel { … }`"
        fix = Fix("write `sequence {`", (Edit(Span(p.path, opener, opener), "sequence "),), safe=False)
        return p.error("unclosed-bracket", message, opener, opener + 1, help).replace(fixes=(fix,))
    return p.error(
        "unclosed-bracket", f"`{sign}` is never closed", opener, opener + 1, f"close it with `{CLOSER[sign]}`"
    )


def _missing_else(p: Parser, stacks: Stacks) -> Diagnostic:
    at = max(index for index, value in enumerate(stacks.values) if value == "if")
    is_written = p.holes and not stacks.brackets  # the value of a hole: none cannot be written into a text
    ours, what = ("else ''", "nothing") if is_written else ("else none", "a value that may be absent")
    message, help = "`if` in an expression needs an `else`", f"say the other value: `else …`, or `{ours}` for {what}"
    start = stacks.starts[at - 1]
    line = p.text.rfind("\n", 0, start) + 1
    if _runs(p.text[line:start]) and "(" in p.text[start : stacks.starts[at]]:
        help = (
            "a call that is made only sometimes says `when`: `… when condition`; a value says the other one: `else …`"
        )
        edit = Edit(Span(p.path, stacks.starts[at], stacks.starts[at] + 2), "when")
        return p.error("missing-else", message, start, stacks.last, help).replace(fixes=(Fix("write `when`", (edit,)),))
    if p.text[line:start].strip() == "return" and _returns(p.text, stacks.last):
        help = "a flow has one `return`, which says both values: `return a if condition else b`"
        return p.error("missing-else", message, start, stacks.last, help)
    insert = Edit(Span(p.path, stacks.last, stacks.last), f" {ours}")
    found = p.error("missing-else", message, start, stacks.last, help)
    return found.replace(fixes=(Fix(f"add `{ours}`", (insert,)),))  # types have a say in that


def next_code(text: str, at: int) -> int:
    """Where the first token of the next lines begins."""
    return next((start for group, start, _ in tokens(text, at) if group != LINES), len(text))


def _wanted(expected: frozenset[str]) -> str:
    """What could stand there, as one thing or a few signs."""
    if "NUMBER" in expected and "NAME" in expected:
        return "an expression" if "DURATION" in expected else "a type"
    if expected >= {"+", "=="}:
        return _listed(
            [f"`{sign}`" for sign in (")", "]", "}", ",", "{", "else") if sign in expected][:3], expected, "an operator"
        )
    if "step" in expected:
        return "a statement"
    if "flow" in expected:
        return (
            "an item such as `flow` or `type`"
            if "import" in expected
            else "`flow`, `type` or what else may be annotated"
        )
    if "STRING" in expected and "**" in expected:
        return "a key"
    if "NAME" in expected:
        return "a name"
    if "NUMBER" in expected:
        return "a number"
    return _listed(
        [f"`{sign}`" for sign in _SIGNS if sign in expected][:3], expected, "a text" if "STRING" in expected else ""
    )


def _listed(listed: list[str], expected: frozenset[str], thing: str) -> str:
    if "NL" in expected and "," not in expected:
        listed = [*(sign for sign in listed if sign != "`}`"), "a new line"]
    if thing:
        listed.append(thing)
    return " or ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else "".join(listed)


def _token_before(p: Parser, stacks: Stacks) -> tuple[int, int]:
    """The last token in front of the mistake; empty at the beginning."""
    if not stacks.starts:
        return 0, 0
    found = 0, 0
    begin = stacks.starts[-1]
    line = max(p.text.rfind(end, begin, stacks.last) for end in "\r\n") + 1
    if line > begin and '"""' not in p.text[line : stacks.last]:
        begin = line  # no text goes on there, so a token begins there: all before need not be looked at
    for _, start, end in tokens(p.text, begin):
        if start >= stacks.last:
            break
        if p.text[start] not in "#\r\n":
            found = start, end
    return found


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 30 else text[:29] + "…"


def _visible(char: str) -> str:
    return char if char.isprintable() and char != "`" else f"U+{ord(char):04X}"
