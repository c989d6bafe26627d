"""Faults of types: what does not fit, what may be none, what no type has."""

from __future__ import annotations

from collections.abc import Iterator

from flowlang.syntax import ast
from flowlang.types import model
from tests.mutation.clean import Change, Clean, bare, is_optional, literals
from tests.mutation.generate import seed

STATEMENTS = {
    "argument-type-in-filter": "step spare = ⟦⟦12⟧ | upper⟧\n  step used = spare",
    "operator-type": "step spare = ⟦'total: ' + 12⟧\n  step used = spare",
    "not-comparable": "step spare = ⟦'12' < 13⟧\n  step used = spare",
    "never-equal": "step spare = [1, 2] | length\n  step used = ⟦spare == 'two'⟧",
    "iterate-scalar": "step spare = for x in ⟦12⟧ { yield x }\n  step used = spare",
    "iterate-names": "step spare = for ⟦k, v⟧ in ⟦[1, 2]⟧ { yield 1 }\n  step used = spare",
    "index-type": "let numbers = [1, 2]\n  step spare = numbers[⟦'first'⟧]\n  step used = spare",
    "index-scalar": "let size = [1, 2] | length\n  step spare = ⟦size[0]⟧\n  step used = spare",
    "text-as-bool": "do fail('no') when ⟦'false'⟧",
    "operand-of-test": "let numbers = [1, 2]\n  step spare = numbers | select('gt', ⟦'a'⟧)\n  step used = spare",
    "join-attribute": "let rows = [{ a: 'x' }]\n  step spare = rows | join(', ', attribute=⟦'b'⟧)\n  step used = spare",
    "cast-of-list": "step spare = ⟦⟦[1, 2]⟧ | int⟧\n  step used = spare",
    "bad-cast": "step spare = ⟦'many' | int⟧\n  step used = spare",
    "method-call": "let word = 'a'\n  step spare = ⟦word.upper()⟧\n  step used = spare",
    "dict-method": "let pairs = { a: 1 }\n  step spare = ⟦pairs.items()⟧\n  step used = spare",
    "call-a-value": "let word = 'a'\n  step spare = ⟦word()⟧\n  step used = spare",
    "division-by-zero": "let size = [1, 2] | length\n  step spare = ⟦size / 0⟧\n  step used = spare",
    "bool-arithmetic": "step spare = ⟦true + 1⟧\n  step used = spare",
    "duration-arithmetic": "step spare = ⟦5s + 1⟧\n  step used = spare",
    "sum-of-text": "step spare = ⟦['a', 'b'] | sum⟧\n  step used = spare",
    "useless-none-test": "let size = [1, 2] | length\n  do fail('no') when ⟦size is not none⟧",
    "useless-default": "let size = [1, 2] | length\n  step spare = ⟦size | default(0)⟧\n  step used = spare",
    "match-on-list": "step spare = match ⟦[1, 2]⟧ { case ⟦'a'⟧ { yield 1 } else { yield 2 } }\n  step used = spare",
}
ITEMS = {
    "empty-bounds": "type Narrow = int(⟦ge=10, le=1⟧)\nflow narrow(x: Narrow) -> Narrow { return x }",
    "constraint-type": "type Narrow = int(⟦ge='zero'⟧)\nflow narrow(x: Narrow) -> Narrow { return x }",
    "type-arity": "flow narrow(x: ⟦list[int, string]⟧) -> int { return x | length }",
    "generic-on-scalar": "flow narrow(x: ⟦string[int]⟧) -> string { return x }",
    "function-result": "function narrow(x: int) -> ⟦string⟧ = ⟦x + 1⟧\nflow use(x: int) -> string { return narrow(x) }",
    "default-range": "flow narrow(x: int(ge=1) = ⟦0⟧) -> int { return x }",
}

