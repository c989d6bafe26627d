"""`flowlang check`: what is wrong in files, without running anything."""

from __future__ import annotations

from flowlang.cli.options import Argument, Command, Option
from flowlang.cli.reporting import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.checking import Checking
    from flowlang.cli.options import Values
    from flowlang.compiler.run_tables import Given
    from flowlang.compiler.settings import Policies
    from flowlang.diagnostics import Diagnostic

SEVERITIES = ("error", "warning", "info")

COMMAND = Command(
    name="check",
    help="Find mistakes in flow files.\n\n"
    "A folder means its .flow files, hidden and git-ignored ones left out; - is stdin. Nothing is executed. "
    "Exit code 0: nothing at or above --fail-on, 1: findings, 2: usage, 3: internal error.",
    arguments=(Argument("paths", "PATH...", many=True),),
    options=(
        Option("--format", "How findings are shown.", choices=FORMATS, default="text"),
        Option("--output", "Write findings to a file too; may be repeated.", metavar="FORMAT=FILE", many=True),
        Option("--fix", "Make the fixes that cannot change what a flow does.", kind="flag"),
        Option("--unsafe-fixes", "With --fix or --diff: make all fixes.", kind="flag"),
        Option("--diff", "Show what --fix would change; change nothing.", kind="flag"),
        Option("--select", "Only these rules, or `all`; may be repeated.", metavar="RULE", many=True),
        Option("--ignore", "Not these rules; may be repeated.", metavar="RULE", many=True),
        Option("--strict", "Turn on the rules that are off, as warnings; warnings fail.", kind="flag"),
        Option("--fail-on", "The least severity that fails (default error).", choices=SEVERITIES),
        Option("--exit-zero", "Exit with 0 whatever is found.", kind="flag"),
        Option("--baseline", "Pass over the findings that this file lists.", metavar="FILE"),
        Option("--write-baseline", "List the findings of now in the baseline.", kind="flag"),
        Option("--statistics", "Show how often each rule was found instead.", kind="flag"),
        Option("--show-settings", "Show the settings in force for each file; check nothing.", kind="flag"),
        Option("--watch", "Check again whenever a file changes, until interrupted.", kind="flag"),
        Option("--no-cache", "Check every file, also those that are as they were.", kind="flag"),
        Option("--stdin-filename", "What to call stdin, and where its imports are looked for.", metavar="NAME"),
    ),
)


def run(values: Values) -> int:
    if not values["watch"]:
        return _run(values)
    from flowlang.cli.failure import UsageError
    from flowlang.cli.watching import watch

    if "-" in values["paths"] or values["fix"] or values["write_baseline"]:
        raise UsageError("--watch goes neither with stdin nor with options that write what it watches")
    _refuse_mixtures(values)
    return watch(values["paths"], lambda: _run(values))


def _run(values: Values) -> int:
    import os

    from flowlang.cli.checking import Checking
    from flowlang.cli.files import expand
    from flowlang.compiler.nearest import Misconfigured

    paths = expand(values["paths"])
    _refuse_mixtures(values)
    try:
        named = [_name_of_stdin(values) if path == "-" else path for path in paths]
        given = _given({path: os.path.dirname(os.path.abspath(path)) for path in named})
        checking = Checking(paths, values["stdin_filename"], _policies(values, named), given)
        if values["show_settings"]:
            return checking.show_settings()
        found = _checked(checking, values)
        if checking.bugs:
            return _tell_bugs(checking)
        return 0 if values["exit_zero"] else _code(checking, found, values)
    except Misconfigured as error:
        from flowlang.cli.failure import UsageError

        raise UsageError(str(error)) from error


def _name_of_stdin(values: Values) -> str:
    from flowlang.cli.stdin import UNNAMED

    return values["stdin_filename"] or UNNAMED


def _refuse_mixtures(values: Values) -> None:
    problem = ""
    if values["fix"] and values["diff"]:
        problem = "--fix and --diff exclude each other"
    elif values["unsafe_fixes"] and not (values["fix"] or values["diff"]):
        problem = "--unsafe-fixes goes with --fix or --diff"
    elif values["write_baseline"] and not values["baseline"]:
        problem = "--write-baseline needs --baseline FILE, the file to write"
    elif values["write_baseline"] and (values["fix"] or values["diff"]):
        problem = "--write-baseline does not go with --fix and --diff"
    elif (values["fix"] or values["diff"]) and "-" in values["paths"] and len(values["paths"]) > 1:
        problem = "the text of stdin is fixed alone, without other files"
    elif values["stdin_filename"] and "-" not in values["paths"]:
        problem = "--stdin-filename names the text of stdin: give the path -"
    elif values["statistics"] and values["format"] not in ("text", "concise"):
        problem = f"--statistics are text: they do not go with --format {values['format']}"
    if problem:
        from flowlang.cli.failure import UsageError

        raise UsageError(problem)


def _policies(values: Values, named: list[str]) -> Policies | None:
    """The settings to judge findings by; none where no settings are in reach and no option says anything."""
    import os

    from flowlang.compiler.nearest import settings_file

    folders = dict.fromkeys(os.path.dirname(os.path.abspath(path)) for path in named)
    says = values["select"] or values["ignore"] or values["strict"] or values["show_settings"]
    above: dict[str, str | None] = {}
    if not says and not any(settings_file(folder, above) for folder in folders):
        return None
    from flowlang.cli.selecting import overrides
    from flowlang.compiler.settings import Policies

    return Policies(overrides(values["select"], values["ignore"], values["strict"]))


def _given(folders: dict[str, str]) -> dict[str, Given]:
    """The values that the nearest `flowlang.toml` gives to the configuration of files, by path and folder; nothing for
    those without. Raises `Misconfigured` for what is said to runs there and cannot be.
    """
    from flowlang.compiler.nearest import runs_file

    above: dict[str, str | None] = {}
    nearest = {path: runs_file(folder, above) for path, folder in folders.items()}
    found: dict[str, Given | None] = {}
    for file in dict.fromkeys(nearest.values()):
        if file is not None:
            from flowlang.compiler.run_tables import check_tables

            found[file] = check_tables(file)
    of = {path: found.get(file or "") for path, file in nearest.items()}
    return {path: given for path, given in of.items() if given is not None}


def _checked(checking: Checking, values: Values) -> list[Diagnostic]:
    """Check, make the fixes asked for, and show what is left."""
    from flowlang.cli.reporting import outputs, tell

    writes = outputs(values["output"], checking.paths) if values["output"] else []
    if values["baseline"] or values["fix"] or values["diff"] or values["statistics"] or writes:
        from flowlang.cli.longer import check_and_more

        return check_and_more(checking, values, writes)
    found = checking.findings_alone(remember=not values["no_cache"])
    tell(values["format"], found, checking.sources, checking.paths)
    return found


def _tell_bugs(checking: Checking) -> int:
    """Tell of each file whose check ended with a bug of ours."""
    import sys

    from flowlang.cli.failure import INTERNAL, OURS
    from flowlang.render.visible import visible

    for path, bug in checking.bugs.items():
        for line in f"flowlang: {path}: {bug}".splitlines():
            print(visible(line), file=sys.stderr)
    print(OURS, file=sys.stderr)
    return INTERNAL


def _code(checking: Checking, found: list[Diagnostic], values: Values) -> int:
    for each in found:
        at = values["fail_on"] or checking.fail_on(each.span.file)
        if SEVERITIES.index(each.severity) <= SEVERITIES.index(at):
            return 1
    return 1 if checking.would_change else 0
