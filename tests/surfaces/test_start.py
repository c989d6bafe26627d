"""Starting up: what a check imports, how a process ends, what the program says about itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flowlang import __version__
from tests.surfaces.conftest import CLEAN, WRONG, Command, environment, write

HEAVY = {
    "asyncio", "click", "collections", "concurrent", "contextlib", "dataclasses", "enum", "functools", "httpx",
    "importlib.metadata", "inspect", "jinja2", "json", "lark", "logging", "networkx", "pathlib", "pydantic", "re",
    "rich", "sqlite3", "ssl", "subprocess", "tempfile", "tenacity", "threading", "tomllib", "traceback", "typing",
    "unicodedata",
}  # fmt: skip
"""What a check of a clean file must never import: each costs more than a tenth of it."""


def imported_by(args: list[str], folder: Path) -> set[str]:
    """The modules in memory when a command has ended, without those of the bare interpreter."""
    script = f"""
import os, sys
bare = set(sys.modules)
import flowlang.cli
end = os._exit
os._exit = lambda code: (print(*sorted(set(sys.modules) - bare), file=sys.stderr, flush=True), end(code))
sys.argv = ["flowlang", *{args!r}]
flowlang.cli.main()
os._exit(0)
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{script}"],
        cwd=folder, capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split())


def test_a_check_of_a_clean_file_imports_nothing_heavy(here: Path) -> None:
    write(here, "a.flow", CLEAN)
    imported_by(["check", "a.flow"], here)  # the stored tables and modules exist from here on
    modules = imported_by(["check", "a.flow"], here)
    assert "flowlang.compiler.pipeline" in modules
    assert modules & HEAVY == set()
    outside = {name for name in modules if not name.startswith("flowlang")}
    third_party = {name for name in outside if name.partition(".")[0] not in sys.stdlib_module_names}
    assert third_party == set()


