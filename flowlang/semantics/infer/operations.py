"""Operators and templates: which typed operator of the plan they are, and what they give."""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.absence import need_value
from flowlang.semantics.infer.engine import expects, handles
from flowlang.semantics.infer.origins import where_from
from flowlang.semantics.infer.places import is_url_place, url_template
from flowlang.semantics.operators import BINARY, CONTAINERS, ORDERED, RESULTS, WORDS, kind_of
from flowlang.semantics.report import POISON
from flowlang.syntax import ast
from flowlang.types.assign import is_optional, secret_path
from flowlang.types.edge import needs_edge
from flowlang.types.join import join, join_all, members, sealed
from flowlang.types.members import Member, member
from flowlang.types.model import (
    ANY,
    BOOL,
    DURATION,
    FLOAT,
    INT,
    NEVER,
    STRING,
    Any,
    List,
    LiteralOf,
    NoneType,
    Secret,
    Union,
)
from flowlang.types.narrow import has_literal, without_none
from flowlang.types.show import show, show_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference, Wanted
    from flowlang.types.model import Type


@handles(ast.Template)
def template(c: Inference, node: ast.Template) -> Type:
    """Text, a secret if a hole is one."""
    secret = False
    for part in node.parts:
        if type(part) is not ast.TemplateText:
            secret = written(c, part) or secret  # type: ignore[arg-type]
    return Secret(STRING) if secret else STRING


@expects(ast.Template)
def expect_template(c: Inference, node: ast.Template, target: Type, wanted: Wanted) -> Type | None:
    return url_template(c, node, target, wanted) if is_url_place(target) else None


def written(c: Inference, node: ast.Expr) -> bool:
    """Check a value that is written into text; whether it is a secret."""
    found = c.infer(node)
    if type(found) is NoneType:
        c.report("none-in-template", "none cannot be written into a text", node)
        return False
    if is_optional(found):
        found = need_value(c, node, found, "it is written into a text")
    return secret_path(found) is not None


@handles(ast.Unary)
def unary(c: Inference, node: ast.Unary) -> Type:
    c.called.append(node)
    found = c.infer(node.operand)
    if node.operator == "not":
        c.facts.operators[id(node)] = "not"
        return BOOL
    if is_optional(found):
        found = need_value(c, node.operand, found, f"`{node.operator}` is applied to it")
    inner = _bare(found)
    kind = kind_of(inner)
    if kind not in ("int", "float", "duration", "any"):
        return c.report("wrong-operand", f"`{node.operator}` takes a number, not {show(found)}", node.operand)
    c.facts.operators[id(node)] = f"neg_{kind}" if node.operator == "-" else "pos"
    if isinstance(inner, LiteralOf) and kind != "duration" and not isinstance(inner.value, str):
        return LiteralOf(-inner.value if node.operator == "-" else inner.value, inner.kind)
    plain: dict[str, Type] = {"int": INT, "float": FLOAT, "any": ANY}
    result = plain.get(kind, inner)
    return Secret(result) if isinstance(found, Secret) else result


@expects(ast.Binary)
def expect_binary(c: Inference, node: ast.Binary, target: Type, wanted: Wanted) -> Type | None:
    whole = _before_comment(c, node) if _COMMENTING.get(node.operator) is type(node.right) else None
    return None if whole is None else c.expect(whole, target, wanted)


def _before_comment(c: Inference, node: ast.Binary) -> ast.Expr | None:
    from flowlang.semantics.infer.foreign_comments import before_comment

    return before_comment(c, node)


