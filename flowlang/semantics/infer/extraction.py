"""The fix for an action where none may stand: it gets a step of its own, and its place refers to that.

Offered where the step can stand before the statement at hand: not in a clause that is evaluated after the step's own
value, and not in a comprehension, whose names it could not see: that becomes a `for`. The fix is safe where the new
step runs as the call would have: always, no earlier, under the same policies and handlers, and nothing takes its value
but the place that it came from.
"""

from __future__ import annotations

from itertools import pairwise

from flowlang.diagnostics import Edit, Fix
from flowlang.semantics.infer.around import path_to
from flowlang.source import Span
from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from flowlang.semantics.infer.engine import Inference

_HTTP: Final = frozenset("get head post put patch delete request".split())
_LATER: Final = (ast.Until, ast.Ensure, ast.Catch, ast.Undo, ast.Comprehension, ast.Annotation, ast.Repeat)
_CONDITIONAL: Final = (ast.When, ast.Conditional, ast.Logic, ast.Case)


def extraction(c: Inference, node: ast.Call) -> tuple[Fix, ...]:
    """Give a misplaced call a step of its own."""
    path = path_to(c.file.tree, node)
    bodies = [index for index, each in enumerate(path) if isinstance(each, ast.Body)]
    if not bodies or bodies[-1] + 1 >= len(path):
        return ()
    statement, inside = path[bodies[-1] + 1], path[bodies[-1] + 2 :]
    if any(isinstance(each, _LATER) for each in inside):
        return ()
    if isinstance(statement, (ast.Step, ast.Do)) and statement.doc:
        return ()
    path_of_file = c.file.path
    if isinstance(statement, ast.Let):
        if statement.value is _chain(inside, True):
            edit = Edit(Span(path_of_file, statement.start, statement.start + 3), "step")
            return (Fix("make it a step", (edit,), not _takes_steps(path[bodies[-1] - 1])),)
    elif isinstance(statement, (ast.Step, ast.Do)) and isinstance(statement.value, ast.Conditional):
        fix = _to_when(c, statement, statement.value, inside)
        if fix is not None:
            return (fix,)
    if not isinstance(statement, (ast.Step, ast.Do, ast.Let, ast.Return, ast.Yield)):
        return ()
    chain = _chain(inside, False)
    text = c.file.source.text
    name = _free_name(c, node, _stem(node))
    start = text.rfind("\n", 0, statement.start) + 1
    indent = text[start : statement.start]
    begin, lead = statement.start, ""
    closing: tuple[Edit, ...] = ()
    if indent.strip():
        if text[path[bodies[-1]].start + 1 : begin].strip():
            return ()  # another statement stands before it on its line, which is a mistake
        indent = f"{indent[: len(indent) - len(indent.lstrip())]}  "
        begin, lead = path[bodies[-1]].start + 1, f"\n{indent}"
        closing = _closing(c, path[bodies[-1]], statement, f"\n{indent[:-2]}")
    written = text[chain.start : chain.end]
    edits = (
        Edit(Span(path_of_file, begin, statement.start), f"{lead}step {name} = {written}\n{indent}"),
        Edit(Span(path_of_file, chain.start, chain.end), name),
        *closing,
    )
    safe = not _takes_steps(path[bodies[-1] - 1]) and _is_same(c, statement, inside, chain)
    return (Fix(f"give it a step of its own, `{name}`", edits, safe),)


def _is_same(c: Inference, statement: ast.Statement, inside: list[ast.Node], chain: ast.Node) -> bool:
    """Whether the call runs in a step before the statement whenever it would in the statement, and not earlier."""
    if isinstance(statement, (ast.Step, ast.Do)) and (statement.clauses or statement.annotations):
        return False
    if any(isinstance(each, _CONDITIONAL) for each in inside):
        return False
    for above, below in pairwise(inside):
        if isinstance(above, ast.If) and below is not above.branches[0]:
            return False
    also = c.uses.names(statement) - c.uses.names(chain)
    return not any(_is_awaited(c, name) for name in also)


def _takes_steps(holder: ast.Node) -> bool:
    """Whether a new step changes the value of the block that it stands in."""
    if isinstance(holder, (ast.Parallel, ast.Sequence)):
        return not any(isinstance(each, ast.Yield) for each in holder.body.statements)
    return isinstance(holder, ast.Race)


def _is_awaited(c: Inference, name: str) -> bool:
    """Whether who refers to a name waits for a step."""
    binding = c.scope.find(name)
    return binding is not None and binding.symbol.kind in ("step", "let")


