"""Faults of values: what is text to the parser and nonsense to those who read it."""

from __future__ import annotations

from collections.abc import Iterator

from flowlang.syntax import ast
from tests.mutation.clean import Change, Clean
from tests.mutation.generate import Seed, seed

STATEMENTS = {
    "bad-duration": "do wait(⟦1h30m⟧)",
    "bad-duration-text": "step spare = duration(⟦'soon'⟧)\n  step used = spare",
    "bad-date-text": "step spare = date(⟦'2026-02-30'⟧)\n  step used = spare",
    "bad-regex-in-call": "step spare = 'abc' | matches(⟦'(unclosed'⟧)\n  step used = spare",
    "int-overflow": "step spare = ⟦99999999999999999999⟧\n  step used = spare",
    "leading-zero": "step spare = ⟦007⟧\n  step used = spare",
    "slice-step-zero": "step spare = [1, 2][::⟦0⟧]\n  step used = spare",
}
ITEMS = {
    "bad-regex": "type Code = string(pattern=⟦'[A-Z'⟧)\nflow echo_code(x: Code) -> Code { return x }",
    "bad-format": "type Mail = string(format=⟦'emial'⟧)\nflow echo_mail(x: Mail) -> Mail { return x }",
    "bad-email": "flow echo_mail(x: string(format='email') = ⟦'nobody'⟧) -> string { return x }",
    "python-target": "action spare() -> int = python(⟦'no target'⟧)\nflow use_it() { do spare() }",
    "bad-cron": "flow nightly() {\n  on cron(⟦'0 9 * *'⟧)\n}",
    "bad-cron-range": "flow nightly() {\n  on cron(⟦'61 9 * * *'⟧)\n}",
    "cron-never": "flow nightly() {\n  on cron(⟦'0 0 31 2 *'⟧)\n}",
    "bad-timezone": "flow nightly() {\n  on cron('0 9 * * *', timezone=⟦'Europe/Berln'⟧)\n}",
    "hook-path": "config { spare: secret }\nflow hooked() {\n  on webhook(⟦'hooks/start'⟧, secret=config.spare)\n}",
    "base-url-query": 'service zz {\n  base_url = ⟦"https://a.example.com/?x=1"⟧\n}\nflow use_it() { do zz.get("/x") }',
}


def _statement(kind: str, text: str) -> None:
    seed(kind)(lambda c: [c.lines(flow, text) for flow in c.flows()])


def _item(kind: str, text: str) -> None:
    seed(kind)(lambda c: [c.item(text)])


for _kind, _text in STATEMENTS.items():
    _statement(_kind, _text)
for _kind, _text in ITEMS.items():
    _item(_kind, _text)


def with_module(module: str, text: str) -> Seed:
    """A statement that needs a module, which is imported if it is not."""

    def each(c: Clean) -> Iterator[Change]:
        has = [each for each in c.all(ast.Import) if each.target.name == module]
        if not has and not c.is_free(module):
            return
        for flow in c.flows():
            change = c.statement(flow, text)
            extra = [] if has else [(len(c.text), len(c.text), f"\nimport {module}\n")]
            yield Change([*change.edits, *extra], [])

    return each


seed("bad-url")(with_module("http", "do http.get(⟦'api.example.com/x'⟧)"))
seed("bad-url-space")(with_module("http", "do http.get(⟦'https://api example.com/x'⟧)"))
seed("bad-method")(with_module("http", "do http.request(⟦'FETCH'⟧, 'https://api.example.com/x')"))
seed("bad-status")(with_module("http", "do http.get('https://api.example.com/x', accept=[⟦999⟧])"))
seed("bad-header-name")(with_module("http", "do http.get('https://api.example.com/x', headers={ ⟦'X Trace'⟧: 'a' })"))
seed("bad-header-value")(
    with_module("http", "do http.get('https://api.example.com/x', headers={ 'X-Trace': ⟦'a\\nb'⟧ })")
)
seed("bad-pointer")(with_module("json", "step spare = json.pointer({ a: 1 }, ⟦'a/b'⟧)\n  step used = spare"))
seed("bad-time-format")(
    with_module(
        "time", "step spare_now = time.now()\n  step spare = time.format(spare_now, ⟦'%Q-%!'⟧)\n  step used = spare"
    )
)


@seed("empty-text")
def empty_text(c: Clean) -> Iterator[Change]:
    for flow in c.flows():
        yield c.statement(flow, "step spare = 'a b' | split(⟦''⟧)\n  step used = spare")


seed("two-bodies")(with_module("http", "do http.post('https://api.example.com/x', json=⟦{ a: 1 }⟧, text=⟦'a'⟧)"))
seed("json-as-text")(with_module("http", "do http.put('https://api.example.com/x', json=⟦'{\"a\": 1}'⟧)"))