@handles(ast.Binary)
def binary(c: Inference, node: ast.Binary) -> Type:
    c.called.append(node)
    if node.operator == "~":
        c.facts.operators[id(node)] = "concat"
        secrets = [written(c, node.left), written(c, node.right)]
        return Secret(STRING) if any(secrets) else STRING
    if _COMMENTING.get(node.operator) is type(node.right) and (whole := _before_comment(c, node)) is not None:
        return c.infer(whole)
    if node.operator == "/" and type(node.right) is ast.Name and c.scope.find(node.right.name) is None:
        path = _path(c, node)
        if path and path == c.file.source.text[node.start : node.end] and not _is_misspelt(c, path):
            return _report_unquoted(c, node, path)
    left, right = _operand(c, node, node.left), _operand(c, node, node.right)
    is_secret = isinstance(left, Secret) or isinstance(right, Secret)
    left, right = _read(c, node, _bare(left), _bare(right))
    found = _operate(node.operator, left, right)
    if found is None:
        shown, other = show_pair(left, right)
        return c.report(
            "wrong-operand", f"`{node.operator}` does not take {shown} and {other}", node, _hint(node, left, right)
        )
    c.facts.operators[id(node)], result = found
    if left is POISON or right is POISON:
        return POISON  # one mistake
    for operand, of in ((node.left, left), (node.right, right)):
        if isinstance(of, List):
            c.settle(operand, of, result)
    if type(result) is Any and not is_secret:  # a list of secrets may be added to it
        is_secret = secret_path(left) is not None or secret_path(right) is not None
    return sealed(result) if is_secret else result


_COMMENTING: Final[dict[str, type]] = {"//": ast.Name, "%": ast.Name, "-": ast.Unary}
"""Operators that begin a comment elsewhere, and what one word of it is to the parser."""
_DURATIONS: Final = (("duration", "any"), ("any", "duration"))
_NUMBER: Final = Union((INT, FLOAT))
_READ_AS: Final[dict[tuple[str, str, str], Type]] = {
    **{(operator, *pair): DURATION for operator in ("+", "-", "//", "%") for pair in _DURATIONS},
    **{("+", *pair): DURATION for kind in ("datetime", "date") for pair in ((kind, "any"), ("any", kind))},
    **{("*", *pair): _NUMBER for pair in _DURATIONS},
    ("/", "duration", "any"): _NUMBER,
    ("/", "any", "duration"): DURATION,
}
"""What is read out of an `any` beside a time, by the operator and the kinds of both."""


def _read(c: Inference, node: ast.Binary, left: Type, right: Type) -> tuple[Type, Type]:
    """The types of two operands; beside a duration, or an instant that one is added to, an `any` is read as what goes
    with it, for durations are text there.
    """
    if left is POISON or right is POISON:
        return left, right
    wanted = _READ_AS.get((node.operator, kind_of(left), kind_of(right)))
    if wanted is None:
        return left, right
    if isinstance(left, Any):
        read(c, node.left, wanted)
        return wanted, right
    read(c, node.right, wanted)
    return left, wanted


def read(c: Inference, node: ast.Expr, wanted: Type) -> None:
    """Note the check that makes a value of a type of what has none."""
    c.facts.coercions[id(node)] = Secret(wanted) if isinstance(c.types.get(id(node)), Secret) else wanted


def _path(c: Inference, node: ast.Expr) -> str:
    """Names without a meaning with `/` between them, such as `Europe/Berlin`; '' for anything else."""
    if isinstance(node, ast.Name):
        is_known = c.scope.find(node.name) is not None or c.catalog.prelude(node.name) is not None
        return "" if is_known else node.name
    if not isinstance(node, ast.Binary) or node.operator != "/":
        return ""
    left, right = _path(c, node.left), _path(c, node.right)
    return f"{left}/{right}" if left and right else ""


def _is_misspelt(c: Inference, path: str) -> bool:
    """Whether a part of what may be a path is close to a name: then it is a division of what is misspelt."""
    from flowlang.semantics.suggest import closest

    known = c.visible_names()
    return any(closest(name, known) for name in path.split("/"))


