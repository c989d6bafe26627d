"""A new line ends a statement: what begins on the line of the one before it, and annotations that stand behind it.

The grammar leaves line ends between statements out; here is the rule. An annotation belongs to the statement on the
next lines; one behind a statement, or indented below it, was meant for that statement and is taken for its own.
"""

from __future__ import annotations

from flowlang.diagnostics import Edit, Fix
from flowlang.source import Span
from flowlang.syntax import ast
from flowlang.syntax.braces import begins_line, indentation, line_of
from flowlang.syntax.lexing import LINES
from flowlang.syntax.tokens import tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from flowlang.syntax.context import Context


def put_on_lines(p: Context, opener: int, statements: Sequence[Any], end: int) -> list[Any]:
    """Report each statement of a body that begins on the line of another; gives them with their own annotations."""
    found = [*statements[:1]]
    for each in statements[1:]:
        previous = found[-1]
        if type(previous) is not ast.Broken and type(each) is not ast.Broken:
            behind = _behind(p.text, previous, each)
            if behind:
                found[-1] = given(p, previous, behind)
                each = _without(p.text, each, len(behind))
            elif _on_one_line(p.text, previous.end, each.start):
                if _is_in_comment(p, previous, each):
                    name = getattr(previous, "name", None)
                    found[-1] = ast.Broken(previous.start, each.end, name.name if name else None)
                    continue
                _report(p, opener, statements, previous, each, end)
        found.append(each)
    return found


def given(p: Context, statement: Any, annotations: Sequence[ast.Annotation], rule: str = "misplaced-annotation") -> Any:
    """Report annotations that stand behind a statement; gives it with them, if it may have any."""
    if isinstance(statement, ast.Broken):
        return statement
    if not isinstance(statement, ast.Step | ast.Do):
        refuse(p, annotations)
        return statement
    word = f"step {statement.name.name}" if isinstance(statement, ast.Step) else "do"
    end = annotations[-1].end
    gap = statement.end + len(p.text[statement.end : annotations[0].start].rstrip())
    report_moved(p, rule, statement.start, word, annotations, (gap, end))
    return statement.replace(annotations=(*statement.annotations, *annotations))


def report_moved(
    p: Context, rule: str, begin: int, word: str, annotations: Sequence[ast.Annotation], place: tuple[int, int]
) -> None:
    """Report annotations that belong above what begins at a place with a word. `place`: what goes when they move."""
    text = p.text
    margin = text[line_of(text, begin) : begin]
    spelled = f"\n{margin}".join(text[each.start : each.end] for each in annotations)
    edits = (Edit(Span(p.path, begin, begin), f"{spelled}\n{margin}"), Edit(Span(p.path, *place), ""))
    can_move = not margin.strip() and "#" not in text[slice(*place)]
    fixes = (Fix(f"write it above `{word}`", edits, False),) if can_move else ()
    what = "statement" if margin or word == "do" or word.startswith("step ") else "declaration"
    message, help = f"an annotation stands above its {what}", f"write it above `{word}`"
    p.report(rule, message, annotations[0].start, annotations[-1].end, help, fixes)


def refuse(p: Context, annotations: Sequence[ast.Annotation]) -> None:
    """Report annotations with nothing below that may have some."""
    message, help = "an annotation stands above a `step`, `do` or block", "nothing else in a flow may be annotated"
    p.report("misplaced-annotation", message, annotations[0].start, annotations[-1].end, help)


def is_behind(text: str, previous: Any, annotation: ast.Annotation, margin: int) -> bool:
    """Whether an annotation stands on the line of a statement, or below it and deeper than the one after it."""
    at = annotation.start
    return _on_one_line(text, previous.end, at) or (begins_line(text, at) and indentation(text, at) > margin)


def _behind(text: str, previous: Any, each: Any) -> list[ast.Annotation]:
    """The first annotations of a statement that stand on the line of the one before it, or deeper than their own."""
    annotations = getattr(each, "annotations", ())
    if not annotations:
        return []
    word = _first_token(text, annotations[-1].end)
    if _on_one_line(text, previous.end, word):
        return []
    margin = indentation(text, word)
    behind = [is_behind(text, previous, annotation, margin) for annotation in annotations]
    return list(annotations[: [*behind, False].index(False)])


def _without(text: str, statement: Any, count: int) -> Any:
    """A statement without its first annotations."""
    start = _first_token(text, statement.annotations[count - 1].end)
    return statement.replace(annotations=statement.annotations[count:], start=start)


def _report(p: Context, opener: int, statements: Sequence[Any], previous: Any, each: Any, end: int) -> None:
    """A statement on the line of another; the fix gives it a line, and the braces around them one."""
    text = p.text
    line = line_of(text, opener)
    margin = text[line : line + indentation(text, opener)] + "  "
    gap = previous.end + len(text[previous.end : each.start].rstrip(" \t"))
    edits = [Edit(Span(p.path, gap, each.start), f"\n{margin}")]
    first, last = statements[0], statements[-1]
    if statements[1] is each and _on_one_line(text, opener, first.start):
        edits.insert(0, Edit(Span(p.path, opener + 1, first.start), f"\n{margin}"))
    if last is each and _on_one_line(text, last.end, end) and text[end - 1 : end] == "}":
        edits.append(
            Edit(Span(p.path, last.end + len(text[last.end : end - 1].rstrip(" \t")), end - 1), f"\n{margin[:-2]}")
        )
    fix = Fix("begin a new line", tuple(edits))
    _, start, stop = next(tokens(text, each.start))
    message, help = "a statement begins on a new line", "a line end ends the one before it"
    p.report("missing-line-end", message, start, stop, help, (fix,))


def _is_in_comment(p: Context, previous: Any, each: Any) -> bool:
    """Report a comment of words, `// then do this`, of which the last begin a statement."""
    from flowlang.syntax import foreign_comments

    at = foreign_comments.words_before(p.text, each.start)
    if at < previous.start:
        return False
    line = p.text[at:].splitlines()[0]
    p.diagnostics.append(foreign_comments.comment(p, at, at + len(line)))
    return True


def _first_token(text: str, at: int) -> int:
    for group, start, _ in tokens(text, at):
        if group != LINES:
            return start
    return at


def _on_one_line(text: str, start: int, end: int) -> bool:
    return "\n" not in text[start:end] and "\r" not in text[start:end]
