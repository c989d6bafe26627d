"""However flowlang is installed, it finds grammar and standard library: wheel, sdist, zipped wheel, checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FLOW = """\
import http

config {
  shop: url
}

flow look(sku: string(min_length=1)) -> list[string] {
  step found = http.get("{{ config.shop }}/items/{{ sku }}").json
  step names: list[string] = found | map(attribute='name') | list
  return names
}
"""


def build(source: Path, out: Path, *kinds: str) -> Path:
    """Build one distribution and give its path."""
    command = [sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = [*out.glob("*.whl"), *out.glob("*.tar.gz")]
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(Path(__file__).resolve().parent.parent.parent, tmp_path_factory.mktemp("sdist"), "--sdist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(Path(__file__).resolve().parent.parent.parent, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def wheel_of_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(folder)], check=True)
    (source,) = folder.iterdir()
    return build(source, tmp_path_factory.mktemp("wheel-of-sdist"), "--wheel")


def unpacked(wheel: Path, folder: Path) -> Path:
    """A wheel as pip lays it out; pip itself is left to its own tests."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def check_with(place: Path, folder: Path) -> None:
    """Check a clean and a broken file with the flowlang at `place`, from a folder that is no checkout."""
    env = {**os.environ, "PYTHONPATH": str(place), "XDG_CACHE_HOME": str(folder / "cache")}

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False
        )

    where = python("-c", "import flowlang; print(flowlang.__file__)").stdout
    assert where.startswith(str(place)), where
    (folder / "good.flow").write_text(FLOW)
    (folder / "bad.flow").write_text(FLOW.replace("http.get", "http.gett"))
    good = python("-m", "flowlang", "check", "good.flow")
    assert good.returncode == 0, good.stdout + good.stderr
    bad = python("-m", "flowlang", "check", "bad.flow")
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "gett" in bad.stdout
    page = python("-m", "flowlang", "explain", "maybe-absent")
    assert page.stdout.startswith("# maybe-absent\n"), page.stderr


def test_a_wheel(wheel: Path, tmp_path: Path) -> None:
    check_with(unpacked(wheel, tmp_path / "site"), tmp_path)


def test_a_wheel_built_from_the_sdist_is_the_same_wheel(wheel: Path, wheel_of_sdist: Path, tmp_path: Path) -> None:
    check_with(unpacked(wheel_of_sdist, tmp_path / "site"), tmp_path)
    listed = [sorted(zipfile.ZipFile(path).namelist()) for path in (wheel, wheel_of_sdist)]
    assert listed[0] == listed[1]


def test_a_zipped_wheel(wheel: Path, tmp_path: Path) -> None:
    check_with(wheel, tmp_path)


def test_a_checkout(root: Path, tmp_path: Path) -> None:
    check_with(root, tmp_path)


def test_the_wheel_carries_data_and_nothing_else(wheel: Path, root: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    for folder in ("grammar", "stdlib", "docs/language", "docs/rules"):
        for path in (root / folder).iterdir():
            assert f"flowlang/_bundled/{folder}/{path.name}" in inside
    assert {name.split("/")[0] for name in inside} == {"flowlang", f"{wheel.name.rsplit('-', 3)[0]}.dist-info"}
    assert [name for name in inside if "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_sdist_can_be_worked_on(sdist: Path) -> None:
    listing = subprocess.run(
        ["tar", "-tzf", str(sdist)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    inside = {name.split("/", 1)[1] for name in listing}
    for needed in (
        "Makefile",
        "hatch_build.py",
        "grammar/flow.lark",
        "tests/conftest.py",
        "examples/__main__.py",
        "LICENSE",
    ):
        assert needed in inside
    assert [name for name in inside if name.startswith((".venv", ".git/"))] == []
