"""What every test may use: `--bless`, goldens, hypothesis profiles.

A golden is a file whose text is the expectation; `pytest --bless` rewrites it and the diff is read by a person.
"""

from __future__ import annotations

import difflib
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Hundreds of processes are started: without byte code on the disk each would compile anew all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Runs sync each commit: in memory that takes no time, and no test is about the disk itself.
MEMORY, ROOM = "/dev/shm", 2 * 1024**3
if "TMPDIR" not in os.environ and os.path.isdir(MEMORY):
    found = os.statvfs(MEMORY)
    if found.f_bavail * found.f_frsize > ROOM and not found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = MEMORY

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


# Ten thousand tests are held to the end, with trees and tables: the collector need not look at them over and over.
gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that none is left for the end; the rest stand mixed, so that files that wait
    and files that compute run side by side.
    """
    files = {item: item.nodeid.partition("::")[0] for item in items}
    slow = {files[item] for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (files[item] not in slow, crc32(files[item].encode()), files[item]))


def pytest_collection_finish() -> None:
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite goldens with what the code gives now")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether goldens are rewritten instead of compared."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture
def root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture
def golden(bless: bool) -> Callable[[Path, str], None]:
    """Compare a text with a golden file, or rewrite the file under `--bless`."""

    def compare(path: Path, actual: str) -> None:
        if bless:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8", newline="")
            return
        if not path.exists():
            pytest.fail(f"{path.relative_to(ROOT)} does not exist; run pytest --bless and read it")
        expected = path.read_bytes().decode("utf-8")
        if actual != expected:
            lines = difflib.unified_diff(
                expected.splitlines(), actual.splitlines(), str(path.relative_to(ROOT)), "now", lineterm=""
            )
            pytest.fail("golden differs (pytest --bless rewrites it):\n" + "\n".join(lines), pytrace=False)

    return compare
