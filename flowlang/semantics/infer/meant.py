"""What was meant by a value that does not fit, where that can be told: the help, and the fix if it is mechanical.

Asked only for findings, so time does not matter here.
"""

from __future__ import annotations

from itertools import pairwise

from flowlang import patterns
from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.catalog import ERROR_TYPES
from flowlang.semantics.infer.around import path_to
from flowlang.semantics.operators import kind_of
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.lexing import duration
from flowlang.syntax.numbers import LARGEST, is_number
from flowlang.types.assign import assignable, reveal
from flowlang.types.formats import cron_problem, is_date, is_date_time
from flowlang.types.join import members
from flowlang.types.members import Member, member
from flowlang.types.model import NEVER, Bool, Cron, Duration, Float, Int, List, LiteralOf, Map, RecordOf, String, Url
from flowlang.types.narrow import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference
    from flowlang.types.model import Type

    Advice = tuple[str, tuple[Fix, ...]]


def meant(c: Inference, node: ast.Expr | ast.Block, found: Type, target: Type) -> Advice | None:
    """What to write instead of a value; null if that cannot be told."""
    goal = without_none(target)
    return (
        _as_field(c, node, goal)
        or _of_text(c, node, goal)
        or _of_literal(c, node, found, goal)
        or _filter_of_the_last(c, node, found, goal)
        or _as_whole(c, node, found, goal)
        or _as_day(c, node, found, goal)
        or inner_value(c, node, found)
        or _without_gaps(c, node, found, goal)
        or _single(c, node, found, goal)
        or _listed_text(c, node, found, goal)
        or _as_texts(c, node, goal)
        or _as_map(c, node, goal)
    )


def joined(c: Inference, node: ast.Node) -> Advice | None:
    """A url that is joined from pieces, `'https://a.example/' + id`, as a template, which encodes what is filled in."""
    pieces = _pieces(node)
    parts = [_in_template(c, each) for each in pieces]
    text = c.file.source.text
    has_comment = any("#" in text[one.end : other.start] for one, other in pairwise(pieces))
    is_text = any(isinstance(each, (ast.Text, ast.Template)) for each in pieces)
    if len(pieces) < 2 or None in parts or has_comment or not is_text:
        return None
    ours = '"' + "".join(part for part in parts if part) + '"'
    return f"a url is written as a template: `{ours}`", _replace(c, node, ours, "write a template", safe=False)


def _pieces(node: ast.Node) -> list[ast.Node]:
    """What is joined with `+` or `~`, from left to right."""
    if isinstance(node, ast.Binary) and node.operator in ("+", "~"):
        return [*_pieces(node.left), *_pieces(node.right)]
    return [node]


def _in_template(c: Inference, node: ast.Node) -> str | None:
    """A piece as it stands in a template; null for one that cannot without being rewritten."""
    written = c.file.source.text[node.start : node.end]
    if isinstance(node, ast.Text):
        return node.value if written[1:-1] == node.value and not set(node.value) & set('"{}') else None
    if isinstance(node, ast.Template):
        return written[1:-1] if not written.startswith('"""') else None
    is_simple = isinstance(node, (ast.Name, ast.Attribute, ast.Index, ast.Call))
    return f"{{{{ {written} }}}}" if is_simple and "\n" not in written else None


def _written(c: Inference, node: ast.Node) -> str:
    """A piece of source to the character, for fixes."""
    return c.file.source.text[node.start : node.end]


def _replace(c: Inference, node: ast.Node, text: str, title: str = "", safe: bool = True) -> tuple[Fix, ...]:
    edit = Edit(Span(c.file.path, node.start, node.end), text)
    return (Fix(title or f"write `{text}`", (edit,), safe),)


# ---- values in quotes


