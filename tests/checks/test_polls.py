"""What the help says against a poll without an end may be written as it stands there."""

from __future__ import annotations

import re

import pytest

from flowlang.compiler.pipeline import check_text

FLOW = """\
import http

config {{ api: url }}

flow f(id: string(min_length=1)) -> any {{
  {above}
  step x = {value}
    until x.done every 5s
  return [id, x]
}}
"""
CALL = 'http.get("{{ config.api }}/x/{{ id }}").json'
PURE = "{ done: id == 'x' }"


def errors(text: str) -> list[tuple[str, str]]:
    """The rules and helps of what is wrong with a flow."""
    return [(each.rule, each.help) for each in check_text(text, "x.flow").diagnostics if each.severity == "error"]


@pytest.mark.parametrize(
    ("above", "value", "rule"),
    [
        ("@timeout(5s)", CALL, "unbounded-poll"),
        ("@timeout(each=5s)", CALL, "unbounded-poll"),
        ("## No time.", CALL, "missing-timeout"),
        ("## Nothing called.", PURE, "missing-timeout"),
        ("@timeout(5s)", PURE, "missing-timeout"),
        ("@timeout()", CALL, "missing-timeout"),
    ],
)
def test_help_may_be_written_as_it_stands(above: str, value: str, rule: str) -> None:
    text = FLOW.format(above=above, value=value)
    ((found, help),) = errors(text)
    assert found == rule
    clause, *annotation = re.findall(r"`([^`]+)`", help)
    assert not errors(text.replace("until x.done every 5s", clause))
    if value == CALL:
        assert not errors(text.replace(above, annotation[0]))
    else:
        assert not annotation


def test_a_long_condition_is_not_repeated() -> None:
    text = FLOW.format(above="@timeout(5s)", value=CALL).replace("x.done", f"x.done or id == '{'y' * 60}'")
    ((_, help),) = errors(text)
    assert help == "bound it: `until … for 10m`, or `@timeout(5s, total=10m)`"
