"""Which steps refer to undone ones: in each place where a reference can stand, and only there."""

from __future__ import annotations

import pytest

from flowlang.runtime.journal import EntryKind
from flowlang.store.dependents import dependents
from flowlang.store.history import Generations, Row, live, reset_steps
from tests.golden.run.play import plan_of
from tests.store.conftest import value

HEAD = """\
import http

type R { id: string }

flow main() {
  step order: R = http.post("https://a.test/order").json
    undo { do http.delete("https://a.test/order") }
  step other: R = http.post("https://a.test/other").json
"""


def found(body: str, keys: str, undone: str = "order") -> list[str]:
    """What refers to undone steps in a flow whose journal has values under these keys; other kinds are `key:kind`."""
    entries: set[tuple[str, EntryKind]] = set()
    for key in f"order other {keys}".split():
        path, _, kind = key.partition(":")
        entries.add((path, kind or "value"))  # type: ignore[arg-type]
    return sorted(dependents(plan_of("f.flow", HEAD + body + "}\n", None), entries, undone.split()))


CALL = 'http.post("https://a.test/"'
GET = 'http.get("https://a.test/'
IF = f"""\
step a = if order.id == "x" {{
  step b = {CALL})
  yield 1
}} else {{
  yield 2
}}
"""
FOR = f"""\
for x in [1, 2] {{
  step b = {CALL}, json=x)
  do {CALL}, json={{ b: b.status, id: order.id }})
}}
"""
PARALLEL = f"""\
step p = parallel {{
  step x = {CALL}, json=order)
  step y = {CALL})
}}
step a = {CALL}, json=p.y.status)
"""
RACE = f"""\
step r = race {{
  step x = {GET}x/{{{{ order.id }}}}").json
  step y = {GET}y").json
}}
step a = {CALL}, json=r)
"""
HANDLED = f"""\
step a = {CALL}).json
  catch {{ yield order.id }}
"""


@pytest.mark.parametrize(
    ("body", "keys", "again"),
    [
        (f"step a = {CALL}, json=order)", "a", "a"),
        (f"step a = {CALL}, json=order)", "a:failed", "a"),
        (f"step a = {CALL}, json=order)", "", ""),
        (f"step a = {CALL}, json=other)", "a", ""),
        (f"step a = {CALL})\n after order", "a", ""),
        (f"let l = order.id\n let m = l\n step p = m ~ 'x'\n step a = {CALL}, json=p)", "a", "a"),
        (f"step a = {CALL})\n when order.id == 'x'", "a:skipped", "a"),
        (f"step a = {CALL})\n ensure order.id == 'x'", "a", "a"),
        (f"step a = {CALL})\n undo {{ do {CALL}, json=order) }}", "a", "a"),
        (HANDLED, "a", ""),
        (HANDLED, "a:failed a:handled", "a"),
        (IF, "a:choice a.then.b", "a"),
        (FOR, "for_1:choice for_1[0].b for_1[0].post for_1[1].b for_1[1].post", "for_1[0].post for_1[1].post"),
        (PARALLEL, "p.x p.y a", "a p.x"),
        (RACE, "r:choice r.y a", "a r"),
    ],
)
def test_where_a_reference_stands(body: str, keys: str, again: str) -> None:
    assert found(body, keys) == again.split()


WON = f"""\
step r = race {{
  step x = sequence {{
    step b = {CALL})
      undo {{ do {CALL}) }}
    yield 1
  }}
  step y = {GET}y").json
}}
step a = {CALL}, json=r)
"""


@pytest.mark.parametrize(("keys", "again"), [("r:choice r.x.b a", "a r"), ("r.x.b a", "")])
def test_a_race_whose_winner_was_undone_may_give_another_value(keys: str, again: str) -> None:
    assert found(WON, keys, "r.x.b") == again.split()


def test_items_are_told_apart() -> None:
    body = """\
  for x in [1, 2] {
    step b: R = http.post("https://a.test/", json=x).json
      undo { do http.delete("https://a.test/") }
    do http.post("https://a.test/", json=b)
  }
"""
    keys = "for_1:choice for_1[0].b for_1[0].post for_1[1].b for_1[1].post"
    assert found(body, keys, "for_1[1].b") == ["for_1[1].post"]


def test_a_later_round_begins_with_what_an_earlier_one_gave() -> None:
    body = """\
  step r = repeat page: int = 1 {
    step b: { n: int } = http.post("https://a.test/", json=page).json
      undo { do http.delete("https://a.test/") }
    yield b.n next b.n if b.n < 9 else none
  }
  step a = http.post("https://a.test/", json=r)
"""
    keys = "r[0].b r[0]:choice r[1].b r[1]:choice r[2].b r[2]:choice a"
    assert found(body, keys, "r[1].b") == ["a", "r[2]"]


def test_a_once_step_that_failed_is_not_started_again() -> None:
    body = """\
  @once
  step a = http.post("https://a.test/", json=order)
  step b = http.post("https://a.test/", json=order)
"""
    entries = [
        value("order"),
        value("a", None, "started"),
        value("a", {"error": {"kind": "http"}}, "failed"),
        value("b"),
        value("order", {"error": None}, "undone"),
    ]
    rows = [Row(entry, i, 0, 0) for i, entry in enumerate(entries)]
    plan = plan_of("f.flow", HEAD + body + "}\n", None)
    resets = reset_steps(rows, Generations(), 0, plan)
    assert resets == ["a", "b", "order"]
    counting = {(row.entry.key, row.entry.kind) for row in live(rows, Generations(resets), 1)}
    assert counting == {("a", "started"), ("a", "failed")}