def test_a_check_imports_nothing_of_what_runs(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", CLEAN)
    modules = imported_by(["check", "a.flow"], here)
    for package in ("runtime", "store", "engines", "plan"):
        assert [name for name in modules if name.startswith(f"flowlang.{package}")] == [], package


def test_version(flowlang: Command) -> None:
    assert flowlang("--version").out == f"flowlang {__version__}\n"


def test_help_lists_every_command(flowlang: Command) -> None:
    done = flowlang("--help")
    assert done.code == 0
    for command in ("check", "fmt", "plan", "run", "runs", "work", "events", "breakers", "explain", "completion"):
        assert f"  {command}" in done.out


@pytest.mark.parametrize(
    "command", ["check", "fmt", "plan", "run", "runs", "work", "events", "breakers", "explain", "completion"]
)
def test_every_command_has_help(flowlang: Command, command: str) -> None:
    done = flowlang(command, "--help")
    assert done.code == 0
    assert f"Usage: flowlang {command} " in done.out


@pytest.mark.parametrize("args", [[], ["nonsense"], ["--nonsense"], ["__init__"], ["runs"], ["runs", "nonsense"]])
def test_nonsense(flowlang: Command, args: list[str]) -> None:
    done = flowlang(*args)
    assert done.code == 2
    assert done.out == ""
    assert "Usage" in done.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(flowlang: Command, shell: str) -> None:
    done = flowlang("completion", shell)
    assert done.code == 0
    assert "_FLOWLANG_COMPLETE" in done.out


def test_completion_of_an_unknown_shell(flowlang: Command) -> None:
    done = flowlang("completion", "tcsh")
    assert done.code == 2
    assert "bash, zsh, fish" in done.err


def test_completion_knows_commands_options_and_choices(flowlang: Command) -> None:
    def complete(*words: str) -> list[str]:
        done = flowlang(
            _FLOWLANG_COMPLETE="bash_complete", COMP_WORDS=" ".join(("flowlang", *words)), COMP_CWORD=str(len(words))
        )
        return [line.partition(",")[2] for line in done.out.splitlines()]

    assert complete("ch") == ["check"]
    assert "--fail-on" in complete("check", "--f")
    assert complete("check", "--format", "j") == ["json", "jsonl", "junit"]
    assert complete("runs", "re") == ["replay", "retry"]


def test_a_reader_that_leaves_early_is_no_failure(here: Path) -> None:
    lines = "".join(f"  let a{n} = unknown_{n}\n" for n in range(3000))
    write(here, "a.flow", f"flow f() -> int {{\n{lines}  return 1\n}}\n")
    with subprocess.Popen(
        [sys.executable, "-m", "flowlang", "check", "."],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=here, env=environment(),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGPIPE


def test_a_bug_is_told_as_one(here: Path) -> None:
    """Planted: the command's own module is broken."""
    script = "import sys, flowlang.cli.commands.check as c\nc.run = lambda values: 1 / 0\nimport flowlang.cli\n"
    command = [sys.executable, "-c", script + "sys.exit(flowlang.cli.main(['check', 'x.flow']))"]

    def run(**env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=here, env={**environment(), **env}
        )

    done = run()
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith("flowlang: internal error: ZeroDivisionError: division by zero")
    assert "Traceback" not in done.stderr
    assert "FLOWLANG_DEBUG=1" in done.stderr
    shown = run(FLOWLANG_DEBUG="1")
    assert shown.returncode == 3
    assert "Traceback" in shown.stderr


def test_any_locale(here: Path) -> None:
    write(here, "a.flow", WRONG.replace("m *", "größe *"))
    for locale in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}):
        done = subprocess.run(
            [sys.executable, "-m", "flowlang", "check", "a.flow"],
            capture_output=True, check=False, cwd=here, env={**environment(), **locale},
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert b"a.flow:2" in done.stdout


def test_explain(flowlang: Command) -> None:
    assert "annotation retry(" in flowlang("explain", "@retry").out
    assert "action get(" in flowlang("explain", "http.get").out
    assert flowlang("explain", "secret").out.startswith("type secret: a value that taints what it touches")
    assert "type int: 64-bit integers" in flowlang("explain", "int").out
    unknown = flowlang("explain", "unordered-efect")
    assert unknown.code == 2
    assert "did you mean unordered-effect?" in unknown.err


def test_explain_a_test_by_both_its_names(flowlang: Command) -> None:
    shown = flowlang("explain", "is_even").out
    assert "function is_even(" in shown
    assert flowlang("explain", "even").out == shown


def test_explain_a_trigger_says_that_nothing_fires_it(flowlang: Command) -> None:
    for name in ("webhook", "cron"):
        assert "Nothing fires a trigger by itself" in flowlang("explain", name).out
    assert "fires" not in flowlang("explain", "http.get").out


def test_explain_a_module_by_its_names(flowlang: Command) -> None:
    shown = flowlang("explain", "llm")
    assert shown.code == 0
    assert shown.out.startswith("module llm\n\nLanguage models behind an OpenAI-compatible chat API.\n")
    assert "  llm.chat        Ask a model." in shown.out
    assert "did you mean http.Response?" in flowlang("explain", "Response").err


def test_explain_everything_of_one_name(flowlang: Command) -> None:
    shown = flowlang("explain", "upper").out
    assert "function upper(" in shown
    assert "function is_upper(" in shown
    shown = flowlang("explain", "webhook").out
    assert "trigger webhook(" in shown
    assert "webhook.post" in shown


def test_every_declaration_can_be_explained() -> None:
    from flowlang.cli.commands.explain import declarations
    from flowlang.semantics import catalog

    library = catalog.load()
    known = {name for name, _ in declarations()}
    for module in library.modules():
        assert {f"{module}.{name}" for name in library.members(module)} <= known
    assert {*library.members("prelude"), *library.annotations(), *library.triggers(), *library.tests()} <= known
