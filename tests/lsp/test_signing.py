"""Signature help: the call around the cursor, and which of its parameters is being written."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp.asking import Asked
from tests.lsp.test_completion import asked

SPEED = "function f(order: string, speed: string = 'fast', on_time: bool = true) -> string = order\n"


@pytest.mark.parametrize(
    ("line", "name", "active"),
    [
        ("  step z = http.get(‸", "http.get", 0),
        ("  step z = http.get('😀', ‸)", "http.get", 1),
        ("  step z = http.get('😀', accept=‸)", "http.get", 3),
        ("  step z = http.get('😀', accept=[‸])", "http.get", 3),
        ("  let y = twice(‸", "twice", 0),
        ("  let y = 'a' | replace('😀', ‸)", "replace", 2),
        ("  @retry('fixed', attempts=‸)\n  step z = http.get(config.crm)", "@retry", 1),
        ('  let y = "😀 {{ twice(‸) }}"', "twice", 0),
        ("  let y = twice(x=twice(‸))", "twice", 0),
        ("  if true { step z = http.get(‸) }", "http.get", 0),
        ("  if true { do http.get('😀', ‸ }", "http.get", 1),
    ],
)
def test_signature_help(line: str, name: str, active: int) -> None:
    found = asked(line).ask(types.TEXT_DOCUMENT_SIGNATURE_HELP)
    assert found is not None
    assert name in found.signatures[0].label
    assert found.active_parameter == active


@pytest.mark.parametrize(
    ("call", "label", "active"),
    [
        ("step z = http.get('😀', ‸)", "action http.get(", 1),
        ("step z = http.get('😀', accept=‸)", "action http.get(", 3),
        ("step z = http.gt(‸)", "", None),
        ("let z = 'a' | json.pointer(‸)", "function json.pointer(", 1),
        ("let http = 'a'\n  step z = http.get(‸)", "", None),
    ],
)
def test_a_module_that_is_not_imported_yet(call: str, label: str, active: int | None) -> None:
    found = Asked(f"flow f() {{\n  {call}\n}}\n").ask(types.TEXT_DOCUMENT_SIGNATURE_HELP)
    assert (found is None) == (not label)
    assert found is None or (found.signatures[0].label.startswith(label), found.active_parameter) == (True, active)


def test_no_signature_outside_of_a_call() -> None:
    assert asked("  let y = 1 ‸").ask(types.TEXT_DOCUMENT_SIGNATURE_HELP) is None
    assert asked("  # f(‸").ask(types.TEXT_DOCUMENT_SIGNATURE_HELP) is None


@pytest.mark.parametrize(
    ("call", "active"),
    [
        ("f(‸, speed='slow')", 0),
        ("f(‸ speed='slow')", 0),
        ("f(‸speed='slow')", 1),
        ("f(\n  ‸\n  speed='slow')", 0),
        ("f(speed='slow', ‸)", 0),
        ("f(speed='slow', o‸", 0),
        ("f(speed='slow', on‸", 2),
        ("f('😀', sp‸eed='slow')", 1),
        ("f('a', 'b', true, ‸)", None),
        ("'x' | f(on_time=true, ‸)", 1),
    ],
)
def test_the_parameter_that_an_argument_will_fill(call: str, active: int | None) -> None:
    found = Asked(f"{SPEED}let y = {call}\n").ask(types.TEXT_DOCUMENT_SIGNATURE_HELP)
    assert found is not None
    assert found.active_parameter == active


def test_defaults_are_shown() -> None:
    shown = asked("  @retry(‸)\n  step z = http.get(config.crm)").ask(types.TEXT_DOCUMENT_SIGNATURE_HELP).signatures[0]
    assert "attempts: int(ge=1, le=1000) = 3, delay: duration = 1s" in shown.label
    assert all(each.label in shown.label for each in shown.parameters)
    own = Asked(f"{SPEED}let y = f(‸)\n").ask(types.TEXT_DOCUMENT_SIGNATURE_HELP).signatures[0]
    assert own.label == SPEED.partition(" =")[0] + " = 'fast', on_time: bool = true) -> string"
    long = Asked("function g(x: list[string] = ['" + "a" * 60 + "']) -> int = 1\nlet y = g(‸)\n")
    assert "= …)" in long.ask(types.TEXT_DOCUMENT_SIGNATURE_HELP).signatures[0].label


def test_the_body_may_stand_on_the_line_of_the_call() -> None:
    found = Asked("import http\n\nflow f() { step a = http.get(‸) }\n").ask(types.TEXT_DOCUMENT_SIGNATURE_HELP)
    assert found is not None
    assert "http.get" in found.signatures[0].label


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_open_call_ends_with_its_line_however_that_ends(end: str) -> None:
    text = f"{SPEED}\nflow g() {{\n  step a = f(‸\n  step b = f('x')\n}}\n".replace("\n", end)
    found = Asked(text).ask(types.TEXT_DOCUMENT_SIGNATURE_HELP)
    assert found is not None
    assert found.active_parameter == 0
