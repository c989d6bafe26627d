"""Guesses at what was meant by a word that cannot stand where it does: what it says in other languages."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.braces import begins_line
from flowlang.syntax.call_hints import of_await, of_raise, of_statement
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.key_hints import of_key, of_other_key, of_word
from flowlang.syntax.lexing import before_colon
from flowlang.syntax.map_hints import ENTRIES
from flowlang.syntax.repairs import of_sign
from flowlang.syntax.sayings import ARROW, IN_PARENTHESES, ONE_NAME, SEEN
from flowlang.syntax.sign_hints import NO_TRY, TEMPLATE
from flowlang.syntax.word_hints import CALLING, is_declared, of_word_behind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.repairs import Edits
    from flowlang.syntax.sign_hints import Met

# Words that begin a statement elsewhere.
WORDS = {
    "while": "rounds are written `repeat x = first { … yield y next z }`, waiting is `until … every …`",
    "loop": "rounds are written `repeat x = first { … yield y next z }`",
    "foreach": "write `for x in xs { … }`",
    "try": NO_TRY,
    "except": "write `catch kinds as err { … }` behind the step",
    "finally": "there is no `finally`: steps after the block run when it has succeeded, `undo` when the run fails",
    "raise": "write `do fail('text', code='x')`",
    "throw": "write `do fail('text', code='x')`",
    "elif": "write `else if`",
    "elsif": "write `else if`",
    "elseif": "write `else if`",
    "switch": "write `match value { case 'a' { … } else { … } }`",
    "def": "write `function name(x: int) -> int = …`, or `flow` for steps",
    "fn": "write `function name(x: int) -> int = …`, or `flow` for steps",
    "func": "write `function name(x: int) -> int = …`, or `flow` for steps",
    "workflow": "write `flow name() { … }`",
    "var": "write `let name = …`",
    "const": "write `let name = …`",
    "set": "write `let name = …`",
    **dict.fromkeys(("local", "val", "auto", "my", "dim", "Dim", "final"), "write `let name = …`"),
    "await": "a reference to a step waits for it",
    **dict.fromkeys(("package", "namespace"), "a file needs no head: it is named by its path"),
    **dict.fromkeys(("include", "require", "use", "using"), "write `import name`, a line for each"),
    **dict.fromkeys(("procedure", "proc", "sub", "Sub", "method"), "write `flow name() { … }`"),
    **dict.fromkeys(("begin", "BEGIN"), NO_TRY),
    **dict.fromkeys(("curl", "wget"), "a request is a call: `step a = http.get(…)`, with `import http`"),
    **dict.fromkeys(("go", "spawn", "fork"), "steps that do not depend on each other run at the same time"),
    "defer": "what undoes a step is a clause of it: `undo { … }`",
    "select": "of steps of which the first counts, write `race { … }`",
    "typedef": "write `type Name { … }`",
    "async": "steps that do not depend on each other run at the same time",
    "print": SEEN,
    "class": "write `type Name { … }`",
    "struct": "write `type Name { … }`",
    "record": "write `type Name { … }`",
    "enum": "write `type Name = 'a' | 'b'`",
    "interface": "write `type Name { … }`",
    "lambda": ARROW,
    **dict.fromkeys(("export", "public", "private", "static"), "what a file declares can be used from any other"),
    "break": "a loop ends by itself: filter the list, or `next none` in `repeat`",
    "continue": "filter the list: `for x in xs | select(…)`",
    "goto": "references make the order",
    "assert": "write `ensure condition else \"what is wrong\"` behind a step, or at the top of the flow",
    "task": "write `step name = …`",
    **dict.fromkeys(("del", "delete", "global", "nonlocal"), "a value never changes, and is seen by its name"),
    **dict.fromkeys(("input", "param", "parameter"), "parameters stand in the head: `flow name(id: string) { … }`"),
    "output": "a flow gives its value with `return`",
    "trigger": "write `on cron('0 3 * * *')`, `on webhook('/path')` or `on event('name')`",
    "choice": "write `if c { … } else if d { … } else { … }`",
    "choose": "write `if c { … } else if d { … } else { … }`",
    "map": "write `for x in xs { … }`",
    "goto_step": "references make the order",
    "next": "in a `repeat`, `yield value next value_of_next_round` stands on one line; else references make the order",
    "signal": "a flow waits for an event: `step e = events.wait('name')`, with `import events`",
    "query": "what a flow gives is its `return`; its steps are seen in the run",
    "with": "steps that belong together stand in `sequence { … }`; a flow is written `flow name() { … }`",
    "unless": "write `if not condition { … }`, or `when not condition` behind a step",
    **dict.fromkeys(("end", "endif", "endfor", "done", "esac", "fi", "END"), "a block ends with `}`"),
    "pass": "a block may be empty: `{ }`",
    "exit": "a flow ends with its `return`, or fails with `do fail('text')`",
    "from": "write `import name`",
}  # fmt: skip
_UNDOING = frozenset("compensate compensation rollback revert".split())
_AFTER = frozenset("depends_on dependsOn needs requires".split())
_UNITS = {
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hour", "hours", "hrs", "hr"), "h"),
    **dict.fromkeys(("m", "minute", "minutes", "mins", "min"), "m"),
    **dict.fromkeys(("s", "second", "seconds", "secs", "sec"), "s"),
    **dict.fromkeys(("ms", "milliseconds", "millis", "msec"), "ms"),
}
_INSIDE_A_FLOW = frozenset("step do return yield on ensure if for match repeat parallel race sequence".split())
_ITEMS = frozenset("import config type service action function flow annotation test".split())
_CLAUSES = frozenset("after when until ensure catch undo".split())
ALL_AT_ONCE = "the items of a `for` run at the same time: `for x in xs { … }`; how many says `@concurrency(4)`"
_iterates = patterns.compile(r"\w+(?:[ \t]*,[ \t]*\w+)?[ \t]+in\b").match
_braced = patterns.compile(r"[ \t]*\{").match
ANNOTATIONS = frozenset("breaker cache concurrency idempotent limit once rate_limit retry timeout".split())
_calls = patterns.compile(r"[ \t]*(?:do|step[ \t]+\w+[ \t]*=)[ \t]+\w+(?:\.\w+)+[ \t]+\Z").match
_is_let = patterns.compile(r"[ \t]*(let)[ \t]+\w+[ \t]*=").match
_names = patterns.compile(r"\w+[ \t]+\w+[ \t]*(?:,[ \t]*\w+[ \t]*)*(?=[#\r\n]|\Z)").match
_applied = patterns.compile(r"[ \t]*(?:\(|[\r\n])").match
_called = patterns.compile(r"(var|const)[ \t]+\w+[ \t]*=[ \t]*((?:(await)[ \t]+)?)([A-Za-z_]\w*)\.\w+[ \t]*\(").match
_policy = patterns.compile(rf"[ \t]+({'|'.join(sorted(ANNOTATIONS))})\b").match
_unpacks = patterns.compile(r"\w+[ \t]*[{\[]").match
_listing = patterns.compile(r"(parallel|race|sequence)[ \t]*([\[(]|for\b)").match
_asked = patterns.compile(r"[ \t]+([^{}#\r\n]*[^{}#\r\n \t])[ \t]*(?:[#\r\n]|\Z)").match
_path = patterns.compile(r"[\w.]+").fullmatch
_word = patterns.compile(r"[A-Za-z_]\w*").match


def of_word_at(met: Met, word: str) -> Guess:
    """A word that cannot stand where it does, by what it says elsewhere."""
    text, expected, start = met.text, met.expected, met.start
    guess = _behind_word(text, met.before, start) if met.key == "NAME" else NOTHING
    begins = "step" in expected or "flow" in expected
    if guess is NOTHING and begins:
        guess = of_key(text, expected, start)
    if guess is NOTHING:
        guess = _elsewhere(met, word, begins)
    if guess is NOTHING:
        guess = _of_order_or_unit(met, word)
    if guess is not NOTHING:
        return guess
    if "+" in expected and text[text.rfind("\n", 0, start) + 1 : start].strip() and met.key == "NAME":
        guess = of_word_behind(text, met.before, start, word)
    elif "step" in expected:
        guess = _in_flow(text, met.key, word, start)
    if guess is not NOTHING or met.key == "STRING" or text[start] in "\"'":
        return guess
    return _joined(met, word)


def _elsewhere(met: Met, word: str, begins: bool) -> Guess:
    """A word that begins a statement, an item or a `case` in other languages; `begins`: whether one begins here."""
    text, expected, start = met.text, met.expected, met.start
    end = start + len(word)
    message = f"there is no `{word}`"
    edits = of_sign(text, start, end)
    if begins and word in ANNOTATIONS and _applied(text, end):
        if text[start:].partition("\n")[0].rstrip().endswith("{"):
            return Guess("", of_word(word) or f"`@{word}` stands above the step, on a line of its own")
        return Guess("an annotation begins with `@`", f"write `@{word}`", edits=((start, start, "@"),))
    if word in ("await", "async") and begins:
        edits = of_await(text, start, end)
    if word in ("raise", "throw") and begins:
        edits = of_raise(text, start)
    if word == "try" and begins and _braced(text, end):
        return Guess(message, WORDS[word], edits=((start, end, "sequence"),))
    if word == "every" and begins:
        return Guess("", "how often one asks follows the condition: `until condition every 5s`")
    if word == "with" and "NL" in expected and not text[text.rfind("\n", 0, start) + 1 : start].strip():
        return Guess(message, WORDS[word])
    if word == "with" and "NL" in expected and (policy := _policy(text, end)):
        return Guess("", of_word(policy[1]) or f"`@{policy[1]}` stands above the step")
    called = _called(text, start)
    if begins and called is not None and (called[3] == "await" or is_declared(text, called[4])):
        edits = ((start, called.end(1), "step"), (called.start(2), called.end(2), ""))
        return Guess(message, "write `step name = …` for a call", edits=edits)
    if word in ("var", "const") and begins and "=>" in text[start:].partition("\n")[0]:
        return Guess(message, ARROW)
    if word in ("var", "const") and _unpacks(text, start):
        return Guess(message, ONE_NAME)
    if word == "unless" and ("when" in expected or "step" in expected) and (asked := _asked(text, end)):
        ours = f"not {asked[1]}" if _path(asked[1]) else f"not ({asked[1]})"
        return Guess(message, f"write `when {ours}`", edits=((start, asked.end(1), f"when {ours}"),))
    if (
        word in _UNDOING
        and ("undo" in expected or "step" in expected)
        and _unpacks(f"{word} {text[end : end + 10].lstrip()}", 0)
    ):
        return Guess(message, "what undoes a step is a block behind it: `undo { … }`", edits=((start, end, "undo"),))
    if begins and word in WORDS and (word != "from" or "import" in expected):
        return Guess(message, WORDS[word], edits=edits)
    if word in ("elif", "elsif", "elseif", "lambda") and met.key == "NAME":
        return Guess(message, WORDS[word], edits=edits)
    if "case" in expected and word in ("default", "otherwise", "_"):
        return Guess(message, "what no `case` names is `else { … }`", edits=((start, end, "else"),))
    if "import" in expected and met.key == "NAME" and text[end : end + 1] == "(" and word not in _ITEMS:
        return Guess("", "what is called stands in a flow; a flow is started by `flowlang run` or by its triggers")
    if "import" in expected and word in _INSIDE_A_FLOW:
        help = "write it between the braces of a flow; the one before it may have been closed too early"
        return Guess(f"`{word}` stands inside a flow", help)
    return NOTHING


def _of_order_or_unit(met: Met, word: str) -> Guess:
    """`needs a` behind a step, and `3 days`."""
    end = met.start + len(word)
    if word in _AFTER and "after" in met.expected:
        return Guess("", "a step waits for another with `after name`", edits=((met.start, end, "after"),))
    unit = _UNITS.get(word)
    if unit is None or not met.previous.isdigit():
        return NOTHING
    ours = f"{met.previous}{unit}"
    return Guess("", f"a duration has its unit right behind: `{ours}`", edits=((met.before[0], end, ours),))


def _joined(met: Met, word: str) -> Guess:
    """A word or a number behind a value, to which it was meant to belong."""
    text, expected, start, before, previous = met.text, met.expected, met.start, met.before, met.previous
    if previous == "f" and text[before[1] : before[1] + 1] in ("'", '"'):
        return Guess("no letter stands before a text", TEMPLATE)
    if word in ("optional", "nullable", "required", "mandatory") and {"=", "}"} <= expected:
        return NOTHING  # about the setting before it
    if "," in expected and patterns.compile(r"\w+[ \t]*(?::|=(?!=))").match(text, start):
        edits = ((before[1], before[1], ","),) if before[1] else ()  # no place is known where a statement may begin
        return Guess("", "a comma separates what stands on one line", edits=edits)
    if "+" in expected and _calls(text[text.rfind("\n", 0, start) + 1 : start]) and not text[start].isdigit():
        return Guess("", f"{IN_PARENTHESES}: `{previous}(…)`")
    return _loop(met) if word == "for" else NOTHING


def _loop(met: Met) -> Guess:
    """`for` behind a value, or behind `parallel`."""
    expected = met.expected
    if "step" in expected and not begins_line(met.text, met.start) and met.previous != "parallel":
        return Guess("", "a comprehension stands in brackets: `[e for x in xs if c]`")
    if met.previous == "parallel":
        return Guess("", ALL_AT_ONCE, edits=((met.before[0], met.start, ""),))
    if expected >= {"}", ","}:
        return Guess("", ENTRIES)
    if ")" in expected:
        return Guess("", "a comprehension stands in brackets: `[e for x in xs if c]`")
    if "]" in expected:
        help = "a comprehension has one `for`; put another inside: `[[… for y in x.ys] for x in xs] | flatten`"
        return Guess("", help)
    return NOTHING


def _behind_word(text: str, before: tuple[int, int], start: int) -> Guess:
    """A name behind a word of another language, which was read as one too."""
    previous = text[before[0] : before[1]]
    if previous in ("lambda", "await", "async", "new"):
        help = WORDS.get(previous, "a value is written out: there are no classes")
        if previous == "new" and text.startswith("Date", start):
            help = "the time is told by a step: `step at = now()`"
        gone: Edits = () if previous in ("lambda", "new") else ((before[0], _called_at(text, start), ""),)
        let = _is_let(text, text.rfind("\n", 0, start) + 1)
        if let and previous in ("await", "async"):
            gone = (*gone, (let.start(1), let.end(1), "step"))
        return Guess(f"there is no `{previous}`", help, "", before, gone)
    if previous in ("foreach", "for_each") and _iterates(text, start):
        return Guess(f"there is no `{previous}`", "write `for x in xs { … }`", "", before, ((*before, "for"),))
    if previous == "from" and text[max(0, before[0] - 20) : before[0]].rstrip(" \t").endswith("yield"):
        gone = ((before[0], start, ""),)
        return Guess("there is no `yield from`", "a list is a value like any other: `yield xs`", "", before, gone)
    if previous == "let" and text[max(0, before[0] - 20) : before[0]].rstrip(" \t").endswith("if"):
        return Guess("there is no `if let`", "what may be none is tested: `if x is not none { … }`", "", before)
    if previous == "typeof":
        return Guess("there is no `typeof`", "a test tells: `x is string`, `x is number`", "", before)
    if previous == "mut":
        help = "a value never changes; rounds that carry one on are written `repeat`"
        return Guess("there is no `mut`", help, "", before, ((before[0], start, ""),))
    if previous == "switch":
        return Guess("there is no `switch`", WORDS["switch"], "", before, ((*before, "match"),))
    return NOTHING


def _called_at(text: str, start: int) -> int:
    """Where what is called begins: behind the `call` of `await call f(x)`."""
    word = _word(text, start)
    at = word.end() if word and word[0] in CALLING else start
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return start if text[at : at + 1] == "(" else at


def _in_flow(text: str, key: str, word: str, start: int) -> Guess:
    """A word that begins a line of a flow."""
    if word not in _CLAUSES and word != "else" and (guess := of_other_key(text, start)) is not NOTHING:
        return guess
    if word == "config" and text.startswith("config.", start):
        return Guess("", "a value of `config` is given from outside and never changes; `let` names another value")
    if word in _ITEMS:
        message = f"`{word}` stands at the top of a file, not inside a flow"
        return Guess(message, "move it above the flow; in a flow, `let` names a value")
    if word in _AFTER:
        edits = ((start, start + len(word), "after"),)
        return Guess("", "a step waits for another with `after name`", edits=edits if _names(text, start) else ())
    if word in ANNOTATIONS and (help := of_word(word)):
        return Guess("", help)
    if word == "else" and before_colon(text, start + 4):
        return Guess("", "a block stands in braces, and `else` behind the one before: `if c { … } else { … }`")
    if word == "else":
        return Guess("`else` belongs right behind the `}` of an `if` or to a `match`")
    if word == "case":
        return Guess("`case` stands in a `match`", WORDS["switch"])
    if word == "until" and text[start:].partition("\n")[0].rstrip().endswith("{"):
        return Guess("`until` is a clause and follows a step", WORDS["while"])
    if word in _CLAUSES:
        return Guess(f"`{word}` is a clause and follows a step", "write it behind the step it belongs to")
    if key != "NAME":
        return NOTHING
    listing = _listing(text, start)
    if listing is not None:
        help = f"the steps of a `{listing[1]}` stand in braces: `{listing[1]} {{ step a = … step b = … }}`"
        return Guess("", ALL_AT_ONCE if listing[2] == "for" else help)
    if patterns.compile(r"\w+(?:[ \t]*,[ \t]*\w+)+[ \t]*:?=(?!=)").match(text, start):
        return Guess("", ONE_NAME)
    return of_statement(text, start)
