"""The checker bites: of the faults that are seeded into clean files it finds nearly all, each once and in its place."""

from __future__ import annotations

import random
from functools import cache

import pytest

from flowlang.checks.registry import severity_of
from tests.mutation.clean import Clean
from tests.mutation.generate import Kind, clean_files, kinds, mutants
from tests.mutation.score import Verdict, judge

FLOOR = 0.99
"""The share of mutants that give exactly one finding at the fault, as reached; it only ever rises."""
FILES = 4
"""So many files take a fault of each kind here; `make mutation` takes all."""

KINDS = kinds()
files = cache(clean_files)


def sample(kind: Kind) -> list[Clean]:
    return random.Random(kind.id).sample(files(), FILES)


def test_there_are_enough_kinds_of_every_sort() -> None:
    assert len(KINDS) >= 60
    assert len({kind.id for kind in KINDS}) == len(KINDS)
    assert {kind.severity for kind in KINDS} == {"error", "warning"}
    assert {kind.category for kind in KINDS} >= {"names", "types", "structure", "policies", "templates", "security"}


def test_clean_files_are_clean() -> None:
    for clean in files():
        assert clean.program.diagnostics == (), clean.name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_each_kind_can_be_seeded(kind: Kind) -> None:
    found = next((mutant for clean in files() for mutant in mutants(kind, clean)), None)
    assert found is not None
    assert found.text != found.clean.text
    for start, end in found.spots:
        assert 0 <= start <= end <= len(found.text)


def test_kinds_name_rules_that_exist() -> None:
    """A misspelt rule in `kinds.toml` would make every mutant a miss."""
    assert [(kind.id, rule) for kind in KINDS for rule in kind.rules if severity_of(rule) is None] == []


def test_nearly_all_faults_are_found_once_and_in_place() -> None:
    assert_floor([judge(mutant) for kind in KINDS for clean in sample(kind) for mutant in mutants(kind, clean)])


@pytest.mark.slow
def test_so_they_are_in_every_clean_file() -> None:
    """In turns: each file has a fifth of the kinds, each kind a fifth of the files; `make mutation` judges all."""
    turns = [(kind, clean) for k, kind in enumerate(KINDS) for c, clean in enumerate(files()) if (k + c) % 5 == 0]
    assert_floor([judge(mutant) for kind, clean in turns for mutant in mutants(kind, clean)])


def assert_floor(verdicts: list[Verdict]) -> None:
    rest = [str(verdict) for verdict in verdicts if verdict.outcome != "hit"]
    assert len(verdicts) > 2 * len(KINDS)
    assert 1 - len(rest) / len(verdicts) >= FLOOR, "\n".join(rest)
