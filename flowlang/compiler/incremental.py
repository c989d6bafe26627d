"""Checking a file again after an edit: only the items that changed are parsed, only they and what hangs on them are
checked, and what is found is what a check from scratch finds.

An item hangs on those whose names it spells, and on what they hang on. That is coarse, and never too little: words are
taken from the text, whatever they mean there. An edit of imports or of the configuration, or one that joins or parts
items in a way that cannot be judged from close by, means a check from scratch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.checks.failures import constants_fail
from flowlang.checks.registry import OPT_IN, chosen, look_through
from flowlang.checks.sites import Sites, take_as_known
from flowlang.compiler.loading import load, opener
from flowlang.compiler.pieces import (
    Checked,
    Piece,
    bases,
    begins_item,
    cut,
    differing,
    has_open_text,
    in_text,
    moved,
    parse_at,
)
from flowlang.compiler.pipeline import Undisturbed, check, check_file, finish, own_config, standard_library
from flowlang.compiler.workspace import Unreadable
from flowlang.semantics.declarations import Declarations
from flowlang.semantics.facts import CheckedFile, Facts, Program, Symbol
from flowlang.semantics.graph import order
from flowlang.semantics.infer.course import Astray, Course
from flowlang.semantics.infer.engine import Inference, Known
from flowlang.semantics.infer.flows import bodied, infer_item, needs_of
from flowlang.semantics.infer.library import infer_library
from flowlang.semantics.ledger import TABLES, Ledger
from flowlang.semantics.state import ProgramState
from flowlang.semantics.suggest import MOST_SUGGESTED
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.context import Comment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Final

    from flowlang.compiler.loading import Loaded
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.ledger import Keys

    Read = Callable[[str], str]

EDITS: Final = 1_000
"""Edits after which a file is checked from scratch: nodes that are gone leave something behind in tables that stay."""
SLACK: Final = 64 * 1024
"""Characters by which the tree's text may outgrow three times the text."""
SPARE: Final = 512
"""Characters by which a piece that was moved may grow before it is moved again."""
LOOKED_AT: Final = 3
"""Pieces behind an edit with a mistake that are parsed with it, to see where the mistake ends."""
_CYCLES: Final = frozenset(("import-cycle", "name-cycle", "recursion", "type-cycle"))
_LEAVES: Final = (ast.Let, ast.ServiceDecl, ast.ActionDecl, ast.FunctionDecl, ast.FlowDecl)
"""What may be declared again alone: no name but its own means something else, and no order of types changes."""


class _Scratch(Exception):
    """This edit is checked from scratch."""


class Session:
    """One file, checked again and again. `pieces` says how many were parsed and how many checked the last time."""

    __slots__ = ("_at_hand", "_edits", "_is_whole", "_opted_in", "_texts", "path", "pieces")

    def __init__(self, path: str) -> None:
        self.path = path
        self.pieces = 0, 0
        self._at_hand: _Pieces | None = None
        self._edits = 0
        self._is_whole = False  # it could not be checked in pieces the last time: that is not tried in vain again
        self._opted_in: frozenset[str] = frozenset()
        self._texts: dict[str, str] = {}

    def check(self, read: Read, opted_in: frozenset[str] = frozenset()) -> Checked:
        """Check the file as it reads now."""
        known = self._at_hand
        if known is not None and self._edits < EDITS and opted_in == self._opted_in and self._are_as_they_were(read):
            self._at_hand = None  # in pieces until it is done
            self._edits += 1
            try:
                with Undisturbed():
                    checked = known.change(read(self.path), _noting(read, self._texts))
                self._at_hand = known
                self.pieces = known.counted
                return checked
            except (_Scratch, Unreadable):
                pass
        return self._from_scratch(read, opted_in)

    def _are_as_they_were(self, read: Read) -> bool:
        return all(_text_of(read, path) == text for path, text in self._texts.items())

    def _from_scratch(self, read: Read, opted_in: frozenset[str]) -> Checked:
        texts: dict[str, str] = {}
        reads = _noting(read, texts)
        self._at_hand = None
        self._edits = 0
        self._opted_in = opted_in
        pieces = None if self._is_whole else _Pieces(self.path, opted_in)
        try:
            if pieces is None:
                raise _Scratch
            with Undisturbed():
                checked = pieces.begin(reads)
        except _Scratch:
            program = check(self.path, reads, opted_in)
            self._is_whole = _is_only_whole(program)
            file = program.files.get(self.path)
            return Checked(program, Source(self.path, "") if file is None else file.source, (), [])
        texts.pop(self.path, None)
        self._texts = texts
        self._at_hand = pieces
        self.pieces = pieces.counted
        return checked


