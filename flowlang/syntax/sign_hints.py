"""Guesses at what was meant by a sign or a text where none can stand, by what stands before it and around it."""

from __future__ import annotations

from flowlang import patterns
from flowlang.record import Record
from flowlang.syntax.braces import is_block
from flowlang.syntax.call_hints import of_text
from flowlang.syntax.guess import Guess
from flowlang.syntax.lexing import duration
from flowlang.syntax.line_hints import lone_value
from flowlang.syntax.repairs import apart, of_defaults, of_f_string, of_raw, of_semicolons, with_blanks
from flowlang.syntax.sayings import (
    ARROW,
    BRACES,
    CASE,
    CONDITION,
    FLOW,
    FUNCTION,
    IN_PARENTHESES,
    NO_CONDITION,
    ONE_NAME,
    RESULT,
    policy_of,
    quoted_name,
)
from flowlang.syntax.tokens import text_end
from flowlang.syntax.type_hints import of_dashed_type, of_type_brackets
from flowlang.syntax.word_hints import is_alone, of_word_behind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.repairs import Edits

TEMPLATE = 'a text in double quotes is a template already: `"… {{ name }} …"`'
RAW = "a backslash in a text is written twice: `'\\\\d+'`"
NO_TRY = "put the steps into `sequence { … }` and a `catch` clause behind it"
_is_type = patterns.compile(
    r"[ \t]*(?!(?:true|false)\b)[A-Za-z_][\w.]*(?:\[[^\]\n]*\])?\??[ \t]*(?=[,}#\r\n]|\Z)"
).match
_ends_line = patterns.compile(r"[ \t]*(?:[\r\n}]|\Z)").match
_in_parentheses = patterns.compile(r"\([ \t]*(\w+(?:[ \t]*,[ \t]*\w+)*)[ \t]*\)").match
_is_word = patterns.compile(r"\w+\Z").match
_closes = patterns.compile(r"[ \t]*\}").match
_instant = patterns.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?(Z|[+-]\d\d:\d\d)?)(?![\w.:-])").match
_filtered = patterns.compile(r".*\|[ \t]*\w+[ \t]*\Z").match
_given_value = patterns.compile(r":[ \t]*('[^'\\\r\n]*'|\"[^\"\\\r\n]*\"|[\w.]+)(?=[ \t]*(?:[#\r\n|}]|\Z))").match
_block_called = patterns.compile(r"(?:.*=)?[ \t]*(race|parallel|sequence)[ \t]*\([^()]*\)[ \t]*\Z").match
_done = patterns.compile(r"[ \t]*(do)[ \t]+\w+[ \t]*\Z").match
_minutes = patterns.compile(r"(?::[0-5][0-9]){1,2}\b").match
_formatted = patterns.compile(r":[,<>^+]?[0-9]*\.[0-9]+[fge]?[ \t]*\}").match
_braced = patterns.compile(r"[ \t]*\{").match
_is_braced_function = patterns.compile(r"function[ \t][^\r\n]*\{[ \t]*(?:[\r\n]|\Z)").match
_dashed_key = patterns.compile(r"(\w+(?:-\w+)+)[ \t]*:").match
_dashed_word = patterns.compile(r"[A-Za-z_]\w*(?:-\w+)+(?=[ \t]*(?:[({=]|:[^:]))").match
_dotted = patterns.compile(r"\w+(?:\.\w+)+").match
_optional = patterns.compile(r"\?[ \t]*:[ \t]*([A-Za-z_][\w.]*)(?=[ \t]*[,)}=\r\n])").match
_star_alone = patterns.compile(r"\*[ \t]*\]").match
_item = r"(?:'[^'\\\r\n]*'|\"[^\"\\\r\n]*\"|-?[\w.]+)"
_opens_tuple = patterns.compile(rf".*\bin[ \t]*(\()[ \t]*{_item}[ \t]*\Z").match
_closes_tuple = patterns.compile(rf"(?:[ \t]*,[ \t]*{_item})+[ \t]*\)").match
BLOCK_CALLED = {
    "race": "a `race` is given nothing; its time is bounded above it: `@timeout(5s)`",
    "parallel": "a `parallel` is given nothing; its width is said above it: `@concurrency(4)`",
    "sequence": "a `sequence` is given nothing: `sequence { … }`; its time is bounded above it: `@timeout(5s)`",
}


