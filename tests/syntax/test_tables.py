"""The stored parse table: right however the cache looks, and built once by however many processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flowlang import bundled
from flowlang.syntax import tables
from flowlang.syntax.generate import generate

ROOT = Path(__file__).resolve().parents[2]
PARSE = """
import sys
from flowlang.source import Source
from flowlang.syntax.parser import parse
parsed = parse(Source("x", "let a = 1 + f(2)"))
assert not parsed.diagnostics and len(parsed.tree.items) == 1
print(" ".join(sorted(name for name in sys.modules if "." not in name)))
"""


def run(cache: Path, home: str = "/nonexistent") -> list[str]:
    """Parse in a new process with a cache folder; gives the modules it imported."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import sys; sys.path[:0] = " + repr(sys.path) + PARSE],
        env={"XDG_CACHE_HOME": str(cache), "HOME": home, "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the table, which takes a second to build."""
    cache = tmp_path_factory.mktemp("built")
    assert "lark" in run(cache)
    return cache


@pytest.fixture
def cache(built: Path, tmp_path: Path) -> Path:
    """One of its own."""
    return shutil.copytree(built, tmp_path / "cache")


def stored(cache: Path) -> list[Path]:
    return sorted((cache / "flowlang").glob("table-*"))


def test_the_first_run_stores_the_second_reads(tmp_path: Path) -> None:
    assert "lark" in run(tmp_path)
    (file,) = stored(tmp_path)
    assert file.name.startswith("table-")
    assert "lark" not in run(tmp_path)


def test_the_hot_path_imports_little(cache: Path) -> None:
    heavy = {
        "lark",
        "typing",
        "dataclasses",
        "enum",
        "pathlib",
        "collections.abc",
        "click",
        "httpx",
        "jinja2",
        "asyncio",
        "logging",
        "re",
        "json",
    }
    assert heavy & set(run(cache)) == set()


@pytest.mark.parametrize("damage", [b"", b"{}", b"abc def\n{}", b"\xff\xfe", b"\n\n\n"])
def test_a_corrupt_cache_is_built_anew(cache: Path, damage: bytes) -> None:
    (file,) = stored(cache)
    whole = file.read_bytes()
    file.write_bytes(damage or whole[: len(whole) // 2])
    assert "lark" in run(cache)
    assert file.read_bytes() == whole
    assert "lark" not in run(cache)


def test_a_cache_that_is_not_a_folder(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "lark" in run(blocked)
    assert blocked.read_text() == ""


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    assert "lark" in run(Path("/proc/nowhere"))
    assert "lark" in run(Path("relative"), home="relative")
    assert not (ROOT / "relative").exists()


def test_many_processes_start_at_once(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen([sys.executable, "-c", PARSE], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
        for _ in range(4)
    ]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert len(stored(tmp_path)) == 1
    assert "lark" not in run(tmp_path)


def test_a_file_that_changes_changes_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "_PACKAGE", str(tmp_path / "flowlang"))
    (tmp_path / "grammar").mkdir()
    grammar = tmp_path / "grammar" / "flow.lark"
    grammar.write_text("a")
    first = bundled.state(["grammar/flow.lark"])
    assert bundled.state(["grammar/flow.lark"]) == first
    os.utime(grammar, ns=(1, 1))
    second = bundled.state(["grammar/flow.lark"])
    grammar.write_text("ab")
    os.utime(grammar, ns=(1, 1))
    third = bundled.state(["grammar/flow.lark"])
    grammar.unlink()
    assert len({first, second, third, bundled.state(["grammar/flow.lark"])}) == 4


def test_what_is_stored_is_bound_to_its_key() -> None:
    data = bundled.pack({"x": 1}, "key")
    assert bundled.unpack(data, "key") == {"x": 1}
    assert bundled.unpack(data, "other") is None
    assert bundled.unpack(data.replace(b"1", b"2"), "key") is None


def test_the_table_is_the_same_in_every_process() -> None:
    script = (
        "import hashlib, json; from flowlang import bundled; from flowlang.syntax.generate import generate;"
        "print(hashlib.md5(json.dumps(generate(bundled.read('grammar/flow.lark').decode())).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1


def test_what_a_wheel_carries(tmp_path: Path) -> None:
    tables.build(str(tmp_path))
    (file,) = tmp_path.iterdir()
    grammar = bundled.read("grammar/flow.lark")
    assert grammar is not None
    assert bundled.unpack(file.read_bytes(), None) == json.loads(json.dumps(generate(grammar.decode())))


def test_data_is_found_in_a_checkout() -> None:
    assert "http.flow" in bundled.names("stdlib")
    assert bundled.read("stdlib/http.flow") == (ROOT / "stdlib/http.flow").read_bytes()
    assert bundled.read("stdlib/nothing.flow") is None
    assert bundled.names("nothing") == []
