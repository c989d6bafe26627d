"""Whatever comes in, a clear sentence goes out: never a traceback, never a hang, never a false success."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from examples.services import Services
from tests.surfaces.conftest import CLEAN, Command, Done, answer, environment, start, wait_for_calls, write

CALL = """\
import http

config {
  base: url
}

flow call() -> int {
  step found: int = http.get("{{ config.base }}/n").json.n
  step again: int = http.get("{{ config.base }}/again/{{ found }}").json.n
  return again
}
"""


def one_finding(done: Done, rule: str, message: str) -> None:
    assert done.code == 1
    (found,) = done.json()["diagnostics"]
    assert found["rule"] == rule
    assert message in found["message"]


# ---- files


def test_not_utf8(flowlang: Command, here: Path) -> None:
    (here / "a.flow").write_bytes(b"flow f() {\n  let x = '\xff'\n}\n")
    one_finding(flowlang("check", "--format=json", "a.flow"), "unreadable-file", "is not UTF-8: byte 0xff in line 2")
    for command in ("plan", "run"):
        refused = flowlang(command, "a.flow")
        assert refused.code == 1
        assert refused.err.endswith("\n1 error in 1 file\n")
    done = flowlang("check", "--format=json", "-", stdin=b"\xff")
    one_finding(done, "unreadable-file", "is not UTF-8")


BAD_BYTE = "flow f() {\r\n  let é = '".encode() + b"\xff'\n}\n"


@pytest.mark.parametrize("others", [0, 20])
@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("text", "-->a.flow:2:12|"),
        ("concise", "a.flow:2:12:error"),
        ("json", '"start":{"line":2,"column":12,"offset":23}'),
        ("jsonl", '"start":{"line":2,"column":12,"offset":23}'),
        ("sarif", '"startLine":2,"startColumn":12,'),
        ("github", "file=a.flow,line=2,endLine=2,col=12,endColumn=13"),
        ("gitlab", '"begin":2,'),
        ("junit", 'at2:12"classname="a.flow"file="a.flow"line="2"'),
    ],
)
def test_the_place_of_a_byte_that_is_no_text(flowlang: Command, here: Path, form: str, said: str, others: int) -> None:
    def out(*args: str, stdin: bytes = b"") -> str:
        return "".join(flowlang("check", f"--format={form}", *args, stdin=stdin).out.split())

    (here / "a.flow").write_bytes(BAD_BYTE)
    for number in range(others):
        (here / f"b{number}.flow").write_text(CLEAN, encoding="utf-8")
    assert said in out(".")
    (here / "a.flow").write_bytes(BAD_BYTE.replace(b" = ", b"  = "))
    assert said not in out(".") or form == "gitlab"
    assert said in out("--stdin-filename=a.flow", "-", stdin=b"\xef\xbb\xbf" + BAD_BYTE)


def test_utf16(flowlang: Command, here: Path) -> None:
    (here / "a.flow").write_bytes(CLEAN.encode("utf-16"))
    one_finding(flowlang("check", "--format=json", "a.flow"), "unreadable-file", "is not UTF-8")


def test_a_byte_order_mark_is_nothing(flowlang: Command, here: Path) -> None:
    (here / "a.flow").write_bytes(b"\xef\xbb\xbf" + CLEAN.encode())
    assert flowlang("check", "a.flow").code == 0
    assert flowlang("run", "a.flow", "--input=n=1").out == "2\n"


def test_empty(flowlang: Command, here: Path) -> None:
    for text in ("", "\n\n", "# only a comment\n"):
        write(here, "a.flow", text)
        assert flowlang("check", "a.flow").code == 0
        for command in ("plan", "run"):
            done = flowlang(command, "a.flow")
            assert done.code == 2
            assert "a.flow declares no flow" in done.err


def test_a_hundred_megabytes(flowlang: Command, here: Path) -> None:
    with (here / "a.flow").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    one_finding(flowlang("check", "--format=json", "a.flow"), "unreadable-file", "has 100 MiB")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "[" * 100_000,
        "{" * 100_000,
        "]" * 100_000,
        "flow f() {" + ")" * 100_000,
        "let a = " + '"{{ ' * 100_000,
        "flow f() { let x = " + "(" * 100_000 + "1" + ")" * 100_000 + " }",
    ],
)
def test_a_hundred_thousand_brackets(flowlang: Command, here: Path, text: str) -> None:
    done = flowlang("check", "--format=json", write(here, "a.flow", text))
    assert done.code == 1
    assert 1 <= len(done.json()["diagnostics"]) <= 20


@pytest.mark.parametrize("text", ["'", '"', '"""', '"{{', "'a\n'b\n", '"{{ "{{ "{{'])
def test_unclosed_strings(flowlang: Command, here: Path, text: str) -> None:
    done = flowlang("check", write(here, "a.flow", f"let x = {text}"))
    assert done.code == 1
    assert "error[" in done.out


def test_nul_bytes_and_controls(flowlang: Command, here: Path) -> None:
    done = flowlang("check", write(here, "a.flow", "flow f() {\x00\x1b[31m\u202e }\n"))
    assert done.code == 1
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out


def test_a_folder_and_a_missing_file(flowlang: Command, here: Path) -> None:
    (here / "folder.flow").mkdir()
    for command in ("plan", "run"):
        assert "is a folder" in flowlang(command, "folder.flow").err
        assert "no such file" in flowlang(command, "nowhere.flow").err
    assert flowlang("check", "folder.flow").code == 2
    assert flowlang("check", "nowhere.flow").code == 2


def test_a_named_pipe_is_not_waited_for(flowlang: Command, here: Path) -> None:
    os.mkfifo(here / "a.flow")
    done = flowlang("check", "a.flow")
    assert done.code == 2
    assert "neither a file nor a folder" in done.err


def test_an_import_that_is_not_there_or_no_text(flowlang: Command, here: Path) -> None:
    (here / "b.flow").write_bytes(b"\xff")
    for name in ("b.flow", "nowhere.flow"):
        done = flowlang("check", write(here, "a.flow", f'import "{name}" as b\n' + CLEAN))
        assert done.code == 1
        assert " --> a.flow:1:8" in done.out


# ---- databases


def stored(flowlang: Command, here: Path) -> Path:
    flowlang("run", write(here, "a.flow", CLEAN), "--input=n=1", "--run-id=mine", "--db=runs.db")
    return here / "runs.db"


def test_a_corrupt_database(flowlang: Command, here: Path) -> None:
    path = stored(flowlang, here)
    path.write_bytes(path.read_bytes()[:100] + b"\x99" * 20_000)
    for args in (
        ["run", "a.flow", "--input=n=1"],
        ["run", "--resume", "mine"],
        ["runs", "list"],
        ["runs", "show", "mine"],
    ):
        done = flowlang(*args, "--db=runs.db")
        assert done.code in (1, 2)
        assert done.out == ""
        assert "runs.db" in done.err


def test_a_changed_row_names_the_run(flowlang: Command, here: Path) -> None:
    path = stored(flowlang, here)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE runs SET output = '3'")
    connection.commit()
    connection.close()
    for args in (["run", "--resume", "mine"], ["runs", "show", "mine"], ["runs", "list"]):
        done = flowlang(*args, "--db=runs.db")
        assert done.code == 2
        assert "the record of run mine is corrupt: it does not match its checksum" in done.err
        assert "put back a copy of the database from before" in done.err


def test_a_missing_plan_is_told_from_a_changed_one(flowlang: Command, here: Path) -> None:
    path = stored(flowlang, here)
    for change, said in (
        ("UPDATE plans SET body = body || ' '", "the plan of run mine is corrupt: it does not match its digest"),
        ("DELETE FROM plans", "the plan of run mine is not in the database"),
    ):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(change)
            connection.commit()
        done = flowlang("runs", "replay", "mine", "--db=runs.db")
        assert done.code == 2
        assert said in done.err


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_database_that_is_no_file(flowlang: Command, here: Path, path: str) -> None:
    done = flowlang("run", write(here, "a.flow", CLEAN), "--input=n=1", f"--db={path}")
    assert (done.code, done.err) == (2, f"flowlang: error: --db takes the path of a file, not {path!r}\n")


def test_a_locked_database(flowlang: Command, here: Path) -> None:
    path = stored(flowlang, here)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    done = flowlang("run", "a.flow", "--input=n=1", "--db=runs.db")
    connection.close()
    assert done.code == 2
    assert done.out == ""
    assert done.err == "flowlang: error: the run cannot start: runs.db is locked by another process\n"


def test_a_corrupt_journal_is_no_run_to_go_on_with(flowlang: Command, here: Path, services: Services) -> None:
    answer(services, "GET /again/1", {"status": 500})
    write(here, "call.flow", CALL)
    env = {"FLOW_BASE": services.url}
    flowlang("run", "call.flow", "--run-id=mine", "--db=runs.db", **env)
    connection = sqlite3.connect(here / "runs.db")
    connection.execute("UPDATE entries SET data = replace(data, '1', '2') WHERE key = 'found'")
    connection.commit()
    connection.close()
    done = flowlang("runs", "retry", "mine", "--db=runs.db", **env)
    assert done.code == 1
    assert "the journal of run mine is corrupt at step 'found'" in done.err
    assert "--resume" not in done.err


def test_a_database_that_is_locked_in_the_middle_of_a_run(flowlang: Command, here: Path, services: Services) -> None:
    answer(services, "GET /again/1", {"delay": 1.0, "json": {"n": 7}})
    write(here, "call.flow", CALL)
    env = {"FLOW_BASE": services.url}
    with start(["run", "call.flow", "--run-id=mine", "--db=runs.db"], here, **env) as process:
        wait_for_calls(services, 2)
        connection = sqlite3.connect(here / "runs.db", isolation_level=None, timeout=5)
        connection.execute("BEGIN IMMEDIATE")
        out, err = process.communicate()
        connection.close()
    assert (process.returncode, out) == (1, "")
    assert "run mine stopped: runs.db is locked by another process; go on with it: flowlang run --resume mine" in err
    done = flowlang("run", "--resume", "mine", "--db=runs.db", **env)
    assert done.code == 0
    assert len(services.calls_of("GET /n")) == 1


def test_a_plan_of_another_version(flowlang: Command, here: Path, services: Services) -> None:
    answer(services, "GET /again/1", {"delay": 5.0, "json": {"n": 7}})
    write(here, "call.flow", CALL)
    env = {"FLOW_BASE": services.url}
    with start(["run", "call.flow", "--run-id=mine", "--db=runs.db"], here, **env) as process:
        wait_for_calls(services, 2)
        process.kill()
        process.communicate()
    script = """
import json, sqlite3, sys
from flowlang.store.runs import digest_of, get
from dataclasses import replace
connection = sqlite3.connect("runs.db")
record = get(connection, "mine")
plan = json.loads(connection.execute("SELECT body FROM plans").fetchone()[0])
plan["format"] = 99
body = json.dumps(plan)
connection.execute("INSERT INTO plans VALUES (?, ?)", (digest_of(body), body))
connection.execute("UPDATE runs SET body = ?", (digest_of(body),))
replace(record, body=digest_of(body)).store(connection)
connection.commit()
"""
    subprocess.run([sys.executable, "-c", script], cwd=here, env=environment(), check=True)
    done = flowlang("run", "--resume", "mine", "--db=runs.db", **env)
    assert done.code == 2
    assert "run mine cannot go on: the plan has format 99" in done.err


# ---- the network


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        ({"text": "<html>hello</html>"}, "JSON"),
        ({"json": {"m": 1}}, "n"),
        ({"json": [1]}, "n"),
        ({"json": {"n": "one"}}, "an int"),
        ({"text": '{"n": 1'}, "JSON"),
        ({"status": 404}, "404"),
        ({"status": 302, "headers": {"Location": "/elsewhere"}}, "answered 302 Found; redirects are not followed"),
        ({"drop": "request"}, "closed the connection without an answer"),
        ({"drop": "response"}, "closed the connection without an answer"),
    ],
)
def test_an_answer_nobody_wants(
    flowlang: Command, here: Path, services: Services, outcome: dict[str, object], cause: str
) -> None:
    answer(services, "GET /n", outcome)
    done = flowlang("run", write(here, "call.flow", CALL), "--run-id=mine", FLOW_BASE=services.url)
    assert done.code == 1
    assert done.out == ""
    verdict = done.err.partition("flowlang: ")[2].splitlines()
    assert verdict[0].startswith("run mine failed at step `found`, attempt 1: ")
    assert cause in verdict[0]
    assert "call.flow:8:8" in verdict[1]


def test_a_port_that_refuses(flowlang: Command, here: Path) -> None:
    done = flowlang("run", write(here, "call.flow", CALL), FLOW_BASE="http://127.0.0.1:1")
    assert done.code == 1
    assert "network: no connection to 127.0.0.1:1: the connection was refused" in done.err


def test_a_name_that_nobody_has(flowlang: Command, here: Path) -> None:
    done = flowlang("run", write(here, "call.flow", CALL), FLOW_BASE="http://nobody.invalid")
    assert done.code == 1
    assert "network: no connection to nobody.invalid" in done.err


@pytest.mark.parametrize("base", ["ftp://x", "not a url", "http://", "", "http://[::1", "file:///etc/passwd"])
def test_an_address_that_is_none(flowlang: Command, here: Path, base: str) -> None:
    done = flowlang("run", write(here, "call.flow", CALL), FLOW_BASE=base)
    assert done.code in (1, 2)
    assert done.out == ""
    assert "base" in done.err or "network" in done.err or "fault" in done.err


# ---- inputs


NO_INPUTS = ["", "{", "[1]", "null", '{"n": NaN}', '{"n": 1, "n": 2}', "\ud800", "[" * 100_000, '{"n": 1e999}']


@pytest.mark.parametrize("text", [*NO_INPUTS, '{"n": ' + "9" * 5000 + "}"])
def test_input_files_that_hold_no_inputs(flowlang: Command, here: Path, text: str) -> None:
    write(here, "a.flow", CLEAN)
    (here / "in.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    done = flowlang("run", "a.flow", "--input-file=in.json")
    assert done.code == 2
    assert "in.json" in done.err or "input `n`" in done.err


def test_inputs_that_are_not_unicode(flowlang: Command, here: Path) -> None:
    write(here, "t.flow", "flow t(k: string) -> string {\n  return k\n}\n")
    write(here, "in.json", '{"k": "\\ud800"}')
    for option, reason in (("--input-file=in.json", "not Unicode"), ("--input=k=\udcff", "it is not UTF-8 text")):
        done = flowlang("run", "t.flow", option)
        assert done.code == 2
        assert reason in done.err


def test_the_largest_numbers(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", CLEAN)
    assert flowlang("run", "a.flow", f"--input=n={2**62 - 1}").out == f"{2**63 - 2}\n"
    over = flowlang("run", "a.flow", f"--input=n={2**62}")
    assert over.code == 1
    assert "fault" in over.err
    assert flowlang("run", "a.flow", f"--input=n={2**63}").code == 2
