"""What people of other languages write by habit, and how it is said here: methods, functions, fields and names.

Data for help lines; `{x}` stands for what the method is called on. Nothing here decides whether something is a mistake.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_ADD: Final = "a value never changes; a longer list is `{x} + [item]`"
_UPDATE: Final = "a value never changes; a new map is `{{ **{x}, key: value }}`"
_REMOVE: Final = "a value never changes; `{x} | reject(…)` and `{x} | omit(['key'])` give new ones"
_CONFIG: Final = "declare it in `config { … }` and read `config.name`"
_LENGTH: Final = "`{x} | length`"
_IN: Final = "`'part' in {x}`"
_STRING: Final = "`{x} | string`, or write it in a template"
SEEN: Final = "the value of every step is seen in the run; to tell people, `import notify`"
METHODS: Final = {
    **dict.fromkeys(("strip", "lstrip", "rstrip", "trimStart", "trimEnd"), "`{x} | trim`"),
    **dict.fromkeys(("toUpperCase", "to_upper", "uppercase", "upcase"), "`{x} | upper`"),
    **dict.fromkeys(("toLowerCase", "to_lower", "lowercase", "casefold", "downcase"), "`{x} | lower`"),
    **dict.fromkeys(("startswith", "startsWith", "hasPrefix"), "`{x} | starts_with('…')`"),
    **dict.fromkeys(("endswith", "endsWith", "hasSuffix"), "`{x} | ends_with('…')`"),
    **dict.fromkeys(("includes", "contains", "has", "has_key", "hasOwnProperty", "indexOf", "index", "find"), _IN),
    **dict.fromkeys(("append", "push", "add", "extend", "concat", "insert"), _ADD),
    **dict.fromkeys(("len", "size", "getLength", "__len__"), _LENGTH),
    **dict.fromkeys(("toString", "str", "to_s", "isoformat", "toISOString", "String"), _STRING),
    **dict.fromkeys(("substring", "substr", "slice"), "`{x}[0:3]`"),
    **dict.fromkeys(("update", "assign", "setdefault", "set", "put"), _UPDATE),
    **dict.fromkeys(("pop", "remove", "splice", "clear"), _REMOVE),
    **dict.fromkeys(("filter", "where", "grep"), "`[x for x in {x} if …]`"),
    **dict.fromkeys(("reduce", "fold", "inject"), "`{x} | sum`, or rounds of `repeat`"),
    **dict.fromkeys(("forEach", "each"), "`for x in {x} {{ … }}`"),
    **dict.fromkeys(("sorted", "toSorted", "sort_by", "orderBy"), "`{x} | sort(attribute='…')`"),
    **dict.fromkeys(("splitlines", "lines"), "`text.lines({x})`, with `import text`"),
    **dict.fromkeys(("strftime", "toLocaleString"), "`time.format({x}, '%Y-%m-%d')`, with `import time`"),
    **dict.fromkeys(("replaceAll", "gsub", "sub"), "`{x} | replace('old', 'new')`"),
    **dict.fromkeys(("isEmpty", "is_empty", "empty"), "`not {x}`"),
    "flatMap": "`[… for x in {x}] | flatten`",
    "format": 'a template: `"… {{{{ value }}}} …"`',
    "json": "`json` is a field of the answer: `{x}.json`",
    "then": "a step that refers to another waits for it",
    "entries": "`{x} | items`",
    "isdigit": "`{x} | matches('^[0-9]+$')`",
}  # fmt: skip
FIELDS: Final = {
    **dict.fromkeys(("length", "size", "count", "len", "Length", "Count"), _LENGTH),
    **dict.fromkeys(("first", "last"), "`{x} | {name}`"),
    **dict.fromkeys(("keys", "values", "items"), "`{x} | {name}`"),
}
FUNCTIONS: Final = {
    **dict.fromkeys(("len", "size"), "`x | length`"),
    **dict.fromkeys(("str", "toString", "String"), "`x | string`, or write it in a template"),
    **dict.fromkeys(("parseInt", "Number", "parseFloat"), "`x | int` or `x | float`"),
    **dict.fromkeys(("print", "println", "printf", "puts", "echo", "console", "logger"), SEEN),
    **dict.fromkeys(("sleep", "delay", "pause", "setTimeout"), "`wait(5s)`"),
    **dict.fromkeys(("today", "utcnow", "current_date"), "`date(at)`, where `step at = now()`"),
    **dict.fromkeys(("require", "include"), "`import http` at the top of the file"),
    **dict.fromkeys(("assert", "check"), "`ensure condition else 'what is wrong'` behind the step"),
    **dict.fromkeys(("sorted", "reversed"), "`xs | sort`, `xs | reverse`"),
    **dict.fromkeys(("enumerate", "filter", "reduce"), "a comprehension: `[… for x in xs if …]`"),
    **dict.fromkeys(("isinstance", "type", "typeof"), "a test: `x is string`, `x is number`"),
    **dict.fromkeys(("dict", "set", "tuple", "object"), "`{ key: value }` and `[a, b]` are written out"),
    **dict.fromkeys(("any", "all"), "`xs | select(…) | length > 0`"),
    **dict.fromkeys(("getenv", "env"), _CONFIG),
    **dict.fromkeys(("raise", "throw", "error", "exit", "abort"), "`fail('text', code='x')`"),
    **dict.fromkeys(("fetch", "requests", "axios", "curl"), "`http.get(url)`, with `import http`"),
    "bool": "a comparison gives a bool: `x == 'yes'`",
    "ceil": "`x | round(method='ceil')`",
    "floor": "`x | round(method='floor')`",
    "hash": "`text.sha256(x)`, with `import text`",
}
NAMES: Final = {
    **dict.fromkeys(("True", "TRUE", "yes", "on"), "`true`"),
    **dict.fromkeys(("False", "FALSE", "no", "off"), "`false`"),
    **dict.fromkeys(("None", "nil", "NULL", "undefined", "Null", "nothing"), "`none`"),
    **dict.fromkeys(("env", "environ", "secrets", "settings", "vars", "var", "process"), _CONFIG),
    **dict.fromkeys(("local", "locals"), "what `let` declares is read by its name"),
    **dict.fromkeys(("inputs", "input", "params", "args", "trigger"), "the flow's parameters are read by their names"),
    **dict.fromkeys(("steps", "outputs", "nodes", "tasks", "needs", "self", "this"), "a step is read by its name"),
    **dict.fromkeys(("item", "loop", "_"), "the item of a loop is read by the name that `for` gives it"),
}  # fmt: skip
TIMES: Final = frozenset("schedule every interval timer daily hourly".split())
"""Triggers of other tools that say when."""


def method(name: str, holder: str) -> str:
    """How a method of another language is said here; '' if that is not known."""
    return METHODS.get(name, "").format(x=holder, name=name)


def field(name: str, holder: str) -> str:
    """How a field that values have elsewhere is said here; '' if that is not known."""
    return FIELDS.get(name, "").format(x=holder, name=name)
