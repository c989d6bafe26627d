"""What evaluating a template costs, beside Jinja2's sandbox with the same template and the same values.

Both are compiled before the clock starts. Ours counts its work and bounds its text meanwhile; the sandbox looks at
every attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measure import interleaved

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


class _Flat:
    """All names in one frame."""

    def resolve(self, name: str) -> tuple[int, bool]:
        return 0, False


def ours(template: str) -> Callable[[], str]:
    """Our rendering of a template, ready to be timed."""
    from flowlang.compiler.lower import lower
    from flowlang.compiler.pipeline import check
    from flowlang.runtime.evaluate import Evaluator
    from flowlang.runtime.functions import FUNCTIONS

    files = {"bench.flow": FLOW, "t.html.j2": template}
    program = check("bench.flow", files.__getitem__)
    errors = [found for found in program.diagnostics if found.severity == "error"]
    if errors:
        raise SystemExit(f"a template of the benchmarks does not check: {errors[0]}")
    plan = lower(program)
    returned = plan.flows["f"].body.value
    assert returned is not None
    evaluate = Evaluator(plan, FUNCTIONS).compile(returned, _Flat())
    frame = SimpleNamespace(values=VALUES, parent=None, run=SimpleNamespace(config={}, constants={}))
    return lambda: evaluate(frame)


def theirs(template: str) -> Callable[[], str]:
    """The rendering of Jinja2's sandbox."""
    from jinja2.sandbox import SandboxedEnvironment

    found = SandboxedEnvironment(autoescape=True).from_string(template)
    return lambda: found.render(VALUES)


def figures(rounds: int) -> Iterator[Figure]:
    """Microseconds a rendering."""
    for name, template in (("a short template", SHORT), ("a document with a loop of 5", DOCUMENT)):
        here, there = ours(template), theirs(template)
        if here() != there():
            raise SystemExit(f"{name}: the texts differ")
        seconds = interleaved({"ours": _many(here), "theirs": _many(there)}, rounds * 3)
        each = {case: value / TIMES * 1e6 for case, value in seconds.items()}
        yield Figure(name, each["ours"], "µs", each["theirs"], "Jinja2's sandbox", most_times=0.333)


def _many(render: Callable[[], str]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(TIMES):
            render()

    return run
