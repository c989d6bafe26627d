"""Findings as SARIF 2.1.0, for code scanning.

Every result has a location whose region starts at line 1 or later: one without makes GitHub refuse the whole file. The
end of a region is exclusive, as everywhere here. Columns count code points. Fixes that may be unsafe are left out:
SARIF cannot say so.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from flowlang import __version__
from flowlang.render.fingerprint import fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from flowlang.diagnostics import Diagnostic, Fix
    from flowlang.source import Source, Span

    Json = dict[str, Any]

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Final = {"error": "error", "warning": "warning", "info": "note"}


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source], files: int) -> str:
    """Render findings as one SARIF log with one run."""
    rules = sorted({found.rule for found in diagnostics})
    index = {rule: number for number, rule in enumerate(rules)}
    marks = fingerprints(diagnostics, sources)
    driver = {
        "name": "flowlang",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule, diagnostics) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(found, index[found.rule], mark, sources) for found, mark in zip(diagnostics, marks, strict=True)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: str, diagnostics: Sequence[Diagnostic]) -> Json:
    """What a rule is, from its page."""
    from flowlang.bundled import read

    page = (read(f"docs/rules/{rule}.md") or b"").decode()
    sentence = page.partition("## What it does\n\n")[2].partition("\n\n")[0].replace("\n", " ")
    severity = next(found.severity for found in diagnostics if found.rule == rule)
    return {
        "id": rule,
        "shortDescription": {"text": sentence or rule},
        "help": {"text": page or rule, "markdown": page or rule},
        "defaultConfiguration": {"level": LEVELS[severity]},
    }


def _result(found: Diagnostic, index: int, mark: str, sources: Mapping[str, Source]) -> Json:
    text = found.message + (f"\n{found.help}" if found.help else "")
    result: Json = {
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": LEVELS[found.severity],
        "message": {"text": text},
        "locations": [_location(found.span, sources)],
        "partialFingerprints": {"flowlang/v1": mark},
    }
    if found.related:
        result["relatedLocations"] = [
            {"id": number, **_location(related.span, sources), "message": {"text": related.message}}
            for number, related in enumerate(found.related)
        ]
    fixes = [_fix(fix, sources) for fix in found.fixes if fix.safe and fix.edits]
    if fixes:
        result["fixes"] = fixes
    return result


def _location(span: Span, sources: Mapping[str, Source]) -> Json:
    location = {"artifactLocation": {"uri": _uri(span.file)}, "region": _region(span, sources)}
    return {"physicalLocation": location}


def _region(span: Span, sources: Mapping[str, Source]) -> Json:
    """A place in a file that could not be read is its beginning."""
    source = sources.get(span.file)
    if source is None:
        return {"startLine": 1, "startColumn": 1}
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }


def _fix(fix: Fix, sources: Mapping[str, Source]) -> Json:
    changes: dict[str, list[Json]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span, sources), "insertedContent": {"text": edit.text}}
        changes.setdefault(edit.span.file, []).append(replacement)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(file)}, "replacements": edits} for file, edits in changes.items()
        ],
    }


def _uri(path: str) -> str:
    """A relative reference, or a file URI for a path from the root."""
    quoted = quote(path.replace("\\", "/").encode("utf-8", "surrogatepass"))
    if quoted.startswith("/"):
        return f"file://{quoted}"
    return f"./{quoted}" if ":" in quoted.partition("/")[0] else quoted
