"""`flowlang` in a process forked from one that has imported it, which costs a fraction of a fresh start.

It is a process as ever, with arguments, a folder, an environment and streams of its own, that may end in any way. Only
the imports have been made before; nothing has been read or run. What is about the start, or about what Python itself
takes from the environment, starts `python -m flowlang`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
MODULES = [path.relative_to(ROOT).with_suffix("").parts for path in sorted(ROOT.glob("flowlang/**/*.py"))]
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__, *(".".join(parts) for parts in MODULES if parts[-1][:2] != "__")])
"""What is imported: every module that is no package; what a package holds itself comes with its modules."""


class Forked:
    """A process under way, with what tests use of `subprocess.Popen[bytes]`."""

    def __init__(self, args: list[str], cwd: Path, env: dict[str, str]) -> None:
        self.args = args
        read_in, write_in = CONTEXT.Pipe(duplex=False)
        read_out, write_out = CONTEXT.Pipe(duplex=False)
        read_err, write_err = CONTEXT.Pipe(duplex=False)
        theirs = [read_in, write_out, write_err]
        self._process = CONTEXT.Process(target=_flowlang, args=(args, cwd, env, theirs), daemon=True)
        self._process.start()
        for each in theirs:
            each.close()
        self.stdin, self.stdout, self.stderr = _file(write_in, "wb"), _file(read_out, "rb"), _file(read_err, "rb")

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return self.returncode

    def kill(self) -> None:
        self._process.kill()

    def communicate(self, written: bytes, timeout: float) -> tuple[bytes, bytes]:
        """Write stdin, read the others to their ends and wait; what does not end in time is killed."""
        found: dict[IO[bytes], bytes] = {}
        readers = [
            threading.Thread(target=lambda stream=stream: found.update({stream: stream.read()}), daemon=True)
            for stream in (self.stdout, self.stderr)
        ]
        for reader in readers:
            reader.start()
        try:
            with self.stdin:
                self.stdin.write(written)
        except BrokenPipeError:
            pass
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        for reader in readers:
            reader.join(timeout)
        with self.stdout, self.stderr:
            return found[self.stdout], found[self.stderr]


def _file(end: Connection, mode: str) -> IO[bytes]:
    """An end of a pipe as a file."""
    with end:
        return os.fdopen(os.dup(end.fileno()), mode)


def _flowlang(args: list[str], cwd: Path, env: dict[str, str], streams: list[Connection]) -> None:
    """What the process does: as `python -m flowlang` from where it has been imported."""
    encoding, errors = sys.__stdout__.encoding, sys.__stdout__.errors
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        with streams[number] as stream:
            os.dup2(stream.fileno(), number)
        file = open(number, "w" if number else "r", encoding=encoding, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, file)
        setattr(sys, f"__{name}__", file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["flowlang", *args]
    from flowlang.cli import main

    sys.exit(main())


__all__ = ["Forked"]
