"""What a hostile answer may take of memory, measured in a process of its own: the peak above what stood before, or
above that of a whole `flowlang run` with a plain answer.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.stdlib.loopback import Server

HOSTILE = """
import asyncio, gzip, sys
from benchmarks.measure import own_peak_kb
from flowlang.plan.nodes import Limits
from flowlang.runtime.http import HttpTransport, TooLarge
from tests.stdlib.loopback import OK, Server, request, run

async def once(transport, server):
    await transport.send(request(server))

def gzipped(body):
    return b"HTTP/1.1 200 OK\\r\\nContent-Encoding: gzip\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body

async def attack(transport, server):
    try:
        await transport.send(request(server, max_body=Limits().value_bytes, timeout=60.0))
    except TooLarge:
        print("too large")

run(Server(OK), once)
answer = ANSWER
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")  # the peak counts from here
before = own_peak_kb()
run(Server(answer), attack)
print((own_peak_kb() - before) // 1024)
"""

BOMB = "gzipped(gzip.compress(bytes(400 * 1024 * 1024), 9))"
CHUNKS = r'b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"2\r\nab\r\n" * 500_000'


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize("answer", [BOMB, CHUNKS])
def test_an_answer_takes_less_than_32_mib(answer: str) -> None:
    """400 KiB of gzip that unfold to 400 MiB; a body in chunks of two bytes."""
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE.replace("ANSWER", answer)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told, peak = done.stdout.rstrip().splitlines()
    assert told == "too large"
    assert int(peak) < 32


FLOW = """\
import http

config {
  base: url
}

flow main() -> any {
  step answer = http.get("{{ config.base }}/")
  return answer.json
}
"""
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
RUN = """
import sys
from benchmarks.measure import own_peak_kb
from flowlang.cli import main

code = main(["run", *sys.argv[1:]])
print(own_peak_kb(), file=sys.stderr)
sys.exit(code)
"""


async def peak_of_run(folder: Path, answer: bytes) -> tuple[int, str, int]:
    """Run a flow that gets an answer: its code, what it says, and the peak of its process in kB."""
    server = Server(answer)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        args = [sys.executable, "-c", RUN, "main.flow", "--config", f"base={base}"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        pipe = asyncio.subprocess.PIPE
        run = await asyncio.create_subprocess_exec(*args, cwd=folder, stdout=pipe, stderr=pipe, env=environment)
        _, said = await run.communicate()
    assert run.returncode is not None
    *words, peak = said.decode().split()
    return run.returncode, " ".join(words), int(peak)


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
def test_a_run_that_meets_a_bomb_takes_less_than_32_mib(tmp_path: Path) -> None:
    """400 KiB of gzip, in a hundred members, that unfold to 400 MiB."""
    (tmp_path / "main.flow").write_text(FLOW)
    bomb = gzip.compress(bytes(4 << 20), 9) * 100
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert len(bomb) in range(400 << 10, 420 << 10)
    code, said, plain = asyncio.run(peak_of_run(tmp_path, PLAIN))
    assert code == 0, said
    code, said, peak = asyncio.run(peak_of_run(tmp_path, head + bomb))
    assert code == 1
    assert "the answer is larger than 16,777,216 bytes" in said
    assert peak - plain < 32 << 10
