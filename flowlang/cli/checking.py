"""Checking many files: each with all it imports, what several of them find in a shared file found once. That an item of
a shared file is unused is found where all of them say so.
"""

from __future__ import annotations

from flowlang.checks.uses import UNUSED_HERE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from flowlang.cli.parallel import Result
    from flowlang.cli.remembered import Remembered
    from flowlang.compiler.run_tables import Given
    from flowlang.compiler.settings import Policies
    from flowlang.diagnostics import Diagnostic
    from flowlang.diagnostics.model import Severity
    from flowlang.semantics.facts import CheckedFile, Program
    from flowlang.source import Source

    Read = Callable[[str], str]

SHARED: Final = frozenset((*UNUSED_HERE, "useless-suppression"))
"""Rules whose findings in a file hang on who imports it."""
MANY: Final = 16
"""Files for which it is worth to remember what is found, and to use a second process."""


class Checking:
    """The programs of some files, checked when they are first asked for and again after their texts have changed.

    `paths` are what is checked, with the name of stdin for `-`; `texts` stand in for what is on the disk;
    `would_change` is set where fixes were shown and not made; `bugs` are those of ours that the check of a file met, by
    path: it has no findings, the others have theirs. `given` are the values that settings give to their configuration.
    """

    __slots__ = (
        "_given",
        "_policies",
        "_programs",
        "_sources",
        "_stdin",
        "bugs",
        "paths",
        "stdin",
        "texts",
        "would_change",
    )

    def __init__(
        self,
        paths: Iterable[str],
        stdin_name: str | None,
        policies: Policies | None,
        given: dict[str, Given] | None = None,
    ) -> None:
        self.texts: dict[str, str] = {}
        self.stdin = ""
        self.would_change = False
        self.bugs: dict[str, str] = {}
        self._stdin: Read | None = None
        self._policies = policies
        self._given = given or {}
        self._programs: dict[str, Program] = {}
        self._sources: dict[str, Source | None] = {}
        self.paths: list[str] = []
        for path in paths:
            if path == "-":
                from flowlang.cli.stdin import reader

                path, self._stdin = reader(stdin_name)
                self.stdin = path
            self.paths.append(path)

    def read(self, path: str) -> str:
        """The text of a file that was named, as it would be after the changes so far."""
        return self._reader(path)(path)

    def _reader(self, root: str) -> Read:
        """What reads a file and all it imports."""
        from flowlang.compiler.workspace import reader

        if root == self.stdin and self._stdin is not None:
            read = self._stdin
        else:
            read = reader(root)
        texts = self.texts
        return (lambda path: texts[path] if path in texts else read(path)) if texts else read

    def change(self, texts: dict[str, str]) -> None:
        """Give files another text."""
        self.texts.update(texts)
        for path, program in list(self._programs.items()):
            if not texts.keys().isdisjoint(program.sources):
                del self._programs[path]

    def findings(self) -> list[Diagnostic]:
        """What is found, in canonical order, under the settings in force."""
        for path in self.paths:
            if path not in self._programs:
                self._programs[path] = self._check(path)
            if path not in self._programs[path].files:
                self._sources[path] = self._source(path)
        programs = {path: self._programs[path] for path in self.paths}
        return self._judged(_together({path: (each.files, each.diagnostics) for path, each in programs.items()}))

    def findings_alone(self, remember: bool = True) -> list[Diagnostic]:
        """As `findings`, without keeping the programs: of many files only those that have changed since they were last
        checked, on all cores.
        """
        if self.stdin or len(self.paths) < MANY or self._programs:
            return self.findings()
        from flowlang.cli.parallel import check_many
        from flowlang.cli.remembered import remembered

        known = remembered() if remember else None
        results = {} if known is None else self._known(known)
        left = [path for path in dict.fromkeys(self.paths) if path not in results]
        fresh = check_many(left, self._check_alone) if left else {}
        if known is not None:
            for path, result in fresh.items():
                if not result.bug:
                    known.add(path, self._under(path), result)
            known.keep()
        results.update(fresh)
        self.bugs = {path: result.bug for path, result in fresh.items() if result.bug}
        found = self._judged(_together({path: (results[path].marks, results[path].found) for path in self.paths}))
        self._read_sources(found)
        return found

    def _known(self, known: Remembered) -> dict[str, Result]:
        """What is remembered of the files that are as they were."""
        found = {path: known.find(path, self._under(path), self._reader(path)) for path in self.paths}
        return {path: result for path, result in found.items() if result is not None}

    def _check_alone(self, path: str) -> Result:
        from flowlang.cli.parallel import Result
        from flowlang.cli.remembered import marking
        from flowlang.compiler.pipeline import check

        marks: dict[str, str] = {}
        read, opted_in = marking(self._reader(path), marks), self._opted_in(path)
        try:
            return Result(marks, self._judge_values(check(path, read, opted_in)).diagnostics)
        except Exception as error:
            return Result({}, (), _bug(error))

    def _read_sources(self, found: Iterable[Diagnostic]) -> None:
        """The texts that findings lie in, where no program holds them."""
        for each in found:
            places = [each.span, *(related.span for related in each.related)]
            places += [edit.span for fix in each.fixes for edit in fix.edits]
            for place in places:
                if place.file not in self._sources:
                    self._sources[place.file] = self._source(place.file)

    def _source(self, path: str) -> Source | None:
        """The text of a file; of one that is no text, what can be shown of it."""
        from flowlang.compiler.workspace import NotText, Unreadable
        from flowlang.source import Source

        try:
            return Source(path, self.read(path))
        except NotText as error:
            return Source(path, error.text)
        except Unreadable:
            return None

    def _judged(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Findings sorted, under the settings in force."""
        kept = list(found)
        if len(self.paths) > 1:
            from flowlang.diagnostics import sort_key

            kept.sort(key=sort_key)
        return kept if self._policies is None else self._policies.judge(kept)

    def _check(self, path: str) -> Program:
        from flowlang.compiler.pipeline import check

        read, opted_in = self._reader(path), self._opted_in(path)
        try:
            return self._judge_values(check(path, read, opted_in))
        except Exception as error:
            if self.texts:
                raise  # fixes that it comes of are not made
            from flowlang.semantics.facts import Facts, Program

            self.bugs[path] = _bug(error)
            return Program(path, {}, Facts(), ())

    def _judge_values(self, program: Program) -> Program:
        """A program with what is wrong with the values that settings give to its configuration."""
        given = self._given.get(program.root)
        if given is None:
            return program
        from flowlang.compiler.configured import judge_values

        return judge_values(program, given)

    def _under(self, path: str) -> str:
        """What findings in a file hang on beside texts: the rules that are turned on for it, and values of settings."""
        opted_in, given = " ".join(sorted(self._opted_in(path))), self._given.get(path)
        if given is None:
            return opted_in
        from flowlang.bundled import digest

        return f"{opted_in} {digest(given.path.encode(errors='surrogateescape'), repr(given.values).encode())}"

    def _opted_in(self, path: str) -> frozenset[str]:
        """The rules that are turned on for a file although they are off otherwise."""
        return frozenset() if self._policies is None else self._policies.of(path).opted_in

    def wants(self, path: str, rule: str) -> bool:
        """Whether findings of a rule are wanted in a file."""
        return self._policies is None or self._policies.of(path).wants(rule)

    @property
    def files(self) -> dict[str, CheckedFile]:
        """Every file that was looked at, by path."""
        return {name: file for program in self._programs.values() for name, file in program.files.items()}

    @property
    def sources(self) -> dict[str, Source]:
        """The texts that findings lie in."""
        found = {name: source for program in self._programs.values() for name, source in program.sources.items()}
        found.update((name, source) for name, source in self._sources.items() if source is not None)
        return found

    def fail_on(self, path: str) -> Severity:
        """The least severity that fails, as the settings of a file say."""
        if self._policies is None:
            return "error"
        settings = self._policies.of(path)
        return settings.fail_on or ("warning" if settings.strict else "error")

    def show_settings(self) -> int:
        """Print the settings of each file; those of several files that share them once."""
        from flowlang.compiler.settings import described

        assert self._policies is not None
        groups: dict[str, list[str]] = {}
        for path in self.paths:
            groups.setdefault(self._policies.of(path).file, []).append(path)
        for file, paths in groups.items():
            print(f"# {', '.join(paths)}")
            print(f"# from {file or 'the defaults'}")
            print(described(self._policies.of(paths[0])), end="")
        return 0


def _bug(error: Exception) -> str:
    """A bug in a line, or all of it where that is asked for."""
    import os

    if os.environ.get("FLOWLANG_DEBUG"):
        import traceback

        return "".join(traceback.format_exception(error))
    from flowlang.cli.failure import described

    return described(error)


def _together(checked: dict[str, tuple[Iterable[str], Iterable[Diagnostic]]]) -> Iterable[Diagnostic]:
    """What several programs find, each given by its path with its files, once; of `SHARED` what is found in files that
    were asked for, by every program that holds the file.
    """
    found: dict[object, Diagnostic] = {}
    for _, diagnostics in checked.values():
        for each in diagnostics:
            found.setdefault(_said(each), each)
    shared: dict[str, list[object]] = {}
    for key, each in found.items():
        if each.rule in SHARED:
            shared.setdefault(each.span.file, []).append(key)
    for path in shared.keys() - checked.keys():
        for key in shared.pop(path):
            del found[key]
    for files, diagnostics in checked.values():
        held = shared.keys() & files
        told = {_said(each) for each in diagnostics if each.rule in SHARED} if held else set()
        for key in [key for path in held for key in shared[path] if key not in told]:
            found.pop(key, None)
    return found.values()


def _said(found: Diagnostic) -> object:
    """What a finding says of which place: of a template the calls that render it may differ."""
    return found.rule, found.span, found.message
