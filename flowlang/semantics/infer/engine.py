"""The state of inference and its two questions: `infer` (what is this?) and `expect` (may it stand here?).

One `Inference` walks one file, item by item; handlers for each class of expression are registered in `HANDLERS` by
the modules beside this one, so that dispatch is one dictionary look-up. What is known at a place (narrowed types by
path, conditions that hold) is one mutable state with a trail: entering a branch pushes, leaving pops, nothing is
copied. A mistake is reported once and its expression becomes `any`, which causes no further finding.
"""

from __future__ import annotations

from flowlang.diagnostics import Related
from flowlang.record import Record, is_same
from flowlang.semantics.facts import Symbol
from flowlang.semantics.presence import TRUE, Atoms, Premises
from flowlang.semantics.report import POISON, SMALLER, TOO_LARGE
from flowlang.semantics.scopes import Binding, Scope
from flowlang.semantics.uses import Uses
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.types.assign import FITS, YES, assignable, is_optional
from flowlang.types.edge import leaving, mixes_numbers, needs_edge
from flowlang.types.generics import is_generic
from flowlang.types.join import join_all, members
from flowlang.types.model import Any as AnyType
from flowlang.types.model import (
    Bool,
    Date,
    Datetime,
    FieldName,
    FilterName,
    Float,
    Int,
    LiteralOf,
    Secret,
    String,
    TestName,
    Union,
    Url,
)
from flowlang.types.size import is_too_large

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import CheckedFile, Facts, ParamSig, Signature
    from flowlang.semantics.infer.course import Course
    from flowlang.semantics.infer.narrowing import Assumption
    from flowlang.semantics.presence import Formula
    from flowlang.semantics.state import ProgramState
    from flowlang.semantics.type_expressions import TypeNames
    from flowlang.types.members import Member, Refusal
    from flowlang.types.model import Type

    Path = tuple[object, ...]
    Handler = Callable[["Inference", Any], Type]
    Expecter = Callable[["Inference", Any, Type, "Wanted"], "Type | None"]


class Wanted(Record):
    """Why a type is wanted: ``argument `json` of `http.post` ``, and where that is said."""

    __slots__ = ()

    what: str
    related: tuple[Related, ...] = ()


HANDLERS: Final[dict[type, Handler]] = {}
_SIMPLE: Final = frozenset((AnyType, String, LiteralOf, Int, Float, Bool, Datetime, Date, Url))
"""What fits `any` as it is, without a closer look."""
_MAY_SEAL: Final = frozenset((Secret, Union))
"""The types that may make a secret of what is none."""
EXPECTERS: Final[dict[type, Expecter]] = {}
"""For literals and choices: pushes what is wanted into the parts, so that a mismatch is reported where it stands. Each
notes the type of its node itself, as it is before the check that `fit` may add. None: not for this target.
"""


def handles(node: type) -> Callable[[Handler], Handler]:
    """Register the inference of a class of expressions."""

    def register(handler: Handler) -> Handler:
        HANDLERS[node] = handler
        return handler

    return register


def expects(node: type) -> Callable[[Expecter], Expecter]:
    """Register the checking of a class of expressions against a wanted type."""

    def register(handler: Expecter) -> Expecter:
        EXPECTERS[node] = handler
        return handler

    return register