def _report_unquoted(c: Inference, node: ast.Binary, path: str) -> Type:
    """A path, or the name of a time zone, without quotes: one mistake, not one for each name."""
    from flowlang.semantics.unparsed import is_declared_unparsed

    if any(is_declared_unparsed(c.file, name, node) for name in path.split("/")):
        return POISON
    ours = f"'{path}'"
    fix = Fix(f"write `{ours}`", (Edit(c.reporter.span(node), ours),), safe=False)
    message = f"nothing here is called `{path.partition('/')[0]}`"
    c.reporter.report("unknown-name", message, node, f"a text stands in quotes: `{ours}`", fixes=(fix,))
    return POISON


def _operand(c: Inference, node: ast.Binary, operand: ast.Expr) -> Type:
    found = c.infer(operand)
    return need_value(c, operand, found, f"`{node.operator}` is applied to it") if is_optional(found) else found


def _operate(operator: str, left: Type, right: Type) -> tuple[str, Type] | None:
    """The typed operator and its result; null if the operands do not go together."""
    a, b = kind_of(left), kind_of(right)
    name = BINARY.get((operator, a, b))
    if name is not None:
        return name, _result(name, left, right)
    untyped = f"{WORDS[operator]}_any"
    if a == "any" or b == "any":
        fits = any(op == operator and a in (x, "any") and b in (y, "any") for op, x, y in BINARY) or "mixed" in (a, b)
        return (untyped, ANY) if fits else None
    if a != "mixed" and b != "mixed":
        return None
    results = [_operate(operator, x, y) for x in members(left) for y in members(right)]
    if any(each is None for each in results):
        return None
    return untyped, join_all(each[1] for each in results if each is not None)


def _result(name: str, left: Type, right: Type) -> Type:
    fixed = RESULTS.get(name)
    if fixed is not None:
        return fixed
    lists = [m for m in (*members(left), *members(right)) if isinstance(m, List)]
    return List(join_all(each.item for each in lists))


def _hint(node: ast.Binary, left: Type, right: Type) -> str:
    if isinstance(node.right, ast.Filter) and kind_of(left) in ("list", "int", "float"):
        name = node.right.name.name
        return f"a filter binds tighter than `{node.operator}`: for the whole write `(… {node.operator} …) | {name}`"
    kinds = {kind_of(left), kind_of(right)}
    if node.operator == "+" and "text" in kinds and kinds & {"int", "float", "bool"}:
        return 'write both into a text: `"{{ a }}{{ b }}"`, or join with `~`'
    if node.operator in ("+", "-") and kinds == {"text", "duration"}:
        return "a time is made of a text by `datetime('…')`, a day by `date('…')`"
    if node.operator == "%" and kind_of(left) == "text":
        return 'write values into a text: `"… {{ name }} …"`'
    if node.operator == "-" and kinds == {"date", "datetime"}:
        return "an instant has a day: take `date(…)` of it; the midnight of a day is `datetime(… ~ 'T00:00:00Z')`"
    return ""


@handles(ast.Compare)
def compare(c: Inference, node: ast.Compare) -> Type:
    c.called.append(node)
    left_node, left = node.first, c.infer(node.first)
    for link in node.rest:
        before = len(c.reporter.found)
        right = value_among(c, link.operand, left_node, left)
        if link.operator in ("==", "!="):
            c.facts.operators[id(link)] = link.operator
            _equality(c, left_node, left, link, right)
        elif link.operator in ("in", "not in"):
            _membership(c, left_node, left, link, right)
        else:
            _ordering(c, left_node, left, link, right)
        left_node, left = link.operand, right if len(c.reporter.found) == before else POISON
    if all(link.operator in ("==", "!=") for link in node.rest):
        c.alike([node.first, *(link.operand for link in node.rest)])
    return BOOL


def _bare(of: Type) -> Type:
    return of.inner if isinstance(of, Secret) else of


