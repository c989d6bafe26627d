"""The whole compile column on one page: load → declare → infer → check → suppress.

A pure function of text: files come in through `read`, nothing is executed, nothing else is opened but the stored
tables of flowlang itself. Findings are in canonical order whatever the hash seed. Lowering (`compiler.lower`) takes a
`Program` without errors on to a plan.
"""

from __future__ import annotations

import gc
import sys

from flowlang.checks.registry import OPT_IN, run_checks
from flowlang.compiler.loading import load
from flowlang.compiler.suppression import suppress
from flowlang.diagnostics import sort_key
from flowlang.semantics import catalog as library
from flowlang.semantics.declarations import Declarations
from flowlang.semantics.facts import CheckedFile, Program
from flowlang.semantics.infer.engine import Inference
from flowlang.semantics.infer.flows import infer_file
from flowlang.semantics.infer.library import infer_library
from flowlang.semantics.state import ProgramState
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.compiler.loading import Loaded
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.catalog import Catalog
    from flowlang.types.model import Type

RECURSION = 20_000
"""Python frames: the parser bounds how deep a tree is, at about 20 frames a level."""
_catalog: Catalog | None = None


def check(path: str, read: Callable[[str], str], opted_in: frozenset[str] = frozenset()) -> Program:
    """Check a file and all it imports. `read` gives the text of a path or raises `workspace.Unreadable`; `opted_in` are
    the rules to turn on that are off otherwise.
    """
    state = ProgramState(path, _library())
    was_enabled = gc.isenabled()
    limit = sys.getrecursionlimit()
    gc.disable()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        loaded = load(path, read, state.reporter)
        for file in loaded:
            _check_file(state, file)
        infer_library(state)
        program = Program(path, state.files, state.facts, ())
        syntax = [each for file in loaded for each in file.parsed.diagnostics]
        found = [*state.reporter.found, *run_checks(program, [*syntax, *state.reporter.found], opted_in)]
    finally:
        sys.setrecursionlimit(limit)
        if was_enabled:
            gc.enable()
    return program.replace(diagnostics=_finish(found, loaded, OPT_IN - opted_in))


def check_text(text: str, path: str = "<text>") -> Program:
    """Check a text that imports no files."""
    from flowlang.compiler.workspace import Unreadable

    def read(wanted: str) -> str:
        if wanted == path:
            return text
        raise Unreadable("does not exist")

    return check(path, read)


def _library() -> Catalog:
    global _catalog
    if _catalog is None:
        _catalog = library.load()
    return _catalog


def _check_file(state: ProgramState, loaded: Loaded) -> None:
    """Declare and infer one file; those it imports have been."""
    file = CheckedFile(loaded.path, loaded.source, loaded.parsed.tree, {})
    state.files[loaded.path] = file
    declarations = Declarations(state, file, None, loaded.imports)
    declarations.read()
    infer_file(Inference(state, file, declarations.types, _own_config(state, file)))


def _own_config(state: ProgramState, file: CheckedFile) -> dict[str, Type]:
    """The configuration that a file itself declares: what it may read."""
    return {
        field.name.name: state.facts.type_exprs[id(field.type)]
        for item in file.tree.items
        if isinstance(item, ast.Config)
        for field in item.fields
        if id(field.type) in state.facts.type_exprs
    }


def _finish(found: list[Diagnostic], loaded: list[Loaded], off: frozenset[str]) -> tuple[Diagnostic, ...]:
    """Add what the parser found, apply suppressions, drop repetitions, sort."""
    syntax = [each for file in loaded for each in file.parsed.diagnostics]
    kept = suppress(
        found, [(file.source, file.parsed.comments) for file in loaded], {each.span.file for each in syntax}, off
    )
    return tuple(sorted(dict.fromkeys([*syntax, *kept]), key=sort_key))
