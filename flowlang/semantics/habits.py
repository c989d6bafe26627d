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
CONFIG: Final = "declare it in `config { … }` and read `config.name`"
_EVENT: Final = "`events.wait('name')`, with `import events`"
_ARRIVED: Final = (
    "what starts a flow gives its parameters, `on webhook('/path') with { id: webhook.json.id }`, read by their names"
)
_LENGTH: Final = "`{x} | length`"
_IN: Final = "`'part' in {x}`"
_STRING: Final = "`{x} | string`, or write it in a template"
SEEN: Final = "the value of every step is seen in the run; to tell people, `import notify`"
_FORMAT: Final = (
    'a value is written in a template, `"{{ x }}"`; two decimals are `text.number(x, 2)`, with `import text`, '
    "a time is `time.format(at, '%H:%M')`, with `import time`"
)
_CALL: Final = "an action, or another flow, is called by its name: `step r = name(id=id)`"
PARALLEL: Final = (
    "steps that do not refer to each other run at the same time; for one value of them write `parallel { … }`"
)
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
PARTS: Final = frozenset("year month day hour minute second weekday".split())
"""What is read from an instant elsewhere, and here from `time.parts` of it."""
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
    "enumerate": "`for i in range(xs | length) { … }`, with the item `xs[i]`",
    **dict.fromkeys(("filter", "reduce"), "a comprehension: `[… for x in xs if …]`"),
    **dict.fromkeys(("isinstance", "type", "typeof"), "a test: `x is string`, `x is number`"),
    **dict.fromkeys(("dict", "object"), "`{ key: value }`"),
    **dict.fromkeys(("set", "tuple"), "`[a, b]`"),
    **dict.fromkeys(("timedelta", "Duration"), "a duration is written with its unit: `3d`, `12h`, `30s`"),
    **dict.fromkeys(("format", "sprintf"), _FORMAT),
    **dict.fromkeys(("dumps", "stringify"), "`x | tojson`"),
    "loads": "`json.parse(x)`, with `import json`",
    "strptime": "`time.parse(x, '%Y-%m-%d')`, with `import time`",
    **dict.fromkeys(("any", "all"), "`xs | select(…) | length > 0`"),
    **dict.fromkeys(("getenv", "env"), CONFIG),
    **dict.fromkeys(("raise", "throw", "error", "exit", "abort"), "`fail('text', code='x')`"),
    **dict.fromkeys(("fetch", "requests", "axios", "curl"), "`http.get(url)`, with `import http`"),
    **dict.fromkeys(("jsonencode", "toJSON", "to_json", "json_encode"), "`x | tojson`"),
    **dict.fromkeys(("jsondecode", "fromJSON", "from_json", "json_decode"), "`json.parse(x)`, with `import json`"),
    **dict.fromkeys(("concat", "append", "push"), "`xs + ys`"),
    **dict.fromkeys(("contains", "includes"), "`x in xs`"),
    **dict.fromkeys(("toset", "distinct", "uniq"), "`xs | unique`"),
    **dict.fromkeys(
        ("file", "open", "read_file", "templatefile", "render_template"),
        "`text.render('x.j2', { … })` for a document beside the flow, with `import text`",
    ),
    **dict.fromkeys(("lookup", "getattr"), "`m | get('key') | default('x')`"),
    **dict.fromkeys(("try", "coalesce", "can", "ifelse", "nvl"), "`x | default('y')`, where `x` may be none"),
    **dict.fromkeys(("always", "failure", "cancelled"), "a failure is handled behind the step: `catch { … }`"),
    "success": "a step that waits for another runs only if that succeeded: leave the condition out",
    **dict.fromkeys(("Date", "timestamp"), "`step at = now()`"),
    **dict.fromkeys(("child_workflow", "execute_activity", "execute_child_workflow"), _CALL),
    **dict.fromkeys(("gather", "Parallel", "parallel"), PARALLEL),
    "race": "steps of which the first counts stand in `race { … }`",
    **dict.fromkeys(("retry", "with_retry"), "attempts are said above the step: `@retry(attempts=3)`"),
    **dict.fromkeys(("with_timeout", "timeout"), "time is bounded above the step: `@timeout(10s)`"),
    "bool": "a comparison gives a bool: `x == 'yes'`",
    "ceil": "`x | round(method='ceil')`",
    "floor": "`x | round(method='floor')`",
    "hash": "`text.sha256(x)`, with `import text`",
}
NAMES: Final = {
    **dict.fromkeys(("True", "TRUE", "yes", "on"), "`true`"),
    **dict.fromkeys(("False", "FALSE", "no", "off"), "`false`"),
    **dict.fromkeys(("None", "nil", "NULL", "undefined", "Null", "nothing"), "`none`"),
    **dict.fromkeys(("env", "environ", "secrets", "settings", "vars", "var", "process"), CONFIG),
    **dict.fromkeys(("local", "locals"), "what `let` declares is read by its name"),
    **dict.fromkeys(("inputs", "input", "params", "args", "trigger"), "the flow's parameters are read by their names"),
    **dict.fromkeys(("steps", "nodes", "tasks", "needs", "self", "this"), "a step is read by its name"),
    **dict.fromkeys(("ti", "xcom", "task_instance", "outputs", "dag"), "a step is read by its name"),
    **dict.fromkeys(("log", "logger", "logging", "console"), SEEN),
    **dict.fromkeys(("os", "sys", "vault", "hostvars", "inventory"), CONFIG),
    **dict.fromkeys(("github", "gitlab", "context", "ctx", "dag_run", "execution"), _ARRIVED),
    **dict.fromkeys(("workflow", "activity", "asyncio", "Promise"), _CALL),
    **dict.fromkeys(("ds", "execution_date", "run_date"), "the day is `date(at)`, where `step at = now()`"),
    **dict.fromkeys(("matrix", "each"), "the item of a loop is read by the name that `for` gives it"),
    **dict.fromkeys(
        ("usage", "tokens", "cost"), "what an answer took is read from it: `answer.usage.total_tokens`, of `llm.chat`"
    ),
    **dict.fromkeys(("err", "error"), "a failure is handled behind the step: `catch as err { … }`"),
    **dict.fromkeys(("item", "loop", "_"), "the item of a loop is read by the name that `for` gives it"),
}  # fmt: skip
_NOW: Final = "`step at = now()`"
MEMBERS: Final = {
    **dict.fromkeys(("datetime.now", "datetime.utcnow", "Date.now"), _NOW),
    **dict.fromkeys(("datetime.today", "date.today"), "`date(at)`, where `step at = now()`"),
    **dict.fromkeys(("datetime.strptime", "date.strptime"), FUNCTIONS["strptime"]),
    **dict.fromkeys(("datetime.timedelta",), FUNCTIONS["timedelta"]),
    **dict.fromkeys(("Math.max", "math.max"), "`[a, b] | max`"),
    **dict.fromkeys(("Math.min", "math.min"), "`[a, b] | min`"),
    **dict.fromkeys(("Math.abs", "math.abs"), "`x | abs`"),
    **dict.fromkeys(("Math.round", "math.round"), "`x | round | int`"),
    **dict.fromkeys(("Math.pow", "math.pow"), "`x ** y`"),
    **dict.fromkeys(("Math.random", "random.random"), "`step r = random()`"),
    **dict.fromkeys(("json.dumps", "json.stringify"), "`x | tojson`, or `json.dump(x)` with `import json`"),
    **dict.fromkeys(("json.loads", "json.decode"), "`json.parse(x)`"),
    **dict.fromkeys(("Promise.all", "Promise.allSettled", "asyncio.gather"), PARALLEL),
    **dict.fromkeys(("Promise.race", "Promise.any"), "steps of which the first counts stand in `race { … }`"),
    **dict.fromkeys(("os.getenv", "os.environ.get"), CONFIG),
    **dict.fromkeys(("random.choice", "random.sample"), "`xs[(r * (xs | length)) | int]`, where `step r = random()`"),
    **dict.fromkeys(("random.randint", "random.uniform"), "`(r * 10) | int`, where `step r = random()`"),
    **dict.fromkeys(("uuid.uuid4", "crypto.randomUUID", "uuid.v4"), "`step id = uuid()`"),
    **dict.fromkeys(("workflow.execute_activity", "workflow.execute_child_workflow", "context.call_activity"), _CALL),
    **dict.fromkeys(("workflow.sleep", "asyncio.sleep", "workflow.timer"), "`wait(5s)`"),
    **dict.fromkeys(("workflow.wait_condition", "workflow.wait_for_signal"), _EVENT),
    **dict.fromkeys(("workflow.now", "time.time", "time.now"), _NOW),
    "Math.floor": "`math.floor(x)`, with `import math`",
    "Math.ceil": "`math.ceil(x)`, with `import math`",
    "Math.sqrt": "`math.sqrt(x)`, with `import math`",
    "JSON.stringify": FUNCTIONS["dumps"],
    "JSON.parse": FUNCTIONS["loads"],
    "Object.keys": "`x | keys`",
    "Object.values": "`x | values`",
    "Object.entries": "`x | items`",
    "Array.isArray": "`x is sequence`",
}  # fmt: skip
"""Functions of other languages that are called by two names."""
FILTERS: Final = {
    "format": FUNCTIONS["format"],
    **dict.fromkeys(
        ("e", "escape"), "what is written into a `.html`, `.html.j2` or `.xml.j2` is escaped: leave it out"
    ),
    "safe": "everything written into a `.html` is escaped; markup stands in the template itself",
    **dict.fromkeys(("ternary", "iif"), "`a if condition else b`"),
    **dict.fromkeys(("combine", "merge_maps"), "`x | merge(y)`"),
    **dict.fromkeys(("regex_replace", "re_sub"), "`x | replace('old', 'new')`; patterns replace nothing"),
    **dict.fromkeys(("regex_search", "match", "search"), "`x | matches('^[0-9]+$')`"),
    **dict.fromkeys(("from_json", "fromjson", "parse_json"), "`json.parse(x)`, with `import json`"),
    **dict.fromkeys(("bool", "boolean"), FUNCTIONS["bool"]),
    **dict.fromkeys(("mandatory", "required"), "what may be none is tested by an `ensure`; all else is there"),
    **dict.fromkeys(("tojson_pretty", "to_nice_json", "to_json", "json"), "`x | tojson`"),
}
TESTS: Final = {
    **dict.fromkeys(("empty", "blank"), "an empty value is false: `not x`, or `x | length > 0`"),
    **dict.fromkeys(
        ("succeeded", "success", "ok", "changed", "completed"),
        "a step that waits for another runs only if that succeeded: leave the test out",
    ),
    **dict.fromkeys(
        ("failed", "failure", "error", "errored"),
        "a failure is handled behind the step, `catch { yield none }`; then ask `is none`",
    ),
    **dict.fromkeys(("skipped",), "a step that did not run is none: `x is none`"),
    **dict.fromkeys(("match", "search", "regex", "contains"), "`x | matches('^[0-9]+$')`, `'part' in x`"),
}
"""Tests of other languages."""
TIMES: Final = frozenset("schedule every interval timer daily hourly".split())
"""Triggers of other tools that say when."""
TRIGGERS: Final = {
    **dict.fromkeys(
        "manual workflow_dispatch workflow_call none start manually".split(),
        "a flow is started by hand without a trigger: `flowlang run`",
    ),
    **dict.fromkeys(
        "http request api route post get put endpoint http_request form pull_request push repository_dispatch".split(),
        "a request is `on webhook('/path') with { … }`",
    ),
    **dict.fromkeys(
        "message queue topic kafka sqs pubsub amqp signal email file upload".split(), "an event is `on event('name')`"
    ),
}
"""Triggers of other tools that say by what."""


def method(name: str, holder: str) -> str:
    """How a method of another language is said here; '' if that is not known."""
    return METHODS.get(name, "").format(x=holder, name=name)


def field(name: str, holder: str) -> str:
    """How a field that values have elsewhere is said here; '' if that is not known."""
    return FIELDS.get(name, "").format(x=holder, name=name)
