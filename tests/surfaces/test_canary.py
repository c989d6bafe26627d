"""Canaries: secrets that servers echo and Python quotes, in 18 spellings, are nowhere: not in the database, not in
logs, spans, errors, reports or output.
"""

from __future__ import annotations

import base64
import html
import json
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.surfaces.conftest import Command, write

CANARY = 'c4n4ry+T0k/en&<Ü>"7-qz'
PASSWORD = "passw0rd-b1rd-9999"
HOOK_PATH = "/hook/T0123/bird-of-prey-77"
FETCHED = "fetched-token-4711-xyz"
SECRETS = (CANARY, PASSWORD, HOOK_PATH, FETCHED)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "url": lambda s: urllib.parse.quote(s, safe=""),
    "plus": urllib.parse.quote_plus,
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "unicode escapes": lambda s: "".join(f"\\u{ord(c):04x}" for c in s),
    "HTML": html.escape,
    "HTML numbers": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "reversed": lambda s: s[::-1],
    "Latin-1": lambda s: s.encode().decode("latin-1"),
    "cp1252": lambda s: s.encode().decode("cp1252"),
    "UTF-16": lambda s: s.encode("utf-16-le").decode("latin-1").rstrip("\0"),
}
BASE64 = {
    "base64": lambda data: base64.b64encode(data),
    "base64 + 1": lambda data: base64.b64encode(b"x" + data + b"y"),
    "base64 + 2": lambda data: base64.b64encode(b"xx" + data + b"yz"),
    "urlsafe base64": lambda data: base64.urlsafe_b64encode(data),
    "basic": lambda data: base64.b64encode(b"bird:" + data),
}  # fmt: skip


def said(secret: str) -> list[str]:
    return [
        *(spell(secret) for spell in SPELLINGS.values()),
        *(each(secret.encode()).decode() for each in BASE64.values()),
    ]


def needles() -> list[tuple[str, bytes]]:
    """What to look for, also as JSON would write it once more."""
    found = []
    for secret in SECRETS:
        for name, spell in SPELLINGS.items():
            text = spell(secret)
            again = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
            found += [(f"{name} of {secret[:6]}", written.encode()) for written in again]
        # Without the characters that hang on what stands around it.
        found += [(f"{name} of {secret[:6]}", encode(secret.encode())[8:-4]) for name, encode in BASE64.items()]
    return found


class Echo(BaseHTTPRequestHandler):
    """Answers with everything that it must not say, with the status that the path asks for."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/token":
            secrets: Any = ()
            body: Any = {"access_token": FETCHED, "expires_in": 3600}
        else:
            secrets = SECRETS if FETCHED in str(self.headers) else SECRETS[:-1]
            told = [each for secret in secrets for each in said(secret)]
            body = {"said": told, "in a sentence": [f"no {each}!" for each in told], "auth": self.headers.values()}
            body |= dict.fromkeys(told, 1)
        data = json.dumps(body, ensure_ascii=self.path != "/plain").encode()
        status = int(self.path[1:]) if self.path[1:].isdecimal() else 200
        self.send_response(status, urllib.parse.quote(CANARY))
        for name, value in [
            ("X-Echo", f"{urllib.parse.quote(s)} {base64.b64encode(s.encode()).decode()}") for s in secrets
        ]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST

    def log_message(self, format: str, *args: object) -> None:
        pass


FLOW = """\
import http
import auth
import notify

type Small { n: int }
type Token { access_token: secret }
config {
  base: url
  canary: secret
  password: secret
  hook: secret[url]
}

service echo {
  base_url = config.base
  headers = { Authorization: "Bearer {{ config.canary }}" }
}

action quote(it: secret) -> string = python('birds:quote')
action raise_it(it: secret) -> string = python('birds:raise_it')
action give_wrong(it: secret) -> int = python('birds:give_wrong')

