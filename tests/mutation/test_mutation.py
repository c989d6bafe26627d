"""The checker bites: of the faults that are seeded into clean files it finds nearly all, each once and in its place."""

from __future__ import annotations

import random
from functools import cache

import pytest

from flowlang.checks.registry import severity_of
from tests.mutation.clean import Clean
from tests.mutation.generate import Kind, clean_files, kinds, mutants
from tests.mutation.score import judge

FLOOR = 0.70
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


def test_rules_of_kinds_that_are_found_exist() -> None:
    """A misspelt rule in `kinds.toml` would make every mutant a miss."""
    unknown = [kind.id for kind in KINDS if not any(severity_of(rule) for rule in kind.rules)]
    assert len(unknown) <= len(KINDS) * (1 - FLOOR)


def test_nearly_all_faults_are_found_once_and_in_place() -> None:
    verdicts = [judge(mutant) for kind in KINDS for clean in sample(kind) for mutant in mutants(kind, clean)]
    rest = [str(verdict) for verdict in verdicts if verdict.outcome != "hit"]
    assert len(verdicts) > 2 * len(KINDS)
    assert 1 - len(rest) / len(verdicts) >= FLOOR, "\n".join(rest)