class Shape:
    """What is found out about a signature once, and the service if it is an operation of one.

    `order` and `names`: those of its parameters; `required`: those without a default, `generic`: of a type that hangs
    on others, `naming`: that name fields, filters or tests. `takes_types`: whether it has any of these two, or type
    parameters; `is_pure`: whether secrets may go in and make its result one; `gives_none`: whether its result may be
    none; `wanted`: why an argument is wanted to be of a type, by the parameter's name, of those that were asked for.
    """

    __slots__ = (
        "generic",
        "gives_none",
        "is_pure",
        "names",
        "naming",
        "order",
        "required",
        "service",
        "signature",
        "takes_types",
        "wanted",
    )

    def __init__(self, signature: Signature, service: str | None, like: Shape | None = None) -> None:
        self.signature = signature
        self.service = service
        self.wanted: dict[str, Wanted] = {}
        if like is None:
            params = signature.params
            self.order = tuple([param.name for param in params])
            self.names = frozenset(self.order)
            self.required = frozenset([param.name for param in params if param.default is None])
            self.generic = frozenset([param.name for param in params if is_generic(param.type)])
            self.naming = frozenset([param.name for param in params if is_name(param.type)])
            self.takes_types = bool(signature.type_params or self.generic or self.naming)
            self.is_pure = signature.kind == "function" and signature.body != "python" and signature.name != "fail"
            self.gives_none = is_optional(signature.result)
        else:
            self.order, self.names, self.required = like.order, like.names, like.required
            self.generic, self.naming = like.generic, like.naming
            self.takes_types, self.is_pure, self.gives_none = like.takes_types, like.is_pure, like.gives_none

    def of_service(self, service: str, name: str) -> Shape:
        """That of an operation of a service."""
        return Shape(self.signature.replace(name=name), service, self)

    def why(self, param: ParamSig) -> Wanted:
        """Why an argument is wanted to be of a type; made once for each parameter."""
        found = self.wanted.get(param.name)
        if found is None:
            found = self.wanted[param.name] = _argument(self.signature, param)
        return found

    def fill(self, given: dict[str, ast.Expr]) -> tuple[tuple[ParamSig, ast.Expr | None], ...]:
        """The parameters in order, each with what is given for it."""
        return tuple(zip(self.signature.params, map(given.get, self.order), strict=True))


def is_name(of: Type) -> bool:
    """Whether a parameter of a type names a field, a filter or a test."""
    return any(isinstance(each, (FieldName, FilterName, TestName)) for each in members(of))


class Known:
    """What is found out about signatures and types once, by their ids. `shapes` are those of the program's signatures;
    those of the library's are kept beside it. `operations`: those of services, by their names.
    """

    __slots__ = ("members", "operations", "shapes")

    def __init__(self) -> None:
        self.members: dict[tuple[int, str], tuple[Type, Member | Refusal]] = {}
        self.operations: dict[str, Shape] = {}
        self.shapes: dict[int, Shape] = {}