FIELDS = {
    "field-default-range": "a: int(ge=1) = ⟦0⟧",
    "field-default-literal": "a: 'x' | 'y' = ⟦'z'⟧",
    "field-default-size": "a: list[int](min_length=1) = ⟦[]⟧",
    "field-default-pattern": "a: { b: string(pattern='^[A-Z]+$') = ⟦'de'⟧ }",
    "field-default-url": "a: url? = ⟦'nowhere'⟧",
    "field-default-none": "a: list[{ b: int = ⟦none⟧ }]",
    "field-default-record": "a: { b: int, c: int } = ⟦{ b: 1 }⟧",
    "field-default-item": "a: list[int] = [1, ⟦'1'⟧]",
    "field-default-name": "a: int = ⟦b⟧, b: int = 1",
}


def _statement(kind: str, text: str) -> None:
    seed(kind)(lambda c: [c.lines(flow, text) for flow in c.flows()])


def _item(kind: str, text: str) -> None:
    seed(kind)(lambda c: [c.item(text)])


for _kind, _text in STATEMENTS.items():
    _statement(_kind, _text)
for _kind, _text in ITEMS.items():
    _item(_kind, _text)
for _kind, _text in FIELDS.items():
    _item(_kind, f"type Narrow {{ {_text} }}\nflow narrow(x: Narrow) -> Narrow {{ return x }}")


def _literal_of(type_: model.Type) -> str | None:
    """A literal that surely is not of a type."""
    match bare(type_):
        case model.Int() | model.Float() | model.Bool() | model.Duration() | model.List() | model.Map():
            return "'many'"
        case model.String() | model.Url():
            return "12"
        case model.RecordOf():
            return "12"
        case _:
            return None


@seed("argument-type")
def argument_type(c: Clean) -> Iterator[Change]:
    for _, call in c.calls():
        for name in ("accept", "params"):
            argument = c.argument(call, name)
            if argument is not None:
                yield c.change((argument.value, "'many'"))
        if c.argument(call, "accept") is None:
            yield c.change((call.arguments[-1].end, ", accept=⟦'404'⟧"))


@seed("missing-argument")
def missing_argument(c: Clean) -> Iterator[Change]:
    for call in c.all(ast.Call):
        fact = c.fact(call)
        if fact is None or not call.arguments:
            continue
        required = [each for each, value in fact.arguments if value is not None and each.default is None]
        if required and all(not is_optional(each.type) for each in required):
            yield c.change(((call.arguments[0].start, call.end - 1), ""), at=[call])


@seed("extra-argument")
def extra_argument(c: Clean) -> Iterator[Change]:
    for call in c.all(ast.Call):
        fact = c.fact(call)
        if fact is None or any(each.name is not None for each in call.arguments) or not call.arguments:
            continue
        missing = len(fact.arguments) - len(call.arguments)
        if missing == 0:
            yield c.change((call.arguments[-1].end, ", ⟦1⟧"))
    for flow in c.flows():
        yield c.statement(flow, "do wait(1s, ⟦2s⟧)")


@seed("enum-compare")
def enum_compare(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Compare):
        operand = node.rest[0].operand
        if literals(c.type(node.first)) and isinstance(operand, ast.Text) and node.rest[0].operator in ("==", "!="):
            yield c.change((operand, "'nowhere'"), at=[node])


@seed("enum-in-list")
def enum_in_list(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Compare):
        operand = node.rest[0].operand
        is_in = node.rest[0].operator in ("in", "not in")
        if is_in and isinstance(operand, ast.List) and operand.items and literals(c.type(node.first)):
            yield c.change((operand.items[-1].end, ", ⟦'nowhere'⟧"))


@seed("null-as-value")
def null_as_value(c: Clean) -> Iterator[Change]:
    """A parameter that is used once as a number, or a field that is read, becomes optional."""
    for flow in c.flows():
        for param in flow.params:
            uses = [each for each in c.within(flow, ast.Name) if c.declaration(each) is param]
            if param.default is None and len(uses) == 1 and isinstance(c.parent(uses[0]), ast.Attribute):
                yield c.change((param.type.end, "?"), at=[c.parent(uses[0]) or uses[0]])
    for flow in c.flows():
        for step in flow.body.statements:
            if isinstance(step, ast.Step) and isinstance(step.type, ast.TypeName):
                declared = [each for each in c.all(ast.TypeDecl) if each.name.name == step.type.name.name]
                if declared and isinstance(declared[0].type, ast.RecordType) and not step.clauses:
                    listed = f"step listed = [{step.name.name}] | select('mapping') | first"
                    field = declared[0].type.fields[0].name.name
                    yield c.statement(flow, f"{listed}\n  step used = ⟦⟦listed⟧.{field}⟧")


