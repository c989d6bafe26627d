"""A plan's expressions in the spelling of the language, for people to read.

Operators are shown without their types and checks without a trace; parentheses stand where the precedence of Jinja2
needs them.
"""

from __future__ import annotations

import json

from flowlang.render.durations import UNITS, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from flowlang.plan.nodes import Expr

SYMBOLS: Final = {"add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "mod": "%", "pow": "**"}
# How tightly each form binds; what is not here is an atom.
LEVELS: Final = {"if": 0, "or": 1, "and": 2, "not": 3, "compare": 4, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
ATOM: Final = 9
POWER: Final = 7
SIGN: Final = 8


def spell(expr: Expr) -> str:
    """Write an expression."""
    return _spell(expr)[0]


def _spell(expr: Any) -> tuple[str, int]:
    """The text of an expression and how tightly it binds."""
    match expr:
        case ["lit", value]:
            return literal(value), ATOM
        case ["duration", micros]:
            return span(micros), ATOM
        case ["ref" | "config" | "const" as kind, name]:
            return f"config.{name}" if kind == "config" else local_name(name), ATOM
        case ["result"]:
            return "result", ATOM
        case ["attr" | "soft", base, key, optional]:
            return f"{_within(base, ATOM)}{'?.' if optional else '.'}{key}", ATOM
        case ["index", base, index]:
            return f"{_within(base, ATOM)}[{spell(index)}]", ATOM
        case ["slice", base, low, high, step]:
            bounds = [low, high] if step is None else [low, high, step]
            return f"{_within(base, ATOM)}[{':'.join('' if b is None else spell(b) for b in bounds)}]", ATOM
        case ["has", base, ["lit", str(key)]]:
            return f"{_within(base, ATOM)}.{key} is defined", LEVELS["compare"]
        case ["has", base, key]:
            return f"{_within(base, ATOM)}[{spell(key)}] is defined", LEVELS["compare"]
        case ["check" | "edge", inner, _]:
            return _spell(inner)
        case ["text" | "url", parts]:
            return '"' + "".join(_part(part) for part in parts) + '"', ATOM
    return _operation(expr)


def _operation(expr: Any) -> tuple[str, int]:
    match expr:
        case ["list", items]:
            return f"[{', '.join(spell(item) for item in items)}]", ATOM
        case ["map", entries]:
            return "{ " + ", ".join(_entry(key, value) for key, value in entries) + " }" if entries else "{}", ATOM
        case ["op", name, left, right]:
            symbol = SYMBOLS.get(name.partition("_")[0], name)
            level = LEVELS.get(symbol, POWER)
            return f"{_within(left, level)} {symbol} {_within(right, level + 1)}", level
        case ["neg", _, inner]:
            return f"-{_within(inner, SIGN)}", SIGN
        case ["not", ["compare", first, [["==", ["lit", None]]]]]:
            return f"{_within(first, LEVELS['compare'] + 1)} is not none", LEVELS["compare"]
        case ["not", ["has", *_] as inner]:
            return spell(inner).removesuffix("is defined") + "is not defined", LEVELS["compare"]
        case ["not", inner]:
            return f"not {_within(inner, LEVELS['not'])}", LEVELS["not"]
        case ["and" | "or" as symbol, left, right]:
            level = LEVELS[symbol]
            return f"{_within(left, level)} {symbol} {_within(right, level + 1)}", level
        case ["if", condition, then, otherwise]:
            return f"{_within(then, 1)} if {_within(condition, 1)} else {spell(otherwise)}", 0
        case ["compare", first, rest]:
            return _comparison(first, rest), LEVELS["compare"]
        case ["comp", element, names, iterable, condition, _]:
            tail = "" if condition is None else f" if {spell(condition)}"
            return f"[{spell(element)} for {', '.join(names)} in {_within(iterable, 1)}{tail}]", ATOM
        case ["each", names, iterable, _, body, *_]:
            return f"[{spell(body)} for {', '.join(names)} in {_within(iterable, 1)}] | join", ATOM
        case ["let", _, _, body]:
            return _spell(body)
        case ["call" | "fn", name, arguments]:
            return f"{local_name(name)}({', '.join(spell(a) for a in _given(arguments))})", ATOM
        case ["python", target, arguments, _]:
            return f"{target}({', '.join(f'{n}={spell(a)}' for n, a in arguments)})", ATOM
    return json.dumps(expr), ATOM


def _within(expr: Any, level: int) -> str:
    text, own = _spell(expr)
    return text if own >= level else f"({text})"


def _comparison(first: Any, rest: list[Any]) -> str:
    level = LEVELS["compare"] + 1
    if len(rest) == 1 and rest[0][1] == ["lit", None] and rest[0][0] in ("==", "!="):
        return f"{_within(first, level)} is {'not ' if rest[0][0] == '!=' else ''}none"
    links = [f" {op.partition(':')[0].replace('_', ' ')} {_within(operand, level)}" for op, operand in rest]
    return _within(first, level) + "".join(links)


def _given(arguments: list[Any]) -> list[Any]:
    """Arguments without the trailing ones that were not given."""
    given = list(arguments)
    while len(given) > 1 and given[-1] == ["lit", None]:
        given.pop()
    return given


def _entry(key: Any, value: Any) -> str:
    if key == "**":
        return f"**{_within(value, ATOM)}"
    if key[0] == "lit" and isinstance(key[1], str) and key[1].isidentifier():
        return f"{key[1]}: {spell(value)}"
    return f"{spell(key) if key[0] == 'lit' else f'[{spell(key)}]'}: {spell(value)}"


def _part(part: Any) -> str:
    return part if isinstance(part, str) else "{{ " + spell(part[1]) + " }}"


def local_name(qualified: str) -> str:
    """A name of the plan as its own file says it: `./carriers.flow:rank` is `rank`."""
    return qualified.rpartition(".flow:")[2]


def span(micros: int) -> str:
    """Write a duration as the language has it: in the largest unit that tells it in whole numbers."""
    for unit, size in (*UNITS, ("s", 1_000_000), ("ms", 1000)):
        if micros % size == 0 and (micros or unit == "s"):
            return f"{micros // size}{unit}"
    return duration(micros)


def literal(value: object) -> str:
    """Write a scalar: text in single quotes."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    return str(value)
