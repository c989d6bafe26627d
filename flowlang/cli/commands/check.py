"""`flowlang check`: what is wrong in files, without running anything."""

from __future__ import annotations

import sys

from flowlang.cli.options import FORMAT, Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values
    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source

SEVERITIES = ("error", "warning", "info")

COMMAND = Command(
    name="check",
    help="Find mistakes in flow files.\n\n"
    "A folder means its .flow files, hidden and git-ignored ones left out; - is stdin. Nothing is executed. "
    "Exit code 0: nothing at or above --fail-on, 1: findings, 2: usage, 3: internal error.",
    arguments=(Argument("paths", "PATH...", many=True),),
    options=(
        FORMAT,
        Option("--fail-on", "The least severity that fails.", choices=SEVERITIES, default="error"),
        Option("--stdin-filename", "What to call stdin, and where its imports are looked for.", metavar="NAME"),
    ),
)


def run(values: Values) -> int:
    import gc

    gc.disable()  # a check is short and keeps nearly all it makes
    from flowlang.cli.files import expand

    paths = expand(values["paths"])
    found, sources = check_all(paths, values["stdin_filename"])
    if values["format"] == "json":
        from flowlang.render import json

        sys.stdout.write(json.render(found, sources, len(paths)))
    elif found:
        from flowlang.cli.terminal import wants_color
        from flowlang.render import text

        sys.stdout.write(text.render(found, sources, wants_color(sys.stdout)))
        sys.stdout.flush()
        sys.stderr.write("\n" + text.summary(found, len(paths)) + "\n")
    failing = SEVERITIES[: SEVERITIES.index(values["fail_on"]) + 1]
    return 1 if any(each.severity in failing for each in found) else 0


def check_all(paths: list[str], stdin_name: str | None) -> tuple[list[Diagnostic], dict[str, Source]]:
    """Check files, each with all it imports; what several of them find in a shared file is found once."""
    from flowlang.compiler.pipeline import check
    from flowlang.compiler.workspace import read_file

    found: dict[Diagnostic, None] = {}
    sources: dict[str, Source] = {}
    for path in paths:
        if path == "-":
            from flowlang.cli.stdin import reader

            path, read = reader(stdin_name)
        else:
            read = read_file
        program = check(path, read)
        found.update(dict.fromkeys(program.diagnostics))
        sources.update((name, file.source) for name, file in program.files.items())
    if len(paths) > 1:
        from flowlang.diagnostics import sort_key

        return sorted(found, key=sort_key), sources
    return list(found), sources
