"""All fixes of a file with several faults bring nothing that none of them alone would, keep comments, and end."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from flowlang.compiler import mending
from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics import Diagnostic, Edit, Fix
from flowlang.source import Source, Span
from flowlang.syntax.parser import parse
from tests.depth import depth
from tests.surfaces.bad_examples import FLOWS, LINES
from tests.surfaces.faults_together import combinations, parts, together
from tests.surfaces.test_exact_fixes import FLOW

NAME = "example.flow"
each_way = pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])


class Mending:
    """A text that is mended, with what was found on the way, the first and the last included."""

    def __init__(self, text: str, unsafe: bool) -> None:
        self.texts = {NAME: text}
        self.seen: list[list[Diagnostic]] = []
        self.mended = mending.mend(self.check({}), {NAME}, self.texts.__getitem__, self.check, unsafe)

    def check(self, texts: dict[str, str]) -> list[Diagnostic]:
        self.texts.update(texts)
        self.seen.append(list(check_text(self.text, NAME).diagnostics))
        return self.seen[-1]

    @property
    def text(self) -> str:
        return self.texts[NAME]


def errors(found: list[Diagnostic]) -> Counter[str]:
    return Counter(each.rule for each in found if each.severity == "error")


@cache
def alone(text: str, unsafe: bool) -> Counter[str]:
    """The most errors of each rule that are found while a file with one fault is mended: one may hide another."""
    most: Counter[str] = Counter()
    for found in Mending(text, unsafe).seen:
        most |= errors(found)
    return most


def commented(text: str) -> str:
    return "".join(f"{line}  # {n}\n" for n, line in enumerate(text.splitlines()))


def comments(text: str) -> list[str]:
    return sorted({each.start: each.text for each in parse(Source(NAME, text)).comments}.values())


@each_way
@depth("count", 100, 5_000)
def test_fixes_together_bring_no_error(unsafe: bool, count: int) -> None:
    checks = 0
    for number, (chosen, text) in enumerate(combinations("fixes", count)):
        text = commented(text) if number % 2 else text
        done = Mending(text, unsafe)
        known = sum((alone(together([each]) or "", unsafe) for each in chosen), errors(done.seen[0]))
        assert not errors(done.mended.left) - known, (text, done.text)
        assert not done.mended.given_up, (text, done.text)
        assert not Mending(done.text, unsafe).mended.count, (text, done.text)
        assert not number % 2 or comments(done.text) == comments(text) or "flow: ignore" in text, (text, done.text)
        checks += len(done.seen)
    assert checks < 5 * count


def test_most_rules_take_part() -> None:
    assert len({each.rule for each in parts()}) > 140
    assert sum(bool(errors(list(check_text(together([(1, each)]) or "").diagnostics))) for each in parts()) > 100


@each_way
@pytest.mark.parametrize("line", LINES)
def test_a_line_that_stands_twice_is_mended_twice(line: str, unsafe: bool) -> None:
    """Whatever name a fix brings, it brings another one for the second line."""
    texts = [FLOW.format(line=each) for each in (line, f"sequence {{\n  {line}\n  }}\n  sequence {{\n  {line}\n  }}")]
    one, two = (Mending(text, unsafe) for text in texts)
    left = errors(one.mended.left)
    known = left + left + errors(two.seen[0])
    assert not errors(two.mended.left) - known, two.text
    assert not two.mended.given_up


@each_way
@pytest.mark.parametrize("text", FLOWS)
def test_a_flow_that_is_mended_has_no_new_error(text: str, unsafe: bool) -> None:
    done = Mending(text, unsafe)
    assert not errors(done.mended.left) - errors(done.seen[0]), done.text


TWICE = """\
import http
config { shop: url }
flow f() -> any {
  if http.get("{{ config.shop }}/ok").json.ok { do http.delete("{{ config.shop }}/a") }
  step r = for x in http.get("{{ config.shop }}/list").json { yield x }
  step s = [http.get("{{ config.shop }}/{{ x }}").json for x in r]
  return [r, s]
}
"""


def test_two_fixes_never_bring_one_name() -> None:
    done = Mending(TWICE, unsafe=False)
    assert not done.mended.left
    assert [f"step answer{end} = http.get" in done.text for end in ("", "_2", "_3", "_4")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("do http.post(config.api, data={ a: 1 }, body='x')", "do http.post(config.api, json={ a: 1 }, body='x')"),
        ("@retry('fixed', attempt=3, attemps=4) do http.get('https://a.example')", "attempts=3, attemps=4"),
        ("@retry('fixed', strateg='none') do http.get('https://a.example')", "@retry('fixed', strateg='none')"),
    ],
)
def test_an_argument_is_never_given_twice(line: str, mended: str) -> None:
    done = Mending(FLOW.format(line=line), unsafe=True)
    assert mended in done.text
    assert "duplicate-argument" not in errors(done.mended.left)


def _brings(at: int, text: str) -> Diagnostic:
    place = Span("a", at, at + 1)
    return Diagnostic("told", "error", f"at {text}", place, fixes=(Fix("t", (Edit(place, text),)),))


class Words:
    """A text of letters, the capitals of which are to be mended; `bad` tells where all is wrong that has some."""

    def __init__(self, text: str, bad: dict[str, int]) -> None:
        self.text, self.bad, self.checks = text, bad, 0
        self.mended = mending.mend(self.check({}), {"a"}, lambda _: self.text, self.check, unsafe=False)

    def check(self, texts: dict[str, str]) -> list[Diagnostic]:
        self.text = texts.get("a", self.text)
        self.checks += 1
        found = [_brings(at, char.lower()) for at, char in enumerate(self.text) if char.isupper()]
        wrong = [at for letters, at in self.bad.items() if set(letters) <= set(self.text)]
        return found + [Diagnostic("wrong", "error", str(at), Span("a", at, at + 1)) for at in wrong]


def test_the_fix_that_a_new_finding_stands_in_waits() -> None:
    """It is made in the next pass, here because it is offered still; others are made at once."""
    words = Words("A B C D", {"ab": 2})
    assert words.text == "a b c d"
    assert words.mended.count == 4
    assert words.checks == 4  # before, all together, three of them, the last one


def test_where_a_new_finding_stands_in_no_fix_half_of_them_wait() -> None:
    words = Words("A B C D E F G H", {"ah": 99})
    assert words.text == "a b c d e f g h"
    assert words.checks == 8  # before; 8 and 4 of 8, 4 and 2 of 4, 2 and 1 of 2, the last


def test_checks_are_linear_in_fixes_that_bring_something() -> None:
    text = " ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    words = Words(text, {f"{one}{two}": 2 * (ord(two) - 97) for one in text[::2].lower() for two in "z" if one < two})
    assert words.text == text.lower()
    assert words.checks <= 2 * 26


class Alone:
    """A text of which each capital is to be mended, and each small letter is wrong then, of itself."""

    def __init__(self, text: str) -> None:
        self.text, self.checks = text, 0
        self.mended = mending.mend(self.check({}), {"a"}, lambda _: self.text, self.check, unsafe=False)

    def check(self, texts: dict[str, str]) -> list[Diagnostic]:
        self.text = texts.get("a", self.text)
        self.checks += 1
        wrong = [Span("a", at, at + 1) for at, char in enumerate(self.text) if char.islower()]
        found = [_brings(at, char.lower()) for at, char in enumerate(self.text) if char.isupper()]
        return found + [Diagnostic("wrong", "error", self.message(place), place) for place in wrong]

    def message(self, place: Span) -> str:
        return f"small {self.text[place.start]}"


def test_what_a_fix_brings_of_itself_keeps_no_other_waiting() -> None:
    alone = Alone(" ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert alone.text == " ".join("abcdefghijklmnopqrstuvwxyz")
    assert alone.mended.count == 26
    assert alone.checks == 4  # before, all together, one, the others


def test_fixes_that_undo_one_another_end_where_they_began() -> None:
    checks: list[str] = []

    def check(texts: dict[str, str]) -> list[Diagnostic]:
        checks.append(texts["a"])
        return [_brings(0, texts["a"].swapcase())]

    mended = mending.mend(check({"a": "x"}), {"a"}, lambda _: checks[-1], check, unsafe=False)
    assert checks == ["x", "X", "x"]
    assert (mended.count, mended.before, len(mended.left)) == (0, {}, 1)
