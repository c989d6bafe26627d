"""What the compile column finds out about a tree: side tables keyed by `id(node)`, so the tree itself is never written
on.

A `Program` keeps every tree alive, so ids stay valid as long as the facts do. One `Facts` serves all files of a
program.
"""

from __future__ import annotations

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source
    from flowlang.syntax import ast
    from flowlang.types.model import Type


class ParamSig(Record):
    """A declared parameter. `default` is its expression in the declaring file; required if there is none."""

    name: str
    type: Type
    default: ast.Expr | None
    doc: str


class Signature(Record):
    """What may be called: an action, function, flow, service operation, filter, test, annotation or trigger.

    `name` is qualified by its module: 'http.post', 'text.upper', 'upper' (prelude), 'carrier_a.post',
    './carriers.flow:rank'.
    """

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

    name: str
    kind: str
    node: ast.Node | None  # the declaring statement, item, or parameter
    file: str
    qualified: str  # for consts, services, flows, functions, config: their name in the plan


class CallFact(Record):
    """A resolved call, filter or test: `arguments` in declared order, each with the expression that fills it (null:
    the default).
    """

    signature: Signature
    arguments: tuple[tuple[ParamSig, ast.Expr | None], ...]
    service: str | None  # qualified service name
    result: Type


class CheckedFile(Record):
    """One file of a program."""

    path: str
    source: Source
    tree: ast.File
    names: dict[str, Symbol]  # the file's scope: items and imports


class Facts:
    """The side tables. Keys are `id(node)`."""

    __slots__ = (
        "annotations",
        "calls",
        "coercions",
        "effects",
        "keys",
        "needs",
        "operators",
        "presence",
        "references",
        "signatures",
        "symbols",
        "types",
        "type_exprs",
        "places",
    )

    def __init__(self) -> None:
        self.types: dict[int, Type] = {}  # expression → its type (narrowed, where it stands)
        self.type_exprs: dict[int, Type] = {}  # type expression → the type it names
        self.symbols: dict[int, Symbol] = {}  # Name, Ident (in `after`, catch binding …), declaration node → symbol
        self.signatures: dict[
            int, Signature
        ] = {}  # ActionDecl, FunctionDecl, FlowDecl, AnnotationDecl, TriggerDecl → signature
        self.calls: dict[int, CallFact] = {}  # Call, Filter, Test → resolution
        self.coercions: dict[
            int, Type
        ] = {}  # expression → type it must be checked against and projected into at run time
        self.operators: dict[
            int, str
        ] = {}  # Unary, Binary, Comparison → typed operator of the plan ('add_int', '<:datetime')
        self.effects: dict[int, ast.Call] = {}  # Step, Do → the one action (or flow) call at its head, if any
        self.needs: dict[
            int, tuple[ast.Node, ...]
        ] = {}  # Step, Do, Let, block statement → Steps/Dos of the same scope it must wait for
        self.references: dict[
            int, tuple[ast.Node, ...]
        ] = {}  # Step, Do, Let → as needs, without what only `after` names
        self.keys: dict[int, str] = {}  # Step, Do → its key in its scope
        self.presence: dict[int, object] = {}  # Step → formula (semantics.presence)
        self.annotations: dict[int, CallFact] = {}  # Annotation, Trigger → resolution
        self.places: dict[int, str] = {}  # Text, Template → 'url' where it stands in a url place


class Program(Record):
    """A file with all it imports, checked. `diagnostics` in canonical order; lower it only if none is an error."""

    root: str
    files: dict[str, CheckedFile]
    facts: Facts
    diagnostics: tuple[Diagnostic, ...]
