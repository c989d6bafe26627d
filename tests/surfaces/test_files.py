"""Which files a folder means: what git would show, never what lies outside."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlang.cli.failure import UsageError
from flowlang.cli.files import expand
from flowlang.compiler.ignored import Ignored


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def test_a_folder_means_its_flow_files_in_order(here: Path) -> None:
    write(here, "b.flow", "a/z.flow", "a/b/c.flow", "a/notes.txt", ".hidden.flow", ".git2/x.flow", "A.flow")
    assert expand(["."]) == ["A.flow", "a/b/c.flow", "a/z.flow", "b.flow"]
    assert expand(["a"]) == ["a/b/c.flow", "a/z.flow"]


def test_a_named_file_is_taken_whatever_it_is_called(here: Path) -> None:
    write(here, ".hidden.flow", "notes.txt", "x.flow", ".gitignore")
    (here / ".gitignore").write_text("x.flow\n")
    assert expand(["./.hidden.flow", "notes.txt", "x.flow", "-"]) == [".hidden.flow", "notes.txt", "x.flow", "-"]


def test_each_file_once(here: Path) -> None:
    write(here, "a.flow")
    assert expand(["a.flow", ".", "./a.flow"]) == ["a.flow"]


def test_what_gitignore_excludes_is_passed_over(here: Path) -> None:
    write(here, "keep.flow", "build/x.flow", "src/gen/x.flow", "src/keep.flow", "src/gen.flow", "deep/a.tmp.flow")
    (here / ".git").mkdir()
    (here / ".gitignore").write_text("build/\n*.tmp.flow\n")
    (here / "src" / ".gitignore").write_text("/gen/\n")
    assert expand(["."]) == ["keep.flow", "src/gen.flow", "src/keep.flow"]
    assert expand(["deep", "src"]) == ["src/gen.flow", "src/keep.flow"]


def test_links_that_lead_out_and_circles_are_not_followed(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    write(outside, "secret.flow")
    write(here, "in/a.flow")
    (here / "out").symlink_to(outside)
    (here / "out.flow").symlink_to(outside / "secret.flow")
    (here / "circle").symlink_to(here)
    (here / "gone.flow").symlink_to(here / "nowhere.flow")
    (here / "again").symlink_to(here / "in")
    found = expand(["."])
    assert [Path(path).resolve() for path in found] == [here / "in" / "a.flow"]


@pytest.mark.parametrize("path", ["nowhere", "nowhere.flow", "empty"])
def test_nothing_to_check_is_a_mistake(here: Path, path: str) -> None:
    (here / "empty").mkdir()
    with pytest.raises(UsageError, match=f"no .*{path}"):
        expand([path])


PATTERN = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            "ab",
            "*",
            "**",
            "?",
            "/",
            "//",
            "[ab]",
            "[!a]",
            "[^b]",
            "[]x]",
            "[]-]",
            "[b-a]",
            "[a",
            "]",
            "[:alpha:]",
            "[[:alpha:]]",
            "[[:odd:]]",
            "[\\]]",
            "[/]",
            "\\",
            "!",
            ".flow",
            "\\*",
            " ",
            "#",
            "\r",
            "\x0c",
            "é",
            "--",
            "&&",
        ]
    ),
    min_size=1,
    max_size=5,
).map("".join)
PATHS = ["a", "b", "ab", "a/b", "a/ab", "b/a/a", "a.flow", "a/b.flow", "ab/a/b/ab.flow", "*", "a/*", "]", "é", "[a"]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


@settings(max_examples=60)
@given(patterns=st.lists(PATTERN, min_size=1, max_size=3))
def test_patterns_mean_what_git_takes_them_for(repository: Path, patterns: list[str]) -> None:
    """Files only, none of which has an excluded folder above it: the walk never gets there."""
    (repository / ".gitignore").write_bytes(("\n".join(patterns) + "\n").encode())
    asked = subprocess.run(
        ["git", "-C", str(repository), "-c", "core.excludesFile=", "check-ignore", "--stdin", "--no-index", "-z"],
        input="\0".join(PATHS),
        capture_output=True,
        text=True,
        check=False,
    )
    by_git = set(asked.stdout.split("\0")) - {""}
    rules = Ignored().within(str(repository))

    def excluded(path: str) -> bool:
        parts = path.split("/")
        folders = ["/".join(parts[:n]) for n in range(1, len(parts))]
        return any(rules.excludes(str(repository / f), True) for f in folders) or rules.excludes(
            str(repository / path), False
        )

    assert {path for path in PATHS if excluded(path)} == by_git


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["a.flow", "./a.flow", ".//a.flow", "."], ["a.flow"]),
        ([".", "a.flow"], ["a.flow"]),
        (["./-"], ["./-"]),
        (["./././a.flow"], ["a.flow"]),
    ],
)
def test_a_file_is_found_once_however_it_is_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str], shown: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.flow", "-"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert expand(paths) == shown


def test_an_absolute_path_stays_one(tmp_path: Path) -> None:
    (tmp_path / "a.flow").write_text("", encoding="utf-8")
    assert expand([f"{tmp_path}//a.flow"]) == [f"{tmp_path}/a.flow"]
