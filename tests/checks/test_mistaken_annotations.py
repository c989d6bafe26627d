"""Arguments of every wrong kind in every annotation, everywhere it goes: found as mistakes, and never a bug of ours."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check

PARAMS = {
    "retry": ("strategy", "attempts", "delay", "max_delay", "multiplier", "jitter", "on"),
    "breaker": (
        "failures", "window", "cooldown", "trials", "failure_rate", "minimum_calls", "slow", "max_cooldown", "key",
    ),
    "timeout": ("each", "total"),
    "rate_limit": ("calls", "per", "key"),
    "concurrency": ("width", "key"),
    "cache": ("ttl", "key"),
    "idempotent": ("key",),
    "limit": ("rounds",),
    "meter": ("tokens", "cost"),
    "once": ("key",),
}  # fmt: skip
SHAPELESS = ("['fixed']", "[[1]]", "{ a: 1 }", "Broken", "broken", "calls", "shop", "missing", "true", "''")
SIZED = (
    "-1",
    "0s",
    "-5s",
    "1.5",
    "1000000000",
    "BIG",
    "9000000000000h",
    "1e308",
    "'5xx'",
    "none",
    "NONE",
    "(1",
    "config.x",
)
MOST_LIKELY = ("['fixed']", "Broken", "calls", "1000000000")
BESIDE = {
    "retry": "@breaker(failures=2)\n@timeout(1s, total=5s)",
    "breaker": "@rate_limit(1, per=10s)\n@retry(attempts=4)",
    "timeout": "@retry(attempts=4)",
    "rate_limit": "@breaker(failures=5)",
}
PLACES = ("service", "flow", "block", "step", "imported", "loop")


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", PARAMS)
def test_mistaken_arguments_are_borne(name: str, place: str) -> None:
    """Of what has no size and is no strategy, no rule speaks as if it had one."""
    beside = BESIDE.get(name, "")
    before = _told(beside, place)
    for param in PARAMS[name]:
        for value in (*SHAPELESS, *SIZED) if place == "service" else MOST_LIKELY:
            told = _told(f"@{name}({param}={value})\n{beside}", place)
            assert value not in SHAPELESS or told <= before, (name, param, value)


@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_annotation_is_borne(place: str) -> None:
    for annotation in ("@retry", "@retry(", "@rate_limit", "@rate_limit()", "@concurrency()", "@breaker(1, 2, 3)"):
        assert _told(f"{annotation}\n@breaker\n@timeout()", place) <= {"breaker-never-trips"}


SPEAKS_OF_VALUES = {
    "breaker-never-trips", "breaker-outlasts-retries", "retry-never-starts", "retry-past-deadline", "delay-above-cap",
    "excessive-retry", "useless-argument", "useless-retry", "timeout-inversion", "wait-below-rate-limit",
    "unbounded-concurrency", "timeout-off", "poll-once",
}  # fmt: skip


def _told(annotations: str, place: str) -> set[str]:
    found = check("main.flow", _files(annotations, place).__getitem__).diagnostics
    return {each.rule for each in found} & SPEAKS_OF_VALUES


def _files(annotations: str, place: str) -> dict[str, str]:
    at = {each: annotations if each == place else "" for each in PLACES}
    shared = "import { api } from './other.flow'" if place == "imported" else ""
    service = "@breaker(failures=5)\nservice api { base_url = 'https://b.example' }"
    main = f"""import http
{shared}
x Broken {{ a: int }}
flow broken(u: url -> any {{ return 1 }}
let NONE = none
let BIG = 10000000000000
{at["service"]}
service shop {{ base_url = 'https://a.example' }}
function calls(n: int) -> int = n
{at["flow"]}
flow f(u: url) {{
  on cron('0 0 1 1 *')
  {at["step"]}
  step a = http.get(u).json until a != none every 1s
  do shop.get('/x')
  {at["block"]}
  do sequence {{
    do shop.post('/x')
    do {"api" if shared else "shop"}.get('/y')
  }}
  {at["loop"]}
  do for item in [1, 2] {{
    do shop.get('/z')
    do wait(1s)
  }}
}}
"""
    other = f"{at['imported']}\n{service}\n" if place == "imported" else service
    return {"main.flow": main, "other.flow": other}
