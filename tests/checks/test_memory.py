"""A check of many files keeps the tree of none: nothing that it makes is part of a cycle."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from flowlang.compiler.pipeline import check_text

CLEAN = Path(__file__).parents[1] / "corpus" / "clean"


@pytest.mark.parametrize("name", ["incident_escalation", "payment_relay", "staged_rollout"])
def test_a_check_leaves_no_cycles(name: str) -> None:
    text = (CLEAN / f"{name}.flow").read_text(encoding="utf-8")
    check_text(text)
    gc.collect()
    gc.disable()
    try:
        check_text(text)
        assert gc.collect() == 0
    finally:
        gc.enable()
