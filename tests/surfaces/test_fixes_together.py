"""All fixes of a file with several faults bring nothing that none of them alone would, keep comments, and end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from flowlang.cli.checking import Checking
from flowlang.cli.mending import mend
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


class Files:
    """Texts of letters, the capitals of which are to be mended; `!`, which comes of an `X`, breaks the syntax of its
    file, unless the file has a `y`. `checks` counts those of a file after the first.
    """

    def __init__(self, **texts: str) -> None:
        self.texts, self.checks = texts, Counter[str]()
        self.mended = mending.mend(self.check({}), texts.keys(), self.texts.__getitem__, self.check, unsafe=False)

    def check(self, texts: dict[str, str]) -> list[Diagnostic]:
        self.checks.update(path for path, text in texts.items() if text != self.texts[path])
        self.texts.update(texts)
        return [each for path, text in sorted(self.texts.items()) for each in self.found(path, text)]

    @staticmethod
    def found(path: str, text: str) -> Iterator[Diagnostic]:
        for at, char in enumerate(text):
            place = Span(path, at, at + 1)
            if char.isupper():
                made = "!!" if char == "X" else char.lower()
                yield Diagnostic("told", "error", "a capital", place, fixes=(Fix("t", (Edit(place, made),)),))
            if char == "!" and "y" not in text:
                yield Diagnostic("syntax-error", "error", "broken", place)


def test_a_fix_that_breaks_the_syntax_keeps_no_other_from_being_made() -> None:
    files = Files(a="A X B", b="X", c="C D", d="X X E X")
    assert files.texts == {"a": "a X b", "b": "X", "c": "c d", "d": "X X e X"}
    assert files.mended.count == 5
    assert files.mended.before.keys() == {"a", "c", "d"}
    given_up = [(each.span.file, each.span.start) for each in files.mended.given_up]
    assert given_up == [("a", 2), ("b", 0), ("d", 0), ("d", 2), ("d", 6)]


def test_it_is_said_which_fix_was_given_up_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "a.flow")
    Path(path).write_text("A\nB X\n", encoding="utf-8")
    checking = Checking([path], None, None)
    findings = lambda: list(Files.found(path, checking.read(path)))  # noqa: E731
    mended = mend(checking, findings, unsafe=False)
    assert checking.read(path) == "a\nb X\n"
    assert mended.count == 2
    assert capsys.readouterr().err == f"flowlang: error: {path}:2:3: the fix of told would break the syntax: left out\n"


def test_a_fix_that_was_given_up_is_made_if_others_let_it() -> None:
    files = Files(a="X X Y", b="X")
    assert files.texts == {"a": "!! !! y", "b": "X"}
    assert [each.span.file for each in files.mended.given_up] == ["b"]


@pytest.mark.parametrize("count", [1, 30])
def test_each_file_finds_at_once_which_of_its_fixes_break_it(count: int) -> None:
    files = Files(**{f"f{number}": "A X B X C" for number in range(count)})
    assert set(files.texts.values()) == {"a X b X c"}
    assert len(files.mended.given_up) == 2 * count
    assert set(files.checks.values()) == {12}


def test_checks_are_linear_in_fixes_that_break_the_syntax() -> None:
    files = Files(a=" ".join("XA" * 40))
    assert files.texts["a"] == " ".join("Xa" * 40)
    assert files.checks["a"] <= 6 * 40 + 2


CHAINS = [
    "".join(f"  let a{number + 1} = a{number}\n" for number in range(120)),
    "".join(f"  let {'b' * (number + 1)} = {'b' * number or 'a0'}\n" for number in range(120)),
]


@pytest.mark.parametrize("chain", CHAINS, ids=["numbers", "letters"])
def test_a_chain_of_what_only_the_next_one_uses_goes_as_a_whole(chain: str) -> None:
    done = Mending(f"flow f(a0: int) -> int {{\n{chain}  return a0\n}}\n", unsafe=True)
    assert done.text == "flow f(a0: int) -> int {\n  return a0\n}\n"
    assert done.mended.count == 120


def test_many_lines_of_which_each_hides_the_next_are_all_mended() -> None:
    flow = "flow f() -> any {\n  step a = get('https://a.example').json\n  return a\n}\n"
    done = Mending("from http import get\n" * 80 + flow, unsafe=True)
    assert done.text == "import http\n" + flow.replace("get(", "http.get(")
    assert not done.mended.left


class Growing:
    """A text whose finding has a fix that never mends it, in words that `said` gives."""

    def __init__(self, said: Callable[[int], str]) -> None:
        self.text, self.said, self.checks = "x", said, 0
        self.mended = mending.mend(self.check({}), {"a"}, lambda _: self.text, self.check, unsafe=False)

    def check(self, texts: dict[str, str]) -> list[Diagnostic]:
        self.text = texts.get("a", self.text)
        self.checks += 1
        place = Span("a", len(self.text) - 1, len(self.text))
        fix = Fix("t", (Edit(place, "xx"),))
        return [Diagnostic("told", "error", self.said(self.checks), place, fixes=(fix,))]


@pytest.mark.parametrize("said", [lambda _: "again", lambda number: f"again {number}"], ids=["same", "numbers"])
def test_a_fix_that_never_mends_comes_to_an_end(said: Callable[[int], str]) -> None:
    growing = Growing(said)
    assert growing.checks <= mending.PATIENCE + 1
