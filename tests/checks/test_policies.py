"""What checks take policies for is what the plan makes of them: on every flow of the tree, and on drawn retries."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlang.checks.annotated import STEP, Given, attempts, waits, worst
from flowlang.checks.look import Look
from flowlang.checks.sites import Site, sites
from flowlang.compiler.lower import lower
from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import read_file
from flowlang.plan.duration import longest_waits
from flowlang.plan.nodes import Call, Policies, RetryPolicy
from flowlang.plan.walk import inner_scopes
from flowlang.syntax import ast

ROOT = Path(__file__).resolve().parent.parent.parent
FLOWS = sorted(
    path
    for folder in ("examples", "tests/corpus/clean", "tests/golden/plan", "tests/golden/run")
    for path in (ROOT / folder).rglob("*.flow")
)


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_policies_resolve_as_in_the_plan(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    program = check(path.name, read_file)
    if any(found.severity == "error" for found in program.diagnostics):
        pytest.skip("the flow is mistaken on purpose")
    file = program.files[program.root]
    look = Look("x", "error", program, file, program.facts, [])
    for item in file.tree.items:
        if isinstance(item, ast.FlowDecl):
            plan = lower(program, item.name.name)
            planned = [step for scope in _scopes(plan.flows[plan.flow]) for step in scope.nodes]
            calls = [(step.key, step.policies) for step in planned if isinstance(step.action, Call)]
            mine = [site for site in sites(look).calls if site.flow is item and site.effect != "flow"]
            assert sorted(map(repr, (_of_site(look, site) for site in mine))) == sorted(
                repr(_of_plan(key, policies)) for key, policies in calls
            )


def _scopes(flow: object) -> list[object]:
    pending = [flow.body, *(handler.body for handler in flow.handlers)]  # type: ignore[attr-defined]
    found = []
    while pending:
        scope = pending.pop()
        found.append(scope)
        pending += [inner for step in scope.nodes for _, inner in inner_scopes(step)]
    return found


def _of_plan(key: str, policies: Policies) -> tuple[object, ...]:
    retry, breaker, rate = policies.retry, policies.breaker, policies.rate_limit
    return (
        key,
        retry and (retry.attempts, retry.delay, retry.on),
        breaker and (breaker.cooldown, breaker.window),
        rate and rate.calls,
        policies.timeout,
        policies.total,
        policies.concurrency,
        policies.idempotent,
        policies.once,
    )


def _of_site(look: Look, site: Site) -> tuple[object, ...]:
    retry, breaker, rate = site.retry, site.policies.get("breaker"), site.policies.get("rate_limit")
    timeout, width = site.policies.get("timeout"), site.policies.get("concurrency")
    is_idempotent = site.effect == "read" or site.policies.get("idempotent") is not None
    declared = any(name == "idempotent" for name, _ in site.fact.signature.annotations)
    return (
        look.facts.keys[id(site.step)],
        retry and (retry.values["attempts"], retry.values["delay"], tuple(retry.values["on"])),
        breaker and (breaker.values["cooldown"], breaker.values["window"]),
        rate and rate.values["calls"],
        site.attempt(),
        timeout and timeout.values["total"],
        width and width.values["width"],
        is_idempotent or (declared and site.effect not in ("wait", "clock")),
        site.policies.get("once") is not None,
    )


POLICIES = st.builds(
    RetryPolicy,
    strategy=st.sampled_from(["exponential", "linear", "fixed", "none"]),
    attempts=st.integers(2, 12),
    delay=st.integers(0, 100_000_000),
    max_delay=st.integers(0, 100_000_000),
    multiplier=st.floats(1, 10),
    jitter=st.floats(0, 1) | st.just("full"),
    on=st.just(("network",)),
)


@given(POLICIES, st.integers(1, 60_000_000))
def test_the_longest_waits_are_those_of_the_plan(policy: RetryPolicy, attempt: int) -> None:
    values = {name: getattr(policy, name) for name in RetryPolicy._fields}
    retry = Given("retry", ast.Annotation(0, 0, ast.Ident(0, 0, "retry"), ()), STEP, "x", "x.flow", values, {})
    assert all(0 <= low <= high <= policy.max_delay for low, high in waits(retry))
    assert len(waits(retry)) == attempts(retry) - 1
    slack = policy.attempts  # each wait is rounded up to a microsecond
    assert abs(sum(high for _, high in waits(retry)) - longest_waits(policy, retry_after=False)) <= slack
    assert worst(retry, attempt) >= policy.attempts * attempt
