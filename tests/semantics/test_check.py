"""What the checker owes as a whole: no traceback, the same findings every time, one for one mistake, in time that
grows linearly.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.compiler.pipeline import check, check_text
from flowlang.compiler.workspace import Unreadable, read_file
from flowlang.diagnostics.fixing import apply
from flowlang.semantics import catalog
from flowlang.semantics.suggest import closest

ROOT = Path(__file__).resolve().parent.parent.parent
CLEAN = sorted([*(ROOT / "examples").rglob("*.flow"), *(ROOT / "tests" / "corpus" / "clean").glob("*.flow")])
TEXTS = [path.read_text(encoding="utf-8") for path in CLEAN]


@pytest.mark.parametrize("path", CLEAN, ids=[path.stem for path in CLEAN])
def test_clean_flows_have_no_findings(path: Path) -> None:
    assert check(str(path), read_file).diagnostics == ()


@settings(max_examples=150)
@given(st.data())
def test_no_text_makes_the_checker_raise(data: st.DataObject) -> None:
    """Clean flows with a piece cut out, doubled, moved or replaced; every place lies inside its file."""
    text = data.draw(st.sampled_from(TEXTS))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    piece = data.draw(
        st.sampled_from(["", "none", "x", "{", "}", "|", ".a", "?", "'a'", "if", "step", text[start:end] * 2])
    )
    text = text[:start] + piece + text[end:]
    program = check_text(text, "a.flow")
    for found in program.diagnostics:
        for span in (found.span, *(related.span for related in found.related)):
            assert span.file == "a.flow"
            assert 0 <= span.start <= span.end <= max(len(text), 1)
        assert found.message
        assert "Traceback" not in found.message


WORDS = ["lead", "score", "http", "config", "json", "catch", "yield", "when", "crm", "id", "step", "match"]


@settings(max_examples=100)
@given(st.data())
def test_swapped_words_make_no_traceback(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    word, other = data.draw(st.sampled_from(WORDS)), data.draw(st.sampled_from(WORDS))
    at = text.find(word, data.draw(st.integers(0, len(text))))
    if at >= 0:
        check_text(text[:at] + other + text[at + len(word) :])


def test_k_mistakes_are_k_errors() -> None:
    for count in range(1, 11):
        lines = "\n".join(f"  step s{i} = missing{i}.field + 1" for i in range(count))
        found = check_text(f"flow f() -> any {{\n{lines}\n  return 1\n}}\n").diagnostics
        assert [each.rule for each in found] == ["unknown-name"] * count


MISTAKES = [
    ("insurance_type: InsuranceType", "insurance_type: InsuranceTyp", "unknown-type"),
    ("lead.quality_score >= 40", "lead.quality_scor >= 40", "unknown-field"),
    ("@breaker(failures=5", "@breaker(failure=5", "unknown-argument"),
    ("config.team_hook", "config.team_hok", "unknown-config"),
    ("crm.get(", "crm.gte(", "unknown-function"),
    ("lead.insurance_type != 'life'", "lead.insurance_type != 'live'", "impossible-comparison"),
    ("dry_run: bool = false", "dry_run: bool = 0", "type-mismatch"),
    ("import notify", "import notfy", "unknown-module"),
    ("do carrier_a.delete", "do carier_a.delete", "unknown-name"),
    ("after note", "after noet", "unknown-name"),
    ("status: 'dry_run' if dry_run", "status: 'dry' if dry_run", "type-mismatch"),
    ("id: string, status: 'accepted'", "id: strin, status: 'accepted'", "unknown-type"),
    ("each.receipt is not none", "each.receipt.id == 'x'", "maybe-none"),
    ("with { lead_id: event.data.id }", "with { lead: event.data.id }", "unknown-argument"),
    ('"/leads/{{ lead_id }}"', '"leads/{{ lead_id }}"', "bad-url"),
    ("{{ lead.id }} scores", "{{ lead.phone }} scores", "maybe-none"),
]


@pytest.mark.parametrize(("right", "wrong", "rule"), MISTAKES, ids=[wrong for _, wrong, _ in MISTAKES])
def test_one_mistake_is_one_error(right: str, wrong: str, rule: str) -> None:
    text = (ROOT / "examples" / "lead_submission" / "lead_submission.flow").read_text(encoding="utf-8")
    assert right in text
    errors = [each for each in check_text(text.replace(right, wrong, 1)).diagnostics if each.severity == "error"]
    assert [each.rule for each in errors] == [rule]


def test_findings_do_not_depend_on_the_hash_seed() -> None:
    folder = ROOT / "tests" / "golden" / "check"
    files = [str(path) for path in sorted(folder.glob("*.flow"))]
    code = (
        "import sys\nfrom flowlang.compiler.pipeline import check\nfrom flowlang.compiler.workspace import read_file\n"
        "for path in sys.argv[1:]:\n    for found in check(path, read_file).diagnostics:\n        print(found)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, *files],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    assert outputs.pop()


FORBIDDEN = """
    typing dataclasses pathlib collections.abc lark click httpx pydantic jinja2 networkx asyncio logging
