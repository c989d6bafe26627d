"""Clients of a server process, one for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowlang.lsp.server import Server
from tests.lsp.client import PULL, Client


@pytest.fixture
def server() -> Iterator[Server]:
    """A server in this process, which may recurse no deeper afterwards than before."""
    limit = sys.getrecursionlimit()
    server = Server()
    try:
        yield server
    finally:
        server.shutdown()
        sys.setrecursionlimit(limit)


@pytest.fixture
def pushing(tmp_path: Path) -> Iterator[Client]:
    """A client that is told findings."""
    with Client(tmp_path) as client:
        yield client


@pytest.fixture
def pulling(tmp_path: Path) -> Iterator[Client]:
    """A client that asks for findings, and can be told to ask again."""
    with Client(tmp_path, {**PULL, "workspace": {"diagnostics": {"refreshSupport": True}}}) as client:
        yield client
