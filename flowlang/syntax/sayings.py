"""What several guesses say or look for: help lines, names of types, and the ends of lines."""

from __future__ import annotations

from flowlang import patterns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

ARROW: Final = "write a list comprehension `[e for x in xs if c]`, or name a `function`"
BRACES: Final = "a block stands in braces: `{ … }`"
CASE: Final = "a case is written `case 'a', 'b' { yield … }`, and what is left `else { yield … }`"
CONDITION: Final = "a condition follows the call: `step name = http.get(…) when condition`"
FLOW: Final = "a flow is written `flow name(id: string) { … }`, its steps below one another: `step name = …`"
FUNCTION: Final = "a function is one expression: `function f(a: int) -> int = a + 1`"
HANDLED: Final = "a failure is handled behind the step: `catch { yield none }`"
IN_PARENTHESES: Final = "what is given to a call stands in parentheses"
MESSAGE: Final = "the message follows `else`: `ensure condition else 'what is wrong'`"
NO_CONDITION: Final = "a `case` names values, `case 1, 2 { … }`; conditions are `if c { … } else if d { … } else { … }`"
ONE_NAME: Final = "each value has a name of its own: `let a = xs[0]`, `let b = item.b`"
ORDER: Final = "a step waits for those it refers to; for order alone write `after name` behind it"
RESULT: Final = "a result type follows `->`"
SEEN: Final = "the value of every step is seen in the run; to tell people, `do notify.slack(…)`"
TIMEOUTS: Final = frozenset("timeout timeout_s timeout_seconds request_timeout".split())
"""How the time of a call is called elsewhere."""
TYPES: Final = frozenset("string int float bool datetime date duration url any list map secret bytes".split())
line_is_over: Final = patterns.compile(r"[ \t]*(?:[#\r\n]|\Z)").match
statement_is_over: Final = patterns.compile(r"[ \t]*(?:[#\r\n}]|\Z)").match
_declares: Final = patterns.compile(r"[ \t]*(?:step|let)[ \t]+\w+[ \t]*:[ \t]*([^=\r\n]*[^=\s])[ \t]*=").match
_returns: Final = patterns.compile(r"[ \t]*return\b").match
_result: Final = patterns.compile(r"->[ \t]*(.[^{\r\n]*[^{\s]|\w)[ \t]*\{").match
quoted_name: Final = patterns.compile(r"(['\"])([A-Za-z_]\w*)\1").match


def admits_none(text: str, start: int) -> bool | None:
    """Whether what is declared admits none as the value of the statement in whose line a place is; null for none."""
    line = text.rfind("\n", 0, start) + 1
    declared = _declares(text, line, start)
    if declared is None and _returns(text, line, start):
        arrow = text.find("->", text.rfind("\nflow ", 0, start) + 1, start)
        declared = _result(text, arrow, start) if arrow >= 0 else None
    return None if declared is None else declared[1].endswith(("?", "none"))


def policy_of(setting: str) -> str:
    """The annotation that says of a service what a setting says elsewhere; '' if that is not known."""
    if setting in TIMEOUTS:
        return "@timeout(5s)"
    if "retry" in setting or "retries" in setting:
        return "@retry(attempts=3)"
    return _POLICIES.get(setting, "")


_POLICIES: Final = {
    **dict.fromkeys(("breaker", "circuit_breaker"), "@breaker"),
    **dict.fromkeys(("rate_limit", "ratelimit"), "@rate_limit(100, per=1m)"),
    **dict.fromkeys(("concurrency", "max_parallel", "max_concurrency"), "@concurrency(4)"),
    **dict.fromkeys(("cache", "ttl"), "@cache(ttl=1h)"),
}
