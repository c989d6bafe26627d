"""Document templates against Jinja2's sandbox: generated ones give the same text, and what differs is written down."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from tests.documents.rendering import findings, rendered

PLAIN = SandboxedEnvironment(undefined=StrictUndefined)
MARKUP = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
TYPES = {
    "who": "string",
    "n": "int",
    "xs": "list[int]",
    "rows": "list[{ s: string, ws: list[string] }]",
    "m": "map[int]",
}

_texts = st.text("aé<>&'\" \n\t{}%#-", max_size=6)
_values = st.fixed_dictionaries(
    {
        "who": _texts,
        "n": st.integers(-3, 3),
        "xs": st.lists(st.integers(-2, 3), max_size=4),
        "rows": st.lists(st.fixed_dictionaries({"s": _texts, "ws": st.lists(_texts, max_size=2)}), max_size=3),
        "m": st.dictionaries(st.sampled_from(["a", "b", "<"]), st.integers(0, 3)),
    }
)
_open, _close = st.sampled_from(["{%", "{%-", "{%+"]), st.sampled_from(["%}", "-%}"])
_raw = st.sampled_from(["a", " ", "\n", "\n  ", "x\n\n", "}}", "%", "{ ", "é", "<b>&amp;</b>", "\r\n", "'"])
_unread = st.sampled_from(["{# c #}", "{#- c -#}", "{% raw %}{{ x }}{% endraw %}", "{%- raw -%} {% endraw -%}"])
LOOP = ["loop.index", "loop.revindex0", "loop.length", "loop.index0 * 2"]


@st.composite
def _tag(draw: st.DrawFn, inside: str) -> str:
    return f"{draw(_open)} {inside} {draw(_close)}"


@st.composite
def _hole(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    value = draw(st.sampled_from(["who", "n", "xs | length", "xs | join('<')", "who | upper", "n + 1", *names]))
    begin, end = draw(st.sampled_from(["{{", "{{-"])), draw(st.sampled_from(["}}", "-}}"]))
    return f"{begin} {value} {end}"


@st.composite
def _section(draw: st.DrawFn, depth: int, names: tuple[str, ...], is_choice: bool = False) -> str:
    """Some parts, one after another; `names` are expressions that have a value here."""
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.integers(0, 6 if depth else 3))
        if kind < 2:
            parts.append(draw(_raw))
        elif kind == 2:
            parts.append(draw(_hole(names)))
        elif kind == 3:
            parts.append(draw(_unread))
        elif kind == 4:
            parts.append(draw(_choice(depth - 1, names)))
        elif kind == 5:
            parts.append(draw(_loop(depth - 1, names)))
        elif not is_choice:
            name = f"v{len(names)}_{depth}"
            parts.append(draw(_tag(f"set {name} = {draw(st.sampled_from(['n + 1', 'who', *names]))}")))
            names = (*names, name)
    return "".join(parts)


@st.composite
def _choice(draw: st.DrawFn, depth: int, names: tuple[str, ...]) -> str:
    asked = st.sampled_from(["n > 0", "who", "xs", "not rows", "n is even", "who in 'a<b'"])
    text = draw(_tag(f"if {draw(asked)}")) + draw(_section(depth, names, True))
    for _ in range(draw(st.integers(0, 2))):
        text += draw(_tag(f"elif {draw(asked)}")) + draw(_section(depth, names, True))
    if draw(st.booleans()):
        text += draw(_tag("else")) + draw(_section(depth, names, True))
    return text + draw(_tag("endif"))


@st.composite
def _loop(draw: st.DrawFn, depth: int, names: tuple[str, ...]) -> str:
    new = f"i{depth}"
    if any(new in name for name in names):
        return ""
    of, inner = draw(
        st.sampled_from(
            [("xs", new), ("rows", f"{new}.s"), ("m", new), ("range(3)", new), ("rows", f"{new}.ws | join")]
        )
    )
    condition = draw(st.sampled_from(["", " if n", f" if {new} != 1" if of == "xs" else ""]))
    counted = draw(st.sampled_from([(), tuple(LOOP)]))
    body = draw(_section(depth, (*(name for name in names if "loop" not in name), inner, *counted)))
    otherwise = draw(_tag("else")) + draw(_section(depth, names)) if draw(st.booleans()) else ""
    return draw(_tag(f"for {new} in {of}{condition}")) + body + otherwise + draw(_tag("endfor"))


def check_same(template: str, values: dict[str, Any], name: str) -> None:
    used = {each: of for each, of in TYPES.items() if each in template}
    assert findings(template, name, **used) == [], template
    environment = MARKUP if name.endswith(".html.j2") else PLAIN
    assert rendered(template, values, name, **used) == environment.from_string(template).render(values), template


@given(_section(3, ()), _values, st.sampled_from(["t.txt.j2", "t.html.j2"]))
@settings(max_examples=300)
def test_generated_templates(template: str, values: dict[str, Any], name: str) -> None:
    check_same(template, values, name)


GIVEN: dict[str, Any] = {"who": "<", "n": 1, "xs": [1, 2], "rows": [], "m": {"a": 1}}


@pytest.mark.parametrize(
    ("template", "there", "here"),
    [
        ("{{ n == 1 }}", "True", "true"),
        ("{{ xs }} {{ m }}", "[1, 2] {'a': 1}", '[1, 2] {"a": 1}'),
        ("{{ '\\{' }}", "\\{", "{"),
        ("{% for k, v in m.items() %}{{ k }}{{ v }}{% endfor %}", "a1", "not-callable"),
        ("{% for x in xs %}{{ loop.previtem }}{% if loop.last %}{% endif %}{% endfor %}", None, "unknown-field"),
        ("{% set a = 1 %}{% for x in xs %}{% set a = a + x %}{{ a }} {% endfor %}{{ a }}", "2 3 1", "shadowed-name"),
        ("{% if n %}{% set a = 1 %}{% endif %}{{ a }}", "1", "unsupported-tag"),
        ("{{ who | safe }}", "<", "unknown-function"),
        ("{{ '\\x41' }}", "A", "bad-escape"),
        ("{{ (1, 2)[0] }}", "1", "syntax-error"),
        ("{{ xs.0 }}", "1", "syntax-error"),
        ("{{ 0x10 }}", "16", "bad-number"),
        ("{% with a = 1 %}{{ a }}{% endwith %}", "1", "unsupported-tag"),
        ("{{ 'a' 'b' }}", "ab", "syntax-error"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
def test_written_differences(template: str, there: str | None, here: str) -> None:
    """What Jinja2 gives, and our text or the rule that refuses it."""
    if there is not None:
        assert PLAIN.from_string(template).render(GIVEN) == there
    used = {each: of for each, of in TYPES.items() if each in template}
    found = [rule for rule, _, _ in findings(template, **used)]
    assert (found or [rendered(template, GIVEN, **used)])[:1] == [here]


def test_two_names_take_keys_apart_there() -> None:
    template = "{% for k, v in m %}{{ k }}{{ v }}{% endfor %}"
    assert PLAIN.from_string(template).render(m={"ab": 1}) == "ab"
    assert rendered(template, {"m": {"ab": 1}}, m="map[int]") == "ab1"