def _is_only_whole(program: Program) -> bool:
    """Whether a program is one that cannot be checked in pieces: what refers to itself, or has too many mistakes."""
    found = [each for each in program.diagnostics if each.severity == "error"]
    return len(found) >= MOST_SUGGESTED or any(each.rule in _CYCLES for each in found)


def _noting(read: Read, texts: dict[str, str]) -> Read:
    """What reads and notes the text of each file, or why it has none."""

    def reads(path: str) -> str:
        texts[path] = _text_of(read, path)
        return read(path)

    return reads


def _text_of(read: Read, path: str) -> str:
    """The text of a file, or why it has none."""
    try:
        return read(path)
    except Unreadable as error:
        return error.said


class _Pieces:
    """The pieces of one file and all that is known about them. Raises `_Scratch` where they do not suffice."""

    __slots__ = (
        "_about_files",
        "_about_items",
        "_commented",
        "_constants_fail",
        "_done",
        "_has",
        "_has_begun",
        "_elsewhere",
        "_facts",
        "_imports",
        "_keeps_names",
        "_known",
        "_ledger",
        "_named",
        "_off",
        "_path",
        "_pieces",
        "_read",
        "_state",
        "_syntax",
        "_tree_text",
        "_used",
        "_whole",
        "counted",
    )

    def __init__(self, path: str, opted_in: frozenset[str]) -> None:
        self.counted = 0, 0
        self._path = path
        self._off = OPT_IN - opted_in
        self._about_items = chosen(self._off, "item")
        self._about_files = chosen(self._off, "file")
        self._constants_fail = False
        self._has_begun = False
        self._keeps_names = False
        self._state = ProgramState(path, standard_library())
        self._pieces: list[Piece] = []
        self._has = _Words(self._pieces)
        self._tree_text = ""
        self._imports: dict[str, str] = {}
        self._done: set[int] = set()
        self._known = Known()
        self._facts = self._state.facts
        self._ledger = Ledger(self._facts)
        self._named: list[Diagnostic] = []  # about names that clash, or that no import gives
        self._whole: list[Diagnostic] = []  # of rules about the whole file
        self._elsewhere: list[Diagnostic] = []  # of loading, and of the imported files
        self._syntax: list[Diagnostic] = []
        self._commented: list[tuple[Source, tuple[Comment, ...]]] = []
        self._used: set[int] = set()
        self._read: set[tuple[str, str]] = set()

    # ---- the first time

    def begin(self, read: Read) -> Checked:
        """Load the file and all it imports, and check it piece by piece."""
        state = self._state
        state.open = opener(read)
        loaded = load(self._path, read, state.reporter)
        if not loaded or loaded[-1].path != self._path:
            raise _Scratch
        *imported, root = loaded
        for file in imported:
            check_file(state, file)
        self._remember(imported)
        self._imports = root.imports
        self._tree_text = root.source.text
        self._pieces.extend(cut(root.source.text, 0, root.parsed))
        self._check(self._pieces, root.parsed.tree.doc)
        self._has_begun = True
        self.counted = len(self._pieces), len(self._pieces)
        return self._result(root.source)

    def _remember(self, imported: list[Loaded]) -> None:
        """What stays as it is while imported files do."""
        self._elsewhere = self._state.reporter.found
        self._syntax = [each for file in imported for each in file.parsed.diagnostics]
        self._commented = [(file.source, file.parsed.comments) for file in imported]
        self._used, self._read = set(self._state.facts.used), set(self._state.facts.read)

    # ---- an edit

    def change(self, text: str, read: Read) -> Checked:
        """Check the file with another text; `read` reads the templates that are new in it."""
        self._state.open = opener(read)
        first, last, start, end = differing(self._pieces, text)
        source = Source(self._path, text)
        if first == last and start == end:
            self.counted = 0, 0
            return self._result(source)
        is_open = any(piece.is_open for piece in self._pieces)
        if is_open or len(self._tree_text) > 3 * len(text) + SLACK or text.startswith("\ufeff"):
            raise _Scratch
        while first and (not self._pieces[first - 1].is_whole or not begins_item(text[start:end])):
            first -= 1
            start -= len(self._pieces[first].text)
        while last < len(self._pieces) and (self._pieces[last].syntax or not self._pieces[last].begins_item):
            end += len(self._pieces[last].text)
            last += 1
        fresh, last = self._parsed(text, start, end, first, last)
        gone = self._pieces[first:last]
        if not all(piece.is_plain for piece in (*gone, *fresh)):
            raise _Scratch
        self._replace(first, last, fresh)
        self._has.leave(gone)
        self._keeps_names = _names(gone) == _names(fresh)
        stale = self._stale(gone, fresh)
        if not self._take_up(gone, fresh, stale):
            for piece in gone:
                self._forget(piece)
            for piece in fresh:
                piece.course = Course(self._ledger, piece.heads, piece.keys)
        self.counted = len(fresh), len(stale)
        self._check(stale, self._state.files[self._path].tree.doc)
        return self._result(source)

    def _parsed(self, text: str, start: int, end: int, first: int, last: int) -> tuple[list[Piece], int]:
        """Parse what is new; a mistake in it may reach into the pieces behind it, which are then new too."""
        for _ in range(LOOKED_AT):
            fresh = text[start:end]
            gone = self._pieces[first:last]
            base = self._place(gone, len(fresh))
            is_in_place = len(gone) == 1 and base == gone[0].base
            parsed = parse_at(self._path, fresh, base, gone[0].marks_before(fresh) if is_in_place else ())
            if parsed.diagnostics and has_open_text(fresh):
                raise _Scratch
            if not parsed.diagnostics or last == len(self._pieces):
                pieces = cut(fresh, base, parsed)
                if len(pieces) == 1 and not parsed.diagnostics:
                    pieces[0].marks = parsed.marks
                return pieces, last
            following = self._pieces[last]
            both = parse_at(self._path, fresh + following.text, base)
            if _ends_before(both.tree.items, both.diagnostics, base + len(fresh), following):
                items = both.tree.items[: len(both.tree.items) - len(following.items)]
                comments = tuple(each for each in both.comments if each.start < base + len(fresh))
                return cut(fresh, base, both.replace(tree=both.tree.replace(items=items), comments=comments)), last
            end += len(following.text)
            last += 1
        raise _Scratch

    def _place(self, gone: list[Piece], length: int) -> int:
        """Where in the tree's text something new stands: in place of the one piece that goes, if there is room."""
        return gone[0].base if len(gone) == 1 and length <= gone[0].room else len(self._tree_text) + 1

    def _replace(self, first: int, last: int, fresh: list[Piece]) -> None:
        """Put pieces in place of others."""
        gone = self._pieces[first:last]
        text = self._tree_text
        written = "".join([piece.text for piece in fresh])
        base = self._place(gone, len(written))
        for piece in gone:
            text = text[: piece.base] + "\n" * len(piece.text) + text[piece.end :]
        if base < len(text):
            room = gone[0].room
            self._tree_text = text[:base] + written + text[base + len(written) :]
        else:
            room = len(written) + SPARE
            self._tree_text = "\n".join((text, written + "\n" * SPARE))
        if fresh:
            fresh[-1].room += room - len(written)
        self._pieces[first:last] = fresh
        at = 0
        for piece in self._pieces:
            piece.start = at
            at += len(piece.text)

    def _stale(self, gone: list[Piece], fresh: list[Piece]) -> list[Piece]:
        """The pieces to check: the new ones and all that hang on these or on those they replace."""
        spelled = {word for piece in (*gone, *fresh) for word in piece.spelled}
        stale = set(map(id, fresh))
        grows = True
        while grows:
            grows = False
            for piece in self._pieces:
                if id(piece) not in stale and piece.hangs_on(spelled):
                    stale.add(id(piece))
                    spelled |= piece.spelled
                    grows = True
        ranges = [(piece.base, piece.end) for piece in gone]
        for piece in self._pieces:
            is_touched = piece.has_findings and piece.refers_into(ranges)
            if is_touched or (piece.inferred and not self._keeps_names):
                stale.add(id(piece))
        chosen_ = [piece for piece in self._pieces if id(piece) in stale]
        if not all(piece.is_plain for piece in chosen_):
            raise _Scratch
        new = set(map(id, fresh))
        for piece in chosen_:
            if id(piece) not in new:
                self._forget(piece)
        return chosen_

    def _forget(self, piece: Piece) -> None:
        """Take out what is known about the nodes of a piece."""
        for item in piece.items:
            self._state.facts.symbols.pop(id(item), None)
        self._ledger.cut(piece.heads)
        self._ledger.cut(piece.keys)
        piece.course = None

    def _take_up(self, gone: list[Piece], fresh: list[Piece], stale: list[Piece]) -> bool:
        """Where a flow takes the place of one and nothing else hangs on it, keep what is known about its statements
        before the one that is new; whether there is anything to keep.
        """
        if not (self._keeps_names and len(gone) == len(fresh) == 1 and stale == fresh):
            return False
        (old,), (new,) = gone, fresh
        if old.course is None or len(new.items) != 1 or not isinstance(new.items[0], ast.FlowDecl):
            return False
        counts = old.course.turn_to(new.items[0])
        if counts is None:
            return False
        new.course = old.course
        new.heads, new.keys, old.heads, old.keys = old.heads, old.keys, new.heads, new.keys
        self._ledger.cut(new.heads)
        self._ledger.cut(new.keys, counts)
        self._forget(old)
        return True

    # ---- checking

    def _check(self, stale: list[Piece], doc: str) -> None:
        """Declare, infer and check some pieces; what is known about the others stays."""
        state = self._state
        items = tuple([item for piece in self._pieces for item in piece.items])
        tree = ast.File(0, len(self._tree_text), items, doc)
        file = CheckedFile(self._path, Source(self._path, self._tree_text), tree, self._names_before(stale))
        state.files[self._path] = file
        for piece in stale:
            piece.facts = self._facts_of_a_piece()
            piece.inferred, piece.own, piece.memo = [], {}, {}
        of = {id(item): piece for piece in stale for item in piece.items}
        declarations = self._declare(file, stale, of)
        try:
            self._infer(file, declarations, stale, of)
        except Astray:
            raise _Scratch from None
        self._gather()
        infer_library(state, self._done)
        self._look(file, stale)

    def _names_before(self, stale: list[Piece]) -> dict[str, Symbol]:
        """The names of the file, in the order of items, with those of some pieces as if not declared; none where all
        names must be read again.
        """
        items = [item for piece in stale for item in piece.items]
        self._keeps_names = self._keeps_names and not self._named and all(isinstance(i, _LEAVES) for i in items)
        if not self._keeps_names:
            return {}
        names = self._state.files[self._path].names.copy()
        for item in items:
            name = item.name.name  # type: ignore[union-attr]
            names[name] = Symbol(name, "broken", item, self._path, "")
        return names

    def _facts_of_a_piece(self) -> Facts:
        """The tables of all, with lists of its own."""
        facts = Facts()
        for name in TABLES:
            setattr(facts, name, getattr(self._facts, name))
        return facts

    def _turn_to(self, piece: Piece, keys: Keys) -> None:
        """What is found out from here on is about a piece."""
        self._ledger.turn_to(keys)
        self._state.facts = piece.facts
        self._state.reporter.found = piece.inferred

    def _declare(self, file: CheckedFile, stale: list[Piece], of: dict[int, Piece]) -> Declarations:
        """Read the names of all and the heads of some."""
        state = self._state
        named: list[Diagnostic] = []
        state.reporter.found = named
        declarations = Declarations(state, file, None, self._imports)
        declarations.read_names([each for piece in stale for each in piece.items] if self._keeps_names else None)
        types, has_cycle = declarations.sorted_types() if not self._keeps_names else ([], False)
        clashes = [(each.rule, each.message) for each in named]
        if has_cycle or (self._has_begun and clashes != [(each.rule, each.message) for each in self._named]):
            raise _Scratch
        self._named = named
        for piece in self._pieces:
            declarations.own.update(piece.own)
        for item in types:
            if id(item) in of:
                piece = of[id(item)]
                self._turn_to(piece, piece.heads)
                declarations.read_type(item)
                piece.own[item.name.name] = declarations.own[item.name.name]
        for piece in stale:
            self._turn_to(piece, piece.heads)
            for each in piece.items:
                declarations.read_head(each)
        self._ledger.turn_to(None)
        return declarations

    def _infer(self, file: CheckedFile, declarations: Declarations, stale: list[Piece], of: dict[int, Piece]) -> None:
        """Infer the items of some pieces, each after what it refers to."""
        c = Inference(self._state, file, declarations.types, own_config(self._state, file), self._known)
        names = []
        for piece in self._pieces:
            if piece.uses is None:
                if piece.course is not None:
                    piece.course.tell(c.uses)
                piece.uses = [c.uses.names(item) for item in bodied(piece.items)]
            names += piece.uses
        for piece in set(self._pieces) - set(stale):
            c.scope.names.update(piece.bindings)
        items = bodied(file.tree.items)
        sorted_, cycles = order(needs_of(file, items, names))
        if cycles:
            raise _Scratch
        in_order = [items[index] for index in sorted_]
        rest = [item for item in file.tree.items if isinstance(item, (ast.Config, ast.TypeDecl))]
        for item in (*in_order, *rest):
            if id(item) in of:
                piece = of[id(item)]
                self._turn_to(piece, piece.keys)
                c.note_in(piece.facts)
                c.course = piece.course
                infer_item(c, item)
        self._ledger.turn_to(None)
        for piece in stale:
            piece.bindings = {name: c.scope.names[name] for name, _ in piece.names if name in c.scope.names}

    def _gather(self) -> None:
        """Put the lists of all pieces together, and turn to the whole."""
        facts, path = self._facts, self._path
        called: list[ast.Node] = []
        conditions: list[ast.Expr] = []
        for piece in self._pieces:
            called += piece.facts.called.get(path, ())
            conditions += piece.facts.conditions.get(path, ())
        facts.called[path], facts.conditions[path] = called, conditions
        facts.used = self._used.union(*(piece.facts.used for piece in self._pieces))
        facts.read = self._read.union(*(piece.facts.read for piece in self._pieces))
        self._state.facts = facts
        self._state.reporter.found = []
        if sum(len(piece.inferred) for piece in self._pieces) >= MOST_SUGGESTED:
            raise _Scratch

    def _look(self, file: CheckedFile, stale: list[Piece]) -> None:
        """Run the rules: those about items on some pieces, those about files on the file."""
        program = Program(self._path, self._state.files, self._facts, ())
        found = [each for each in self._elsewhere if each.span.file == self._path]
        found += [*self._named, *(each for piece in self._pieces for each in (*piece.syntax, *piece.inferred))]
        errors = sorted(each.span.start for each in found if each.severity == "error")
        self._has.add(stale)
        fails, self._constants_fail = self._constants_fail, constants_fail(self._facts, file)
        for piece in stale if fails == self._constants_fail else self._pieces:
            part = file.replace(tree=ast.File(piece.base, piece.end, piece.items, ""))
            piece.sites = Sites(piece.facts, part)
            take_as_known(piece.sites)
            piece.checked = look_through(program, part, piece.facts, errors, self._has, self._about_items)
        parts = [piece.sites for piece in self._pieces if piece.sites is not None]
        take_as_known(Sites.joined(self._facts, file, parts))
        self._whole = look_through(program, file, self._facts, errors, self._has, self._about_files)

    def _result(self, source: Source) -> Checked:
        """What was found, with its places in the text."""
        path, places = self._path, bases(self._pieces)
        syntax = [in_text(each, path, places) for piece in self._pieces for each in piece.syntax]
        found = [*self._elsewhere, *self._named, *self._whole]
        found += [each for piece in self._pieces for each in (*piece.inferred, *piece.checked)]
        comments = [each for piece in self._pieces for each in piece.comments]
        moved_ = tuple(
            [Comment(e.text, moved(places, e.start), moved(places, e.start) + len(e.text)) for e in comments]
        )
        diagnostics = finish(
            [*self._syntax, *syntax],
            [in_text(each, path, places) for each in found],
            [*self._commented, (source, moved_)],
            self._off,
        )
        program = Program(path, self._state.files, self._facts, diagnostics)
        return Checked(program, source, self._pieces, places)


