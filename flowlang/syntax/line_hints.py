"""Guesses at what was meant by a token that cannot stand where it does, by the line it stands on."""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.clause_hints import of_setting
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.key_hints import of_word
from flowlang.syntax.lexing import before_colon
from flowlang.syntax.repairs import with_blanks
from flowlang.syntax.sayings import ARROW, BRACES, CASE, FUNCTION, MESSAGE, ONE_NAME, TYPES, line_is_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.syntax.repairs import Edits
    from flowlang.syntax.sign_hints import Met

_declares: Final = patterns.compile(r"[ \t]*(step|let)[ \t]+(\w+)[ \t]*\Z").match
_flow_name: Final = patterns.compile(r"flow[ \t]+\w+[ \t]*\Z").match
_valued: Final = patterns.compile(r"[ \t]*let[ \t]+\w+[ \t]*(:)[ \t]*(?:-?[\d.]+|'[^']*'|\"[^\"]*\")\Z").match
_typed_value: Final = patterns.compile(r"[ \t]*let[ \t]+(\w+)[ \t]*:[ \t]*\w+[ \t]+\Z").match
_is_struct: Final = patterns.compile(r"type[ \t]+(\w+)[ \t]+\Z").match
_KINDS: Final = frozenset(("struct", "interface", "class", "record", "object", "enum"))
_arrow: Final = patterns.compile(r"[ \t]*[-=]>").match
_keyed: Final = patterns.compile(r"[ \t]*step[ \t]+(\w+)[ \t]*:[ \t]*\Z").match
_annotates: Final = patterns.compile(r"[ \t]*@(\w+)[ \t]+\Z").match
_ensures: Final = patterns.compile(r"[ \t]*ensure[ \t]").match
_message: Final = patterns.compile(r"[,:][ \t]*(?=[\"'])").match
_braced: Final = patterns.compile(r"then[ \t]*(?=\{)").match
_given: Final = patterns.compile(r"[A-Za-z_][\w.]*[ \t]*=(?!=)").match
_returned: Final = patterns.compile(r"\{\s*return[ \t]+([^\r\n{}#]*[^\s{}#])\s*\}").match
_python: Final = patterns.compile(r"\{\s*(?:return[ \t]+)?(python\([^\r\n{}#()]*\))\s*\}").match
_casts: Final = patterns.compile(r".*\((?:int|string|float|bool|str)\)[ \t]*\Z").match
_called: Final = patterns.compile(r"[\w.]+\([^()\r\n]*\)(?=[ \t]*(?:[#\r\n]|\Z))").match
_alone: Final = patterns.compile(r"([\w.]+)[ \t]*\}").match
_thousands: Final = patterns.compile(r"(?:,\d{3})+\b").match
_LIMITS: Final = frozenset("max maximum limit timeout upto within until".split())
_WORDS_ALONE: Final = frozenset("pass continue break return yield exit".split())
_AT_ONCE: Final = "a value never changes: `let` gives it at once, `let name: int = …`"
_CHANGING: Final = frozenset(("+", "-", "*", "/", "%", "**", "//"))
_BEGINNINGS: Final = frozenset("step do let return yield".split())
_ITEM: Final = "a file holds imports, types, functions and flows; what is done stands in one: `flow name() { … }`"
_STATEMENT: Final = "a statement begins with its word: `step`, `do`, `let`, `return`, `yield`, or that of a block"


