"""Fixes, each on one line of a flow: what they make of it, to the character, and that nothing new is found then."""

from __future__ import annotations

import pytest

from flowlang.compiler.pipeline import check_text
from flowlang.diagnostics.fixing import apply, chosen_fix

FLOW = """\
import http
import notify

config {{ api: url, hook: secret[url] }}

flow f(id: string, n: int, xs: list[string], table: map[int], maybe: string?, b: bool, kind: 'auto' | 'home') -> any {{
  {line}
  return id
}}
"""
FIXES = [
    ("unknown-name", "step r = http.get(config.api, accept==[404])", "step r = http.get(config.api, accept=[404])"),
    ("unknown-name", "let r = 1 if kind == auto else 2", "let r = 1 if kind == 'auto' else 2"),
    (
        "unknown-name",
        "step r = match kind { case auto { yield 1 } case 'home' { yield 2 } }",
        "step r = match kind { case 'auto' { yield 1 } case 'home' { yield 2 } }",
    ),
    ("not-callable", "step r = for k, v in table.items() { yield v }", "step r = for k, v in table { yield v }"),
    ("not-callable", "let r = [v for k, v in table.items()]", "let r = [v for k, v in table]"),
    ("not-callable", "let r = [e.key for e in table.items()]", "let r = [e.key for e in (table | items)]"),
    ("not-callable", "let r = id.upper()", "let r = id | upper"),
    ("syntax-error", "let r = b && n > 1", "let r = b and n > 1"),
    ("syntax-error", "let r = b&&n > 1", "let r = b and n > 1"),
    ("syntax-error", "let r = b || n > 1", "let r = b or n > 1"),
    ("syntax-error", "let r = n === 1", "let r = n == 1"),
    ("syntax-error", "let r = n !== 1", "let r = n != 1"),
    ("syntax-error", "let r = 1 if n = 1 else 2", "let r = 1 if n == 1 else 2"),
    ("syntax-error", "let r = !b", "let r = not b"),
    ("syntax-error", "let r = n ^ 2", "let r = n ** 2"),
    ("syntax-error", "let r = n – 1", "let r = n - 1"),
    ("syntax-error", "let r = “a b”", 'let r = "a b"'),
    ("syntax-error", "let r := 3", "let r = 3"),
    ("syntax-error", "const r = 3", "let r = 3"),
    ("syntax-error", "let r = 3;", "let r = 3"),
    ("syntax-error", "let r = { a: 1, b = 2 }", "let r = { a: 1, b: 2 }"),
    ("syntax-error", "let r = xs | join(d: ',')", "let r = xs | join(d=',')"),
    ("syntax-error", "let r = f'{id} of {n}'", 'let r = "{{ id }} of {{ n }}"'),
    ("syntax-error", 'let r = f"{id}"', 'let r = "{{ id }}"'),
    ("syntax-error", "step r = await http.get(config.api)", "step r = http.get(config.api)"),
    ("syntax-error", "let r = \u0445s", "let r = xs"),
    ("syntax-error", "let r = id matches 'x'", "let r = id | matches('x')"),
    ("syntax-error", "let r = id =~ 'x'", "let r = id | matches('x')"),
    ("syntax-error", "let r = n > 1 and id startsWith 'x'", "let r = n > 1 and id | starts_with('x')"),
    ("syntax-error", "let r = 1 if id contains 'x' else 2", "let r = 1 if 'x' in id else 2"),
    ("syntax-error", "let r = 1 if xs contains id else 2", "let r = 1 if id in xs else 2"),
    (
        "syntax-error",
        "step r = call http.get(config.api)",
        "step r = http.get(config.api)",
    ),
    ("syntax-error", "step r = flow http.get(config.api)", "step r = http.get(config.api)"),
    ("syntax-error", "step r = http get(config.api)", "step r = http.get(config.api)"),
    ("syntax-error", "step r = await run http.get(config.api)", "step r = http.get(config.api)"),
    ("bad-url", 'do http.get("{{ config.api }}?q={{ id }} z")', 'do http.get("{{ config.api }}?q={{ id }}%20z")'),
    (
        "bad-url",
        'do http.get("{{ config.api }}/{{ id }} {{ n }}")',
        'do http.get("{{ config.api }}/{{ id }}%20{{ n }}")',
    ),
    ("bad-url", 'do http.get("{{ config.api }}/a b/{{ id }}")', 'do http.get("{{ config.api }}/a%20b/{{ id }}")'),
    ("bad-url", 'do http.get("{{ config.api }}?q={{ id }} ")', 'do http.get("{{ config.api }}?q={{ id }}%20")'),
    ("bad-url", 'do http.get("{{ config.api }}/{{ id }}/a ")', 'do http.get("{{ config.api }}/{{ id }}/a")'),
    ("bad-url", "do http.get('https://a.example/b c ')", "do http.get('https://a.example/b%20c')"),
    ("bad-url", "do http.get('https://a.example/?q={\"a\": 1}')", "do http.get('https://a.example/?q={\"a\":%201}')"),
    ("bad-url", 'do http.get("""https://a.example/"b c"/d""")', 'do http.get("""https://a.example/"b%20c"/d""")'),
    ("bad-url", "do http.get('https://a.example/#{{ id }}')", 'do http.get("https://a.example/#{{ id }}")'),
    ("bad-number", "do wait(1h30m)", "do wait(90m)"),
    ("bad-number", "do wait(1d12h)", "do wait(36h)"),
    ("bad-number", "do wait(5min)", "do wait(5m)"),
    ("bad-number", "do wait(2weeks)", "do wait(14d)"),
    ("bad-number", "let r = 0xff", "let r = 255"),
    ("bad-number", "let r = 1_000", "let r = 1000"),
    ("bad-number", "let r = 2026-01-09", "let r = date('2026-01-09')"),
    ("missing-else", "let r: int? = 1 if b", "let r: int? = 1 if b else none"),
    (
        "type-mismatch",
        "@retry('fixed', on=[503])\n  step r = http.get(config.api)",
        "@retry('fixed', on=['503'])\n  step r = http.get(config.api)",
    ),
]