class Inference:
    """The state while one file is inferred.

    `head`: id of the call that may be an action (the head of a step's chain). `pure_place`: what kind of place this
    is otherwise, for messages. `hidden`: names that exist, but not for who stands here, with the reason. `narrowed`:
    path → what its type is known to be here. `premises`: conditions that hold here. `forgives`: what is mistaken in the
    condition at hand is only that something may be none. `missing`: modules that the item uses and nobody imports.
    `course`: on which way the flow at hand may be taken up later, or is.
    """

    __slots__ = (
        "atoms",
        "asked",
        "assumptions",
        "called",
        "catalog",
        "config",
        "course",
        "facts",
        "file",
        "files",
        "forgives",
        "head",
        "hidden",
        "made",
        "members",
        "missing",
        "narrowed",
        "operations",
        "premises",
        "pure_place",
        "reporter",
        "scope",
        "shapes",
        "state",
        "trail",
        "type_names",
        "types",
        "uses",
    )

    def __init__(
        self,
        state: ProgramState,
        file: CheckedFile,
        type_names: TypeNames,
        config: dict[str, Type],
        known: Known | None = None,
        kept: dict[str, Binding] | None = None,
    ) -> None:
        known = known or Known()
        self.state = state
        self.file = file
        self.types = state.facts.types
        self.note_in(state.facts)
        self.reporter = state.reporter
        self.catalog = state.catalog
        self.files = state.files
        self.made = state.made
        self.config = config
        self.type_names = type_names
        self.scope = file_scope(file, kept or {})
        self.uses = Uses()
        self.hidden: dict[str, str] = {}
        self.members = known.members
        self.shapes = known.shapes
        self.operations = known.operations
        self.course: Course | None = None
        self.atoms = Atoms()
        self.assumptions: dict[int, Assumption] = {}
        self.narrowed: dict[Path, Type] = {}
        self.premises = Premises(self.atoms)
        self.trail: list[tuple[Path, Type | None]] = []
        self.missing: set[str] = set()
        self.forgives = False
        self.head = 0
        self.pure_place = "an expression"

    def note_in(self, facts: Facts) -> None:
        """Note what is found out in other lists from here on; the tables are the same."""
        self.facts = facts
        self.asked = facts.conditions.setdefault(self.file.path, [])
        self.called = facts.called.setdefault(self.file.path, [])

    def new_flow(self) -> None:
        """Forget what was known: another declaration begins."""
        self.atoms = Atoms()
        self.assumptions = {}
        self.narrowed = {}
        self.premises = Premises(self.atoms)
        self.missing = set()
        self.trail = []

    # ---- what is known here

    def mark(self) -> tuple[int, int]:
        """Remember what is known now, for `restore`."""
        return len(self.trail), len(self.premises.stack)

    def learn(self, facts: dict[Path, Type], formula: Formula) -> None:
        """Add what is known from here on."""
        narrowed, trail = self.narrowed, self.trail
        for path, type_ in facts.items():
            old = narrowed.get(path)
            if old is not None and old != type_ and _is_narrower(old, type_):
                continue
            trail.append((path, old))
            narrowed[path] = type_
        if formula is not TRUE:
            self.premises.add(formula)

    def restore(self, mark: tuple[int, int]) -> None:
        """Forget what was learnt since a mark."""
        length, premises = mark
        trail, narrowed = self.trail, self.narrowed
        while len(trail) > length:
            path, old = trail.pop()
            if old is None:
                del narrowed[path]
            else:
                narrowed[path] = old
        if len(self.premises.stack) > premises:
            self.premises.cut(premises)

    def is_present(self, binding: Binding) -> bool:
        """Whether a step is known to have run here."""
        return binding.presence is TRUE or self.premises.implies(binding.presence)

    # ---- the two questions

    def infer(self, node: ast.Expr) -> Type:
        """The type of an expression where it stands."""
        found = self.types[id(node)] = HANDLERS[type(node)](self, node)
        return found

    def expect(self, node: ast.Expr, target: Type, wanted: Wanted) -> Type:
        """Check that an expression may stand where a type is wanted; returns the type that it has from there on."""
        expecter = EXPECTERS.get(type(node))
        if expecter is not None:
            found = expecter(self, node, target, wanted)
            if found is not None:
                return found
        inferred = self.types[id(node)] = HANDLERS[type(node)](self, node)
        return self.fit(node, inferred, target, wanted)

    def fit(self, node: ast.Expr | ast.Block, found: Type, target: Type, wanted: Wanted) -> Type:
        """Decide whether an inferred value fits, report it if not, and note the check at run time that it needs."""
        kind, goal = type(found), type(target)
        if found is target or (kind is goal and is_same(found, target)) or (goal is AnyType and kind in _SIMPLE):
            return found
        answer = assignable(found, target)
        if answer is FITS:
            if kind is LiteralOf and goal in _MAY_SEAL and any(type(each) is Secret for each in members(target)):
                self.facts.places[id(node)] = "secret"
            return target if self.settle(node, found, target) else found
        if not answer.ok:
            from flowlang.semantics.infer.mismatch import report_mismatch

            report_mismatch(self, node, found, target, wanted, answer)
            return target
        if answer.needs_check and type(node) is not ast.BrokenExpr:
            if found is POISON and type(node) is ast.Name:
                from flowlang.semantics.infer.meant import as_text

                as_text(self, node, target)
            self.facts.coercions[id(node)] = target
            return target
        return target if self.settle(node, found, target) else found

    def settle(self, node: ast.Node, found: Type, whole: Type) -> bool:
        """Whether a value with durations becomes (a part of) something in which they are not known as such. It is
        noted: they are text from there on, as in all of unknown shape. Of a step or `do`: its value, once it is
        checked against the declared type.
        """
        if type(found) in _SIMPLE or type(node) is ast.BrokenExpr or not needs_edge(found):
            return False
        if not needs_edge(leaving(found, whole)):
            return False
        self.facts.coercions[id(node)] = whole
        return True

    def met(self, whole: Type, parts: Iterable[ast.Expr], around: ast.Node | None = None) -> Type:
        """The type of a value that comes from one of several expressions, or from what stands `around` them."""
        parts = tuple(parts)
        if type(whole) is Union and mixes_numbers(whole):
            message = (
                "a number and a duration meet here and cannot be told apart: a duration is a number of microseconds"
            )
            at = parts[-1] if parts or around is None else around
            return self.report("mixed-union", message, at, "write both as durations, or both as numbers")
        self._settle_all(parts, whole)
        return whole

    def _settle_all(self, parts: Iterable[ast.Expr], whole: Type) -> None:
        for part in parts:
            self.settle(part, self.types.get(id(part), whole), whole)

    def alike(self, nodes: Sequence[ast.Expr]) -> None:
        """Values are compared: durations are text beside what has no type."""
        types = [self.types.get(id(node), POISON) for node in nodes]
        if any(map(needs_edge, types)):
            self._settle_all(nodes, join_all(types))

    def composed(self, of: Type, at: ast.Node) -> Type:
        """A type that was put together out of others, unless it is too large, which is reported."""
        return self.report("type-too-large", TOO_LARGE, at, SMALLER) if is_too_large(of) else of

    # ---- findings

    def report(self, rule: str, message: str, at: ast.Node, help: str = "", related: tuple[Related, ...] = ()) -> Type:
        """Report a mistake; the type of what is mistaken is `any`."""
        self.reporter.report(rule, message, at, help, related)
        return POISON

    def visible_names(self) -> list[str]:
        """The names to suggest for a misspelled one; none once there are so many findings that looking would take
        long.
        """
        return list(self.scope.visible()) if self.reporter.is_suggesting else []

    def text(self, node: ast.Node) -> str:
        """A piece of source as it is written, for messages; long ones are cut."""
        written = " ".join(self.file.source.text[node.start : node.end].split())
        return written if len(written) <= 60 else written[:57] + "…"

    def shape(self, signature: Signature) -> Shape:
        """What is known of a signature as such."""
        key, of_library = id(signature), self.catalog.shapes
        found = of_library.get(key) or self.shapes.get(key)
        if found is None:
            shapes = of_library if self.catalog.holds(signature) else self.shapes
            found = shapes[key] = Shape(signature, None)
        return found

    def resolve_type(self, node: ast.TypeExpr) -> Type:
        """The type that a type expression in a body names."""
        found = self.type_names.resolve(node)
        if self.facts.defaults:
            self.check_defaults()
        return found

    def check_defaults(self) -> None:
        """Check the defaults of fields in types that were resolved, each against its field's type."""
        found = self.reporter.found
        before = len(found)
        for field, of in self.facts.defaults:
            if field.default is not None:
                related = self.reporter.related("its type is declared here", field.type)
                self.expect(field.default, of, Wanted(f"field `{field.name.name}`", (related,)))
        self.facts.defaults.clear()
        found[before:] = [_of_literal(each) for each in found[before:]]


