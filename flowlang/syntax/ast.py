"""The syntax tree: one frozen class per construct, each documented by the source text it stands for.

Every node begins with `start` and `end`, code-point offsets into its file, exact also inside templates; they take no
part in equality, so that `parse(print(tree)) == tree` is a law. Passes never write on nodes: facts live in side tables
keyed by `id(node)`, so no two places of a tree share a node object. Parentheses and comments are not in the tree.
"""

from __future__ import annotations

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal as OneOf


class Node(Record):
    """A place in the text."""

    __slots__ = ()

    start: int
    end: int

    if not TYPE_CHECKING:

        def __eq__(self, other):
            return self is other or (type(self) is type(other) and tuple.__getitem__(self, _REST) == other[_REST])

        def __ne__(self, other):
            return not self == other

        def __hash__(self):
            return hash(tuple.__getitem__(self, _REST))


_REST = slice(2, None)


class Ident(Node):
    """A name where it is declared or looked up by spelling: `lead`, an argument's name, a field's name."""

    __slots__ = ()

    name: str


# ---- expressions


class Literal(Node):
    """`12  0.5  true  false  none`. Numbers keep their kind: `1` is int, `1.0` is float."""

    __slots__ = ()

    value: int | float | bool | None


class Text(Node):
    """`'plain'`, or `"…"` without holes. `value` is decoded (escapes, dedent)."""

    __slots__ = ()

    value: str


class Duration(Node):
    """`30s  1.5h`: an exact number of microseconds; `spelling` as written takes part in equality."""

    __slots__ = ()

    microseconds: int
    spelling: str


class TemplateText(Node):
    """The text between two holes of a template, decoded; the span is its raw text."""

    __slots__ = ()

    value: str


class Template(Node):
    """`"Lead {{ lead.id }}"`: at least one hole. `parts` alternate freely between TemplateText and expressions."""

    __slots__ = ()

    parts: tuple[TemplateText | Expr, ...]


class Name(Node):
    """`lead`."""

    __slots__ = ()

    name: str


class Attribute(Node):
    """`lead.id`, `lead?.id` (optional)."""

    __slots__ = ()

    value: Expr
    name: Ident
    optional: bool


class Index(Node):
    """`quotes[0]`, `row['id']`."""

    __slots__ = ()

    value: Expr
    index: Expr


class Slice(Node):
    """`xs[1:3]`, `xs[::2]`."""

    __slots__ = ()

    value: Expr
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


class Argument(Node):
    """`lead` or `json=lead` in a call, a filter, a test, an annotation or a type constraint."""

    __slots__ = ()

    name: Ident | None
    value: Expr


class Call(Node):
    """`http.get(url, headers={})`."""

    __slots__ = ()

    callee: Expr
    arguments: tuple[Argument, ...]


class Filter(Node):
    """`xs | map(attribute='id')`. The name may be dotted: `x | text.upper`."""

    __slots__ = ()

    value: Expr
    name: Ident
    arguments: tuple[Argument, ...]


class Test(Node):
    """`x is defined`, `x is not divisibleby(3)` (negated)."""

    __slots__ = ()

    value: Expr
    name: Ident
    arguments: tuple[Argument, ...]
    negated: bool


class Unary(Node):
    """`-x  +x  not x`."""

    __slots__ = ()

    operator: OneOf["-", "+", "not"]
    operand: Expr


class Binary(Node):
    """`a + b`; operators `+ - * / // % ** ~`."""

    __slots__ = ()

    operator: OneOf["+", "-", "*", "/", "//", "%", "**", "~"]
    left: Expr
    right: Expr