@pytest.mark.parametrize(("rule", "bad", "good"), FIXES, ids=[bad for _, bad, _ in FIXES])
def test_a_fix_is_exact(rule: str, bad: str, good: str) -> None:
    text = FLOW.format(line=bad)
    found = check_text(text).diagnostics
    (wrong,) = [each for each in found if each.rule == rule]
    fix = chosen_fix(wrong, unsafe=True)
    assert fix is not None
    fixed = apply(text, fix.edits)
    assert fixed == FLOW.format(line=good)
    before = [(each.rule, each.message) for each in found]
    left = [(each.rule, each.message) for each in check_text(fixed).diagnostics if not each.rule.startswith("unused-")]
    assert [each for each in left if each not in before or each[0] == rule] == []


GET = 'http.get("{{{{ config.api }}}}/x").json'
HOISTED = [
    ("let r = {get}", True),
    ("let r = [{get}]", True),
    ("step r = http.post(config.api, json={{ a: {get}, id: id }})", True),
    ("step r = if {get}.ok {{ yield 1 }} else {{ yield 2 }}", True),
    ("step r = for i in {get} {{ yield i }}", True),
    ("step r = sequence {{ let a = [{get}] yield a }}", True),
    # under a condition only
    ("let r = {get} if b else 1", False),
    ("let r = b or {get}", False),
    ("step r = if b {{ yield 1 }} else if {get}.ok {{ yield 2 }} else {{ yield 3 }}", False),
    ("step r = for i in {get} {{ yield i }} when b", False),
    ("step r = http.post(config.api, json=[{get}]) when b", False),
    # without what guarded it
    ("step r = http.post(config.api, json=[{get}]) catch http {{ yield none }}", False),
    ("@timeout(5s)\n  step r = http.post(config.api, json=[{get}])", False),
    # earlier
    ("step a = http.post(config.api)\n  do http.post(config.api, json=[{get}]) after a", False),
    ("step a = http.post(config.api)\n  let r = [a.status, {get}]", False),
    # what it stands in has one step more
    ("step r = parallel {{ step a = [{get}] }}", False),
    ("step r = race {{ step a = [{get}] }}", False),
]


