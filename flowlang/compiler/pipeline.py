"""The whole compile column on one page: load → declare → infer → check → suppress.

A pure function of text: files come in through `read`, nothing is executed, nothing else is opened but the stored
tables of flowlang itself. Findings are in canonical order whatever the hash seed. Lowering (`compiler.lower`) takes a
`Program` without errors on to a plan.
"""

from __future__ import annotations

import gc
import sys
from _bisect import bisect_left

from flowlang.checks.registry import OPT_IN, SUPPRESSION, run_checks
from flowlang.compiler.loading import load, opener
from flowlang.compiler.suppression import suppress
from flowlang.diagnostics import sort_key
from flowlang.semantics import catalog as library
from flowlang.semantics.declarations import Declarations
from flowlang.semantics.facts import CheckedFile, Program
from flowlang.semantics.infer.engine import Inference
from flowlang.semantics.infer.flows import infer_file
from flowlang.semantics.report import TOP
from flowlang.semantics.state import ProgramState
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from flowlang.compiler.loading import Loaded
    from flowlang.diagnostics import Diagnostic, Edit, Fix
    from flowlang.semantics.catalog import Catalog
    from flowlang.semantics.facts import Facts
    from flowlang.source import Source
    from flowlang.syntax.context import Comment
    from flowlang.types.model import Type

RECURSION = 20_000
"""Python frames: the parser bounds how deep a tree is, at about 20 frames a level."""
_ONCE_A_NAME: Final = frozenset(("bad-name", "needs-import"))
"""Of a name that is wrong wherever it stands its first use is told."""
_ONCE_A_DECLARATION: Final = frozenset(("url-hole",))
"""Where the mistake is in what is related, the first use is told."""
_catalog: Catalog | None = None


def check(path: str, read: Callable[[str], str], opted_in: frozenset[str] = frozenset()) -> Program:
    """Check a file and all it imports. `read` gives the text of a path or raises `workspace.Unreadable`; `opted_in` are
    the rules to turn on that are off otherwise.
    """
    state = ProgramState(path, standard_library(), opener(read))
    with Undisturbed():
        loaded = load(path, read, state.reporter)
        for file in loaded:
            check_file(state, file)
        program = Program(path, state.files, state.facts, ())
        syntax = [each for file in loaded for each in file.parsed.diagnostics]
        syntax = heeding_types(syntax, state.facts)
        found = [*state.reporter.found, *run_checks(program, [*syntax, *state.reporter.found], opted_in)]
    commented = [(file.source, file.parsed.comments) for file in loaded]
    return program.replace(diagnostics=finish(syntax, found, commented, OPT_IN - opted_in))


class Undisturbed:
    """While a program is checked: no collection of garbage, for there is none, and trees may be deep."""

    __slots__ = ("_limit", "_was_enabled")

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        self._limit = sys.getrecursionlimit()
        gc.disable()
        sys.setrecursionlimit(max(self._limit, RECURSION))

    def __exit__(self, *_: object) -> None:
        sys.setrecursionlimit(self._limit)
        if self._was_enabled:
            gc.enable()


def check_text(text: str, path: str = "<text>") -> Program:
    """Check a text that imports no files."""
    from flowlang.compiler.workspace import Unreadable

    def read(wanted: str) -> str:
        if wanted == path:
            return text
        raise Unreadable("does not exist")

    return check(path, read)


def standard_library() -> Catalog:
    """What the standard library declares, read once."""
    global _catalog
    if _catalog is None:
        _catalog = library.load()
    return _catalog


def check_file(state: ProgramState, loaded: Loaded) -> None:
    """Declare and infer one file; those it imports have been."""
    file = CheckedFile(loaded.path, loaded.source, loaded.parsed.tree, {})
    state.files[loaded.path] = file
    declarations = Declarations(state, file, None, loaded.imports)
    declarations.read()
    infer_file(Inference(state, file, declarations.types, own_config(state, file)))


def own_config(state: ProgramState, file: CheckedFile) -> dict[str, Type]:
    """The configuration that a file itself declares: what it may read."""
    return {
        field.name.name: state.facts.type_exprs[id(field.type)]
        for item in file.tree.items
        if isinstance(item, ast.Config)
        for field in item.fields
        if id(field.type) in state.facts.type_exprs
    }


