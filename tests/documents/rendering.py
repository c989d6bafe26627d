"""Flows that render templates, checked and evaluated without a run, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from flowlang.compiler.lower import lower
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable
from flowlang.plan import codec
from flowlang.plan.nodes import Limits, Plan
from flowlang.runtime.evaluate import Evaluator
from flowlang.runtime.functions import FUNCTIONS
from flowlang.semantics.facts import Program

ITEM = "type Item { name: string, price: float, note: string?, tags: list[string] = [] }\n\n"
FLOW = """\
import text

{types}flow f({parameters}) -> string {{
  return text.render('{name}', {{ {values} }})
}}
"""


def flow(name: str, **parameters: str) -> str:
    """A flow that renders a template with its parameters, given with their types."""
    declared = ", ".join(f"{each}: {of}" for each, of in parameters.items())
    types = ITEM if "Item" in declared else ""
    return FLOW.format(name=name, types=types, parameters=declared, values=", ".join(parameters))


def checked(files: Mapping[str, str]) -> Program:
    """The first file with the others beside it."""

    def read(path: str) -> str:
        if path not in files:
            raise Unreadable("does not exist", tuple(files))
        return files[path]

    return check(next(iter(files)), read)


def findings(template: str, name: str = "t.txt.j2", **parameters: str) -> list[tuple[str, str, str]]:
    """Rule, message and place in the template, as `line:column text`, of what is found."""
    program = checked({"a.flow": flow(name, **parameters), name: template})
    found = []
    for each in program.diagnostics:
        assert each.span.file == name, each
        source = program.sources[name]
        assert source.text == template
        at = source.position(each.span.start)
        found.append((each.rule, each.message, f"{at.line}:{at.column} {template[each.span.start : each.span.end]}"))
    return found


def plan_of(template: str, name: str = "t.txt.j2", limits: Limits | None = None, **parameters: str) -> Plan:
    """The plan of a flow that renders a template, by way of its JSON."""
    program = checked({"a.flow": flow(name, **parameters), name: template})
    assert [each for each in program.diagnostics if each.severity == "error"] == []
    return codec.loads(codec.dumps(lower(program, None, limits)))


class _Flat:
    """All names in one frame."""

    def resolve(self, name: str) -> tuple[int, bool]:
        return 0, False


def evaluated(plan: Plan, values: Mapping[str, Any]) -> Any:
    """What the flow of a plan returns, given its parameters."""
    run = SimpleNamespace(config={}, constants={}, find_python=None)
    returned = plan.flows[plan.flow].body.value
    assert returned is not None
    frame = SimpleNamespace(values=dict(values), parent=None, run=run)
    return Evaluator(plan, FUNCTIONS).compile(returned, _Flat())(frame)


def rendered(template: str, values: Mapping[str, Any], name: str = "t.txt.j2", **parameters: str) -> Any:
    """The text that a template makes of values."""
    return evaluated(plan_of(template, name, **parameters), values)
