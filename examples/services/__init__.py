"""Stand-in HTTP services for examples and tests: real sockets on loopback, failures on demand, every call logged."""

from __future__ import annotations

from examples.services.server import Services

__all__ = ["Services"]
