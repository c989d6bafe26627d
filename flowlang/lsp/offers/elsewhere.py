"""What other files of the project declare, offered with the import it needs; and the files that may be named: behind
`import`, and in `text.render`.

A project may be large: beyond `MOST` names only those that hold the word at the cursor are offered, and the editor is
told to ask again with more letters.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from flowlang.compiler.workspace import is_below, tree_of
from flowlang.lsp.offers.desk import KINDS, Import, Kind, Rank
from flowlang.lsp.places import is_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Final

    from flowlang.lsp.index import Exported
    from flowlang.lsp.offers.desk import Desk, Item
    from flowlang.semantics.facts import Symbol

MOST: Final = 200


def names_elsewhere(desk: Desk, names: Mapping[str, Symbol], *, is_type: bool) -> Iterator[Item]:
    """The types, or all but the types, of files that are not open here, by their bare name; none whose import would be
    a cycle or refused.
    """
    index = desk.project.index
    imported = {symbol.qualified: name for name, symbol in names.items() if symbol.kind == "file"}
    found = [each for each in index.names() if each.path != desk.path and (each.kind == "type") == is_type]
    cyclic = index.importers(desk.path) - imported.keys()
    may_import = _within_tree(desk)
    paths = dict.fromkeys(each.path for each in found)
    files = {path: alias_of(path) for path in paths if path not in cyclic and may_import(path)}
    found = [each for each in found if each.path in files]
    if not index.is_whole or len(found) + len(files) > MOST:
        desk.is_incomplete = True
        word = desk.cursor.word.lower()
        found = _meant(found, word)
        files = {path: alias for path, alias in files.items() if word and word in alias.lower()}
    for path, alias in list(files.items())[:MOST]:
        if path not in imported:
            needs = _import(desk, path, names)
            yield desk.offer(
                alias, Kind.Module, Rank.FAR, detail=f'file "{needs.target}"', insert=needs.alias, needs=needs
            )
    for each in found:
        yield _offer(desk, each, imported.get(each.path), names)


def meant_by(
    desk: Desk, word: str, names: Mapping[str, Symbol], *, is_type: bool
) -> Iterator[tuple[str, Import | None]]:
    """What may be written for a word that is not known here, with the import it needs: of files that declare it, and of
    those that are called so.
    """
    index = desk.project.index
    imported = {symbol.qualified: name for name, symbol in names.items() if symbol.kind == "file"}
    found = [each for each in index.names() if each.path != desk.path]
    paths = dict.fromkeys(each.path for each in found if each.name == word and (each.kind == "type") == is_type)
    called = [path for path in dict.fromkeys(each.path for each in found) if alias_of(path) == word]
    cyclic, may_import = index.importers(desk.path) - imported.keys(), _within_tree(desk)
    for path in [*paths, *called]:
        if path in cyclic or not may_import(path):
            continue
        needs = None if path in imported else _import(desk, path, names)
        alias = imported[path] if needs is None else needs.alias
        yield (f"{alias}.{word}" if path in paths else alias), needs


def _within_tree(desk: Desk) -> Callable[[str], bool]:
    """Whether a file stands in the tree of this one, which may use no other."""
    tree = tree_of(desk.path)
    folders: dict[str, bool] = {}

    def is_within(path: str) -> bool:
        folder = posixpath.dirname(path)
        if folder not in folders:
            folders[folder] = is_below(folder or ".", tree)
        return is_file(path) and folders[folder]

    return is_within


def _meant(found: list[Exported], word: str) -> list[Exported]:
    """Those that hold a word, those that begin with it first; for no word none."""
    held = [each for each in found if word and word in each.name.lower()]
    return sorted(held, key=lambda each: not each.name.lower().startswith(word))[:MOST]


def _offer(desk: Desk, each: Exported, imported: str | None, names: Mapping[str, Symbol]) -> Item:
    needs = None if imported else _import(desk, each.path, names)
    alias = imported or (needs.alias if needs is not None else "")
    kind = KINDS["const" if each.kind == "let" else each.kind]
    detail = f'{each.kind} of "{_relative(each.path, desk.path)}"'
    return desk.offer(each.name, kind, Rank.FAR, detail=detail, insert=f"{alias}.{each.name}", needs=needs)


def _import(desk: Desk, path: str, names: Mapping[str, Symbol]) -> Import:
    """The import of a file, under a name that is free."""
    alias, number = alias_of(path), 2
    free = alias
    while free in names:
        free, number = f"{alias}_{number}", number + 1
    return Import(_relative(path, desk.path), free)


# ---- import statements


def modules_and_files(desk: Desk) -> Iterator[Item]:
    """What may stand behind `import`."""
    for module in desk.catalog.modules():
        yield desk.offer(module, Kind.Module)
    for path in _others(desk):
        relative = _relative(path, desk.path)
        yield desk.offer(relative, Kind.File, Rank.FAR, insert=f'"{relative}" as {alias_of(path)}')


def paths(desk: Desk) -> Iterator[Item]:
    """What may stand in the quotes behind `import`."""
    for path in _others(desk):
        yield desk.offer(_relative(path, desk.path), Kind.File)


def templates(desk: Desk) -> Iterator[Item]:
    """What may stand in the quotes of `text.render('')`."""
    may_render = _within_tree(desk)
    for path in filter(may_render, desk.project.templates()):
        yield desk.offer(_relative(path, desk.path), Kind.File, Rank.WANTED)


def _others(desk: Desk) -> Iterator[str]:
    """The files that this one may import: those of its tree, not those that import it."""
    desk.project.index.refresh()
    importers = desk.project.index.importers(desk.path)
    may_import = _within_tree(desk)
    return (path for path in desk.project.files() if path != desk.path and path not in importers and may_import(path))


def alias_of(path: str) -> str:
    """The name that a file is imported under: that of the file, as a word."""
    stem = path.rpartition("/")[2].removesuffix(".flow")
    word = "".join(char if char.isalnum() and char.isascii() else "_" for char in stem)
    return word if word[:1].isalpha() else f"file_{word}".rstrip("_")


def _relative(path: str, importer: str) -> str:
    return posixpath.relpath(path, posixpath.dirname(importer) or ".")
