"""The command line. `main` is the program; each command is a module of `commands` that imports its world when it
runs.

Nothing the caller does ends in a traceback: mistakes exit with 2, a bug with 3 and the request to report it.
Findings and results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import sys

from flowlang.cli.failure import (
    BROKEN_PIPE,
    FAILED,
    INTERNAL,
    INTERRUPTED,
    OURS,
    USAGE,
    CommandFailed,
    UsageError,
    described,
)
from flowlang.cli.streams import failure_of_stdout, prepare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and give its exit code.

    Without arguments the line is the process' own, and a check ends the process at once.
    """
    args = sys.argv[1:] if argv is None else list(argv)
    is_check = argv is None and args[:1] == ["check"]
    try:
        prepare()
        if is_check:
            import gc

            from flowlang import modules

            gc.disable()  # a check is short and keeps nearly all it makes
            modules.install()
        code = _dispatch(args)
        sys.stdout.flush()
        if is_check:
            modules.keep()
            _end(code)
        return code
    except UsageError as error:
        return _say(f"error: {error}", USAGE)
    except CommandFailed as error:
        return _say(f"error: {error}", FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _leave_quietly()
    except OSError as error:
        reason = failure_of_stdout()
        return _internal(error) if reason is None else _say(f"error: stdout cannot be written: {reason}", FAILED)
    except Exception as error:
        return _internal(error)


def _dispatch(args: list[str]) -> int:
    """Run plain arguments without click; all else with it."""
    import os

    if args and "_FLOWLANG_COMPLETE" not in os.environ:
        if args == ["--version"]:
            from flowlang import __version__

            print(f"flowlang {__version__}")
            return 0
        if args[0].isidentifier() and not args[0].startswith("_"):
            code = _run_plain(args[0], args[1:])
            if code is not None:
                return code
    from flowlang.cli.clicked import run

    return run(args)


def _run_plain(name: str, args: list[str]) -> int | None:
    try:
        module = __import__(f"flowlang.cli.commands.{name}", fromlist=["COMMAND"])
    except ModuleNotFoundError as error:
        if error.name != f"flowlang.cli.commands.{name}":
            raise
        return None
    from flowlang.cli.options import parse_plain

    values = parse_plain(module.COMMAND, args)
    if values is None:
        return None
    code: int = module.run(values)
    return code


def _end(code: int) -> None:
    """End the process without taking the interpreter apart, which costs a tenth of a check; nothing is open."""
    import os

    sys.stderr.flush()
    os._exit(code)


def _say(message: str, code: int) -> int:
    from flowlang.render.visible import visible

    failure_of_stdout()  # what was found comes first
    shown = "\n".join(visible(line) for line in message.split("\n"))
    print(f"flowlang: {shown}", file=sys.stderr, flush=True)
    return code


def _leave_quietly() -> int:
    """Who read our output has gone: end as a program killed by SIGPIPE does, without a word."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _internal(error: Exception) -> int:
    import os

    if os.environ.get("FLOWLANG_DEBUG"):
        import traceback

        traceback.print_exception(error)
        return INTERNAL
    return _say(f"{described(error)}\n{OURS}", INTERNAL)
