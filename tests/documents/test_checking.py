"""What is wrong with a document template is found in the template, at its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowlang.compiler.pipeline import check, check_text
from flowlang.compiler.workspace import reader
from flowlang.diagnostics import Diagnostic
from tests.documents.rendering import checked, findings, flow

ITEMS = {"items": "list[Item]", "who": "string", "n": "int?", "may": "{ id: int }?"}


@pytest.mark.parametrize(
    ("template", "rule", "place"),
    [
        ("Dear {{ whom }},\n", "unknown-name", "1:9 whom"),
        ("\n\n  {{ who | uper }}", "unknown-function", "3:12 uper"),
        ("{{ who is odder }}", "unknown-test", "1:11 odder"),
        ("{{ n }}", "maybe-none", "1:4 n"),
        ("{{ may.id + 1 }}", "maybe-none", "1:4 may"),
        ("{{ config['crm'] }}", "unknown-name", "1:4 config"),
        ("{{ none }}", "none-in-template", "1:4 none"),
        ("{{ who + 1 }}", "wrong-operand", "1:4 who + 1"),
        ("{% for i in items %}\n{{ i.nam }}{% endfor %}", "unknown-field", "2:6 nam"),
        ("{% for i in who %}{% endfor %}", "not-iterable", "1:13 who"),
        ("{% for i in items %}{{ loop.cycle }}{% endfor %}", "unknown-field", "1:29 cycle"),
        ("{{ loop.index }}", "unknown-name", "1:4 loop"),
        ("{% for i in items %}{% endfor %}{{ i }}", "unknown-name", "1:36 i"),
        ("{% for who in items %}{% endfor %}", "shadowed-name", "1:8 who"),
        ("{% set x = 1 %}{% set x = 2 %}{{ x }}", "shadowed-name", "1:23 x"),
        ("{% set x = none %}", "none-in-template", "1:12 none"),
        ("{% if who == 1 %}{% endif %}", "impossible-comparison", "1:14 1"),
        ("{{ who.upper() }}", "not-callable", "1:8 upper"),
        ("{{ now() }}", "action-in-expression", "1:4 now"),
        ("{{ who | truncate('x') }}", "type-mismatch", "1:19 'x'"),
        ("{{ config.crm }}", "unknown-name", "1:4 config"),
        ("{{ who | safe }}", "unknown-function", "1:10 safe"),
        # structure
        ("{{ who", "unclosed-bracket", "1:1 {{"),
        ("a {# b", "unclosed-bracket", "1:3 {#"),
        ("{% raw %} a", "unclosed-bracket", "1:1 {%"),
        ("{{ who ? 1 }}", "syntax-error", "1:8 ?"),
        ("{{ 'who }}", "syntax-error", "1:4 '"),
        ("{{ who) }}", "syntax-error", "1:7 )"),
        ("{{ who n }}", "syntax-error", "1:8 n"),
        ("{{ }}", "syntax-error", "1:1 {{ }}"),
        ("{% if -%}a{% endif %}", "syntax-error", "1:1 {% if -%"),
        ("a\n{% if who %}", "syntax-error", "2:1 {% if who %}"),
        ("{% for i in items %}{% if who %}{% endfor %}", "syntax-error", "1:21 {% if who %}"),
        ("{% endif %}", "syntax-error", "1:1 {% endif %}"),
        ("{% if who %}a{% endfor %}b{% endif %}", "syntax-error", "1:14 {% endfor %}"),
        ("{% if who %}a{% else if n is none %}b{% else %}c{% endif %}", "syntax-error", "1:14 {% else if n is none %}"),
        ("{% unless who %}a{% endunless %}", "unsupported-tag", "1:1 {% unless who %}"),
        ("{% for i items %}{% endfor %}", "syntax-error", "1:1 {% for i items %}"),
        ("{% for loop in items %}{% endfor %}", "syntax-error", "1:8 loop"),
        ('{{ "a {{ who }}" }}', "syntax-error", '1:4 "a {{ who }}"'),
        ("{{ who if n }}", "missing-else", "1:4 who if n"),
        ("{{ who }} {{ [w for w in items] | length }}", "syntax-error", "1:14 [w for w in items] | length"),
        ("{{ 30s }}", "syntax-error", "1:4 30s"),
        ("{% if who %}{% endif x %}", "syntax-error", "1:16 endif x"),
        ("{% if a %}" * 70, "too-deep", "1:641 {% if a %}"),
        # what Jinja2 has and we have not
        ("{% include 'x' %}", "unsupported-tag", "1:1 {% include 'x' %}"),
        ("{% macro f(a) %}{{ a }}{% endmacro %}", "unsupported-tag", "1:1 {% macro f(a) %}"),
        ("a\n {%- extends 'b' %}", "unsupported-tag", "2:2 {%- extends 'b' %}"),
        ("{% block b %}{{ who }}{% endblock %}", "unsupported-tag", "1:1 {% block b %}"),
        ("{% frob %}", "unsupported-tag", "1:1 {% frob %}"),
        ("{% if who %}{% set x = 1 %}{% endif %}", "unsupported-tag", "1:13 {% set x = 1 %}"),
        ("{% set x %}a{% endset %}", "unsupported-tag", "1:1 {% set x %}"),
        ("{% for i in items recursive %}{{ i.name }}{% endfor %}", "unsupported-tag", "1:19 recursive"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_finding_at_its_place(template: str, rule: str, place: str) -> None:
    assert [(found, at) for found, _, at in findings(template, **ITEMS)] == [(rule, place)]


def test_each_mistake_is_found() -> None:
    template = "{{ whom }}\r\n{{ a ? b }}\r\n{% include 'x' %}\r\n{{ b | }}\r\n"
    assert [at for _, _, at in findings(template, **ITEMS)] == ["1:4 whom", "2:6 ?", "3:1 {% include 'x' %}", "4:6 |"]
    template = "é {{ whom }}\r\n{{ who | uper }}\r{{ n + 1 }}\n"
    assert [at for _, _, at in findings(template, **ITEMS)] == ["1:6 whom", "2:10 uper", "3:4 n"]


@pytest.mark.parametrize(
    "bad",
    [
        "{% if a ? b %}{{ n + 1 }}{% endif %}",
        "{% if n is not none ? %}{{ n + 1 }}{% elif n ! 1 %}{{ n + 1 }}{% endif %}",
        "{% if who == 'x %}b{% endif %}",
        "{% for i ? items %}{{ i.name }}{{ loop.index }}{% endfor %}",
        "{% for i items %}{{ i.name }}{{ loop.index }}{% endfor %}",
        "{% for k v in items %}{{ k }}{{ v }}{% endfor %}",
        "{% fro i in items %}{{ i.name }}{{ loop.index }}{{ n + 1 }}{% endfor %}",
        "{% if n is none %}{% esle %}{{ n + 1 }}{% endif %}",
        "{% set x ? 1 %}{{ x + 1 }}",
        "{% set x %}a{% endset %}{{ x }}",
        "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1) }}",
        "{% import 'm' as m %}{{ m.f(1) }}",
        "{% with y = 1 %}{{ y }}{% endwith %}",
        "{% if who %}{{ who }}",
        "{{ who ? 1 }}",
        "{{ 'who }}",
        "{% if who %}{% endif ? %}",
    ],
)
@pytest.mark.parametrize("other", ["{{ whom }}", "{{ who | uper }}", "{{ who is odder }}", "{{ who | }}"])
def test_a_bad_tag_hides_no_other_mistake(bad: str, other: str) -> None:
    (only,) = {rule for rule, _, _ in findings(other, **ITEMS)}
    alone = findings(bad, **ITEMS)
    assert {rule for rule, _, _ in alone} <= {"syntax-error", "unsupported-tag"}
    assert len(alone) == 1 + ("elif" in bad)
    for both in (bad + "\n" + other, other + "\n" + bad):
        found = [rule for rule, _, _ in findings(both, **ITEMS)]
        assert sorted(found) == sorted([*(rule for rule, _, _ in alone), only])


def test_names_are_not_told_where_what_declares_them_may_be_missing() -> None:
    found = findings("{{ i.name }}{% endfor %}{{ who | uper }}", **ITEMS)
    assert [at for _, _, at in found] == ["1:13 {% endfor %}", "1:34 uper"]


@pytest.mark.parametrize(
    "template",
    [
        "{% if n is not none %}{{ n + 1 }}{% else %}{{ who }}{% endif %}",
        "{% if n is none %}{% elif n > 3 %}{{ n }}{% endif %}",
        "{% for i in items if i.note is not none %}{{ i.note | upper }}{% endfor %}",
        "{% for i in items %}{% for t in i.tags %}{{ loop.index }}{% endfor %}{{ loop.last }}{% else %}-{% endfor %}",
        "{% for i in items %}{{ i.name }}{% endfor %}{% for i in items %}{{ i.price }}{% endfor %}",
        "{% set total = items | sum(attribute='price') %}{% if total > 1 %}{{ total }}{% endif %}",
        "{{ who | text.slug }} {{ math.sqrt(4.0) }}",
        "{% raw %}{{ whom }}{% endraw %}{# {{ whom }} #}",
        "{{ n | default('-') }}{{ n or 0 }}",
    ],
)  # fmt: skip
def test_what_is_right_has_no_findings(template: str) -> None:
    assert findings(template, **ITEMS) == []


def of_flow(text: str, **templates: str) -> list[Diagnostic]:
    files = {name.replace("_", "."): template for name, template in templates.items()}
    return list(checked({"a.flow": text, **files}).diagnostics)


def test_a_finding_shows_the_call() -> None:
    text = flow("t.j2", who="string")
    (found,) = of_flow(text, t_j2="{{ whom }}")
    (call,) = found.related
    assert (call.span.file, text[call.span.start : call.span.end]) == ("a.flow", "text.render('t.j2', { who })")
    assert found.help == "did you mean `who`?"


def test_the_names_there_are_stand_beside_an_unknown_one() -> None:
    (found,) = of_flow(flow("t.j2", who="string", what="int"), t_j2="{{ entirely }}")
    assert found.help == "the call gives `who`, `what`"


@pytest.mark.parametrize(
    ("template", "help"),
    [
        ("{{ who | e }}", "is escaped: leave it out"),
        ("{{ who | escape }}", "is escaped: leave it out"),
        ("{{ who | safe }}", "markup stands in the template itself"),
        ("{% if who %}{% end %}", "`{% endif %}` or `{% endfor %}`"),
        ("{% if who %}{% elseif n %}{% endif %}", "write `{% elif c %}`"),
        ("{% if who %}{% else if n is none %}{% endif %}", "write `{% elif c %}`"),
        ("{% unless who %}{% endunless %}", "write `{% if not c %}`"),
        ("{% assign x = 1 %}", "`{% set x = e %}`"),
    ],
)
def test_what_other_templates_have_is_answered(template: str, help: str) -> None:
    (found,) = of_flow(flow("t.html", who="string", n="int?"), t_html=template)
    assert help in found.help


def test_help_names_nothing_that_jinja_does_not_read() -> None:
    (found,) = of_flow(flow("t.j2", items="list[Item]"), t_j2="{% for i in items %}{{ i.note }}{% endfor %}")
    assert "`?.`" not in found.help
    assert "?." not in found.help


def test_each_call_is_checked_with_its_types() -> None:
    text = """\
