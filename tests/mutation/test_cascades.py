"""One fault, one error: what mutation once found to give several."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text

HEAD = """import http
config { api: url = "https://api.example.com" }
type Order { id: string, kind: 'small' | 'large', note: string?, count: int }
"""
CASES = {
    "a ternary without else may be of any type": """
flow run(order: Order) -> int {
  return order.count if order.kind == 'small'
}
""",
    "the name of a broken step behind annotations is known": """
flow run() -> any {
  @retry('linear', attempts=3, delay=1s)
  step page = http.get(config.api "x").json
  return [page, page]
}
""",
    "the name of a broken item behind annotations is known": """
@timeout(5s, total=10s)
sevrice shop {
  base_url = "https://shop.example.com"
}
flow run() {
  do shop.get("/x")
}
""",
}


@pytest.mark.parametrize("name", CASES)
def test_one_fault_gives_one_error(name: str) -> None:
    found = check_text(HEAD + CASES[name]).diagnostics
    errors = [f"{each.rule}: {each.message}" for each in found if each.severity == "error"]
    assert len(errors) == 1, errors