def _equality(c: Inference, left_node: ast.Expr, left: Type, link: ast.Comparison, right: Type) -> None:
    left, right = _bare(left), _bare(right)
    if overlap(left, right) or overlap(
        _bare(unnarrowed(c, left_node, left)), _bare(unnarrowed(c, link.operand, right))
    ):
        return
    shown, other = show_pair(left, right)
    outcome = "false" if link.operator == "==" else "true"
    message = f"`{c.text(left_node)}` is {shown} and never equal to {other}: this is always {outcome}"
    help, fixes = (
        _as_status(c, left_node, right)
        or _converted(c, left_node, left, link.operand, right)
        or (_values(c, left, right), ())
    )
    c.reporter.report("impossible-comparison", message, link.operand, help, where_from(c, left_node), fixes)


def value_among(c: Inference, node: ast.Expr, value: ast.Expr, of: Type) -> Type:
    """The type of what is compared with a value of a type; a name that means nothing may be one of its texts."""
    if not isinstance(node, ast.Name) or c.scope.find(node.name) is not None:
        return c.infer(node)
    if LiteralOf(node.name, "string") not in members(_bare(unnarrowed(c, value, of))):
        return c.infer(node)
    written = f"'{node.name}'"
    fix = Fix(f"write `{written}`", (Edit(c.reporter.span(node), written),), safe=False)
    message, help = f"nothing here is called `{node.name}`", f"did you mean `{written}`?"
    c.reporter.report("unknown-name", message, node, help, fixes=(fix,))
    c.types[id(node)] = POISON
    return POISON


def _converted(
    c: Inference, left_node: ast.Expr, left: Type, right_node: ast.Expr, right: Type
) -> tuple[str, tuple[Fix, ...]] | None:
    from flowlang.semantics.infer.meant import as_compared

    return as_compared(c, left, right_node, right) or as_compared(c, right, left_node, left)


def _as_status(c: Inference, node: ast.Expr, right: Type) -> tuple[str, tuple[Fix, ...]] | None:
    """`err.code == 409`: the number is the status of the answer."""
    if not isinstance(node, ast.Attribute) or node.name.name != "code" or kind_of(right) != "int":
        return None
    symbol = c.facts.symbols.get(id(node.value))
    if symbol is None or symbol.kind != "error":
        return None
    ours = f"{c.text(node.value)}.status"
    if not isinstance(member(c.types.get(id(node.value), ANY), "status"), Member):
        return f"the status of an answer is `{ours}`, of an `http` error: `catch http as {symbol.name} {{ … }}`", ()
    fix = Fix(f"write `{ours}`", (Edit(c.reporter.span(node.name), "status"),), safe=False)
    return f"the status of the answer is `{ours}`", (fix,)


def _values(c: Inference, left: Type, right: Type) -> str:
    """Did you mean another literal of the union?"""

    if isinstance(right, LiteralOf) and isinstance(right.value, str):
        known = [m.value for m in members(left) if isinstance(m, LiteralOf) and isinstance(m.value, str)]
        return c.reporter.near(right.value, known)
    return ""


def unnarrowed(c: Inference, node: ast.Expr, of: Type) -> Type:
    """The type of a path before what is known here: what that makes certain is no mistake."""
    if isinstance(node, ast.Name):
        binding = c.scope.find(node.name)
        return binding.type if binding is not None and binding.type is not None else of
    if isinstance(node, ast.Attribute):
        found = member(without_none(c.types.get(id(node.value), ANY)), node.name.name)
        return found.type if isinstance(found, Member) else of
    return of


def overlap(left: Type, right: Type) -> bool:
    """Whether some value is of both types, as far as it can be told."""
    if isinstance(right, LiteralOf) and has_literal(left, right):
        return True
    if is_optional(left) and is_optional(right):
        return True
    return any(_overlap(a, b) for a in _values_of(left) for b in _values_of(right))


def _values_of(of: Type) -> tuple[Type, ...]:
    """What a type holds beside none; none if that is all."""
    return tuple([each for each in members(of) if not isinstance(each, NoneType)]) or members(of)