def _as_field(c: Inference, node: ast.Node, goal: Type) -> Advice | None:
    """`xs | sort('id')`, where the field to sort by has a name of its own."""
    if not isinstance(node, ast.Text) or not isinstance(goal, Bool) or not node.value.isidentifier():
        return None
    filter_ = next((each for each in reversed(path_to(c.file.tree, node)) if isinstance(each, ast.Filter)), None)
    is_first = filter_ is not None and filter_.arguments[:1] and filter_.arguments[0].value is node
    signature = c.catalog.prelude(filter_.name.name) if filter_ is not None and is_first else None
    if filter_ is None or signature is None or all(param.name != "attribute" for param in signature.params):
        return None
    item = [each.item for each in members(reveal(c.types.get(id(filter_.value), NEVER))) if isinstance(each, List)]
    if len(item) != 1 or not isinstance(member(item[0], node.value), Member):
        return None
    edit = Edit(Span(c.file.path, node.start, node.start), "attribute=")
    help = f"`{node.value}` is a field of the items: write `{filter_.name.name}(attribute='{node.value}')`"
    return help, (Fix("write `attribute=`", (edit,), safe=False),)


def _of_text(c: Inference, node: ast.Node, goal: Type) -> Advice | None:
    """A duration, number or bool in quotes, and a schedule in another spelling."""
    if not isinstance(node, ast.Text):
        return None
    text = node.value.strip()
    if isinstance(goal, Cron):
        return _schedule(c, node, text)
    bare = ""
    if (
        isinstance(goal, String)
        and goal.format == "path"
        and patterns.compile(r"[\w.~-]+(?:/[\w.~-]+)*/?\Z").match(text)
    ):
        return f"a path begins with `/`: `'/{text}'`", _replace(c, node, f"'/{text}'")
    if isinstance(goal, Duration):
        bare = _as_duration(text)
        if not bare:
            return "a duration is a number with its unit, without quotes: `30s`, `5m`, `1.5h`, `7d`", ()
    elif isinstance(goal, Int) and (rate := _rate(text)) and _is_of(c, node, "rate_limit"):
        bare = f"{rate[1]}, per=1{rate[2]}"
        return f"the time is `per`: `@rate_limit({bare})`", _replace(c, node, bare, safe=False)
    elif isinstance(goal, (Int, Float)):
        bare = text if _is_number(text, isinstance(goal, Float)) and _fits(text, goal) else ""
    elif isinstance(goal, Bool):
        bare = {"true": "true", "yes": "true", "false": "false", "no": "false"}.get(text.lower(), "")
    return (f"leave the quotes out: `{bare}`", _replace(c, node, bare)) if bare else None


def _fits(number: str, goal: Type) -> bool:
    """Whether what a text holds is within the bounds of a type too."""
    literal = LiteralOf(int(number), "int") if number.lstrip("-").isdigit() else LiteralOf(float(number), "float")
    return assignable(literal, goal).ok


def _is_of(c: Inference, node: ast.Node, annotation: str) -> bool:
    """Whether an annotation is given a value."""
    above = path_to(c.file.tree, node)
    return any(isinstance(each, ast.Annotation) and each.name.name == annotation for each in above)


_rate: Final = patterns.compile(r"(\d+)[ ]?(?:/|per )[ ]?(ms|[smhd])(?:ec|econd|in|inute|our|ay)?").fullmatch
_UNITS: Final = {"d": 86_400_000_000, "h": 3_600_000_000, "m": 60_000_000, "s": 1_000_000, "ms": 1000}
_WORDS: Final = {
    "second": "s", "sec": "s", "minute": "m", "min": "m", "hour": "h", "hr": "h", "day": "d", "millisecond": "ms",
}  # fmt: skip


def _as_duration(text: str) -> str:
    """A text as the one duration that it names: `1h30m` is `90m`; '' if it names none, or one that is too long."""
    named = text if duration(text) else _duration_named(text)
    return named if is_number(named) else ""


def _duration_named(text: str) -> str:
    number, _, word = text.partition(" ")
    unit = _WORDS.get(word.strip().lower().removesuffix("s"), "")
    if unit and _is_number(number, True):
        return number + unit
    from flowlang.types.instants import read_duration

    micros = read_duration(text)
    if micros is None or micros < 0:
        return ""
    return next((f"{micros // size}{unit}" for unit, size in _UNITS.items() if micros % size == 0), "")


def _is_number(text: str, with_point: bool) -> bool:
    whole, point, rest = text.removeprefix("-").partition(".")
    is_whole = whole.isascii() and whole.isdigit() and (whole == "0" or whole[0] != "0")
    is_whole = is_whole and len(whole) < 20 and int(whole) <= LARGEST
    return is_whole and (not point or (with_point and rest.isascii() and rest.isdigit()))