class Met(Record):
    """A token that cannot stand where it does: what could, where the token before it is, the bracket around it, the
    text as it was given.
    """

    __slots__ = ()

    text: str
    expected: frozenset[str]
    key: str
    start: int
    before: tuple[int, int]
    bracket: str
    given: str

    @property
    def previous(self) -> str:
        """The token before it."""
        return self.text[self.before[0] : self.before[1]]

    @property
    def is_adjacent(self) -> bool:
        """Whether it follows the token before it without a space."""
        return self.before[1] == self.start

    @property
    def is_behind_operand(self) -> bool:
        """Whether an operator could stand there."""
        return "+" in self.expected and "==" in self.expected


def of_sign_at(met: Met) -> Guess | None:
    """Guess at what was meant by a sign, a text, a number or a line end."""
    key, expected = met.key, met.expected
    if (key in ("<", "[") and "+" not in expected) or (key == "]" and "DURATION" not in expected):
        typed = of_type_brackets(met)
        if typed is not None or key != "[":
            return typed
    if key == "]" and met.previous == "[" and met.text.startswith(".", met.start + 1):
        return Guess("", "a field of each item is `xs | map(attribute='id')`")
    if key in ("=", "=="):
        return _equals(met)
    if met.text.startswith(";", met.start):
        return _semicolon(met)
    if key == "STRING":
        return _text(met)
    if key in ("NUMBER", "DURATION"):
        return _number(met)
    if key == ":":
        return _colon(met)
    if key in ("?", ",", ".", "-"):
        return _punctuation(met)
    if key == "->" and met.bracket == "(":
        return Guess("", ARROW)
    if key in ("{", "(", "[", "**", "*", "NL", "FRESH"):
        return _grouping(met)
    return None


_compares = patterns.compile(r"(?s:.*)\b(is(?:[ \t]+not)?)[ \t]*\Z").match


def _semicolon(met: Met) -> Guess:
    """`;` behind a statement, behind a field, and between the parts of a list, a map or a call."""
    message = "`;` has no meaning here"
    if _ends_line(met.text, met.start + 1):
        ends = "a field" if met.bracket == "{" and "step" not in met.expected and "," in met.expected else "a statement"
        return Guess(message, f"a line end ends {ends}", edits=((met.start, met.start + 1, ""),))
    if "," in met.expected:
        edits = of_semicolons(met.text, met.start, ",")
        return Guess(message, "what stands on one line is parted with a comma", edits=edits)
    edits = of_semicolons(met.text, met.start) if "NL" in met.expected else ()
    return Guess(message, "a line end ends a statement", edits=edits)


def _caught(met: Met) -> Guess:
    """`catch (e)` and `catch (http, timeout) as e`."""
    found = _in_parentheses(met.text, met.start)
    if found is None:
        return Guess("", "a handler is written `catch http as err { … }`")
    is_error = len(found[1]) < 4 or found[1] in ("error", "exception")
    ours = f"as {found[1]}" if is_error else found[1]
    help = "the error is named with" if is_error else "kinds stand without parentheses:"
    return Guess("", f"{help} `catch {ours} {{ … }}`", edits=((met.start, found.end(), ours),))


