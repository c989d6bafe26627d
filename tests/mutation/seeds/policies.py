"""Faults of policies: what can never happen, what harms, what contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator

from flowlang.syntax import ast
from tests.mutation.clean import Change, Clean
from tests.mutation.generate import seed

# On a call that only reads: kind → annotation. One of the same name is replaced.
ON_GET = {
    "attempts-zero": "@retry('fixed', attempts=⟦0⟧)",
    "multiplier-below-one": "@retry('exponential', multiplier=⟦0.5⟧)",
    "jitter-above-one": "@retry('exponential', jitter=⟦3.0⟧)",
    "unknown-strategy": "@retry(⟦'exponentially'⟧)",
    "retry-unknown-reason": "@retry('fixed', on=[⟦'404'⟧])",
    "delay-above-cap": "@retry('fixed', delay=⟦1m⟧, max_delay=⟦10s⟧)",
    "retry-one-attempt": "@retry('fixed', attempts=⟦1⟧)",
    "timeout-zero": "@timeout(⟦0s⟧)",
    "timeout-off": "@timeout(⟦12h⟧)",
    "timeout-empty": "⟦@timeout⟧",
    "attempt-above-total": "@timeout(⟦40s⟧, total=⟦20s⟧)",
    "breaker-zero": "@breaker(failures=⟦0⟧)",
    "breaker-rate-above-one": "@breaker(failure_rate=⟦50.0⟧)",
    "breaker-both": "@breaker(⟦failures=5⟧, ⟦failure_rate=0.5⟧)",
    "breaker-zero-window": "@breaker(failures=5, window=⟦0s⟧)",
    "retry-permanent": "@retry('fixed', on=[⟦'4xx'⟧])",
    "wrong-target": "⟦@limit⟧(5)",
    "duration-without-unit": "@retry('fixed', delay=⟦5⟧)",
    "timeout-without-unit": "@timeout(⟦30⟧)",
    "concurrency-zero": "@concurrency(⟦0⟧)",
    "rate-zero": "@rate_limit(⟦0⟧)",
    "retry-multiplied": "@retry('fixed', attempts=⟦100⟧)",
    "breaker-never-trips": "⟦@breaker(failures=⟦100000⟧, window=⟦1s⟧)⟧",
}
# Two annotations that do not go together.
PAIRS = {
    "retry-cannot-start": ("@timeout(1s, total=⟦5s⟧)", "⟦@retry('fixed', attempts=3, delay=⟦10s⟧)⟧"),
    "retry-past-deadline": ("@timeout(5s, total=⟦12s⟧)", "⟦@retry('fixed', attempts=⟦5⟧, delay=1s)⟧"),
    "breaker-outlasts-retries": ("@retry('fixed', attempts=3, delay=1s)", "⟦@breaker(failures=2, cooldown=⟦1h⟧)⟧"),
    "once-and-retry": ("⟦@once⟧", "⟦@retry('fixed')⟧"),
    "once-and-idempotent": ("⟦@once⟧", "⟦@idempotent⟧"),
}

# Flows of their own.
OWN_FLOWS = {
    "timeout-inversion": """@timeout(⟦20s⟧)
flow spare_flow() -> any {
  ⟦@timeout(⟦40s⟧)⟧
  step spare_page = http.get("https://a.example.com/x").json
  return spare_page
}""",
    "key-constant": """flow spare_flow(id: string) {
  @idempotent(key=⟦'once'⟧)
  do http.post("https://a.example.com/orders", json={ id })
}""",
    "key-without-item": """flow spare_flow(id: string, lines: list[string]) {
  for spare_line in lines {
    @idempotent(key=⟦"{{ id }}"⟧)
    do http.post("https://a.example.com/orders", json={ id, spare_line })
  }
}""",
    "once-and-until": """flow spare_flow() -> any {
  ⟦@once⟧
  step spare_job = http.post("https://a.example.com/jobs").json
    ⟦until spare_job.done every 10s for 10m⟧
  return spare_job
}""",
    "cache-and-undo": """flow spare_flow(id: string) {
  ⟦@cache(1h)⟧
  step spare_order = http.put("https://a.example.com/orders/{{ id }}").json
    ⟦undo { do http.delete("https://a.example.com/orders/{{ spare_order.id }}") }⟧
  do http.put("https://a.example.com/parcels/{{ id }}", json={ order: spare_order.id })
}""",
    "deadline-of-callee": """@timeout(⟦10m⟧)
flow spare_flow() -> any {
  step spare_page = http.get("https://a.example.com/x").json
  return spare_page
}
@timeout(⟦1m⟧)
flow caller_flow() -> any {
  step spare_page = ⟦spare_flow()⟧
  return spare_page
}""",
    "retry-python": """action spare_action(id: string) -> string = python('spare.module:action')