_NAMED: Final = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip


def _schedule(c: Inference, node: ast.Text, text: str) -> Advice | None:
    fields = text.split()
    if text in _NAMED:
        return f"write it out: '{_NAMED[text]}'", _replace(c, node, f"'{_NAMED[text]}'")
    if len(fields) == 6 and fields[0] == "0":
        five = " ".join(fields[1:]).replace("?", "*")
        return f"there is no field for seconds: '{five}'", _replace(c, node, f"'{five}'")
    if len(fields) == 5 and fields[0] == "60":
        return "a full hour is minute 0: '0 * * * *'", ()
    ours = _spoken(text.lower()) or _with_short_days(fields)
    if ours:
        return f"write it as five fields: '{ours}'", _replace(c, node, f"'{ours}'", safe=False)
    return "its five fields are minute, hour, day, month and weekday: every day at nine is '0 9 * * *'", ()


def _with_short_days(fields: list[str]) -> str:
    """Five fields, of which the last are in another spelling; '' if they are none then either."""
    if len(fields) != 5:
        return ""
    short = patterns.compile(r"[A-Za-z]{4,}").sub(lambda found: found[0][:3].lower(), " ".join(fields[3:]))
    written = " ".join((*fields[:3], short)).replace("?", "*")
    return written if cron_problem(written) is None else ""


def _spoken(text: str) -> str:
    """`every 5 minutes`, `every day at 9:30` and `rate(5 minutes)` as a schedule; '' for what says anything else."""
    found = patterns.compile(
        r"(?:rate\()?(?:every )?(?:(\d+) )?(minute|hour|day)s?(?: at (\d{1,2})(?::(\d\d))?)?\)?"
    ).fullmatch(text)
    if found is None or (found[3] and (found[2] != "day" or int(found[3]) > 23)):
        return ""
    count = int(found[1] or 1)
    if found[2] == "day":
        return f"{int(found[4] or 0)} {int(found[3] or 0)} * * *" if count == 1 and int(found[4] or 0) < 60 else ""
    whole = 60 if found[2] == "minute" else 24
    if count < 1 or count >= whole or whole % count:
        return ""
    each = "*" if count == 1 else f"*/{count}"
    return f"{each} * * * *" if found[2] == "minute" else f"0 {each} * * *"


# ---- other literals


def _of_literal(c: Inference, node: ast.Node, found: Type, goal: Type) -> Advice | None:
    """A number for one of the texts of a union, and a status that no retry changes."""
    if not isinstance(found, LiteralOf) or not isinstance(node, (ast.Literal, ast.Text)):
        return None
    known = [m.value for m in members(goal) if isinstance(m, LiteralOf)]
    if found.value is True and "full" in known:
        return "write `'full'`, or a share such as `0.3`", _replace(c, node, "'full'")
    spelled = str(found.value)
    if spelled in known and isinstance(node, ast.Literal):
        return f"it is a text: `'{spelled}'`", _replace(c, node, f"'{spelled}'")
    if "exponential" in known and (type(found.value) is int or spelled.isdecimal()):
        return f"name it: `attempts={spelled}`", _replace(c, node, f"attempts={spelled}")
    if "4xx" in known and len(spelled) == 3 and spelled.isdigit() and spelled[0] == "4":
        return f"{spelled} stays what it is, however often one asks: leave it out", ()
    is_text = kind_of(goal) == "text" and not isinstance(goal, Url) and type(found.value) in (int, float)
    if is_text and assignable(LiteralOf(spelled, "string"), goal).ok:
        return f"it is a text: `'{spelled}'`", _replace(c, node, f"'{spelled}'")
    return None


def as_text(c: Inference, node: ast.Name, target: Type) -> None:
    """Say of a name that means nothing that it is one of the texts that are wanted, where it is: `on=[timeout]`."""
    span, found = c.reporter.span(node), c.reporter.found[-1:]
    if not found or found[0].rule != "unknown-name" or found[0].span != span or found[0].fixes:
        return
    text, written = LiteralOf(node.name, "string"), f"'{node.name}'"
    goals = members(without_none(target))
    if text not in goals:
        if not any(isinstance(goal, List) and text in members(goal.item) for goal in goals):
            return
        written = f"[{written}]"
    fix = Fix(f"write `{written}`", (Edit(span, written),), safe=False)
    c.reporter.found[-1] = found[0].replace(help=f"did you mean `{written}`?", fixes=(fix,))


