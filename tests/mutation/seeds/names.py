"""Faults of names: unknown, twice, hidden, out of scope, not what they look like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flowlang.syntax import ast
from flowlang.types import model
from tests.mutation.clean import Change, Clean, bare
from tests.mutation.generate import ROOT, Seed, seed

MODULES = ("http", "json", "llm", "math", "text", "time")
PRELUDE = re.findall(r"^(?:function|action) (\w+)", (ROOT / "stdlib/prelude.flow").read_text(), re.M)
CYRILLIC = str.maketrans("aceopxyi", "асеорхуі")


def typo(c: Clean, name: str) -> str:
    """A name with one letter wrong that is no other word of the file."""
    for candidate in (name[:-1] + "z", name + "z", name + "zq"):
        if candidate and c.is_free(candidate):
            return candidate
    return name + "_zz"


def misspelt(kind: str) -> Seed:
    def each(c: Clean) -> Iterator[Change]:
        for name in c.names_of(kind):
            yield c.change((name, typo(c, name.name)))

    return each


seed("unknown-step")(misspelt("step"))
seed("unknown-param")(misspelt("param"))
seed("unknown-let")(misspelt("let"))
seed("unknown-loop-name")(misspelt("loop"))


@seed("unknown-name-in-template")
def unknown_name_in_template(c: Clean) -> Iterator[Change]:
    for template in c.all(ast.Template):
        for part in template.parts:
            if not isinstance(part, ast.TemplateText):
                yield c.change((part, "nobody"))


@seed("unknown-field")
def unknown_field(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Attribute):
        if isinstance(c.type(node.value), model.RecordOf) and c.kind_of(node.value) != "error":
            yield c.change((node.name, typo(c, node.name.name)))


@seed("unknown-error-field")
def unknown_error_field(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Attribute):
        if c.kind_of(node.value) == "error":
            yield c.change((node.name, typo(c, node.name.name)))


@seed("unknown-type")
def unknown_type(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.TypeName):
        yield c.change((node.name, "Nowhere"))


@seed("unknown-function")
def unknown_function(c: Clean) -> Iterator[Change]:
    for call in c.all(ast.Call):
        if isinstance(call.callee, ast.Name):
            yield c.change((call.callee, typo(c, call.callee.name)))


@seed("unknown-member")
def unknown_member(c: Clean) -> Iterator[Change]:
    for _, call in c.calls():
        if isinstance(call.callee, ast.Attribute):
            yield c.change((call.callee.name, "fetch"))


@seed("unknown-filter")
def unknown_filter(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Filter):
        if not c.inside(node, ast.Template):
            yield c.change((node.name, typo(c, node.name.name)))


@seed("unknown-test")
def unknown_test(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Test):
        yield c.change((node.name, "nonexistent"))


@seed("unknown-annotation")
def unknown_annotation(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Annotation):
        yield c.change((node.name, node.name.name + "s"))
    for step, _ in c.calls():
        yield c.annotate(step, "@⟦retries⟧(attempts=3)")


@seed("unknown-argument")
def unknown_argument(c: Clean) -> Iterator[Change]:
    for call in c.all(ast.Call):
        if call.arguments and c.fact(call) is not None:
            yield c.change((call.arguments[-1].end, ", ⟦spare_key=1⟧"))


@seed("unknown-annotation-argument")
def unknown_annotation_argument(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Annotation):
        if node.arguments:
            yield c.change((node.arguments[-1].end, ", ⟦spare_key=1⟧"))
    for step, _ in c.calls("get"):
        yield c.annotate(step, "@timeout(5s, ⟦spare_key=1⟧)")


@seed("unknown-config")
def unknown_config(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.name == "config":
            yield c.change((node.name, typo(c, node.name.name)))


@seed("unknown-setting")
def unknown_setting(c: Clean) -> Iterator[Change]:
    for service in c.all(ast.ServiceDecl):
        if service.settings:
            yield c.change((service.settings[-1].end, "\n  ⟦spare_key⟧ = 'red'"))


@seed("unknown-module")
def unknown_module(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Import):
        if not node.is_file:
            yield c.change((node.end, "\nimport ⟦nonexistent⟧"))


@seed("unknown-file")
def unknown_file(c: Clean) -> Iterator[Change]:
    for item in c.tree.items:
        yield c.change((item.end, '\n\nimport ⟦"nowhere.flow"⟧ as nowhere'))


@seed("missing-import")
def missing_import(c: Clean) -> Iterator[Change]:
    """Only a module that is used once: each use is a place of its own."""
    for node in c.all(ast.Import):
        name = (node.alias or node.target).name
        uses = [each for each in c.all(ast.Name) if each.name == name]
        types = [each for each in c.all(ast.TypeName) if each.name.name.startswith(name + ".")]
        if len(uses) == 1 and not types:
            yield c.change((node, ""), at=[uses[0]])


@seed("unknown-error-kind")
def unknown_error_kind(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Catch):
        if node.kinds:
            yield c.change((node.kinds[0], typo(c, node.kinds[0].name)))
        else:
            yield c.change((node.start + len("catch"), " ⟦timeouts⟧"))
    for step, _ in c.calls("get"):
        if isinstance(step, ast.Step) and not step.clauses:
            yield c.clause(step, "catch ⟦timeouts⟧ as err { yield fail(err) }")


@seed("unknown-trigger")
def unknown_trigger(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Trigger):
        yield c.change((node.name, node.name.name + "s"))
    for flow in c.flows():
        if not flow.params:
            yield c.first(flow, "on ⟦schedule⟧('0 9 * * *')")


@seed("unknown-trigger-input")
def unknown_trigger_input(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Trigger):
        if node.inputs is not None and node.inputs.entries:
            yield c.change((node.inputs.entries[-1].end, ", ⟦spare_key: 'red'⟧"))


@seed("unknown-after")
def unknown_after(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.After):
        yield c.change((node.names[0], typo(c, node.names[0].name)))
    for step, _ in c.calls():
        if not any(isinstance(each, ast.After) for each in step.clauses):
            yield c.clause(step, "after ⟦nobody⟧")


@seed("after-no-step")
def after_no_step(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls():
        flow = c.flow_of(step)
        if flow is not None and flow.params and not any(isinstance(each, ast.After) for each in step.clauses):
            yield c.clause(step, f"after ⟦{flow.params[0].name.name}⟧")


@seed("unknown-constraint")
def unknown_constraint(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.TypeName):
        if node.constraints:
            yield c.change((node.constraints[-1].end, ", ⟦spare_key=1⟧"))
        elif node.name.name in ("int", "string", "float"):
            yield c.change((node.end, "(⟦spare_key=1⟧)"))


@seed("unknown-attribute-name")
def unknown_attribute_name(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Filter):
        argument = c.argument(node, "attribute")
        of = c.type(node.value)
        if argument is not None and isinstance(of, model.List) and isinstance(bare(of.item), model.RecordOf):
            yield c.change((argument.value, "'nowhere'"))


@seed("case-only")
def case_only(c: Clean) -> Iterator[Change]:
    for name in c.names_of("step"):
        for other in (name.name.capitalize(), name.name.upper()):
            if c.is_free(other):
                yield c.change((name, other))


# ---- twice


@seed("duplicate-step")
def duplicate_step(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        for step in flow.body.statements:
            if isinstance(step, ast.Step):
                yield c.statement(flow, f"step ⟦{step.name.name}⟧ = 1", at=[step.name])


@seed("duplicate-let")
def duplicate_let(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        for step in flow.body.statements:
            if isinstance(step, ast.Step):
                yield c.statement(flow, f"let ⟦{step.name.name}⟧ = 1", at=[step.name])


@seed("duplicate-param")
def duplicate_param(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        for param in flow.params[-1:]:
            yield c.change((param.end, f", ⟦{c.spelling(param)}⟧"), at=[param.name])


@seed("duplicate-field")
def duplicate_field(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.RecordType):
        if isinstance(c.parent(node), ast.TypeDecl) and node.fields:
            field = node.fields[0]
            yield c.change((node.fields[-1].end, f", ⟦{c.spelling(field)}⟧"), at=[field])


@seed("duplicate-config")
def duplicate_config(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Config):
        field = node.fields[0]
        yield c.change((node.fields[-1].end, f", ⟦{c.spelling(field)}⟧"), at=[field])


@seed("duplicate-item")
def duplicate_item(c: Clean) -> Iterator[Change]:
    for item in c.tree.items:
        if isinstance(item, ast.TypeDecl):
            yield c.item(f"type ⟦{item.name.name}⟧ = string", at=[item.name])
        elif isinstance(item, ast.FlowDecl):
            yield c.item(f"flow ⟦{item.name.name}⟧() {{ }}", at=[item.name])


@seed("duplicate-import")
def duplicate_import(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Import):
        yield c.change((node.end, f"\n⟦{c.spelling(node)}⟧"), at=[node])


@seed("duplicate-case")
def duplicate_case(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Match):
        first = node.cases[0].values[0]
        yield c.change((node.cases[-1].values[-1].end, f", ⟦{c.spelling(first)}⟧"), at=[first])


@seed("duplicate-annotation")
def duplicate_annotation(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Annotation):
        yield c.change((node.end, f"\n⟦{c.spelling(node)}⟧"), at=[node])


@seed("duplicate-argument")
def duplicate_argument(c: Clean) -> Iterator[Change]:
    for call in [*c.all(ast.Call), *c.all(ast.Annotation)]:
        for argument in call.arguments:
            if argument.name is not None and "\n" not in c.spelling(argument):
                yield c.change((call.arguments[-1].end, f", ⟦{c.spelling(argument)}⟧"), at=[argument])


@seed("duplicate-key")
def duplicate_key(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Map):
        entry = node.entries[0] if node.entries else None
        if isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text) and not c.is_shorthand(entry.value):
            yield c.change((node.entries[-1].end, f", ⟦{c.spelling(entry)}⟧"), at=[entry])


@seed("duplicate-header")
def duplicate_header(c: Clean) -> Iterator[Change]:
    for argument in [*c.all(ast.Argument), *c.all(ast.Setting)]:
        value = argument.value
        if argument.name is not None and argument.name.name == "headers" and isinstance(value, ast.Map):
            for entry in value.entries:
                if isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text):
                    other = f", ⟦'{entry.key.value.lower()}'⟧: 'x'"
                    yield c.change((value.entries[-1].end, other), at=[entry.key])
    for _, call in c.calls():
        if c.argument(call, "headers") is None:
            yield c.change((call.arguments[-1].end, ", headers={ 'X-Trace': 'a', ⟦'x-trace'⟧: 'b' }"))


@seed("duplicate-clause")
def duplicate_clause(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.When):
        yield c.change((node.end, f"\n    ⟦{c.spelling(node)}⟧"), at=[node])


@seed("duplicate-setting")
def duplicate_setting(c: Clean) -> Iterator[Change]:
    for service in c.all(ast.ServiceDecl):
        for setting in service.settings[:1]:
            yield c.change((service.settings[-1].end, f"\n  ⟦{c.spelling(setting)}⟧"), at=[setting])


@seed("shadowed-step")
def shadowed_step(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        outer = [each for each in flow.body.statements if isinstance(each, ast.Step)]
        for block in [*c.within(flow, ast.For), *c.within(flow, ast.Branch), *c.within(flow, ast.Parallel)]:
            for step in outer:
                used = [each for each in c.within(block, ast.Name) if each.name == step.name.name]
                if not used and not any(each is step for each in c.above(block)):
                    yield c.change((block.body.start + 1, f"\n step ⟦{step.name.name}⟧ = 1\n"), at=[step.name])


@seed("shadowed-param")
def shadowed_param(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.For):
        flow = c.flow_of(node)
        used = [each for each in c.within(node, ast.Name) if each.name == node.names[0].name]
        if flow is not None and flow.params and not used:
            param = flow.params[0]
            yield c.change((node.names[0], param.name.name), at=[node.names[0], param.name])
    for flow in c.flows():
        for param in flow.params[:1]:
            text = f"step looped = for ⟦{param.name.name}⟧ in [1, 2] {{ yield 1 }}"
            yield c.statement(flow, text, at=[param.name])


# ---- look-alikes


@seed("reserved-name")
def reserved_name(c: Clean) -> Iterator[Change]:
    for step in c.pure_steps() + c.all(ast.Step):
        if not any(
            c.declaration(each) is step for each in [*c.all(ast.Name), *c.all(ast.Ident)] if each is not step.name
        ):
            yield c.change((step.name, "none"))
    for flow in c.flows():
        yield c.statement(flow, "step ⟦not⟧ = 1")


@seed("type-not-pascal")
def type_not_pascal(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.TypeDecl):
        uses = [each.name for each in c.all(ast.TypeName) if each.name.name == node.name.name]
        new = node.name.name.lower()
        if uses and c.is_free(new) and f"[{node.name.name}]" not in c.text:
            yield c.change((node.name, f"⟦{new}⟧"), *((each, new) for each in uses))


@seed("step-not-snake")
def step_not_snake(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls("get"):
        if isinstance(step, ast.Step) and "_" not in step.name.name:
            uses = [each for each in c.all(ast.Name) if each.name == step.name.name]
            other = [each for each in c.all(ast.Ident) if each.name == step.name.name and c.kind_of(each) == "step"]
            twice = [each for each in c.all(ast.Step) if each.name.name == step.name.name and each is not step]
            if uses and not twice and not any(c.is_shorthand(each) for each in uses) and len(other) <= 1:
                new = step.name.name + "Value"
                yield c.change((step.name, f"⟦{new}⟧"), *((each, new) for each in uses))


@seed("confusable-names")
def confusable_names(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        for step in flow.body.statements:
            if isinstance(step, ast.Step) and len(step.name.name) > 3:
                new = step.name.name[:2] + "_" + step.name.name[2:]
                if c.is_free(new):
                    text = f"step ⟦{new}⟧ = {step.name.name}\n  ensure {new} is defined else 'gone'"
                    yield c.statement(flow, text, at=[step.name])


@seed("homoglyph")
def homoglyph(c: Clean) -> Iterator[Change]:
    for name in c.names_of("step") + c.names_of("param"):
        if name.name.translate(CYRILLIC) != name.name:
            yield c.change((name, name.name.translate(CYRILLIC)))


@seed("bidi-control")
def bidi_control(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        yield c.statement(flow, "ensure 'a⟦\u202e⟧b' | length > 2 else 'no'")


@seed("bidi-in-comment")
def bidi_in_comment(c: Clean) -> Iterator[Change]:
    for node in [*c.all(ast.Step), *c.all(ast.Return)]:
        yield c.change((node.start, "# ⟦\u202e⟧ hidden\n  "))


@seed("invisible-character")
def invisible_character(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.TemplateText):
        if c.inside(node, ast.FlowDecl) and node.value.strip():
            yield c.change((node.end, "⟦\u200b⟧"))


# ---- out of scope


@seed("branch-local")
def branch_local(c: Clean) -> Iterator[Change]:
    for step in c.all(ast.Step):
        flow = c.flow_of(step)
        inner = c.inside(step, ast.If, ast.For, ast.Match, ast.Sequence, ast.Parallel)
        if (
            flow is not None
            and inner
            and not _is_declared_at_top(flow, step.name.name)
            and step.name.name not in PRELUDE
        ):
            yield c.statement(flow, f"step copied = ⟦{step.name.name}⟧")


def _is_declared_at_top(flow: ast.FlowDecl, name: str) -> bool:
    names = [each.name.name for each in flow.body.statements if isinstance(each, (ast.Step, ast.Let))]
    return name in [*names, *(each.name.name for each in flow.params)]


@seed("loop-name-escapes")
def loop_name_escapes(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.For):
        flow = c.flow_of(node)
        if flow is not None and not _is_declared_at_top(flow, node.names[0].name):
            yield c.statement(flow, f"step copied = ⟦{node.names[0].name}⟧")


@seed("error-name-escapes")
def error_name_escapes(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Catch):
        flow = c.flow_of(node)
        if flow is not None and node.binding is not None and not isinstance(c.parent(node), ast.FlowDecl):
            yield c.statement(flow, f"step copied = ⟦{node.binding.name}⟧.message")


@seed("guarded-step-in-handler")
def guarded_step_in_handler(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        inner = [each for each in flow.body.statements if isinstance(each, ast.Step) and each.name.name not in MODULES]
        for step in inner[:1]:
            if flow.catches:
                yield c.change((flow.catches[-1].body.start + 1, f"\n  step copied = ⟦{step.name.name}⟧\n"))
            else:
                yield c.change((flow.end, f"\ncatch as err {{ step copied = ⟦{step.name.name}⟧ }}"))
