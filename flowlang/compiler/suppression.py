"""`# flow: ignore[name] reason`: findings that an author has looked at and accepts.

Behind code it holds for that line; on a line of its own for the next line of code. Errors of the language are never
hidden, for what they stop could not run: only warnings and the findings of checks. One that hides nothing, names no
rule or gives no reason is itself a finding.
"""

from __future__ import annotations

from flowlang.checks.registry import CHECKS, severity_of
from flowlang.diagnostics import Diagnostic
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.source import Source
    from flowlang.syntax.context import Comment

MARK = "flow:"
IGNORE = "ignore"


class Ignore:
    """One suppression: its rules, its place, the line it holds for, and which rules it has hidden."""

    __slots__ = ("line", "names", "reason", "span", "used")

    def __init__(self, span: Span, line: int, names: list[str], reason: str) -> None:
        self.span = span
        self.line = line
        self.names = names
        self.reason = reason
        self.used: set[str] = set()


def suppress(
    found: list[Diagnostic],
    files: list[tuple[Source, tuple[Comment, ...]]],
    broken: set[str],
    off: frozenset[str] = frozenset(),
) -> list[Diagnostic]:
    """Take out what is suppressed and add findings about the suppressions. `broken`: files with syntax errors, where
    nothing is called useless; nor is the suppression of a rule that is `off`.
    """
    kept = found
    for source, comments in files:
        ignores = [each for comment in comments if MARK in comment.text for each in _read(source, comment)]
        if ignores:
            kept = _apply(kept, source, ignores, source.path in broken, off)
    return kept


def _apply(
    found: list[Diagnostic], source: Source, ignores: list[Ignore], is_broken: bool, off: frozenset[str]
) -> list[Diagnostic]:
    by_line: dict[int, list[Ignore]] = {}
    for ignore in ignores:
        by_line.setdefault(ignore.line, []).append(ignore)
    kept: list[Diagnostic] = []
    for each in found:
        hidden = False
        if each.span.file == source.path and can_be_ignored(each.rule):
            for ignore in by_line.get(source.position(each.span.start).line, ()):
                if each.rule in ignore.names:
                    ignore.used.add(each.rule)
                    hidden = True
        if not hidden:
            kept.append(each)
    has_errors = any(each.severity == "error" and each.span.file == source.path for each in found)
    for ignore in ignores:
        kept += _judge(source, ignore, is_broken, has_errors, off)
    return kept


def can_be_ignored(rule: str) -> bool:
    """Whether a finding is one about style or risk, not an error of the language."""
    return rule in CHECKS or severity_of(rule) != "error"


def _judge(source: Source, ignore: Ignore, is_broken: bool, has_errors: bool, off: frozenset[str]) -> list[Diagnostic]:
    """The findings about a suppression. In a file with errors nothing is mended for hiding nothing: they may keep back
    what it is there to hide.
    """
    if not ignore.names:
        message = "this `ignore` names no rule"
        return [Diagnostic("unknown-rule", "warning", message, ignore.span, "write `# flow: ignore[rule-name] reason`")]
    found: list[Diagnostic] = []
    for number, name in enumerate(ignore.names):
        severity = severity_of(name)
        if severity is None:
            from flowlang.checks.registry import rules
            from flowlang.semantics.suggest import did_you_mean

            message = f"there is no rule `{name}`"
            found.append(Diagnostic("unknown-rule", "warning", message, ignore.span, did_you_mean(name, rules())))
        elif not can_be_ignored(name):
            message = f"`{name}` is an error of the language and cannot be ignored"
            found.append(_useless(message, source, ignore, number))
        elif name not in ignore.used and name not in off and not is_broken:
            message = f"this hides nothing: there is no `{name}` here"
            useless = _useless(message, source, ignore, number)
            found.append(useless.replace(fixes=()) if has_errors else useless)
    if not ignore.reason and not found:
        message = "this `ignore` gives no reason"
        found.append(
            Diagnostic("suppression-without-reason", "warning", message, ignore.span, "say why behind the bracket")
        )
    return found


def _useless(message: str, source: Source, ignore: Ignore, number: int) -> Diagnostic:
    """The finding that one of the rules of a suppression is named in vain."""
    from flowlang.compiler.unneeded import without_rule

    fix = without_rule(source, ignore.span, number, len(ignore.names))
    return Diagnostic("useless-suppression", "warning", message, ignore.span, "remove it", (), (fix,))


def _read(source: Source, comment: Comment) -> list[Ignore]:
    text = comment.text.lstrip("#!").strip()
    said = text[len(MARK) :].lstrip()
    if not text.startswith(MARK) or not said.startswith(IGNORE):
        return []
    rest = said[len(IGNORE) :].lstrip()
    names: list[str] = []
    if rest.startswith("["):
        inside, _, rest = rest[1:].partition("]")
        names = [name.strip() for name in inside.split(",") if name.strip()]
    line = source.position(comment.start).line
    if not source.line(line)[: comment.start - source.starts[line - 1]].strip():
        line = _next_code(source, line)
    reason = rest.partition("#")[0].strip()
    return [Ignore(Span(source.path, comment.start, comment.end), line, names, reason)]


def _next_code(source: Source, line: int) -> int:
    """The next line that is neither empty nor a comment."""
    for number in range(line + 1, len(source.starts) + 1):
        text = source.line(number).strip()
        if text and not text.startswith("#"):
            return number
    return line