@retry('fixed', attempts=2, delay=1ms, jitter=0)
@idempotent
flow sing(ending: int) -> any {
  step a = echo.post("/plain", json={ it: config.canary }).json
  step b = echo.get("/200").text
  step c = http.get("{{ config.base }}/200", auth=auth.basic('bird', config.password)).headers
  step token: Token = http.post("{{ config.base }}/token").json
  step d = http.get("{{ config.base }}/200", headers={ X: token.access_token }).json
  step e = echo.post("/500").json
    catch http as err { yield err.response }
  step f: Small = echo.post("/200").json
    catch validation as err { yield { n: err.message | length } }
  step g = quote(it=config.canary)
  step h = raise_it(it=config.canary)
    catch failed as err { yield err.message }
  step i = give_wrong(it=config.canary)
    catch validation as err { yield err.message | length }
  step j = notify.slack('hello', webhook=config.hook)
    catch http { yield none }
  step k = http.get("{{ config.base }}/200", auth={
    scheme: 'client_credentials'
    token_url: "{{ config.base }}/token"
    client_id: 'bird'
    client_secret: config.password
  }).text
  step last: int = echo.post("/{{ ending }}").json.said
    after a, b, c, d, e, f, g, h, i, j, k
  return [a, b, c, d, e, f, g, h, i, k]
}
"""
BIRDS = """\
import base64
def quote(it):
    return f"it is {it}, {base64.b64encode(it.encode()).decode()}, {it.encode().hex()} and {it[::-1]}"
def raise_it(it):
    raise ValueError("x" * 490 + it + repr({"it": it, "hex": it.encode().hex()}))
def give_wrong(it):
    return {"it": [it, it.encode().hex()]}
"""


@pytest.fixture
def env(here: Path) -> Iterator[dict[str, str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    write(here, "sing.flow", FLOW)
    write(here, "birds.py", BIRDS)
    base = f"http://127.0.0.1:{server.server_port}"
    yield {
        "FLOW_BASE": base, "FLOW_CANARY": CANARY, "FLOW_PASSWORD": PASSWORD, "FLOW_HOOK": base + HOOK_PATH,
        "OTEL_TRACES_EXPORTER": "console",
    }  # fmt: skip
    server.shutdown()
    server.server_close()


def leaks(here: Path, *outputs: str) -> list[str]:
    """What is found where it must not be."""
    places = {f"output {at}": text.encode() for at, text in enumerate(outputs)}
    for path in here.rglob("*"):
        if path.is_file() and path.suffix not in (".flow", ".py", ".pyc"):
            places[path.name] = path.read_bytes()
    assert any(b"SQLite" in content[:16] for content in places.values())
    return [
        f"{name} in {place}" for place, content in places.items() for name, needle in needles() if needle in content
    ]


@pytest.mark.parametrize("ending", ["500", "200"])
def test_no_secret_is_anywhere(flowlang: Command, env: dict[str, str], here: Path, ending: str) -> None:
    outputs = []
    for command in (
        ["run", "sing.flow", f"--input=ending={ending}", "--run-id=one", "--log=log", "--trace", "--db=runs.db"],
        ["run", "--resume=one", "--db=runs.db"],
        ["runs", "show", "one", "--db=runs.db"],
        ["runs", "show", "one", "--format=json", "--db=runs.db"],
        ["runs", "failed", "--db=runs.db"],
        ["runs", "stats", "--db=runs.db"],
        ["runs", "retry", "one", "--db=runs.db", "--log=log"],
        ["runs", "retry", "one", "--from-start", "--db=runs.db", "--format=json"],
        ["breakers", "list", "--db=runs.db"],
    ):
        done = flowlang(*command, **env)
        outputs += [done.out, done.err]
    assert "step last" in outputs[1] or "last" in outputs[1], outputs[1]
    assert "***" in outputs[6]
    assert leaks(here, *outputs) == []


def test_a_mistyped_option_does_not_show_what_stood_behind_it(
    flowlang: Command, env: dict[str, str], here: Path
) -> None:
    done = flowlang("run", "sing.flow", "--input=ending=200", f"--config=password:{PASSWORD}", **env)
    assert done.code == 2
    assert PASSWORD not in done.err
