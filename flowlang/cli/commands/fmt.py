"""`flowlang fmt`: the canonical spelling of files, every comment kept."""

from __future__ import annotations

import sys

from flowlang.cli.options import Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

COMMAND = Command(
    name="fmt",
    help="Write flow files in canonical style.\n\n"
    "A folder means its .flow files, hidden and git-ignored ones left out; - formats stdin to stdout. "
    "A file with syntax errors is left as it is. "
    "Exit code 0: done, 1: --check found something, or a syntax error, 2: usage, 3: internal error.",
    arguments=(Argument("paths", "PATH...", many=True),),
    options=(
        Option("--check", "Change nothing; fail if something would change.", kind="flag"),
        Option("--diff", "Change nothing; show what would change.", kind="flag"),
        Option("--stdin-filename", "What to call stdin.", metavar="NAME"),
    ),
)


def run(values: Values) -> int:
    from flowlang.cli.files import expand
    from flowlang.cli.writing import diff, replace

    changed = broken = 0
    paths = expand(values["paths"])
    keeps = values["check"] or values["diff"]
    for path in paths:
        result = _format(path, values["stdin_filename"])
        if result is None:
            broken += 1
            continue
        before, after = result
        if path == "-" and not keeps:
            sys.stdout.write(after)
            continue
        if before == after:
            continue
        changed += 1
        if values["diff"]:
            sys.stdout.write(diff(path, before, after))
        if keeps:
            _say(f"would reformat {path}")
        else:
            replace(path, after)
            _say(f"reformatted {path}")
    return 1 if broken or (values["check"] and changed) else 0


def _format(path: str, stdin_name: str | None) -> tuple[str, str] | None:
    """The text of a file and its canonical form; none, with the findings told, if it has syntax errors."""
    from flowlang.cli.stdin import reader
    from flowlang.compiler.workspace import Unreadable, read_file
    from flowlang.formatter import format_source
    from flowlang.source import Source

    name, read = reader(stdin_name) if path == "-" else (path, read_file)
    try:
        source = Source(name, read(name))
    except Unreadable as error:
        _say(f"error: {name} {error}")
        return None
    formatted = format_source(source)
    if not isinstance(formatted, str):
        from flowlang.cli.terminal import wants_color
        from flowlang.render import text

        sys.stderr.write(text.render(formatted, {name: source}, wants_color(sys.stderr)) + "\n")
        return None
    return source.text, formatted


def _say(message: str) -> None:
    sys.stderr.write(f"flowlang: {message}\n" if message.startswith("error") else message + "\n")