def _equals(met: Met) -> Guess | None:
    text, start, previous = met.text, met.start, met.previous
    if met.key == "==":
        given = "`==` compares; a value is given with `=`"
        return Guess(given, edits=((start, start + 2, "="),)) if "=" in met.expected else None
    if previous in ("+", "-", "*", "/", "//", "%"):
        help = "a value never changes; give the new one a name with `let`"
        return Guess(f"`{previous}=` is not an operator", help, "", (met.before[0], start + 1))
    if previous == "~" and met.is_adjacent:
        span = (start - 1, start + 1)
        return Guess("`~=` is not an operator", "`!=` says not equal", "", span, ((*span, "!="),))
    if text.startswith("=>", start) and met.is_behind_operand:
        return Guess("`=>` has no meaning here", ARROW, "", (start, start + 2))
    if text.startswith("=>", start):
        help = "a result type follows `->`; a value follows `=` or, in a map, `:`"
        return Guess("`=>` has no meaning here", help, "", (start, start + 2))
    if previous == ":" and met.is_adjacent:
        span = (start - 1, start + 1)
        return Guess("`:=` has no meaning here", "a value is given with `=`", "", span, apart(text, *span, "="))
    if previous == "step" and "NAME" in met.expected:
        help = "a step has a name, `step name = …`; one that nothing refers to is `do …`"
        return Guess("", help, edits=((met.before[0], start + 1, "do"),))
    if "->" in met.expected and text.startswith("flow ", text.rfind("\n", 0, start) + 1):
        gone = ((start, start + 1, ""),) if _braced(text, start + 1) else ()
        return Guess("", "the body of a flow follows its head: `flow name() { … }`", edits=gone)
    if met.is_behind_operand and text.startswith("=~", start):
        return of_word_behind(text, met.before, start, "=~")
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if "==" in met.expected and (done := _done(line)):
        at = start - len(line) + done.start(1)
        help = f"what is done under a name is a step: `step {previous} = …`"
        return Guess("", help, edits=((at, at + 2, "step"),))
    if met.is_behind_operand:
        return Guess("`=` does not compare", "write `==`", edits=((start, start + 1, "=="),))
    is_name = _is_word(previous) is not None
    if met.expected == {":"} and is_name and met.bracket in ("{", "(") and not _is_type(text, start + 1):
        kind = _kind_of_value(text[start + 1 :].lstrip(" \t"))
        what = "a field" if met.bracket == "{" else "a parameter"
        help = f"{what} has a type before its default: `{previous}: {kind or 'type'} = …`"
        return Guess("", help, edits=with_blanks(text, start, start + 1, f": {kind} = ") if kind else ())
    if ":" in met.expected and met.bracket == "{":
        return Guess("", "an entry is written `key: value`", edits=with_blanks(text, start, start + 1, ": "))
    return None


def _kind_of_value(text: str) -> str:
    """The type of a literal; '' for what is none."""
    if text.removeprefix('"').removeprefix("'").startswith(("http://", "https://")):
        return "url"
    if text[:1] in "\"'":
        return "string"
    if text.startswith(("true", "false")):
        return "bool"
    number = patterns.compile(r"-?\d+(\.\d+)?(?:(ms|[smhd])\b)?").match(text)
    return "" if number is None else "duration" if number[2] else "float" if number[1] else "int"


def _text(met: Met) -> Guess | None:
    if "NAME" in met.expected and met.previous in ("service", "type", "flow", "function", "action", "step", "let"):
        name = quoted_name(met.text, met.start)
        bare = ((met.start, name.end(), name[2]),) if name else ()
        return Guess("", "a name stands without quotes", edits=bare)
    if met.is_adjacent and met.previous in ("f", "r", "b", "F", "R"):
        message, place = "no letter stands before a text", met.before
        if met.previous in "rR":
            return Guess(message, RAW, "", place, of_raw(met.text, place[0]))
        edits = of_f_string(met.text, place[0]) if met.previous in "fF" else ()
        return Guess(message, TEMPLATE, "", place, edits)
    if met.previous == "." or (met.is_behind_operand and met.previous[-1:] in "\"'"):
        return Guess("", "texts are joined with `~`")
    if met.is_behind_operand and _is_word(met.previous) and not met.is_adjacent and "NL" in met.expected:
        return of_text(met.text, met.before, met.start)
    if met.previous in ("is", "not") and (tested := _compares(met.text[: met.start])):
        ours = "!=" if tested[1].endswith("not") else "=="
        return Guess("", f"values are compared with `{ours}`", edits=((tested.start(1), met.before[1], ours),))
    if "case" in met.expected:
        return Guess("", CASE)
    if "flow" in met.expected and "import" in met.expected:
        return Guess("", "what a file is for stands at its top, each line behind `##!`")
    if "step" in met.expected and met.previous == "{" and _closes(met.text, text_end(met.text, met.start)):
        return lone_value(met.start, met.text[met.text.rfind("\n", 0, met.start) + 1 : met.start])
    if "step" in met.expected and not met.is_behind_operand:
        return Guess("", "what a flow is for stands above it, each line behind `##`")
    return None