@pytest.mark.parametrize(("line", "is_safe"), HOISTED, ids=[line for line, _ in HOISTED])
def test_an_action_is_moved_only_where_it_runs_as_before(line: str, is_safe: bool) -> None:
    text = FLOW.format(line=line.format(get=GET.format()))
    (wrong,) = [each for each in check_text(text).diagnostics if each.rule == "action-in-expression"]
    assert [fix.safe for fix in wrong.fixes] == [is_safe]


def test_a_clause_on_its_line_goes_with_the_line() -> None:
    head = "import http\nconfig { api: url }\nflow f() -> any {\n  step a = http.get(config.api).json\n"
    step = '  step b = http.get("{{ config.api }}/{{ a.id }}").json\n'
    text = f"{head}{step}    after a\n  return b\n}}\n"
    (found,) = [each for each in check_text(text).diagnostics if each.rule == "redundant-after"]
    (edit,) = found.fixes[0].edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == f"{head}{step}  return b\n}}\n"


def test_a_body_on_one_line_gets_lines_for_a_new_step() -> None:
    head = "import http\nconfig { api: url }\nflow f() -> any {\n  step a = http.get(config.api).json\n"
    text = head + '    catch http { yield http.get("{{ config.api }}/b").json }\n  return a\n}\n'
    (found,) = [each for each in check_text(text).diagnostics if each.rule == "action-in-expression"]
    for edit in sorted(found.fixes[0].edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    step = '    catch http {\n      step answer = http.get("{{ config.api }}/b").json\n      yield answer\n    }\n'
    assert text == head + step + "  return a\n}\n"


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\u200b"])
def test_a_hidden_character_in_a_text_is_told(char: str) -> None:
    text = f"flow f() -> string {{\n  return 'a{char}b'\n}}\n"
    assert [each.rule for each in check_text(text).diagnostics] == ["hidden-character"]


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("let r = id like 'x%'", "matches('x')"),
        ("let r = n + id matches 'x'", "matches('x')"),
        ("let r = id == kind matches 'x'", "matches('x')"),
        ("do http.get(config.api) fallback 'x'", "`catch { yield 'x' }`"),
        ("do http.get(config.api)\n  fallback 'x'", "`catch { yield 'x' }`"),
        ("do http.get(config.api)\n  fallback none", "`catch { yield 'x' }`"),
        ("xs.append(3)", "`let more = xs + [x]`"),
        ("let r = n of(3)", ""),
        ("let r = maybe!.x", "`x | default(y)`"),
        ("gone 'x'", "in parentheses"),
        ("wait(5m)\n  step r = id", "what is to wait for it says `after wait`"),
        ("wait 5m\n  step r = id", "`do wait(5m)`; what is to wait for it"),
        ("sleep(5s)\n  step r = id", "`do wait(5s)`; what is to wait for it"),
        ("do wait(1m)\n  wait(5m)\n  step r = id after wait", "what is to wait for it"),
        ("let r: int = n when b", "`… if condition else …`"),
    ],
)
def test_what_is_not_certain_has_help_and_no_fix(line: str, help: str) -> None:
    (wrong,) = [each for each in check_text(FLOW.format(line=line)).diagnostics if each.rule == "syntax-error"]
    assert help in wrong.help
    assert not wrong.fixes


@pytest.mark.parametrize(
    ("lines", "fixed"),
    [
        ("wait(5m)", "do wait(5m)"),
        ("wait 5m\n  step r = id\n    after wait", "do wait(5m)\n  step r = id\n    after wait"),
        ("sequence {\n    sleep(5s)\n    step r = id\n  }", "sequence {\n    do wait(5s)\n    step r = id\n  }"),
        (
            "repeat a = n {\n    step r = id\n    wait(5m)\n    yield r next none\n  }",
            "repeat a = n {\n    step r = id\n    do wait(5m)\n    yield r next none\n  }",
        ),
    ],
)
def test_a_wait_is_mended_where_it_delays_something(lines: str, fixed: str) -> None:
    text = FLOW.format(line=lines)
    (wrong,) = [each for each in check_text(text).diagnostics if each.rule == "syntax-error"]
    after = apply(text, wrong.fixes[0].edits)
    assert after == FLOW.format(line=fixed)
    assert "idle-wait" not in {each.rule for each in check_text(after).diagnostics}


