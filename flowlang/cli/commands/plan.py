"""`flowlang plan`: what a flow would do, in which order and for how long at most, without doing it."""

from __future__ import annotations

from flowlang.cli.options import Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

COMMAND = Command(
    name="plan",
    help="Show what a flow would do: order, what runs at the same time, policies, worst-case duration.",
    arguments=(Argument("file", "FILE"),),
    options=(
        Option("--flow", "Which flow, where the file has several.", metavar="NAME"),
        Option("--format", "How it is shown.", choices=("tree", "json", "mermaid", "dot"), default="tree"),
    ),
)


def run(values: Values) -> int:
    from importlib import import_module

    from flowlang.cli.compiling import compiled

    plan = compiled(values["file"], values["flow"])
    if plan is None:
        return 1
    print(import_module(f"flowlang.render.plan_{values['format']}").render(plan), end="")
    return 0
