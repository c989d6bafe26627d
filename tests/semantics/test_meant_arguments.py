"""What is missing from a call, what it is given under another name, and values that are none of what is compared: each
is one finding whose help can be followed as it is written.
"""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics import Diagnostic
from flowlang.diagnostics.fixing import apply

HEAD = """import events
import http
import llm
import notify
config { hook: secret, address: string, link: secret[url], hook_secret: secret, u: url }
type Row { id: int, yes: bool, saved: bool, name: string }
function two(a: string, b: string) -> string = a ~ b
function both(a: string, b: int) -> string = a ~ b
"""
HTTP = "do http.post(config.u, json={ a }) catch "
CHAT = "step r = llm.chat(a, model='m', api_key=config.hook, format='json')"
# (what stands in a flow, rule, a part of the help, a part of what the fix makes of it: '' if there is none)
CASES = [
    ("return two(a)", "missing-argument", "", ""),
    ("return both(3)", "missing-argument", "by place they are `a`, `b`", ""),
    ("do events.emit('x', key=a, payload={ a })", "unknown-argument", "called `data`", "key=a, data={ a }"),
    ("do events.emit('x', key=a, body={ a })", "unknown-argument", "called `data`", "key=a, data={ a }"),
    ("do events.emit('x', json={ a })", "unknown-argument", "called `data`", "'x', data={ a }"),
    ("do wait(1s, json={ a })", "unknown-argument", "it takes `duration`", ""),
    ("do http.get(config.u, json={ a })", "unknown-argument", "a request to read has no body", ""),
    ("return rows | select('yes')", "unknown-test", "`selectattr('yes')`", "rows | selectattr('yes')"),
    ("return rows | reject('saved')", "unknown-test", "`rejectattr('saved')`", "rows | rejectattr('saved')"),
    ("return rows | map('id')", "unknown-function", "`map(attribute='id')`", "map(attribute='id')"),
    ("let ix = 1\n  return [ix, rows | map('id')]", "unknown-function", "`map(attribute='id')`", "attribute='id'"),
    ("return rows | sort('id')", "type-mismatch", "`sort(attribute='id')`", "sort(attribute='id')"),
    ("return rows | unique('yes')", "type-mismatch", "`unique(attribute='yes')`", "unique(attribute='yes')"),
    ("return rows | selectattr('save')", "unknown-field", "did you mean `saved`?", ""),
    ("return rows | selectattr('saved', '==', true)", "unknown-test", "`'eq'`", "'saved', 'eq', true"),
    ("return rows | selectattr('id', '>', 3)", "unknown-test", "`'gt'`", "'id', 'gt', 3"),
    ("do notify.slack(a, webhook=config.hook)", "type-mismatch", "`hook: secret[url]`", "hook: secret[url], address"),
    ("do notify.slack(a, webhook=config.address)", "type-mismatch", "`address: secret[url]`", "address: secret[url],"),
    (HTTP + "http as e when e.code == 409 { }", "impossible-comparison", "is `e.status`", "when e.status == 409"),
    (HTTP + "http as e when e.code in [409] { }", "impossible-comparison", "is `e.status`", "when e.status in [409]"),
    (HTTP + "as e when e.code == 409 { }", "impossible-comparison", "`catch http as e { … }`", ""),
    ("return 1 if may == 2 else 3", "impossible-comparison", "", ""),
    (
        "@timeout(2d)\n  step w = wait('order.decided', key=a).data\n  return w",
        "type-mismatch",
        "`events.wait('order.decided', key=a)`",
        "step w = events.wait('order.decided', key=a).data",
    ),
    ("return data | map('id')", "unknown-function", "for a field of the items write `map(attribute='id')`", "e='id')"),
    ("return data | select('saved')", "unknown-test", "write `selectattr('saved')`", "selectattr('saved')"),
    ("return data | select('evem')", "unknown-test", "did you mean `even`?", ""),
    ("return 1 if a is email else 2", "unknown-test", "`is validate.email`, with `import validate`", ""),
    ("return 1 if a is uuid else 2", "unknown-test", "`is validate.uuid`, with `import validate`", ""),
    ("@retry(fixed)\n  do http.get(config.u)", "unknown-name", "did you mean `'fixed'`?", "@retry('fixed')"),
    (f"{CHAT}\n  return r.x", "unknown-field", "`r.json.x`", "return r.json.x"),
    (
        CHAT.replace("step r", "step r: { x: string }"),
        "missing-field",
        "its JSON is `….json`",
        "api_key=config.hook, format='json').json",
    ),
    (f"@meter(cost=r.json.cost)\n  {CHAT}", "step-cycle", "is `result`", "@meter(cost=result.json.cost)"),
    ("do http.post(config.u, body=json.dumps({ a }))", "unknown-argument", "the value itself", "u, json={ a })"),
    ("do http.post(config.u, data=JSON.stringify(rows))", "unknown-argument", "the value itself", "u, json=rows)"),
    ("do http.post(config.u, body={ a } | tojson)", "unknown-argument", "the value itself", "(config.u, json={ a })"),
    ("do http.post(config.u, json=json.dumps(rows))", "unknown-function", "the value itself", "(config.u, json=rows)"),
    ("do http.post(config.u, json=JSON.stringify(a))", "unknown-function", "the value itself", "(config.u, json=a)"),
    ("do http.get(config['u'])", "not-a-value", "write `config.u`", "do http.get(config.u)"),
    ("@retry('3')\n  do http.get(config.u)", "type-mismatch", "name it: `attempts=3`", "@retry(attempts=3)"),
    ("@retry(errors=['timeout'])\n  do http.get(config.u)", "unknown-argument", "called `on`", "(on=['timeout'])"),
    ('do http.get(config.u, auth="Bearer {{ config.hook }}")', "secret-leak", "`auth=auth.bearer(config.key)`", ""),
    ('return "x {{ row.id }}"', "maybe-none", "`row?.id | default('')`", ""),
]  # fmt: skip


