"""`flowlang lsp`: the language server, for editors."""

from __future__ import annotations

from flowlang.cli.options import Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowlang.cli.options import Values

COMMAND = Command(
    name="lsp",
    help="Serve an editor over stdin and stdout.\n\nNeeds the extra `lsp`: in a checkout, pip install '.[lsp]'.",
    options=(Option("--tcp", "For debugging: listen here instead, for one client.", metavar="HOST:PORT"),),
)


def run(values: Values) -> int:
    import gc

    from flowlang.cli.failure import lacking

    gc.disable()  # until it serves: what is imported stays
    place = _place(values["tcp"]) if values["tcp"] else None
    try:
        from flowlang.lsp.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise lacking("the language server needs pygls", "lsp") from None
    return serve(place)


def _place(written: str) -> tuple[str, int]:
    from flowlang.cli.failure import UsageError

    host, _, port = written.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise UsageError(f"--tcp is HOST:PORT, not {written}")
    return host.strip("[]") or "127.0.0.1", int(port)