flow spare_flow(id: string) -> string {
  ⟦@retry⟧
  step spare_id = ⟦spare_action(id)⟧
  step spare_page = http.get("https://a.example.com/{{ spare_id }}").json
  return "{{ spare_page.id }}"
}""",
    "status-unread": """flow spare_flow() -> any {
  step spare_page = http.get("https://a.example.com/x", accept=[⟦404⟧]).json
  return spare_page
}""",
}


def _lone(c: Clean) -> list[ast.Step | ast.Do]:
    """Steps that read and have no policy of their own, of a service or of what is around them."""
    found: list[ast.Step | ast.Do] = []
    for step, call in c.calls("get"):
        service = c.service(call)
        around = [step, *c.above(step)] + ([service] if service is not None else [])
        polls = any(isinstance(each, ast.Until) for each in step.clauses)
        if not polls and not any(getattr(each, "annotations", ()) for each in around):
            found.append(step)
    return found


def _on_get(kind: str, annotation: str) -> None:
    """On such a step, or on one of a flow of its own."""

    @seed(kind)
    def each(c: Clean) -> Iterator[Change]:
        for step in _lone(c):
            yield c.change((step.start, annotation + "\n"))
        if not _lone(c) and (c.imports("http") or c.is_free("http")):
            module = "" if c.imports("http") else "\nimport http"
            call = 'http.get("https://a.example.com/x").json'
            yield c.item(
                f"flow spare_flow() -> any {{\n  {annotation}\n  step spare_page = {call}\n"
                f"  return spare_page\n}}{module}"
            )


for _kind, _annotation in ON_GET.items():
    _on_get(_kind, _annotation)
for _kind, (_first, _second) in PAIRS.items():
    _on_get(_kind, f"{_first}\n{_second}")


def _own_flow(kind: str, text: str) -> None:
    """A flow of its own, in a file that imports `http` or can."""

    @seed(kind)
    def each(c: Clean) -> Iterator[Change]:
        if c.imports("http") or c.is_free("http"):
            yield c.item(text + ("" if c.imports("http") else "\nimport http"))


for _kind, _text in OWN_FLOWS.items():
    _own_flow(_kind, _text)


@seed("wait-above-timeout")
def wait_above_timeout(c: Clean) -> Iterator[Change]:
    yield c.item("flow spare_flow() {\n  @timeout(⟦5s⟧) do ⟦wait(⟦1m⟧)⟧\n}")


@seed("retry-unsafe")
def retry_unsafe(c: Clean) -> Iterator[Change]:
    for step, call in c.calls("post", "patch"):
        service = c.service(call)
        said = [c.has(each, name) for each in (service, step) if each is not None for name in ("idempotent", "once")]
        if not any(said):
            change = c.annotate(step, "⟦@retry('fixed')⟧")
            yield Change(change.edits, [(call.start, call.end)])


@seed("key-unstable")
def key_unstable(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls("post", "put", "patch"):
        yield c.annotate(step, '@idempotent(key=⟦"{{ ⟦now()⟧ }}"⟧)')


@seed("wrong-target-type")
def wrong_target_type(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        yield c.change((flow.start, "⟦@exact⟧\n"))


@seed("policy-on-pure")
def policy_on_pure(c: Clean) -> Iterator[Change]:
    for step in c.pure_steps():
        if not step.annotations:
            yield c.change((step.start, "⟦@retry('fixed')⟧\n  "))
    for flow in c.flows():
        yield c.lines(flow, "⟦@retry('fixed')⟧ step spare = 1 + 1\n  step used = spare")


@seed("jitter-off")
def jitter_off(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls("get"):
        if c.inside(step, ast.For):
            yield c.annotate(step, "@retry('fixed', jitter=⟦0⟧)")


@seed("poll-unbounded")
def poll_unbounded(c: Clean) -> Iterator[Change]:
    for step in c.steps():
        for clause in step.clauses:
            if isinstance(clause, ast.Until) and clause.limit is None:
                for each in step.annotations:
                    if each.name.name == "timeout":
                        yield c.change((each, ""), at=[step])
    for flow in c.flows():
        if c.imports("http"):
            call = 'http.get("https://jobs.example.com/1").json'
            yield c.statement(flow, f"step spare = {call}\n    ⟦until spare.done every 5s⟧\n  step used = spare")


@seed("poll-zero")
def poll_zero(c: Clean) -> Iterator[Change]:
    for clause in c.all(ast.Until):
        if clause.every is not None:
            yield c.change((clause.every, "0s"))


@seed("concurrency-unbounded")
def concurrency_unbounded(c: Clean) -> Iterator[Change]:
    for step in c.blocks(ast.For):
        if any(c.effect(each) for each in c.steps() if any(up is step for up in c.above(each))):
            yield c.annotate(step, "@concurrency(⟦100000⟧)")


@seed("limit-zero")
def limit_zero(c: Clean) -> Iterator[Change]:
    for step in c.blocks(ast.Repeat):
        yield c.annotate(step, "@limit(⟦0⟧)")


@seed("swallow-all")
def swallow_all(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls("post", "put", "patch", "delete"):
        if isinstance(step, ast.Do) and not any(isinstance(each, ast.Catch) for each in step.clauses):
            yield c.clause(step, "⟦catch { yield none }⟧")


@seed("handler-fragile")
def handler_fragile(c: Clean) -> Iterator[Change]:
    for step, _ in c.calls("get"):
        if c.imports("http") and not any(isinstance(each, ast.Catch) for each in step.clauses):
            call = 'do http.post("https://a.example.com/alarm", json={ text: err.message })'
            yield c.clause(step, f"catch timeout as err {{\n ⟦{call}⟧\n yield fail(err)\n }}")


@seed("webhook-unsigned")
def webhook_unsigned(c: Clean) -> Iterator[Change]:
    for node in c.all(ast.Trigger):
        secret = c.argument(node, "secret")
        if node.name.name == "webhook" and secret is not None:
            start = c.text.rindex(",", 0, secret.start)
            yield c.change(((start, secret.end), ""), at=[node])
    for flow in c.flows():
        if not any(each.default is None for each in flow.params):
            yield c.first(flow, "on ⟦webhook('/hooks/start')⟧")


@seed("cron-overlap")
def cron_overlap(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        if (
            not any(each.default is None for each in flow.params)
            and not flow.annotations
            and not flow.triggers
            and c.within(flow, ast.Call)
        ):
            change = c.first(flow, "on ⟦cron(⟦'* * * * *'⟧)⟧")
            yield Change([*change.edits, (flow.start, flow.start, "@timeout(⟦1h⟧)\n")], [])
