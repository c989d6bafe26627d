"""A check with more to it than findings on stdout: a baseline, fixes, statistics, reports in files."""

from __future__ import annotations

import sys

from flowlang.cli.reporting import rendered, statistics, tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.cli.baseline import Baseline
    from flowlang.cli.checking import Checking
    from flowlang.cli.options import Values
    from flowlang.diagnostics import Diagnostic

    Findings = Callable[[], list[Diagnostic]]


def check_and_more(checking: Checking, values: Values, writes: list[tuple[str, str]]) -> list[Diagnostic]:
    """Check as asked; gives what is left."""
    from flowlang.cli.baseline import Baseline

    if values["write_baseline"]:
        found = checking.findings()
        if checking.bugs:
            return found  # what it would not list would be found again
        count = Baseline(values["baseline"]).write(found, checking.files)
        from flowlang.render.text import plural

        sys.stderr.write(f"{plural(count, 'finding')} written to {values['baseline']}\n")
    baseline = Baseline(values["baseline"]).read() if values["baseline"] else None
    if values["fix"] or values["diff"]:
        found = _mended(checking, _findings(checking, baseline), values)
    else:
        found = _findings(checking, baseline)()
    sources, files = checking.sources, len(checking.paths)
    for format, file in writes:
        _write(file, rendered(format, found, sources, files))
    takes_stdout = values["diff"] or (values["fix"] and bool(checking.stdin))
    if values["statistics"]:
        (sys.stderr if takes_stdout else sys.stdout).write(statistics(found))
    else:
        tell(values["format"], found, sources, checking.paths, to_stderr=takes_stdout)
    if baseline is not None:
        _tell_stale(checking, baseline, values["baseline"])
    return found


def _write(file: str, report: str) -> None:
    """Write a report. Raises `UsageError`: that it cannot be written is no finding."""
    from flowlang.cli.failure import CommandFailed, UsageError
    from flowlang.cli.writing import replace

    try:
        replace(file, report)
    except CommandFailed as error:
        raise UsageError(str(error)) from error


def _findings(checking: Checking, baseline: Baseline | None) -> Findings:
    if baseline is None:
        return checking.findings
    known = baseline
    return lambda: known.new(checking.findings(), checking.files)


def _mended(checking: Checking, findings: Findings, values: Values) -> list[Diagnostic]:
    from flowlang.cli.mending import mend, show, write
    from flowlang.render.text import plural

    mended = mend(checking, findings, values["unsafe_fixes"])
    changed = f"{plural(mended.count, 'finding')} in {plural(len(mended.before), 'file')}"
    if values["diff"]:
        show(checking, mended)
        sys.stdout.flush()
        sys.stderr.write(f"would fix {changed}\n" if mended.before else "")
        checking.would_change = bool(mended.before)
    else:
        write(checking, mended)
        sys.stdout.flush()
        sys.stderr.write(f"fixed {changed}\n" if mended.before else "")
    return mended.left


def _tell_stale(checking: Checking, baseline: Baseline, file: str) -> None:
    stale = baseline.stale(checking.findings(), checking.files, checking.wants)
    if stale:
        from flowlang.render.visible import visible

        lines = "".join(f"  {visible(each)}\n" for each in stale)
        sys.stderr.write(f"flowlang: stale in {file}, found no more (--write-baseline leaves them out):\n{lines}")
