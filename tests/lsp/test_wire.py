"""What comes over the pipe that is no message, or the wrong one: nothing ends the server but its client."""

from __future__ import annotations

import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from flowlang.lsp.wire import LARGEST, messages
from tests.forked import Forked
from tests.lsp.client import BAD, PULL, WAIT, Client
from tests.lsp.test_everywhere import AT_A_PLACE, OF_A_FILE

GRAPH = {"jsonrpc": "2.0", "id": 77, "method": "flowlang/graph", "params": {"textDocument": {"uri": "file:///x"}}}
CONTENT = json.dumps(GRAPH).encode()
BROKEN = """
import sys, time
import flowlang.lsp.server as server
from flowlang.lsp.features import Feature, features

def fail(project, params):
    raise LookupError("lost 😀")

def hang(project, params):
    time.sleep(600)

server.features = lambda: [
    *(each for each in features() if each.method not in ("textDocument/hover", "textDocument/definition")),
    Feature("textDocument/hover", fail), Feature("textDocument/definition", hang),
]
sys.exit(server.serve(None))
"""
ROOT = Path(__file__).resolve().parents[2]
PLACE = {"textDocument": {"uri": "file:///a.flow"}, "position": {"line": 0, "character": 0}}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client that asks for findings; the server is killed after a while, so that no read waits for ever."""
    with Client(tmp_path, PULL) as made:
        timer = threading.Timer(60, made.process.kill)
        timer.start()
        yield made
        timer.cancel()


def assert_works(client: Client) -> None:
    client.open("works.flow", BAD)
    assert [each["code"] for each in client.pulled("works.flow")] == ["unknown-name"]
    client.close("works.flow")


def wait_for_the_text(client: Client) -> None:
    """Until all that was sent has arrived, though the checker may be busy: formatting does not wait for it."""
    client.answer_to(client.post("textDocument/formatting", {**PLACE, "options": {"tabSize": 2, "insertSpaces": True}}))


# ---- heads


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: %d\r\n\r\n",
        b"content-length:%d\r\n\r\n",
        b"Content-Type: x; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: %d\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n",
        b"Content-Length: %d\n\n",
        b"Content-Length: 3\r\nContent-Length: %d\r\n\r\n",
        b"\r\n\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: 0\r\n\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: 12\r\n\r\n{}          Content-Length: %d\r\n\r\n",
        b"Content-Length: 2\r\n\r\n{\"jsonrpc\": 'x'}Content-Length: %d\r\n\r\n",
        b"Content-Length: abc\r\n\r\nContent-Length: -5\r\n\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: 99999999999\r\n\r\nContent-Length: %d\r\n\r\n",
    ],
)
def test_a_message_is_found(head: bytes) -> None:
    stream = io.BytesIO(head % len(CONTENT) + CONTENT)
    assert list(messages(stream))[-1] == CONTENT


def test_a_message_that_is_cut_off_is_none() -> None:
    assert list(messages(io.BytesIO(b"Content-Length: 100\r\n\r\n{}"))) == []
    assert list(messages(io.BytesIO(b"Content-Length: %d\r\n\r\n{}" % LARGEST))) == []


@given(st.binary(max_size=200))
def test_nothing_is_too_odd_to_be_passed_over(garbage: bytes) -> None:
    if b"\r\n\r\n" in garbage or b"\n\n" in garbage:
        garbage = garbage.replace(b"ength", b"")
    found = list(messages(io.BytesIO(garbage + b"\r\nContent-Length: %d\r\n\r\n" % len(CONTENT) + CONTENT)))
    assert found[-1] == CONTENT


@pytest.mark.parametrize(
    "garbage",
    [
        b"Content-Length: 99999999999999999999\r\n\r\n{}\r\n",
        b"Content-Length: 4000000000000\r\n\r\n{}\r\n",
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}\r\n",
        b"Content-Length: 20\r\n\r\n" + CONTENT,  # too short
        b"Content-Length: %d\r\n\r\n" % (len(CONTENT) + 5) + CONTENT + b"\r\n\r\n\r\n",  # too long
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00" * 100_000 + b"\r\n",
    ],
)
def test_the_server_goes_on(client: Client, garbage: bytes) -> None:
    client.write(garbage)
    assert_works(client)
    assert client.end() == 0


# ---- the order of things


def test_nothing_is_done_before_the_handshake(tmp_path: Path) -> None:
    with Client(tmp_path, start=False) as client:
        client.versions["a.flow"] = 1
        client.open("a.flow", BAD)
        for method in ("textDocument/documentSymbol", "no/such", "shutdown"):
            answer = client.answer_to(client.post(method, {"textDocument": {"uri": client.uri("a.flow")}}))
            assert answer["error"]["code"] == -32002, method
        client.start(PULL)
        assert_works(client)
        assert client.told_of("window/logMessage") == []


def test_a_handshake_that_fails_may_be_tried_again(tmp_path: Path) -> None:
    with Client(tmp_path, start=False) as client:
        assert "error" in client.answer_to(client.post("initialize", {"processId": "x"}))
        client.start(PULL)
        assert_works(client)


def test_there_is_one_handshake(client: Client) -> None:
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    assert client.answer_to(client.post("initialize", params))["error"]["code"] == -32600
    assert client.pulled("none.flow")  # still one that asks


def test_nothing_is_done_after_the_shutdown_but_said(client: Client) -> None:
    client.ask("shutdown", None)
    answer = client.answer_to(client.post("textDocument/documentSymbol", {"textDocument": {"uri": "file:///a.flow"}}))
    assert answer["error"]["code"] == -32600
    client.tell("exit", None)
    assert client.process.wait(WAIT) == 0


@pytest.mark.parametrize("number", [0, -1, 10**30])
def test_a_client_that_is_no_process(tmp_path: Path, number: int) -> None:
    with Client(tmp_path, start=False) as client:
        client.start(PULL, processId=number)
        time.sleep(1.2)
        assert_works(client)
        assert client.end() == 0
        assert client.process.stderr is not None
        assert client.process.stderr.read() == b""


# ---- what fails


def test_an_exception_is_answered_and_logged(tmp_path: Path) -> None:
    with Client(tmp_path, PULL, command=("-c", BROKEN)) as client:
        answer = client.answer_to(client.post("textDocument/hover", PLACE))
        assert answer["error"] == {"code": -32603, "message": "LookupError: lost 😀"}
        (logged,) = client.told_of("window/logMessage")
        assert logged["type"] == 1
        assert "in fail\nLookupError: lost 😀" in logged["message"]
        assert_works(client)


def test_a_refusal_is_no_failure(client: Client) -> None:
    client.open("a.flow", BAD.replace("nope", "a +"))
    place = {"textDocument": {"uri": client.uri("a.flow")}, "position": {"line": 0, "character": 5}, "newName": "g"}
    assert client.answer_to(client.post("textDocument/rename", place))["error"]["code"] == -32803
    assert client.answer_to(client.post("no/such", {}))["error"]["code"] == -32601
    assert client.told_of("window/logMessage") == []


def test_what_is_not_understood_is_logged(client: Client) -> None:
    client.write(b"Content-Length: 5\r\n\r\n{nope")
    client.tell("textDocument/didOpen", {"textDocument": 3})
    assert len(client.told_of("window/logMessage")) == 2
    assert_works(client)


# ---- the end, whatever is being done


@pytest.mark.parametrize("way", ["closed", "exit", "shutdown"])
def test_it_ends_while_something_hangs(tmp_path: Path, way: str) -> None:
    with Client(tmp_path, PULL, command=("-c", BROKEN)) as client:
        client.post("textDocument/definition", PLACE)
        wait_for_the_text(client)
        assert client.process.stdin is not None
        if way == "closed":
            client.process.stdin.close()
        else:
            if way == "shutdown":
                client.ask("shutdown", None)
            client.tell("exit", None)
        client.process.wait(10)
        assert client.process.returncode == (0 if way == "shutdown" else 1)
        assert client.process.stderr is not None
        assert client.process.stderr.read() == b""


@pytest.mark.parametrize("deaf", [False, True], ids=["reads", "does not read"])
def test_it_ends_with_a_client_that_is_killed(tmp_path: Path, deaf: bool) -> None:
    """The pipes stay open, for they are ours; nobody buries the client that the handshake names."""
    named = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with Client(tmp_path, start=False, command=("-c", BROKEN)) as client:
        client.start(PULL, processId=named.pid)
        client.post("textDocument/definition", PLACE)
        wait_for_the_text(client)
        client.deaf = deaf
        for _ in range(700):  # answers to these fill a pipe
            client.post("no/such", None)
        named.send_signal(signal.SIGKILL)
        client.process.wait(10)
        assert client.process.returncode == 1
    named.wait()


def test_it_ends_when_nobody_can_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flowlang", "lsp"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    params = {"processId": None, "rootUri": None, "capabilities": {}}
    content = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode()
    process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
    process.stdin.flush()
    assert process.wait(10) == 1
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


OWNER = """
import subprocess, sys, time
server = subprocess.Popen([sys.executable, "-m", "flowlang", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc")
def test_it_ends_with_the_process_that_started_it() -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    server = Path("/proc") / owner.stdout.readline().decode().strip()
    time.sleep(1)
    assert server.exists()
    owner.kill()
    owner.wait()
    owner.stdout.close()
    for _ in range(100):
        status = server / "stat"
        if not status.exists() or b") Z" in status.read_bytes():
            return
        time.sleep(0.1)
    raise AssertionError("it lives on")


# ---- on a port


def on_a_port(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "flowlang", "lsp", "--tcp", f"127.0.0.1:{port}"]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


@pytest.mark.parametrize("politely", [True, False])
def test_a_port_serves_one_client(politely: bool) -> None:
    process = on_a_port(0)
    assert process.stderr is not None
    said = re.fullmatch(rb"flowlang: listening on 127\.0\.0\.1:(\d+)\n", process.stderr.readline())
    assert said is not None
    with socket.create_connection(("127.0.0.1", int(said[1]))) as connection:
        sent = [("initialize", 1, {"processId": None, "rootUri": None, "capabilities": {}})]
        sent += [("shutdown", 2, None), ("exit", None, None)] if politely else []
        for method, number, params in sent:
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            content = json.dumps(message if number is None else {**message, "id": number}).encode()
            connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        with connection.makefile("rb") as answers:
            first = next(messages(answers))
            assert json.loads(first)["result"]["serverInfo"]["name"] == "flowlang"
    assert process.wait(60) == (0 if politely else 1)
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = on_a_port(port)
        assert process.stderr is not None
        assert process.wait(60) == 2
        assert process.stderr.read() == f"flowlang: error: 127.0.0.1:{port}: Address already in use\n".encode()
        process.stderr.close()


# ---- nothing is left over


def counted(process: Forked | subprocess.Popen[bytes]) -> tuple[int, int]:
    own = Path(f"/proc/{process.pid}")
    return len(list((own / "task").iterdir())), len(list((own / "fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc")
def test_no_thread_and_no_file_stays(client: Client) -> None:
    assert_works(client)
    wait_for_the_text(client)
    before = counted(client.process)
    for number in range(60):
        client.open(f"{number}.flow", BAD)
        client.change(f"{number}.flow", BAD + "\n")
        asked = {"textDocument": {"uri": client.uri(f"{number}.flow")}}
        posted = client.post("textDocument/semanticTokens/full", asked)
        client.tell("$/cancelRequest", {"id": posted})
        client.answer_to(posted)
        assert client.ask("textDocument/documentSymbol", asked)
        client.close(f"{number}.flow")
    assert counted(client.process) == before
    children = Path(f"/proc/{client.process.pid}/task/{client.process.pid}/children")
    assert not children.exists() or children.read_text() == ""


# ---- names of documents

NAMES = [
    *(
        "",
        ":",
        "x",
        "a.flow",
        "/a.flow",
        "file:",
        "file:///",
        "file://[",
        "file://[::1",
        "file:///a%00b.flow",
        "FILE:///x.flow",
    ),
    *(
        "file:///%ff%fe.flow",
        "file:///../../..//etc/passwd",
        "file:////a//b/./c.flow",
        "file:///" + "x" * 5000,
        "http://h/a.flow",
    ),
    *(
        "untitled:",
        "file:///\ud83d.flow",
        "file:///dev/zero",
        "file:///dev/stdin",
        "file:///proc/self/mem",
        "file://h/share/a.flow",
    ),
    *(
        "git:/a.flow?%7B%22ref%22%3A%22%22%7D",
        "file:///a.flow#1",
        "file:///a.flow?q",
        "vscode-vfs://github/a/b.flow",
        "\x00",
    ),
]
METHODS = [*AT_A_PLACE, *OF_A_FILE, types.TEXT_DOCUMENT_REFERENCES, types.TEXT_DOCUMENT_RENAME, "flowlang/graph"]


@pytest.mark.parametrize("name", NAMES, ids=[ascii(each)[:30] for each in NAMES])
def test_any_name_of_a_document(client: Client, name: str) -> None:
    def ask_all() -> None:
        place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
        params = {
            "textDocument": {"uri": name},
            "position": {"line": 0, "character": 5},
            "range": place,
            "options": {"tabSize": 2, "insertSpaces": True},
            "newName": "n",
            "context": {"includeDeclaration": True, "triggerKind": 1, "isRetrigger": False, "diagnostics": []},
        }
        for method in (*METHODS, types.TEXT_DOCUMENT_CODE_ACTION, types.TEXT_DOCUMENT_INLAY_HINT):
            answer = client.answer_to(client.post(method, params))
            assert "error" not in answer or answer["error"]["code"] == -32803, (method, answer, client.told)

    ask_all()
    client.tell(
        "textDocument/didOpen", {"textDocument": {"uri": name, "languageId": "flow", "version": 1, "text": BAD}}
    )
    ask_all()
    found = client.ask("textDocument/diagnostic", {"textDocument": {"uri": name}})["items"]
    assert [each["code"] for each in found] == ["unknown-name"]
    watched = {"changes": [{"uri": name, "type": kind} for kind in (1, 2, 3)]}
    client.tell("workspace/didChangeWatchedFiles", watched)
    client.tell("textDocument/didSave", {"textDocument": {"uri": name}})
    client.tell("textDocument/didClose", {"textDocument": {"uri": name}})
    assert client.told_of("window/logMessage") == []


def test_threads_do_not_take_the_depth_from_each_other() -> None:
    """The formatter and the checker each raise the limit and put it back; beside each other both must go deep."""
    code = "import sys; from flowlang.lsp.life import worker; worker('x').shutdown(); print(sys.getrecursionlimit())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 20_000
