"""What people write who come from another language; and brackets and words that slipped."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from flowlang.syntax import ast
from tests.mutation.clean import Change, Clean
from tests.mutation.generate import seed
from tests.mutation.seeds.values import with_module

STATEMENTS = {
    "while-loop": "⟦while true⟧ { do fail('no') }",
    "break-statement": "⟦break⟧",
    "reassignment": "⟦count = count + 1⟧",
    "lambda": "step doubled = [1, 2] | map(⟦lambda x: x * 2⟧)",
    "try-block": "⟦try⟧ { do fail('no') }",
    "var-declaration": "⟦var⟧ x = 1",
    "slash-comment": "⟦// say hello⟧",
    "python-true": "ensure 1 == 1 or ⟦True⟧ else 'no'",
    "python-none": "ensure ⟦None⟧ is none else 'no'",
    "foreach": "⟦foreach⟧ x in [1, 2] { do fail('no') }",
    "js-arrow": "step doubled = [1, 2] | map(⟦x => x * 2⟧)",
    "increment": "⟦count++⟧",
    "mutable-let": "let ⟦mut⟧ x = 1",
    "python-except": "⟦try⟧ {\n    do fail('no')\n  } except {\n    do fail('no')\n  }",
    "type-first": "⟦string word = 'a'⟧",
    "duration-in-quotes": "do wait(⟦'5m'⟧)",
    "walrus": "⟦x := 1⟧",
}


def _statement(kind: str, text: str) -> None:
    @seed(kind)
    def each(c: Clean) -> Iterator[Change]:
        for flow in c.flows():
            yield c.statement(flow, text)


for _kind, _text in STATEMENTS.items():
    _statement(_kind, _text)


@seed("triple-equals")
def triple_equals(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Compare):
        if node.rest[0].operator == "==":
            yield c.swap(node.rest[0], "==", "===")
    for flow in c.flows():
        yield c.first(flow, "ensure 1 ⟦===⟧ 1 else 'no'")


def _logic(kind: str, old: str, new: str) -> None:
    @seed(kind)
    def each(c: Clean) -> Iterator[Change]:
        for node in c.all(ast.Logic):
            if node.operator == old:
                place = c.text.index(f" {old} ", node.left.end - 1) + 1
                yield c.change(((place, place + len(old)), new))
        for flow in c.flows():
            yield c.statement(flow, f"step both = 1 > 0 ⟦{new}⟧ 2 > 1")


_logic("double-ampersand", "and", "&&")
_logic("double-bar", "or", "||")


@seed("bang")
def bang(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Unary):
        if node.operator == "not":
            yield c.swap(node, "not ", "!")
    for node in c.all(ast.When):
        if isinstance(node.condition, ast.Name):
            yield c.change((node.condition.start, "⟦!⟧"))


@seed("question-colon")
def question_colon(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Conditional):
        parts = (c.spelling(node.condition), c.spelling(node.then), c.spelling(node.otherwise))
        if not c.inside(node, ast.Conditional) and not isinstance(node.otherwise, ast.Conditional):
            yield c.change((node, "{} ? {} : {}".format(*parts)))


@seed("single-equals")
def single_equals(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Compare):
        above = c.parent(node)
        if node.rest[0].operator == "==" and isinstance(above, (ast.When, ast.Ensure, ast.Branch)):
            yield c.swap(node.rest[0], "==", "=")


@seed("elif")
def elif_(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.If):
        for branch in node.branches[1:]:
            place = c.text.rindex("else if", 0, branch.condition.start)
            yield c.change(((place, place + 7), "elif"))
    for node in c.all(ast.If):
        if len(node.branches) == 1 and node.otherwise is not None:
            place = c.text.rindex("else", 0, node.otherwise.start)
            yield c.change((place, "⟦elif 1 > 2⟧ { yield none } "))


@seed("bare-call")
def bare_call(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Do):
        if not node.implied and isinstance(node.value, ast.Call):
            start = c.text.index("do ", node.start)
            yield c.change(((start, start + 3), ""), at=[(start, node.value.end)])


@seed("semicolon")
def semicolon(c: Clean) -> Iterator[Change]:
    for node in [*c.all(ast.Step), *c.all(ast.Return), *c.all(ast.Let)]:
        yield c.change((node.end, ";"))


@seed("keyword-typo")
def keyword_typo(c: Clean) -> Iterator[Change]:
    for kind, old, new in ((ast.Step, "step", "setp"), (ast.Let, "let", "lt"), (ast.Return, "return", "retrun")):
        for node in c.all(kind):
            start = c.text.index(old, node.start)
            yield c.change(((start, start + len(old)), new))
    for item, new in ((ast.FlowDecl, "flwo"), (ast.TypeDecl, "tpye"), (ast.ServiceDecl, "sevrice")):
        for node in c.all(item):
            place = c.text.rindex(new[0], 0, node.name.start)
            yield c.change(((place, node.name.start - 1), new))


@seed("missing-equals")
def missing_equals(c: Clean) -> Iterator[Change]:
    for node in [*c.all(ast.Step), *c.all(ast.Let)]:
        place = c.text.rindex("=", node.name.end, node.value.start)
        yield c.change(((place, place + 2), ""), at=[(node.name.start, min(node.value.end, node.value.start + 8))])


@seed("missing-comma")
def missing_comma(c: Clean) -> Iterator[Change]:
    for call in c.all(ast.Call):
        for before, after in zip(call.arguments, call.arguments[1:], strict=False):
            place = c.text.index(",", before.end)
            yield c.change(((place, place + 1), ""), at=[(before.end - 1, after.end)])


def _braced(c: Clean) -> list[ast.Node]:
    return [*c.all(ast.Body), *c.all(ast.RecordType), *c.all(ast.Map)]


@seed("forgotten-opening-brace")
def forgotten_opening_brace(c: Clean) -> Iterator[Change]:
    for node in _braced(c):
        line = c.text.rfind("\n", 0, node.start) + 1
        yield c.change(((node.start, node.start + 1), ""), at=[(line, _line_after(c, node.start))])


@seed("forgotten-closing-brace")
def forgotten_closing_brace(c: Clean) -> Iterator[Change]:
    for node in _braced(c):
        opener, closer = (node.start, node.start + 1), (node.end - 1, _line_after(c, node.end))
        yield c.change(((node.end - 1, node.end), ""), at=[opener, closer])


@seed("forgotten-comma")
def forgotten_comma(c: Clean) -> Iterator[Change]:
    lists = [each.fields for each in c.all(ast.RecordType)] + [each.entries for each in c.all(ast.Map)]
    lists += [each.params for each in (*c.flows(), *c.all(ast.FunctionDecl))]
    for listed in lists:
        for before, after in pairwise(listed):
            if c.text[before.end : after.start].strip(" ") == ",":
                yield c.change(((before.end, before.end + 1), ""), at=[(before.end - 1, after.end)])


@seed("unclosed-paren")
def unclosed_paren(c: Clean) -> Iterator[Change]:
    for step, call in c.calls():
        yield c.change(((call.end - 1, call.end), ""), at=[(step.start, min(step.end + 8, len(c.text)))])


@seed("unclosed-list")
def unclosed_list(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.List):
        if node.items:
            yield c.change(((node.end - 1, node.end), ""), at=[(node.start, _line_after(c, node.end))])


def _line_after(c: Clean, place: int) -> int:
    end = c.text.find("\n", c.text.find("\n", place) + 1)
    return end if end > 0 else len(c.text)


@seed("unclosed-flow")
def unclosed_flow(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        end = flow.body.end
        yield c.change(((end - 1, end), ""), at=[(flow.start, flow.body.start + 1), (end - 1, _line_after(c, end))])


@seed("extra-brace")
def extra_brace(c: Clean) -> Iterator[Change]:
    for node in [*c.flows(), *c.all(ast.TypeDecl), *c.all(ast.ServiceDecl)]:
        yield c.change((node.end, "\n⟦}⟧"))


@seed("map-with-equals")
def map_with_equals(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Entry):
        if isinstance(node.key, ast.Text) and not c.is_shorthand(node.value):
            place = c.text.index(":", node.key.end)
            yield c.change(((place, place + 1), " ="))


@seed("argument-with-colon")
def argument_with_colon(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Argument):
        if node.name is not None and isinstance(c.parent(node), ast.Call):
            yield c.change(((node.name.end, node.value.start), ": "), at=[(node.name.start, node.value.start)])


@seed("stray-character")
def stray_character(c: Clean) -> Iterator[Change]:
    for name in c.names_of("step") + c.names_of("param"):
        yield c.change((name.start, "⟦$⟧"))


@seed("await")
def await_(c: Clean) -> Iterator[Change]:
    for _, call in c.calls():
        yield c.change((call.start, "await "))


@seed("backticks")
def backticks(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Template):
        if "\n" not in c.spelling(node) and not c.inside(node, ast.Template):
            yield c.change((node, "`" + c.spelling(node)[1:-1] + "`"))


@seed("def-flow")
def def_flow(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        place = c.text.rindex("flow", 0, flow.name.start)
        yield c.change(((place, place + 4), "def"))


seed("answer-looped")(
    with_module("http", "step spare = http.get('https://a.example.com')\n  step used = [each for each in ⟦spare⟧]")
)
seed("argument-of-elsewhere")(with_module("http", "do http.put('https://a.example.com', ⟦⟦body⟧={ a: 1 }⟧)"))
seed("type-of-elsewhere")(lambda c: [c.item("flow spare_flow(all: ⟦boolean⟧) -> any { return all }")])