import text

flow f(a: string, b: int?) -> string {
  let one = text.render('t.j2', { x: a })
  let two = text.render('t.j2', { x: b })
  return one + two
}
"""
    (found,) = of_flow(text, t_j2="{{ x }}")
    assert (found.rule, text.count("\n", 0, found.related[-1].span.start)) == ("maybe-none", 4)


@pytest.mark.parametrize(
    ("call", "rule", "at"),
    [
        ("text.render(a)", "literal-needed", "a"),
        ('text.render("{{ a }}.j2")', "literal-needed", '"{{ a }}.j2"'),
        ("text.render('t.j2', x)", "type-mismatch", "x"),
        ("text.render('t.j2', { **x })", "type-mismatch", "{ **x }"),
        ("text.render('t.j2', a=a)", "unknown-argument", "a"),
        ("text.render('gone.j2')", "unreadable-file", "'gone.j2'"),
        ("text.render('t.toml')", "unreadable-file", "'t.toml'"),
    ],
)
def test_how_it_is_called(call: str, rule: str, at: str) -> None:
    text = f"import text\n\nflow f(a: string, x: any) -> string {{\n  return {call}\n}}\n"
    found = [each for each in of_flow(text, t_j2="fixed") if each.rule != "unused-parameter"]
    assert [(each.rule, text[each.span.start : each.span.end]) for each in found] == [(rule, at)]


def test_a_record_gives_its_fields() -> None:
    text = """\