def _without_gaps(c: Inference, node: ast.Node, found: Type, goal: Type) -> Advice | None:
    """A list of values that may be none, where they may not."""
    if not isinstance(goal, List) or not isinstance(found, List) or not isinstance(node, ast.Name):
        return None
    present = without_none(found.item)
    if present == NEVER or assignable(found.item, goal.item).ok or not assignable(present, goal.item).ok:
        return None
    each = next(name for name in ("each", "item", "one", f"each_of_{node.name}") if c.scope.find(name) is None)
    written = f"[{each} for {each} in {node.name} if {each} is not none]"
    return f"leave out what is none: `{written}`", _replace(c, node, written, safe=False)


def _single(c: Inference, node: ast.Node, found: Type, goal: Type) -> Advice | None:
    """One value where a list is wanted."""
    if not isinstance(goal, List) or not isinstance(node, (ast.Literal, ast.Text, ast.Duration, ast.Name)):
        return None
    is_list = any(isinstance(m, List) for m in members(found))
    if not assignable(found, goal.item).ok or (is_list and not isinstance(goal.item, List)):
        return None
    fixes = _replace(c, node, f"[{_written(c, node)}]", "write a list", safe=False)
    return f"a list is written `[{c.text(node)}]`", fixes


def _listed_text(c: Inference, node: ast.Node, found: Type, goal: Type) -> Advice | None:
    """`on=429`: a number where a list of texts is wanted, of which one is called so."""
    if not isinstance(goal, List) or not isinstance(node, ast.Literal) or not isinstance(found, LiteralOf):
        return None
    written = f"['{found.value}']"
    is_one = LiteralOf(str(found.value), "string") in members(goal.item)
    return (f"a list of texts is written `{written}`", _replace(c, node, written, safe=False)) if is_one else None


def _as_texts(c: Inference, node: ast.Node, goal: Type) -> Advice | None:
    """A map with numbers and bools, where its values are texts, as those of headers."""
    whole = reveal(goal)
    if not isinstance(node, ast.Map) or not isinstance(whole, Map) or kind_of(whole.value) != "text":
        return None
    edits, shown = [], ""
    for each in node.entries:
        of = reveal(c.types.get(id(each.value), whole.value))
        if assignable(of, whole.value).ok:
            continue
        if kind_of(of) not in ("int", "float", "bool") or isinstance(each, ast.Spread):
            return None
        written = _written(c, each.value)
        ours = f"'{written}'" if isinstance(each.value, ast.Literal) else f'"{{{{ {written} }}}}"'
        edits.append(Edit(Span(c.file.path, each.value.start, each.value.end), ours))
        shown = shown or f"{c.text(each.key)}: {ours}"
    return (f"its values are texts: `{shown}`", (Fix("write texts", tuple(edits), safe=False),)) if edits else None


def _as_map(c: Inference, node: ast.Node, goal: Type) -> Advice | None:
    """A list of one map, and the text of a query, where a map is wanted."""
    if not isinstance(reveal(goal), Map):
        return None
    if isinstance(node, ast.List) and len(node.items) == 1 and isinstance(node.items[0], ast.Map):
        fixes = _replace(c, node, _written(c, node.items[0]), "leave the brackets out", safe=False)
        return f"a map stands without brackets: `{c.text(node.items[0])}`", fixes
    if not isinstance(node, ast.Text):
        return None
    pairs = [each.partition("=") for each in node.value.removeprefix("?").split("&")]
    if not all(key.isidentifier() and equals and value.isalnum() for key, equals, value in pairs):
        return "a map is written `{ key: 'value' }`", ()
    written = "{ " + ", ".join(f"{key}: '{value}'" for key, _, value in pairs) + " }"
    return f"a map is written `{written}`", _replace(c, node, written, safe=False)


