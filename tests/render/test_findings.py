"""How findings look: goldens, exact JSON, and what no source may do to a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from flowlang.diagnostics import Diagnostic, Edit, Fix, Related
from flowlang.render import concise, text
from flowlang.render import json as as_json
from flowlang.render.visible import columns, visible
from flowlang.source import Source, Span

LEAD = """\
##! Leads.
flow route(lead_id: string) -> string {
\tstep läuft = crm.get("/leads/{{ lead_id }}").json
  step 価格 = leed.score * 2  # 中文
  step b = foo(
    one,
    two,
  )
  return 'a\x1b[31m\u202eb'
}
"""
SOURCES = {
    "lead.flow": Source("lead.flow", LEAD),
    "long.flow": Source("long.flow", "let x = [" + "1, " * 100 + "oops, " + "2, " * 100 + "]"),
    "crlf.flow": Source("crlf.flow", "let a = 1\r\nlet b = wrong\r\n"),
}


def at(words: str, file: str = "lead.flow", count: int | None = None) -> Span:
    start = SOURCES[file].text.index(words)
    return Span(file, start, start + (len(words) if count is None else count))


FINDINGS = [
    Diagnostic(
        "unknown-name",
        "error",
        "nothing here is called `leed`",
        at("leed"),
        "did you mean `lead_id`?",
        (Related("declared here", at("lead_id")),),
        (Fix("replace it by `lead_id`", (Edit(at("leed"), "lead_id"),)),),
    ),
    Diagnostic("in-a-tab", "warning", "after a tab", at("crm.get")),
    Diagnostic("wide", "info", "wide characters count two columns", at("* 2")),
    Diagnostic("several-lines", "error", "too long a call", at("foo(", count=len("foo(\n    one,\n    two,\n  )"))),
    Diagnostic("two-lines", "error", "two lines", at("(\n", count=len("(\n    one"))),
    Diagnostic("hidden", "error", "holds \x1b[31m and \u202e", at("'a\x1b", count=10), "first\nsecond"),
    Diagnostic("at-the-end", "error", "the block is not closed", Span("lead.flow", len(LEAD) - 1, len(LEAD))),
    Diagnostic("long-line", "error", "far to the right", at("oops", "long.flow")),
    Diagnostic("crlf", "error", "on a line that ends in CR LF", at("wrong", "crlf.flow")),
    Diagnostic(
        "cycle",
        "error",
        "steps wait for each other",
        at("one"),
        related=tuple(Related(f"hop {i}", at("two")) for i in range(15)),
    ),
    Diagnostic("unreadable-file", "error", "it is a directory", Span("folder\n.flow", 0, 0)),
]


def test_as_text(golden: Callable[[Path, str], None], root: Path) -> None:
    shown = text.render(FINDINGS, SOURCES) + "\n" + text.summary(FINDINGS, 4) + "\n"
    golden(root / "tests/golden/render/findings.txt", shown)


def test_one_a_line(golden: Callable[[Path, str], None], root: Path) -> None:
    golden(root / "tests/golden/render/findings.concise.txt", concise.render(FINDINGS, SOURCES))


def test_as_json(golden: Callable[[Path, str], None], root: Path) -> None:
    golden(root / "tests/golden/render/findings.json", as_json.render(FINDINGS, SOURCES, 4))


def test_json_is_the_contract() -> None:
    position = {
        "type": "object",
        "required": ["line", "column", "offset"],
        "properties": {name: {"type": "integer"} for name in ("line", "column", "offset")},
        "additionalProperties": False,
    }
    place = {"file": {"type": "string"}, "start": position, "end": position}
    related = {
        "type": "object",
        "required": ["message", *place],
        "properties": {"message": {"type": "string"}, **place},
    }
    finding = {
        "type": "object",
        "required": ["rule", "severity", "message", "help", "related", "fixes", *place],
        "properties": {
            **{name: {"type": "string"} for name in ("rule", "message", "help")},
            **place,
            "severity": {"enum": ["error", "warning", "info"]},
            "related": {"type": "array", "items": {**related, "additionalProperties": False}},
            "fixes": {"type": "array"},
        },
        "additionalProperties": False,
    }
    schema = {
        "type": "object",
        "required": ["diagnostics", "files"],
        "properties": {"diagnostics": {"type": "array", "items": finding}, "files": {"type": "integer"}},
        "additionalProperties": False,
    }
    document = json.loads(as_json.render(FINDINGS, SOURCES, 4))
    jsonschema.validate(document, schema)
    first = document["diagnostics"][0]
    assert first["start"] == {"line": 4, "column": 13, "offset": LEAD.index("leed")}
    assert first["end"] == {"line": 4, "column": 17, "offset": LEAD.index("leed") + 4}


def test_nothing_found_is_nothing() -> None:
    assert text.render([], {}) == ""
    assert text.summary([], 1) == "nothing found in 1 file"
    assert json.loads(as_json.render([], {}, 1)) == {"diagnostics": [], "files": 1}


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text.render(FINDINGS, SOURCES, color=True)
    assert "\x1b[1;31merror" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text.render(FINDINGS, SOURCES)


@given(st.text(max_size=80), st.data())
def test_no_source_reaches_the_terminal_raw(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source)))
    span = Span("x\x1b.flow", start, data.draw(st.integers(start, len(source))))
    found = Diagnostic("any", "error", source, span, source, (Related(source, span),))
    for shown in (text.render([found], {span.file: Source(span.file, source)}), concise.render([found], {})):
        assert all(char.isprintable() for char in shown if char != "\n")
    plain = json.loads(as_json.render([found], {span.file: Source(span.file, source)}, 1))
    assert plain["diagnostics"][0]["message"] == source


@given(st.text(max_size=60))
def test_an_underline_is_as_wide_as_what_stands_above_it(line: str) -> None:
    shown, widths = columns(line)
    assert len(shown) == len(widths) == len(line)
    assert sum(widths) >= len([c for c in visible(line) if c.isascii()]) - 4 * line.count("\t")


def test_a_line_of_100_mb_is_shown_at_once() -> None:
    source = Source("big.flow", "x" * 100_000_000)
    found = Diagnostic("any", "error", "far", Span("big.flow", 50_000_000, 50_000_003))
    assert len(text.render([found], {"big.flow": source})) < 500
