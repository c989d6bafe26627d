"""A `for` that is gone through again after a crash goes over the items that it went over before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowlang.runtime.errors import ReplayDisagrees
from flowlang.runtime.interpreter.alike import LONG, digest_of
from flowlang.runtime.masking import Mask
from flowlang.runtime.memory import MemoryShared
from tests.golden.run.script import Script, read
from tests.golden.run.test_replay import run
from tests.simulation.clock import Clock
from tests.simulation.journal import Rows

HEAD = """
import http

#! http: POST https://a.test/x -> 200 {"n": 1}
#! http: DELETE https://a.test/x -> 200 {}
#! config: {"key": "old-secret"}
#! expect: succeeded

config { key: secret }
function pull(old: bool) -> list[int] = python('shop:pull')
function double(n: int) -> int = python('shop:double')
"""

POST = """
    @concurrency(1)
    step loop = for n in {} {{
      step sent: int = http.post("https://a.test/x", json={{ n }}).json.n
        undo {{ do http.delete("https://a.test/x") }}
      yield sent
    }}
"""


def script(tmp_path: Path, body: str, head: str = "") -> Script:
    path = tmp_path / "items.flow"
    path.write_text(f"{HEAD}{head}\nflow main() -> any? {{\n{body}\n  return loop\n}}\n", encoding="utf-8")
    return read(path)


def resume(script: Script, limit: int, key: str = "new-secret", shared: MemoryShared | None = None) -> tuple[Any, Any]:
    """Run until so many entries are written, then on with another secret."""
    rows, clock, shared = Rows(), Clock(), shared or MemoryShared()
    assert run(script, rows, shared, clock, limit)[0] is None
    return run(replace(script, config={"key": key}), rows, shared, clock)


@pytest.mark.parametrize(
    "items",
    [
        "[1, 2, 3] if config.key == 'old-secret' else [3, 2, 1]",
        "[n for n in [1, 2, 3, 4] if n != (4 if config.key == 'old-secret' else 1)]",
        "chosen",
        "{ a: 1, b: 2 } if config.key == 'old-secret' else { a: 1, c: 2 }",
    ],
)
def test_other_items_of_the_same_number_are_an_error_that_names_the_step(tmp_path: Path, items: str) -> None:
    let = "  let chosen = [1, 2] if config.key == 'old-secret' else [2, 1]\n"
    flow = script(tmp_path, let + POST.format(items))
    with pytest.raises(ReplayDisagrees, match="`loop` went over other items before the run was resumed"):
        resume(flow, 2)
    assert resume(flow, 2, "old-secret")[0].status == "succeeded"


ROUNDS = """
    step loop = repeat n: int = {} {{
      step sent: int = http.post("https://a.test/x", json={{ n }}).json.n
        undo {{ do http.delete("https://a.test/x") }}
      step again: int = http.post("https://a.test/x", json={{ n, sent }}).json.n
      yield again next n + 1 if n < 3 else none
    }}
