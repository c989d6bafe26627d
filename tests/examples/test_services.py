"""The stand-in services: what they answer, what they log, how they fail when told to."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from examples.services import Services

BEARER = {"Authorization": "Bearer k"}


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


@pytest.fixture
def client(services: Services) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=services.url, trust_env=False, timeout=5) as opened:
        yield opened


def test_crm_reads_creates_changes_and_deletes(client: httpx.Client) -> None:
    assert client.get("/crm/leads/l1").json()["data"]["quality_score"] == 91
    made = client.post("/crm/leads", json={"email": "new@x.example"})
    assert made.status_code == 201
    lead_id = made.json()["data"]["id"]
    assert client.patch(f"/crm/leads/{lead_id}", json={"score": 5}).json()["data"]["score"] == 5
    assert client.get("/crm/leads", params={"email": "new@x.example"}).json()["data"][0]["id"] == lead_id
    assert client.delete(f"/crm/leads/{lead_id}").status_code == 204
    assert client.get(f"/crm/leads/{lead_id}").status_code == 404


def test_carriers_speak_three_dialects_and_want_a_token(client: httpx.Client) -> None:
    order = {"insurance_type": "auto"}
    assert client.post("/carrier_a/quotes", json=order).status_code == 401
    answers = {c: client.post(f"/carrier_{c}/quotes", json=order, headers=BEARER).json() for c in "abc"}
    assert answers["a"]["premium"] == 84.5
    assert answers["b"]["annual_premium_cents"] == 96330
    assert [offer["monthly"] for offer in answers["c"]["offers"]] == ["109.85", "84.50"]
    life = client.post("/carrier_c/quotes", json={"insurance_type": "life"}, headers=BEARER)
    assert life.json() == {"offers": []}


def test_a_carrier_lead_can_be_withdrawn(services: Services, client: httpx.Client) -> None:
    taken = client.post("/carrier_a/leads", json={"email": "a@x.example"}, headers=BEARER).json()
    assert taken["status"] == "accepted"
    assert client.delete(f"/carrier_a/leads/{taken['id']}", headers=BEARER).status_code == 204
    assert services.world.carriers["carrier_a"].leads == {}


def test_the_chat_model_scores_by_words_and_counts_tokens(client: httpx.Client) -> None:
    order = {"model": "m", "messages": [{"role": "user", "content": "urgent quote please"}]}
    answer = client.post("/llm/v1/chat/completions", json=order).json()
    assert answer["choices"][0]["message"]["content"] == '{"score": 54, "reason": "2 signs of interest"}'
    assert answer["usage"]["prompt_tokens"] == 3
    assert answer["usage"]["total_tokens"] == 3 + answer["usage"]["completion_tokens"]


def test_calls_are_logged_with_their_key(client: httpx.Client) -> None:
    client.post("/hooks/team", json={"text": "hi"}, headers={"Idempotency-Key": "k1"})
    client.get("/crm/leads/l1")
    report = client.get("/_calls").json()
    assert report["counts"] == {"POST /hooks/team": 1, "GET /crm/leads/l1": 1}
    assert [(c["route"], c["key"], c["status"]) for c in report["calls"]] == [
        ("POST /hooks/team", "k1", 200),
        ("GET /crm/leads/l1", None, 200),
    ]
    only = client.get("/_calls", params={"route": "GET /crm/*", "counts": "1"}).json()
    assert only == {"total": 1, "work": 1, "counts": {"GET /crm/leads/l1": 1}}


def test_failures_are_met_in_order_and_then_end(services: Services, client: httpx.Client) -> None:
    order = {"route": "GET /crm/*", "fail": [{"status": 503, "headers": {"Retry-After": "1"}}, {"status": 429}]}
    assert client.post("/_control", json=order).status_code == 200
    answers = [client.get("/crm/leads/l1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 429, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert services.work_of("GET /crm/leads/l1") == 1


def test_a_failure_may_last(services: Services, client: httpx.Client) -> None:
    services.fail("POST /hooks/*", {"status": 500, "times": "always"})
    assert {client.post("/hooks/a", json={"text": ""}).status_code for _ in range(5)} == {500}
    services.fail("POST /hooks/*")
    assert client.post("/hooks/a", json={"text": ""}).status_code == 200


def test_a_dropped_request_does_no_work_and_a_dropped_response_does(services: Services, client: httpx.Client) -> None:
    services.fail("POST /effects/x", {"drop": "request"}, {"drop": "response"})
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            client.post("/effects/x", json={})
    assert [call.worked for call in services.calls_of("POST /effects/x")] == [False, True]
    assert services.world.effects == {"POST x": 1}


def test_a_delay_goes_on_to_the_services_own_answer(services: Services, client: httpx.Client) -> None:
    services.fail("GET /crm/leads/l1", {"delay": 0.15})
    begun = time.monotonic()
    assert client.get("/crm/leads/l1").json()["data"]["id"] == "l1"
    assert time.monotonic() - begun >= 0.15


def test_an_answer_may_be_garbage(services: Services, client: httpx.Client) -> None:
    services.fail("GET /crm/*", {"text": "<html>"})
    answer = client.get("/crm/leads/l1")
    assert (answer.status_code, answer.text) == (200, "<html>")


def test_dedupe_answers_a_repeated_key_without_work(services: Services, client: httpx.Client) -> None:
    client.post("/_control", json={"dedupe": True})
    first, second = (
        client.post("/effects/x", json={"a": 1}, headers={"Idempotency-Key": "same"}).json() for _ in range(2)
    )
    assert first == second
    assert services.world.effects == {"POST x": 1}
    assert [call.replayed for call in services.calls_of("POST /effects/x")] == [False, True]


def test_without_dedupe_a_repeated_key_works_twice(services: Services, client: httpx.Client) -> None:
    for _ in range(2):
        client.post("/effects/x", json={}, headers={"Idempotency-Key": "same"})
    assert services.work_of("POST /effects/x") == 2


@pytest.mark.parametrize(
    "order", [{"route": "GET /x", "fail": [{"stauts": 1}]}, {"rout": "x"}, [1], {"route": "x", "fail": [{"drop": 3}]}]
)
def test_a_wrong_order_is_refused(client: httpx.Client, order: object) -> None:
    assert client.post("/_control", json=order).status_code == 400


def test_reset_brings_back_the_first_day(services: Services, client: httpx.Client) -> None:
    client.post("/hooks/team", json={"text": "hi"})
    client.post("/_control", json={"reset": True})
    assert services.calls == []
    assert services.world.snapshot()["team"] == []


def test_bad_bodies_and_unknown_paths_are_answers_not_crashes(client: httpx.Client) -> None:
    assert client.post("/crm/leads", content=b"{nonsense").status_code == 400
    assert client.post("/crm/leads", json=[]).status_code == 400
    assert client.get("/nothing/here").status_code == 404
    assert client.get("/crm/leads/l1").status_code == 200


def test_chunked_bodies_and_head(client: httpx.Client) -> None:
    assert client.post("/echo", content=iter([b"ab", b"cd"])).json()["text"] == "abcd"
    assert client.head("/echo").content == b""


def test_as_a_process_it_writes_its_port(tmp_path: Path, root: Path) -> None:
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "examples.services", "--port-file", str(port_file)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            port = port_file.read_text()
            assert line == f"stand-in services on http://127.0.0.1:{port}\n"
            assert httpx.get(f"http://127.0.0.1:{port}/crm/leads/l1", trust_env=False).status_code == 200
        finally:
            process.terminate()


def test_a_taken_port_is_said_in_one_line(services: Services, root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.services", "--port", str(services.port)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"cannot listen on port {services.port}:")
    assert len(done.stderr.splitlines()) == 1
