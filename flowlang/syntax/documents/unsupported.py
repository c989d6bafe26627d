"""Statements that Jinja2 has and document templates have not, and what to do instead."""

from __future__ import annotations

from flowlang.syntax.documents.tags import Tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

BLOCKS: Final = frozenset(("macro", "call", "filter", "with", "autoescape", "block", "trans"))
"""Those with an end of their own."""
_WHOLE: Final = "a document template is one file; render its parts apart and give them as values"
_INSTEAD: Final = {
    "include": _WHOLE,
    "import": _WHOLE,
    "from": _WHOLE,
    "extends": _WHOLE,
    "block": _WHOLE,
    "macro": "write a `{% for %}` over what differs",
    "call": "write a `{% for %}` over what differs",
    "filter": "apply the filter to the values: `{{ x | upper }}`",
    "with": "name the value with `{% set x = e %}`",
    "autoescape": "what is escaped hangs on the name of the file: `.html.j2` is, `.txt.j2` is not",
    "do": "a template changes nothing",
    "break": "choose the items with `{% for x in xs if c %}`",
    "continue": "choose the items with `{% for x in xs if c %}`",
}
_SPELLED: Final = {
    **dict.fromkeys(("end", "fi", "done"), "a block ends with `{% endif %}` or `{% endfor %}`"),
    **dict.fromkeys(("elseif", "elsif"), "write `{% elif c %}`"),
    "unless": "write `{% if not c %}`",
    **dict.fromkeys(("assign", "let", "var"), "a value is named with `{% set x = e %}`"),
    **dict.fromkeys(("foreach", "each"), "write `{% for x in xs %}`"),
}
KNOWN: Final = frozenset((*_INSTEAD, *(f"end{name}" for name in BLOCKS), "set"))
"""The names of all that Jinja2 has and is not supported in some form."""
_OURS: Final = "a template has `{% if %}`, `{% for %}`, `{% set %}` and `{% raw %}`"


def explain(tag: Tag) -> tuple[str, Tag, str]:
    """The sentence about a statement, its place, and the help."""
    if not tag.name:
        return "`{% %}` says nothing", tag, _OURS
    if tag.name in _INSTEAD:
        return f"`{{% {tag.name} %}}` is not part of document templates", tag, _INSTEAD[tag.name]
    return f"there is no `{{% {tag.name} %}}`", tag, _SPELLED.get(tag.name, _OURS)
