"""Guesses at what was meant by `key: value` and `key {` where a statement or an item begins, as elsewhere.

Data for help lines, by the word; what is not listed is named by its place.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.syntax.guess import NOTHING, Guess
from flowlang.syntax.sayings import CONDITION, FLOW, HANDLED, ORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_key: Final = patterns.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?!=)").match
_block: Final = patterns.compile(r"([A-Za-z_]\w*)[ \t]*(?:[\"'][\w-]+[\"'][ \t]*)*\{").match
_CONFIG: Final = "values from outside are declared in `config { name: string = 'default' }` and read as `config.name`"
_CALL: Final = "a call is a step: `step name = http.get(…)`"
_UNDOING: Final = ("compensate", "compensation", "rollback", "revert")
_KEYS: Final = {
    **dict.fromkeys(
        ("retry", "retries", "attempts", "max_attempts"), "attempts are said above the step: `@retry(attempts=3)`"
    ),
    **dict.fromkeys(
        ("timeout", "deadline", "timeout-minutes", "timeoutSeconds", "TimeoutSeconds"),
        "time is bounded above the step: `@timeout(10s)`",
    ),
    **dict.fromkeys(("concurrency", "max_parallel"), "the width is said above the step: `@concurrency(4)`"),
    **dict.fromkeys(
        ("needs", "depends_on", "dependsOn", "requires", "after"),
        ORDER,
    ),
    **dict.fromkeys(("when", "condition"), CONDITION),
    **dict.fromkeys(
        ("continue-on-error", "ignore_errors", "failed_when",
         "on_error", "on-error", "onError", "on_failure", "rescue", "catch"),
        HANDLED,
    ),
    **dict.fromkeys(("env", "environment", "vars", "variables", "secrets", "variable", "config"), _CONFIG),
    **dict.fromkeys(
        ("for_each", "foreach", "loop", "with_items", "matrix", "strategy", "count"), "write `for x in xs { … }`"
    ),
    **dict.fromkeys(
        ("register", "resultPath", "ResultPath"), "what a step gives is read by its name: `step name = http.get(…)`"
    ),
    **dict.fromkeys(("next", "Next", "goto", "End"), "references make the order: a step waits for those it refers to"),
    **dict.fromkeys(("name", "description", "title", "id"), "what a thing is for stands above it, behind `##`"),
    **dict.fromkeys(_UNDOING, "what undoes a step is a clause of it: `undo { do http.delete(…) }`"),
    **dict.fromkeys(("jobs", "steps", "tasks", "stages", "workflow", "job", "resource"), FLOW),
    "module": 'a file is imported by its path: `import "x.flow" as x`',
    **dict.fromkeys(("provider", "terraform"), "what is called is declared: `service name { base_url = … }`"),
    **dict.fromkeys(("data", "uses", "run", "script", "action", "call"), _CALL),
    **dict.fromkeys(("inputs", "input", "params", "parameters", "args"), FLOW),
    **dict.fromkeys(("output", "outputs"), "a flow gives its value with `return`"),
    **dict.fromkeys(("locals", "local"), "write `let name = …`"),
    **dict.fromkeys(("import", "imports", "modules", "dependencies"), "write `import http`, a line for each"),
}  # fmt: skip


def of_key(text: str, expected: frozenset[str], start: int) -> Guess:
    """Guess at what was meant by a known key, or head of a block, that stands where a statement or an item begins."""
    if text[text.rfind("\n", 0, start) + 1 : start].strip():
        return NOTHING
    found = _key(text, start)
    if found is None:
        found = _block(text, start)
        if found is None or found[1] not in _KEYS:
            return NOTHING
        edits = ((*found.span(1), "undo"),) if found[1] in _UNDOING else ()
        return Guess("", _KEYS[found[1]], edits=edits)
    if found[1] == "config" and "flow" in expected:
        return Guess("", "a block stands in braces: `config { … }`")
    return Guess("", _KEYS[found[1]]) if found[1] in _KEYS else NOTHING


def of_other_key(text: str, start: int) -> Guess:
    """Guess at what was meant by a key of any name that begins a line of a flow."""
    if _key(text, start) is None or text[text.rfind("\n", 0, start) + 1 : start].strip():
        return NOTHING
    return Guess("", "a value has a name by `let name = …`, a call by `step name = …`")


def of_word(word: str) -> str:
    """How it is said here what a word such as `retry` says behind a call elsewhere; '' if that is unknown."""
    return _KEYS.get(word, "")