def _overlap(a: Type, b: Type) -> bool:
    if isinstance(a, LiteralOf) and isinstance(b, LiteralOf):
        numbers = {a.kind, b.kind} <= {"int", "float"}
        return a.value == b.value and (a.kind == b.kind or numbers)
    if isinstance(a, NoneType) or isinstance(b, NoneType):
        return True  # asking for none is never a mistake in itself
    x, y = kind_of(_bare(a)), kind_of(_bare(b))
    return "any" in (x, y) or x == y or {x, y} <= {"int", "float"}


def _membership(c: Inference, left_node: ast.Expr, left: Type, link: ast.Comparison, right: Type) -> None:
    if is_optional(right):
        right = need_value(c, link.operand, right, "`in` looks into it")
    right, left = _bare(right), _bare(left)
    kind = kind_of(right)
    word = link.operator.replace(" ", "_")
    tag = CONTAINERS.get(kind)
    c.facts.operators[id(link)] = f"{word}:{tag or 'any'}"
    if kind in ("any", "mixed"):
        if kind == "any":
            c.settle(left_node, left, ANY)
        return
    if tag is None:
        c.report("wrong-operand", f"`in` looks into a list, a map or a text, not {show(right)}", link.operand)
        return
    items = join_all(m.item for m in members(right) if isinstance(m, List)) if kind == "list" else STRING
    if not overlap(left, items) and not overlap(_bare(unnarrowed(c, left_node, left)), items) and items != NEVER:
        shown, other = show_pair(left, items)
        outcome = "false" if link.operator == "in" else "true"
        what = {"list": "its items are", "map": "its keys are", "text": "its parts are"}[tag]
        written, inside = c.text(left_node), c.text(link.operand)
        message = f"`{written}` is {shown} and never in `{inside}`, {what} {other}: this is always {outcome}"
        help, fixes = _as_status(c, left_node, items) or (_values(c, items, left), ())
        c.reporter.report("impossible-comparison", message, left_node, help, fixes=fixes)
    elif kind == "list":
        _items(c, left_node, left, link)
        if needs_edge(left) or needs_edge(items):
            c.settle(left_node, left, join(left, items))
            c.settle(link.operand, right, List(join(left, items)))


def _items(c: Inference, left_node: ast.Expr, left: Type, link: ast.Comparison) -> None:
    """Report the literals of a list that one of a few values never is."""
    whole = _bare(unnarrowed(c, left_node, left))
    if not isinstance(link.operand, ast.List) or not all(isinstance(m, (LiteralOf, NoneType)) for m in members(whole)):
        return
    for each in link.operand.items:
        item = c.types.get(id(each), ANY)
        if isinstance(item, LiteralOf) and not overlap(whole, item):
            message = f"`{c.text(left_node)}` is {show(whole)} and never {show(item)}"
            c.report("impossible-comparison", message, each, _values(c, whole, item))


def _ordering(c: Inference, left_node: ast.Expr, left: Type, link: ast.Comparison, right: Type) -> None:
    if is_optional(left):
        left = need_value(c, left_node, left, f"`{link.operator}` compares it")
    if is_optional(right):
        right = need_value(c, link.operand, right, f"`{link.operator}` compares it")
    left, right = _bare(left), _bare(right)
    a, b = kind_of(left), kind_of(right)
    tag = ORDERED.get(a)
    if tag is not None and tag == ORDERED.get(b):
        c.facts.operators[id(link)] = f"{link.operator}:{tag}"
        return
    if (a == "any" and (b in ORDERED or b == "any")) or (b == "any" and a in ORDERED):
        c.facts.operators[id(link)] = f"{link.operator}:any"
        if (a, b) in _DURATIONS:
            read(c, left_node if a == "any" else link.operand, DURATION)
        return
    shown, other = show_pair(left, right)
    help, fixes = _converted(c, left_node, left, link.operand, right) or ("", ())
    message = f"`{link.operator}` does not compare {shown} with {other}"
    c.reporter.report("wrong-operand", message, link, help, fixes=fixes)
