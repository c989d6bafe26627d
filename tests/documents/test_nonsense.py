"""Any text is a template or has findings inside it; nothing else happens."""

from __future__ import annotations

from hypothesis import example
from hypothesis import strategies as st

from flowlang.compiler.lower import lower
from tests.depth import law
from tests.documents.rendering import checked, flow

PIECES = (
    "{{ }} {% %} {{- -}} {%- -%} {%+ +%} {# #} {% raw %} {% endraw %} if elif else endif for in endfor set recursive "
    'loop who n items . , | ( ) [ ] { } = == ~ + - * ** // % < is not and or defined \'a\' "b" "{{ \' " \\ 1 0x1 1_000 '
    "99999999999999999999 1e999 .5 30s ? ?. # ## $ é \u2028 \x0b \x00 \ufeff include macro endmacro block endblock"
).split(" ")
TEXTS = st.lists(st.sampled_from([*PIECES, " ", "\n", "\r\n", "\r", "\t"]), max_size=25).map(" ".join) | st.text()


@law(TEXTS, st.sampled_from(["t.j2", "t.html"]), usual=500, soak=20_000)
@example("{{ " + "9" * 5000 + " }}", "t.j2")
@example("{{ " + "(" * 5000 + " }}", "t.j2")
@example("{{ " + "not " * 5000 + "a }}", "t.j2")
@example("{{ a" + ".b" * 5000 + " }}", "t.j2")
@example("{% if a %}" * 5000, "t.j2")
@example("{% set a = 1 %}" * 5000, "t.j2")
@example("{{ a ? b }}" * 200, "t.j2")
@example("{{ 1 if 1 else " * 500 + "1" + " }}", "t.j2")
def test_any_text(text: str, name: str) -> None:
    program = checked({"a.flow": flow(name, who="string", n="int?", items="list[int]"), name: text})
    for each in program.diagnostics:
        length = len(program.sources[each.span.file].text)
        assert 0 <= each.span.start < each.span.end <= length, (text, each)
    if not any(each.severity == "error" for each in program.diagnostics):
        lower(program)
