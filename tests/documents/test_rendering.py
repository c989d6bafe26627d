"""What a document template makes of values: its text, escaped for its kind of file, within the limits, pinned."""

from __future__ import annotations

from typing import Any

import pytest

from flowlang.compiler.lower import lower
from flowlang.plan import codec
from flowlang.plan.identity import content_hash
from flowlang.plan.nodes import Limits
from flowlang.runtime.errors import RunError
from tests.documents.rendering import checked, evaluated, flow, plan_of, rendered

ITEMS = [
    {"name": "a<b", "price": 2.5, "note": None, "tags": ["x", "y"]},
    {"name": "c", "price": 0.0, "note": "n", "tags": []},
    {"name": "d", "price": 1.0, "note": "'\"&", "tags": ["z"]},
]
GIVEN: dict[str, Any] = {"items": ITEMS, "who": "A & B", "n": 3, "wait": 90_000_000, "m": {"k": 1, "l": 2}, "ok": True}
TYPES = {
    "items": "list[Item]", "who": "string", "n": "int", "wait": "duration", "m": "map[int]", "ok": "bool"
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain\n", "plain"),
        ("plain\n\n", "plain\n"),
        ("a\r\nb\r\n", "a\nb"),
        ("{{ who }}, {{ n }} {{ wait }} {{ ok }} {{ m }}", 'A & B, 3 1m30s true {"k": 1, "l": 2}'),
        ("{% if n > 3 %}a{% elif n > 2 %}b{% else %}c{% endif %}!", "b!"),
        ("{% if n > 3 %}a{% endif %}!", "!"),
        ("{% for i in items %}{{ i.name }} {% endfor %}", "a<b c d "),
        ("{% for i in items if i.price %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 "),
        ("{% for i in items if i.price > 9 %}{{ i.name }}{% else %}none{% endfor %}", "none"),
        ("{% for i in items if i.price > 9 %}{{ loop.first }}{% else %}none{% endfor %}", "none"),
        ("{% for k, v in m %}{{ loop.revindex }}{{ k }}={{ v }};{% endfor %}", "2k=1;1l=2;"),
        ("{% for k in m %}{{ k }}{% endfor %}", "kl"),
        ("{% for i in items %}{% for t in i.tags %}{{ t }}{% endfor %}{{ loop.index }}{% endfor %}", "xy12z3"),
        ("{% set x = n + 1 %}{% set y = x * 2 %}{{ x }}{{ y }}", "48"),
        ("{% for i in items %}{% set p = i.price * 2 %}{{ p }} {% endfor %}", "5.0 0.0 2.0 "),
        ("a {%- if ok -%} b {%- endif -%} c", "abc"),
        ("a{# no #}b{% raw %}{{ n }}{% endraw %}", "ab{{ n }}"),
        ("{{ (items | first).name }} {{ items | map(attribute='price') | sum }}", "a<b 3.5"),
        ("{{ who | text.slug }}", "a-b"),
        ("{{ '{{' }}{{ \"it's\" }}", "{{it's"),
    ],
)  # fmt: skip
def test_its_text(template: str, text: str) -> None:
    used = {name: of for name, of in TYPES.items() if name in template}
    assert rendered(template.replace("(items | first)", "items[0]"), GIVEN, **used) == text


@pytest.mark.parametrize("name", ["t.html", "t.html.j2", "t.htm.j2", "t.xml.j2", "T.HTML.j2"])
def test_markup_is_escaped(name: str) -> None:
    template = "<a title='{{ note }}'>{{ who }}{% if who %}&amp;{{ who ~ '<' }}{% endif %}</a>"
    text = rendered(template, {"who": "A & B", "note": "'\"<>"}, name, who="string", note="string")
    assert text == "<a title='&#39;&#34;&lt;&gt;'>A &amp; B&amp;A &amp; B&lt;</a>"


@pytest.mark.parametrize("name", ["t.j2", "t.txt.j2", "t.html.txt.j2", "t.md.j2"])
def test_other_files_are_not(name: str) -> None:
    assert rendered("<{{ who }}>", {"who": "A & B"}, name, who="string") == "<A & B>"


