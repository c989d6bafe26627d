"""What a hostile answer may take of memory, measured in a process of its own: the peak above what stood before."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
