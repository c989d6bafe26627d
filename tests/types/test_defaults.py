"""Defaults of fields are complete values of their types."""

from __future__ import annotations

from typing import Any

import pytest

from flowlang.types import model
from flowlang.types.defaults import completed
from flowlang.types.join import optional, union
from flowlang.types.model import Field, List, LiteralOf, Map, RecordOf, Secret

INNER = RecordOf("", (Field("x", model.INT), Field("y", model.STRING, ("why",))))
TAGGED = [
    RecordOf("", (Field("kind", LiteralOf(kind, "string")), Field("n", model.INT, (n,)))) for kind, n in ("a1", "b2")
]


@pytest.mark.parametrize(
    ("of", "given", "expected"),
    [
        (INNER, {"x": 1}, {"x": 1, "y": "why"}),
        (INNER, {"x": 1, "y": None}, {"x": 1, "y": "why"}),
        (optional(INNER), {"x": 1}, {"x": 1, "y": "why"}),
        (Secret(INNER), {"x": 1}, {"x": 1, "y": "why"}),
        (List(INNER), [{"x": 1}], [{"x": 1, "y": "why"}]),
        (Map(List(INNER)), {"k": [{"x": 1}]}, {"k": [{"x": 1, "y": "why"}]}),
        (RecordOf("", (Field("at", INNER),)), {"at": {"x": 1}}, {"at": {"x": 1, "y": "why"}}),
        (union(TAGGED), {"kind": "b"}, {"kind": "b", "n": "2"}),
    ],
)
def test_what_its_own_fields_default_to_is_in_it(of: model.Type, given: Any, expected: Any) -> None:
    assert completed(given, of) == expected


@pytest.mark.parametrize(
    ("of", "given"),
    [
        (INNER, {"x": "one"}),  # it is reported
        (INNER, {}),
        (List(model.INT), [1, 2]),
        (Map(model.ANY), {"y": None}),
    ],
)
def test_any_other_is_itself(of: model.Type, given: Any) -> None:
    assert completed(given, of) is given
