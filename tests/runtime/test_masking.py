"""Secrets in values and messages: what is found, what stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowlang.runtime.actions.exchange import Answer
from flowlang.runtime.errors import RunError
from flowlang.runtime.masking import Mask, secrets_in
from flowlang.types import model


def mask(*secrets: object) -> Mask:
    made = Mask()
    for secret in secrets:
        made.add(secret)
    return made


def test_values_without_secrets_stay_the_same_objects() -> None:
    value = {"a": ["b", 1, None], "c": {"d": "hunter"}}
    assert mask("hunter2-hunter2").value(value) is value
    assert Mask().value(value) is value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hunter2-hunter2", "***"),
        ("Bearer hunter2-hunter2!", "Bearer ***!"),
        ({"hunter2-hunter2": ["x", {"y": "hunter2-hunter2"}]}, {"***": ["x", {"y": "***"}]}),
        ([1, None, True, 1.5, "2retnuh-2retnuh"], [1, None, True, 1.5, "***"]),
    ],
)
def test_values_with_secrets(value: Any, expected: Any) -> None:
    assert mask("hunter2-hunter2").value(value) == expected


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize("secret", ["pässwörd-12345678", "password-12345678-é", "sk-ß-€-" + "0123456789" * 6])
def test_secrets_whose_bytes_are_read_in_another_encoding(secret: str, encoding: str) -> None:
    read = secret.encode().decode(encoding)
    made = mask(secret)
    assert made.text(f"Bearer {read}") == "Bearer ***"
    assert made.value({"sent": [read, json.dumps(read)]}) == {"sent": ["***", '"***"']}


@pytest.mark.parametrize("end", ["é-more-of-it", "é-MORE-of-it", "Ã©-more-of-it"])
def test_a_secret_that_a_message_cuts_off_behind_where_another_begins_too(end: str) -> None:
    made = mask("password-12345678-é-more-of-it", "password-12345678-é-MORE-of-it")
    assert made.text(f"got text 'password-12345678-{end[:-2]}…'") == "got text '***…'"


def test_an_answer_keeps_what_it_knows() -> None:
    answer = Answer(text="hunter2-hunter2")
    answer.reason = "it is empty"
    masked: Any = mask("hunter2-hunter2").value(answer)
    assert masked == {"text": "***"}
    with pytest.raises(RunError, match="it is empty"):
        masked["json"]


def test_short_secrets_are_taken_out_of_messages_only() -> None:
    made = mask("admin", "abc")
    assert made.value("an admin of abc") == "an admin of abc"
    assert made.text("an admin of abc") == "an *** of abc"
    assert made.shown({"user": "admin"}) == {"user": "***"}


def test_a_secret_that_a_message_cuts_off() -> None:
    secret = "sk-" + "0123456789" * 6
    assert mask(secret).text(f"expected an int, got text '{secret[:39]}…'") == "expected an int, got text '***…'"
    assert mask(secret).text("sk-01234") == "sk-01234"


def test_of_a_secret_address_the_host_may_be_named() -> None:
    made = mask("https://hooks.example.com/services/T0/B1/xyzzy")
    assert made.text("no answer from hooks.example.com") == "no answer from hooks.example.com"
    assert made.text("404 for /services/T0/B1/xyzzy") == "404 for ***"


def test_only_what_the_type_says_is_secret() -> None:
    token = model.RecordOf(
        "Token", (model.Field("kind", model.STRING), model.Field("value", model.Secret(model.STRING)))
    )
    value = [{"kind": "Bearer", "value": "hunter2"}]
    assert list(secrets_in(model.List(token), value)) == ["hunter2"]
    assert list(secrets_in(model.Map(model.Secret(model.INT)), {"pin": 123456})) == [123456]


def test_numbers_and_parts_of_secret_values_are_known() -> None:
    made = mask({"user": "bird-of-prey", "pin": 123456})
    assert made.text("bird-of-prey has 123456") == "*** has ***"
