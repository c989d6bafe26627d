"""The server as a process: what it tells whom, what it survives, when it ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.sources import source
from flowlang.compiler.pipeline import check
from tests.forked import Forked
from tests.laws.test_incremental import edited
from tests.lsp.client import BAD, GOOD, PULL, WAIT, Client, rules

ROOT = Path(__file__).resolve().parents[2]


def test_findings_are_told(pushing: Client) -> None:
    pushing.open("a.flow", BAD)
    (found,) = pushing.pushed("a.flow")
    assert found["code"] == "unknown-name"
    assert found["range"] == {"start": {"line": 1, "character": 17}, "end": {"line": 1, "character": 21}}
    pushing.change("a.flow", GOOD)
    assert pushing.pushed("a.flow") == []
    assert pushing.end() == 0


def test_findings_are_told_or_asked_for_never_both(pulling: Client) -> None:
    pulling.open("a.flow", BAD)
    assert rules(pulling.pulled("a.flow")) == ["unknown-name"]
    pulling.change("a.flow", GOOD)
    assert pulling.pulled("a.flow") == []
    assert pulling.told_of("textDocument/publishDiagnostics") == []
    assert pulling.end() == 0


def test_changes_of_parts_come_in_order_and_in_units_of_two(pulling: Client) -> None:
    pulling.open("a.flow", BAD)

    def part(line: int, start: int, end: int, text: str) -> dict[str, Any]:
        place = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        return {"range": place, "text": text}

    pulling.change("a.flow", part(1, 17, 21, "a😀b"), part(1, 18, 21, ""), part(1, 17, 18, "a"))
    assert pulling.pulled("a.flow") == []
    pulling.change("a.flow", part(0, 0, 0, "# \u2028 \x0c 😀\n"), part(2, 17, 18, "nope"))
    (found,) = pulling.pulled("a.flow")
    assert found["range"]["start"] == {"line": 2, "character": 17}


def test_positions_are_units_of_two_whoever_asks(tmp_path: Path) -> None:
    with Client(tmp_path, start=False) as client:
        answer = client.start({"general": {"positionEncodings": ["utf-8", "utf-32"]}, **PULL})
        assert answer["capabilities"]["positionEncoding"] == "utf-16"


def test_who_imports_a_file_hears_of_its_changes(pushing: Client) -> None:
    pushing.open("lib.flow", "function one() -> int = 1\n")
    assert pushing.pushed("lib.flow") == []
    pushing.open("a.flow", 'import "lib.flow" as lib\n\nflow f() -> int {\n  return lib.one()\n}\n')
    assert pushing.pushed("a.flow") == []
    pushing.change("lib.flow", "function two() -> int = 1\n")
    assert rules(pushing.pushed("a.flow")) == ["unknown-function"]
    pushing.close("lib.flow")
    assert rules(pushing.pushed("a.flow")) == ["unreadable-file"]


def test_who_asks_is_told_to_ask_again(pulling: Client) -> None:
    pulling.open("lib.flow", "function one() -> int = 1\n")
    pulling.open("a.flow", 'import "lib.flow" as lib\n\nflow f() -> int {\n  return lib.one()\n}\n')
    assert pulling.pulled("a.flow") == []
    pulling.change("lib.flow", "function two() -> int = 1\n")
    while pulling.next().get("method") != "workspace/diagnostic/refresh":
        pass
    assert rules(pulling.pulled("a.flow")) == ["unknown-function"]


def test_files_on_the_disk_that_change(pushing: Client) -> None:
    lib = pushing.root / "lib.flow"
    lib.write_text("function one() -> int = 1\n", encoding="utf-8")
    pushing.open("a.flow", 'import "lib.flow" as lib\n\nflow f() -> int {\n  return lib.one()\n}\n')
    assert pushing.pushed("a.flow") == []
    lib.unlink()
    pushing.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": lib.as_uri(), "type": 3}]})
    assert rules(pushing.pushed("a.flow")) == ["unreadable-file"]
    lib.write_text("function one() -> int = 1\n", encoding="utf-8")
    pushing.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": lib.as_uri(), "type": 1}]})
    assert pushing.pushed("a.flow") == []


def test_a_closed_file_has_no_findings(pushing: Client) -> None:
    pushing.open("a.flow", BAD)
    assert pushing.pushed("a.flow") != []
    pushing.close("a.flow")
    pushing.versions.pop("a.flow")
    assert pushing.pushed("a.flow") == []


def test_settings_that_are_half_typed_change_nothing(pushing: Client) -> None:
    settings = pushing.root / "flowlang.toml"
    settings.write_text('[check]\nignore = ["unused-import"]\n', encoding="utf-8")
    pushing.open("a.flow", f"import http\n\n{GOOD}")
    assert pushing.pushed("a.flow") == []
    changed = {"changes": [{"uri": settings.as_uri(), "type": 2}]}
    settings.write_text('[check]\nignore = ["unused-import"\n', encoding="utf-8")
    pushing.tell("workspace/didChangeWatchedFiles", changed)
    assert pushing.pushed("a.flow") == []
    message = pushing.next()
    assert message["params"]["uri"] == settings.as_uri()
    assert len(message["params"]["diagnostics"]) == 1
    settings.write_text("[check]\n", encoding="utf-8")
    pushing.tell("workspace/didChangeWatchedFiles", changed)
    assert rules(pushing.pushed("a.flow")) == ["unused-import"]
    assert pushing.next()["params"] == {"uri": settings.as_uri(), "diagnostics": []}


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "file:///tmp/a%20b/%C3%A9%F0%9F%98%80.flow",
        "file:///c%3A/a.flow",
        "file:///outside/of/everything.flow",
        "vscode-notebook-cell:/x#1",
    ],
)
def test_uris_come_back_as_they_were(pushing: Client, uri: str) -> None:
    pushing.open(uri, BAD)
    assert rules(pushing.pushed(uri)) == ["unknown-name"]


def test_the_findings_of_one_spelling_are_those_of_the_file(pulling: Client) -> None:
    (pulling.root / "é b.flow").write_text(BAD, encoding="utf-8")
    assert rules(pulling.pulled("é b.flow")) == ["unknown-name"]
    assert rules(pulling.pulled(pulling.root.as_uri() + "/%C3%A9%20b.flow")) == ["unknown-name"]


def test_folders_that_are_nowhere(tmp_path: Path) -> None:
    for root in (tmp_path, Path("/nowhere")):
        with Client(root) as client:
            client.open("a.flow", BAD)
            assert rules(client.pushed("a.flow")) == ["unknown-name"]
    with Client(tmp_path, start=False) as client:
        folders = [{"uri": tmp_path.as_uri(), "name": "a"}, {"uri": "file:///other", "name": "b"}]
        client.start({}, rootUri=None, workspaceFolders=folders)
        client.open("a.flow", BAD)
        assert rules(client.pushed("a.flow")) == ["unknown-name"]


# ---- what it survives

NONSENSE: list[bytes] = [
    b"{nope",
    b"[]",
    b"null",
    b'{"jsonrpc":"2.0"',
    b'{"jsonrpc":"2.0"}',
    b'{"jsonrpc":"1.0","method":"exit"}',
    b'{"jsonrpc":"2.0","method":"no/such","params":1}',
    b'{"jsonrpc":"2.0","id":[1],"method":"textDocument/hover"}',
    b'{"jsonrpc":"2.0","id":99,"result":{"jsonrpc":"2.0"}}',
    b"\xff\xfe\xfd",
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", NONSENSE)
def test_nonsense_on_the_wire(pulling: Client, content: bytes) -> None:
    pulling.open("a.flow", BAD)
    pulling.write(b"X-Other: 1\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content))
    assert rules(pulling.pulled("a.flow")) == ["unknown-name"]
    assert pulling.end() == 0


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        3,
        {},
        {"textDocument": None},
        {"textDocument": {"uri": 3}, "position": {"line": 0, "character": 0}},
        {"textDocument": {"uri": ""}, "position": {"line": 0, "character": 0}},
        {"textDocument": {"uri": "file:///a.flow"}, "position": {"line": -1, "character": -5}},
        {"textDocument": {"uri": "file:///a.flow"}, "position": {"line": 1e9, "character": "x"}},
    ],
)
def test_odd_parameters(pulling: Client, params: Any) -> None:
    for method in ("textDocument/hover", "textDocument/completion", "textDocument/rename", "flowlang/graph"):
        answer = pulling.answer_to(pulling.post(method, params))
        assert "result" in answer or answer["error"]["message"]
    for method in ("textDocument/didOpen", "textDocument/didChange", "textDocument/didClose"):
        pulling.tell(method, params)
    pulling.open("a.flow", BAD)
    assert rules(pulling.pulled("a.flow")) == ["unknown-name"]


def test_odd_orders(pulling: Client) -> None:
    pulling.versions["a.flow"] = 7
    pulling.change("a.flow", BAD)  # never opened
    pulling.close("b.flow")
    pulling.open("a.flow", GOOD)
    place = {"start": {"line": 9, "character": 9}, "end": {"line": 0, "character": 0}}
    pulling.change("a.flow", {"range": place, "text": ""})
    assert pulling.pulled("a.flow") == []
    pulling.open("a.flow", BAD)  # again
    assert rules(pulling.pulled("a.flow")) == ["unknown-name"]


def test_a_request_before_the_handshake(tmp_path: Path) -> None:
    with Client(tmp_path, start=False) as client:
        number = client.post("textDocument/hover", {"textDocument": {"uri": "file:///a"}, "position": {}})
        assert "error" in client.answer_to(number)
        client.start(PULL)
        client.open("a.flow", BAD)
        assert rules(client.pulled("a.flow")) == ["unknown-name"]


def test_cancelled_requests_are_answered(pulling: Client) -> None:
    pulling.open("a.flow", source(3000))
    document = {"textDocument": {"uri": pulling.uri("a.flow")}}
    numbers = [pulling.post("textDocument/semanticTokens/full", document) for _ in range(60)]
    for number in numbers:
        pulling.tell("$/cancelRequest", {"id": number})
    waiting = set(numbers)
    cancelled = 0
    while waiting:
        message = pulling.next()
        if "method" not in message:
            waiting.discard(message["id"])
            cancelled += message.get("error", {}).get("code") == -32800
    assert cancelled > 0
    assert pulling.end() == 0


def test_a_refusal_has_its_reason(pulling: Client) -> None:
    pulling.open("a.flow", BAD.replace("nope", "a +"))
    position = {"line": 0, "character": 5}
    params = {"textDocument": {"uri": pulling.uri("a.flow")}, "position": position, "newName": "g"}
    answer = pulling.answer_to(pulling.post("textDocument/rename", params))
    assert answer["error"]["code"] == -32803
    assert "syntax errors" in answer["error"]["message"]


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_with_requests_between_them(pulling: Client, seed: int) -> None:
    chance = random.Random(seed)
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").rglob("*.flow"))]
    text = chance.choice(texts)
    pulling.open("a.flow", text)
    document = {"textDocument": {"uri": pulling.uri("a.flow")}}
    for _ in range(25):
        text = edited(text, texts, chance)
        pulling.change("a.flow", text)
        place = {"line": chance.randrange(200), "character": chance.randrange(90)}
        method = chance.choice(["hover", "completion", "definition", "signatureHelp", "prepareRename"])
        pulling.post(f"textDocument/{method}", {**document, "position": place})
        pulling.post("textDocument/documentSymbol", document)
    (pulling.root / "a.flow").write_text(text, encoding="utf-8")
    found = [(each["code"], each["message"]) for each in pulling.pulled("a.flow")]
    wanted = check("a.flow", lambda _: text).diagnostics
    assert found == [(each.rule, f"{each.message}\n\n{each.help}" if each.help else each.message) for each in wanted]
    assert pulling.told_of("window/logMessage") == []
    assert pulling.end() == 0


# ---- its end


def ends(process: Forked | subprocess.Popen[bytes], wait: float = WAIT) -> bool:
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_it_ends_when_its_pipe_does(pushing: Client) -> None:
    assert pushing.process.stdin is not None
    pushing.open("a.flow", BAD)
    pushing.process.stdin.close()
    assert ends(pushing.process)


def test_it_ends_without_a_shutdown_but_says_so(pushing: Client) -> None:
    pushing.tell("exit", None)
    assert ends(pushing.process)
    assert pushing.process.returncode == 1


def test_it_ends_with_its_client_though_the_pipe_stays_open(tmp_path: Path) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with Client(tmp_path, start=False) as client:
        client.start({}, processId=sleeper.pid)
        time.sleep(0.2)
        assert client.process.poll() is None
        sleeper.send_signal(signal.SIGKILL)
        sleeper.wait()
        assert ends(client.process)


def test_nothing_is_said_on_stderr(pushing: Client) -> None:
    pushing.open("a.flow", BAD)
    pushing.pushed("a.flow")
    assert pushing.end() == 0
    assert pushing.process.stderr is not None
    assert pushing.process.stderr.read() == b""


def test_without_pygls_one_line_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError('no', name='pygls')\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", "flowlang", "lsp"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "flowlang: error: the language server needs pygls; "
        "install flowlang with its extra `lsp` from its checkout: pip install '/path/to/flowlang[lsp]'\n"
    )