import text

type Lead { id: string, name: string? }

flow f(lead: Lead) -> string {
  return text.render('t.j2', lead)
}
"""
    assert of_flow(text, t_j2="{{ id }}{% if name is not none %}{{ name }}{% endif %}") == []
    (found,) = of_flow(text, t_j2="{{ id }}{{ name }}")
    assert found.rule == "maybe-none"


def test_a_secret_taints_what_is_made_of_it() -> None:
    text = """\
import notify
import text

config {
  token: secret
  hook: secret[url]
}

flow f(a: string) -> string {
  let safe = text.render('t.j2', { a })
  let page = text.render('t.j2', { a: config.token })
  do notify.slack(page, webhook=config.hook)
  return safe
}
"""
    (found,) = of_flow(text, t_j2="{% if a %}{{ a }}{% endif %}")
    assert (found.rule, text[found.span.start : found.span.end]) == ("secret-leak", "page")


# ---- files


def on_disk(folder: Path, name: str) -> list[str]:
    text = f"import text\n\nflow f() -> string {{\n  return text.render('{name}')\n}}\n"
    path = folder / "flows" / "a.flow"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    (folder / "flowlang.toml").touch()
    program = check(str(path), reader(str(path)))
    return [f"{each.rule}: {each.message}; {each.help}" for each in program.diagnostics]


def test_a_template_stands_in_the_project(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "mails").mkdir(parents=True)
    (project / "mails" / "a.j2").write_text("a")
    (tmp_path / "b.j2").write_text("b")
    (project / "link.j2").symlink_to(tmp_path / "b.j2")
    assert on_disk(project, "../mails/a.j2") == []
    outside = ["unreadable-file: `{}` is outside of the project; "]
    assert on_disk(project, "../../b.j2") == [outside[0].format("../../b.j2")]
    assert on_disk(project, "../link.j2") == [outside[0].format("../link.j2")]
    assert on_disk(project, str(tmp_path / "b.j2")) == [outside[0].format(tmp_path / "b.j2")]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mail.html.j2").write_text("a")
    (tmp_path / "bytes.j2").write_bytes(b"a\n\xff")
    (tmp_path / "big.j2").write_text("a" * (1024 * 1024 + 1))
    (tmp_path / "folder.j2").mkdir()
    said = {name: on_disk(tmp_path, f"../{name}") for name in ("mial.html.j2", "bytes.j2", "big.j2", "folder.j2")}
    assert said == {
        "mial.html.j2": ["unreadable-file: `../mial.html.j2` does not exist; did you mean `../mail.html.j2`?"],
        "bytes.j2": ["unreadable-file: `../bytes.j2` is not UTF-8: byte 0xff in line 2, column 1; "],
        "big.j2": ["unreadable-file: `../big.j2` is larger than 1 MiB; "],
        "folder.j2": ["unreadable-file: `../folder.j2` is a folder, not a file; "],
    }


def test_a_text_by_itself_has_no_templates() -> None:
    assert [each.rule for each in check_text(flow("t.j2", a="string")).diagnostics] == ["unreadable-file"]