def _filter_of_the_last(c: Inference, node: ast.Node, found: Type, goal: Type) -> Advice | None:
    """`a + b | sum` takes the sum of b."""
    if not isinstance(goal, List) or any(isinstance(m, List) for m in members(found)):
        return None
    above = path_to(c.file.tree, node)[-3:-1]
    if len(above) < 2:
        return None
    sum_, filter_ = above
    if not isinstance(sum_, ast.Binary) or not isinstance(filter_, ast.Filter) or sum_.right is not filter_:
        return None
    name, written = filter_.name.name, c.text(node)
    tighter = f"`| {name}` takes only `{written}`, for a filter binds tighter than `{sum_.operator}`"
    if name == "sum" and sum_.operator == "+":
        edit = Edit(Span(c.file.path, node.end, filter_.end), "")
        return f"{tighter}; without it this is the sum", (Fix("leave `| sum` out", (edit,), safe=False),)
    return f"{tighter}; of several values make a list: `[{c.text(sum_.left)}, {written}] | {name}`", ()


# ---- times


def as_compared(c: Inference, wanted: Type, node: ast.Expr, found: Type) -> Advice | None:
    """What is compared with a number, an instant or a day, made one of its kind."""
    kind = kind_of(wanted)
    other = kind_of(found)
    if kind in ("int", "float") and isinstance(node, ast.Text) and _is_number(node.value, kind == "float"):
        return f"leave the quotes out: `{node.value}`", _replace(c, node, node.value)
    if kind == "duration" and isinstance(node, ast.Literal) and other in ("int", "float"):
        return f"a duration has a unit: `{node.value}s`, `{node.value}m`, `{node.value}h`", ()
    if kind == "datetime" and other == "date":
        return "an instant has a day: compare with `date(…)` of it", ()
    if kind not in ("datetime", "date") or other not in ("text", "datetime"):
        return None
    if other == "text" and isinstance(node, ast.Text):
        known = is_date_time(node.value) or (kind == "date" and is_date(node.value))
        if not known:
            return _as_instant(c, node) if kind == "datetime" else ("write it as `date('2026-01-31')`", ())
    what = "an instant" if kind == "datetime" else "a day"
    fixes = _replace(c, node, f"{kind}({_written(c, node)})", f"make {what} of it")
    return f"make {what} of it: `{kind}({c.text(node)})`", fixes


def _as_instant(c: Inference, node: ast.Text) -> Advice:
    """A text that lacks the time or the zone of an instant."""
    day, _, time = node.value.strip().replace("T", " ").partition(" ")
    for each in ("", ":00", "Z", ":00Z", "00:00:00Z"):
        written = f"{day}T{time.strip()}{each}"
        if is_date_time(written):
            ours = f"datetime('{written}')"
            return f"an instant has a time and a zone: `{ours}`", _replace(c, node, ours, safe=False)
    return "write it as `datetime('2026-01-31T09:00:00Z')`", ()


def _as_whole(c: Inference, node: ast.Node, found: Type, goal: Type) -> Advice | None:
    """A quotient, or what `round` gives, where a whole number is wanted."""
    if kind_of(goal) != "int" or kind_of(found) != "float" or isinstance(found, LiteralOf):
        return None
    if isinstance(node, ast.Binary) and node.operator == "/":
        return "`/` gives a float; a whole number is `a // b`", ()
    is_call = isinstance(node, ast.Call) and isinstance(node.callee, ast.Name) and node.callee.name == "round"
    if is_call or (isinstance(node, ast.Filter) and node.name.name == "round"):
        written = f"{_written(c, node)} | int"
        return f"`round` gives a float; its whole number is `{written}`", _replace(c, node, written)
    return "a whole number is `x | int`, which cuts off the fraction, or `x | round | int`", ()


def _as_day(c: Inference, node: ast.Node, found: Type, goal: Type) -> Advice | None:
    """A literal where an instant or a day is wanted, and an instant where a day is. Its day is that in UTC."""
    if isinstance(node, ast.Text):
        return as_compared(c, goal, node, found) if kind_of(goal) in ("datetime", "date") else None
    if kind_of(found) == "date":
        return _as_midnight(c, node, goal)
    if kind_of(goal) != "date" or kind_of(found) != "datetime":
        return None
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Index)):
        return "its day in UTC is `date(…)`", ()
    written = f"date({_written(c, node)})"
    return f"its day in UTC is `{written}`", _replace(c, node, written, safe=False)


