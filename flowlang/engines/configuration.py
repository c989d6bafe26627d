"""The values of `config { }`: where they come from, and everything that is wrong with them at once.

In order, the first that has a value wins: `--config name=value`; the environment's `FLOW_NAME`, or `FLOW_NAME_FILE`
naming a file that holds it; the same two in `.env` in the current folder; `[config]` of the nearest `flowlang.toml` at
or above the flow's file; the default in the source. A secret's text never appears in a problem.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowlang.engines.spelling import Misspelt, read_value
from flowlang.plan.nodes import Parameter
from flowlang.types.check import checker
from flowlang.types.codec import from_json
from flowlang.types.edge import from_toml, written
from flowlang.types.formats import is_unicode

MOST_BYTES = 1_000_000
LARGEST = 1024 * 1024
"""Bytes of a `flowlang.toml`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value with where it was found, for messages; text is still to be read as its type wants it."""

    value: object
    place: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was found: values by name, as they stand outside (those left to their defaults are absent), and what is
    wrong, a sentence each; `notes` are about what stops nothing.
    """

    values: dict[str, object]
    problems: list[str]
    notes: list[str] = field(default_factory=list)


class Places:
    """The places where configuration may stand, read once; what cannot be read is a problem of its own."""

    def __init__(self, given: Mapping[str, str], environ: Mapping[str, str], folder: Path, file: Path) -> None:
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._given = given
        self._environ = environ
        self._folder = folder
        self._dotenv = self._read_dotenv(folder / ".env")
        self._toml_path, self._toml = self._read_toml(file)

    def find(self, name: str) -> Found | None:
        """The value that wins, if any place has one."""
        if name in self._given:
            return Found(self._given[name], f"--config {name}", True)
        variable = f"FLOW_{name.upper()}"
        for source, where in ((self._environ, ""), (self._dotenv, " in .env")):
            if variable in source:
                if not is_unicode(source[variable]):
                    self.problems.append(f"{variable}{where} is not UTF-8 text")
                    return None
                return Found(source[variable], f"{variable}{where}", True)
            if f"{variable}_FILE" in source:
                return self._read_file(Path(source[f"{variable}_FILE"]), f"{variable}_FILE{where}")
        if name in self._toml:
            return Found(from_toml(self._toml[name]), f"{self._toml_path}", False)
        return None

    def _read_file(self, path: Path, place: str) -> Found | None:
        try:
            text = (self._folder / path).read_bytes()[:MOST_BYTES].decode("utf-8")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.problems.append(f"{place} names {path}, which cannot be read: {reason}")
            return None
        return Found(text.removesuffix("\n").removesuffix("\r"), place, True)

    def _read_dotenv(self, path: Path) -> dict[str, str]:
        if path.exists() and not path.is_file():
            self.problems.append(f"{path.name} cannot be read: it is a folder, a pipe or a device, not a file")
            return {}
        try:
            text = path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.problems.append(f"{path.name} cannot be read: {reason}")
            return {}
        values, passed_over = read_dotenv(text)
        self.notes += [f"{path.name}:{number}: this is no NAME=value, and passed over" for number in passed_over]
        return values

    def _read_toml(self, file: Path) -> tuple[Path | None, Mapping[str, object]]:
        for folder in Path(os.path.abspath(file)).parents:
            path = folder / "flowlang.toml"
            if path.is_file():
                if (size := path.stat().st_size) > LARGEST:
                    self.problems.append(f"{path} has {size:,} bytes; the most that is read is {LARGEST:,}")
                    return path, {}
                try:
                    table = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("config", {})
                except (OSError, ValueError) as error:
                    self.problems.append(f"{path} cannot be read: {error}")
                    return path, {}
                if not isinstance(table, dict):
                    self.problems.append(f"{path}: config is not a table")
                    return path, {}
                return path, table
        return None, {}


def read_dotenv(text: str) -> tuple[dict[str, str], list[int]]:
    """Read `NAME=value` lines: an `export` before, quotes around and a comment behind them fall away. Gives the values
    and the numbers of the lines that are none.
    """
    values, passed_over = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        if line.strip().startswith("#") or not line.strip():
            continue
        if not equals or not name:
            passed_over.append(number)
            continue
        if value[:1] in ("'", '"') and (end := value.find(value[0], 1)) > 0:
            value = value[1:end]
        else:
            value = value.split(" #", 1)[0].rstrip()
        values[name] = value
    return values, passed_over


def configure(parameters: Iterable[Parameter], types: tuple[object, ...], places: Places) -> Configuration:
    """Find and check the value of every configuration parameter."""
    found = Configuration({}, places.problems, places.notes)
    for parameter in parameters:
        before = len(found.problems)
        value = places.find(parameter.name)
        if value is None:
            if parameter.default is None and len(found.problems) == before:
                found.problems.append(
                    f"config `{parameter.name}` is missing: set FLOW_{parameter.name.upper()} "
                    f"or pass --config {parameter.name}=…"
                )
            continue
        _check(found, parameter, types[parameter.type], value)
    return found


def _check(found: Configuration, parameter: Parameter, type_json: object, value: Found) -> None:
    of = from_json(type_json)
    try:
        read = read_value(str(value.value), of) if value.is_text else value.value
    except Misspelt as error:
        reason = "its text cannot be read as its type" if parameter.secret else str(error)
        found.problems.append(f"config `{parameter.name}` from {value.place}: {reason}")
        return
    _, problems = checker(written(of)).check(read)
    found.problems.extend(f"config `{parameter.name}` from {value.place}: {problem}" for problem in problems)
    if not problems:
        found.values[parameter.name] = read
