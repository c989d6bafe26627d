"""What all files of a program share while it is checked: facts, findings, the library, the configuration."""

from __future__ import annotations

from flowlang.semantics.facts import Facts
from flowlang.semantics.report import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.semantics.catalog import Catalog
    from flowlang.semantics.facts import CheckedFile, Signature
    from flowlang.source import Span
    from flowlang.types.model import Type


class ProgramState:
    """One per program. `config`: the types of configuration values by name, of all files (one namespace); `types`:
    declared types by file and name.
    """

    __slots__ = ("catalog", "config", "config_places", "facts", "files", "library", "made", "reporter", "root", "types")

    def __init__(self, root: str, catalog: Catalog) -> None:
        self.root = root
        self.catalog = catalog
        self.facts = Facts()
        self.reporter = Reporter()
        self.files: dict[str, CheckedFile] = {}
        self.config: dict[str, Type] = {}
        self.config_places: dict[str, Span] = {}
        self.types: dict[str, dict[str, Type]] = {}
        self.library: dict[
            str, Signature
        ] = {}  # what is used of the library and has annotations or an expression for a body
        self.made: list[object] = []  # nodes made while checking, kept so that no id is used twice
