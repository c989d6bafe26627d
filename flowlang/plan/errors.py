"""What is wrong with a stored plan, in one sentence."""

from __future__ import annotations


class PlanError(Exception):
    """A plan that cannot be used: another version, truncated, changed by hand, or of a wrong shape.

    The message names the place.
    """
