"""Flows with several faults, put together of the bad examples of the rules' pages and of single bad lines.

Every example is cut into what its one flow does, what that takes, and what stands beside it; a flow of several does all
of it, under names of their own. So the examples of rules to come take part by themselves.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from tests.surfaces.bad_examples import LINES, of_pages
from tests.surfaces.test_exact_fixes import FLOW

DECLARED = re.compile(r"\b(?:step|let|as|for)\s+(\w+)")


class Part(NamedTuple):
    """What one bad example brings into a flow; items, settings and parameters by name."""

    rule: str
    items: dict[str, str]
    config: dict[str, str]
    params: dict[str, str]
    body: str


def _part(rule: str, text: str) -> Part | None:
    """An example of one flow; none of another."""
    tree = parse(Source("example.flow", text)).tree
    flows = [each for each in tree.items if isinstance(each, ast.FlowDecl)]
    if len(flows) != 1 or flows[0].triggers or any(isinstance(each, ast.Broken) for each in tree.items):
        return None
    (flow,) = flows

    def written(node: ast.Node) -> str:
        return text[node.start : node.end]

    configs = [each for each in tree.items if isinstance(each, ast.Config)]
    others = [each for each in tree.items if each is not flow and each not in configs]
    body = re.sub(r"^  return\b(?=.*\S)", "  let returned =", written(flow.body)[1:-1].strip("\n"), flags=re.M)
    return Part(
        rule,
        {name: written(each) for each in others for name in [_name_of(each, written(each))]},
        {field.name.name: written(field) for each in configs for field in each.fields},
        {each.name.name: written(each) for each in flow.params},
        body if body.startswith(("\n", " ")) else f"  {body}",
    )


def _name_of(item: ast.Node, written: str) -> str:
    name = getattr(item, "name", None)
    return getattr(name, "name", None) or written


@cache
def parts() -> list[Part]:
    """All that may be put together, in a fixed order."""
    pages = [_part(rule, next(iter(texts.values()))) for rule, texts in of_pages() if len(texts) == 1]
    lines = [_part("", FLOW.format(line=line).replace("\n  return id\n", "\n")) for line in LINES]
    return [each for each in (*pages, *lines) if each is not None]


def _apart(body: str, number: int) -> str:
    """A body whose names end with a number."""
    for name in sorted({each[1] for each in DECLARED.finditer(body)}):
        refers = rf"(?<![\w.'\"]){name}\b(?![=:(])|(?<=step ){name}\b|(?<=let ){name}\b"
        body = re.sub(refers, f"{name}_{number}", body)
    return body


def together(chosen: Iterable[tuple[int, Part]]) -> str | None:
    """One file whose flow has the faults of several parts, each with its number; none where they cannot stand so."""
    bodies: list[str] = []
    items: dict[str, str] = {}
    config: dict[str, str] = {}
    params: dict[str, str] = {}
    for number, part in chosen:
        for ours, theirs in ((items, part.items), (config, part.config), (params, part.params)):
            if any(ours.setdefault(name, written) != written for name, written in theirs.items()):
                return None
        bodies.append(_apart(part.body, number))
    names = [*items, *params, "f"]
    if len(set(names)) < len(names):
        return None
    head = "".join(f"{each}\n" for each in sorted(items.values(), key=lambda each: not each.startswith("import")))
    settings = "".join(f"  {each}\n" for each in config.values())
    given = ", ".join(params.values())
    body = "\n".join(bodies)
    return f"{head}config {{\n{settings}}}\nflow f({given}) -> any {{\n{body}\n  return 1\n}}\n"


def combinations(seed: str, count: int) -> Iterable[tuple[list[tuple[int, Part]], str]]:
    """Two to four parts, and their file, as often as asked for."""
    rng = random.Random(seed)
    while count:
        chosen = list(enumerate(rng.sample(parts(), rng.randint(2, 4)), 1))
        text = together(chosen)
        if text is not None:
            yield chosen, text
            count -= 1
