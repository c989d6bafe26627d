"""What an editor offers to do about a finding: its fixes, all safe fixes at once, or accepting it with a reason."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.mending import mend
from flowlang.compiler.pipeline import check
from flowlang.compiler.suppression import IGNORE, MARK, can_be_ignored
from flowlang.diagnostics.fixing import end_of_line, written
from flowlang.lsp import findings
from flowlang.lsp.cursor import HOLE, TEXTS, cursor_at
from flowlang.lsp.edits import edits_between
from flowlang.lsp.features import Feature
from flowlang.lsp.offers.desk import Desk
from flowlang.lsp.offers.elsewhere import meant_by
from flowlang.lsp.places import span
from flowlang.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from flowlang.diagnostics import Diagnostic, Fix
    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot

FIX_ALL: Final = "source.fixAll.flowlang"
MOST_IMPORTS: Final = 5
"""Imports that are offered for one word."""
_ABOUT_NAMES: Final = frozenset(("unknown-name", "unknown-function", "unknown-type"))
_ABOUT_ACCEPTING: Final = frozenset(("unknown-rule", "useless-suppression", "suppression-without-reason"))


def code_actions(project: Project, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done about the findings in a part of a file."""
    snapshot = project.snapshot(params.text_document.uri)
    only = params.context.only
    actions: list[types.CodeAction] = []
    if _wants(only, types.CodeActionKind.QuickFix):
        start, end = snapshot.text_offset(params.range.start), snapshot.text_offset(params.range.end)
        around = [
            found for found in project.uses.judged(snapshot) if found.span.start <= end and start <= found.span.end
        ]
        actions += [action for found in around for action in _fixes(project, snapshot, found)]
        actions += [action for found in around for action in _imports(project, snapshot, found)]
        actions += _acceptances(snapshot, around)
    # An editor that asks by itself, at each move of the cursor, is not made to wait for what mends the whole file.
    by_itself = params.context.trigger_kind == types.CodeActionTriggerKind.Automatic and not only
    if not by_itself and _wants(only, FIX_ALL) and any(fix.safe for found in snapshot.findings for fix in found.fixes):
        edits = fix_all(project, snapshot)
        if edits:
            actions.append(
                types.CodeAction(
                    title="Make all safe fixes", kind=FIX_ALL, edit=types.WorkspaceEdit(changes={snapshot.uri: edits})
                )
            )
    return actions


def _wants(only: object, kind: str) -> bool:
    """Whether actions of a kind are asked for; a client that names none, or the empty one, wants all."""
    asked: list[str] = list(only) if isinstance(only, (list, tuple)) else []
    return not asked or any(each in ("", kind) or kind.startswith(f"{each}.") for each in asked)


def _fixes(project: Project, snapshot: Snapshot, found: Diagnostic) -> Iterator[types.CodeAction]:
    is_first = True
    for fix in found.fixes:
        changes = _changes(project, snapshot, fix)
        if not changes:
            continue
        title = fix.title if fix.safe else f"{fix.title} (may change what the flow does)"
        yield types.CodeAction(
            title=title[:1].upper() + title[1:],
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[findings.shown(snapshot, found)],
            is_preferred=True if fix.safe and is_first else None,
            edit=types.WorkspaceEdit(changes=changes),
        )
        is_first = is_first and not fix.safe


def _imports(project: Project, snapshot: Snapshot, found: Diagnostic) -> Iterator[types.CodeAction]:
    """Writing a name that is not known here as that of another file of the project, with the import of that."""
    if found.rule not in _ABOUT_NAMES or found.span.file != snapshot.path or snapshot.file is None:
        return
    start, end = found.span.start, found.span.end
    if snapshot.text[start - 1 : start] == ".":
        return  # it is looked for in what stands before it
    desk = Desk(project, snapshot.path, snapshot.source, cursor_at(snapshot.text, end))
    meant = meant_by(desk, snapshot.text[start:end], snapshot.file.names, is_type=found.rule == "unknown-type")
    for name, needs in islice(meant, MOST_IMPORTS):
        edits = [types.TextEdit(range=span(snapshot.source, start, end), new_text=name)]
        yield types.CodeAction(
            title=f"Write `{name}`" if needs is None else f"Import `{needs.target}`",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[findings.shown(snapshot, found)],
            edit=types.WorkspaceEdit(
                changes={snapshot.uri: edits if needs is None else [desk.importing(needs), *edits]}
            ),
        )


def _changes(project: Project, snapshot: Snapshot, fix: Fix) -> dict[str, list[types.TextEdit]]:
    """The edits of a fix by file, with the line ends of each; none if one of the files cannot be changed."""
    by_file: dict[str, list[types.TextEdit]] = {}
    for edit in fix.edits:
        path = edit.span.file
        if path not in project.open and not os.access(path, os.W_OK):
            return {}
        other = snapshot if path == snapshot.path else project.look(path)
        place = span(other.source, edit.span.start, edit.span.end)
        text = written(edit, end_of_line(other.text))
        by_file.setdefault(other.uri, []).append(types.TextEdit(range=place, new_text=text))
    return by_file


def _acceptances(snapshot: Snapshot, around: list[Diagnostic]) -> Iterator[types.CodeAction]:
    """A comment that hides the findings of a rule in a line; the author says why."""
    together: dict[tuple[str, int], list[Diagnostic]] = {}
    for found in around:
        if can_be_ignored(found.rule) and found.rule not in _ABOUT_ACCEPTING:
            line = snapshot.source.position(found.span.start).line
            together.setdefault((found.rule, line), []).append(found)
    for (rule, line), hidden in together.items():
        edit = _comment(snapshot.source, line, f"# {MARK} {IGNORE}[{rule}] TODO: say why")
        if edit is not None:
            yield types.CodeAction(
                title=f"Accept `{rule}` here",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[findings.shown(snapshot, found) for found in hidden],
                edit=types.WorkspaceEdit(changes={snapshot.uri: [edit]}),
            )


def _comment(source: Source, line: int, comment: str) -> types.TextEdit | None:
    """A comment about a line: above it, else behind it; none where neither would be one, or be about that line."""
    text, start, written = source.text, source.starts[line - 1], source.line(line)
    code = written.lstrip()
    if not code or code.startswith("#"):
        return None
    if not _is_in_text(text, start):
        indent = written[: len(written) - len(code)]
        above = f"{indent}{comment}{end_of_line(text)}"
        return types.TextEdit(range=span(source, start, start), new_text=above)
    end = start + len(written)
    if _is_in_text(text, end) or cursor_at(text, end).mode == "comment":
        return None
    return types.TextEdit(range=span(source, end, end), new_text=f"  {comment}")


def _is_in_text(text: str, offset: int) -> bool:
    """Whether a place is in a text of several lines."""
    if '"""' not in text:
        return False
    return any(kind == HOLE or kind in TEXTS for kind, _ in cursor_at(text, offset).open)


def fix_all(project: Project, snapshot: Snapshot) -> list[types.TextEdit]:
    """The edits that make every safe fix within a file, until there is none."""
    path, texts = snapshot.path, {snapshot.path: snapshot.text}

    def recheck(changed: dict[str, str]) -> list[Diagnostic]:
        texts.update(changed)
        settings = project.settings(path)
        return project.judged(check(path, project.reading(texts), settings.opted_in), path, settings)

    mend(list(snapshot.findings), {path}, texts.__getitem__, recheck, unsafe=False)
    return edits_between(snapshot.source, texts[path])


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        code_actions,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    ),
)