@pytest.mark.parametrize(("body", "rule", "help", "fixed"), CASES, ids=[row[0] for row in CASES])
def test_it_is_said_what_to_write(body: str, rule: str, help: str, fixed: str) -> None:
    end = "" if "return" in body else "\n  return a"
    params = "a: string, rows: list[Row], row: Row?, may: string?, data: list[any]"
    text = f"{HEAD}flow f({params}) -> any {{\n  {body}{end}\n}}\n"
    (found,) = _errors(text)
    assert (found.rule, help in found.help) == (rule, True), found
    if fixed:
        after = apply(text, found.fixes[0].edits)
        assert fixed in after
        assert _errors(after) == []


def test_it_is_said_which_argument_is_missing() -> None:
    for call, name in (("two(a)", "b"), ("both(3)", "a"), ("both(b=3)", "a"), ("both(a)", "b")):
        (found,) = _errors(f"{HEAD}flow f(a: string) -> any {{\n  return {call}\n}}\n")
        assert found.message.endswith(f" needs argument `{name}`")
    (found,) = _errors(f"{HEAD}flow f(a: string) {{\n  do llm.chat(a, system='x', api_key=config.hook)\n}}\n")
    assert found.message == "`llm.chat` needs argument `model`"


def test_a_module_is_missing_where_it_is_needed() -> None:
    text = (
        f"{HEAD}flow f(a: string) -> any {{\n  do http.post(config.u, body=json.dump(a))\n  return json.parse(a)\n}}\n"
    )
    (argument, module) = _errors(text)
    assert (argument.rule, module.rule) == ("unknown-argument", "needs-import")
    assert module.span.start > argument.span.start