def of_line(met: Met, end: int) -> Guess:
    """Guess at what was meant; asked when nothing else is known."""
    text, start, previous = met.text, met.start, met.previous
    line = text[text.rfind("\n", 0, start) + 1 : start]
    word = text[start:end]
    guess = of_setting(met, word) or of_value(met, line)
    if guess is not None:
        return guess
    declared = _declares(line.rpartition("{")[2])
    if declared is not None and "=" in met.expected:
        return _declared(met, end, declared[1], declared[2])
    if met.previous == ":" and (keyed := _keyed(line_before(met))):
        return Guess("", f"what a step does follows `=`: `step {keyed[1]} = http.get(…)`")
    guess = _head(met, line, end) or _clause(met, line, word)
    if guess is not None:
        return guess
    if line.lstrip().startswith("for ") and "in" in met.expected:
        return _loop(met, end)
    annotated = _annotates(line)
    if annotated is not None and met.key == "{":
        given = {"timeout": "10s", "retry": "attempts=3"}.get(annotated[1], "…")
        return Guess("", f"what an annotation is given stands in parentheses: `@{annotated[1]}({given})`")
    if annotated is not None and met.key in ("NUMBER", "DURATION", "STRING"):
        return _annotated(met, end, annotated[1])
    if _ensures(line) and _message(text, start):
        at = len(text[:start].rstrip(" \t"))
        return Guess("", MESSAGE, edits=((at, start + 1, " else"),))
    if word == "then" and "{" in met.expected:
        braced = _braced(text, start)
        gone: Edits = ((start, braced.end(), ""),) if braced else ()
        return Guess("there is no `then`", "a block stands in braces: `if c { … }`", edits=gone)
    if word == "as" and met.is_behind_operand:
        return Guess("", "a value has a type where it gets its name: `let a: T = b`")
    if word == "->" and met.is_behind_operand and met.is_adjacent and text[end : end + 1].isidentifier():
        shown = previous if previous.isidentifier() else "…"
        return Guess("", f"a field is read with a dot: `{shown}.name`", edits=((start, end, "."),))
    if previous == ")" and met.key == "NAME" and _casts(line):
        return Guess("", "a value is converted by a filter: `x | int`, `x | string`")
    if previous == ")" and met.key == "NAME" and word != "id" and (help := of_word(word)):
        return Guess("", help)
    if previous[-1:] in ("'", '"') and met.is_adjacent and met.key == "NAME":
        other = '"' if previous[-1] == "'" else "'"
        return Guess("", f"a text that holds `{previous[-1]}` stands in `{other}…{other}`")
    if previous == "return" and met.key in ("NL", "FRESH", "}"):
        return Guess("", "a flow that gives no value has no `return`")
    if met.key in ("NL", "FRESH") and "{" in met.expected and "NUMBER" not in met.expected:
        return Guess("", BRACES)
    return _at_beginning(met, word)


def _at_beginning(met: Met, word: str) -> Guess:
    """What stands where a case, a statement or an item begins, or the `{` of a block, and is nothing known."""
    if "case" in met.expected and met.key not in ("NL", "FRESH", "$END"):
        return Guess("", CASE)
    if "step" in met.expected and "+" not in met.expected:
        return Guess("", _STATEMENT)
    if "{" in met.expected and word in _BEGINNINGS:
        return Guess("", BRACES)
    return Guess("", _ITEM) if {"flow", "import"} <= met.expected and word else NOTHING


def line_before(met: Met) -> str:
    """The line of the token before, up to its end."""
    return met.text[met.text.rfind("\n", 0, met.before[0]) + 1 : met.before[1]]


def _head(met: Met, line: str, end: int) -> Guess | None:
    """The head of a flow, a function or an action, as elsewhere."""
    text, start, key = met.text, met.start, met.key
    if _flow_name(line) and "(" in met.expected and key in ("{", ":", "->"):
        help = "parentheses stand behind the name, also without parameters: `flow name() { … }`"
        edits: Edits = ((met.before[1], met.before[1], "()"),) if key == "{" else ()
        return Guess("", help, edits=edits)
    if key == "{" and met.expected == {"="} and line.startswith("function "):
        value = _returned(text, start)
        edits = ((start, value.end(), f"= {value[1]}"),) if value else ()
        return Guess("", FUNCTION, edits=edits)
    if key == "{" and met.expected == {"="} and line.startswith("action "):
        called = _python(text, start)
        edits = ((start, called.end(), f"= {called[1]}"),) if called else ()
        return Guess("", "an action is Python: `action f(a: int) -> int = python('module:name')`", edits=edits)
    before = line_before(met)
    if "=" in met.expected and (valued := _valued(before)):
        at = met.before[1] - len(before) + valued.start(1)
        help = f"a value follows `=`: `{before[: valued.start(1)].strip()} = {before[valued.end(1) :].strip()}`"
        return Guess("", help, edits=with_blanks(text, at, at + 1, " = "))
    if key == "NAME" and "=" in met.expected and (named := _typed_value(line)):
        return Guess("", f"a value follows `=`, a text stands in quotes: `let {named[1]} = '…'`")
    struct = _is_struct(line) if key == "NAME" and "{" in met.expected else None
    if struct is not None and text[start:end] in _KINDS:
        gone: Edits = ((start, end + 1, ""),) if text.startswith(" {", end) else ()
        return Guess(f"there is no `{text[start:end]}`", f"write `type {struct[1]} {{ … }}`", edits=gone)
    if line.lstrip().startswith("let ") and "=" in met.expected and key in ("NL", "FRESH", "}"):
        return Guess("", _AT_ONCE)
    if met.bracket == "(" and key == "@" and line.startswith(("flow ", "function ", "action ")):
        return Guess("", "a parameter has no annotation; its type says what it is, such as `key: secret`")
    if met.bracket in ("(", "{") and met.expected == {":"} and key == "NAME" and met.previous:
        return _typed(met, text[start:end], end)
    if met.bracket == "(" and met.expected == {":"} and key in (",", ")"):
        return Guess("", f"a parameter has a type: `{met.previous}: string`")
    return None