class Comparison(Node):
    """`a < b`, one link of a chain."""

    __slots__ = ()

    operator: OneOf["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
    operand: Expr


class Compare(Node):
    """`a < b <= c`: each operand is evaluated once."""

    __slots__ = ()

    first: Expr
    rest: tuple[Comparison, ...]


class Logic(Node):
    """`a and b`, `a or b`: short-circuit, left-associative."""

    __slots__ = ()

    operator: OneOf["and", "or"]
    left: Expr
    right: Expr


class Conditional(Node):
    """`then if condition else otherwise`."""

    __slots__ = ()

    condition: Expr
    then: Expr
    otherwise: Expr


class List(Node):
    """`[a, b]`."""

    __slots__ = ()

    items: tuple[Expr, ...]


class Comprehension(Node):
    """`[e for x in xs if c]`; two names over a map."""

    __slots__ = ()

    element: Expr
    names: tuple[Ident, ...]
    iterable: Expr
    condition: Expr | None


class Entry(Node):
    """`id: lead.id`, `'a b': 1`, `[key]: v` (computed), `{ id }` (shorthand: key Text, value Name on the same span)."""

    __slots__ = ()

    key: Expr
    value: Expr
    computed: bool


class Spread(Node):
    """`**other` in a map."""

    __slots__ = ()

    value: Expr


class Map(Node):
    """`{ id: lead.id, **rest }`."""

    __slots__ = ()

    entries: tuple[Entry | Spread, ...]


class BrokenExpr(Node):
    """An expression that did not parse; its type is `any`, and it causes no further finding."""

    __slots__ = ()


# ---- types


class TypeName(Node):
    """`string  int(ge=0)  list[T]  carriers.Quote  T[k]`: a name, dotted for another file's, arguments, constraints.

    `name.name` holds the dotted spelling, nothing for a type that did not parse. `T[k]` (field of a type parameter)
    is a TypeName whose argument is `k`.
    """

    __slots__ = ()

    name: Ident
    arguments: tuple[TypeExpr, ...]
    constraints: tuple[Argument, ...]


class LiteralType(Node):
    """`'auto'`, `3`, `true` as a type."""

    __slots__ = ()

    value: str | int | float | bool


class OptionalType(Node):
    """`T?`."""

    __slots__ = ()

    inner: TypeExpr


class UnionType(Node):
    """`A | B`, flat, at least two members."""

    __slots__ = ()

    members: tuple[TypeExpr, ...]


class Field(Node):
    """`email: string(format='email') = 'x'` in a record type or in `config`."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    name: Ident
    type: TypeExpr
    default: Expr | None
    doc: str


class RecordType(Node):
    """`{ a: T, b: U? }`."""

    __slots__ = ()

    fields: tuple[Field, ...]


# ---- annotations and clauses


class Annotation(Node):
    """`@retry('exponential', attempts=3)`; without parentheses no arguments."""

    __slots__ = ()

    name: Ident
    arguments: tuple[Argument, ...]


class After(Node):
    """`after a, b`."""

    __slots__ = ()

    names: tuple[Ident, ...]


class When(Node):
    """`when cond`."""

    __slots__ = ()

    condition: Expr


class Until(Node):
    """`until cond every 5s for 10m`."""

    __slots__ = ()

    condition: Expr
    every: Expr | None
    limit: Expr | None


class Ensure(Node):
    """`ensure cond else "…"`: a clause of a step, or a statement at a flow's top."""

    __slots__ = ()

    condition: Expr
    message: Expr | None


class Catch(Node):
    """`catch timeout, network as err when cond { … }`. No kinds: all but `cancelled`."""

    __slots__ = ()

    kinds: tuple[Ident, ...]
    binding: Ident | None
    condition: Expr | None
    body: Body


class Undo(Node):
    """`undo { … }`."""

    __slots__ = ()

    body: Body


# ---- statements and blocks


class Body(Node):
    """The statements between two braces (the span holds the braces)."""

    __slots__ = ()

    statements: tuple[Statement, ...]


class Step(Node):
    """`@retry step lead: Lead = http.get(…).json when c catch { … }`. Clauses in source order."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    name: Ident
    type: TypeExpr | None
    value: Expr | Block
    clauses: tuple[Clause, ...]
    doc: str


class Do(Node):
    """`do notify.slack(…) after a`, or a block alone as a statement (implied)."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    value: Expr | Block
    clauses: tuple[Clause, ...]
    implied: bool
    doc: str


class Let(Node):
    """`let name: T = expr`: a statement, or an item (a constant of the file)."""

    __slots__ = ()

    name: Ident
    type: TypeExpr | None
    value: Expr
    doc: str


class Return(Node):
    """`return expr`."""

    __slots__ = ()

    value: Expr


class Yield(Node):
    """`yield expr`, in `repeat` also `yield expr next expr`."""

    __slots__ = ()

    value: Expr
    next: Expr | None


class Branch(Node):
    """`if cond { }` or `else if cond { }`."""

    __slots__ = ()

    condition: Expr
    body: Body


class If(Node):
    """`if a { } else if b { } else { }`."""

    __slots__ = ()

    branches: tuple[Branch, ...]
    otherwise: Body | None


class Case(Node):
    """`case 'home', 'life' { }`."""

    __slots__ = ()

    values: tuple[Expr, ...]
    body: Body


class Match(Node):
    """`match v { case 'a' { } else { } }`."""

    __slots__ = ()

    subject: Expr
    cases: tuple[Case, ...]
    otherwise: Body | None


class For(Node):
    """`for x in xs { }`, `for k, v in map { }`."""

    __slots__ = ()

    names: tuple[Ident, ...]
    iterable: Expr
    body: Body


class Parallel(Node):
    """`parallel { step a = … step b = … }`."""

    __slots__ = ()

    body: Body


class Race(Node):
    """`race { step a = … step b = … }`."""

    __slots__ = ()

    body: Body


class Sequence(Node):
    """`sequence { … }`."""

    __slots__ = ()

    body: Body


class Repeat(Node):
    """`repeat cursor: string? = none { … yield x next e }`."""

    __slots__ = ()

    name: Ident
    type: TypeExpr | None
    initial: Expr
    body: Body


class Broken(Node):
    """A statement or item that did not parse.

    `name` is what it would have declared, so that uses of it cause no further finding.
    """

    __slots__ = ()

    name: str | None


# ---- items


class Import(Node):
    """`import http`, `import "carriers.flow" as carriers`. `target` is the module's name or the path as written."""

    __slots__ = ()

    target: Ident
    is_file: bool
    alias: Ident | None


class Config(Node):
    """`config { crm: url = "…" }`."""

    __slots__ = ()

    fields: tuple[Field, ...]
    doc: str


class TypeDecl(Node):
    """`@exact type Lead { … }`, `type X = 'a' | 'b'`."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    name: Ident
    type: TypeExpr
    doc: str


class Param(Node):
    """`dry_run: bool = false`."""

    __slots__ = ()

    name: Ident
    type: TypeExpr
    default: Expr | None
    doc: str


class Native(Node):
    """`= native`: the body lives in the run column (standard library only)."""

    __slots__ = ()


class PythonBody(Node):
    """`= python('pkg.mod:attr')`."""

    __slots__ = ()

    target: Text


class ActionDecl(Node):
    """`@idempotent action name[T](params) -> T = python('m:f')`. No result type means `none`."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    name: Ident
    type_params: tuple[Ident, ...]
    params: tuple[Param, ...]
    result: TypeExpr | None
    body: Native | PythonBody
    doc: str


class FunctionDecl(Node):
    """`function name[T](params) -> T = expr`, or `= python(…)`, or `= native`."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    name: Ident
    type_params: tuple[Ident, ...]
    params: tuple[Param, ...]
    result: TypeExpr | None
    body: Native | PythonBody | Expr
    doc: str


class Setting(Node):
    """`base_url = "…"` in a service."""

    __slots__ = ()

    name: Ident
    value: Expr


class ServiceDecl(Node):
    """`@timeout(30s) service carrier_a { base_url = "…" }`; `openapi` for `service crm from "crm.openapi.json"`."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    name: Ident
    openapi: Text | None
    settings: tuple[Setting, ...]
    doc: str


class Trigger(Node):
    """`on event('lead.qualified') when cond with { lead_id: event.data.id }`."""

    __slots__ = ()

    name: Ident
    arguments: tuple[Argument, ...]
    condition: Expr | None
    inputs: Map | None


class FlowDecl(Node):
    """`@timeout(2m) flow submit(lead_id: string) -> R { on … statements } catch … { }`."""

    __slots__ = ()

    annotations: tuple[Annotation, ...]
    name: Ident
    params: tuple[Param, ...]
    result: TypeExpr | None
    triggers: tuple[Trigger, ...]
    body: Body
    catches: tuple[Catch, ...]
    doc: str


class BrokenFlow(FlowDecl):
    """A flow whose head did not parse: without parameters and result, but with its body."""

    __slots__ = ()


class AnnotationDecl(Node):
    """`annotation retry(attempts: int = 3) on step, flow` (standard library)."""

    __slots__ = ()

    name: Ident
    params: tuple[Param, ...]
    targets: tuple[Ident, ...]
    doc: str


class TriggerDecl(Node):
    """`trigger cron(schedule: cron) -> { time: datetime }` (standard library)."""

    __slots__ = ()

    name: Ident
    params: tuple[Param, ...]
    result: TypeExpr
    doc: str


class TestDecl(Node):
    """`test 'a vip goes to desk 1' { … }`: reserved; the checker says `not-yet-supported`."""

    __slots__ = ()

    name: Text


class File(Node):
    """A whole file. `doc` is the text of its `##!` lines."""

    __slots__ = ()

    items: tuple[Item, ...]
    doc: str

    def item_at(self, offset: int) -> Item | None:
        """The item around an offset."""
        return next((item for item in self.items if item.start <= offset < item.end), None)


if TYPE_CHECKING:
    Expr = (
        Literal | Text | Duration | Template | Name | Attribute | Index | Slice | Call | Filter | Test | Unary | Binary
        | Compare | Logic | Conditional | List | Comprehension | Map | BrokenExpr
    )  # fmt: skip
    TypeExpr = TypeName | LiteralType | OptionalType | UnionType | RecordType
    Clause = After | When | Until | Ensure | Catch | Undo
    Block = If | Match | For | Parallel | Race | Sequence | Repeat
    Statement = Step | Do | Let | Ensure | Return | Yield | Broken
    Item = (
        Import | Config | Let | TypeDecl | ServiceDecl | ActionDecl | FunctionDecl | FlowDecl | AnnotationDecl
        | TriggerDecl | TestDecl | Broken
    )  # fmt: skip