def _number(met: Met) -> Guess | None:
    if met.is_behind_operand and _is_word(met.previous) and met.previous[0].isalpha() and "NL" in met.expected:
        return Guess("", f"{IN_PARENTHESES}: `{met.previous}(…)`")
    if met.previous in ("is", "not") and (tested := _compares(met.text[: met.start])):
        ours = "!=" if tested[1].endswith("not") else "=="
        return Guess("", f"values are compared with `{ours}`", edits=((tested.start(1), met.before[1], ours),))
    begin = max(0, met.before[1] - len("2026-01-31"))
    if met.key == "NUMBER" and (instant := _instant(met.text, begin)) and instant.start(2) == met.start:
        ours = f"datetime('{instant[1]}T{instant[2]}{'' if instant[3] else 'Z'}')"
        return Guess("", f"an instant is written `{ours}`", "", instant.span(), ((*instant.span(), ours),), False)
    if met.key == "NUMBER" and met.previous == ".":
        return Guess("", "an element is written `xs[0]`")
    if met.key == "DURATION" and met.is_behind_operand and duration(met.previous):
        return Guess("", f"one duration has one unit, as in `90m`; or add the parts: `{met.previous} + …`")
    if met.is_behind_operand and met.bracket == "[" and "," in met.expected:
        return Guess("", "a comma separates what stands on one line", edits=((met.before[1], met.before[1], ","),))
    return None


def _colon(met: Met) -> Guess | None:
    text, start = met.text, met.start
    if text.startswith("://", start):
        address = patterns.compile(r"[^\s,)}\]]+").match(text, start)
        end = address.end() if address else start + 3
        quoted = f'"{text[met.before[0] : end]}"'
        in_quotes = ((met.before[0], end, quoted),) if met.is_behind_operand else ()
        return Guess("", 'an address stands in quotes: `"https://…"`', "", (met.before[0], end), in_quotes)
    if text.startswith(":=", start) and met.bracket == "(":
        return Guess(
            "`:=` has no meaning here", "a value is named on a line of its own: `let n = …`", "", (start, start + 2)
        )
    if met.is_adjacent and met.previous.isdigit() and (clock := _minutes(text, start)):
        ours = f"'{met.previous}{clock[0]}'"
        return Guess("", f"a time of day is a text: `{ours}`", edits=((met.before[0], clock.end(), ours),))
    if "NL" in met.expected and _filtered(text[text.rfind("\n", 0, start) + 1 : start]):
        given = _given_value(text, start)
        edits: Edits = ((met.before[1], given.end(), f"({given[1]})"),) if given else ()
        return Guess("", f"what a filter is given stands in parentheses: `| {met.previous}(…)`", edits=edits)
    if _formatted(text, start):
        return Guess("", "two decimals are `x | text.number(2)`, with `import text`")
    if met.bracket == "(" and met.is_behind_operand:
        edits = with_blanks(text, start, start + 1, "=") if _is_word(met.previous) else ()
        return Guess("", "an argument is named with `=`: `name=value`", edits=edits)
    if "->" in met.expected and _ends_line(text, start + 1):
        return Guess("", BRACES)
    if "->" in met.expected and _is_braced_function(text, text.rfind("\n", 0, start) + 1):
        return Guess("", FUNCTION)
    if "->" in met.expected:
        return Guess("", RESULT, edits=with_blanks(text, start, start + 1, " -> "))
    if met.previous == "if":
        return Guess("", CONDITION)
    if "{" in met.expected:
        gone: Edits = ((start, start + 1, ""),) if _braced(text, start + 1) else ()
        brace = with_blanks(text, start, start + 1, " {") if is_block(text, start) else gone
        return Guess("", BRACES, edits=brace)
    if met.expected == {"="} and met.bracket == "{" and (policy := policy_of(met.previous)):
        message = f"a service has no setting `{met.previous}`"
        return Guess(message, f"that is said above the service: `{policy}`", "unknown-setting", met.before)
    if met.expected == {"="} and met.bracket == "{":
        edits = with_blanks(text, start, start + 1, " = ")
        return Guess("", f"a setting is given with `=`: `{met.previous} = …`", edits=edits)
    return None


