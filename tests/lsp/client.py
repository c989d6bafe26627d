"""A client of the language server over its pipes, in the protocol's bytes, so that it can also speak nonsense."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from tests.forked import Forked

PULL = {"textDocument": {"diagnostic": {"dynamicRegistration": False}}}
WAIT = 20.0
GOOD = 'flow f(a: int) -> string {\n  return "😀 {{ a }}"\n}\n'
BAD = 'flow f(a: int) -> string {\n  let b = "😀 {{ nope }}"\n  return b\n}\n'


class Client:
    """One server process. `capabilities`: what this client says it can do; an empty one is told findings. `command`:
    what Python is started with instead of a process forked for the server. `cwd`: where it is started.
    """

    def __init__(
        self,
        root: Path,
        capabilities: dict[str, Any] | None = None,
        start: bool = True,
        command: tuple[str, ...] = (),
        cwd: Path | None = None,
    ) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        self.process: Forked | subprocess.Popen[bytes] = (
            subprocess.Popen(
                [sys.executable, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                cwd=cwd,
            )
            if command
            else Forked(["lsp"], cwd or Path.cwd(), environment)
        )
        self.root = root
        self.number = 0
        self.versions: dict[str, int] = {}
        self.told: list[dict[str, Any]] = []
        self.deaf = False
        """Whether nothing is read any more."""
        self._arrived: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        if start:
            self.start(capabilities or {})

    def start(self, capabilities: dict[str, Any], **more: Any) -> Any:
        """The handshake."""
        params = {"processId": os.getpid(), "rootUri": self.root.as_uri(), "capabilities": capabilities, **more}
        answer = self.ask("initialize", params)
        self.tell("initialized", {})
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.process.wait(WAIT)

    # ---- the wire

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        try:
            while not self.deaf:
                length = 0
                while line := stream.readline().strip():
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                if not length:
                    break
                self._arrived.put(json.loads(stream.read(length)))
        except (OSError, ValueError):
            pass
        self._arrived.put(None)

    def write(self, content: bytes) -> None:
        """Bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(content)
        self.process.stdin.flush()

    def send(self, message: Any) -> None:
        """A message with its head."""
        content = json.dumps(message).encode()
        self.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))

    def tell(self, method: str, params: Any) -> None:
        """A notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def post(self, method: str, params: Any) -> int:
        """A request whose answer is not waited for; its number."""
        self.number += 1
        self.send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        return self.number

    def next(self, wait: float = WAIT) -> dict[str, Any]:
        """The next message; raises `queue.Empty` after a while, `EOFError` where the server is gone."""
        message = self._arrived.get(timeout=wait)
        if message is None:
            assert self.process.stderr is not None
            raise EOFError(f"it ended with {self.process.wait(wait)}: {self.process.stderr.read().decode()}")
        if "method" in message:
            self.told.append(message)
            if "id" in message:
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        return message

    def answer_to(self, number: int) -> dict[str, Any]:
        """The answer to a request that was posted."""
        while True:
            message = self.next()
            if message.get("id") == number and "method" not in message:
                return message

    def ask(self, method: str, params: Any) -> Any:
        """A request and its result; raises `AssertionError` with the server's reason where it is refused."""
        answer = self.answer_to(self.post(method, params))
        assert "error" not in answer, answer["error"]["message"]
        return answer["result"]

    # ---- documents

    def uri(self, name: str) -> str:
        return name if ":" in name else (self.root / name).as_uri()

    def open(self, name: str, text: str) -> None:
        self.versions[name] = 1
        document = {"uri": self.uri(name), "languageId": "flow", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def change(self, name: str, *changes: Any) -> None:
        """Changes one after another; a text is a change of all."""
        self.versions[name] += 1
        document = {"uri": self.uri(name), "version": self.versions[name]}
        made = [{"text": each} if isinstance(each, str) else each for each in changes]
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": made})

    def close(self, name: str) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": self.uri(name)}})

    def pulled(self, name: str) -> list[Any]:
        """The findings of a file, asked for."""
        found: list[Any] = self.ask("textDocument/diagnostic", {"textDocument": {"uri": self.uri(name)}})["items"]
        return found

    def pushed(self, name: str) -> list[Any]:
        """The findings of a file, once they are told for its newest version."""
        while True:
            message = self.next()
            if message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                if params["uri"] == self.uri(name) and params.get("version") == self.versions.get(name):
                    found: list[Any] = params["diagnostics"]
                    return found

    def settle(self) -> None:
        """Wait until all that was sent before has been dealt with."""
        self.answer_to(self.post("flowlang/graph", {"textDocument": {"uri": "file:///none.flow"}}))

    def told_of(self, method: str) -> list[Any]:
        """The parameters of every notification of a kind until now."""
        self.settle()
        return [each.get("params") for each in self.told if each["method"] == method]

    def end(self) -> int:
        """Shut the server down; its exit code."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(WAIT)


def rules(found: list[Any]) -> list[str]:
    """The rules of findings, in their order."""
    return [each["code"] for each in found]