@pytest.mark.parametrize(
    ("result", "fixes"),
    [("int", 0), ("'a' | 'b'", 0), ("list[{ a: int }]", 0), ("int?", 1), ("{ a: int }?", 1), ("any", 0)],
)
@pytest.mark.parametrize("word", ["when", "if"])
def test_a_result_becomes_none_only_where_it_may(word: str, result: str, fixes: int) -> None:
    text = f"flow f(x: any, c: bool) -> {result} {{\n  return x {word} c\n}}\n"
    (wrong,) = [each for each in check_text(text).diagnostics if each.severity == "error"]
    assert wrong.rule == ("missing-else" if word == "if" else "syntax-error")
    assert len(wrong.fixes) == fixes
    for fix in wrong.fixes:
        assert "x if c else none" in apply(text, fix.edits)


@pytest.mark.parametrize("word", ["let", "on", "return", "step", "when", "while"])
@pytest.mark.parametrize("head", ["", "http\n"])
def test_a_comma_before_a_key_stands_on_its_line_or_nowhere(head: str, word: str) -> None:
    text = f"{head}flow f(b: int) {{\n  let x = {{ b {word}: 1 }}\n}}\n"
    for wrong in check_text(text).diagnostics:
        for fix in wrong.fixes:
            assert apply(text, fix.edits) == text.replace("{ b ", "{ b, ")


@pytest.mark.parametrize(("declared", "fixes"), [("any", 0), ("string", 0), ("any?", 1), ("string?", 1)])
def test_a_value_becomes_none_only_where_its_type_admits_it(declared: str, fixes: int) -> None:
    text = f"flow f(n: int) -> any {{\n  let x: {declared} = 'a' if n > 1\n  return [x]\n}}\n"
    (wrong,) = [each for each in check_text(text).diagnostics if each.severity == "error"]
    assert wrong.rule == "missing-else"
    assert len(wrong.fixes) == fixes
    for fix in wrong.fixes:
        assert "maybe-none" not in {each.rule for each in check_text(apply(text, fix.edits)).diagnostics}


OTHER = """\
import http
config {{ api: url }}
type M = string?
type N = M | int
flow f(n: int, b: bool, xs: list[int]) -> any {{
  {line}
}}
"""


@pytest.mark.parametrize(
    ("line", "is_safe"),
    [
        # what is declared admits it
        ("let r: M = 'a' if b\n  return [r]", True),
        ("let r: N = 'a' if b\n  return [r]", True),
        ("let r: none | string = 'a' if b\n  return [r]", True),
        ("let r: int(ge=0)? = 1 if n > 1\n  return [r]", True),
        ("let r: list[int?] = [1 if b]\n  return r", True),
        ("let r: {{ a: int? }} = {{ a: 1 if b }}\n  return r", True),
        ("step r = http.get(config.api, params={{ q: 1 if b }})\n  return r", True),
        ('return "{{{{ 1 if b }}}}"', True),
        ('step r = http.get("{{{{ config.api }}}}/{{{{ n if b }}}}")\n  return r', True),
        # nothing is declared
        ("let r = 1 if b\n  return [r]", False),
        ("let r = [{{ a: 1 if b }}]\n  return r", False),
        ("step r = for x in xs {{ yield x if b }}\n  return r", False),
        # it does not admit it
        ("let r: int(ge=0) = 1 if n > 1\n  return [r]", None),
        ("let r: {{ a: int }} = {{ a: 1 }} if b\n  return [r]", None),
        ("let r: {{ a: int }} = {{ a: 1 if b }}\n  return [r]", None),
        ("let r: list[int] = [1 if b]\n  return r", None),
        ("let r: map[int | none]? = {{ a: 1 }}\n  let s: list[int | none | string] = xs if b\n  return [r, s]", None),
        ("return 1 if b", None),
        ("let r = (1 if b) + 2\n  return [r]", None),
        ("let r = 1 if (b if n > 1) else 2\n  return [r]", None),
        ('step r = http.get("{{{{ config.api if b }}}}/x")\n  return r', None),
    ],
)
def test_none_is_the_other_value_only_where_it_may_stand(line: str, is_safe: bool | None) -> None:
    text = OTHER.format(line=line.format())
    (wrong,) = [each for each in check_text(text).diagnostics if each.severity == "error"]
    assert wrong.rule == "missing-else"
    assert [fix.safe for fix in wrong.fixes] == ([] if is_safe is None else [is_safe])
    for fix in wrong.fixes:
        assert not [each for each in check_text(apply(text, fix.edits)).diagnostics if each.severity == "error"]


