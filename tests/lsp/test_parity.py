"""What an editor shows is what `flowlang check` prints of the whole project: of every golden and example, told or asked
for.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.forked import Forked
from tests.lsp.client import PULL, Client

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
WAITS = 200
SEVERITIES = {"error": 1, "warning": 2, "info": 3}
SETTINGS = {
    "none": "",
    "strict": "[check]\nstrict = true\n",
    "some": '[check]\nselect = ["all"]\nignore = ["unused-import"]\n[check.severity]\nunused-let = "error"\n',
}


def units(text: str, place: dict[str, int]) -> dict[str, int]:
    """A place as the command line counts, in lines of an editor and units of two bytes; not by our own converter."""
    before = text[: place["offset"]]
    lines = re.split("\r\n|\r|\n", before)
    return {"line": len(lines) - 1, "character": len(lines[-1].encode("utf-16-le", "surrogatepass")) // 2}


def span(found: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    text = texts[found["file"]]
    return {"start": units(text, found["start"]), "end": units(text, found["end"])}


def printed(found: dict[str, Any], texts: dict[str, str], root: Path) -> dict[str, Any]:
    """A finding of the command line as an editor must be told it."""
    shown: dict[str, Any] = {
        "code": found["rule"],
        "severity": SEVERITIES[found["severity"]],
        "message": f"{found['message']}\n\n{found['help']}" if found["help"] else found["message"],
        "range": span(found, texts),
    }
    related = [
        {"message": each["message"], "location": {"uri": (root / each["file"]).as_uri(), "range": span(each, texts)}}
        for each in found["related"]
    ]
    return shown | ({"relatedInformation": related} if related else {})


@pytest.fixture
def root(settings: str, tmp_path: Path) -> Path:
    """A copy of all files, with settings."""
    shutil.copytree(ROOT / "tests" / "golden" / "check", tmp_path / "golden")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    if SETTINGS[settings]:
        (tmp_path / "flowlang.toml").write_text(SETTINGS[settings], encoding="utf-8")
    return tmp_path


def checked(root: Path, texts: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """What the command line prints of each file, as an editor must be told it."""
    args = ["check", "--no-cache", "--exit-zero", "--format", "json", "."]
    process = Forked(args, root, {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"})
    out, err = process.communicate(b"", timeout=100)
    assert process.wait() == 0, err
    document = json.loads(out)
    assert document["files"] == len(texts)
    found = defaultdict(list)
    for each in document["diagnostics"]:
        found[each["file"]].append(printed(each, texts, root))
    return found


EACH, EVEN, ODD = slice(None), slice(0, None, 2), slice(1, None, 2)


@pytest.mark.parametrize(
    ("settings", "turns"),
    [
        pytest.param("none", EACH, id="none"),
        pytest.param("strict", EVEN, id="strict"),
        pytest.param("some", ODD, id="some"),
        pytest.param("strict", EACH, id="strict, each", marks=pytest.mark.soak),
        pytest.param("some", EACH, id="some, each", marks=pytest.mark.soak),
    ],
)
def test_the_command_line_says_what_editors_are_told(root: Path, turns: slice) -> None:
    """Of each file; with settings of every other one, and of each by `make soak`."""
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.flow"))
    texts = {name: (root / name).read_bytes().decode("utf-8").removeprefix("\ufeff") for name in names}
    together = checked(root, texts)
    assert sum(map(len, together.values())) > 500

    with Client(root) as told, Client(root, PULL) as asked:
        for name in names[turns]:
            for client in (told, asked):
                client.open(name, texts[name])
            for findings in (told.pushed, asked.pulled):
                shown = findings(name)
                for _ in range(WAITS):  # until it is known what other files use
                    if _kept(shown) != together[name]:
                        time.sleep(0.05)
                        shown = findings(name)
                assert _kept(shown) == together[name], name
                assert {each["source"] for each in shown} <= {"flowlang"}
        for client in (told, asked):
            assert client.told_of("window/logMessage") == []


def _kept(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = ("code", "severity", "message", "range", "relatedInformation")
    return [{key: each[key] for key in kept if key in each} for each in shown]
