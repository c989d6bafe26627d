"""Laws that are held to some examples by `make check`, and to many by `make soak`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy


def depth(of: str, usual: int, soak: int) -> pytest.MarkDecorator:
    """Give a test its parameter that says how much there is to do."""
    thorough = pytest.param(soak, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])
    return pytest.mark.parametrize(of, [usual, thorough])


def law(
    *strategies: SearchStrategy[Any], usual: int, soak: int
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a test of what holds for all that is drawn, as hypothesis' `given`; `usual` and `soak` count examples."""

    def made(holds: Callable[..., None]) -> Callable[..., None]:
        @depth("examples", usual, soak)
        def test(examples: int) -> None:
            settings(max_examples=examples)(given(*strategies)(holds))()

        test.__name__, test.__doc__ = holds.__name__, holds.__doc__
        return test

    return made
