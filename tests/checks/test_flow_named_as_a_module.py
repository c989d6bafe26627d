"""Rules about HTTP calls leave a flow alone whose name is a module's elsewhere."""

from __future__ import annotations

from flowlang.compiler.pipeline import check_text

TEXT = """\
import http as web
config { api: url }
type Found { status: int, id: string }
flow webhook(id: string) -> Found {
  step a: Found = web.get("{{ config.api }}/{{ id }}").json
  return a
}
flow f(id: string) -> bool {
  step a = webhook(id)
  return a.status == 404
}
"""


def test_no_status_of_a_flow_is_impossible() -> None:
    assert not check_text(TEXT, "a.flow").diagnostics