""".split()


def test_a_clean_check_imports_little() -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom flowlang.compiler.pipeline import check\n"
        "from flowlang.compiler.workspace import read_file\n"
        "assert not [d for d in check(sys.argv[1], read_file).diagnostics if d.severity == 'error']\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    path = ROOT / "examples" / "lead_routing" / "lead_routing.flow"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert not set(done.stdout.split()) & set(FORBIDDEN)


def test_a_file_that_cannot_be_read_is_a_finding() -> None:
    program = check("nowhere.flow", read_file)
    assert [each.rule for each in program.diagnostics] == ["unreadable-file"]
    assert "does not exist" in program.diagnostics[0].message


@pytest.mark.parametrize(("content", "reason"), [(b"\xff\xfe", "not UTF-8"), (b"x" * (17 * 1024 * 1024), "MiB")])
def test_files_that_are_no_flows_say_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.flow"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        read_file(str(path))


def test_a_file_that_grows_while_it_is_read_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.flow"
    path.write_text("# a\n", encoding="utf-8")
    before = os.stat(path)
    path.write_text("# a\n# b\n", encoding="utf-8")
    monkeypatch.setattr(os, "stat", lambda _: before)
    assert read_file(str(path)) == "# a\n# b\n"


def test_a_folder_says_that_it_is_one(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="folder"):
        read_file(str(tmp_path))


def test_suggestions_are_near_or_none() -> None:
    assert closest("qqqq", ["lead", "http", "a"]) == []
    assert closest("scroe", ["score", "lead"]) == ["score"]
    assert closest("quotes", ["quote", "note", "quoted"]) == ["quote", "quoted"]
    assert closest("lead", ["Lead"]) == ["Lead"]
    assert closest("ab", ["cd", "ac"]) == ["ac"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "flowlang"


def test_the_library_is_stored_and_read_again(cache: Path) -> None:
    first = catalog.load()
    (stored,) = cache.glob("stdlib-*.json")
    again = catalog.load()
    assert again.data == first.data
    assert again.prelude("map") == first.prelude("map")
    assert stored.exists()


@pytest.mark.parametrize("damage", [b"", b"x y\n{}", b"\x00" * 50])
def test_a_damaged_store_is_read_anew(cache: Path, damage: bytes) -> None:
    catalog.load()
    (stored,) = cache.glob("stdlib-*.json")
    stored.write_bytes(damage)
    assert catalog.load().prelude("upper") is not None


def test_a_store_that_cannot_be_written_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert catalog.load().is_module("http")


def test_it_is_said_which_file_declares_a_configuration_value() -> None:
    files = {
        "a.flow": 'import "lib.flow" as lib\n\nflow f() -> any {\n  return [lib.one(), config.api]\n}\n',
        "lib.flow": "config { api: url }\n\nfunction one() -> url = config.api\n",
    }
    (found,) = check("a.flow", files.__getitem__).diagnostics
    assert found.rule == "unknown-config"
    assert found.help == "`lib.flow` declares it, and each file declares what it reads: add `api: url`"
    assert [each.span.file for each in found.related] == ["lib.flow"]


def test_a_fix_puts_the_import_below_a_comment_of_the_file() -> None:
    text = "# Ours.\n\nflow f() {\n  do http.get('https://a.b')\n}\n"
    fix = check_text(text).diagnostics[0].fixes[0]
    assert apply(text, fix.edits).startswith("# Ours.\n\nimport http\nflow f()")
