"""Idempotency keys: the same for every try of one effect, however often the process dies; another for every poll and
generation.
"""

from __future__ import annotations

from hashlib import sha256


def derived_key(run_id: str, step: str, poll: int, generation: int) -> str:
    """32 hexadecimal digits from the run, the step's path, the poll's number (0: no poll) and the step's generation."""
    text = "\0".join((run_id, step, str(poll), str(generation)))
    return sha256(text.encode()).hexdigest()[:32]
