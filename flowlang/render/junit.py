"""Findings as a JUnit report: a test suite per file, a failing test case per finding, in the order of findings.

Without findings there is one suite with one case that passes, for some readers take an empty report for a broken one.
"""

from __future__ import annotations

from flowlang.render.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, Source], files: int) -> str:
    """Render findings as one XML document."""
    suites: dict[str, list[Diagnostic]] = {}
    for found in diagnostics:
        suites.setdefault(found.span.file, []).append(found)
    count = len(diagnostics)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="flowlang" tests="{max(1, count)}" failures="{count}" errors="0">')
    for file, inside in suites.items():
        lines += _suite(file, inside, sources.get(file))
    if not suites:
        lines.append('  <testsuite name="flowlang" tests="1" failures="0" errors="0">')
        lines += [f'    <testcase name="{files} checked" classname="flowlang"/>', "  </testsuite>"]
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(file: str, diagnostics: Sequence[Diagnostic], source: Source | None) -> Iterable[str]:
    name, count = _quote(file), len(diagnostics)
    yield f'  <testsuite name="{name}" tests="{count}" failures="{count}" errors="0">'
    for found in diagnostics:
        at = None if source is None else source.position(found.span.start)
        line, column = (at.line, at.column) if at is not None else (1, 1)
        yield f'    <testcase name="{found.rule} at {line}:{column}" classname="{name}" file="{name}" line="{line}">'
        text = "\n".join([f"{file}:{line}:{column}: {found.message}", *found.help.splitlines()])
        yield (
            f'      <failure type="{found.severity}" message="{_quote(found.message)}">'
            f"{chr(10).join(_quote(each) for each in text.splitlines())}</failure>"
        )
        yield "    </testcase>"
    yield "  </testsuite>"


def _quote(text: str) -> str:
    """Escape for XML; what XML cannot hold at all is shown as in a terminal."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
