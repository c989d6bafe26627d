"""An annotation inside of what it belongs to, as in `step a = @retry g()` and `flow f() @timeout(1m) {`.

It is told, and what stands around it is read as if it stood above.
"""

from __future__ import annotations

from flowlang import patterns
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.braces import begins_line
from flowlang.syntax.context import Mistake
from flowlang.syntax.elements import list_around
from flowlang.syntax.lexing import CLOSER, LINES, SIGN
from flowlang.syntax.lines import report_moved
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.syntax.context import Stacks
    from flowlang.syntax.parser import Parser

_word = patterns.compile(r"@[A-Za-z_]\w*").match
_BEGIN = frozenset("step do if for match parallel race sequence repeat flow service action function type".split())


def take_annotation(p: Parser, stacks: Stacks, start: int) -> int:
    """Give the annotation at a place to the statement or item around it; gives where to go on, or -1."""
    _, count = list_around(p, stacks, ("BROKEN_STATEMENT", "BROKEN_ITEM"))
    found, word = [*stacks.values[count : count + 2], None, None][:2]
    if type(found) is not tuple or word not in _BEGIN or begins_line(p.text, start):
        return -1
    if word in ("flow", "action", "function") and stacks.brackets:
        return -1  # about a parameter
    annotation = _read(p, start)
    if annotation is None:
        return -1
    name = stacks.values[count + 2] if len(stacks.values) > count + 2 else None
    word = f"{word} {name}" if type(name) is str and word in ("step", "flow", "service", "action", "type") else word
    end = annotation.end
    while p.text[end : end + 1] in (" ", "\t"):
        end += 1
    report_moved(p, "syntax-error", stacks.starts[count + 1], word, (annotation,), (start, end))
    stacks.values[count] = (*found, annotation)
    return end


def _read(p: Parser, start: int) -> ast.Annotation | None:
    """The annotation at a place; none if it has a mistake."""
    word = _word(p.text, start)
    if word is None:
        return None
    end, depth = word.end(), 0
    if p.text.startswith("(", end):
        for group, at, after in tokens(p.text, end):
            sign = p.text[at:after] if group == SIGN else ""
            depth += (sign in CLOSER) - (sign in (")", "]", "}"))
            end = after
            if not depth or group == LINES:
                break
    if depth:
        return None
    read = type(p)(Source(p.path, p.text[:end]))
    try:
        call, _ = read.run("expression", start + 1, None)
    except Mistake:
        return None
    p.diagnostics += read.diagnostics
    name = ast.Ident(start + 1, word.end(), word[0][1:])
    return ast.Annotation(start, end, name, call.arguments if isinstance(call, ast.Call) else ())