def _as_midnight(c: Inference, node: ast.Node, goal: Type) -> Advice | None:
    """A day where an instant is wanted, or the text of one."""
    above = path_to(c.file.tree, node)[-3:-1]
    call = next((each for each in reversed(above) if isinstance(each, (ast.Call, ast.Filter))), None)
    called = call.callee if isinstance(call, ast.Call) else call.name if isinstance(call, ast.Filter) else None
    is_argument = isinstance(called, (ast.Name, ast.Ident)) and called.name == "datetime"
    if kind_of(goal) != "datetime" and not is_argument:
        return None
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Index)):
        return "its midnight in UTC is `datetime(… ~ 'T00:00:00Z')`", ()
    text = f"{_written(c, node)} ~ 'T00:00:00Z'"
    if not is_argument:
        text = f"datetime({text})"
    elif isinstance(call, ast.Filter):
        return f"its midnight in UTC is `({text}) | datetime`", _replace(c, node, f"({text})", safe=False)
    return f"its midnight in UTC is `{text}`", _replace(c, node, text, safe=False)


# ---- answers and events


def inner_value(c: Inference, node: ast.Node, found: Type) -> Advice | None:
    """The answer of a call or an event, where what it carries was meant."""
    if not isinstance(found, RecordOf) or not isinstance(node, (ast.Name, ast.Call)):
        return None
    for module, name, whole, inner, field in _CARRIERS:
        if found == c.catalog.type(module, name):
            written = f"{c.text(node)}.{field}" if isinstance(node, ast.Name) else f"….{field}"
            edit = Edit(Span(c.file.path, node.end, node.end), f".{field}")
            help = f"this is the whole {whole}; its {inner} is `{written}`"
            return help, (Fix(f"read the {inner}", (edit,), safe=False),)
    return None


_CARRIERS: Final = (
    ("http", "Response", "answer", "body", "json"),
    ("events", "Event", "event", "data", "data"),
    ("llm", "Completion", "answer of the model", "JSON", "json"),
)


def error_field(c: Inference, node: ast.Attribute) -> Advice | None:
    """A field that only some of the errors have which a handler takes."""
    symbol = c.facts.symbols.get(id(node.value))
    if symbol is None or symbol.kind != "error":
        return None
    kinds = [kind for kind in ERROR_TYPES if isinstance(member(c.catalog.error(kind), node.name.name), Member)]
    if not kinds:
        return None
    return f"only an `{kinds[0]}` error has it: `catch {kinds[0]} as {symbol.name}`", ()


def answer_field(c: Inference, node: ast.Attribute, found: Type) -> Advice | None:
    """A field that answers have under another name, or that was meant of the body."""
    from flowlang.semantics.infer.arrivals import carried

    sent = carried(c, node)
    if sent is not None:
        return sent
    if found == c.catalog.type("events", "Event"):
        edit = Edit(Span(c.file.path, node.value.end, node.value.end), ".data")
        help = f"in the event's data it is `{c.text(node.value)}.data.{node.name.name}`"
        return help, (Fix("read it from the data", (edit,), safe=False),)
    if found == c.catalog.type("llm", "Completion"):
        edit = Edit(Span(c.file.path, node.value.end, node.value.end), ".json")
        help = f"in the model's JSON it is `{c.text(node.value)}.json.{node.name.name}`, asked for by `format='json'`"
        return help, (Fix("read it from the JSON", (edit,), safe=False),)
    if found != c.catalog.type("http", "Response"):
        return None
    from flowlang.semantics.elsewhere import RESPONSE

    name, holder = node.name.name, c.text(node.value)
    ours = RESPONSE.get(name)
    if ours is not None:
        return f"it is called `{ours}` here", _replace(c, node.name, ours, safe=False)
    if name in ("ok", "is_success", "success"):
        return "a status outside 2xx fails, unless `accept` names it: then ask for the `status`", ()
    edit = Edit(Span(c.file.path, node.value.end, node.value.end), ".json")
    return f"in the body it is `{holder}.json.{name}`", (Fix("read it from the body", (edit,), safe=False),)