"""
CALLED = """
flow called(n: any) -> int {
  step sent: int = http.post("https://a.test/x", json={ n: 1 }).json.n
    undo { do http.delete("https://a.test/x") }
  step again: int = http.post("https://a.test/x", json={ sent }).json.n
  return again
}
#! flow: main
"""
CHANGED = "1 if config.key == 'old-secret' else 2"


def test_a_round_that_begins_with_another_value_is_an_error(tmp_path: Path) -> None:
    flow = script(tmp_path, ROUNDS.format(CHANGED))
    with pytest.raises(ReplayDisagrees, match=r"`loop\[0\]` began with another value before the run was resumed"):
        resume(flow, 4)
    assert resume(flow, 4, "old-secret")[0].status == "succeeded"


def test_a_flow_that_is_called_with_other_arguments_is_an_error(tmp_path: Path) -> None:
    flow = script(tmp_path, f"  step loop = called({CHANGED})\n", CALLED)
    with pytest.raises(ReplayDisagrees, match="`loop` called its flow with other arguments before"):
        resume(flow, 3)
    assert resume(flow, 3, "old-secret")[0].status == "succeeded"


def test_nothing_is_kept_of_calls_that_hang_on_what_is_pinned(tmp_path: Path) -> None:
    rows = Rows()
    body = ROUNDS.format(1) + "  step other = called(1)\n"
    run(script(tmp_path, body, CALLED), rows, MemoryShared(), Clock())
    assert not [row for row in rows.rows if row.entry.kind == "choice" and "given" in row.entry.data]  # type: ignore[operator]


def test_a_map_with_other_values_has_other_items(tmp_path: Path) -> None:
    flow = script(
        tmp_path, POST.format("{ a: 1, b: 1 if config.key == 'old-secret' else 2 }").replace("for n in", "for k, n in")
    )
    with pytest.raises(ReplayDisagrees, match="`loop` went over other items"):
        resume(flow, 2)


def test_items_that_a_called_flow_chooses_are_looked_at(tmp_path: Path) -> None:
    inner = "flow chosen() -> list[int] {\n  return [1, 2] if config.key == 'old-secret' else [2, 1]\n}\n"
    flow = replace(script(tmp_path, "  step items = chosen()\n" + POST.format("items"), inner), flow="main")
    with pytest.raises(ReplayDisagrees, match="`loop` went over other items"):
        resume(flow, 3)


def test_items_that_a_python_function_chooses_are_looked_at(tmp_path: Path) -> None:
    answers = "#! python: shop:pull -> [1, 2]\n#! python: shop:pull -> [2, 1]\n"
    flow = script(tmp_path, POST.format("pull(old=true)"), answers)
    rows, shared, clock = Rows(), MemoryShared(), Clock()
    assert run(flow, rows, shared, clock, 2)[0] is None
    again = replace(flow, world=[each for each in flow.world if each[2].body != [1, 2]])
    with pytest.raises(ReplayDisagrees, match="`loop` went over other items"):
        run(again, rows, shared, clock)


def test_a_loop_without_effect_that_calls_python_is_looked_at(tmp_path: Path) -> None:
    body = (
        "  step loop = for n in [1, 2] if config.key == 'old-secret' else [2, 1] {\n"
        "    step twice = double(n=n)\n    yield twice\n  }\n"
        '  step last: int = http.post("https://a.test/x", json={ loop }).json.n\n'
    )
    with pytest.raises(ReplayDisagrees, match="`loop` went over other items"):
        resume(script(tmp_path, body, "#! python: shop:double -> 2\n"), 3)


def test_a_secret_in_an_item_may_be_renewed(tmp_path: Path) -> None:
    body = POST.format("[{ id: 1, token: config.key }, { id: 2, token: 'none' }]").replace(
        "json={ n }", "json={ id: n.id }"
    )
    assert resume(script(tmp_path, body), 2)[0].status == "succeeded"


def test_nothing_is_kept_of_items_that_hang_on_what_is_pinned(tmp_path: Path) -> None:
    body = POST.format("[1, 2, 3]").replace("json={ n }", "json={ n }, headers={ Authorization: config.key }")
    rows = Rows()
    run(script(tmp_path, body), rows, MemoryShared(), Clock())
    assert rows.rows[0].entry.data == {"length": 3}


def test_a_run_of_before_goes_on_without_a_digest(tmp_path: Path) -> None:
    flow = script(tmp_path, POST.format("[1, 2] if config.key == 'old-secret' else [2, 1]"))
    rows, shared, clock = Rows(), MemoryShared(), Clock()
    run(flow, rows, shared, clock, 2)
    first = rows.rows[0]
    rows.rows[0] = type(first)(replace(first.entry, data={"length": 2}), 0, first.generation, first.retry)
    ended, _ = run(replace(flow, config={"key": "new-secret"}), rows, shared, clock)
    assert ended is not None
    assert ended.status == "succeeded"


LARGE = {"text": "x" * 2 * LONG, "list": list(range(LONG))}


@pytest.mark.parametrize(
    ("items", "others"),
    [
        ([1, 2], [2, 1]),
        (["12"], ["1", "2"]),
        ([[1], 2], [1, [2]]),
        ([{"a": LARGE, "n": 1}], [{"a": LARGE, "n": 2}]),
        ([{"a": LARGE}] * 3, [{"a": {**LARGE, "text": LARGE["text"] + "y"}}] * 3),
        ([LARGE["text"], "a"], [LARGE["text"], "b"]),
        ([[LARGE, [LARGE, None]]], [[LARGE, [LARGE, False]]]),
        (["\ud800"], ["\ud801"]),
    ],
)
def test_other_items_have_another_digest(items: list[object], others: list[object]) -> None:
    assert digest_of(items, Mask()) != digest_of(others, Mask())
    assert digest_of(items, Mask()) == digest_of(_copied(items), Mask())


def _copied(value: Any) -> Any:
    """The same value with no part in common."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return "".join(list(value)) if isinstance(value, str) else value


def test_a_large_part_of_many_items_is_written_once() -> None:
    """As JSON these would be 100 GB."""
    large = {"text": "x" * 1_000_000}
    assert digest_of([{"of": large, "n": n} for n in range(100_000)], Mask())