def _typed(met: Met, word: str, end: int) -> Guess:
    """`int x`, `x int` and `readonly x: int`, as a parameter or a field."""
    what = "a parameter" if met.bracket == "(" else "a field"
    if before_colon(met.text, end):
        help = f"{what} has its name and its type only: `{word}: string`"
        return Guess("", help, edits=((met.before[0], met.start, ""),))
    name, kind = (word, met.previous) if met.previous in TYPES else (met.previous, word)
    edits = ((met.before[0], end, f"{name}: {kind}"),) if kind in TYPES else ()
    return Guess("", f"{what} has its type behind `:`: `{name}: {kind}`", edits=edits)


def _clause(met: Met, line: str, word: str) -> Guess | None:
    """What belongs to a step, as elsewhere."""
    head = line.split()[:1]
    if head == ["catch"] and word == "if" and "{" in met.expected:
        help = "a handler says `when`: `catch http as err when err.status == 404 { … }`"
        return Guess("", help, edits=((met.start, met.start + 2, "when"),))
    if met.previous == "catch" and met.key == "NUMBER":
        return Guess("", f"a status is told by the error: `catch http as err when err.status == {word} {{ … }}`")
    if met.previous == "undo" and met.expected == {"{"} and met.key == "NAME":
        called = _called(met.text, met.start)
        edits: Edits = ((*called.span(), f"{{ do {called[0]} }}"),) if called else ()
        return Guess("", "what undoes a step is a block: `undo { do http.delete(…) }`", edits=edits)
    if head == ["if"] and met.key in ("NL", "FRESH") and "{" in met.expected:
        return Guess("", "a block stands in braces: `if c { … }`; a step that runs only sometimes says `when c`")
    if "{" in met.expected and "for " in line and word in ("concurrency", "parallel"):
        return Guess("", "the width is said above the step: `@concurrency(4)`")
    if head == ["if"] and word == "return" and "{" in met.expected:
        return Guess("", "a flow has one `return`, which says both values: `return a if condition else b`")
    if word == "when" and "case" in met.expected:
        edits = ((met.start, met.start + 4, "case"),)
        return Guess("", "what a `match` compares with begins with `case`", edits=edits)
    if word == "case" and not line.strip() and "NL" in met.expected:
        return Guess("", "`else` stands last in a `match`, behind all `case`")
    if met.key == "NAME" and "every" in line.split() and "NL" in met.expected and word in _LIMITS:
        return Guess(
            "",
            "a limit stands behind `for`: `until … every 10s for 5m`",
            edits=((met.start, met.start + len(word), "for"),),
        )
    if "{" in met.expected and word == "do":
        gone: Edits = ((met.start, met.start + 3, ""),) if met.text.startswith("do {", met.start) else ()
        block = (
            "if c { … }" if head[:1] in (["if"], ["else"]) or line.lstrip().startswith("if(") else "for x in xs { … }"
        )
        return Guess("", f"a block stands in braces: `{block}`", edits=gone)
    return None


def of_value(met: Met, line: str) -> Guess | None:
    """A value where a statement is wanted, and values as elsewhere: `{ none }`, `10%`, `1,000`."""
    text, start = met.text, met.start
    alone = _alone(text, start) if "step" in met.expected and met.previous == "{" else None
    if alone is not None and alone[1] not in _WORDS_ALONE:
        return lone_value(start, line)
    guess = _sign_of_value(met)
    if guess is not None:
        return guess
    if met.previous == "%" and met.key in ("NL", "FRESH", "$END", ")", ",", "}", "]"):
        return Guess("", "a share is a number: ten percent are `0.1`")
    if met.key == "," and met.previous.isdigit() and met.is_adjacent and (rest := _thousands(text, start)):
        ours = met.previous + rest[0].replace(",", "")
        return Guess("", f"no mark stands between digits: `{ours}`", edits=((met.before[0], rest.end(), ours),))
    if met.key == "," and "step" in met.expected and line.lstrip().startswith(("return ", "yield ")):
        return Guess("", "one value is given: a list, `[a, b]`, or a map, `{ a, b }`")
    if met.key == "-" and text.startswith("--", start) and not line.strip():
        return Guess("", "comments begin with `#`", edits=((start, start + 2, "#"),))
    if met.key == "-" and "step" in met.expected and not line.strip():
        return Guess(
            "", "statements stand below one another, without `-`", edits=((start, _behind_dash(text, start), ""),)
        )
    return None


