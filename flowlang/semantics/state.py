"""What all files of a program share while it is checked: facts, findings, the library, the configuration."""

from __future__ import annotations

from flowlang.record import Record
from flowlang.semantics.facts import Facts
from flowlang.semantics.report import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from flowlang.semantics.catalog import Catalog
    from flowlang.semantics.facts import CheckedFile
    from flowlang.source import Span
    from flowlang.types.model import Type


class Opened(Record):
    """The text of a file that is not a flow; null where there is none, with why, and the names of those beside it."""

    __slots__ = ()

    text: str | None
    why: str = ""
    near: tuple[str, ...] = ()


def nothing(path: str) -> Opened:
    """Open no file."""
    return Opened(None, "cannot be read here")


class ProgramState:
    """One per program. `config`: the types of configuration values by name, of all files (one namespace); `types`:
    declared types by file and name; `open` reads document templates.
    """

    __slots__ = (
        "catalog",
        "config",
        "config_places",
        "facts",
        "files",
        "made",
        "open",
        "reporter",
        "root",
        "types",
    )

    def __init__(self, root: str, catalog: Catalog, open: Callable[[str], Opened] = nothing) -> None:
        self.root = root
        self.open = open
        self.catalog = catalog
        self.facts = Facts()
        self.reporter = Reporter()
        self.files: dict[str, CheckedFile] = {}
        self.config: dict[str, Type] = {}
        self.config_places: dict[str, Span] = {}
        self.types: dict[str, dict[str, Type]] = {}
        self.made: list[object] = []  # nodes made while checking, kept so that no id is used twice

    def withdraw_config(self, file: str) -> None:
        """Forget the configuration values that a file declares; it is about to declare them again."""
        for name in [name for name, place in self.config_places.items() if place.file == file]:
            del self.config[name], self.config_places[name]