@pytest.mark.parametrize(("result", "fixes"), [("string", 0), ("string?", 1), ("M", 1)])
def test_none_is_the_result_of_a_function_only_where_it_may(result: str, fixes: int) -> None:
    text = f"type M = string?\nfunction g(b: bool) -> {result} = 'b' if b\n"
    (wrong,) = [each for each in check_text(text).diagnostics if each.severity == "error"]
    assert (wrong.rule, len(wrong.fixes)) == ("missing-else", fixes)


@pytest.mark.parametrize(
    ("line", "fixed"),
    [
        ("let r = [1 when n > 1]", "let r = [1 if n > 1 else none]"),
        ("let r = [(1) when (n > 1), 2]", "let r = [(1) if (n > 1) else none, 2]"),
        ("let r = 1 when n > 1", "let r = 1 if n > 1 else none"),
    ],
)
def test_the_other_value_stands_behind_the_condition(line: str, fixed: str) -> None:
    (wrong,) = [each for each in check_text(FLOW.format(line=line)).diagnostics if each.severity == "error"]
    assert [fix.safe for fix in wrong.fixes] == [False]
    assert apply(FLOW.format(line=line), wrong.fixes[0].edits) == FLOW.format(line=fixed)


@pytest.mark.parametrize(
    ("number", "fixes"),
    [("9223372036854775807", 1), ("9223372036854775808", 0), ("-9223372036854775808", 0), ("9" * 5000, 0)],
)
def test_a_number_in_quotes_loses_them_only_where_it_fits_64_bits(number: str, fixes: int) -> None:
    for line in (f"let r = 1 if n == '{number}' else 2", f"let r: int = '{number}'"):
        text = FLOW.format(line=line)
        (wrong,) = [each for each in check_text(text).diagnostics if each.severity == "error"]
        assert len(wrong.fixes) == fixes
        for fix in wrong.fixes:
            assert not [each for each in check_text(apply(text, fix.edits)).diagnostics if each.severity == "error"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("let word = 'a'\n  let r = word('x')\n  return [r]", "word"),
        ("step q = n\n  let l = 1\n  step r = http.post(config.api) after l\n  return [q, r]", "l"),
        ("step p = parallel {{ step inner = 1 }}\n  let q = inner\n  return [q]", "p"),
        ("ensure x > 1\n  step x = n", "x"),
    ],
)
def test_what_a_mistake_is_about_is_not_unused(line: str, name: str) -> None:
    text = f"import http\nconfig {{ api: url }}\nflow f(n: int) -> any {{\n  {line.format()}\n}}\n"
    found = check_text(text).diagnostics
    assert "error" in {each.severity for each in found}
    assert not [each for each in found if each.rule.startswith("unused-") and text[each.span.start :].startswith(name)]


