"""What goes wrong on a command line: mistakes of the caller, with exit code 2, and what else ends a command early."""

from __future__ import annotations

SUCCEEDED = 0
FAILED = 1
USAGE = 2
INTERNAL = 3
PARKED = 4
INTERRUPTED = 130
BROKEN_PIPE = 141
OURS = "This is a bug in flowlang, not in the flow. FLOWLANG_DEBUG=1 shows where it happened."


class UsageError(Exception):
    """The command cannot start as it was called; the message is one sentence, without a full stop."""


def lacking(what: str, extra: str) -> UsageError:
    """What a command needs comes with an extra of the package, which is on no index: that name is another project's."""
    install = f"install flowlang with its extra `{extra}` from its checkout: pip install '/path/to/flowlang[{extra}]'"
    return UsageError(f"{what}; {install}")


class CommandFailed(Exception):
    """The command cannot go on for a reason outside the program; the message is one sentence, without a full stop."""


def described(bug: Exception) -> str:
    """A bug in one line: what it is, and where it happened."""
    place = ""
    at = bug.__traceback__
    while at is not None:
        place = f" ({at.tb_frame.f_globals.get('__name__', '?')}, line {at.tb_lineno})"
        at = at.tb_next
    return f"internal error: {type(bug).__name__}: {str(bug)[:200]}{place}"