def _punctuation(met: Met) -> Guess | None:
    text, start, key, previous = met.text, met.start, met.key, met.previous
    if key == "?":
        return _question(met)
    if key == "," and previous == ",":
        return Guess("", "one comma stands between two values", edits=((start, start + 1, ""),))
    if key == "," and met.bracket == "(" and ")" in met.expected:
        return Guess("", "a list is written `[a, b]`", edits=_tuple(text, start))
    if key == "," and {"NL", "step"} <= met.expected and _ends_line(text, start + 1):
        return Guess("", "a line end ends a statement", edits=((start, start + 1, ""),))
    if key == "-" and "+" not in met.expected:
        return _dash(met)
    if key == "." and "as" in met.expected and "{" not in met.expected and (dotted := _dotted(text, met.before[0])):
        path = dotted[0].replace(".", "/")
        name = path.rpartition("/")[2]
        return Guess("", f'a file is imported by its path, from this one: `import "{path}.flow" as {name}`')
    if text.startswith("...", start) and key == ".":
        return _spread(met)
    if key == "." and "=" in met.expected and previous == ")":
        return _named_with_colon(text, start)
    if key == "." and previous == "." and met.is_adjacent:
        span = (start - 1, start + 1)
        if text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("case "):
            return Guess("`..` is not an operator", NO_CONDITION, "", span)
        return Guess("`..` is not an operator", "numbers in a row are `range(start, stop)`", "", span)
    if key == "." and "NUMBER" in met.expected and text[start + 1 : start + 2].isdigit():
        return Guess("", "a number begins with a digit: `0.5`")
    return None


def _tuple(text: str, comma: int) -> Edits:
    """`('a', 'b')` behind `in`, with its first comma at a place, as a list."""
    begin = text.rfind("\n", 0, comma) + 1
    opened = _opens_tuple(text[begin:comma])
    closed = _closes_tuple(text, comma)
    if opened is None or closed is None:
        return ()
    at = begin + opened.start(1)
    return ((at, closed.end(), f"[{text[at + 1 : closed.end() - 1]}]"),)


def _dash(met: Met) -> Guess | None:
    """`X-Api-Key` as a key of a map, `date-time` as a type, and `my-step` as a name."""
    text, start = met.text, met.before[0]
    if met.is_adjacent and "?" in met.expected:
        return of_dashed_type(text, start)
    if met.bracket == "{" and "," in met.expected:
        dashed = _dashed_key(text, start)
        if dashed is None:
            return None
        edits = ((start, dashed.end(1), f"'{dashed[1]}'"),)
        return Guess("", f"a key with `-` stands in quotes: `'{dashed[1]}'`", edits=edits)
    word = _dashed_word(text, start) if met.is_adjacent else None
    if word is None:
        return None
    ours = word[0].replace("-", "_")
    # What else is called so would have to be renamed too.
    renamed: Edits = ((*word.span(), ours),) if is_alone(met.given, word[0]) else ()
    return Guess("", f"a name has no `-`: write `{ours}`", edits=renamed)


def _question(met: Met) -> Guess | None:
    text, start = met.text, met.start
    if text.startswith("??", start):
        edits, is_same = of_defaults(text, start)
        return Guess("`??` is not an operator", "write `x | default(y)`", "", (start, start + 2), edits, is_same)
    if text.startswith("?[", start):
        return Guess(
            "`?[` is not an operator",
            "test the value first, or give it a default: `x | default([])`",
            "",
            (start, start + 2),
        )
    if met.is_behind_operand:
        help = "write `a if condition else b`; for a value in place of none, `x | default(y)`"
        return Guess("`?` is not an operator", help)
    if ":" in met.expected:
        typed = _optional(text, start)
        edits = ((start, typed.end(1), f": {typed[1]}?"),) if typed else ()
        return Guess("", f"the `?` stands behind the type: `{met.previous}: string?`", edits=edits)
    return None


