"""The modules of a check in one file: right however that file looks, and used where it is right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = "flow f(a: int) -> int {\n  return a + 1\n}\n"
SCRIPT = """
import os, sys
end = os._exit
def tell(code):
    from flowlang.modules import Modules
    specs = [getattr(module, "__spec__", None) for module in sys.modules.values()]
    print(sum(isinstance(getattr(spec, "loader", None), Modules) for spec in specs), file=sys.stderr, flush=True)
    end(code)
os._exit = tell
from flowlang.cli import main
sys.argv = ["flowlang", "check", "a.flow"]
main()
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the package that may be broken."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("flowlang", "grammar", "stdlib"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "a.flow").write_text(CLEAN)
    yield folder
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def stored(checkout: Path) -> Path:
    """The file, freshly made."""
    for path in (checkout / "flowlang" / "__pycache__").glob("check.*.modules"):
        path.unlink()
    check(checkout)
    check(checkout)  # the data that the first one has built is first unpacked by the second
    (path,) = (checkout / "flowlang" / "__pycache__").glob("check.*.modules")
    return path


def check(checkout: Path, **environment: str) -> int:
    """Check in a new process; gives how many modules came out of the file."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env |= {"PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(checkout / "cache"), **environment}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=checkout, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return int(done.stderr)


def test_the_first_check_stores_and_the_second_uses(checkout: Path, stored: Path) -> None:
    before = stored.stat().st_mtime_ns
    assert check(checkout) > 50
    assert stored.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "foreign"])
def test_a_damaged_file_is_written_anew(checkout: Path, stored: Path, damage: str) -> None:
    whole = stored.read_bytes()
    cut = whole[: len(whole) // 2]
    stored.write_bytes({"empty": b"", "cut": cut, "flipped": flipped(whole, 1000), "foreign": b"x" * 1000}[damage])
    assert check(checkout) == 0
    assert check(checkout) > 50


def test_of_a_file_that_is_damaged_behind_its_front_only_that_part_is_made_anew(checkout: Path, stored: Path) -> None:
    whole = stored.read_bytes()
    front = 14 + int.from_bytes(whole[8:11]) + int.from_bytes(whole[11:14])
    count = check(checkout)
    stored.write_bytes(flipped(whole, front))
    assert check(checkout) == count - 1
    assert check(checkout) == count
    stored.write_bytes(flipped(whole, len(whole) - 1))  # in the data
    assert check(checkout) == count
    assert stored.read_bytes().endswith(whole[-1000:])


def flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


DATA = """
import os, sys
from flowlang import modules
end, recall = os._exit, modules.recall
found = []
def tell(code):
    print(*found, file=sys.stderr, flush=True)
    end(code)
os._exit, modules.recall = tell, lambda mark: found.append(recall(mark) is not None) or recall(mark)
from flowlang.cli import main
sys.argv = ["flowlang", "check", "a.flow"]
main()
"""


def test_data_is_unpacked_once_and_anew_where_it_is_other_data(checkout: Path, stored: Path) -> None:
    def recalled() -> list[str]:
        env = {"PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(checkout / "cache")}
        done = subprocess.run([sys.executable, "-c", DATA], cwd=checkout, env=env, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "")
        return done.stderr.split()

    assert recalled() == ["True"] * 4
    (rules,) = (checkout / "cache" / "flowlang").glob("rules-*.json")
    head, _, body = rules.read_bytes().partition(b"\n")
    rules.write_bytes(head[:-1] + b"x\n" + body)
    assert sorted(recalled()) == ["False", "True", "True", "True"]
    recalled()
    assert recalled() == ["True"] * 4


def test_a_module_that_changed_is_read_anew(checkout: Path, stored: Path) -> None:
    source = checkout / "flowlang" / "cli" / "reporting.py"
    whole = source.read_text()
    count = check(checkout)
    source.write_text(whole + "\nCHANGED = True\n")
    assert check(checkout) == count - 1
    assert check(checkout) == count
    source.write_text(whole)


WHOLE = """
import os, sys
def tell(code):
    ours = {name: module for name, module in sys.modules.items() if name.startswith("flowlang.")}
    for name, module in ours.items():
        parent, _, last = name.rpartition(".")
        spec = module.__spec__
        assert getattr(sys.modules[parent], last) is module, name
        assert (spec.name, spec.origin, spec.loader) == (name, module.__file__, module.__loader__), name
        assert module.__package__ == (name if hasattr(module, "__path__") else parent), name
        assert os.path.isfile(module.__file__), name
    os.write(1, b"%d" % len(ours))
    end(code)
end, os._exit = os._exit, tell
from flowlang.cli import main
sys.argv = ["flowlang", "check", "a.flow"]
main()
"""


def test_modules_out_of_the_file_are_whole(checkout: Path, stored: Path) -> None:
    env = {"PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(checkout / "cache")}
    done = subprocess.run([sys.executable, "-c", WHOLE], cwd=checkout, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 50


def test_a_module_that_cannot_be_imported_is_not_left_behind(checkout: Path, stored: Path) -> None:
    broken = checkout / "flowlang" / "cli" / "reporting.py"
    whole = broken.read_text()
    broken.write_text(whole + "\nraise ImportError('broken')\n")
    script = """
import sys
from flowlang import modules
modules.install()
for _ in range(2):
    try:
        modules.load("flowlang.cli.reporting")
    except ImportError as error:
        print(error, "flowlang.cli.reporting" in sys.modules)
"""
    env = {"PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(checkout / "cache")}
    done = subprocess.run([sys.executable, "-c", script], cwd=checkout, env=env, capture_output=True, text=True)
    broken.write_text(whole)
    assert (done.stdout, done.stderr) == ("broken False\n" * 2, "")


def test_nothing_is_written_where_byte_code_is_not_wanted(checkout: Path, stored: Path) -> None:
    stored.unlink()
    assert check(checkout, PYTHONDONTWRITEBYTECODE="1") == 0
    assert not stored.exists()


def test_a_folder_that_cannot_be_written(checkout: Path, stored: Path) -> None:
    folder = stored.parent
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    assert check(checkout) == 0
    folder.unlink()
    assert check(checkout) == 0
    assert check(checkout) > 50
