"""Findings for machines, one JSON object a line: each as in the `diagnostics` of the JSON contract."""

from __future__ import annotations

import json

from flowlang.render.json import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowlang.diagnostics import Diagnostic
    from flowlang.source import Source


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source], files: int) -> str:
    """Render findings, each on its line."""
    return "".join([json.dumps(to_json(found, sources), separators=(",", ":")) + "\n" for found in diagnostics])
