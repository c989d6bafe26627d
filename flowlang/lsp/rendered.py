"""Findings in document templates, shown at the calls that render them: a template need not be open, nor be known to
the editor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.diagnostics import Related

if TYPE_CHECKING:
    from flowlang.diagnostics import Diagnostic
    from flowlang.semantics.facts import Program


def at_calls(program: Program, path: str) -> list[Diagnostic]:
    """The findings of a file, those of the templates it renders among them."""
    found = []
    for each in program.diagnostics:
        if each.span.file == path:
            found.append(each)
        elif each.span.file not in program.files and each.related and each.related[-1].span.file == path:
            found.append(_at_call(each, program))
    return found


def _at_call(found: Diagnostic, program: Program) -> Diagnostic:
    place, call = found.span, found.related[-1].span
    line = program.sources[place.file].position(place.start).line
    message = f"`{place.file}`, line {line}: {found.message}"
    related = (Related("in the template", place), *found.related[:-1])
    return found.replace(message=message, span=call, related=related, fixes=())
