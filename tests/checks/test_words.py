"""The words of rules: however a text is laid out, what a rule looks for calls the rule."""

from __future__ import annotations

import random
import re

import pytest

from flowlang.checks.index import LONGEST, place_of, spelled
from flowlang.checks.registry import CHECKS, words_in
from flowlang.compiler.pieces import differing_lines
from flowlang.compiler.pipeline import check_text
from tests.semantics.test_rule_pages import FENCE, PAGES

TOKENS = re.compile(
    r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|#[^\n]*|[ \t]+|\n'
    r"|[^\W\d]\w*|\d[\w.]*|\*\*|//|\?\.|[=!<>]=|->|."
)
LAYOUTS = (" ", "\t", "  ", " # why: a, b (0)\n  ")


def examples(rule: str) -> list[str]:
    """The files of the bad example on a rule's page."""
    bad = re.split(r"^## (?:Example|Use instead)$", (PAGES / f"{rule}.md").read_text(encoding="utf-8"), flags=re.M)[1]
    return [text for _, text in FENCE.findall(bad)]


@pytest.mark.parametrize("rule", sorted(rule.name for rule in CHECKS.values() if rule.words or rule.together))
def test_a_rule_is_called_however_its_example_is_laid_out(rule: str) -> None:
    for text in examples(rule):
        if not CHECKS[rule].concerns(words_in(text)):
            continue  # the other files of a bad example
        tokens = TOKENS.findall(text)
        assert "".join(tokens) == text
        for at in range(1, len(tokens)):
            if tokens[at - 1].startswith("#"):
                continue
            for layout in LAYOUTS:
                laid_out = "".join([*tokens[:at], layout, *tokens[at:]])
                assert CHECKS[rule].concerns(words_in(laid_out)), laid_out


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("return n / (0)", "division-by-zero"),
        ("return n % -0", "division-by-zero"),
        ("return n // -(0)", "division-by-zero"),
        ("return [1, 2][0:1:(0)]", "slice-step"),
        ("return [1, 2][::  -0]", "slice-step"),
        ("step a = http.get('Http://example.com')\n  return a.status", "plain-http"),
        ("@ timeout( (0s))\n  step a = http.get('https://a.b')\n  return a.status", "timeout-zero"),
        ("@timeout(\n    # at once\n    0s)\n  step a = http.get('https://a.b')\n  return a.status", "timeout-zero"),
        ("@retry('fixed', attempts=\n  1)\n  step a = http.get('https://a.b/#')\n  return a.status", "useless-retry"),
    ],
)  # fmt: skip
def test_it_is_found_so_too(statement: str, rule: str) -> None:
    found = check_text(f"import http\n\nflow f(n: int) -> any {{\n  {statement}\n}}\n").diagnostics
    assert rule in {each.rule for each in found}


def test_the_lines_that_differ_tell_which_words_come_and_go() -> None:
    """A word that stands in one of two texts only stands in the lines that differ, and those around them."""
    dice = random.Random(1)
    pieces = ["a", "(", ")", " ", "\n", "# c", "'#'", '"', ",", "0", "=", "@x", "\r\n", "\r", "\u2028", "let", "z" * 9]
    for _ in range(2000):
        old = "".join(dice.choices(pieces, k=dice.randint(0, 60)))
        at = dice.randint(0, len(old))
        new = old[:at] + "".join(dice.choices(pieces, k=dice.randint(0, 3))) + old[at + dice.randint(0, 4) :]
        gone, come = (spelled(each) for each in differing_lines(old, new))
        for where, text, other, lines in (
            (0, old, new, gone),
            (1, old, new, gone),
            (0, new, old, come),
            (1, new, old, come),
        ):
            whole, without = spelled(text)[where], spelled(other)[where]
            for start in range(len(whole)):
                word = whole[start : start + dice.choice((1, 2, LONGEST))]
                if "\0" not in word and place_of(word) == where and word not in without:
                    assert word in lines[where], (old, new, word)
