"""Configuration: which place wins, how text is read, and that all problems come at once without showing a secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowlang.engines.configuration import Configuration, Places, configure, read_dotenv
from flowlang.engines.spelling import Misspelt, read_value, strict_json
from flowlang.plan.nodes import Parameter
from flowlang.types import model
from flowlang.types.codec import to_json

TYPES = (model.URL, model.INT, model.Secret(model.STRING), model.DURATION, model.List(model.INT))
JSON_TYPES = tuple(to_json(of) for of in TYPES)
CRM = Parameter("crm", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    return tmp_path


def read(folder: Path, *parameters: Parameter, given: dict[str, str] | None = None, **environ: str) -> Configuration:
    places = Places(given or {}, environ, folder, folder / "flows" / "x.flow")
    return configure(parameters, JSON_TYPES, places)


def test_places_in_order(folder: Path) -> None:
    (folder / "flowlang.toml").write_text('[config]\ncrm = "https://toml"\n')
    assert read(folder, CRM).values == {"crm": "https://toml"}
    (folder / "flows" / "flowlang.toml").write_text('[config]\ncrm = "https://nearer"\n')
    assert read(folder, CRM).values == {"crm": "https://nearer"}
    (folder / "crm.txt").write_text("https://file\n")
    (folder / ".env").write_text("FLOW_CRM_FILE=crm.txt\n")
    assert read(folder, CRM).values == {"crm": "https://file"}
    (folder / ".env").write_text("FLOW_CRM=https://dotenv\n")
    assert read(folder, CRM).values == {"crm": "https://dotenv"}
    assert read(folder, CRM, FLOW_CRM_FILE="crm.txt").values == {"crm": "https://file"}
    assert read(folder, CRM, FLOW_CRM="https://environ", FLOW_CRM_FILE="crm.txt").values == {"crm": "https://environ"}
    given = {"crm": "https://given"}
    assert read(folder, CRM, given=given, FLOW_CRM="https://environ").values == {"crm": "https://given"}


def test_a_default_is_left_to_the_run(folder: Path) -> None:
    assert read(folder, Parameter("crm", 0, default=["lit", "https://x"])) == Configuration({}, [])


def test_text_is_read_as_its_type_wants_it(folder: Path) -> None:
    parameters = (Parameter("n", 1), Parameter("wait", 3), Parameter("list", 4))
    found = read(folder, *parameters, FLOW_N="3", FLOW_WAIT="90s", FLOW_LIST="[1, 2]")
    assert found == Configuration({"n": 3, "wait": "90s", "list": [1, 2]}, [])


def test_a_number_is_no_duration(folder: Path) -> None:
    (folder / "flowlang.toml").write_text("[config]\nwait = 90\n")
    (problem,) = read(folder, Parameter("wait", 3)).problems
    assert problem.endswith("flowlang.toml: expected a duration such as 30s or PT1H30M, written as text, got 90")


def test_everything_wrong_at_once(folder: Path) -> None:
    (folder / "flowlang.toml").write_text("[config]\nlist = [1, 'x']\n")
    parameters = (CRM, Parameter("n", 1), Parameter("wait", 3), Parameter("list", 4))
    problems = read(folder, *parameters, FLOW_N="many", FLOW_WAIT_FILE="nowhere").problems
    assert len(problems) == 4
    text = "\n".join(problems)
    assert "config `crm` is missing: set FLOW_CRM or pass --config crm=…" in text
    assert "config `n` from FLOW_N: expected a whole number, got 'many'" in text
    assert "FLOW_WAIT_FILE names nowhere, which cannot be read: No such file or directory" in text
    assert "config `list` from" in text


def test_what_is_not_utf_8_is_a_problem(folder: Path) -> None:
    places = Places({}, {"FLOW_A": "a\udcffb"}, folder, folder / "x.flow")
    found = configure([Parameter("a", 0)], ("string",), places)
    assert (found.values, found.problems) == ({}, ["FLOW_A is not UTF-8 text"])


def test_a_secret_is_never_shown(folder: Path) -> None:
    types = (to_json(model.Secret(model.INT)), to_json(model.Secret(model.URL)))
    parameters = [Parameter("a", 0, secret=True), Parameter("b", 1, secret=True)]
    places = Places({}, {"FLOW_A": "hunter2", "FLOW_B": "hunter2"}, folder, folder / "x.flow")
    problems = configure(parameters, types, places).problems
    assert len(problems) == 2
    assert "hunter2" not in "".join(problems)


@pytest.mark.parametrize("content", [b"\xff", b"[config", b"crm = 'x'\n"])
def test_a_broken_toml_file_is_a_problem_or_holds_nothing(folder: Path, content: bytes) -> None:
    (folder / "flowlang.toml").write_bytes(content)
    assert "flowlang.toml cannot be read" in read(folder, CRM).problems[0] or content.startswith(b"crm")
    assert read(folder, CRM).values == {}


def test_a_toml_file_whose_config_is_no_table(folder: Path) -> None:
    (folder / "flowlang.toml").write_text("config = 3\n")
    found = read(folder, CRM)
    assert found.values == {}
    assert found.problems[0].endswith("flowlang.toml: config is not a table")


def test_dotenv_lines() -> None:
    text = """
        # comment
        A=1
        export B = two words # comment
        C="x # y" # comment
        D='it''s'
        E=
        no equals
        =nameless
    """
    values, passed_over = read_dotenv(text)
    assert values == {"A": "1", "B": "two words", "C": "x # y", "D": "it", "E": ""}
    assert passed_over == [8, 9]


TEXT_OR_INT = model.Union((model.STRING, model.INT))


@pytest.mark.parametrize(
    ("of", "text", "value"),
    [
        (model.STRING, "12", "12"),
        (model.STRING, '"x"', '"x"'),
        (model.Union((model.STRING, model.NONE)), "null", "null"),
        (model.INT, "12", 12),
        (model.BOOL, "true", True),
        (model.FLOAT, "1.5", 1.5),
        (model.LiteralOf("auto", "string"), "auto", "auto"),
        (model.Union((model.LiteralOf("auto", "string"), model.LiteralOf("home", "string"))), "home", "home"),
        (model.LiteralOf(3, "int"), "3", 3),
        (TEXT_OR_INT, "12", 12),
        (TEXT_OR_INT, "x", "x"),
        (TEXT_OR_INT, '"12"', '"12"'),
        (model.Union((model.INT, model.NONE)), "none", None),
        (model.Union((model.INT, model.NONE)), "null", None),
        (model.ANY, "[1]", [1]),
        (model.ANY, "plain", "plain"),
        (model.List(model.STRING), '["a"]', ["a"]),
        (model.DURATION, "30s", "30s"),
        (model.Secret(model.INT), "5", 5),
    ],
)
def test_spelling(of: model.Type, text: str, value: object) -> None:
    read = read_value(text, of)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("of", "text", "wanted"),
    [
        (model.BOOL, "yes", "true or false"),
        (model.INT, "NaN", "a whole number"),
        (model.List(model.INT), "1,2", "a JSON list"),
        (model.Map(model.INT), '{"a": 1, "a": 2}', "a JSON object"),
        (model.List(model.INT), "[" * 100_000, "a JSON list"),
    ],
)
def test_misspelling(of: model.Type, text: str, wanted: str) -> None:
    with pytest.raises(Misspelt, match=f"expected {wanted}"):
        read_value(text, of)


def test_what_is_not_utf_8_is_misspelt() -> None:
    with pytest.raises(Misspelt, match="it is not UTF-8 text"):
        read_value("\udcff", model.STRING)


@pytest.mark.parametrize("text", ['"\\ud800"', '[{"\\uDC00": 1}]', '"\udcff"'])
def test_half_a_surrogate_pair_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match="not Unicode"):
        strict_json(text)
    assert strict_json('"\\ud83d\\ude00 \\u00fc"') == "\U0001f600 ü"


def test_strict_json_names_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="the key 'a' appears twice"):
        strict_json('{"a": 1, "b": 2, "a": 3}')


def test_a_dotenv_that_is_a_pipe_is_refused(folder: Path) -> None:
    os.mkfifo(folder / ".env")
    assert read(folder, CRM).problems[0] == ".env cannot be read: it is a folder, a pipe or a device, not a file"


def test_a_settings_file_of_megabytes_is_refused(folder: Path) -> None:
    (folder / "flowlang.toml").write_text("# nothing\n" * 300_000)
    assert "flowlang.toml has 3,000,000 bytes; the most that is read is 1,048,576" in read(folder, CRM).problems[0]


def test_a_number_of_too_many_digits_is_told_as_such() -> None:
    with pytest.raises(Misspelt, match=r"^a whole number of 6,000 digits, at line 1 column 1; the most is 4,300$"):
        read_value("9" * 6000, model.INT)
