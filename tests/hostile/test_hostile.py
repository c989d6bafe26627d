"""Checking a project of an attacker executes nothing of it and reads nothing outside it."""

from __future__ import annotations

import json
import os
import site
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON_FILES = (
    "conftest.py", "sitecustomize.py", "usercustomize.py", "setup.py", "flowlang_plugin.py", "json.py", "re.py",
    "bisect.py", "click.py", "lark.py", "plugins/flowlang.py", "geo/client.py", "geo/__init__.py",
)  # fmt: skip
EVIL = "open('EXECUTED', 'a').write(__file__)\nraise SystemExit('executed')\n"
LURES = """
plugins = ["flowlang_plugin", "plugins.flowlang"]
extends = "../outside/secret.flow"
[check]
extends = "../outside/secret.flow"
plugins = ["flowlang_plugin"]
"""
FLOW = """##! Uses all that a checker might be tempted to load.
import http
import "{target}" as other

action locate(street: string) -> {{ lat: float }} = python('geo.client:locate')
service crm from "crm.openapi.json"

flow run(street: string) -> any {{
  step place = locate(street=street)
  step page = http.get("http://127.0.0.1:9/{{{{ street }}}}").json
  step found = crm.get("/x")
  return [place, page, found, `os.system('touch EXECUTED')`, "{{% import os %}}", "{{{{ ''.__class__.__mro__ }}}}"]
}}
"""
TARGETS = {
    "passwd": "../../etc/passwd",
    "deep": "../" * 40 + "etc/passwd",
    "absolute": "/etc/passwd",
    "zero": "/dev/zero",
    "stdin": "/dev/stdin",
    "memory": "/proc/self/mem",
    "link": "link_out.flow",
    "folder_link": "link_folder/secret.flow",
    "sibling": "../outside/secret.flow",
    "pipe": "pipe.flow",
    "socket": "socket.flow",
    "device": "device.flow",
    "loop": "loop.flow",
    "folder": "folder.flow",
    "null": "a\\u0000b.flow",
    "env": ".env",
    "key": "id_rsa",
    "remote": "https://127.0.0.1:9/x.flow",
    "windows": "C:\\\\secret.flow",
    "home": "~/secret.flow",
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.flow").write_text("let password = 'hunter2'\n")
    (outside / "gitignore").write_text("secret\n")
    project = tmp_path / "project"
    project.mkdir()
    for name in PYTHON_FILES:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(EVIL)
    (project / "flowlang.toml").write_text("[config]\ncrm = 'https://127.0.0.1:9'\n")
    (project / "crm.openapi.json").write_text("{}")
    (project / ".env").write_text("SECRET=hunter2\n")
    (project / "id_rsa").write_text("hunter2\n")
    (project / ".gitignore").symlink_to(outside / "gitignore")
    (project / "link_out.flow").symlink_to(outside / "secret.flow")
    (project / "link_folder").symlink_to(outside)
    (project / "device.flow").symlink_to("/dev/zero")
    (project / "loop.flow").symlink_to(project / "loop.flow")
    (project / "self").symlink_to(project)
    (project / "folder.flow").mkdir()
    os.mkfifo(project / "pipe.flow")
    (project / "pipes").mkdir()
    os.mkfifo(project / "pipes" / ".gitignore")
    for name, target in TARGETS.items():
        (project / f"use_{name}.flow").write_text(FLOW.format(target=target))
    (project / "ok.flow").write_text("flow ok() -> int { return 1 }\n")
    with socket.socket(socket.AF_UNIX) as bound:
        here = os.getcwd()
        os.chdir(project)
        bound.bind("socket.flow")
        os.chdir(here)
        yield project


def watched(project: Path, tmp_path: Path, *arguments: str, stdin: str = "") -> dict[str, Any]:
    """Run the command line in the project under the audit hook."""
    report = tmp_path / "report.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(HERE / "watch.py"), str(report), *arguments]
    done = subprocess.run(
        command, cwd=project, env=environment, input=stdin, capture_output=True, text=True, timeout=60
    )
    found: dict[str, Any] = json.loads(report.read_text())
    found["said"] = done.stdout + done.stderr
    return found


def allowed() -> list[str]:
    """Where files may be read: our package and its data, Python, installed packages, the user's cache."""
    paths = sysconfig.get_paths()
    folders = [
        paths["stdlib"],
        paths["platstdlib"],
        paths["purelib"],
        *site.getsitepackages(),
        sys.prefix,
        sys.base_prefix,
    ]
    ours = [ROOT / "flowlang", ROOT / "stdlib", ROOT / "grammar"]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowlang"
    zones = ["/usr/share/zoneinfo", "/etc/localtime", "/dev/null"]
    return [os.path.realpath(each) for each in [*folders, *ours, cache, *zones]]


def is_below(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)


def judge(found: dict[str, Any], project: Path) -> None:
    """Nothing of the project ran, nothing outside it was opened, nothing was written but caches: the user's, and
    Python's in our package.
    """
    tree = os.path.realpath(project)
    outside = [each for each in found["opened"] if not is_below(each[2:], [tree, *allowed()])]
    listed = [each for each in found["listed"] if not is_below(each, [tree, *allowed()])]
    cache = [os.path.realpath(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowlang")]
    cache.append(os.path.realpath(ROOT / "flowlang" / "__pycache__"))
    written = [
        each for each in found["opened"] if each.startswith("w ") and not is_below(each[2:], [*cache, "/dev/null"])
    ]
    code = [each for each in found["others"] if is_below(each.partition(" ")[2], [tree])]
    modules = [name for name, file in found["modules"].items() if file and is_below(os.path.realpath(file), [tree])]
    records = f"code.__new__ {ROOT / 'flowlang' / 'record.py'}"
    processes = [each for each in found["others"] if not each.startswith(("exec", "compile")) and each != records]
    acts = [each for each in processes if not each.startswith(("marshal", "os.mkdir", "os.rename", "os.remove"))]
    assert outside == []
    assert listed == []
    assert written == []
    assert code == []
    assert modules == []
    assert acts == []
    assert not (project / "EXECUTED").exists()
    assert "hunter2" not in found["said"]
    assert "root:" not in found["said"]
    assert "Traceback" not in found["said"]
    assert "internal error" not in found["said"]


def test_the_whole_project(project: Path, tmp_path: Path) -> None:
    found = watched(project, tmp_path, "check", ".")
    judge(found, project)
    assert found["code"] == 1
    assert "ok.flow" not in found["said"]


@pytest.mark.parametrize("name", TARGETS)
def test_each_import(project: Path, tmp_path: Path, name: str) -> None:
    found = watched(project, tmp_path, "check", f"use_{name}.flow")
    judge(found, project)
    assert found["code"] == 1
    assert "unreadable-file" in found["said"]


def test_from_outside_the_project(project: Path, tmp_path: Path) -> None:
    found = watched(tmp_path, tmp_path, "check", "project")
    judge(found, project)


def test_through_stdin(project: Path, tmp_path: Path) -> None:
    text = FLOW.format(target="../outside/secret.flow")
    found = watched(project, tmp_path, "check", "-", "--stdin-filename", "x.flow", stdin=text)
    judge(found, project)
    assert found["code"] == 1


@pytest.mark.parametrize("name", ["flowlang.toml", "pyproject.toml"])
def test_settings_load_nothing(project: Path, tmp_path: Path, name: str) -> None:
    text = LURES if name == "flowlang.toml" else "[tool.flowlang]" + LURES.replace("[check]", "[tool.flowlang.check]")
    (project / "flowlang.toml").unlink()
    (project / name).write_text(text)
    judge(watched(project, tmp_path, "check", "ok.flow"), project)


def test_settings_that_are_no_file(project: Path, tmp_path: Path) -> None:
    (project / "flowlang.toml").unlink()
    os.mkfifo(project / "flowlang.toml")
    judge(watched(project, tmp_path, "check", "ok.flow"), project)
    judge(watched(project, tmp_path, "plan", "ok.flow"), project)


def test_settings_that_lead_outside(project: Path, tmp_path: Path) -> None:
    (project / "flowlang.toml").unlink()
    (project / "flowlang.toml").symlink_to(tmp_path / "outside" / "secret.flow")
    found = watched(project, tmp_path, "check", "ok.flow")
    assert "hunter2" not in found["said"]


@pytest.mark.parametrize("command", ["plan", "fmt"])
def test_other_commands_that_only_read(project: Path, tmp_path: Path, command: str) -> None:
    options = ["--check"] if command == "fmt" else []
    found = watched(project, tmp_path, command, *options, "use_passwd.flow")
    judge(found, project)
    assert found["code"] in (1, 2)


@pytest.mark.parametrize("name", ["pipe.flow", "socket.flow", "device.flow", "loop.flow", "folder.flow", "/dev/zero"])
def test_what_is_no_file_is_refused(project: Path, tmp_path: Path, name: str) -> None:
    found = watched(project, tmp_path, "check", name)
    judge(found, project)
    assert found["code"] == 2


def test_imports_within_a_project_work(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for folder in ("teams/a", "shared"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "teams/a/flowlang.toml").write_text("")
    (tmp_path / "shared/types.flow").write_text("type Lead { id: string }\n")
    text = 'import "../../shared/types.flow" as types\nflow f(lead: types.Lead) -> string { return lead.id }\n'
    (tmp_path / "teams/a/x.flow").write_text(text)
    found = watched(tmp_path / "teams/a", tmp_path, "check", ".")
    assert found["code"] == 0, found["said"]


@pytest.mark.parametrize("how", [[], ["-m", "flowlang"]], ids=["script", "module"])
def test_without_the_hook_nothing_runs_either(project: Path, how: list[str]) -> None:
    """The hook could hide what it changes: the same by the installed script, and by the module."""
    command = [sys.executable, *how] if how else [str(Path(sys.executable).parent / "flowlang")]
    done = subprocess.run([*command, "check", "."], cwd=project, capture_output=True, text=True, timeout=60)
    assert not (project / "EXECUTED").exists()
    assert done.returncode == 1, done.stderr


def test_the_watch_bites(tmp_path: Path) -> None:
    """A program that does what a check must not is seen doing it."""
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "x.py").write_text("")
    report = tmp_path / "report.json"
    script = tmp_path / "flowlang" / "cli.py"
    script.parent.mkdir()
    (script.parent / "__init__.py").write_text("")
    script.write_text(
        "import subprocess, socket, sys\n"
        "def main(arguments):\n"
        "    subprocess.run(['true']); socket.socket(); open('/etc/hostname').close()\n"
        f"    sys.path.insert(0, {str(tmp_path / 'evil')!r}); import x\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, str(HERE / "watch.py"), str(report)], env=environment, check=True, timeout=60)
    found = json.loads(report.read_text())
    assert any(each.startswith("subprocess.Popen") for each in found["others"])
    assert any(each.startswith("socket.__new__") for each in found["others"])
    assert "r " + os.path.realpath("/etc/hostname") in found["opened"]
    assert "x" in found["modules"]
