"""`flowlang completion SHELL`: the script that teaches a shell our commands and options."""

from __future__ import annotations

from flowlang.cli.options import Argument, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

SHELLS = ("bash", "zsh", "fish")

COMMAND = Command(
    name="completion",
    help="Print a shell's completion script: bash, zsh or fish.\n\n"
    'Add to ~/.bashrc: eval "$(flowlang completion bash)"',
    arguments=(Argument("shell", "{bash|zsh|fish}"),),
)


def run(values: Values) -> int:
    from click.shell_completion import get_completion_class

    from flowlang.cli.clicked import PROGRAM, application
    from flowlang.cli.failure import UsageError

    shell = values["shell"]
    found = get_completion_class(shell) if shell in SHELLS else None
    if found is None:
        raise UsageError(f"no completion for {shell!r}: there is {', '.join(SHELLS)}")
    print(found(application(), {}, PROGRAM, "_FLOWLANG_COMPLETE").source())
    return 0
