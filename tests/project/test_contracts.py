"""The gates bite: a planted import, a forbidden call, an unannounced export are each found."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import flowlang

EXPORTS = ["__version__"]

GENERATED_CODE = "flowlang/runtime/codegen.py"
BANNED_CALLS = {"eval", "exec", "compile"}
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml"}
BYTE_CODE = "flowlang/modules.py"
ALLOWED = {
    *((GENERATED_CODE, call) for call in BANNED_CALLS),
    (BYTE_CODE, "exec"),
    (BYTE_CODE, "marshal"),
    ("flowlang/patterns.py", "compile"),
}
"""Generated Python is made in one module, which holds no text of the user's; one module loads our own byte code, out of
the package; `patterns` names its function as `re` does.
"""

VIOLATIONS = [
    ("source.py", "import flowlang.diagnostics", "Floors"),
    ("semantics/facts.py", "import sqlite3", "Columns: what compiles"),
    ("syntax/ast.py", "import flowlang.runtime.seam", "Columns: what compiles"),
    ("runtime/seam.py", "import lark", "Columns: what runs"),
]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("module", "line", "contract"), VIOLATIONS)
def test_a_planted_import_breaks_its_contract(
    root: Path, tmp_path: Path, module: str, line: str, contract: str
) -> None:
    shutil.copytree(root / "flowlang", tmp_path / "flowlang", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    planted = tmp_path / "flowlang" / module
    planted.write_text(f"{planted.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [row for row in done.stdout.splitlines() if row.startswith(contract) and row.endswith("BROKEN")]


def test_a_module_outside_the_floors_is_found(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "flowlang", tmp_path / "flowlang", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    (tmp_path / "flowlang" / "helpers.py").write_text('"""No floor."""\n')
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "flowlang.helpers" in done.stdout


def banned_in(path: str, text: str) -> list[str]:
    """What a module calls or imports although it must not; pairs of `ALLOWED` aside."""
    found: list[str] = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS and (path, name) not in ALLOWED:
                found.append(f"{path}:{node.lineno} {name}()")
            case ast.Import(names=names):
                banned = [n.name for n in names if n.name.split(".")[0] in BANNED_MODULES]
                found += [f"{path}:{node.lineno} {name}" for name in banned if (path, name) not in ALLOWED]
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in BANNED_MODULES:
                found.append(f"{path}:{node.lineno} {module}")
            case _:
                pass
    return found


def test_nothing_executes_text_or_unpickles(root: Path) -> None:
    found = [
        what
        for path in sorted((root / "flowlang").rglob("*.py"))
        for what in banned_in(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("flowlang/types/x.py", "eval('1')"),
        ("flowlang/types/x.py", "def f():\n    import pickle"),
        ("flowlang/types/x.py", "from xml.etree import ElementTree"),
        (GENERATED_CODE, "import marshal"),
    ],
)
def test_the_ban_bites(path: str, text: str) -> None:
    assert len(banned_in(path, text)) == 1


def test_the_public_api_is_pinned() -> None:
    assert flowlang.__all__ == EXPORTS
    assert all(hasattr(flowlang, name) for name in EXPORTS)


def test_no_module_is_named_after_nothing(root: Path) -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
    assert [path for path in (root / "flowlang").rglob("*.py") if path.stem in vague] == []


def test_every_folder_of_modules_is_a_package(root: Path) -> None:
    folders = {path.parent for path in (root / "flowlang").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
