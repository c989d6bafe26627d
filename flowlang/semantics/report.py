"""Where findings go while a program is checked: one list, each rule with its one severity.

`SEVERITIES` is the list of the rules that semantics can report; a rule that stands nowhere cannot be reported.
"""

from __future__ import annotations

from flowlang.diagnostics import Diagnostic, Edit, Fix, Related
from flowlang.semantics.suggest import MOST_SUGGESTED, did_you_mean
from flowlang.source import Span
from flowlang.types.model import MISTAKEN
from flowlang.types.size import MOST_LEVELS, MOST_PARTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from flowlang.diagnostics.model import Severity
    from flowlang.syntax.ast import Node

POISON: Final = MISTAKEN
TOP: Final = -1
"""Where a file's first import belongs: who sees the whole text says where that is."""
ERRORS: Final = frozenset(
    """
    action-in-expression ambiguous-after bad-constraint bad-python-target bad-url config-conflict
    duplicate-annotation duplicate-argument duplicate-case duplicate-clause duplicate-field duplicate-name
    extra-argument extra-field import-cycle impossible-case impossible-comparison inexhaustive-match literal-needed
    maybe-absent maybe-none misplaced-annotation misplaced-declaration misplaced-ensure misplaced-return
    misplaced-yield missing-argument missing-field missing-next missing-return missing-setting missing-timeout
    missing-yield mixed-union name-cycle needs-import none-in-template not-a-step not-a-type not-a-value not-callable
    not-iterable not-native not-yet-supported recursion secret-leak sequence-order shadowed-name step-cycle
    type-cycle type-mismatch type-too-large unknown-annotation unknown-argument unknown-config unknown-error-kind
    unknown-field unknown-function unknown-module unknown-name unknown-setting unknown-test unknown-trigger unknown-type
    unreadable-file url-hole wrong-operand wrong-type-arguments yield-in-race
    """.split()
)
WARNINGS: Final = frozenset(["cancelled-replaced", "duplicate-member", "unreachable-case", "unreachable-handler"])


TOO_LARGE: Final = f"this would be a type of more than {MOST_PARTS:,} parts, or of more than {MOST_LEVELS} levels"
SMALLER: Final = "say `any` for a part whose shape does not matter"
DID_YOU_MEAN: Final = "did you mean "


class Reporter:
    """Collects findings; `file` is the path of the file being looked at."""

    __slots__ = ("file", "found")

    def __init__(self) -> None:
        self.file = ""
        self.found: list[Diagnostic] = []

    def report(
        self,
        rule: str,
        message: str,
        at: Node | Span,
        help: str = "",
        related: tuple[Related, ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Add a finding at a node of the current file, or at a span."""
        severity: Severity = "error" if rule in ERRORS else "warning"
        assert severity == "error" or rule in WARNINGS, rule
        if not fixes and help.startswith(DID_YOU_MEAN):
            fixes = self._respelling(at, help)
        self.found.append(Diagnostic(rule, severity, message, self.span(at), help, related, fixes))

    @property
    def is_suggesting(self) -> bool:
        """Whether names are suggested: no more once there are so many findings that looking would take long."""
        return len(self.found) < MOST_SUGGESTED

    def near(self, name: str, candidates: Iterable[str]) -> str:
        """The help for a misspelled name."""
        return did_you_mean(name, candidates) if self.is_suggesting else ""

    def _respelling(self, at: Node | Span, help: str) -> tuple[Fix, ...]:
        """The fix that writes the one name that may have been meant, where a name alone is mistaken."""
        word = help[len(DID_YOU_MEAN) :].rstrip("?").strip("`")
        name = getattr(at, "name", None)
        name = getattr(name, "name", name)  # of a type the word that names it
        if not word.isidentifier() or not isinstance(name, str) or at.end - at.start != len(name):
            return ()
        return (Fix(f"write `{word}`", (Edit(self.span(at), word),), safe=False),)

    def span(self, at: Node | Span) -> Span:
        """The place of a node of the current file; a span is its own."""
        return at if isinstance(at, Span) else Span(self.file, at.start, at.end)

    def related(self, message: str, at: Node | Span) -> Related:
        """A related place in the current file."""
        return Related(message, self.span(at))
