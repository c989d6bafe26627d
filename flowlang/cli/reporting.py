"""Findings to the places that were asked for: stdout in one format, files in others, all with the same in one order."""

from __future__ import annotations

import sys

from flowlang.cli.failure import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source

FORMATS = ("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit")


def outputs(wanted: Iterable[str], sources: Iterable[str]) -> list[tuple[str, str]]:
    """Read `sarif=out.sarif` as a format and a file, which is none that is checked. Raises `UsageError`."""
    import os

    taken = {os.path.realpath(path): f"{path} is checked itself" for path in sources}
    found = []
    for each in wanted:
        format, equals, file = each.partition("=")
        if not equals or not file:
            raise UsageError(f"--output takes FORMAT=FILE, not {each!r}")
        if format not in FORMATS:
            raise UsageError(f"--output: there is no format {format!r}; there is {', '.join(FORMATS)}")
        if file == "-":
            raise UsageError(f"--output {each} writes a file: stdout is told by --format")
        real = os.path.realpath(file)
        if real in taken or file.endswith(".flow"):
            raise UsageError(f"--output {each}: {taken.get(real, 'a report is no flow file')}")
        taken[real] = f"{file} gets another report"
        found.append((format, file))
    return found


def rendered(format: str, found: list[Diagnostic], sources: Mapping[str, Source], files: int) -> str:
    """Findings in a format, without colour."""
    if format == "text":
        from flowlang.render import text

        return text.render(found, sources)
    if format == "concise":
        from flowlang.render import concise

        return concise.render(found, sources)
    name = f"flowlang.render.{format}"
    __import__(name)
    shown: str = sys.modules[name].render(found, sources, files)
    return shown


def tell(
    format: str, found: list[Diagnostic], sources: Mapping[str, Source], paths: Sequence[str], to_stderr: bool = False
) -> None:
    """Show findings: for people with colour, and their number on stderr. `paths`: the files that were named."""
    files = len(paths)
    stream = sys.stderr if to_stderr else sys.stdout
    if format not in ("text", "concise"):
        stream.write(rendered(format, found, sources, files))
    elif found:
        from flowlang.cli.terminal import wants_color
        from flowlang.render import text

        if format == "text":
            stream.write(text.render(found, sources, wants_color(stream)))
        else:
            stream.write(rendered(format, found, sources, files))
        stream.flush()
        fixable = text.fixable(found, frozenset(paths))
        sys.stderr.write("\n" + text.summary(found, files) + "\n" + (f"{fixable}\n" if fixable else ""))


def statistics(found: Iterable[Diagnostic]) -> str:
    """How often each rule was found, the most frequent first, and how many of these have a fix."""
    from flowlang.diagnostics.fixing import chosen_fix

    counts: dict[tuple[str, str], list[int]] = {}
    for each in found:
        row = counts.setdefault((each.rule, each.severity), [0, 0])
        row[0] += 1
        row[1] += chosen_fix(each, unsafe=True) is not None
    rows = sorted(counts.items(), key=lambda row: (-row[1][0], row[0]))
    width = max((len(str(count)) for _, (count, _) in rows), default=1)
    return "".join(
        f"{count:>{width}}  {severity}[{rule}]{f' ({fixable} with a fix)' if fixable else ''}\n"
        for (rule, severity), (count, fixable) in rows
    )
