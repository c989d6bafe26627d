"""What newcomers write is answered with what to write instead, and with a fix where that is mechanical."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics import Diagnostic
from flowlang.diagnostics.fixing import apply

HEAD = """import events
import http
import time
config { api: url }
service crm { base_url = config.api }
type Lead { id: string, note: any?, tags: list[string]? }
"""
ANSWER = '  step r = http.get("{{ config.api }}/x")\n  return '
EVENT = "@timeout(2d)\n  step e{of} = events.wait('x')\n  return "
# (what stands in a flow, rule, a part of the help, a part of what the fix makes of it: '' if there is none)
CASES = [
    ("step r = http.get(config.api).json catch as e { yield { s: e.status } }", "unknown-field", "http as e`", ""),
    (
        "step r: Lead = http.get(config.api).json catch http { yield { idd: 'x' } }\n  return r.id",
        "unknown-field",
        "a handler gives what has no `id`",
        "",
    ),
    ("step r = api.get('/x').json", "unknown-name", "`service api { base_url = config.api }`", ""),
    ("return a + b | sum", "type-mismatch", "binds tighter", "return a + b\n"),
    ("return a + b | max", "type-mismatch", "`[a, b] | max`", ""),
    ("do wait('5m')", "type-mismatch", "leave the quotes out", "wait(5m)"),
    ("do wait('5 minutes')", "type-mismatch", "leave the quotes out", "wait(5m)"),
    ("do wait('1h30m')", "type-mismatch", "leave the quotes out", "wait(90m)"),
    ("do wait('a while')", "type-mismatch", "a number with its unit", ""),
    ("let n: int = '5'\n  return n", "type-mismatch", "leave the quotes out", "n: int = 5"),
    ("let n: bool = 'yes'\n  return n", "type-mismatch", "leave the quotes out", "n: bool = true"),
    ("return len(xs)", "unknown-function", "`x | length`", "return (xs | length)"),
    ("return len(xs + xs)", "unknown-function", "`x | length`", "return ((xs + xs) | length)"),
    ("return xs.length", "wrong-operand", "`xs | length`", "return (xs | length)"),
    ("return xs.size + 1", "wrong-operand", "`xs | length`", "return (xs | length) + 1"),
    ("do http.post(config.api, body={ a })", "unknown-argument", "called `json`", "json={ a }"),
    ("do http.post(config.api, data={ a })", "unknown-argument", "called `json`", "json={ a }"),
    ("do http.get(config.api, query={ a })", "unknown-argument", "called `params`", "params={ a }"),
    ("do http.get(config.api, timeout=5)", "unknown-argument", "`@timeout(5s)`", "@timeout(5s)\n  do http.get(c"),
    ("do http.get(config.api, timeout=2m)", "unknown-argument", "`@timeout(2m)`", "@timeout(2m)"),
    ("do http.post(config.api, json={ a }, body={ b })", "unknown-argument", "leave one of the two out", ""),
    ("do http.get(config.api, verify=false)", "unknown-argument", "certificates are checked", ""),
    ("do http.get(config.api, retries=3)", "unknown-argument", "`@retry`", ""),
    (ANSWER + "r.status_code", "unknown-field", "called `status`", "r.status\n"),
    (ANSWER + "r.body", "unknown-field", "called `json`", "r.json\n"),
    (ANSWER + "r.items", "unknown-field", "`r.json.items`", "r.json.items\n"),
    (ANSWER + "r[0]", "wrong-operand", "`r.json`", "r.json[0]"),
    (ANSWER + "[x for x in r]", "not-iterable", "`r.json`", "in r.json]"),
    (ANSWER + "r | map(attribute='id')", "type-mismatch", "`r.json`", "r.json | map"),
    ("step l: Lead = http.get(config.api)\n  return l", "missing-field", "its body", "http.get(config.api).json"),
    ("@retry(on=[429])\n  do http.get(config.api)", "type-mismatch", "it is a text", "on=['429']"),
    ("@retry(on=429)\n  do http.get(config.api)", "type-mismatch", "`['429']`", "on=['429']"),
    ("@retry(on=[timeout])\n  do http.get(config.api)", "unknown-name", "did you mean `'timeout'`?", "on=['timeout']"),
    ("@retry(on=timeout)\n  do http.get(config.api)", "unknown-name", "did you mean `['timeout']`?", "on=['timeout']"),
    ("@retry(on=[5xx])\n  do http.get(config.api)", "bad-number", "write `'5xx'`", "on=['5xx']"),
    ("@retry(on=['404'])\n  do http.get(config.api)", "type-mismatch", "404 stays what it is", ""),
    (
        "let some: list[string?] = [none]\n  let all: list[any] = some\n  return all",
        "type-mismatch",
        "leave out what is none",
        "all: list[any] = [each for each in some if each is not none]",
    ),
    ("@retry(on='timeout')\n  do http.get(config.api)", "type-mismatch", "a list is written", "on=['timeout']"),
    ("@retry(5)\n  do http.get(config.api)", "type-mismatch", "`attempts=5`", "@retry(attempts=5)"),
    ("return t > '2026-01-31T09:00:00Z'", "wrong-operand", "make an instant", "datetime('2026-01-31T09:00:00Z')"),
    ("return '2026-01-31' == d", "impossible-comparison", "make a day", "date('2026-01-31') == d"),
    ("return t == 'today'", "impossible-comparison", "`datetime('2026-01-31T09:00:00Z')`", ""),
    ("return t > d", "wrong-operand", "an instant has a day", ""),
    ("let x: date = t\n  return x", "type-mismatch", "its day in UTC", "x: date = date(t)"),
    ("let x: datetime = d\n  return x", "type-mismatch", "midnight", "x: datetime = datetime(d ~ 'T00:00:00Z')"),
    ("let x: list[datetime] = [d]\n  return x", "type-mismatch", "midnight", "[datetime(d ~ 'T00:00:00Z')]"),
    ("let x: datetime = date('2026-01-31')\n  return x", "type-mismatch", "`datetime(… ~", ""),
    ("return datetime(d)", "type-mismatch", "`d ~ 'T00:00:00Z'`", "return datetime(d ~ 'T00:00:00Z')"),
    ("return d | datetime", "type-mismatch", "midnight", "return (d ~ 'T00:00:00Z') | datetime"),
    ("return t - d", "wrong-operand", "`date(…)`", ""),
    ("let x: string = t\n  return x", "type-mismatch", "`| string`", ""),
    ("let x: string = 5m\n  return x", "type-mismatch", "`| string`", ""),
    ("let x: date? = '2026-01-31'\n  return x", "type-mismatch", "make a day", "x: date? = date('2026-01-31')"),
    ("let x: date = '31.1.2026'\n  return x", "type-mismatch", "`date('2026-01-31')`", ""),
    (
        "let x: datetime = '2026-01-31T09:00:00Z'\n  return x",
        "type-mismatch",
        "make an instant",
        "= datetime('2026-01-31T09:00:00Z')",
    ),
    ("let x: list[string] = 'a  b'\n  return x", "type-mismatch", "a list is written", "= ['a  b']"),
    (
        f"let x: list[string] = '{'long' * 20}'\n  return x",
        "type-mismatch",
        "a list is written",
        f"= ['{'long' * 20}']",
    ),
    (EVENT.format(of=": { ok: bool }") + "e.ok", "missing-field", "its data is", "events.wait('x').data"),
    (EVENT.format(of="") + "e.approved", "unknown-field", "`e.data.approved`", "e.data.approved"),
    (EVENT.format(of="") + "e[0]", "wrong-operand", "`e.data`", "e.data[0]"),
    ("let x: boolean = true\n  return x", "unknown-type", "called `bool`", "x: bool = true"),
    ("let x: str = 'a'\n  return x", "unknown-type", "called `string`", "x: string = 'a'"),
    ("let x: number = 1.5\n  return x", "unknown-type", "called `float`", "x: float = 1.5"),
    ("let x: array[int] = xs\n  return x", "unknown-type", "called `list`", "x: list[int] = xs"),
    ("let x: dict = {}\n  return x", "unknown-type", "`map[string]`", ""),
    ("let x: Optional[int] = 1\n  return x", "unknown-type", "`int?`", "let x: int? = 1"),
    ("on cron('60 * * * *')", "type-mismatch", "minute 0", ""),
    ("on cron('@daily')", "type-mismatch", "write it out", "on cron('0 0 * * *')"),
    ("on cron('0 30 9 * * *')", "type-mismatch", "no field for seconds", "on cron('30 9 * * *')"),
    (
        "step r = [http.get(u).json for u in us]\n  return r",
        "action-in-expression",
        "`for` runs it for each item",
        "step r = for u in us {\n    step answer = http.get(u).json\n    yield answer\n  }",
    ),
    (
        "return [http.get(u).json for u in us if u]",
        "action-in-expression",
        "`for` runs it for each item",
        "step results = for u in [u for u in us if u] {",
    ),
    ("let r = [[http.get(u)] for u in us]\n  return r", "action-in-expression", "`for` runs it", ""),
    ("do http.get('https://a.example/' + us[0] + '?b=' + us[1])", "type-mismatch", "a template", "?b={{ us[1] }}"),
    ("do http.get(config.api ~ '/x/' ~ a)", "type-mismatch", "a template", '"{{ config.api }}/x/{{ a }}"'),
    ("do http.get('https://a.example/' + (us | join))", "type-mismatch", "a url comes from", ""),
    ("do http.get('https://a.example/' + # why\n    us[0])", "type-mismatch", "a url comes from", ""),
    ("on schedule('0 3 * * *')", "unknown-trigger", "`on cron('0 3 * * *')`", ""),
    ("on push()", "unknown-trigger", "`on webhook(", ""),
    ("let p = '2026-01-01' + 1d\n  return p", "wrong-operand", "`datetime('…')`", ""),
    ("let p = [x for x, i in xs]\n  return p", "not-iterable", "`for i in range(xs | length)`", ""),
    ("let p = concat(xs, xs)\n  return p", "unknown-function", "`xs + ys`", ""),
    ("on manual()", "unknown-trigger", "`flowlang run`", ""),
    ("on kafka('x')", "unknown-trigger", "`on event('name')`", ""),
    ("do http.get({ url: config.api })", "type-mismatch", "`http.get(url=", "http.get(url=config.api)"),
    ("do http.post({ url: config.api, json: { a } })", "type-mismatch", "json={ a }", "(url=config.api, json={ a })"),
    ("do http.get(config.api, headers={ N: 1, B: a })", "type-mismatch", "`N: '1'`", "N: '1', B: \"{{ a }}\""),
    ("do http.request(config.api, 'GET')", "type-mismatch", "`http.request('GET', ", "'GET', config.api"),
    ("step r = http.request(config.api)\n  return r", "missing-argument", "by place they are `method`, `url`", ""),
    ("let p = json.dumps(lead)\n  return p", "unknown-function", "`x | tojson`, or `json.dump(x)`", ""),
    ("do time.sleep(5)", "unknown-function", "`wait(5s)`", "wait(5s)"),
    ("step p = Promise.all([http.get(config.api), http.get(us[0])])", "unknown-function", "`parallel { … }`", ""),
    ("step p = workflow.execute_activity(fetch, a)", "unknown-function", "called by its name", ""),
    ("let p = coalesce(lead.note, 1)", "unknown-function", "`x | default('y')`", ""),
    ("let p = a > 1 | ternary(1, 2)", "unknown-function", "`a if condition else b`", ""),
    ("let p = lead is succeeded", "unknown-test", "leave the test out", ""),
    ("let p = os.path", "unknown-name", "`config { … }`", ""),
    ("@start_to_close_timeout(10s)\n  do http.get(config.api)", "unknown-annotation", "`@timeout(10s)`", ""),
    ("@retry(maximum_attempts=3)\n  do http.get(config.api)", "unknown-argument", "`attempts`", "@retry(attempts=3)"),
    ("do http.get(config.api, bearer='x')", "unknown-argument", "`auth=auth.bearer(", ""),
    ("do http.get(config.api, body={ a })", "unknown-argument", "`params`", ""),
    ("do http.get(config.api) catch Exception as e { }", "unknown-error-kind", "`catch as e { … }`", ""),
    ("@cron('0 3 * * *')\n  do http.get(config.api)", "unknown-annotation", "`on cron(…)`", ""),
    ("let r = 'x' in us or TRUE\n  return r", "unknown-name", "write `true`", "or true"),
    ("let r = 1 if a > 1 else None\n  return r", "unknown-name", "write `none`", "else none"),
    ("@retry(backoff='fixed')\n  do http.get(config.api)", "unknown-argument", "`strategy`", "strategy='fixed'"),
    ("@retry(backoff=3.0)\n  do http.get(config.api)", "unknown-argument", "`multiplier`", "@retry(multiplier=3.0)"),
    ("step r = http.get(us[0]).json if a > 1\n  return r", "missing-else", "`… when condition`", ".json when a > 1"),
    ('do http.get("${config.api}/x")', "bad-url", "`{{ name }}`", '"{{ config.api }}/x"'),
    ('do http.get("${config.api}/${a}")', "bad-url", "`{{ name }}`", '"{{ config.api }}/{{ a }}"'),
    ('do http.get("{config.api}/{lead.id}")', "bad-url", "`{{ name }}`", '"{{ config.api }}/{{ lead.id }}"'),
    ("do http.get('${config.api}/${a}')", "bad-url", "`{{ name }}`", '"{{ config.api }}/{{ a }}"'),
    ('do http.get("${config.api}/{{ a }}")', "bad-url", "`{{ name }}`", '"{{ config.api }}/{{ a }}"'),
    ('do http.get("<%= config.api %>/x/{{ a }}")', "bad-url", "`{{ name }}`", '"{{ config.api }}/x/{{ a }}"'),
    ('do http.get("<%= config.api %>/x")', "bad-url", "`{{ name }}`", '"{{ config.api }}/x"'),
    ('do http.get("https://a.example/<%= a %>")', "bad-url", "`{{ name }}`", '"https://a.example/{{ a }}"'),
    ('do http.get("${config.api}/${xs}")', "bad-url", "`{{ name }}`", ""),
    ('do http.get("${config.api}/${gone}")', "bad-url", "`{{ name }}`", ""),
    ('do http.get("${config.api}/${lead.note}")', "bad-url", "`{{ name }}`", ""),
    ('do http.get("${config.api}/${a} b")', "bad-url", "`{{ name }}`", ""),
    ('do http.get("${lead.id}/x")', "bad-url", "`{{ name }}`", ""),
    ('do http.get("/me/{{ a }}")', "bad-url", "`https://host/path`", ""),
    ("let r: int = none\n  return r", "maybe-none", "`?` behind its type", ""),
    ('do http.get("https://a.example/a b")', "bad-url", "`%20`", '"https://a.example/a%20b"'),
    ('do http.get("{{ config.api }}/my items/{{ a }}")', "bad-url", "`%20`", "/my%20items/{{ a }}"),
    ("do http.get('https://a example/b')", "bad-url", "leave it out", ""),
    ("do http.get('https://a.example/{{ a }}')", "bad-url", "in double quotes", '"https://a.example/{{ a }}"'),
    ("do http.get('https://a.example/{{ a | default(\"b c\") }}')", "bad-url", "in double quotes", ""),
    ("do http.get('https://a.example/{{ a')", "bad-url", "in double quotes", ""),
    ("do http.get('https://a.example/{% a %}')", "bad-url", "in double quotes", ""),
    ('do http.get("https://a.example/${ a }/{{ b }}")', "bad-url", "in double quotes", "example/{{ a }}/{{ b }}"),
    ('do http.get("https://a.example/{ a }")', "bad-url", "in double quotes", '"https://a.example/{{ a }}"'),
    ('do http.get("https://a.example/{{ a }}/{% b %}")', "jinja-statement", "choose with", ""),
    ('do http.get("https://a.example/{% b %}")', "jinja-statement", "choose with", ""),
    ("do http.get('https://a.example/{{a}}/b c')", "bad-url", "`%20`", ""),
    ("do http.get('https://a.example/b\tc')", "bad-url", "`%20`", ""),
    ('do http.get(" https://a.example/b")', "bad-url", "`%20`", 'http.get("https://a.example/b")'),
    ("do http.get(' https://a.example/b c ')", "bad-url", "`%20`", "http.get('https://a.example/b%20c')"),
    ('do http.get(" https://a.example/{{ a }}")', "bad-url", "`%20`", 'http.get("https://a.example/{{ a }}")'),
    ('do http.get(" {{ config.api }}/x")', "bad-url", "`%20`", 'http.get("{{ config.api }}/x")'),
    ("do http.get('\thttps://a.example/b')", "bad-url", "`%20`", ""),
    ("do http.get(' ftp://a.example/b')", "bad-url", "such as", ""),
    ("do http.get('{{ config.api }}/x')", "bad-url", "in double quotes", '"{{ config.api }}/x"'),
    ("do http.get('{{config.api}}')", "bad-url", "in double quotes", '"{{config.api}}"'),
    ("do http.get('{{ a }}/x')", "bad-url", "in double quotes", ""),
    ("do http.get('{{ config.api }}x')", "bad-url", "in double quotes", ""),
    ('do crm.get(" /x y/{{ a }}")', "bad-url", "`%20`", 'crm.get("/x%20y/{{ a }}")'),
    ("return xs | filter(x > 3)", "unknown-function", "`[x for x in xs if x > 3]`", ""),
    ("return xs | filter(each > a)", "unknown-function", "`[each for each in xs if each > a]`", ""),
    ("return xs | filter('id')", "unknown-function", "`[x for x in xs if …]`", ""),
    ("step r = get('https://a.example/')\n  return r", "unknown-function", "`http.get`", "http.get('https://a.e"),
    ("step r = get(us[0])\n  return r", "unknown-function", "`http.get`", "http.get(us[0])"),
    ("return format(t, '%Y')", "unknown-function", "`time.format`", "return time.format(t, '%Y')"),
    ("let x = today()\n  return x", "unknown-function", "`date(at)`", ""),
    ("do sleep(5)", "unknown-function", "`wait(5s)`", "do wait(5s)"),
    ("do time.sleep(0.5)", "unknown-function", "`wait(5s)`", "do wait(0.5s)"),
    ("do log('x')", "unknown-function", "seen in the run", ""),
    ("let x = log(2.0)\n  return x", "unknown-function", "`math.log`", ""),
    ("let m: int? = a\n  return 1 if m is not None else 2", "unknown-test", "write `none`", "is not none"),
    ("return (a > 1) is True", "unknown-test", "write `true`", "is true"),
    ("return time.format(t, '%H', timezone=Europe/Berlin)", "unknown-name", "in quotes", "timezone='Europe/Berlin'"),
    ("step r = http.get(us[0]).json catch as e { yield e.mesage }", "unknown-field", "`message`", "e.message"),
    ('return "hello {{ lead.note }}"', "maybe-none", "or give a default", ""),
    ("return lead.note.x", "maybe-none", "read on with `lead.note?.x`", ""),
    ("return lead.note.x.y", "maybe-none", "read on with `lead.note?.x?.y`", ""),
    ("return lead.tags[0]", "maybe-none", "or give a default", ""),
    ("let n = max((a), (1 + a))\n  return n", "type-mismatch", "`[a, 1 + a] | max`", "([(a), (1 + a)] | max)"),
    ("let n = max(1, a)\n  return n", "type-mismatch", "`[1, a] | max`", "([1, a] | max)"),
    ("return crm('/x')", "not-callable", "`crm.get('/path')`", ""),
    ("return a is int", "unknown-test", "`integer`", ""),
    ("step r = http.get(us[0]).json\n  // comment\n  return r", "unknown-name", "begin with `#`", "# comment"),
    ("let int n = 1\n  return n", "syntax-error", "follows the name", "let n: int = 1"),
    ("return a / nowhere", "unknown-name", "", ""),
    ("step x = datetime.now()\n  return x", "unknown-function", "write `step at = now()`", ""),
    ("return Math.max(a, b)", "unknown-function", "write `[a, b] | max`", ""),
    ("return JSON.stringify(lead)", "unknown-function", "write `x | tojson`", ""),
    ("return time.timedelta(days=3)", "unknown-function", "`3d`", ""),
    ("return isinstance(lead.note, str)", "unknown-function", "`x is string`", ""),
    ("return isinstance(lead.note, Lead)", "unknown-function", "`x is string`", ""),
    ("return dict(id=a)", "unknown-function", "write `{ key: value }`", ""),
    ("return '%.2f' | format(a)", "unknown-function", "`text.number(x, 2)`", ""),
    ("return 'a %d' % a", "wrong-operand", '`"… {{ name }} …"`', ""),
    ("let m: map[int] = {}\n  return m.get('a', 0)", "not-callable", "| default(0)`", "m | get('a') | default(0)"),
    ("let m: map[int] = {}\n  return 1 + m.get('a', 0)", "not-callable", "filters", "1 + (m | get('a') | default(0))"),
    (
        "step x = match a { case 1 { yield 'x' } case _ { yield 'y' } }\n  return x | upper",
        "unknown-name",
        "`else { … }`",
        "} else { yield 'y' }",
    ),
    ("parallel {\n    step x = http.get(config.api)\n  }\n  return x", "unknown-name", "`result.x`", ""),
    ("step r = sequence {\n    step x = http.get(config.api)\n  }\n  return x", "unknown-name", "read `r.x`", ""),
    (
        "step r = parallel {\n    step x = http.get(config.api)\n    yield x\n  }\n  return x",
        "unknown-name",
        "read `r`",
        "",
    ),
    (
        "step r = Lead(http.get(config.api).json)\n  return r",
        "not-callable",
        "`step r: Lead = …`",
        "step r: Lead = http.get(config.api).json\n",
    ),
    ("let r = Lead(lead)\n  return r", "not-callable", "`let r: Lead = …`", "let r: Lead = lead\n"),
    ("do http.get('https://a.example', url=config.api)", "duplicate-argument", "by place they are `url`, ", ""),
    ("step r = http.get(us[0]).json catch HttpError { yield 1 }\n  return r", "unknown-error-kind", "write `http`", ""),
    ("let n: int = a / 2\n  return n", "type-mismatch", "`a // b`", ""),
    ("let n: int = round(a / 2)\n  return n", "type-mismatch", "`round` gives a float", "n: int = round(a / 2) | int"),
    ("let n: int = a / 2 + 1\n  return n", "type-mismatch", "`x | round | int`", ""),
    ("return xs is not empty", "unknown-test", "`x | length > 0`", ""),
    ("return t == '2026-01-31'", "impossible-comparison", "a zone", "t == datetime('2026-01-31T00:00:00Z')"),
    ("return t > '2026-01-31 09:30'", "wrong-operand", "a zone", "t > datetime('2026-01-31T09:30Z')"),
    ("return t.year", "wrong-operand", "`time.parts(t).year`", "return time.parts(t).year"),
    ("return usage.total_tokens", "unknown-name", "`answer.usage.total_tokens`", ""),
    ("@budget(10)\n  do http.get(config.api)", "unknown-annotation", "nothing bounds what a run costs", ""),
    ("@idempotent(key=5)\n  do http.post(config.api)", "type-mismatch", "says what the call is about", ""),
    ("@timeout(1d)\n  step r = events.wait('x', key=5)\n  return r", "type-mismatch", "`'5'`", "('x', key='5')"),
    ("on cron('every day at 9')", "type-mismatch", "'0 9 * * *'", "on cron('0 9 * * *')"),
    ("on cron('every 5 minutes')", "type-mismatch", "'*/5 * * * *'", "on cron('*/5 * * * *')"),
    ("on cron('rate(2 hours)')", "type-mismatch", "'0 */2 * * *'", "on cron('0 */2 * * *')"),
    ("on cron('every 7 minutes')", "type-mismatch", "its five fields are", ""),
    ("on cron('mondays')", "type-mismatch", "its five fields are", ""),
    ("do http.get(config.api) after a", "not-a-step", "leave it out", ""),
    (
        "match a { case 1 or 2 { do wait(1s) } else { do wait(2s) } }",
        "impossible-case",
        "parted with commas",
        "case 1, 2 {",
    ),
    (
        "match a { case [1, 2] { do wait(1s) } else { do wait(2s) } }",
        "impossible-case",
        "parted with commas",
        "case 1, 2 {",
    ),
    ("match a { case a > 2 { do wait(1s) } else { do wait(2s) } }", "impossible-case", "no condition", ""),
    ("@rate_limit('10/m')\n  do http.get(config.api)", "type-mismatch", "per=1m", "@rate_limit(10, per=1m)"),
    ("@retry(jitter=true)\n  do http.get(config.api)", "type-mismatch", "`'full'`", "@retry(jitter='full')"),
    ("@breaker(threshold=5)\n  do http.get(config.api)", "unknown-argument", "`failures`", "@breaker(failures=5)"),
    ("@breaker(timeout=5s)\n  do http.get(config.api)", "unknown-argument", "`cooldown`", "@breaker(cooldown=5s)"),
    ("do http.get(config.api, headers=[{ A: 'x' }])", "type-mismatch", "without brackets", "headers={ A: 'x' }"),
    ("do http.get(config.api, params='a=b&c=1')", "type-mismatch", "a map is", "params={ a: 'b', c: '1' }"),
    ("do http.get(config.api, params='a b')", "type-mismatch", "`{ key: 'value' }`", ""),
    ("return a == '5'", "impossible-comparison", "leave the quotes out", "return a == 5"),
    ("return a > '5'", "wrong-operand", "leave the quotes out", "return a > 5"),
    ("do wait(minutes=5)", "unknown-argument", "`5m`", "do wait(5m)"),
    ("do wait(weeks=2)", "unknown-argument", "`14d`", "do wait(14d)"),
    ("return xs | len", "unknown-function", "`x | length`", ""),
    ("return lead.id | toUpperCase", "unknown-function", "`x | upper`", ""),
    ("on cron('0 0 9 * * ?')", "type-mismatch", "'0 9 * * *'", "on cron('0 9 * * *')"),
    ("on cron('0 9 * * monday')", "type-mismatch", "'0 9 * * mon'", "on cron('0 9 * * mon')"),
    ("let n: int(min=3) = a\n  return n", "bad-constraint", "called `ge`", "int(ge=3)"),
    ("let n: string(min=3) = 'abc'\n  return n", "bad-constraint", "called `min_length`", "string(min_length=3)"),
    ("let n: string(regex='a') = 'a'\n  return n", "bad-constraint", "called `pattern`", "string(pattern='a')"),
    ("step r = retry(http.get(config.api), 3)\n  return r", "unknown-function", "`@retry(attempts=3)`", ""),
    ("@retries(3)\n  do http.get(config.api)", "unknown-annotation", "`@retry(attempts=3)`", ""),
    ("@concurrency(max=5)\n  do http.get(config.api)", "unknown-argument", "`width`", "@concurrency(width=5)"),
    ("on cron('0 8 * * *', tz='Europe/Berlin')", "unknown-argument", "`timezone`", "timezone='Europe/Berlin'"),
]  # fmt: skip


PARAMS = "a: int, b: int, xs: list[int], us: list[url], t: datetime, d: date, lead: Lead"


@pytest.mark.parametrize(("body", "rule", "help", "fixed"), CASES, ids=[row[0] for row in CASES])
def test_it_is_said_what_to_write(body: str, rule: str, help: str, fixed: str) -> None:
    params = "" if body.startswith("on ") else PARAMS
    text = f"{HEAD}flow f({params}) {{\n  {body.strip()}\n}}\n"
    errors = _errors(text)
    assert [each.rule for each in errors] == [rule], errors
    assert help in errors[0].help
    assert bool(errors[0].fixes) == bool(fixed), errors[0].fixes
    if fixed:
        after = apply(text, errors[0].fixes[0].edits)
        assert fixed in after
        assert _errors(after) == []


def _errors(text: str) -> list[Diagnostic]:
    return [each for each in check_text(text).diagnostics if each.severity == "error"]


@pytest.mark.parametrize(
    ("block", "word", "why"),
    [
        ("if a > 1 { yield 'x' } else if a > 0 { yield 'y' }", "if", "no condition holds"),
        ("match a { case 1 { yield 'x' } }", "match", "no `case` fits"),
    ],
)
@pytest.mark.parametrize("use", ["return size", 'return "{{ size }}"'])
def test_a_choice_without_else_is_why_a_value_may_be_none(block: str, word: str, why: str, use: str) -> None:
    (found,) = _errors(f"flow f(a: int) -> string {{\n  step size = {block}\n  {use}\n}}\n")
    assert (found.rule, found.help[:45]) == ("maybe-none", f"give the `{word}` an `else` with a `yield`, test it"[:45])
    assert found.related[-1].message == f"`size` is none where {why}: there is no `else`"


_SKIPPED = """import http