def _names(pieces: list[Piece]) -> set[tuple[str, str]]:
    """The names that some pieces declare, with what they are."""
    return set().union(*(piece.names for piece in pieces))


class _Words(dict[str, bool]):
    """Whether a word stands in any of some pieces."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = pieces

    def __missing__(self, word: str) -> bool:
        self[word] = found = any(word in piece.text for piece in self._pieces)
        return found

    def leave(self, pieces: list[Piece]) -> None:
        """Some pieces are gone."""
        for piece in pieces:
            text = piece.text
            for word in [word for word, known in self.items() if known and word in text]:
                self[word] = any(word in other.text for other in self._pieces)

    def add(self, pieces: list[Piece]) -> None:
        """Some pieces are new."""
        for piece in pieces:
            text = piece.text
            self.update([(word, True) for word, known in self.items() if not known and word in text])


def _ends_before(items: Sequence[ast.Item], found: Iterable[Diagnostic], end: int, following: Piece) -> bool:
    """Whether what stands before a place was parsed without touching the piece behind it."""
    count = len(following.items)
    behind = items[len(items) - count :] if count else ()
    before = items[: len(items) - count]
    return (
        len(behind) == count
        and all(item.end <= end for item in before)
        and not any(each.span.end > end for each in found)
        and all(
            new == old and new.start - end == old.start - following.base and new.end - end == old.end - following.base
            for new, old in zip(behind, following.items, strict=True)
        )
    )
