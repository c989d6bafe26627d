"""Guesses at what was meant by text that does not parse: the habits of people who come from other languages.

A guess replaces the message, adds a help line, or both; where nothing fits, nothing is said.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.block_hints import of_block
from flowlang.syntax.call_hints import IN_PARENTHESES, SEEN, of_await, of_raise, of_statement
from flowlang.syntax.clause_hints import of_clause
from flowlang.syntax.elements import set_tag
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.import_hints import of_import
from flowlang.syntax.key_hints import of_key, of_word
from flowlang.syntax.line_hints import of_line
from flowlang.syntax.lookalikes import LOOKALIKES, in_word, word_around
from flowlang.syntax.map_hints import ENTRIES, of_entry
from flowlang.syntax.repairs import of_quotes, of_sign
from flowlang.syntax.sign_hints import NO_TRY, ONE_NAME, TEMPLATE, Met, of_sign_at
from flowlang.syntax.word_hints import CALLING, is_declared, of_word_behind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser
    from flowlang.syntax.repairs import Edits


ORDER = "a step waits for those it refers to; for order alone write `after name` behind it"
# What stands at a place that cannot: (message, help). Longer first.
_SIGNS = {
    "===": ("`===` is not an operator", "`==` compares values of any type"),
    "!==": ("`!==` is not an operator", "`!=` compares values of any type"),
    "&&": ("`&&` is not an operator", "write `and`"),
    "||": ("`||` is not an operator", "write `or`; for a value in place of none, `x | default(y)`"),
    "??": ("`??` is not an operator", "write `x | default(y)`"),
    "{%": ("statements in `{% %}` have no meaning here", "write `if`, `for` or `let` without `{% %}`"),
    "${": ("`${` has no meaning here", "in a text in double quotes write `{{ name }}`, elsewhere the bare name"),
    "//": ("", "comments begin with `#`"),
    "/*": ("", "comments begin with `#`"),
    "<>": ("", "`!=` says not equal"),
    "=>": ("`=>` has no meaning here", "write a list comprehension `[e for x in xs if c]`, or name a `function`"),
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
_OF_STEPS = patterns.compile(r"\$(?:json|node|input|items?|steps|[.(\[])").match
_QUOTES = {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "″": '"'}
_LOOKALIKES = dict(zip("\u2212–—×÷≤≥≠→，：（）", "- - - * / <= >= != -> , : ( )".split(), strict=True))

# Words that begin a statement elsewhere.
_WORDS = {
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
    "await": "a reference to a step waits for it",
    "async": "steps that do not depend on each other run at the same time",
    "print": SEEN,
    "class": "write `type Name { … }`",
    "struct": "write `type Name { … }`",
    "enum": "write `type Name = 'a' | 'b'`",
    "interface": "write `type Name { … }`",
    "lambda": "write a list comprehension `[e for x in xs if c]`, or name a `function`",
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
    "unless": "write `if not condition { … }`",
    **dict.fromkeys(("end", "endif", "endfor", "done", "fi"), "a block ends with `}`"),
    "pass": "a block may be empty: `{ }`",
    "exit": "a flow ends with its `return`, or fails with `do fail('text')`",
    "from": "write `import name`",
}  # fmt: skip
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
ANNOTATIONS = frozenset("breaker cache concurrency idempotent limit once rate_limit retry timeout".split())
_calls = patterns.compile(r"[ \t]*(?:do|step[ \t]+\w+[ \t]*=)[ \t]+\w+(?:\.\w+)+[ \t]+\Z").match
_is_let = patterns.compile(r"[ \t]*(let)[ \t]+\w+[ \t]*=").match
_names = patterns.compile(r"\w+[ \t]+\w+[ \t]*(?:,[ \t]*\w+[ \t]*)*(?=[#\r\n]|\Z)").match
_listed = patterns.compile(r"(?s:.*)=[ \t]*(parallel|race|sequence)[ \t]*\Z").match
_applied = patterns.compile(r"[ \t]*(?:\(|[\r\n])").match
_called = patterns.compile(r"(var|const)[ \t]+\w+[ \t]*=[ \t]*((?:(await)[ \t]+)?)([A-Za-z_]\w*)\.\w+[ \t]*\(").match
_unpacks = patterns.compile(r"\w+[ \t]*[{\[]").match
_listing = patterns.compile(r"(parallel|race|sequence)[ \t]*([\[(]|for\b)").match
_word = patterns.compile(r"[A-Za-z_]\w*").match


def hint(
    p: Parser, stacks: Stacks, expected: frozenset[str], key: str, start: int, end: int, before: tuple[int, int]
) -> Guess:
    """Guess at what was meant by the token at a place."""
    text = p.text
    if key == "OTHER" and text[start] not in "=!&|;$`\\^":
        return _strange(text, start)
    guess = of_import(text, expected, start) if "step" not in expected or text.startswith("from", start) else NOTHING
    if guess is NOTHING and key != "FRESH":
        guess = of_block(text, expected, start, end, before)
    if guess is not NOTHING:
        return guess
    word = _word(text, start)
    bracket = text[stacks.brackets[-1]] if stacks.brackets else ""
    met = Met(text, expected, key, start, before, bracket)
    line = text[text.rfind("\n", 0, start) + 1 : start]
    clause = of_clause(met, line, text[start:end]) or of_entry(met)
    if clause is not None:
        return clause
    if word and key != "FRESH":
        guess = _from_word(text, expected, key, word[0], start, before)
        if guess is not NOTHING:
            return guess
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


def _from_word(text: str, expected: frozenset[str], key: str, word: str, start: int, before: tuple[int, int]) -> Guess:
    previous = text[before[0] : before[1]]
    guess = _behind_word(text, before, start) if key == "NAME" else NOTHING
    if guess is not NOTHING:
        return guess
    begins = "step" in expected or "flow" in expected
    guess = of_key(text, expected, start) if begins else NOTHING
    if guess is not NOTHING:
        return guess
    edits = of_sign(text, start, start + len(word))
    if begins and word in ANNOTATIONS and _applied(text, start + len(word)):
        return Guess("an annotation begins with `@`", f"write `@{word}`", edits=((start, start, "@"),))
    if word in ("await", "async") and begins:
        edits = of_await(text, start, start + len(word))
    if word in ("raise", "throw") and begins:
        edits = of_raise(text, start)
    if word == "with" and "NL" in expected and not text[text.rfind("\n", 0, start) + 1 : start].strip():
        return Guess("there is no `with`", _WORDS[word])
    called = _called(text, start)
    if begins and called is not None and (called[3] == "await" or is_declared(text, called[4])):
        edits = ((start, called.end(1), "step"), (called.start(2), called.end(2), ""))
        return Guess(f"there is no `{word}`", "write `step name = …` for a call", edits=edits)
    if word in ("var", "const") and _unpacks(text, start):
        return Guess(f"there is no `{word}`", ONE_NAME)
    if begins and word in _WORDS and (word != "from" or "import" in expected):
        return Guess(f"there is no `{word}`", _WORDS[word], edits=edits)
    if word in ("elif", "elsif", "elseif", "lambda") and key == "NAME":
        return Guess(f"there is no `{word}`", _WORDS[word], edits=edits)
    if "case" in expected and word in ("default", "otherwise", "_"):
        return Guess(
            f"there is no `{word}`", "what no `case` names is `else { … }`", edits=((start, start + len(word), "else"),)
        )
    if "import" in expected and word in _INSIDE_A_FLOW:
        help = "write it between the braces of a flow; the one before it may have been closed too early"
        return Guess(f"`{word}` stands inside a flow", help)
    if word in _AFTER and "after" in expected:
        return Guess("", "a step waits for another with `after name`", edits=((start, start + len(word), "after"),))
    unit = _UNITS.get(word)
    if unit is not None and previous.isdigit():
        ours = f"{previous}{unit}"
        return Guess(
            "", f"a duration has its unit right behind: `{ours}`", edits=((before[0], start + len(word), ours),)
        )
    is_behind = "+" in expected and text[text.rfind("\n", 0, start) + 1 : start].strip() != ""
    guess = NOTHING
    if is_behind and key == "NAME":
        guess = of_word_behind(text, before, start, word)
    elif "step" in expected:
        guess = _in_flow(text, key, word, start)
    if guess is not NOTHING:
        return guess
    if key == "STRING" or text[start] in "\"'":
        return NOTHING
    if previous == "f" and text[before[1] : before[1] + 1] in ("'", '"'):
        return Guess("no letter stands before a text", TEMPLATE)
    if word in ("optional", "nullable", "required", "mandatory") and {"=", "}"} <= expected:
        return NOTHING  # about the setting before it
    if "," in expected and patterns.compile(r"\w+[ \t]*(?::|=(?!=))").match(text, start):
        return Guess("", "a comma separates what stands on one line", edits=((before[1], before[1], ","),))
    if "+" in expected and _calls(text[text.rfind("\n", 0, start) + 1 : start]) and not text[start].isdigit():
        return Guess("", f"{IN_PARENTHESES}: `{previous}(…)`")
    if word == "for" and previous == "parallel":
        return Guess("", ALL_AT_ONCE, edits=((before[0], start, ""),))
    if word == "for" and expected >= {"}", ","}:
        return Guess("", ENTRIES)
    if word == "for" and ")" in expected:
        return Guess("", "a comprehension stands in brackets: `[e for x in xs if c]`")
    if word == "for" and "]" in expected:
        return Guess(
            "", "a comprehension has one `for`; put another inside: `[[… for y in x.ys] for x in xs] | flatten`"
        )
    return NOTHING


def _behind_word(text: str, before: tuple[int, int], start: int) -> Guess:
    """A name behind a word of another language, which was read as one too."""
    previous = text[before[0] : before[1]]
    if previous in ("lambda", "await", "async", "new"):
        help = _WORDS.get(previous, "a value is written out: there are no classes")
        if previous == "new" and text.startswith("Date", start):
            help = "the time is told by a step: `step at = now()`"
        gone: Edits = () if previous in ("lambda", "new") else ((before[0], _called_at(text, start), ""),)
        let = _is_let(text, text.rfind("\n", 0, start) + 1)
        if let and previous in ("await", "async"):
            gone = (*gone, (let.start(1), let.end(1), "step"))
        return Guess(f"there is no `{previous}`", help, "", before, gone)
    if previous == "typeof":
        return Guess("there is no `typeof`", "a test tells: `x is string`, `x is number`", "", before)
    if previous == "mut":
        help = "a value never changes; rounds that carry one on are written `repeat`"
        return Guess("there is no `mut`", help, "", before, ((before[0], start, ""),))
    if previous == "switch":
        return Guess("there is no `switch`", _WORDS["switch"], "", before, ((*before, "match"),))
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
    if word == "else":
        return Guess("`else` belongs right behind the `}` of an `if` or to a `match`")
    if word == "until" and text[start:].partition("\n")[0].rstrip().endswith("{"):
        return Guess("`until` is a clause and follows a step", _WORDS["while"])
    if word in _CLAUSES:
        return Guess(f"`{word}` is a clause and follows a step", "write it behind the step it belongs to")
    if key != "NAME":
        return NOTHING
    listing = _listing(text, start)
    if listing is not None:
        help = f"the steps of a `{listing[1]}` stand in braces: `{listing[1]} {{ step a = … step b = … }}`"
        return Guess("", ALL_AT_ONCE if listing[2] == "for" else help)
    if patterns.compile(r"\w+(?:[ \t]*,[ \t]*\w+)+[ \t]*=(?!=)").match(text, start):
        return Guess("", ONE_NAME)
    return of_statement(text, start)


def _dollar(text: str, at: int) -> str:
    """What stands for `$json.x`, `$('Node')`, `$.x`, and for `$HOME`; '' if that is not known."""
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
                if sign == "!" and (text[at - 1 : at].isalnum() or text[at - 1 : at] in ("_", ")", "]", "?")):
                    return _exclaimed(text, expected, at)
                return Guess(message, help, "", span if message else None, of_sign(text, *span))
    return None