def _is_narrower(old: Type, new: Type) -> bool:
    """Whether what was known of a path already says more (a let's condition was looked at where the let stands)."""
    if type(old) is Union and len(old.members) > MOST_COMPARED:
        return False
    return assignable(old, new).verdict == YES


def _of_literal(found: Diagnostic) -> Diagnostic:
    """A finding whose help holds where nothing but a literal may stand."""
    if "date(" in found.help or "datetime(" in found.help:
        return found.replace(help="no literal is of this type: leave the default out", fixes=())
    return found.replace(help="", fixes=()) if "{{" in found.help else found


MOST_COMPARED: Final = 64


def title(signature: Signature) -> str:
    """How messages call what is called."""
    if signature.kind == "annotation":
        return f"`@{signature.name}`"
    name = signature.name.rpartition(":")[2]
    return (
        f"`{name.removeprefix('is_')}`"
        if name.startswith("is_") and signature.file.startswith("stdlib/")
        else f"`{name}`"
    )


def _argument(signature: Signature, param: ParamSig) -> Wanted:
    related: tuple[Related, ...] = ()
    if signature.node is not None and not signature.file.startswith("stdlib/"):
        node = next((p for p in getattr(signature.node, "params", ()) if p.name.name == param.name), None)
        if node is not None:
            span = Span(signature.file, node.type.start, node.type.end)
            related = (Related(f"parameter `{param.name}` is declared here", span),)
    return Wanted(f"argument `{param.name}` of {title(signature)}", related)


def file_scope(file: CheckedFile, kept: dict[str, Binding]) -> Scope:
    """The outermost scope: what a file declares and imports, and the configuration. `kept`: what is known of some."""
    scope = Scope(None)
    scope.names = {name: kept.get(name) or Binding(symbol) for name, symbol in file.names.items()}
    if "config" not in file.names:  # it did not parse
        scope.names["config"] = Binding(Symbol("config", "config", None, file.path, "config"))
    return scope