def finish(
    syntax: list[Diagnostic],
    found: list[Diagnostic],
    commented: list[tuple[Source, tuple[Comment, ...]]],
    off: frozenset[str],
) -> tuple[Diagnostic, ...]:
    """What the parser and all others found, in canonical order: without what is suppressed, each once."""
    kept = suppress(found, commented, {each.span.file for each in syntax}, off)
    in_order = sorted([*syntax, *kept], key=sort_key)
    said: set[tuple[object, ...]] = set()
    texts = {source.path: source.text for source, _ in commented}
    comments = {source.path: comments for source, comments in commented if comments}
    placed = [_placed(each, texts) for each in in_order if _is_new(each, said)]
    return _cautious(tuple([_keeping(each, comments) if each.fixes else each for each in placed]))


def _keeping(found: Diagnostic, comments: dict[str, tuple[Comment, ...]]) -> Diagnostic:
    """A finding without the fixes that would take out a comment, but for one that is about the comment."""
    if found.rule in SUPPRESSION:
        return found
    kept = tuple([fix for fix in found.fixes if not any(_loses(fix, edit, comments) for edit in fix.edits)])
    return found if len(kept) == len(found.fixes) else found.replace(fixes=kept)


def _loses(fix: Fix, edit: Edit, comments: dict[str, tuple[Comment, ...]]) -> bool:
    """Whether a comment begins in what an edit replaces and is nowhere in what the fix writes."""
    among = comments.get(edit.span.file, ())
    for comment in among[bisect_left(among, edit.span.start, key=_start) :]:
        if comment.start >= edit.span.end:
            break
        if not any(comment.text.rstrip() in each.text for each in fix.edits):
            return True
    return False


def _start(comment: Comment) -> int:
    return comment.start


def heeding_types(syntax: list[Diagnostic], facts: Facts) -> list[Diagnostic]:
    """What the parser has found; the other value of an `if` that it offers only where types let that stand."""
    noted = {(path, node.start): answer for path, node, answer in facts.other_values.values()}
    holes = [(path, node) for path, node, _ in facts.other_values.values() if node.end > node.start]

    def heeding(found: Diagnostic) -> Diagnostic:
        fix = found.fixes[0] if found.rule == "missing-else" and found.fixes else None
        if fix is None or not fix.title.startswith("add "):
            return found
        path, at = fix.edits[0].span.file, fix.edits[0].span.start
        if "''" in fix.title:
            answer = "no" if any(path == of and hole.start <= at <= hole.end for of, hole in holes) else "safe"
        else:
            answer = noted.get((path, at), "no")
        return found.replace(fixes=() if answer == "no" else (fix.replace(safe=answer == "safe"),))

    return [heeding(each) for each in syntax]


def _cautious(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Findings whose fixes delete nothing for sure in a file with errors: mended, that may use what is unused now."""
    wrong = {each.span.file for each in found if each.severity == "error"}
    if not wrong:
        return found
    return tuple([_unsafe(each) if each.span.file in wrong and each.rule[:7] == "unused-" else each for each in found])


def _unsafe(found: Diagnostic) -> Diagnostic:
    return found.replace(fixes=tuple([fix.replace(safe=False) for fix in found.fixes])) if found.fixes else found


def first_import(text: str) -> int:
    """Where a file's first import belongs: below the file's doc and a comment that a blank line sets apart."""
    doc = _below(text, 0, "##!")
    comment = _below(text, doc, "#")
    is_apart = comment > doc and text.startswith("\n", comment)
    is_of_item = text.startswith("##", text.rfind("\n", 0, comment - 1) + 1)
    return comment + 1 if is_apart and not is_of_item else doc


def _below(text: str, at: int, mark: str) -> int:
    """The end of the lines from an offset on that begin so."""
    while text.startswith(mark, at) and "\n" in text[at:]:
        at = text.index("\n", at) + 1
    return at


def _placed(found: Diagnostic, texts: dict[str, str]) -> Diagnostic:
    """A finding whose fix adds the file's first import, where that belongs."""
    if found.rule != "needs-import" or not found.fixes or found.fixes[0].edits[0].span.start != TOP:
        return found
    at = first_import(texts[found.span.file])
    fix = found.fixes[0]
    edit = fix.edits[0].replace(span=Span(found.span.file, at, at))
    return found.replace(fixes=(fix.replace(edits=(edit,)),))


def _is_new(found: Diagnostic, said: set[tuple[object, ...]]) -> bool:
    """Whether this was not said before: of the same place, in the file of the same name, or of the same declaration."""
    place: object = found.span.file if found.rule in _ONCE_A_NAME else found.span
    if found.rule in _ONCE_A_DECLARATION and found.related:
        place = found.related[0].span
    key = (found.rule, place, found.message)
    is_new = key not in said
    said.add(key)
    return is_new