def _spread(met: Met) -> Guess:
    span = (met.start, met.start + 3)
    message = "`...` is not an operator"
    if "step" in met.expected and "+" not in met.expected:
        return Guess("`...` has no meaning here", "a block may be empty: `{ }`", "", span)
    if met.bracket == "{":
        return Guess(message, "write `**other` to put the entries of a map in", "", span, ((*span, "**"),))
    if met.bracket == "[":
        return Guess(message, "lists are joined with `+`: `xs + [1]`", "", span)
    return Guess(message, "arguments are given one by one, by place or as `name=value`", "", span)


def _named_with_colon(text: str, at: int) -> Guess | None:
    """`step a: http.get(…)` up to a place behind its parentheses."""
    begin = max(text.rfind("step ", 0, at), text.rfind("let ", 0, at), 0)
    named = patterns.compile(r"(?:step|let)[ \t]+\w+[ \t]*(:\s*)[^=]*\Z").match(text[:at], begin)
    edits = ((named.start(1), named.end(1), " = "),) if named else ()
    return Guess("", "behind `:` stands a type; what a step does follows `=`", edits=edits)


def _grouping(met: Met) -> Guess | None:
    text, start, key, previous = met.text, met.start, met.key, met.previous
    if key == "{" and previous == "try":
        return Guess("there is no `try`", NO_TRY, "", met.before)
    if key == "{" and previous == "{" and met.is_adjacent:
        help = "outside a text write the bare expression"
        return Guess("`{{ }}` belongs into a text", help, "", (start - 1, start + 1))
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if key == "{" and patterns.compile(r"\s*step[ \t]+\w+[ \t]*\Z").match(line):
        return Guess("", f"what a step does follows `=`: `{line.strip()} = …`")
    if key == "{" and patterns.compile(r"\s*on[ \t]+\w+[ \t]*\Z").match(line):
        return Guess("", f"a trigger is written like a call: `{line.strip()}(…)`")
    if key == "{" and (given := _block_called(line)):
        return Guess("", BLOCK_CALLED[given[1]])
    if key == "{" and previous == ")" and patterns.compile(r"\s*(?:step|do|let)\b").match(line):
        return Guess("", "what belongs to a step are clauses below it, such as `after a`, `when c`, `catch { … }`")
    if key in ("{", "(", "[") and previous == "let":
        return Guess("", ONE_NAME)
    if key in ("NL", "FRESH") and "=" in met.expected and previous == ")":
        return _named_with_colon(text, start)
    if key == "(" and previous == "catch":
        return _caught(met)
    if key == "(" and previous == "for":
        return Guess("", "no parentheses stand there: `for x in xs { … }`")
    if key == "{" and previous == "repeat":
        return Guess("", "rounds are written `repeat x = first { … yield y next z }`")
    if key == "*" and met.bracket == "[" and previous in ("[", ",") and not _star_alone(text, start):
        return Guess("", "lists are joined with `+`: `xs + [1]`")
    if key == "*" and met.bracket == "[" and previous == "[":
        return Guess("", "a field of each item is `xs | map(attribute='id')`")
    if key == "{" and met.expected >= {"flow", "import"}:
        return Guess("", FLOW)
    if key in ("{", "(", "[") and previous == "step":
        return Guess("", "a step has a bare name: `step name = …`")
    if key in ("**", "*") and met.bracket == "(" and previous in ("(", ","):
        return Guess("", "arguments are given one by one, by place or as `name=value`")
    if key == "NL" and "{" in met.expected and patterns.compile(r"\s*\{").match(text, start):
        return Guess("", "the `{` of a block stands on the same line")
    return None
