"""What the compile column finds out about a tree: side tables keyed by `id(node)`, so the tree itself is never written
on.

A `Program` keeps every tree alive, so ids stay valid as long as the facts do. One `Facts` serves all files of a
program.
"""

from __future__ import annotations

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source
    from flowlang.syntax import ast
    from flowlang.syntax.documents.nodes import Section
    from flowlang.types.model import Type

CALLABLE: Final = frozenset(("action", "function", "flow"))
"""Kinds of symbols that a flow may call."""


class ParamSig(Record):
    """A declared parameter. `default` is its expression in the declaring file; required if there is none."""

    __slots__ = ()

    name: str
    type: Type
    default: ast.Expr | None
    doc: str


class Signature(Record):
    """What may be called: an action, function, flow, service operation, filter, test, annotation or trigger.

    `name` is qualified by its module: 'http.post', 'text.upper', 'upper' (prelude), 'carrier_a.post',
    './carriers.flow:rank'.
    """

    __slots__ = ()

    name: str
    kind: str  # 'action' | 'function' | 'flow' | 'annotation' | 'trigger'
    type_params: tuple[str, ...]
    params: tuple[ParamSig, ...]
    result: Type
    body: str  # 'native' | 'python' | 'expression' | 'flow' | ''
    target: str  # of a python body: 'mod:attr'
    annotations: tuple[tuple[str, tuple[ast.Argument, ...]], ...]  # on the declaration: ('idempotent', ())
    targets: tuple[str, ...]  # of an annotation: 'step', 'flow', …
    doc: str
    node: ast.Node | None
    file: str


class Symbol(Record):
    """What a name means in its scope.

    `kind`: param step do let const loop error round trigger config module file service flow action function type
    type_param result.
    """

    __slots__ = ()

    name: str
    kind: str
    node: ast.Node | None  # the declaring statement, item, or parameter
    file: str
    qualified: str  # for consts, services, flows, functions, config: their name in the plan


class CallFact(Record):
    """A resolved call, filter or test: `arguments` in declared order, each with the expression that fills it (null:
    the default).
    """

    __slots__ = ()

    signature: Signature
    arguments: tuple[tuple[ParamSig, ast.Expr | None], ...]
    service: str | None  # qualified service name
    result: Type


class Document(Record):
    """A document template as one call renders it. `values`: the names that the call gives, each with whether it may be
    absent; `source` is the file's own text, that of the tree has no other line ends than `\\n`.
    """

    __slots__ = ()

    source: Source
    body: Section
    values: tuple[tuple[str, bool], ...]
    is_markup: bool


class CheckedFile(Record):
    """One file of a program."""

    __slots__ = ()

    path: str
    source: Source
    tree: ast.File
    names: dict[str, Symbol]  # the file's scope: items and imports


class Facts:
    """The side tables. Keys are `id(node)`."""

    __slots__ = (
        "annotations",
        "called",
        "calls",
        "coercions",
        "conditions",
        "constant",
        "defaults",
        "documents",
        "doubtful",
        "effects",
        "keys",
        "needs",
        "operators",
        "other_values",
        "places",
        "presence",
        "read",
        "references",
        "signatures",
        "symbols",
        "type_exprs",
        "types",
        "used",
    )

    def __init__(self) -> None:
        # expression → its type where it stands, narrowed, before the check that `coercions` may add; block → that of
        # its value; Ident that is all there is of a declaration (loop variables, rounds, handlers' bindings) → its own
        self.types: dict[int, Type] = {}
        # type expression → the type it names
        self.type_exprs: dict[int, Type] = {}
        # Name → what it means; Attribute of an imported file's item (`lib.all`, `lib.carrier`) → that item; Name
        # before its dot → the import; names in `after`; every declaring node (Step, Let, Param, items) and the Ident
        # it declares, where that is a node of its own (loop variables, handlers' bindings, Repeat)
        self.symbols: dict[int, Symbol] = {}
        # ActionDecl, FunctionDecl, FlowDecl, AnnotationDecl, TriggerDecl → signature; a result that is not declared
        # is inferred
        self.signatures: dict[int, Signature] = {}
        # Call, Filter, Test → resolution. A test's signature is the function it calls ('is_even'). Functions of the
        # library whose body is an expression, and the annotations on its actions, have facts like the program's own,
        # if they are used, once the program is lowered
        self.calls: dict[int, CallFact] = {}
        # file → its calls, filters and tests, resolved or not, its operators, choices and `?.`, in the order they were
        # met
        self.called: dict[str, list[ast.Node]] = {}
        # expression or block → type its value must be checked against and projected into at run time. That of a
        # step's value is here too: it is to be checked after the call and before `ensure`
        self.coercions: dict[int, Type] = {}
        # file → its conditions (of `if`, `when`, `ensure`, ternaries …) in the order they were met
        self.conditions: dict[str, list[ast.Expr]] = {}
        # condition → whether it holds, if it is the same at every run; literals aside
        self.constant: dict[int, bool] = {}
        # Name → true, if its step counts as having run only because a condition with a mistake may say so
        self.doubtful: dict[int, bool] = {}
        # fields of types with their defaults' types, until these are checked
        self.defaults: list[tuple[ast.Field, Type]] = []
        # Unary, Binary, Comparison → typed operator, one of `semantics.operators.OPERATORS` ('add_int', '<:datetime',
        # 'not_in:list')
        self.operators: dict[int, str] = {}
        # BrokenExpr that is the other value of an `if` without `else`, or a hole that one may stand in → its file,
        # itself, and whether none, or in a hole nothing, may be that value: "no", "safe" or "unsafe"
        self.other_values: dict[int, tuple[str, ast.BrokenExpr, str]] = {}
        # Step, Do → the one action or flow call at the head of its chain, if any
        self.effects: dict[int, ast.Call] = {}
        # Step, Do, Let → Steps and Dos of the same body it must wait for, in source order: references of any clause,
        # handlers and undo included, through lets and out of inner blocks, and `after`
        self.needs: dict[int, tuple[ast.Node, ...]] = {}
        # Step, Do, Let → as needs, without what only `after` names
        self.references: dict[int, tuple[ast.Node, ...]] = {}
        # declaration (Param, Let, Step, item, import …) → is in it if something refers to it
        self.used: set[int] = set()
        # (file, name) of each configuration value that an expression reads
        self.read: set[tuple[str, str]] = set()
        # Step, Do → its key in its scope: a step's name; for `do` the last name of its callee (`slack`, `slack_2`);
        # for a block alone its word and ordinal (`if_1`); for a `do` without a call `do_1`
        self.keys: dict[int, str] = {}
        # Step → the formula (semantics.presence) of its own `when`
        self.presence: dict[int, object] = {}
        # Annotation, Trigger → resolution
        self.annotations: dict[int, CallFact] = {}
        # call of `text.render` → the template that it renders
        self.documents: dict[int, Document] = {}
        # Text, Template → 'url' where it stands in a url place; of a service's operation it is a path that begins
        # with `/`. Text → 'secret' where a secret is wanted
        self.places: dict[int, str] = {}


class Program(Record):
    """A file with all it imports, checked. `diagnostics` in canonical order; lower it only if none is an error."""

    __slots__ = ()

    root: str
    files: dict[str, CheckedFile]
    facts: Facts
    diagnostics: tuple[Diagnostic, ...]

    @property
    def sources(self) -> dict[str, Source]:
        """The texts that findings lie in: of files and of document templates."""
        found = {each.source.path: each.source for each in self.facts.documents.values()}
        found.update((path, file.source) for path, file in self.files.items())
        return found