def test_a_document_in_a_document_is_data() -> None:
    text = """\
import text

flow f(a: string) -> string {
  let inner = text.render('i.html', { a })
  return text.render('o.html', { inner })
}
"""
    plan = lower(checked({"a.flow": text, "i.html": "<b>{{ a }}</b>", "o.html": "{{ inner }}"}))
    inner = plan.flows["f"].body.lets[0].value
    assert "i.html" in str(inner)
    assert evaluated(plan, {"inner": "<b>x</b>"}) == "&lt;b&gt;x&lt;/b&gt;"


# ---- limits


def fault_of(template: str, values: dict[str, Any], limits: Limits, **parameters: str) -> str:
    with pytest.raises(RunError) as caught:
        evaluated(plan_of(template, limits=limits, **parameters), values)
    assert caught.value.code == "limit"
    return caught.value.message


def test_work_is_bounded() -> None:
    for inside in ("", "{% if loop.first %}{% endif %}"):
        template = "{% for a in xs %}{% for b in xs %}" + inside + "{% endfor %}{% endfor %}"
        assert "units of work" in fault_of(template, {"xs": [0] * 500}, Limits(units=100_000), xs="list[int]")


def test_text_is_bounded_before_it_is_joined() -> None:
    """Else a few holes would make gigabytes of a large value."""
    limits = Limits(text_bytes=100_000)
    assert "longer than 100,000" in fault_of("{{ a }}" * 1000, {"a": "x" * 90_000}, limits, a="string")
    loop = "{% for x in xs %}{{ a }}{% endfor %}"
    given = {"a": "x" * 90_000, "xs": [0] * 1000}
    assert "longer than 100,000" in fault_of(loop, given, limits, a="string", xs="list[int]")


# ---- the plan


def test_the_plan_holds_the_template() -> None:
    files = {"flows/a.flow": flow("../mails/t.j2", who="string"), "mails/t.j2": "Dear {{ who }}"}
    plan = lower(checked(files))
    assert list(plan.functions) == ["../mails/t.j2"]
    again = codec.loads(codec.dumps(plan))
    assert evaluated(again, {"who": "A"}) == "Dear A"


def test_another_template_is_another_plan() -> None:
    text, templates = flow("t.j2", who="string"), ("{{ who }}", "{{who}}", "{{ who }}!")
    plans = [lower(checked({"a.flow": text, "t.j2": template})) for template in templates]
    first, same, other = map(content_hash, plans)
    assert first == same != other


def test_calls_with_the_same_types_share_a_function() -> None:
    text = """\
import text

flow f(a: string, b: string, c: duration) -> list[string] {
  return [
    text.render('t.j2', { x: a }),
    text.render('t.j2', { x: b }),
    text.render('t.j2', { x: c }),
  ]
}
"""
    plan = lower(checked({"a.flow": text, "t.j2": "{{ x }}"}))
    assert list(plan.functions) == ["t.j2", "t.j2#1"]
    assert evaluated(plan, {"a": "1", "b": "2", "c": 60_000_000}) == ["1", "2", "1m"]


def test_values_of_a_record_are_read_where_they_are_used() -> None:
    text = """\
import text

type Lead { id: string, name: string? }

flow f(lead: Lead) -> string {
  return text.render('t.j2', lead)
}
"""
    plan = lower(checked({"a.flow": text, "t.j2": "{{ id }}{{ name | default('-') }}"}))
    assert evaluated(plan, {"lead": {"id": "l1"}}) == "l1-"


def test_spread_values() -> None:
    text = """\
import text

type Lead { id: string, name: string }

flow f(lead: Lead, n: int) -> string {
  return text.render('t.j2', { **lead, n })
}
"""
    plan = lower(checked({"a.flow": text, "t.j2": "{{ id }}{{ n }}"}))
    assert evaluated(plan, {"lead": {"id": "l1", "name": "x"}, "n": 2}) == "l12"


def test_a_secret_value_is_written() -> None:
    text = """\
import text

config {
  token: secret
}

function f(t: string) -> string = t

flow g() -> int {
  let page = text.render('t.j2', { t: config.token })
  return 1 if page == 'x' else 2
}
"""
    program = checked({"a.flow": text, "t.j2": "{{ t }}"})
    assert [each.rule for each in program.diagnostics if each.severity == "error"] == []
    assert list(lower(program).functions) == ["t.j2"]
