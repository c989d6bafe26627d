"""What evaluating costs: a template beside Jinja2's sandbox with the same template and the same values, an expression
beside plain Python, for each unit of work that its budget counts.

All are compiled before the clock starts. Ours counts its work and bounds its text meanwhile; the sandbox looks at
every attribute, plain Python at nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measure import interleaved
from flowlang.runtime.budget import Budget

TIMES = 2000
VALUES: dict[str, Any] = {
    "name": "Ada <Lovelace>",
    "vip": True,
    "lines": [{"title": f"thing {i}", "price": i * 1.5} for i in range(5)],
}
SHORT = "Dear {{ name }}, you ordered {{ lines | length }} things, the first is {{ lines[0].title }}.\n"
DOCUMENT = """\
<h1>Dear {{ name }}</h1>
{% if vip %}<p>You are a VIP.</p>{% endif %}
<table>
{%- for line in lines %}
<tr><td>{{ loop.index }}</td><td>{{ line.title }}</td><td>{{ line.price }}</td></tr>
{%- endfor %}
</table>
"""
FLOW = """\
import text

flow f(name: string, vip: bool, lines: list[{ title: string, price: float }]) -> string {
  return text.render('t.html.j2', { name, vip, lines })
}
"""
COMPUTED = """\
flow f(lines: list[{ title: string, price: float }]) -> float {
  return [line.price * 1.19 for line in lines if line.price > 10 and line.title != 'thing 3'] | sum
}
"""
LINES: dict[str, Any] = {"lines": [{"title": f"thing {i}", "price": i * 1.5} for i in range(1000)]}


class _Flat:
    """All names in one frame."""

    def resolve(self, name: str) -> tuple[int, bool]:
        return 0, False


def rendering(template: str) -> dict[str, str]:
    """A flow that renders a template, and the template."""
    return {"bench.flow": FLOW, "t.html.j2": template}


def returned(files: dict[str, str], values: dict[str, Any]) -> tuple[Callable[[], Any], Budget]:
    """What a flow returns for values, ready to be timed, and the budget that its evaluation takes from."""
    from flowlang.compiler.lower import lower
    from flowlang.compiler.pipeline import check
    from flowlang.runtime.evaluate import Evaluator
    from flowlang.runtime.functions import FUNCTIONS

    program = check("bench.flow", files.__getitem__)
    errors = [found for found in program.diagnostics if found.severity == "error"]
    if errors:
        raise SystemExit(f"a flow of the benchmarks does not check: {errors[0]}")
    plan = lower(program)
    value = plan.flows["f"].body.value
    assert value is not None
    evaluator = Evaluator(plan, FUNCTIONS)
    evaluate = evaluator.compile(value, _Flat())
    frame = SimpleNamespace(values=values, parent=None, run=SimpleNamespace(config={}, constants={}))
    return lambda: evaluate(frame), evaluator.budget


def computed(lines: list[dict[str, Any]]) -> float:
    """What `COMPUTED` says, in Python."""
    total: float = sum([line["price"] * 1.19 for line in lines if line["price"] > 10 and line["title"] != "thing 3"])
    return total


def theirs(template: str) -> Callable[[], str]:
    """The rendering of Jinja2's sandbox."""
    from jinja2.sandbox import SandboxedEnvironment

    found = SandboxedEnvironment(autoescape=True).from_string(template)
    return lambda: found.render(VALUES)


def figures(rounds: int) -> Iterator[Figure]:
    """Microseconds a rendering, and a unit of work."""
    for name, template in (("a short template", SHORT), ("a document with a loop of 5", DOCUMENT)):
        here, _ = returned(rendering(template), VALUES)
        there = theirs(template)
        if here() != there():
            raise SystemExit(f"{name}: the texts differ")
        seconds = interleaved({"ours": _times(TIMES, here), "theirs": _times(TIMES, there)}, rounds * 3)
        each = {case: value / TIMES * 1e6 for case, value in seconds.items()}
        yield Figure(name, each["ours"], "µs", each["theirs"], "Jinja2's sandbox", most_times=0.333)
    yield _unit(rounds)


def _unit(rounds: int) -> Figure:
    evaluate, budget = returned({"bench.flow": COMPUTED}, LINES)
    python = partial(computed, LINES["lines"])
    if evaluate() != python():
        raise SystemExit("the computed values differ")
    units = budget.units - budget.left
    times = TIMES // 100
    seconds = interleaved({"ours": _times(times, evaluate), "python": _times(times, python)}, rounds * 3)
    each = {case: value / times / units * 1e6 for case, value in seconds.items()}
    return Figure(f"a unit of work, of {units:,} of an expression", each["ours"], "µs", each["python"], "plain Python")


def _times(times: int, act: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(times):
            act()

    return run