@pytest.mark.parametrize("value", ["env('REGION')", "env.REGION", "os.getenv('REGION')"])
def test_what_the_environment_gives_is_no_default(value: str) -> None:
    text = f"config {{ region: string = {value} }}\nflow f() -> string {{\n  return config.region\n}}\n"
    (found,) = _errors(text)
    assert found.help == "leave the default out: the environment gives the value, as `FLOW_REGION`"
    (found,) = _errors(f"flow f() -> any {{\n  return {value}\n}}\n")
    assert "`config { … }`" in found.help


def test_a_path_begins_with_a_slash() -> None:
    text = (
        f"{HEAD}flow f(a: string) {{\n  on webhook('orders/new', secret=config.hook) with {{ a: webhook.json.a }}\n}}\n"
    )
    (found,) = _errors(text)
    assert found.help == "a path begins with `/`: `'/orders/new'`"
    assert _errors(apply(text, found.fixes[0].edits)) == []


def test_an_optional_of_elsewhere_has_its_type() -> None:
    text = "flow f(a: Optional[list[int]]) -> any {\n  return a\n}\n"
    (found,) = _errors(text)
    assert found.help == "what may be none is written `list[int]?`"
    assert "f(a: list[int]?)" in apply(text, found.fixes[0].edits)


def test_formats_are_tested_by_the_module_that_is_imported() -> None:
    text = "import validate\nflow f(a: string) -> int {\n  return 1 if a is email else 2\n}\n"
    (found,) = _errors(text)
    assert found.help == "write `is validate.email`"
    assert _errors(text.replace("is email", "is validate.email")) == []


def test_a_filter_without_its_value_is_no_internal_error() -> None:
    for call in ("select(test='gt', argument=3)", "map(filter='idd')", "select(test='yes')"):
        found = _errors(f"{HEAD}flow f(a: string) -> any {{\n  return {call}\n}}\n")
        assert found[0].rule == "missing-argument"


def test_what_reads_on_in_a_text_may_be_written_so() -> None:
    text = f"{HEAD}flow f(row: Row?) -> string {{\n  return \"x {{{{ row?.id | default('') }}}}\"\n}}\n"
    assert _errors(text) == []


def test_optional_values_are_compared_with_what_they_may_be() -> None:
    for condition in ("a == none", "a == 'x'", "a == b", "b in [1, 2]", "a == c", "none in [a]", "c == a"):
        text = f"flow f(a: string?, b: int?, c: string) -> any {{\n  return 1 if {condition} else 2\n}}\n"
        assert _errors(text) == [], condition


def test_the_address_of_a_webhook_is_a_secret_url() -> None:
    flow = "flow f(s: string) {\n  do notify.slack(s, webhook=config.hook)\n}\n"
    wrong = f"import notify\nconfig {{ hook: secret(url) }}\n{flow}"
    (found,) = _errors(wrong)
    assert (found.rule, found.help) == ("bad-constraint", "what a type holds stands in brackets: `secret[url]`")
    assert _errors(apply(wrong, found.fixes[0].edits)) == []
    for call in (
        "notify.slack(s, webhook='https://hooks.slack.com/services/T1/B2/abcdefgh12345678')",
        "notify.slack('https://hooks.slack.com/services/T1/B2/abcdefgh12345678', webhook=config.hook)",
    ):
        text = f"import notify\nconfig {{ hook: secret[url] }}\nflow f(s: string) {{\n  do {call}\n}}\n"
        helps = [each.help for each in check_text(text).diagnostics if each.rule == "hard-coded-credential"]
        assert ["`secret[url]`" in each for each in helps] == [True]


def test_a_secret_for_signatures_that_is_declared_is_given() -> None:
    trigger = "on webhook('/x') with { id: webhook.json.id }"
    text = f"config {{ hook_secret: secret }}\nflow f(id: string) -> any {{\n  {trigger}\n  return id\n}}\n"
    (found,) = _errors(text)
    assert (found.rule, found.help) == ("unsigned-webhook", "say `secret=config.hook_secret`")
    assert _errors(apply(text, found.fixes[0].edits)) == []


def _errors(text: str) -> list[Diagnostic]:
    return [each for each in check_text(text).diagnostics if each.severity == "error"]