@seed("null-in-template")
def null_in_template(c: Clean) -> Iterator[Change]:
    for template in c.all(ast.Template):
        for part in template.parts:
            if (
                isinstance(part, ast.Attribute)
                and isinstance(c.type(part), model.String)
                and id(template) not in c.facts.places
            ):
                owner = c.type(part.value)
                if isinstance(owner, model.RecordOf) and owner.name and not c.inside(template, ast.Template):
                    yield c.change((part, f"[{c.spelling(part)}] | select('string') | first"))


@seed("null-literal")
def null_literal(c: Clean) -> Iterator[Change]:
    for call in c.all(ast.Call):
        fact = c.fact(call)
        for param, value in fact.arguments if fact is not None else ():
            wanted = bare(param.type)
            if (
                value is not None
                and c.is_here(value)
                and not is_optional(param.type)
                and not isinstance(param.type, model.Secret)
            ) and isinstance(wanted, (model.String, model.Url, model.Duration, model.Int, model.RecordOf)):
                yield c.change((value, "none"))


@seed("maybe-absent")
def maybe_absent(c: Clean) -> Iterator[Change]:
    """A step whose field is read once gets a `when` that its user does not have."""
    for flow in c.flows():
        for step in flow.body.statements:
            if not isinstance(step, ast.Step) or any(
                isinstance(each, (ast.When, ast.Undo, ast.Ensure)) for each in step.clauses
            ):
                continue
            uses = [each for each in c.within(flow, ast.Name) if c.declaration(each) is step]
            if len(uses) == 1 and isinstance(c.parent(uses[0]), ast.Attribute) and not c.within(step, ast.Catch):
                place = c.parent(uses[0]) or uses[0]
                if isinstance(place, ast.Attribute) and not place.optional and c.effect(step):
                    yield c.change((_value_end(c, step), "\n    when maybe"), _parameter(c, flow), at=[place])


def _value_end(c: Clean, step: ast.Step) -> int:
    after = [each for each in step.clauses if isinstance(each, ast.After)]
    if after:
        return after[0].end
    return len(c.text[: step.clauses[0].start].rstrip()) if step.clauses else step.end


def _parameter(c: Clean, flow: ast.FlowDecl) -> tuple[int, str]:
    if flow.params:
        return flow.params[-1].end, ", maybe: bool = true"
    return c.text.index("(", flow.name.end) + 1, "maybe: bool = true"


@seed("missing-field")
def missing_field(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Map):
        entries = [each for each in node.entries if isinstance(each, ast.Entry)]
        target = _wanted(c, node)
        required = (
            [each.name for each in target.fields if each.default is None and not is_optional(each.type)]
            if target
            else []
        )
        for entry, following in zip(entries, [*entries[1:], None][: len(entries)], strict=True):
            if isinstance(entry.key, ast.Text) and entry.key.value in required and len(entries) == len(node.entries):
                span = (entry.start, following.start) if following is not None else (entry.start, entry.end)
                yield c.change((span, ""), at=[node])


def _wanted(c: Clean, node: ast.Map) -> model.RecordOf | None:
    """The record type that a map becomes: that of its flow's result."""
    back = c.parent(node)
    flow = c.flow_of(node)
    if isinstance(back, ast.Return) and flow is not None and flow.result is not None:
        wanted = c.facts.type_exprs.get(id(flow.result))
        return wanted if isinstance(wanted, model.RecordOf) else None
    return None


@seed("extra-field")
def extra_field(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Map):
        if _wanted(c, node) is not None and node.entries:
            yield c.change((node.entries[-1].end, ", ⟦spare_key: 'red'⟧"))


