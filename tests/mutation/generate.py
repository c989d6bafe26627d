"""Puts one fault of each kind into each clean file.

A seed belongs to a kind of `kinds.toml` and yields every place of a file where a fault of that kind can stand. Which of
them are taken depends on nothing but the kind and the file, so that a report can be compared with the last one.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.mutation.clean import Change, Clean, Span

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Seed = Callable[[Clean], Iterable[Change]]
SEEDS: dict[str, Seed] = {}


class Kind(NamedTuple):
    """A kind of fault, as `kinds.toml` says."""

    id: str
    category: str
    severity: str
    rules: list[str]
    what: str


class Mutant(NamedTuple):
    """A clean file with one fault; `spots` are the places where a finding may point."""

    kind: Kind
    clean: Clean
    text: str
    spots: list[Span]

    @property
    def place(self) -> str:
        at = self.text.count("\n", 0, self.spots[0][0]) + 1
        return f"{self.clean.name}:{at}"


def seed(kind: str) -> Callable[[Seed], Seed]:
    """Register the seed of a kind."""

    def register(made: Seed) -> Seed:
        assert kind not in SEEDS, kind
        SEEDS[kind] = made
        return made

    return register


def kinds() -> list[Kind]:
    """All kinds, each with its seed registered."""
    content = tomllib.loads((HERE / "kinds.toml").read_text(encoding="utf-8"))
    for category in content:
        import_module(f"tests.mutation.seeds.{category}")
    return [Kind(name, category, **each) for category, table in content.items() for name, each in table.items()]


def clean_files() -> list[Clean]:
    """The examples and the clean corpus."""
    paths = sorted([*ROOT.glob("examples/*/*.flow"), *ROOT.glob("tests/corpus/clean/**/*.flow")])
    return [Clean(path, path.relative_to(ROOT).as_posix()) for path in paths]


def mutants(kind: Kind, clean: Clean, sites: int = 1) -> Iterator[Mutant]:
    """Faults of a kind in a file, at most `sites` of them."""
    changes = list(SEEDS[kind.id](clean))
    chosen = random.Random(f"{kind.id} {clean.name}")
    for change in chosen.sample(changes, min(sites, len(changes))):
        text, spots = change.apply(clean.text)
        if text != clean.text:
            yield Mutant(kind, clean, text, spots)
