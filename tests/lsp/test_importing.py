"""What completion offers of files and modules that are not imported, and the edit that imports them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.asking import Asked

CARRIERS = "type Quote { price: int }\n\nlet rate = 2\n\nflow ask(q: string) -> Quote {\n  return { price: 1 }\n}\n"
OTHERS = {"lib/carriers.flow": CARRIERS}
USE = "flow f() -> any {\n  step a = ‸\n  return 1\n}\n"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No project around, which would have names of its own."""
    monkeypatch.chdir(tmp_path)


def labels(text: str, others: dict[str, str]) -> list[str]:
    return Asked(text, others).labels()


@pytest.mark.parametrize(
    ("word", "label", "written"),
    [
        ("step a = as‸", "ask", "step a = carriers.ask"),
        ("step a = ra‸", "rate", "step a = carriers.rate"),
        ("step a = carr‸", "carriers", "step a = carriers"),
        ("step a: Quo‸", "Quote", "step a: carriers.Quote"),
        ("step a: list[carr‸]", "carriers", "step a: list[carriers]"),
    ],
)
def test_what_another_file_declares_comes_with_its_import(word: str, label: str, written: str) -> None:
    text = Asked(f"flow f() -> any {{\n  {word}\n  return 1\n}}\n", OTHERS).accepted(label)
    assert text.startswith('import "lib/carriers.flow" as carriers\n\nflow f()')
    assert written in text


def test_types_and_values_of_other_files_are_told_apart() -> None:
    assert "Quote" not in labels(USE, OTHERS)
    assert "ask" not in labels("type T { a: ‸ }", OTHERS)


def test_a_file_that_is_imported_is_not_imported_again() -> None:
    text = Asked('import "lib/carriers.flow" as c\n\n' + USE, OTHERS).accepted("ask")
    assert text.startswith('import "lib/carriers.flow" as c\n\nflow f()')
    assert "step a = c.ask" in text


def test_a_name_that_is_taken_is_not_taken_again() -> None:
    text = Asked("let carriers = 1\n\n" + USE, OTHERS).accepted("ask")
    assert text.startswith('import "lib/carriers.flow" as carriers_2\n\nlet carriers')
    assert "step a = carriers_2.ask" in text


def test_a_name_is_made_of_any_file_name() -> None:
    assert 'import "2-legs.flow" as file_2_legs' in Asked(USE, {"2-legs.flow": CARRIERS}).accepted("ask")


@pytest.mark.parametrize(
    ("head", "below"),
    [
        ("", "import notify\n\nflow f()"),
        ("##! Doc.\n", "##! Doc.\nimport notify\n\nflow f()"),
        ("##! Doc.\n\n", "##! Doc.\nimport notify\n\nflow f()"),
        ("# Ours 😀.\n# Yes.\n\n", "# Ours 😀.\n# Yes.\n\nimport notify\n\nflow f()"),
        ("##! Doc.\n# Ours.\n\n", "##! Doc.\n# Ours.\n\nimport notify\n\nflow f()"),
        ("# Of the flow.\n", "import notify\n\n# Of the flow.\nflow f()"),
        ("## Of the flow.\n", "import notify\n\n## Of the flow.\nflow f()"),
        ("# Ours.\n\nimport http\n\n", "# Ours.\n\nimport notify\nimport http\n\nflow f()"),
    ],
)
def test_where_an_import_is_put(head: str, below: str) -> None:
    text = head + USE.replace("‸", "notify.‸")
    assert Asked(text).accepted("slack").startswith(below)


def test_of_a_large_project_those_that_hold_the_word_are_offered() -> None:
    others = {f"m{number}.flow": f"flow ask_{number}() {{\n  return 1\n}}\n" for number in range(150)}
    found = Asked(USE, others).ask(types.TEXT_DOCUMENT_COMPLETION)
    assert found.is_incomplete
    assert not any(each.label.startswith("ask_") for each in found.items)
    found = Asked(USE.replace("‸", "ask_14‸"), others).ask(types.TEXT_DOCUMENT_COMPLETION)
    assert sum(each.label.startswith("ask_") for each in found.items) == 11


def test_what_would_import_in_a_circle_is_not_offered() -> None:
    others = {
        "main.flow": 'import "mid.flow" as mid\n\ntype Order { n: int }\n\nflow ship() -> int {\n  return 1\n}\n',
        "mid.flow": 'import "a.flow" as a\n\nflow pack() -> int {\n  return 1\n}\n',
        "other.flow": "flow shop() -> int {\n  return 1\n}\n",
    }
    offered = set(labels(USE, others))
    assert "shop" in offered
    assert not {"ship", "pack", "main", "mid"} & offered
    assert "Order" not in labels("type T { a: ‸ }", others)
    assert labels('import "‸"', others) == ["other.flow"]
    assert not {"main.flow", "mid.flow"} & set(labels("import ‸", others))


def test_what_is_imported_in_a_circle_already_is_offered() -> None:
    others = {"main.flow": 'import "a.flow" as a\n\nflow ship() -> int {\n  return 1\n}\n'}
    assert "step a = main.ship" in Asked('import "main.flow" as main\n\n' + USE, others).accepted("ship")


def test_files_of_another_project_or_of_none_are_not_offered(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "flowlang.toml").touch()
        (tmp_path / name / "lib.flow").write_text(CARRIERS.replace("ask", f"ask_{name}"), "utf-8")
    asked = Asked('flow f() -> any {\n  step a = "😀" ~ ask_‸\n  return 1\n}\n')
    asked.project.folders = ["here", "there"]
    asked.uri = asked.document.uri = (tmp_path / "here" / "a.flow").as_uri()
    asked.project.put(asked.uri, 1, asked.text)
    asked.project.put("untitled:Untitled-1", 1, "flow ask_nobody() {\n}\n")
    asked.labels()  # a round over the files
    found = [label for label in asked.labels() if label.startswith("ask_")]
    assert found == ["ask_here"]