@pytest.mark.parametrize(
    "line", ["if b {{ step q = n }}", "for x in xs {{ let q = x }}", "for x in xs {{ step q = x }}"]
)
def test_no_block_is_left_empty(line: str) -> None:
    found = check_text(FLOW.format(line=line.format())).diagnostics
    (unused,) = [each for each in found if each.rule in ("unused-step", "unused-let")]
    assert unused.fixes == ()


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("step body = http.get('https://a.example/{{{{ nobody }}}}').json", ""),
        ("step body = http.get(nobody).json", ""),
        ("let body = sequence {{ step c = nobody }}", ""),
        ("step body = http.get(config.api)\n    ensure nobody.status == 200", "did you mean `body`?"),
        ("step body = http.get(config.api)\n  do http.post(config.api, json=nobody)", "did you mean `body`?"),
    ],
)
def test_a_step_is_not_offered_for_what_it_is_made_of(line: str, help: str) -> None:
    text = FLOW.format(
        line=line.format().replace("'https://a.example/{{ nobody }}'", '"{{ config.api }}/{{ nobody }}"')
    )
    found = [each for each in check_text(text).diagnostics if each.rule == "unknown-name"]
    assert [each.help for each in found] == ([help] if found else [])


@pytest.mark.parametrize(("arguments", "fixes"), [("", 1), (", params={ a: 1 }", 1), (", json={ a: 1 }", 0)])
def test_a_call_is_renamed_only_if_it_is_taken_so(arguments: str, fixes: int) -> None:
    text = FLOW.format(line=f"step r = http.fetch(config.api{arguments})")
    (wrong,) = [each for each in check_text(text).diagnostics if each.severity == "error"]
    assert len(wrong.fixes) == fixes


LONG = ["106751991168d", "999999999999999999h", f"{'9' * 30}ms", "106751991168 days", "2562047788h59m", "0.0000001s"]


@pytest.mark.parametrize(
    "line", ["do wait('{}')", "let r: duration = '{}'", "@timeout('{}')\n  do http.get(config.api)"]
)
@pytest.mark.parametrize(("text", "fixes"), [("106751991d", 1), ("2562047787h59m", 1), *((each, 0) for each in LONG)])
def test_a_duration_in_quotes_loses_them_only_where_it_fits_64_bits(line: str, text: str, fixes: int) -> None:
    found = check_text(FLOW.format(line=line.format(text))).diagnostics
    (wrong,) = [each for each in found if each.rule == "type-mismatch"]
    assert len(wrong.fixes) == fixes


@pytest.mark.parametrize(
    ("written", "fixes"),
    [
        *(("1h2562047787h", 1), ("1h2562047788h", 0), ("1h999999999999999999m", 0)),
        *(("106751991days", 1), ("106751992days", 0), ("15250284weeks", 1), ("15250285weeks", 0)),
        *(("0x7fffffffffffffff", 1), ("0x8000000000000000", 0), ("9_223_372_036_854_775_808", 0)),
    ],
)
def test_no_number_is_offered_that_does_not_fit_64_bits(written: str, fixes: int) -> None:
    text = FLOW.format(line=f"let r = {written}")
    (wrong,) = [each for each in check_text(text).diagnostics if each.severity == "error"]
    assert (wrong.rule, len(wrong.fixes)) == ("bad-number", fixes)
    assert str(wrong.help).count("999999999999999999") == 0
    for fix in wrong.fixes:
        assert not [each for each in check_text(apply(text, fix.edits)).diagnostics if each.severity == "error"]


@pytest.mark.parametrize(("type", "value"), [("int(ge=5)", "3"), ("float(lt=1.0)", "1.5"), ("int(ge=0, le=9)?", "-1")])
def test_a_number_in_quotes_that_is_out_of_bounds_keeps_them(type: str, value: str) -> None:
    found = check_text(FLOW.format(line=f"let r: {type} = '{value}'")).diagnostics
    (wrong,) = [each for each in found if each.rule == "type-mismatch"]
    assert wrong.fixes == ()


def test_a_status_that_no_retry_changes_is_not_quoted() -> None:
    found = check_text(FLOW.format(line="@retry('fixed', on=[404])\n  do http.get(config.api)")).diagnostics
    (wrong,) = [each for each in found if each.rule == "type-mismatch"]
    assert wrong.fixes == ()
    assert wrong.help == "404 stays what it is, however often one asks: leave it out"