flow f(n: int, flag: bool) -> any {
  step a = http.get("https://a.example/a").json
    when n > 3
  let same = a
  step b = http.get("https://a.example/b", params={ x: %s })
    when %s
  return b.status if b is not none else n
}
"""


@pytest.mark.parametrize(
    ("use", "when", "told"),
    [
        ("a.x", "flag", ["`a` runs only when this holds:when n > 3", "`a` is used where this holds:when flag"]),
        ("same.x", "flag", ["`same` comes from here:same", "`a` runs only when this holds:when n > 3"]),
        ("1", "a.x == 1", ["`a` runs only when this holds:when n > 3"]),
    ],
)
def test_the_conditions_of_a_step_and_of_its_user_are_told(use: str, when: str, told: list[str]) -> None:
    text = _SKIPPED % (use, when)
    (found,) = [each for each in _errors(text) if each.rule.startswith("maybe-")]
    assert [f"{each.message}:{text[each.span.start : each.span.end]}" for each in found.related] == told


def test_what_no_error_has_is_not_said_of_one_kind() -> None:
    body = "step r = http.get(u).json catch as e {{ yield e.{} }}\n  return 1"
    flow = f"import http\nflow f(u: url) -> any {{{{\n  {body}\n}}}}\n"
    for field, which in (("mesage", "no error"), ("status", "not every error")):
        (found,) = _errors(flow.format(field))
        assert found.message == f"{which} caught here has a field `{field}`"


@pytest.mark.parametrize(
    ("use", "is_soft"),
    [
        ('"{{ lead.note }}"', False),
        ("lead.tags.size", False),
        ("lead.note + 1", False),
        ("lead.tags[0]", False),
        ("lead.note.x", True),
    ],
)
def test_what_may_be_none_is_read_on_from_only_where_a_field_is_read(use: str, is_soft: bool) -> None:
    (found,) = _errors(f"{HEAD}flow f(lead: Lead) -> any {{\n  return {use}\n}}\n")
    assert (found.rule, "?." in found.help) == ("maybe-none", is_soft)


TRIGGERED = [
    ("on event('x') with { id: data.id }", "return id", "`event.data`", "id: event.data.id"),
    ("on event('x') when data.on with { id: event.data.id }", "return id", "`event.data`", "when event.data.on"),
    ("on event('x') with { id: event.order }", "return id", "`event.data.order`", "id: event.data.order"),
    ("on webhook('/x', secret=config.key) with { id: request.id }", "return id", "`webhook.json`", ""),
    ("on webhook('/x', secret=config.key) with { id: webhook.body.id }", "return id", "`json`", "webhook.json.id"),
    ("on cron('0 8 * * *') with { id: time | string }", "return id", "`cron.time`", "id: cron.time | string"),
    ("on event('x') with { id: event.data.id }", "return [id, event.id]", "`on event(…) with { name: event", ""),
    ("on event('x') with { id: event.data.id }", "return [id, request.id]", "sees its parameters only", ""),
]


@pytest.mark.parametrize(("trigger", "end", "help", "fixed"), TRIGGERED, ids=[row[2] for row in TRIGGERED])
def test_it_is_said_what_a_trigger_gives(trigger: str, end: str, help: str, fixed: str) -> None:
    text = f"config {{ key: secret }}\nflow f(id: string) -> any {{\n  {trigger}\n  {end}\n}}\n"
    (found,) = _errors(text)
    assert help in found.help
    assert bool(found.fixes) == bool(fixed)
    if fixed:
        after = apply(text, found.fixes[0].edits)
        assert fixed in after
        assert _errors(after) == []


def test_a_function_of_a_module_under_its_other_name_is_renamed() -> None:
    text = "import json\nflow f(a: any) -> string {\n  return json.dumps(a, indent=2)\n}\n"
    (found,) = _errors(text)
    assert found.help == "write `x | tojson`, or `json.dump(x)` with `import json`"
    assert not check_text(apply(text, found.fixes[0].edits)).diagnostics


def test_a_module_in_a_triggered_flow_is_one() -> None:
    text = "flow f() -> any {\n  on cron('0 8 * * *')\n  return time.seconds\n}\n"
    assert [each.rule for each in _errors(text)] == ["needs-import"]


def test_the_key_of_a_model_is_named() -> None:
    call = "llm.chat('x', model='m', key=config.key)"
    text = f"import llm\nconfig {{ key: secret }}\nflow f() -> any {{\n  step r = {call}\n  return r.text\n}}\n"
    (found,) = _errors(text)
    assert found.help == "it is called `api_key` here"
    assert _errors(apply(text, found.fixes[0].edits)) == []


@pytest.mark.parametrize(
    ("value", "help"),
    [("z.json[i]", "the block refers to `z`, and so waits for it as a whole: leave it out"),
     ("i", "write `after z` behind the block")],
)  # fmt: skip
def test_order_after_a_step_outside_of_the_block(value: str, help: str) -> None:
    text = f"{HEAD}flow f() -> any {{\n  step z = http.get(config.api)\n  step q = for i in [1, 2] {{\n"
    text += f'    step b = http.get("{{{{ config.api }}}}/{{{{ {value} }}}}")\n      after z\n    yield b.json\n  }}\n'
    text += "  return [q, z]\n}\n"
    (found,) = _errors(text)
    assert (found.rule, found.help) == ("not-a-step", help)
    after = text.replace("\n      after z", "").replace("  }\n  return", f"  }} {'after z' * (value == 'i')}\n  return")
    assert {each.rule for each in check_text(after).diagnostics} <= {"unused-import", "unused-service", "unused-type"}


@pytest.mark.parametrize(
    ("text", "rule", "help"),
    [
        ("import http\nfunction f(x: url) -> any = http.get(x).json\n", "action-in-expression", "is a flow"),
        ("action f(x: string) -> any = python('my.mod.load')\n", "bad-python-target", "`my.mod:load`"),
        ("action f(x: string) -> any = python('my mod')\n", "bad-python-target", "`package.module:function`"),
        ("service s { base_url = 'https://a.example', timeout = 5s }\n", "unknown-setting", "`@timeout(5s)`"),
        ("service s { base_url = 'https://a.example', retries = 5 }\n", "unknown-setting", "`@retry(attempts=3)`"),
    ],
)
def test_it_is_said_of_items_what_to_write(text: str, rule: str, help: str) -> None:
    (found,) = _errors(text)
    assert found.rule == rule
    assert help in found.help


def test_two_unknown_names_are_two_mistakes() -> None:
    found = _errors("flow f() -> any {\n  return gone / lost\n}\n")
    assert [each.rule for each in found] == ["unknown-name"] * 2


def test_a_division_of_misspelt_names_is_no_path() -> None:
    found = _errors("flow f(total: int, count: int) -> any {\n  return totl/cuont\n}\n")
    assert [(each.message, each.help) for each in found] == [
        ("nothing here is called `totl`", "did you mean `total`?"),
        ("nothing here is called `cuont`", "did you mean `count`?"),
    ]


def test_a_division_by_the_name_of_a_function_is_no_path() -> None:
    found = _errors("flow f() -> any {\n  return s/count\n}\n")
    assert [(each.rule, each.help) for each in found] == [("unknown-name", ""), ("not-a-value", "call it: `count(…)`")]


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("step r = http.get(u) // fetch", "step r = http.get(u) # fetch"),
        ("let n = 1 // one", "let n = 1 # one"),
        ("step r = http.get(u)\n  // fetch", "step r = http.get(u)\n  # fetch"),
        ("step r = http.get(u)\n  // then do this", "step r = http.get(u)\n  # then do this"),
    ],
)
def test_words_behind_two_slashes_are_a_comment(line: str, fixed: str) -> None:
    text = f"import http\nflow f(u: url) -> any {{\n  {line}\n  do http.get(u)\n  return 1\n}}\n"
    (found,) = _errors(text)
    assert found.help == "comments begin with `#`"
    after = apply(text, found.fixes[0].edits)
    assert fixed in after
    assert _errors(after) == []


def test_what_is_broken_is_not_called_besides() -> None:
    found = _errors("flow f(a: bool) -> any {\n  return 1 if a is none elseelse ('x')\n}\n")
    assert "not-callable" not in [each.rule for each in found]
    assert all(each.span.start < each.span.end for each in found)


def test_a_line_end_is_put_before_no_brace_that_is_missing() -> None:
    text = "flow f(u: url) -> any {\n  step s = get(u)   return [s]  # why }\n\nflow g() -> int {\n  return 1\n}\n"
    (found,) = [each for each in check_text(text).diagnostics if each.rule == "missing-line-end"]
    assert all(edit.span.start <= edit.span.end for edit in found.fixes[0].edits)


def test_a_misspelt_divisor_is_no_comment() -> None:
    (found,) = _errors("flow f(total: int, count: int) -> any {\n  return total // cuont\n}\n")
    assert found.help == "did you mean `count`?"


def test_a_flow_that_returns_inside_blocks_is_not_also_without_a_return() -> None:
    found = _errors("flow f(a: int) -> int {\n  if a > 1 { return 1 } else { return 2 }\n}\n")
    assert [each.rule for each in found] == ["misplaced-return"] * 2


@pytest.mark.parametrize(
    ("module", "call"),
    [("text", "return slug(a)"), ("text", "return a | slug"), ("notify", "do slack(a)\n  return a")],
)
def test_a_member_without_its_module_is_one_finding(module: str, call: str) -> None:
    text = f"import {module}\nflow f(a: string) -> string {{\n  {call}\n}}\n"
    (found,) = check_text(text).diagnostics
    assert found.rule == "unknown-function"
    after = apply(text, found.fixes[0].edits)
    assert f"{module}.s" in after
    assert "unknown-function" not in [each.rule for each in check_text(after).diagnostics]


def test_a_let_read_behind_its_block_is_one_finding() -> None:
    text = "flow f(a: int) -> string {\n  if a > 1 { let x = 'a' } else { let x = 'b' }\n  return x\n}\n"
    assert [each.rule for each in check_text(text).diagnostics] == ["unknown-name"]


OPTIONAL = """import http
type Point { x: int, y: float }
type Parcel { id: int, tag: string, at: Point, more: list[int] }
flow f(parcel: Parcel?, n: int) -> any {
  return WRITTEN
}
"""


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("parcel.id + 1", "parcel?.id | default(0)"),
        ("n * parcel.at.x", "parcel?.at?.x | default(0)"),
        ("parcel.id > 3", "parcel?.id | default(0)"),
        ("3 < parcel.at.y", "parcel?.at?.y | default(0)"),
        ("-parcel.id", "(parcel?.id | default(0))"),
        ("2 ** parcel.id", "parcel?.id | default(0)"),
        ("parcel.more[0]", "(parcel?.more | default([]))"),
        ("parcel.tag | upper", "parcel?.tag | default('')"),
        ("n in parcel.more", "parcel?.more | default([])"),
        ("[each for each in parcel.more]", "parcel?.more | default([])"),
        ('"no. {{ parcel.id }}"', "parcel?.id | default('')"),
        ("parcel.id == 3", "parcel?.id"),
        ("not parcel.tag", "parcel?.tag"),
        ("{ id: parcel.at.x }", "parcel?.at?.x"),
        ("[parcel.id for each in [n]]", "parcel?.id"),
    ],
)
def test_what_reads_on_is_taken_where_it_stands(written: str, ours: str) -> None:
    (found,) = _errors(OPTIONAL.replace("WRITTEN", written))
    assert found.help.endswith(f"or read on with `{ours}`")
    plain = ours.partition(" |")[0].replace("?", "").lstrip("(")
    assert _errors(OPTIONAL.replace("WRITTEN", written.replace(plain, ours))) == []
