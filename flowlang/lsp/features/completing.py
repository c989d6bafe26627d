"""What may be written next. What fits at each kind of place is told by the modules of `lsp.offers`.

The text is nearly always broken where it is asked for, so the file is checked with a whole word at the cursor; only
the item around it is looked at again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.workspace import Unreadable
from flowlang.lsp.cursor import by_lines, cursor_at
from flowlang.lsp.features import Feature
from flowlang.lsp.offers import annotating, calls, clauses, elsewhere, members, services, type_names
from flowlang.lsp.offers.desk import Desk
from flowlang.lsp.offers.positions import kind_of
from flowlang.lsp.offers.quoted import texts
from flowlang.lsp.offers.values import values
from flowlang.lsp.places import offset, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from flowlang.lsp.offers.desk import Item
    from flowlang.lsp.project import Project

OFFERS: Final[dict[str, Callable[[Desk], Iterator[Item]]]] = {
    "import": elsewhere.modules_and_files,
    "annotation": annotating.annotation_names,
    "after": clauses.steps_before,
    "error": clauses.error_kinds,
    "trigger": clauses.triggers,
    "new name": lambda _: iter(()),
    "filter": calls.filters,
    "filter member": members.members_of_filter,
    "test": calls.tests,
    "test member": members.members_of_test,
    "member": members.members_of_value,
    "type": type_names.type_names,
    "type member": type_names.types_within,
    "constraint": type_names.constraints,
    "format": type_names.formats,
    "bound": lambda _: iter(()),
    "setting": services.settings,
    "expression": values,
}
"""By the kind of place, as `positions` calls it."""


def completion(project: Project, params: types.CompletionParams) -> types.CompletionList:
    """The offers at a place."""
    path = path_of(params.text_document.uri)
    try:
        source = by_lines(path, project.read(path))
    except Unreadable:
        return types.CompletionList(is_incomplete=False, items=[])
    cursor = cursor_at(source.text, offset(source, params.position))
    desk = Desk(project, path, source, cursor)
    offers: dict[tuple[str, str], Item] = {}
    for each in _offers(desk):
        assert each.text_edit is not None
        offers.setdefault((each.label, each.text_edit.new_text), each)
    return types.CompletionList(is_incomplete=desk.is_incomplete, items=list(offers.values()))


def _offers(desk: Desk) -> Iterator[Item]:
    cursor = desk.cursor
    if cursor.mode == "comment" or cursor.word[:1].isdigit():
        return iter(())
    if cursor.mode == "text":
        return texts(desk)
    return OFFERS[kind_of(desk.source.text, cursor)](desk)


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_COMPLETION,
        completion,
        types.CompletionOptions(trigger_characters=[".", "@", "|", "(", "'", '"', "{"]),
    ),
)
