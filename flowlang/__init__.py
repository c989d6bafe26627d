"""flowlang: a declarative, typed language for durable workflows.

The public API is `__all__` and nothing else; everything else may change between versions.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
