"""Files in which each line names the one before twice: what they describe is two to the number of lines."""

from __future__ import annotations

from collections.abc import Callable


def _types(body: str, first: str = "{ a: int, b: int }") -> Callable[[int], str]:
    def made(size: int) -> str:
        lines = [f"type T1 {first}", *(f"type T{at} {body.replace('P', f'T{at - 1}')}" for at in range(2, size + 1))]
        return "\n".join(lines) + f"\n\nflow f(t: T{size}) -> T{size} {{\n  return t\n}}\n"

    return made


def _lets(body: str, first: str = "t", use: str = "") -> Callable[[int], str]:
    def made(size: int) -> str:
        lines = [f"let a0 = {first}", f"let a1 = {first}"]
        steps = range(2, size + 1)
        lines += [f"let a{at} = {body.replace('P', f'a{at - 1}').replace('Q', f'a{at - 2}')}" for at in steps]
        end = f"let used = 1 if a{size} else 2" if use else f"let used = a{size}"
        return "flow f(t: int) -> any {\n  " + "\n  ".join([*lines, end]) + "\n  return used\n}\n"

    return made


def _flows(size: int) -> str:
    text = "flow f1(t: int) {\n  return { x: t }\n}\n"
    for at in range(2, size + 1):
        text += f"flow f{at}(t: int) {{\n  step r = f{at - 1}(t)\n  return {{ a: r, b: r }}\n}}\n"
    return text


DOUBLINGS: dict[str, Callable[[int], str]] = {
    "types": _types("{ a: P, b: P }"),
    "types with lists": _types("{ a: list[P], b: map[P]? }"),
    "types with unions": _types("{ a: P | int, b: P | string }"),
    "types with durations": _types("{ a: P, b: P }", "{ a: duration, b: int }"),
    "lists": _lets("[P, Q]"),
    "lists of records": _lets("[{ x: P }, { y: P }]"),
    "records": _lets("{ x: P, y: P }"),
    "choices of records": _lets("{ x: P } if t > 1 else { y: P }"),
    "choices of lists": _lets("[P] if t > 1 else [Q]"),
    "filters": _lets("zip(P, P)", "[t]"),
    "comprehensions": _lets("[{ a: x, b: P } for x in P]", "[t]"),
    "conditions": _lets("(P and Q) or (not P and not Q)", "t > 1", "if"),
    "flows": _flows,
}