@seed("template-as-value")
def template_as_value(c: Clean) -> Iterator[Change]:
    for value in c.filled(model.Int):
        if not isinstance(value, (ast.Text, ast.Template)) and not c.inside(value, ast.Template):
            yield c.change((value, f'"{{{{ {c.spelling(value)} }}}}"'))
    for flow in c.flows():
        yield c.statement(flow, 'let size = [1, 2] | length\n  step spare = range(⟦"{{ size }}"⟧)\n  step used = spare')


@seed("template-as-condition")
def template_as_condition(c: Clean) -> Iterator[Change]:
    for node in [*c.all(ast.When), *c.all(ast.Branch)]:
        if isinstance(node.condition, (ast.Name, ast.Attribute)) and not isinstance(c.parent(node), ast.Catch):
            yield c.change((node.condition, f'"{{{{ {c.spelling(node.condition)} }}}}"'))
    for flow in c.flows():
        yield c.statement(flow, 'let size = [1, 2] | length\n  do fail("no") when ⟦"{{ size > 1 }}"⟧')


@seed("substring-on-list-text")
def substring_on_list_text(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Compare):
        operand = node.rest[0].operand
        if isinstance(operand, ast.List) and node.rest[0].operator in ("in", "not in"):
            texts = ", ".join(each.value for each in operand.items if isinstance(each, ast.Text))
            if texts.count(", ") == len(operand.items) - 1 and isinstance(
                c.type(node.first), (model.String, model.Union)
            ):
                yield c.change((operand, f"'{texts}'"), at=[node])
    for flow in c.flows():
        for param in flow.params:
            if isinstance(c.facts.type_exprs.get(id(param.type)), model.String):
                yield c.statement(flow, f"do fail('no') when ⟦{param.name.name} in 'queued, running, done'⟧")


@seed("enum-literal")
def enum_literal(c: Clean) -> Iterator[Change]:
    for fact in c.facts.calls.values():
        for param, value in fact.arguments:
            if isinstance(value, ast.Text) and literals(param.type) and c.is_here(value):
                yield c.change((value, "'nowhere'"))
    for node in c.all(ast.Map):
        wanted = _wanted(c, node)
        for entry in node.entries if wanted is not None else ():
            if isinstance(entry, ast.Entry) and isinstance(entry.value, ast.Text) and isinstance(entry.key, ast.Text):
                field = next((each for each in wanted.fields if each.name == entry.key.value), None) if wanted else None
                if field is not None and literals(field.type):
                    yield c.change((entry.value, "'nowhere'"))


@seed("default-type")
def default_type(c: Clean) -> Iterator[Change]:
    for param in c.all(ast.Param):
        wanted = c.facts.type_exprs.get(id(param.type))
        wrong = _literal_of(wanted) if wanted is not None else None
        if wrong is not None and isinstance(c.parent(param), ast.FlowDecl):
            if param.default is not None:
                yield c.change((param.default, wrong))
            elif c.parent(param).params[-1] is param:  # type: ignore[union-attr]
                yield c.change((param.end, f" = ⟦{wrong}⟧"))


@seed("field-default-type")
def field_default_type(c: Clean) -> Iterator[Change]:
    for record in c.all(ast.RecordType):
        yield from _wrong_defaults(c, record)


@seed("config-default")
def config_default(c: Clean) -> Iterator[Change]:
    for config in c.all(ast.Config):
        yield from _wrong_defaults(c, config)


def _wrong_defaults(c: Clean, of: ast.RecordType | ast.Config) -> Iterator[Change]:
    """Each field with a default that is none of its type."""
    for field in of.fields:
        wanted = c.facts.type_exprs.get(id(field.type))
        wrong = _literal_of(wanted) if wanted is not None and not isinstance(wanted, model.Secret) else None
        if wrong is not None and field.default is not None:
            yield c.change((field.default, wrong))
        elif wrong is not None:
            yield c.change((field.type.end, f" = ⟦{wrong}⟧"))