@pytest.mark.parametrize(
    "line", ['import "http"', "from http import get", "import htpp", "import time, http", "use http"]
)
def test_a_module_is_not_imported_twice(line: str) -> None:
    text = "import http\n{}\nflow f() -> any {{\n  step a = http.get('https://a.example').json\n  return a\n}}\n"
    (wrong,) = [each for each in check_text(text.format(line)).diagnostics if each.severity == "error"]
    assert wrong.fixes == ()


def test_a_type_is_not_offered_as_a_value() -> None:
    text = "type Lead { id: string }\nflow f() -> any {\n  return laed\n}\n"
    (wrong,) = check_text(text).diagnostics
    assert (wrong.rule, wrong.help, wrong.fixes) == ("unknown-name", "", ())


def test_a_sign_behind_a_type_goes() -> None:
    text = "flow f(a: int!, b: list[string!]!) -> int! {\n  return a + (b | length)\n}\n"
    for _ in range(4):
        wrong = [each for each in check_text(text).diagnostics if each.rule == "syntax-error"]
        text = apply(text, [edit for each in wrong for edit in each.fixes[0].edits])
    assert text == "flow f(a: int, b: list[string]) -> int {\n  return a + (b | length)\n}\n"
    assert not check_text(text).diagnostics


@pytest.mark.parametrize(
    ("line", "help", "fixed"),
    [
        ('do http.get("https://a.example/${xs}")', "`params={ xs: … }`", ""),
        ('do http.get("https://a.example/{xs}")', "`params={ xs: … }`", ""),
        ('do http.get("https://a.example/${maybe}")', "`when maybe is not none`", ""),
        ('do http.get("https://a.example/{id}")', "`{{ id }}`", 'do http.get("https://a.example/{{ id }}")'),
        ('do http.post(config.api, text="${maybe}")', "default('')", "text=\"{{ maybe | default('') }}\")"),
        ('do http.post(config.api, text="${config.hook}")', "a secret goes into a header or a body", ""),
        ('do http.post(config.api, text="${xs}")', "`{{ xs }}`", 'text="{{ xs }}")'),
    ],
)
def test_a_hole_is_offered_where_its_value_may_stand(line: str, help: str, fixed: str) -> None:
    text = FLOW.format(line=line)
    (wrong,) = [each for each in check_text(text).diagnostics if each.rule == "foreign-hole"]
    assert help in wrong.help
    assert bool(wrong.fixes) == bool(fixed)
    if fixed:
        after = apply(text, wrong.fixes[0].edits)
        assert fixed in after
        old = {each.rule for each in check_text(text).diagnostics}
        assert {each.rule for each in check_text(after).diagnostics} < old


@pytest.mark.parametrize(("hole", "default"), [("${n}", "n"), ("{g}", "g"), ("{a.id}", "a.id"), ("{g.name}", "")])
def test_a_hole_for_what_may_be_none_has_a_default_or_no_fix(hole: str, default: str) -> None:
    text = f"""\
import http
config {{ api: url }}
flow f(id: string, a: {{ id: string }}?) -> any {{
  step g: {{ name: string }} = http.get("{{{{ config.api }}}}/x").json when id != 'x'
  step n = id when id != 'y'
  return [g, n, a, "{hole}"]
}}
"""
    (wrong,) = [each for each in check_text(text).diagnostics if each.rule == "foreign-hole"]
    if not default:
        assert "the same `when` as `g`" in wrong.help
        assert not wrong.fixes
        return
    after = apply(text, wrong.fixes[0].edits)
    assert f"{{{{ {default} | default('') }}}}" in after
    assert not [each for each in check_text(after).diagnostics if each.rule == "maybe-absent"]


def test_a_hole_where_a_url_admits_none_has_no_fix() -> None:
    found = check_text(FLOW.format(line='do http.get("https://${id}/x")')).diagnostics
    (wrong,) = [each for each in found if each.rule == "foreign-hole"]
    assert not wrong.fixes
