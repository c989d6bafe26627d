"""What holds for every input: an answer within a second, places inside the file, plain words, and nothing else ever."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator

from flowlang.checks.registry import severity_of
from flowlang.compiler.lower.errors import LoweringError
from flowlang.compiler.lower.program import lower
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable
from flowlang.diagnostics import Diagnostic
from flowlang.formatter import format_source
from flowlang.plan.codec import from_json, to_json
from flowlang.render import concise, plan_dot, plan_json, plan_mermaid, plan_tree
from flowlang.render import json as findings_json
from flowlang.render import text as findings_text
from flowlang.semantics.facts import Program
from flowlang.source import Source, Span
from flowlang.syntax import ast

PATH = "fuzz.flow"
SECONDS = 1.0
BANNED = re.compile(r"Token\(|__ANON|Expected one of|Traceback|object at 0x|<class|\bNoneType\b|BROKEN_")


class Wrong(AssertionError):
    """Something that must hold for every input does not."""


def judge(data: bytes) -> tuple[str, float]:
    """Check, render, format and lower an input; gives all that was said and the seconds of the check."""
    program, seconds = _timed_check(data)
    if seconds > SECONDS:
        raise Wrong(f"the check took {seconds:.2f} s")
    sources = {path: file.source for path, file in program.files.items()}
    for found in program.diagnostics:
        judge_finding(found, sources)
    said = findings_text.render(program.diagnostics, sources) + concise.render(program.diagnostics, sources)
    json.loads(findings_json.render(program.diagnostics, sources, 1))
    if PATH in sources:
        said += _judge_format(sources[PATH], program)
    if not any(found.severity == "error" for found in program.diagnostics):
        said += _judge_plans(program)
    return said, seconds


def _timed_check(data: bytes) -> tuple[Program, float]:
    def read(path: str) -> str:
        if path != PATH:
            raise Unreadable("does not exist")
        try:
            return data.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise Unreadable("is not UTF-8") from None

    begun = time.process_time()
    program = check(PATH, read)
    return program, time.process_time() - begun


def judge_finding(found: Diagnostic, sources: dict[str, Source]) -> None:
    if severity_of(found.rule) != found.severity:
        raise Wrong(f"{found.rule} is no rule of severity {found.severity}")
    if not found.message.strip() or "\n" in found.message or BANNED.search(found.message + found.help):
        raise Wrong(f"{found.rule} says {found.message!r}, {found.help!r}")
    for span in _spans(found):
        source = sources.get(span.file)
        length = len(source.text) if source is not None else 0
        if source is None and span.file != PATH:
            raise Wrong(f"{found.rule} points into {span.file}")
        if not 0 <= span.start < span.end <= max(length, 1) and not length == span.start == span.end == 0:
            raise Wrong(f"{found.rule} points at {span} of {length}")
    for fix in found.fixes:
        for edit in fix.edits:
            if not 0 <= edit.span.start <= edit.span.end <= len(sources[edit.span.file].text):
                raise Wrong(f"a fix of {found.rule} edits {edit.span}")


def _spans(found: Diagnostic) -> Iterator[Span]:
    yield found.span
    for related in found.related:
        yield related.span


def _judge_format(source: Source, program: Program) -> str:
    formatted = format_source(source)
    is_broken = not isinstance(formatted, str)
    if is_broken and not program.diagnostics:
        raise Wrong("a clean file cannot be formatted")
    if isinstance(formatted, str):
        again = format_source(Source(PATH, formatted))
        if again != formatted:
            raise Wrong("formatting twice gives another text")
        return formatted
    return ""


def _judge_plans(program: Program) -> str:
    said = ""
    for item in program.files[program.root].tree.items:
        if isinstance(item, ast.FlowDecl):
            try:
                plan = lower(program, item.name.name)
            except LoweringError as error:
                said += str(error)
                continue
            if from_json(to_json(plan)) != plan:
                raise Wrong("a plan changes when it is written and read")
            said += "".join(form.render(plan) for form in (plan_tree, plan_json, plan_dot, plan_mermaid))
    return said