@seed("result-type")
def result_type(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        back = c.return_of(flow)
        wanted = c.facts.type_exprs.get(id(flow.result)) if flow.result is not None else None
        wrong = _literal_of(wanted) if wanted is not None else None
        if back is not None and wrong is not None:
            yield c.change((back.value, wrong))


@seed("step-type")
def step_type(c: Clean) -> Iterator[Change]:
    for step in c.pure_steps():
        has = bare(c.type(step.value) or model.ANY)
        if step.type is None and isinstance(
            has, (model.String, model.Int, model.Float, model.Bool, model.RecordOf, model.List)
        ):
            yield c.change((step.name.end, ": ⟦duration⟧"), at=[step.value])
    for flow in c.flows():
        yield c.statement(flow, "step spare: ⟦string⟧ = ⟦[1, 2] | length⟧\n  step used = spare")


@seed("union-access")
def union_access(c: Clean) -> Iterator[Change]:
    yield c.item(
        "type Paid = { by: 'card', last4: string } | { by: 'cash', desk: string }\n"
        "flow spare_flow(p: Paid) -> string { return ⟦p.last4⟧ }"
    )


@seed("attribute-of-scalar")
def attribute_of_scalar(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Attribute):
        if isinstance(c.type(node), (model.String, model.Int)) and not isinstance(
            c.parent(node), (ast.Attribute, ast.Call)
        ):
            yield c.change((node.end, "⟦.value⟧"), at=[(node.start, node.end)])


@seed("trigger-input-missing")
def trigger_input_missing(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Trigger):
        flow = c.flow_of(node)
        if flow is None or node.inputs is None:
            continue
        required = [each.name.name for each in flow.params if each.default is None]
        for entry in node.inputs.entries:
            if isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text) and entry.key.value in required:
                others = [c.spelling(each) for each in node.inputs.entries if each is not entry]
                yield c.change((node.inputs, "{ " + ", ".join(others) + " }"), at=[node])


@seed("trigger-input-type")
def trigger_input_type(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Trigger):
        flow = c.flow_of(node)
        for entry in node.inputs.entries if flow is not None and node.inputs is not None else ():
            if isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text):
                param = (
                    next((each for each in flow.params if each.name.name == entry.key.value), None) if flow else None
                )
                wanted = c.facts.type_exprs.get(id(param.type)) if param is not None else None
                wrong = _literal_of(wanted) if wanted is not None else None
                if wrong is not None:
                    yield c.change((entry.value, wrong))


@seed("subflow-type")
def subflow_type(c: Clean) -> Iterator[Change]:
    for step in c.steps():
        call = c.effect(step)
        fact = c.fact(call) if call is not None else None
        if fact is not None and fact.signature.kind == "flow":
            for param, value in fact.arguments:
                wrong = _literal_of(param.type)
                if value is not None and wrong is not None and c.is_here(value):
                    yield c.change((value, wrong))
    for flow in c.flows():
        wanted = c.facts.type_exprs.get(id(flow.params[0].type)) if len(flow.params) == 1 else None
        wrong = _literal_of(wanted) if wanted is not None else None
        if wrong is not None:
            yield c.item(f"flow caller() {{\n  do {flow.name.name}(⟦{wrong}⟧)\n}}")


@seed("annotation-argument-type")
def annotation_argument_type(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Annotation):
        for argument in node.arguments:
            if isinstance(argument.value, (ast.Duration, ast.Literal)):
                yield c.change((argument.value, "'many'"))
    for step, _ in c.calls("get"):
        yield c.annotate(step, "@concurrency(⟦'many'⟧)")


@seed("useless-optional")
def useless_optional(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Attribute):
        owner = c.type(node.value)
        if isinstance(owner, model.RecordOf) and owner.name and c.kind_of(node.value) == "step" and not node.optional:
            place = c.text.index(".", node.value.end)
            yield c.change(((place, place + 1), "?."), at=[node])


@seed("case-type")
def case_type(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Match):
        if literals(c.type(node.subject)):
            yield c.change((node.cases[0].values[-1].end, ", ⟦12⟧"))
