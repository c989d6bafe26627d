"""Findings in document templates, shown at the calls that render them, for those need not be open, nor be known to the
editor; and those about values of settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowlang.compiler.configured import misfits
from flowlang.diagnostics import Related

if TYPE_CHECKING:
    from flowlang.compiler.pieces import Checked
    from flowlang.compiler.run_tables import Given
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


def at_declarations(checked: Checked, given: Given) -> list[Diagnostic]:
    """What is wrong with the values that settings give to the configuration of a file."""
    found = []
    for each in misfits(checked.program, given):
        start, end = checked.to_text(each.span.start), checked.to_text(each.span.end)
        if each.span.file == checked.program.root:
            found.append(each.replace(span=each.span.replace(start=start, end=end)))
    return found
