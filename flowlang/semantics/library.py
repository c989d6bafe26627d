"""Reads `stdlib/*.flow`, modules that are imported before those that import them, and fills a catalog.

The library is ours: a mistake in it is a bug and raised as one.
"""

from __future__ import annotations

from flowlang import bundled
from flowlang.semantics.declarations import Declarations
from flowlang.semantics.facts import CheckedFile, Signature
from flowlang.semantics.state import ProgramState
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.catalog import Catalog


def read_library(catalog: Catalog) -> None:
    """Read every module into a catalog."""
    trees: dict[str, tuple[Source, ast.File]] = {}
    for name in bundled.names("stdlib"):
        content = bundled.read(f"stdlib/{name}")
        if content is None or not name.endswith(".flow"):
            continue
        source = Source(f"stdlib/{name}", content.decode("utf-8"))
        parsed = parse(source)
        if parsed.diagnostics:
            raise AssertionError(f"stdlib/{name}: {parsed.diagnostics[0]}")
        trees[name.removesuffix(".flow")] = (source, parsed.tree)
    done: set[str] = set()
    for module in trees:
        _read_module(catalog, module, trees, done)


def _read_module(catalog: Catalog, module: str, trees: dict[str, tuple[Source, ast.File]], done: set[str]) -> None:
    if module in done:
        return
    done.add(module)
    source, tree = trees[module]
    for item in tree.items:
        if isinstance(item, ast.Import):
            _read_module(catalog, item.target.name, trees, done)
    state = ProgramState(source.path, catalog)
    file = CheckedFile(source.path, source, tree, {})
    declarations = Declarations(state, file, module, {})
    declarations.read()
    if state.reporter.found:
        raise AssertionError(f"{source.path}: {state.reporter.found[0]}")
    catalog.data.setdefault(module, {"call": {}, "type": {}, "annotation": {}, "trigger": {}})
    for name, type_ in declarations.own.items():
        catalog.add(module, "type", name, type_)
    for item in tree.items:
        signature = state.facts.signatures.get(id(item))
        if signature is None:
            continue
        if signature.kind in ("annotation", "trigger"):
            catalog.add(module, signature.kind, signature.name, signature)
        else:
            assert isinstance(item, (ast.ActionDecl, ast.FunctionDecl))
            catalog.add(module, "call", item.name.name, signature.replace(node=_kept(signature, item)))


def _kept(signature: Signature, item: ast.ActionDecl | ast.FunctionDecl) -> ast.Node | None:
    """What of a declaration's tree is needed after it has been read: annotations, and an expression for a body."""
    if signature.body == "expression":
        return item
    if not item.annotations:
        return None
    return item.replace(params=(), result=None, doc="")
