"""Every example is checked, formatted, planned and run against the stand-in services, and does what its page says."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from examples.__main__ import Example, names
from examples.services import Services
from tests.forked import Forked

Result = dict[str, Any]
Run = Callable[..., Result]


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


def flowlang(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    process = Forked(list(arguments), Path.cwd(), {**os.environ, **(env or {})})
    out, err = process.communicate(b"", timeout=60)
    return subprocess.CompletedProcess(arguments, process.wait(), out.decode(), err.decode())


@pytest.fixture
def run(services: Services, tmp_path: Path) -> Run:
    """Run an example with its own failures unless others are given; gives what `run --format json` prints."""

    def start(name: str, *, fail: list[dict[str, Any]] | None = None, **inputs: Any) -> Result:
        example = Example.load(name)
        example = replace(example, fail=example.fail if fail is None else fail, input={**example.input, **inputs})
        example.order_failures(services)
        command = example.commands(["--format", "json", "--db", str(tmp_path / "runs.db")])[-1]
        done = flowlang(*command, env=example.environment(services))
        assert done.returncode in (0, 1), done.stderr
        result: Result = json.loads(done.stdout)
        assert (result["status"] == "succeeded") == (done.returncode == 0)
        return result

    return start


def step(result: Result, key: str) -> Result:
    """The step of a run with this key."""
    return next(found for found in result["steps"] if found["key"] == key)


def down(route: str) -> dict[str, Any]:
    return {"route": route, "outcomes": [{"status": 503, "times": "always"}]}


def test_there_is_a_page_for_every_example(root: Path) -> None:
    assert names() == [
        "agent_training",
        "discount_approval",
        "email_to_crm",
        "lead_digest",
        "lead_routing",
        "lead_submission",
        "quote_comparison",
    ]
    assert all((root / "examples" / name / "README.md").is_file() for name in names())


@pytest.mark.parametrize("name", names())
def test_it_is_clean_even_to_the_strict(name: str) -> None:
    done = flowlang("check", "--fail-on", "info", str(Example.load(name).file))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", names())
def test_it_is_in_canonical_style(name: str) -> None:
    done = flowlang("fmt", "--check", "--diff", str(Example.load(name).file))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", names())
def test_its_plan_names_every_step(name: str) -> None:
    example = Example.load(name)
    done = flowlang("plan", str(example.file), "--flow", example.flow)
    assert done.returncode == 0, done.stderr
    steps = [
        line.split()[1].rstrip(":") for line in example.file.read_text().splitlines() if line.startswith("  step ")
    ]
    main = example.file.read_text().split(f"flow {example.flow}(")[0].count("\n  step ")
    assert steps[main:]
    assert [key for key in steps[main:] if key not in done.stdout] == []


def test_the_command_of_the_readme_shows_all_three(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples", "lead_submission", "--db", str(tmp_path / "runs.db")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told = [shlex.split(line) for line in done.stderr.splitlines() if line.startswith("$ ")]
    assert [words[words.index("flowlang") + 1] for words in told] == ["check", "plan", "run"]
    assert "POST /hooks/team" in done.stderr


def test_an_approval_waits_for_its_event(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples", "discount_approval", "--db", str(tmp_path / "runs.db")],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "is parked until" in done.stderr
    told = [shlex.split(line)[1:] for line in done.stderr.splitlines() if line.startswith("$ ")]
    emit = [
        "flowlang",
        "events",
        "emit",
        "discount.decided",
        "--key",
        "l1",
        "--data",
        '{"approved": true, "by": "Ann"}',
    ]
    assert [words[: len(emit)] for words in told].count(emit) == 1
    assert [words[0].split("=")[0] for words in told if words[0] != "flowlang"] == ["FLOW_CRM", "FLOW_CRM"]
    assert done.stdout.endswith('"granted"\n')
    assert [line.split()[2] for line in done.stderr.splitlines() if "/notes" in line] == ["/crm/leads/l1/notes"]


class TestLeadSubmission:
    def test_retries_one_carrier_and_goes_on_without_another(self, run: Run, services: Services) -> None:
        result = run("lead_submission")
        assert result["output"] == {
            "lead_id": "l1",
            "accepted": ["carrier_a", "carrier_b"],
            "status": "submitted",
        }
        assert step(result, "receipts.b")["attempts"] == 3
        assert len(services.calls_of("POST /carrier_b/leads")) == 3
        assert len({call.key for call in services.calls_of("POST /carrier_b/leads")}) == 1
        assert len(services.calls_of("POST /carrier_c/leads")) == 2
        assert services.calls_of("POST /carrier_a/leads")[0].headers["authorization"] == "Bearer key-of-the-demo"
        assert services.world.team.messages == ["Lead l1 went to carrier_a, carrier_b"]

    def test_a_poor_lead_reaches_no_carrier(self, run: Run, services: Services) -> None:
        result = run("lead_submission", lead_id="l4")
        assert result["status"] == "failed"
        assert "scores only 12" in json.dumps(result["error"])
        assert services.calls_of("POST /carrier_*") == []
        assert services.world.team.messages == ["Lead l4 was not submitted: lead l4 scores only 12"]

    def test_a_dry_run_reads_and_does_nothing(self, run: Run, services: Services) -> None:
        result = run("lead_submission", dry_run=True)
        assert result["output"]["status"] == "dry_run"
        assert {call.route for call in services.calls} == {"GET /crm/leads/l1"}

    def test_what_the_carriers_took_is_withdrawn_if_the_note_fails(self, run: Run, services: Services) -> None:
        result = run("lead_submission", fail=[down("POST /crm/leads/*/notes")])
        assert result["status"] == "failed"
        assert len(services.calls_of("POST /carrier_*/leads")) == 3
        assert len(services.calls_of("DELETE /carrier_*/leads/*")) == 3
        assert [carrier.leads for carrier in services.world.carriers.values()] == [{}, {}, {}]

    def test_nobody_takes_it(self, run: Run, services: Services) -> None:
        result = run("lead_submission", fail=[down("POST /carrier_*/leads")])
        assert result["output"] == {"lead_id": "l1", "accepted": [], "status": "refused"}
        assert services.world.team.messages == []


class TestQuoteComparison:
    def test_a_slow_carrier_is_left_out(self, run: Run, services: Services) -> None:
        result = run("quote_comparison")
        assert result["output"] == {
            "best": {"carrier": "carrier_b", "monthly": 80.28},
            "saving": 4.22,
            "quotes": [{"carrier": "carrier_b", "monthly": 80.28}, {"carrier": "carrier_c", "monthly": 84.5}],
            "silent": ["carrier_a"],
        }
        assert len(services.calls_of("POST /carrier_a/quotes")) == 2

    def test_all_three_answer(self, run: Run) -> None:
        output = run("quote_comparison", fail=[], insurance_type="home")["output"]
        assert [quote["carrier"] for quote in output["quotes"]] == ["carrier_b", "carrier_a", "carrier_c"]
        assert output["silent"] == []

    def test_a_carrier_without_offers(self, run: Run) -> None:
        output = run("quote_comparison", fail=[], insurance_type="life")["output"]
        assert output["silent"] == ["carrier_c"]

    def test_an_answer_of_another_shape_is_a_silent_carrier(self, run: Run) -> None:
        garbage = {"route": "POST /carrier_b/quotes", "outcomes": [{"json": {"price": 1}, "times": "always"}]}
        assert run("quote_comparison", fail=[garbage])["output"]["silent"] == ["carrier_b"]

    def test_nobody_quotes(self, run: Run) -> None:
        result = run("quote_comparison", fail=[down("POST /carrier_*/quotes")])
        assert result["status"] == "failed"
        assert "no carrier quotes auto insurance today" in json.dumps(result["error"])

    def test_an_unknown_kind_of_insurance_is_refused_before_anything_runs(self, services: Services) -> None:
        example = replace(Example.load("quote_comparison"), input={"insurance_type": "boat"})
        done = flowlang(*example.commands([])[-1], env=example.environment(services))
        assert done.returncode == 2
        assert "insurance_type" in done.stderr
        assert services.calls == []


class TestLeadRouting:
    def test_a_vip_is_noted_and_announced(self, run: Run, services: Services) -> None:
        result = run("lead_routing")
        assert result["output"] == {"lead_id": "l5", "desk": "home_senior_desk", "vip": True, "priority": "high"}
        assert services.world.team.messages == ["VIP lead l5 is at home_senior_desk: VIP, handled by home_senior_desk"]
        assert services.world.crm.leads["l5"]["desk"] == "home_senior_desk"

    @pytest.mark.parametrize(
        ("lead", "desk", "priority"),
        [("l1", "auto_desk", "high"), ("l2", "home_desk", "normal"), ("l3", "abroad_desk", "normal"),
         ("l4", "auto_desk", "low")],
    )  # fmt: skip
    def test_others_go_to_their_desk_in_silence(
        self, run: Run, services: Services, lead: str, desk: str, priority: str
    ) -> None:
        result = run("lead_routing", lead_id=lead)
        assert result["output"] == {"lead_id": lead, "desk": desk, "vip": False, "priority": priority}
        assert step(result, "note")["status"] == "skipped"
        assert services.world.team.messages == []


class TestEmailToCrm:
    def test_a_crm_that_times_out_hands_the_message_over(self, run: Run, services: Services) -> None:
        result = run("email_to_crm")
        assert result["output"] == {
            "outcome": "handed_over",
            "reason": "the CRM did not answer",
            "score": 90,
        }
        assert services.world.mail.sent[0]["subject"] == "Please enter by hand: Urgent: cover for our fleet"
        assert services.world.mail.messages["m1"]["archived"]
        assert len(services.calls_of("POST /llm/v1/chat/completions")) == 2

    def test_tokens_and_cost_are_summed(self, run: Run) -> None:
        result = run("email_to_crm", fail=[])
        meters = step(result, "score")["meter"]
        assert meters["tokens"] > 20
        assert meters["cost"] == pytest.approx(meters["tokens"] * 0.002 / 1000)

    def test_a_good_message_is_stored(self, run: Run, services: Services) -> None:
        result = run("email_to_crm", fail=[])
        assert result["output"] == {"outcome": "stored", "lead_id": "l6", "score": 90}
        assert services.world.crm.leads["l6"]["company"] == "Acme Logistics"

    def test_a_sender_nobody_knows_is_no_failure(self, run: Run, services: Services) -> None:
        result = run("email_to_crm", fail=[], message_id="m2")
        assert result["output"]["outcome"] == "archived"
        assert services.calls_of("POST /crm/leads") == []


class TestLeadDigest:
    def test_one_mail_in_html_and_in_plain_text(self, run: Run, services: Services) -> None:
        services.world.crm.leads["l3"]["insurance_type"] = "<b>life</b>"
        result = run("lead_digest", least=70)
        assert result["output"] == {"to": "sales@desk.example", "leads": 3, "mail_id": "out-1"}
        (sent,) = services.world.mail.sent
        assert sent["subject"] == "3 leads to call"
        assert "<td>&lt;b&gt;life&lt;/b&gt;</td>" in sent["html"]
        assert "<td>96 ★</td>" in sent["html"]
        assert "<td>unknown</td>" in sent["html"]
        assert sent["text"].splitlines()[1:4] == [
            "",
            "1. mary@somerville.example, home, 96",
            "2. ada@acme.example, auto, 91",
        ]
        assert sent["text"].endswith("\n2 with a lower score are not shown.")

    def test_nobody_is_good_enough(self, run: Run, services: Services) -> None:
        run("lead_digest", least=100)
        (sent,) = services.world.mail.sent
        assert "<p>Nobody scores 100 or more this week.</p>" in sent["html"]
        assert "<table>" not in sent["html"]


class TestAgentTraining:
    def test_quizzes_are_sat_until_passed(self, run: Run, services: Services) -> None:
        result = run("agent_training")
        assert result["output"] == {
            "agent": "Ada",
            "path": "Claims handling",
            "passed": True,
            "certificate": "C-0001",
            "results": [
                {"course": "basics", "passed": True, "attempts": 1, "minutes": 30},
                {"course": "law", "passed": True, "attempts": 2, "minutes": 45},
            ],
        }
        assert services.work_of("POST /academy/quizzes/duty-quiz/attempts") == 2
        assert services.world.team.messages == ["Ada passed Claims handling with certificate C-0001"]

    def test_attempts_run_out(self, run: Run, services: Services) -> None:
        result = run("agent_training", agent_id="a2")
        assert result["output"]["passed"] is True
        services.reset()
        attempt = {"quiz_id": "duty-quiz", "number": 1, "score": 10}
        outcome = {"status": 201, "json": attempt, "times": "always"}
        poor = {"route": "POST /academy/quizzes/duty-quiz/attempts", "outcomes": [outcome]}
        result = run("agent_training", fail=[poor])
        assert result["output"]["passed"] is False
        assert result["output"]["certificate"] is None
        assert len(services.calls_of("POST /academy/quizzes/duty-quiz/attempts")) == 3
        assert services.world.academy.certificates == []
