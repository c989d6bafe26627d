"""What of the findings is wanted, and how severe it is: settings files, and what a command line says over them.

The errors of the language are always found, for what they stop could not run. Everything else can be selected, ignored,
ignored for some files, and given another severity. Rules of severity `info` are off until `select` or `strict` asks for
them; strict makes warnings of them.
"""

from __future__ import annotations

import os

from flowlang.checks.registry import CHECKS, OPT_IN, rules, severity_of
from flowlang.compiler.nearest import LARGEST, Misconfigured, misconfigured, settings_file
from flowlang.compiler.suppression import can_be_ignored
from flowlang.diagnostics.model import SEVERITIES
from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Pattern
    from typing import Any, Final

    from flowlang.diagnostics import Diagnostic
    from flowlang.diagnostics.model import Severity

KEYS: Final = ("select", "ignore", "per-file-ignores", "severity", "strict", "fail-on")
TABLES: Final = ("check", "config", "http", "limits")
"""Those of a settings file; all but the first are for runs."""
ALL: Final = "all"


class PerFile(Record):
    """Rules that are ignored in the files that a pattern names, below a folder."""

    __slots__ = ()

    glob: str
    folder: str
    pattern: Pattern[str]
    rules: frozenset[str]


class Settings(Record):
    """Settings in force. `select` null: every rule that is not opt-in. `file`: where they stand, empty for nowhere."""

    __slots__ = ()

    file: str = ""
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    per_file: tuple[PerFile, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    strict: bool = False
    fail_on: Severity | None = None

    @property
    def opted_in(self) -> frozenset[str]:
        """The opt-in rules that are wanted."""
        wanted = OPT_IN if self.strict else frozenset() if self.select is None else OPT_IN & self.select
        return wanted - self.ignore

    def wants(self, rule: str) -> bool:
        """Whether findings of a rule are wanted at all."""
        if not can_be_ignored(rule):
            return True
        if rule in self.ignore:
            return False
        if rule in OPT_IN:
            return rule in self.opted_in
        return self.select is None or rule in self.select

    def judge(self, found: Diagnostic) -> Diagnostic | None:
        """A finding as it is to be shown; none if it is not wanted."""
        if not can_be_ignored(found.rule):
            return found
        if not self.wants(found.rule) or self._ignores(found):
            return None
        severity = dict(self.severity).get(found.rule, found.severity)
        if self.strict and severity == "info":
            severity = "warning"
        return found if severity == found.severity else found.replace(severity=severity)

    def _ignores(self, found: Diagnostic) -> bool:
        path = os.path.abspath(found.span.file)
        return any(
            found.rule in each.rules
            and each.pattern.fullmatch(os.path.relpath(path, each.folder).replace(os.sep, "/")) is not None
            for each in self.per_file
        )


class Overrides(Record):
    """What a command line says over the settings of a file: `select` replaces, `ignore` adds, `strict` turns on."""

    __slots__ = ()

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    strict: bool = False


class Policies:
    """The settings of each file: the nearest that there are, with what the command line says over them."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides
        self._above: dict[str, str | None] = {}
        self._read: dict[str | None, Settings] = {}

    def of(self, path: str) -> Settings:
        """The settings in force for a file. Raises `Misconfigured`."""
        file = settings_file(os.path.dirname(os.path.abspath(path)), self._above)
        if file not in self._read:
            said = self._overrides
            settings = Settings() if file is None else read(file)
            self._read[file] = settings.replace(
                select=settings.select if said.select is None else said.select,
                ignore=(settings.ignore if said.select is None else settings.ignore - said.select) | said.ignore,
                strict=settings.strict or said.strict,
            )
        return self._read[file]

    def judge(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Findings as they are to be shown, without those that are not wanted."""
        judged = [self.of(each.span.file).judge(each) for each in found]
        return [each for each in judged if each is not None]


def read(file: str) -> Settings:
    """Read a settings file. Raises `Misconfigured`."""
    import tomllib

    shown = os.path.relpath(file)
    if os.path.islink(file) or not os.path.isfile(file):
        raise Misconfigured(f"{shown} is not a file: settings stand in the file itself, a link is not followed")
    try:
        if (size := os.path.getsize(file)) > LARGEST:
            raise Misconfigured(f"{shown} has {size:,} bytes; the most that is read is {LARGEST:,}")
        with open(file, "rb") as opened:
            text = opened.read().decode("utf-8-sig")
        document = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise Misconfigured(f"{shown} cannot be read: {error}") from error
    is_ours = os.path.basename(file) == "flowlang.toml"
    ours: Any = document if is_ours else document.get("tool", {}).get("flowlang", {})
    head = "" if is_ours else "tool.flowlang."
    reader = _Reader(shown, text, f"{head}check", os.path.dirname(file))
    for name in ours if isinstance(ours, dict) else ():
        if name not in TABLES:
            where = f"; it belongs in [{head}check]" if name in KEYS else _hint(name, TABLES)
            raise reader.wrong(name, f"there is no [{head}{name}]{where}", below_head=False)
        if not is_ours and name != "check":
            message = f"[{head}{name}] is not read: it is for runs, and belongs in flowlang.toml, as [{name}]"
            raise misconfigured(shown, text, f"{head}{name}", name, message)
    return reader.settings(file, ours.get("check", {}) if isinstance(ours, dict) else ours)


class _Reader:
    """Turns one table into settings, and says where it cannot."""

    def __init__(self, shown: str, text: str, head: str, folder: str) -> None:
        self.shown = shown
        self.text = text
        self.head = head
        self.folder = folder

    def settings(self, file: str, table: Any) -> Settings:
        if not isinstance(table, dict):
            raise self.wrong(self.head, f"[{self.head}] is not a table")
        for key in table:
            if key not in KEYS:
                raise self.wrong(key, f"there is no setting `{key}` in [{self.head}]{_hint(key, KEYS)}")
        strict, fail_on = table.get("strict", False), table.get("fail-on")
        if not isinstance(strict, bool):
            raise self.wrong("strict", "`strict` is true or false")
        if fail_on is not None and fail_on not in SEVERITIES:
            raise self.wrong("fail-on", f"`fail-on` is {_one_of(SEVERITIES)}")
        return Settings(
            file=file,
            select=self.rules("select", table["select"], may_be_all=True) if "select" in table else None,
            ignore=self.rules("ignore", table.get("ignore", [])),
            per_file=self.per_file(table.get("per-file-ignores", {})),
            severity=self.severities(table.get("severity", {})),
            strict=strict,
            fail_on=fail_on,
        )

    def rules(self, key: str, names: Any, may_be_all: bool = False) -> frozenset[str]:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.wrong(key, f"`{key}` is a list of rules")
        problem = next((each for name in names if (each := problem_with(name, may_be_all))), None)
        if problem is not None:
            raise self.wrong(next(name for name in names if problem_with(name, may_be_all)), problem)
        return chosen(names)

    def per_file(self, table: Any) -> tuple[PerFile, ...]:
        import re

        from flowlang.compiler.globs import translate

        if not isinstance(table, dict):
            raise self.wrong("per-file-ignores", "`per-file-ignores` is a table of patterns, each with a list of rules")
        found = []
        for glob, names in table.items():
            anchored = "/" in glob.rstrip("/")
            whole = glob.lstrip("/") + ("**" if glob.endswith("/") else "")
            try:
                pattern = re.compile(translate(whole if anchored else f"**/{whole}"), re.DOTALL)
            except re.error as error:
                raise self.wrong(glob, f"the pattern `{glob}` is not understood: {error}") from error
            found.append(PerFile(glob, self.folder, pattern, self.rules(glob, names)))
        return tuple(found)

    def severities(self, table: Any) -> tuple[tuple[str, Severity], ...]:
        if not isinstance(table, dict):
            raise self.wrong("severity", "`severity` is a table of rules, each with its severity")
        for rule, severity in table.items():
            problem = problem_with(rule)
            if problem is not None:
                raise self.wrong(rule, problem)
            if severity not in SEVERITIES:
                raise self.wrong(rule, f"the severity of `{rule}` is {_one_of(SEVERITIES)}")
        return tuple(sorted(table.items()))

    def wrong(self, word: str, message: str, below_head: bool = True) -> Misconfigured:
        """An error at a word of the table."""
        return misconfigured(self.shown, self.text, self.head, word, message, below_head)


def problem_with(name: str, may_be_all: bool = False) -> str | None:
    """Why a name cannot be selected, ignored or given a severity; none if it can."""
    if name == ALL and may_be_all:
        return None
    if severity_of(name) is None:
        return f"there is no rule `{name}`{_hint(name, rules())}"
    if not can_be_ignored(name) and not may_be_all:
        return f"`{name}` is an error of the language: it is always found"
    return None


def chosen(names: Iterable[str]) -> frozenset[str]:
    """The rules that names stand for."""
    return frozenset(each for name in names for each in (rules() if name == ALL else (name,)))


def described(settings: Settings) -> str:
    """Settings as the TOML that would say them."""
    on = [name for name in sorted({*CHECKS, *rules()}) if settings.wants(name) and can_be_ignored(name)]
    lines = [
        "[check]",
        f"strict = {str(settings.strict).lower()}",
        f'fail-on = "{settings.fail_on or "error"}"',
        _list("select", on),
        _list("ignore", sorted(settings.ignore)),
    ]
    if settings.per_file:
        lines += ["", "[check.per-file-ignores]"]
        lines += [_list(f'"{each.glob}"', sorted(each.rules)) for each in settings.per_file]
    if settings.severity:
        lines += ["", "[check.severity]", *(f'{rule} = "{severity}"' for rule, severity in settings.severity)]
    return "\n".join(lines) + "\n"


def _list(name: str, words: list[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    if len(words) < 4:
        return f"{name} = [{', '.join(quoted)}]"
    return "\n".join([f"{name} = [", *(f"  {word}," for word in quoted), "]"])


def _one_of(words: Iterable[str]) -> str:
    *first, last = (f"`{word}`" for word in words)
    return f"{', '.join(first)} or {last}"


def _hint(name: str, candidates: Iterable[str]) -> str:
    from flowlang.semantics.suggest import did_you_mean

    hint = did_you_mean(name, candidates)
    return f"; {hint}" if hint else ""