def _closing(c: Inference, body: ast.Node, last: ast.Node, line: str) -> tuple[Edit, ...]:
    """The edit that puts the `}` of a body on one line on a line of its own."""
    between = c.file.source.text[last.end : body.end - 1]
    return () if between.strip() or "\n" in between else (Edit(Span(c.file.path, last.end, body.end - 1), line),)


def lacks_else(c: Inference, node: ast.Call) -> bool:
    """Whether a call stands in a condition without `else`, of which it is said that it may be a `when`."""
    path = path_to(c.file.tree, node)
    return any(isinstance(each, ast.Conditional) and isinstance(each.otherwise, ast.BrokenExpr) for each in path)


def loop_instead(c: Inference, node: ast.Call) -> tuple[str, tuple[Fix, ...]] | None:
    """What to write for a call in a comprehension: a `for`, which runs it for each item; null if it is in none."""
    path = path_to(c.file.tree, node)
    around = next((each for each in reversed(path) if isinstance(each, ast.Comprehension)), None)
    if around is None or not around.element.start <= node.start < around.element.end:
        return None
    names, over = ", ".join(each.name for each in around.names), c.text(around.iterable)
    loop = f"`step results = for {names} in {over} {{ … }}`"
    help = f"a `for` runs it for each item: {loop}, in it `step answer = …` and `yield answer`"
    index = next(index for index, each in enumerate(path) if each is around)
    above = path[index - 1]
    is_whole = _chain(path[index + 1 :], True) is around.element
    if not is_whole or not isinstance(above, (ast.Step, ast.Let, ast.Return)) or above.value is not around:
        return help, ()
    if around.condition is not None:
        if len(around.names) > 1:
            return help, ()
        over = f"[{names} for {names} in {over} if {c.text(around.condition)}]"
    return help, _to_loop(c, above, around, f"for {names} in {over}")


def _to_loop(
    c: Inference, statement: ast.Step | ast.Let | ast.Return, around: ast.Comprehension, head: str
) -> tuple[Fix, ...]:
    text, path = c.file.source.text, c.file.path
    start = text.rfind("\n", 0, statement.start) + 1
    indent = text[start : statement.start]
    if indent.strip() or "#" in text[around.start : around.end]:
        return ()
    written = text[around.element.start : around.element.end]
    name, results = _free_name(c, around, "answer"), _free_name(c, around, "results")
    loop = f"{head} {{\n{indent}  step {name} = {written}\n{indent}  yield {name}\n{indent}}}"
    edits = [Edit(Span(path, around.start, around.end), loop)]
    if isinstance(statement, ast.Let):
        edits.insert(0, Edit(Span(path, statement.start, statement.start + 3), "step"))
    elif isinstance(statement, ast.Return):
        edits = [
            Edit(Span(path, statement.start, statement.start), f"step {results} = {loop}\n{indent}"),
            Edit(Span(path, around.start, around.end), results),
        ]
    return (Fix("run it in a `for`", tuple(edits)),)


def _chain(inside: list[ast.Node], filters: bool) -> ast.Node:
    """The call at the end of a path with what is read from its value; with `filters` also what is made of that."""
    kinds = (ast.Attribute, ast.Index, ast.Slice, *((ast.Filter,) if filters else ()))
    found = inside[-1]
    for above in reversed(inside[:-1]):
        if not isinstance(above, kinds) or above.value is not found:
            break
        found = above
    return found


def _to_when(c: Inference, statement: ast.Step | ast.Do, value: ast.Conditional, inside: list[ast.Node]) -> Fix | None:
    """`x = call() if c else none` is `x = call() when c`."""
    otherwise = value.otherwise
    if (
        statement.clauses
        or value.then is not _chain(inside, True)
        or not isinstance(otherwise, ast.Literal)
        or otherwise.value is not None
    ):
        return None
    text = c.file.source.text
    call, condition = text[value.then.start : value.then.end], text[value.condition.start : value.condition.end]
    edit = Edit(Span(c.file.path, value.start, value.end), f"{call} when {condition}")
    return Fix("say the condition with `when`", (edit,))


def _stem(node: ast.Call) -> str:
    """What a call's value may be called."""
    callee = node.callee
    word = callee.name.name if isinstance(callee, ast.Attribute) else getattr(callee, "name", "call")
    return "answer" if word in _HTTP else f"{word}_result"


def _free_name(c: Inference, node: ast.Expr, stem: str) -> str:
    """A name for a new step that neither the item around a node nor the file has."""
    item = c.file.tree.item_at(node.start) or c.file.tree
    written = c.file.source.text[item.start : item.end]
    name, number = stem, 1
    while name in written or name in c.file.names:
        number += 1
        name = f"{stem}_{number}"
    return name
