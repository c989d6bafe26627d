#!/usr/bin/env python3
"""A language server that says one thing, to see whether an editor's configuration starts one and does what it asks.

It is put on PATH under the name `flowlang`. It reports each `BAD`, offers both lenses and answers `flowlang/graph`.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def read() -> dict[str, Any] | None:
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def send(message: dict[str, Any]) -> None:
    text = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
    sys.stdout.buffer.flush()


def span(line: int, start: int, end: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def publish(document: dict[str, Any]) -> None:
    found = [
        {"range": span(number, line.index("BAD"), line.index("BAD") + 3), "message": "bad thing", "severity": 1}
        for number, line in enumerate(document["text"].splitlines())
        if "BAD" in line
    ]
    said = {"uri": document["uri"], "diagnostics": found}
    send({"method": "textDocument/publishDiagnostics", "params": said | {"language": document["languageId"]}})


def lenses(uri: str) -> list[dict[str, Any]]:
    titles = {"flowlang.run": "Run", "flowlang.showGraph": "Show graph"}
    commands = [{"title": title, "command": name, "arguments": [uri, "f"]} for name, title in titles.items()]
    return [{"range": span(0, 0, 1), "command": command} for command in commands]


def answer(method: str, params: Any) -> Any:
    if method == "initialize":
        return {"capabilities": {"textDocumentSync": {"openClose": True, "change": 1}, "codeLensProvider": {}}}
    if method == "textDocument/codeLens":
        return lenses(params["textDocument"]["uri"])
    if method == "flowlang/graph":
        return {"mermaid": "graph TD\n  a --> b\n", "dot": "digraph { a -> b }"}
    return None


def serve() -> None:
    while (message := read()) is not None and message.get("method") != "exit":
        method, params = message.get("method", ""), message.get("params")
        if method == "textDocument/didOpen":
            publish(params["textDocument"])
        elif "id" in message and method:
            send({"id": message["id"], "result": answer(method, params)})


if __name__ == "__main__":
    if sys.argv[1:] != ["lsp"]:
        sys.exit(f"ran {sys.argv[1:]}")
    serve()
