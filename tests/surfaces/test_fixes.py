"""Fixes, each alone: over all bad examples of the rules' pages and all bad lines; on the command line, and as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.cli.failure import CommandFailed
from flowlang.cli.writing import diff, replace
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable
from flowlang.diagnostics import Diagnostic, Edit, Fix
from flowlang.diagnostics.fixing import apply, edits_of, one_pass, put_in
from flowlang.semantics.facts import Program
from flowlang.source import Span
from flowlang.syntax.parser import parse
from tests.surfaces.bad_examples import of_lines, of_pages
from tests.surfaces.conftest import CLEAN, Command, write

BAD = """\
flow f(id: string) -> string? {
  return 'x' if id  # why
}
"""


def _checked(texts: dict[str, str]) -> Program:
    def read(path: str) -> str:
        if path not in texts:
            raise Unreadable("does not exist")
        return texts[path]

    return check(next(iter(texts)), read)


def _fixes() -> list[tuple[str, dict[str, str], Diagnostic, Fix]]:
    """Every fix of every finding of every bad example, and of every bad line."""
    return [
        (f"{rule}-{number}", texts, found, fix)
        for rule, texts in (*of_pages(), *of_lines())
        for number, (found, fix) in enumerate(
            (found, fix) for found in _checked(texts).diagnostics for fix in found.fixes if fix.edits
        )
    ]


FIXES = _fixes()


SUPPRESSION = re.compile(r"# flow: ignore\b[^#]*")


def _comments(program: Program, mended: str) -> list[str]:
    """The texts of all comments; recovery may read one twice. The fix of a suppression may remove it, and no other."""
    texts = [
        SUPPRESSION.sub("", text) if mended == "useless-suppression" else text
        for file in program.files.values()
        for _, text in {(each.start, each.text) for each in parse(file.source).comments}
    ]
    return sorted(filter(None, texts))


@pytest.mark.parametrize(("texts", "found", "fix"), [row[1:] for row in FIXES], ids=[row[0] for row in FIXES])
def test_a_fix_removes_its_finding_and_brings_none(texts: dict[str, str], found: Diagnostic, fix: Fix) -> None:
    """Where an error stood, warnings were held back: one may be seen now, if it is not about what the fix has put in.
    And when an unused thing is gone, so is what it has used: that may be unused, or unheeded, in turn.
    """
    before = _checked(texts)
    texts = dict(texts)
    for path in texts:
        texts[path] = apply(texts[path], [edit for edit in fix.edits if edit.span.file == path])
    after = _checked(texts)
    known = [_kind(each) for each in before.diagnostics]
    left = [_kind(each) for each in after.diagnostics]
    assert left.count(_kind(found)) < known.count(_kind(found))
    for each in after.diagnostics:
        if left.count(_kind(each)) > known.count(_kind(each)):
            assert found.severity == "error" or found.rule.startswith("unused-"), each
            assert each.severity != "error", each
            assert not any(_meets(each.span, place) for place in _put_in(fix)), each
    assert _comments(after, found.rule) == _comments(before, found.rule)


def _kind(found: Diagnostic) -> tuple[str, str]:
    return found.rule, re.sub(r"\d+", "0", found.message)


def _put_in(fix: Fix) -> list[Span]:
    """Where the new text of a fix stands when it has been made."""
    places, moved = [], dict.fromkeys((edit.span.file for edit in fix.edits), 0)
    for edit in sorted(fix.edits, key=lambda each: each.span.start):
        start = edit.span.start + moved[edit.span.file]
        places.append(Span(edit.span.file, start, start + len(edit.text)))
        moved[edit.span.file] += len(edit.text) - (edit.span.end - edit.span.start)
    return places


def _meets(a: Span, b: Span) -> bool:
    return a.file == b.file and a.start <= b.end and b.start <= a.end


def _commented(texts: dict[str, str]) -> dict[str, str]:
    """A comment behind every line, and on a line of its own before it."""
    return {
        path: "".join(f"# {n}\n{line} # {n}b\n" for n, line in enumerate(text.splitlines()))
        for path, text in texts.items()
    }


@pytest.mark.parametrize(("rule", "texts"), of_pages(), ids=[rule for rule, _ in of_pages()])
def test_no_comment_is_lost(rule: str, texts: dict[str, str]) -> None:
    texts = _commented(texts)
    before = _checked(texts)
    for found in before.diagnostics:
        comments = _comments(before, found.rule)
        for number in range(len(found.fixes)):
            one = found.replace(fixes=found.fixes[number : number + 1])
            edits = edits_of(one_pass([one], True, texts))
            fixed = texts | {path: apply(texts[path], each) for path, each in edits.items()}
            assert _comments(_checked(fixed), found.rule) == comments, one.fixes


def test_there_are_fixes_to_test() -> None:
    assert len(FIXES) >= 10


def _at(start: int, end: int, text: str) -> Diagnostic:
    span = Span("a", start, end)
    return Diagnostic("any", "error", "m", span, fixes=(Fix("t", (Edit(span, text),)),))


@given(st.text(max_size=30), st.data())
def test_a_pass_changes_nothing_outside_its_edits(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=6))
    found = [_at(min(place), max(place), "<>") for place in places]
    edits = edits_of(one_pass(found, False, ["a"]))
    taken = edits.get("a", [])
    assert bool(taken) == bool(found)
    kept = [char for at, char in enumerate(text) if not any(e.span.start <= at < e.span.end for e in taken)]
    after = apply(text, taken)
    if "<>" not in text and not {"<", ">"} & set(text):
        assert after.replace("<>", "") == "".join(kept)
    assert all(after[at.start : at.end] == "<>" for at in put_in({"a": text}, edits).values())


def test_a_fix_is_made_whole_or_not_at_all() -> None:
    two = Diagnostic(
        "any", "error", "m", Span("a", 5, 6), fixes=(Fix("t", (Edit(Span("a", 1, 2), ""), Edit(Span("b", 0, 1), ""))),)
    )
    assert one_pass([two], False, ["a"]) == []
    assert one_pass([two, _at(1, 3, "x")], False, ["a", "b"]) == [two.fixes[0]]


def test_unsafe_fixes_are_for_those_who_ask() -> None:
    span = Span("a", 0, 1)
    found = Diagnostic("any", "error", "m", span, fixes=(Fix("t", (Edit(span, ""),), safe=False),))
    assert one_pass([found], False, ["a"]) == []
    assert one_pass([found], True, ["a"]) == [found.fixes[0]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_new_lines_end_as_those_of_the_file(end: str) -> None:
    assert apply(f"a{end}b{end}", [Edit(Span("a", 0, 0), "x\n")]) == f"x{end}a{end}b{end}"


def test_fix(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", BAD)
    (here / path).chmod(0o640)
    done = flowlang("check", "--fix", path)
    assert (done.code, done.out, done.err) == (0, "", "fixed 1 finding in 1 file\n")
    assert (here / path).read_text() == BAD.replace("if id", "if id else none")
    assert (here / path).stat().st_mode & 0o777 == 0o640
    again = flowlang("check", "--fix", path)
    assert (again.code, again.out, again.err) == (0, "", "")


def test_what_a_mended_mistake_has_hidden_is_mended_too(flowlang: Command, here: Path) -> None:
    text = "flow f(xs: string[]) -> list[string] {\n  let ys = xs;\n  let zs = ys;\n  return zs;\n}\n"
    path = write(here, "a.flow", text)
    done = flowlang("check", "--fix", path)
    assert (done.code, done.out) == (0, "")
    assert (here / path).read_text() == text.replace("string[]", "list[string]").replace(";", "")


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("  return id  # flow: ignore[useless-do] 😀 why\n", "  return id\n"),
        ("  # flow: ignore[useless-do] why\n  return id\n", "  return id\n"),
        ("  return id  # flow: ignore[useless-do] why # more\n", "  return id  # more\n"),
        ("  return id  # flow: ignore[useless-do, unordered-effect] why\n", "  return id\n"),
        ("  return id\t# flow: ignore[unknown-name] why\n", "  return id\n"),
        (
            "  do id  # flow: ignore[a-b, useless-do , unused-step] y\n  return id\n",
            "  do id  # flow: ignore[a-b, useless-do] y\n  return id\n",
        ),
        (
            "  do id  # flow: ignore[unused-step,useless-do] y\n  return id\n",
            "  do id  # flow: ignore[useless-do] y\n  return id\n",
        ),
    ],
)
def test_a_suppression_that_hides_nothing_goes(
    flowlang: Command, here: Path, written: str, left: str, end: str
) -> None:
    around = f"# 😀{end}flow f(id: string) -> string {{{end}%s}}{end}"
    path = write(here, "a.flow", around % written.replace("\n", end))
    flowlang("check", "--fix", path)
    assert (here / path).read_bytes().decode() == around % left.replace("\n", end)


def test_a_suppression_stays_in_a_file_with_errors(flowlang: Command, here: Path) -> None:
    """What is wrong may keep back what it is there to hide."""
    text = "flow f(id: string) -> int {\n  return id  # flow: ignore[useless-do] why\n}\n"
    path = write(here, "a.flow", text)
    assert flowlang("check", "--fix", "--unsafe-fixes", path).code == 1
    assert (here / path).read_text() == text


def test_what_cannot_be_fixed_is_shown_and_fails(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", BAD + "let y = nothing_of_the_kind\n")
    done = flowlang("check", "--fix", path)
    assert done.code == 1
    assert "unknown-name" in done.out
    assert "missing-else" not in done.out
    assert done.err == "fixed 1 finding in 1 file\n\n1 error, 1 warning in 1 file\n"  # and nothing uses `y`


SAME_NAME = """\
import http
config { shop: url }
flow f() -> any {
  if http.get("{{ config.shop }}/ok").json.ok { do http.delete("{{ config.shop }}/a") }
  step r = for x in http.get("{{ config.shop }}/list").json { yield x }
  return r
}
"""


def test_two_fixes_do_not_bring_the_same_name(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", SAME_NAME)
    shown = flowlang("check", "--diff", path)
    assert '+  step answer = http.get("{{ config.shop }}/ok").json.ok\n' in shown.out
    assert '+  step answer_2 = http.get("{{ config.shop }}/list").json\n' in shown.out
    done = flowlang("check", "--fix", path)
    assert (done.code, done.out, done.err) == (0, "", "fixed 2 findings in 1 file\n")


def test_diff_changes_nothing(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", BAD)
    done = flowlang("check", "--diff", path)
    assert done.code == 1
    assert done.out.startswith("--- a.flow\n+++ a.flow\n")
    assert "+  return 'x' if id else none  # why\n" in done.out
    assert done.err == "would fix 1 finding in 1 file\n"
    assert (here / path).read_text() == BAD
    assert flowlang("check", "--diff", "--exit-zero", path).code == 0


@pytest.mark.parametrize("config", ["{ a: string, b: int }", "{ a: string }", "{\n  a: string\n  b: int = 1\n}"])
def test_no_empty_config_is_left(flowlang: Command, here: Path, config: str) -> None:
    path = write(here, "a.flow", f"##! One.\nconfig {config}\n\nflow f() -> int {{ return 1 }}\n")
    done = flowlang("check", "--fix", "--unsafe-fixes", path)
    assert (done.code, done.out) == (0, "")
    assert (here / path).read_text() == "##! One.\n\nflow f() -> int { return 1 }\n"


UNUSED = "import http\nimport time\n\nflow f(at: datetime) -> string {{\n  return time.format(at, '%Y'){}\n}}\n"


def test_what_is_unused_stays_in_a_file_with_errors(flowlang: Command, here: Path) -> None:
    wrong = UNUSED.format(" ~ nothing_of_the_kind")
    path = write(here, "a.flow", wrong)
    done = flowlang("check", "--fix", path)
    assert (done.code, (here / path).read_text()) == (1, wrong)
    assert "= fix: remove it (needs --unsafe-fixes)\n" in done.out
    assert flowlang("check", "--fix", "--unsafe-fixes", path).code == 1
    assert (here / path).read_text() == wrong.replace("import http\n", "")


def test_errors_are_mended_before_what_is_unused_is_looked_at(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", UNUSED.format(" ~ 'a';"))
    assert flowlang("check", "--fix", path).code == 0
    assert (here / path).read_text() == UNUSED.format(" ~ 'a'").replace("import http\n", "")


def _patched(text: str, diff: str) -> str:
    """A text under a unified diff, whose lines end at LF as `patch` and `git apply` have it."""
    lines, taken, made = re.findall(r"[^\n]*\n|[^\n]+", text), 0, []
    for line in re.findall(r"[^\n]*\n", diff.replace("\n\\ No newline at end of file", ""))[2:]:
        if line.startswith("@@"):
            begin, _, count = line.split()[1][1:].partition(",")
            start = int(begin) - (count != "0")
            made, taken = made + lines[taken:start], start
            continue
        if line[0] in " -":
            assert lines[taken].removesuffix("\n") == line[1:-1]
            taken += 1
        if line[0] in " +":
            made.append(line[1:])
    text = "".join(made + lines[taken:])
    is_open = re.search(r"(?m)^[ +].*\n\\ No newline.*\n\Z", diff)
    return text.removesuffix("\n") if is_open else text


LINES_OF_ANY_END = st.lists(st.sampled_from(["a", "b", "\n", "\r\n", "\r", "\x0c", "\x1e", "\x85", "\u2028"])).map(
    "".join
)


@given(LINES_OF_ANY_END, LINES_OF_ANY_END)
def test_a_diff_is_what_changes(before: str, after: str) -> None:
    """Its lines are those of who applies it: other signs end lines for Python only."""
    assert _patched(before, diff("a.flow", before, after)) == after


def test_a_file_that_may_not_be_written_stays(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here)
    write(here, "a.flow", BAD)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(CommandFailed, match=r"^a\.flow cannot be written: Permission denied$"):
        replace("a.flow", CLEAN)
    assert [each.name for each in here.iterdir() if each.is_file()] == ["a.flow"]
    assert (here / "a.flow").read_text() == BAD


def test_a_link_stays_one(flowlang: Command, here: Path) -> None:
    write(here, "real.flow", BAD)
    (here / "a.flow").symlink_to("real.flow")
    assert flowlang("check", "--fix", "a.flow").code == 0
    assert (here / "a.flow").is_symlink()
    assert "else none" in (here / "real.flow").read_text()


def test_it_is_said_what_can_be_fixed_and_how(flowlang: Command, here: Path) -> None:
    safe, unsafe = "  do wait('5m')\n", "  let y: date = at\n"
    flow = "flow f(at: datetime) -> int {{\n{}  return 1\n}}\n"
    for what, said in (
        (safe, "1 with --fix"),
        (unsafe, "1 with --fix --unsafe-fixes"),
        (safe + unsafe, "1 with --fix, 1 more with --fix --unsafe-fixes"),
    ):
        done = flowlang("check", write(here, "a.flow", flow.format(what)))
        assert done.err.endswith(f"\ncan be fixed: {said}\n")
        assert done.out.count("(needs --unsafe-fixes)") == (unsafe in what)
    assert "can be fixed" not in flowlang("check", write(here, "a.flow", "flow f() -> int {\n  return x\n}\n")).err


def test_what_only_a_file_that_is_not_named_could_be_fixed_in_does_not_count(flowlang: Command, here: Path) -> None:
    broken = "flow f(at: datetime) -> int {\n  let y: date = at\n  do wait('5m')\n  return 1\n}\n"
    uses = broken.replace("return 1", "step x = lib.f(at)\n  return x")
    lib, main = write(here, "lib.flow", broken), write(here, "main.flow", f'import "lib.flow" as lib\n{uses}')
    said = "\ncan be fixed: {0} with --fix, {0} more with --fix --unsafe-fixes\n"
    assert flowlang("check", main).err.endswith(said.format(1))
    assert flowlang("check", main, lib).err.endswith(said.format(2))
    alone = uses.replace("  let y: date = at\n  do wait('5m')\n", "")
    write(here, "main.flow", f'import "lib.flow" as lib\n{alone}')
    assert "can be fixed" not in flowlang("check", main).err


def test_stdin_is_fixed_to_stdout(flowlang: Command) -> None:
    done = flowlang("check", "--fix", "-", stdin=BAD)
    assert (done.code, done.out) == (0, BAD.replace("if id", "if id else none"))
    clean = flowlang("check", "--fix", "-", stdin=done.out)
    assert (clean.code, clean.out, clean.err) == (0, done.out, "")


def test_a_byte_order_mark_and_line_ends_stay(flowlang: Command, here: Path) -> None:
    (here / "a.flow").write_bytes(b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode())
    assert flowlang("check", "--fix", "a.flow").code == 0
    expected = BAD.replace("if id", "if id else none").replace("\n", "\r\n").encode()
    assert (here / "a.flow").read_bytes() == b"\xef\xbb\xbf" + expected


def test_only_files_that_were_named_are_changed(flowlang: Command, here: Path) -> None:
    write(here, "other.flow", BAD)
    used = "\nflow g(id: string) -> any {\n  step a = o.f(id=id)\n  return a\n}\n"
    write(here, "a.flow", 'import "other.flow" as o\n\n' + BAD + used)
    done = flowlang("check", "--fix", "a.flow")
    assert done.code == 1
    assert (here / "other.flow").read_text() == BAD
    assert "else none" in (here / "a.flow").read_text()


def test_a_file_that_cannot_be_written(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", BAD)
    (here / f"a.flow.{'x' * 10}").mkdir()
    for content in (BAD, CLEAN):
        write(here, "a.flow", content)
        done = flowlang("check", "--output", "sarif=nowhere/x.sarif", "a.flow")
        assert done.code == 2
        assert "nowhere/x.sarif cannot be written" in done.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--fix", "--diff"], "--fix and --diff exclude each other"),
        (["--unsafe-fixes"], "--unsafe-fixes goes with --fix or --diff"),
        (["--write-baseline"], "--write-baseline needs --baseline"),
        (["--stdin-filename", "x.flow"], "--stdin-filename names the text of stdin"),
        (["--statistics", "--format", "json"], "--statistics are text"),
        (["--output", "jsonl=-"], "stdout is told by --format"),
    ],
)
def test_what_does_not_go_together(flowlang: Command, here: Path, args: list[str], message: str) -> None:
    done = flowlang("check", *args, write(here, "a.flow", BAD))
    assert (done.code, done.out) == (2, "")
    assert message in done.err