def _sign_of_value(met: Met) -> Guess | None:
    """`|` as YAML has it before lines of text, `() => 1`, `/abc/`, `a |> f` and `yield* xs`."""
    text, start, key, previous = met.text, met.start, met.key, met.previous
    if key == "|" and previous in ("=", ":") and line_is_over(text, start + 1):
        return Guess("", 'a text of several lines stands in `"""`')
    if key == ")" and previous == "(" and _arrow(text, start + 1):
        return Guess("", ARROW)
    if key == "/" and {"NUMBER", "STRING"} <= met.expected:
        return Guess("", "a pattern is a text: `x | matches('[a-z]+')`")
    if key == ">" and previous == "|":
        return Guess("`|>` is not an operator", "write `x | f`", "", (start - 1, start + 1), ((start, start + 1, ""),))
    if key == "*" and previous == "yield":
        help = "a list is a value like any other: `yield xs`"
        return Guess("there is no `yield*`", help, edits=((start, start + 1, ""),))
    return None


def lone_value(start: int, line: str) -> Guess:
    """A value that stands in a body as if it were a statement; `line` is what stands before it."""
    word = "return" if line.startswith("flow ") else "yield"
    help = f"a {'flow' if word == 'return' else 'block'} gives its value with `{word}`"
    return Guess("", help, edits=((start, start, f"{word} "),))


def _behind_dash(text: str, at: int) -> int:
    """The beginning of what stands behind a dash."""
    at += 1
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at


def _declared(met: Met, end: int, keyword: str, name: str) -> Guess:
    """`step x g()`, `let n int = 1`, `let a, b = c`."""
    text, start = met.text, met.start
    word = text[start:end]
    if word == ",":
        return Guess("", ONE_NAME)
    if word in _CHANGING and text.startswith("=", end):
        return Guess(f"`{word}=` is not an operator", "a value never changes; give the new one a name with `let`")
    if word in (".", "(") and keyword == "step":
        help = "a step has a name: `step name = …`; one that nothing refers to is `do …`"
        at = text.rfind("step", 0, met.before[0])
        return Guess("", help, edits=((at, at + 4, "do"),))
    if keyword == "let" and _given(text, start):
        if name in TYPES:
            edits: Edits = ((met.before[0], end, f"{word}: {name}"),)
            return Guess("", f"the type follows the name: `let {word}: {name} = …`", edits=edits)
        if word in TYPES:
            edits = ((met.before[1], start, ": "),)
            return Guess("", f"a type stands behind `:`, as in `let {name}: {word} = …`", edits=edits)
    if keyword == "let" and met.key in ("NL", "FRESH", "}"):
        return Guess("", _AT_ONCE)
    if met.key == "NAME" and start > met.before[1]:
        what = "what a step does" if keyword == "step" else "a value"
        edits = ((met.before[1], start, " = "),)
        return Guess("", f"{what} follows `=`: `{keyword} {name} = …`", edits=edits)
    return NOTHING


def _loop(met: Met, end: int) -> Guess:
    """`for x of xs`, `for each x in xs`, `for i = 0; …`."""
    word = met.text[met.start : end]
    if word == "of":
        return Guess("", "write `for x in xs { … }`", edits=((met.start, end, "in"),))
    if met.previous == "each":
        return Guess("", "write `for x in xs { … }`", edits=((met.before[0], met.start, ""),))
    if met.key == "NAME" and met.previous not in ("for", ","):
        return Guess("", "write `for x in xs { … }`", edits=((met.before[1], met.before[1], " in"),))
    if word == ":" or met.previous == ":":
        return Guess("", "write `for x in xs { … }`")
    if word in ("<", ">", "<=", ">=", "==", "!=", "{"):
        return Guess("", "rounds are written `repeat x = first { … yield y next z }`")
    return Guess("", "numbers are counted with `for i in range(0, 3) { … }`") if word == "=" else NOTHING


def _annotated(met: Met, end: int, name: str) -> Guess:
    """`@timeout 5s` and `@retry 3`."""
    word = met.text[met.start : end]
    given = {"timeout": word, "retry": f"attempts={word}"}.get(name, "…")
    is_known = bool(line_is_over(met.text, end)) and (name, met.key) in (("timeout", "DURATION"), ("retry", "NUMBER"))
    edits: Edits = ((met.before[1], end, f"({given})"),) if is_known else ()
    return Guess("", f"what an annotation is given stands in parentheses: `@{name}({given})`", edits=edits)
