"""What a check is given beside its node: the facts, the file, and how to make a finding of its rule."""

from __future__ import annotations

from _bisect import bisect_left

from flowlang.diagnostics import Diagnostic, Related
from flowlang.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.diagnostics import Fix
    from flowlang.diagnostics.model import Severity
    from flowlang.semantics.facts import CheckedFile, Facts, Program
    from flowlang.syntax.ast import Node


class Look:
    """One per file and rule. `file` and `facts` may hold a part of the file only, `whole` and `program` hold all."""

    __slots__ = ("errors", "facts", "file", "program", "rule", "severity")

    def __init__(
        self, rule: str, severity: Severity, program: Program, file: CheckedFile, facts: Facts, errors: list[int]
    ) -> None:
        self.errors = errors  # where errors of the language begin in the file, sorted
        self.rule = rule
        self.severity = severity
        self.program = program
        self.facts = facts
        self.file = file

    @property
    def whole(self) -> CheckedFile:
        """The file with all its items."""
        return self.program.files[self.file.path]

    def found(
        self, message: str, at: Node, help: str = "", related: tuple[Related, ...] = (), fixes: tuple[Fix, ...] = ()
    ) -> Diagnostic:
        """A finding of this rule."""
        return Diagnostic(self.rule, self.severity, message, self.span(at), help, related, fixes)

    def is_broken(self, node: Node) -> bool:
        """Whether an error of the language stands in a node: what else is said about it may be wrong."""
        if not self.errors:
            return False
        index = bisect_left(self.errors, node.start)
        return index < len(self.errors) and self.errors[index] <= node.end

    def is_item_broken(self, node: Node) -> bool:
        """Whether an error of the language stands in the item around a node."""
        item = self.file.tree.item_at(node.start)
        return item is not None and self.is_broken(item)

    def span(self, node: Node) -> Span:
        """The place of a node of the file."""
        return Span(self.file.path, node.start, node.end)

    def related(self, message: str, at: Node) -> Related:
        """A related place in the file."""
        return Related(message, self.span(at))
