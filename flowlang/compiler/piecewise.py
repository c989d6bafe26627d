"""What is known about the pieces of one file: found out piece by piece, and kept for those that an edit does not
concern.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from flowlang.checks.failures import constants_fail
from flowlang.checks.index import spelled
from flowlang.checks.registry import CHECKS, OPT_IN, WORDS, chosen, concerning, look_through
from flowlang.checks.rest import rest_of
from flowlang.checks.sites import Sites, take_as_known
from flowlang.compiler.loading import opener
from flowlang.compiler.pieces import Checked, Scratch, bases, differing_lines, in_text, moved
from flowlang.compiler.pipeline import check_file, finish, heeding_types, own_config, standard_library
from flowlang.compiler.suppression import MARK
from flowlang.semantics.declarations import Declarations
from flowlang.semantics.facts import CheckedFile, Facts, Program, Symbol
from flowlang.semantics.graph import order
from flowlang.semantics.infer.course import Course
from flowlang.semantics.infer.engine import Inference, Known
from flowlang.semantics.infer.flows import bodied, infer_item, needs_of
from flowlang.semantics.ledger import TABLES, Ledger
from flowlang.semantics.state import ProgramState
from flowlang.semantics.suggest import MOST_SUGGESTED
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.context import Comment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from flowlang.checks.index import Rule
    from flowlang.compiler.loading import Loaded
    from flowlang.compiler.pieces import Piece
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.ledger import Keys
    from flowlang.semantics.report import Reporter
    from flowlang.semantics.scopes import Binding

    Read = Callable[[str], str]

_LEAVES: Final = (ast.Let, ast.ServiceDecl, ast.ActionDecl, ast.FunctionDecl, ast.FlowDecl)
"""What may be declared again alone: no name but its own means something else, and no order of types changes."""


class Piecewise:
    """What is known about some pieces, which others replace. Raises `Scratch` where a piece cannot be seen alone."""

    __slots__ = (
        "_about_files",
        "_about_items",
        "_commented",
        "_constants_fail",
        "_elsewhere",
        "_facts",
        "_has_begun",
        "_has_new_words",
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
        "_used",
        "_words",
        "_whole",
    )

    def __init__(self, path: str, pieces: list[Piece], opted_in: frozenset[str]) -> None:
        self._path = path
        self._pieces = pieces
        self._off = OPT_IN - opted_in
        self._about_items: list[Rule] = []
        self._about_files: list[Rule] = []
        self._constants_fail = False
        self._has_begun = False
        self._keeps_names = False
        self._state = ProgramState(path, standard_library())
        self._words = _Words(pieces)
        self._has_new_words = True
        self._imports: dict[str, str] = {}
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

    @property
    def reporter(self) -> Reporter:
        """Takes what is found while files are loaded."""
        return self._state.reporter

    def open(self, read: Read) -> None:
        """Read document templates so from here on."""
        self._state.open = opener(read)

    def begin(self, imported: list[Loaded], imports: dict[str, str]) -> None:
        """Check the imported files, and remember what stays as it is while they do. `imports`: the file's own, target
        as written → path.
        """
        for file in imported:
            check_file(self._state, file)
        self._elsewhere = self._state.reporter.found
        self._syntax = [each for file in imported for each in file.parsed.diagnostics]
        self._commented = [(file.source, file.parsed.comments) for file in imported]
        self._used, self._read = set(self._state.facts.used), set(self._state.facts.read)
        self._imports = imports

    def exchange(self, gone: list[Piece], fresh: list[Piece]) -> list[Piece]:
        """Take in that some pieces stand in place of others; gives those that are to be checked."""
        self._has_new_words |= self._words.exchange(gone, fresh)
        self._keeps_names = _names(gone) == _names(fresh)
        stale = self._stale(gone, fresh)
        if not self._take_up(gone, fresh, stale):
            for piece in gone:
                self._forget(piece)
            for piece in fresh:
                piece.course = Course(self._ledger, piece.heads, piece.keys)
        return stale

    def _stale(self, gone: list[Piece], fresh: list[Piece]) -> list[Piece]:
        """The pieces to check: the new ones and all that hang on these or on those they replace."""
        spelled = {word for piece in (*gone, *fresh) for word in piece.spelled}
        stale = set(map(id, fresh))
        others = [piece for piece in self._pieces if id(piece) not in stale]
        while hanging := [piece for piece in others if piece.hangs_on(spelled)]:
            stale.update(map(id, hanging))
            others = [piece for piece in others if id(piece) not in stale]
            spelled = {word for piece in hanging for word in piece.spelled}
        ranges = [(piece.base, piece.end) for piece in gone]
        items = {id(item) for piece in gone for item in piece.items}
        for piece in others:
            uses = not piece.facts.used.isdisjoint(items)  # misspelt, too
            if uses or (piece.inferred and not self._keeps_names) or piece.refers_into(ranges):
                stale.add(id(piece))
        if any(piece.configures for piece in gone) or any(id(p) in stale for p in self._pieces if p.configures):
            stale.update(id(piece) for piece in self._pieces if piece.configures)  # what they declare is one table
        chosen_ = [piece for piece in self._pieces if id(piece) in stale]
        if not all(piece.is_plain for piece in chosen_):
            raise Scratch
        new = set(map(id, fresh))
        for piece in chosen_:
            if id(piece) not in new:
                self._forget(piece)
        return chosen_

    def _forget(self, piece: Piece) -> None:
        """Take out what is known about the nodes of a piece."""
        for item in piece.items:
            self._state.facts.symbols.pop(id(item), None)
            if isinstance(item, ast.Config):
                self._state.withdraw_config(self._path)
        self._ledger.cut(piece.heads)
        self._ledger.cut(piece.keys)
        if piece.course is not None:
            piece.course.drop()
        piece.course = None

    def _take_up(self, gone: list[Piece], fresh: list[Piece], stale: list[Piece]) -> bool:
        """Where a flow takes the place of one and nothing else hangs on it, keep what is known about its head and its
        statements; whether there is anything to keep.
        """
        if not (self._keeps_names and len(gone) == len(fresh) == 1 and stale == fresh):
            return False
        (old,), (new,) = gone, fresh
        if old.course is None or len(new.items) != 1 or type(new.items[0]) is not ast.FlowDecl:
            return False
        if not old.course.turn_to(new.items[0]):
            return False
        new.course, new.sites, new.checked, new.seen = old.course, old.sites, old.checked, old.seen
        new.heads, new.keys, old.heads, old.keys = old.heads, old.keys, new.heads, new.keys
        self._state.facts.symbols.pop(id(old.items[0]), None)
        old.course = None
        return True

    # ---- checking

    def check(self, stale: list[Piece], tree_text: str, doc: str | None = None) -> None:
        """Declare, infer and check some pieces; what is known about the others stays. `doc`: the file's, if it is not
        the same as before.
        """
        state = self._state
        doc = state.files[self._path].tree.doc if doc is None else doc
        items = tuple(chain.from_iterable([piece.items for piece in self._pieces]))
        tree = ast.File(0, len(tree_text), items, doc)
        file = CheckedFile(self._path, Source(self._path, tree_text), tree, self._names_before(stale))
        state.files[self._path] = file
        for piece in stale:
            piece.facts = self._facts_of_a_piece()
            piece.inferred, piece.own, piece.memo = [], {}, {}
        of = {id(item): piece for piece in stale for item in piece.items}
        declarations = self._declare(file, stale, of)
        self._infer(file, declarations, stale, of)
        self._gather()
        self._look(file, stale)
        self._has_begun = True

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
        facts = Facts.__new__(Facts)
        for name in TABLES:
            setattr(facts, name, getattr(self._facts, name))
        facts.called, facts.conditions, facts.defaults, facts.used, facts.read = {}, {}, [], set(), set()
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
            raise Scratch
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
        kept: dict[str, Binding] = {}
        for piece in self._pieces:
            if piece not in stale:
                kept.update(piece.bindings)
        c = Inference(self._state, file, declarations.types, own_config(self._state, file), self._known, kept)
        for piece in stale:
            if piece.facts.defaults:
                self._turn_to(piece, piece.heads)
                c.note_in(piece.facts)
                c.check_defaults()
        rest = [item for piece in stale for item in piece.items if isinstance(item, (ast.Config, ast.TypeDecl))]
        for item in (*self._in_order(c, file, stale, of), *rest):
            piece = of[id(item)]
            self._turn_to(piece, piece.keys)
            c.note_in(piece.facts)
            c.course = piece.course
            infer_item(c, item)
        self._ledger.turn_to(None)
        for piece in stale:
            names_ = [name for name, kind in piece.names if kind != "config"]  # that one is the file's
            piece.bindings = {name: c.scope.names[name] for name in names_ if name in c.scope.names}

    def _in_order(
        self, c: Inference, file: CheckedFile, stale: list[Piece], of: dict[int, Piece]
    ) -> Iterable[ast.Item]:
        """The items with a body of some pieces, each after what it refers to. Of those that do not hang on each other
        the order is that of the text.
        """
        if len(stale) == 1 and stale[0].hangs_on_none_of_its_own:
            return bodied(stale[0].items)
        names = []
        for piece in self._pieces:
            if piece.uses is None:
                if piece.course is not None:
                    piece.course.tell(c.uses)
                piece.uses = [c.uses.names(item) for item in bodied(piece.items)]
            names += piece.uses
        items = bodied(file.tree.items)
        sorted_, cycles = order(needs_of(file, items, names))
        if cycles:
            raise Scratch
        return [items[index] for index in sorted_ if id(items[index]) in of]

    def _gather(self) -> None:
        """Put the lists of all pieces together, and turn to the whole."""
        facts, path = self._facts, self._path
        parts = [piece.facts for piece in self._pieces]
        facts.called[path] = [*chain.from_iterable([each.called.get(path, ()) for each in parts])]
        facts.conditions[path] = [*chain.from_iterable([each.conditions.get(path, ()) for each in parts])]
        facts.used = self._used.union(*[each.used for each in parts])
        facts.read = self._read.union(*[each.read for each in parts])
        self._state.facts = facts
        self._state.reporter.found = []
        if sum(map(len, [piece.inferred for piece in self._pieces])) >= MOST_SUGGESTED:
            raise Scratch

    def _look(self, file: CheckedFile, stale: list[Piece]) -> None:
        """Run the rules: those about statements and items on some pieces, those about files on the file."""
        program = Program(self._path, self._state.files, self._facts, ())
        found = [each for each in self._elsewhere if each.span.file == self._path]
        found += self._named
        for piece in self._pieces:
            found += piece.syntax
            found += piece.inferred
        errors = sorted(each.span.start for each in found if each.severity == "error")
        keeps = not errors and not self._has_new_words
        if self._has_new_words:
            words = self._words.found()
            self._about_items = concerning(chosen(self._off, "statement", "item"), words)
            self._about_files = concerning(chosen(self._off, "file"), words)
            self._has_new_words = False
        fails, self._constants_fail = self._constants_fail, constants_fail(self._facts, file)
        for piece in stale if fails == self._constants_fail else self._pieces:
            part = file.replace(tree=ast.File(piece.base, piece.end, piece.items, ""))
            self._look_at(program, part, piece, errors, _stays(piece) if keeps else 0)
            piece.seen = "" if errors else piece.text
        parts = [piece.sites for piece in self._pieces if piece.sites is not None]
        take_as_known(Sites.joined(self._facts, file, parts))
        self._whole = look_through(program, file, self._facts, errors, self._about_files)

    def _look_at(self, program: Program, part: CheckedFile, piece: Piece, errors: list[int], stays: int) -> None:
        """Run the rules on a piece; up to where it stays as it was, those about statements find what they found."""

        def is_found_again(found: Diagnostic) -> bool:
            return piece.base <= found.span.start < stays and CHECKS[found.rule].scope == "statement"

        piece.sites = sites = Sites(piece.facts, part, piece.sites if stays else None)
        rest = rest_of(part, piece.facts, stays) if stays else None
        take_as_known(sites, *([sites.behind(*rest)] if rest is not None else []))
        found = look_through(program, part, piece.facts, errors, self._about_items, rest)
        piece.checked = [
            *[each for each in piece.checked if is_found_again(each)],
            *[each for each in found if not is_found_again(each)],
        ]

    def result(self, source: Source) -> Checked:
        """What was found, with its places in the text."""
        path, places, size = self._path, bases(self._pieces), len(source.text)
        syntax: list[Diagnostic] = []
        found = [*self._elsewhere, *self._named, *self._whole]
        comments: list[Comment] = []
        for piece in self._pieces:
            syntax += piece.syntax
            found += piece.inferred
            found += piece.checked
            comments += piece.comments
        syntax = heeding_types(syntax, self._facts)
        if not [each for each in (*syntax, *found) if each.fixes]:  # else they must not take out a comment
            comments = [each for each in comments if MARK in each.text]
        moved_ = tuple(
            [Comment(e.text, moved(places, e.start), moved(places, e.start) + len(e.text)) for e in comments]
        )
        diagnostics = finish(
            [
                *heeding_types(self._syntax, self._facts),
                *[in_text(each, path, places, size) for each in syntax],
            ],
            [in_text(each, path, places, size) for each in found],
            [*self._commented, (source, moved_)],
            self._off,
        )
        program = Program(path, self._state.files, self._facts, diagnostics)
        return Checked(program, source, self._pieces, places)


def _names(pieces: list[Piece]) -> set[tuple[str, str]]:
    """The names that some pieces declare, with what they are."""
    return set().union(*(piece.names for piece in pieces))


def _stays(piece: Piece) -> int:
    """The end of the last statement before which all of a flow is as it was when rules looked at it; 0: of none."""
    flow = piece.items[0] if len(piece.items) == 1 else None
    if piece.course is None or not isinstance(flow, ast.FlowDecl):
        return 0
    stays = flow.body.statements[: piece.course.leading(flow)]
    return stays[-1].end if stays and piece.seen.startswith(piece.text[: piece.offset(stays[-1].end)]) else 0


class _Words:
    """The words of rules that stand in some pieces, and those that do not, by where they are looked for."""

    __slots__ = ("_absent", "_pieces", "_present")

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = pieces
        self._present: list[set[str]] = []
        self._absent: list[set[str]] = []

    def found(self) -> set[str]:
        """Those that stand in one."""
        if not self._present:
            self._present = [{*filter(partial(self._stands, place), words)} for place, words in enumerate(WORDS)]
            self._absent = [words - found for words, found in zip(WORDS, self._present, strict=True)]
        return set().union(*self._present)

    def _stands(self, place: int, word: str) -> bool:
        return any(word in piece.spelling[place] for piece in self._pieces)

    def exchange(self, gone: list[Piece], fresh: list[Piece]) -> bool:
        """Some pieces stand in place of others; whether a word has come or gone."""
        lines = differing_lines("".join([each.text for each in gone]), "".join([each.text for each in fresh]))
        old, new = (spelled(each) for each in lines)
        is_changed = False
        for place, (present, absent) in enumerate(zip(self._present, self._absent, strict=True)):
            come = set(filter(new[place].__contains__, absent))
            left = {word for word in filter(old[place].__contains__, present) if not self._stands(place, word)}
            if come or left:
                self._present[place] = present - left | come
                self._absent[place] = absent - come | left
                is_changed = True
        return is_changed
