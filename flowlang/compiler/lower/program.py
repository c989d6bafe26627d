"""A checked program becomes a plan: one flow with all it needs, and nothing else.

The flow is lowered first; what it names (flows, constants, functions, services, configuration) is lowered after it,
in the order it was asked for, until nothing is wanted any more. Configuration that only triggers read is not asked
for: nothing fires them here.
"""

from __future__ import annotations

from flowlang.compiler.lower.errors import LoweringError
from flowlang.compiler.lower.expressions import Expressions, holds_secret
from flowlang.compiler.lower.policies import Layer
from flowlang.compiler.lower.steps import Around, Steps
from flowlang.compiler.lower.tables import Tables, qualified
from flowlang.plan import nodes
from flowlang.plan.depth import Deep
from flowlang.plan.duration import WorstCase
from flowlang.plan.walk import place_key
from flowlang.syntax import ast
from flowlang.types.assign import is_optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.facts import CheckedFile, Program


def lower(program: Program, flow: str | None = None, limits: nodes.Limits | None = None) -> nodes.Plan:
    """Lower a program without errors; raises LoweringError if there is no such flow, or no one flow without a name."""
    name = choose_flow(program, flow)
    try:
        with Deep():
            return _Lowering(program, limits or nodes.Limits()).plan(name)
    except RecursionError as error:
        raise LoweringError("an expression of this program is nested too deeply for a plan") from error


def choose_flow(program: Program, flow: str | None) -> str:
    """The qualified name of the flow to run: the one named, or the only one of the file."""
    file = program.files[program.root]
    names = [item.name.name for item in file.tree.items if isinstance(item, ast.FlowDecl)]
    if not names:
        raise LoweringError(f"{file.path} declares no flow")
    if flow is None and len(names) > 1:
        raise LoweringError(f"{file.path} declares several flows, name one with --flow: {', '.join(names)}")
    if flow is not None and flow not in names:
        raise LoweringError(f"{file.path} declares no flow `{flow}`, it has {', '.join(names)}")
    return qualified(file, flow or names[0])


class _Lowering:
    """The tables of one plan, filled until nothing is wanted."""

    def __init__(self, program: Program, limits: nodes.Limits) -> None:
        self.tables = Tables(program)
        self.expressions = Expressions(self.tables)
        self.limits = limits
        self.flows: dict[str, nodes.Flow] = {}
        self.config: dict[str, nodes.Parameter] = {}
        self.constants: dict[str, nodes.Expr] = {}
        self.functions: dict[str, nodes.Function] = {}
        self.services: dict[str, nodes.Service] = {}
        self.places: dict[str, nodes.Place] = {}
        self.docs: dict[str, str] = {}

    def plan(self, flow: str) -> nodes.Plan:
        self.tables.want("flow", flow)
        for table, name, node in self.tables.wanted:  # grows while it is read
            self._lower(table, name, node)
        plan = nodes.Plan(
            format=nodes.FORMAT,
            evaluator=nodes.EVALUATOR,
            flow=flow,
            flows=self.flows,
            types=tuple(self.tables.types),
            config=tuple(self.config[name] for name in self.tables.declared.config if name in self.config),
            constants=self.constants,
            functions={**self.functions, **self.tables.documents},
            services=self.services,
            limits=self.limits,
            places=self.places,
            docs=self.docs,
        )
        bounds = WorstCase(plan)
        timed = {name: found.replace(worst_case=bounds.flow(name).micros) for name, found in self.flows.items()}
        return plan.replace(flows=timed)

    def _lower(self, table: str, name: str, node: ast.Node | None) -> None:
        match table:
            case "flow":
                self.flows[name] = self._flow(name, *self.tables.declared.flows[name])
            case "config":
                field, _ = self.tables.declared.config[name]
                self.config[name] = self._parameter(field)
            case "constant":
                let, _ = self.tables.declared.constants[name]
                self.constants[name] = self.expressions.lower(let.value)
            case "function" if isinstance(node, ast.FunctionDecl):
                assert not isinstance(node.body, ast.Native | ast.PythonBody)
                body = self.expressions.lower(node.body)
                self.functions[name] = nodes.Function(tuple(p.name.name for p in node.params), body)
            case "service":
                service, _ = self.tables.declared.services[name]
                self.services[name] = self._service(name, service)

    def _parameter(self, node: ast.Field | ast.Param) -> nodes.Parameter:
        of = self.tables.facts.type_exprs[id(node.type)]
        default = self.expressions.maybe(node.default)
        if default is None and is_optional(of):
            default = ["lit", None]
        return nodes.Parameter(node.name.name, self.tables.type(of), default, holds_secret(of), node.doc)

    def _service(self, name: str, node: ast.ServiceDecl) -> nodes.Service:
        settings = {setting.name.name: self.expressions.lower(setting.value) for setting in node.settings}
        base_url, headers, auth = (settings.pop(key, None) for key in ("base_url", "headers", "auth"))
        return nodes.Service(name, base_url, headers, auth, tuple(settings.items()))

    def _flow(self, name: str, node: ast.FlowDecl, file: CheckedFile) -> nodes.Flow:
        steps = Steps(self.tables, name, file)
        own = Layer("flow", node.annotations, encloses=True)
        around = Around("", (own,))
        ensures = [statement for statement in node.body.statements if isinstance(statement, ast.Ensure)]
        result = self.tables.facts.signatures[id(node)].result
        handlers = steps.handlers(list(node.catches), "", (own,))
        found = nodes.Flow(
            name=name,
            parameters=tuple(self._parameter(param) for param in node.params),
            preconditions=steps.checks.lower(ensures),
            body=steps.scope(node.body, around),
            handlers=handlers,
            result=self.tables.type(result),
            triggers=tuple(self._trigger(trigger) for trigger in node.triggers),
            deadline=steps.policies.deadline(own),
            width=steps.policies.width(own),
        )
        self.places[place_key(name, "")] = steps.place(node.name.start, node.name.end)
        if node.doc:
            self.docs[place_key(name, "")] = node.doc
        for i, ensure in enumerate(ensures):
            self.places[place_key(name, f"#ensure{i}")] = steps.place(ensure.start, ensure.end)
        for statement in node.body.statements:
            if isinstance(statement, ast.Return):
                self.places[place_key(name, "#return")] = steps.place(statement.start, statement.end)
        self.places.update(steps.places)
        self.docs.update(steps.docs)
        return found

    def _trigger(self, node: ast.Trigger) -> nodes.TriggerPlan:
        fact = self.tables.facts.annotations[id(node)]
        before = len(self.tables.wanted)
        arguments = tuple((p.name, self.expressions.argument(p, value)) for p, value in fact.arguments)
        condition = self.expressions.maybe(node.condition)
        entries = () if node.inputs is None else node.inputs.entries
        inputs = tuple(
            (entry.key.value, self.expressions.lower(entry.value))
            for entry in entries
            if isinstance(entry, ast.Entry) and isinstance(entry.key, ast.Text)
        )
        self._forget_config(before)
        return nodes.TriggerPlan(node.name.name, arguments, condition, inputs)

    def _forget_config(self, before: int) -> None:
        """Take back what a trigger wanted of the configuration, so that a run by hand need not have it."""
        for wanted in [w for w in self.tables.wanted[before:] if w[0] == "config"]:
            self.tables.wanted.remove(wanted)
            self.tables.asked.discard(wanted[:2])
