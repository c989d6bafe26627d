"""Settings of the checker: where they are found, what they do, what is said of those that cannot be used."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.surfaces.conftest import CLEAN, Command, write
from tests.surfaces.test_check import WARNED

UNTYPED = """\
import http

flow f() -> string {
  step lead = http.get("https://example.com/lead").json
  return lead.name
}
"""
FOUND = "a.flow:9:6: warning[unordered-effect]"


def concise(flowlang: Command, *args: str) -> str:
    return flowlang("check", "--format", "concise", *args).out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("flowlang.toml", '[check]\nignore = ["unordered-effect"]\n'),
        ("flowlang.toml", 'check = { ignore = ["unordered-effect"] }\n'),
        ("flowlang.toml", '[check]\nselect = ["redundant-after"]\n'),
        ("flowlang.toml", '[check.per-file-ignores]\n"a.flow" = ["unordered-effect"]\n'),
        ("flowlang.toml", '[check.per-file-ignores]\n"*.flow" = ["unordered-effect"]\n'),
        ("pyproject.toml", '[tool.flowlang.check]\nignore = ["unordered-effect"]\n'),
        ("pyproject.toml", '[tool.flowlang]\ncheck.ignore = ["unordered-effect"]\n'),
    ],
)
def test_a_rule_is_left_out(flowlang: Command, here: Path, name: str, text: str) -> None:
    path = write(here, "a.flow", WARNED)
    assert concise(flowlang, path).startswith(FOUND)
    write(here, name, text)
    assert concise(flowlang, path) == ""


def test_severity(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", WARNED)
    write(here, "flowlang.toml", '[check.severity]\nunordered-effect = "error"\n')
    done = flowlang("check", path)
    assert done.code == 1
    assert "error[unordered-effect]" in done.out


def test_per_file_patterns_are_relative_to_the_settings(flowlang: Command, here: Path) -> None:
    write(here, "flowlang.toml", '[check.per-file-ignores]\n"old/**" = ["unordered-effect"]\n')
    for folder in ("old", "new"):
        (here / folder / "deep").mkdir(parents=True)
        write(here / folder / "deep", "a.flow", WARNED)
    found = concise(flowlang, ".").splitlines()
    assert [line.partition(":")[0] for line in found] == ["new/deep/a.flow"]


def test_the_nearest_settings_win(flowlang: Command, here: Path) -> None:
    (here / "in").mkdir()
    write(here, "a.flow", WARNED)
    write(here / "in", "a.flow", WARNED)
    write(here, "pyproject.toml", '[tool.flowlang.check]\nignore = ["unordered-effect"]\n')
    assert concise(flowlang, ".") == ""
    write(here / "in", "flowlang.toml", "[check]\n")
    assert concise(flowlang, ".").startswith("in/a.flow:9:6")
    write(here / "in", "flowlang.toml", "[limits]\nunits = 5\n# check\n")
    assert concise(flowlang, ".") == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[limits]\nsteps = 5\n", "in/flowlang.toml:2:1: there is no limit 'steps'; there is value_bytes"),
        ("[check]\n[limits]\nunits = 0\n", "in/flowlang.toml:3:1: the limit units is a whole number above 0"),
        ('[limits]\nunits = "5"\n', "in/flowlang.toml:2:1: the limit units is a whole number above 0"),
        ("limits = 5\n[check]\n", "in/flowlang.toml:1:1: [limits] is not a table"),
        ("[http]\ndeny_private = 1\n", "in/flowlang.toml:2:1: deny_private is true or false"),
        ("[http]\nproxy = 1\n", "in/flowlang.toml:2:1: there is no setting 'proxy' in [http]"),
        ("config = []\n", "in/flowlang.toml:1:1: [config] is not a table"),
    ],
)
def test_tables_for_runs_that_cannot_be_used(flowlang: Command, here: Path, text: str, message: str) -> None:
    (here / "in" / "deep").mkdir(parents=True)
    write(here / "in", "flowlang.toml", text)
    write(here / "in" / "deep", "a.flow", WARNED)
    done = flowlang("check", "in/deep/a.flow")
    assert done.code == 2
    assert message in done.err


def test_settings_above_the_repository_do_not_count(flowlang: Command, here: Path) -> None:
    write(here, "flowlang.toml", '[check]\nignore = ["unordered-effect"]\n')
    (here / "in" / ".git").mkdir(parents=True)
    write(here / "in", "a.flow", WARNED)
    assert concise(flowlang, "in").startswith("in/a.flow:9:6")


def test_the_command_line_says_more(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", WARNED)
    assert concise(flowlang, path, "--ignore", "unordered-effect") == ""
    assert concise(flowlang, path, "--ignore", "redundant-after,unordered-effect") == ""
    assert concise(flowlang, path, "--select", "redundant-after") == ""
    write(here, "flowlang.toml", '[check]\nignore = ["unordered-effect"]\n')
    assert concise(flowlang, path, "--select", "unordered-effect").startswith(FOUND)


def test_errors_of_the_language_are_always_found(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", "let a = b\n")
    assert "unknown-name" in concise(flowlang, path, "--select", "redundant-after")
    done = flowlang("check", path, "--ignore", "unknown-name")
    assert done.code == 2
    assert "`unknown-name` is an error of the language: it is always found" in done.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[check]\nselct = []\n", "flowlang.toml:2:1: there is no setting `selct` in [check]; did you mean `select`?"),
        (
            '[config]\nx = "unordered-efect"\n[check]\nignore = ["unordered-efect"]\n',
            "flowlang.toml:4:12: there is no rule `unordered-efect`; did you mean `unordered-effect`?",
        ),
        ("[check]\nignore = 'x'\n", "flowlang.toml:2:1: `ignore` is a list of rules"),
        ('[check]\nignore = ["type-mismatch"]\n', "flowlang.toml:2:12: `type-mismatch` is an error of the language"),
        ('[check]\nstrict = "yes"\n', "flowlang.toml:2:1: `strict` is true or false"),
        ('[check]\nfail-on = "all"\n', "flowlang.toml:2:1: `fail-on` is `error`, `warning` or `info`"),
        ('[check.severity]\nunordered-effect = "bad"\n', "flowlang.toml:2:1: the severity of `unordered-effect` is"),
        ('[check.severity]\nnothing = "error"\n', "flowlang.toml:2:1: there is no rule `nothing`"),
        ("[check]\nper-file-ignores = []\n", "flowlang.toml:2:1: `per-file-ignores` is a table"),
        ("[check]\nseverity = 1\n", "flowlang.toml:2:1: `severity` is a table"),
        ("[check\n", "flowlang.toml cannot be read"),
        pytest.param(
            "# nothing\n" * 300_000,
            "flowlang.toml has 3,000,000 bytes; the most that is read is 1,048,576",
            id="megabytes",
        ),
    ],
)
def test_what_cannot_be_used_is_said_at_its_place(flowlang: Command, here: Path, text: str, message: str) -> None:
    write(here, "flowlang.toml", text)
    done = flowlang("check", write(here, "a.flow", CLEAN))
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_other_tables_are_not_ours(flowlang: Command, here: Path) -> None:
    write(here, "flowlang.toml", "[config]\nselct = 1 # check stands in a comment\n")
    assert flowlang("check", write(here, "a.flow", CLEAN)).code == 0


@pytest.mark.parametrize("text", ["[config", "[config]\napi =", "[config]\napi = 1\napi = 2\n"])
def test_a_file_that_is_no_toml_is_the_nearest(flowlang: Command, here: Path, text: str) -> None:
    """What it was to hold nobody knows, so no other file speaks for it."""
    write(here, "pyproject.toml", "[tool.flowlang.check]\nstrict = true\n")
    (here / "in").mkdir()
    write(here / "in", "flowlang.toml", text)
    write(here / "in", "a.flow", CLEAN)
    done = flowlang("check", "in/a.flow")
    assert (done.code, done.out) == (2, "")
    assert "in/flowlang.toml cannot be read" in done.err


def test_a_link_is_not_followed(flowlang: Command, here: Path) -> None:
    (here / "in").mkdir()
    (here / "in" / ".git").mkdir()
    write(here, "elsewhere.toml", "[check]\nnonsense = 1\n")
    (here / "in" / "flowlang.toml").symlink_to(here / "elsewhere.toml")
    write(here / "in", "a.flow", CLEAN)
    done = flowlang("check", "in")
    assert (done.code, done.out) == (2, "")
    assert "flowlang.toml is not a file: settings stand in the file itself, a link is not followed" in done.err
    assert "nonsense" not in done.err


def test_a_folder_is_no_settings_file(flowlang: Command, here: Path) -> None:
    (here / "flowlang.toml").mkdir()
    assert flowlang("check", write(here, "a.flow", CLEAN)).code == 2


def test_strict(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", UNTYPED)
    assert "untyped-result" not in flowlang("check", path).out
    done = flowlang("check", "--strict", path)
    assert done.code == 1
    assert "warning[untyped-result]" in done.out
    assert flowlang("check", "--strict", "--fail-on", "error", path).code == 0
    assert flowlang("check", "--strict", "--exit-zero", path).code == 0
    assert flowlang("check", "--strict", "--ignore", "untyped-result", path).out == ""
    assert "info[untyped-result]" in flowlang("check", "--select", "untyped-result", path).out
    write(here, "flowlang.toml", "[check]\nstrict = true\n")
    assert flowlang("check", path).code == 1


def test_a_rule_that_is_off_may_be_suppressed(flowlang: Command, here: Path) -> None:
    line = '/lead").json'
    path = write(here, "a.flow", UNTYPED.replace(line, f"{line}  # flow: ignore[untyped-result] a proxy"))
    assert flowlang("check", path).out == ""
    assert flowlang("check", "--strict", path).out == ""


def test_fail_on_in_settings(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", WARNED)
    write(here, "flowlang.toml", '[check]\nfail-on = "warning"\n')
    assert flowlang("check", path).code == 1
    assert flowlang("check", "--fail-on", "error", path).code == 0


def test_show_settings_is_settings(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", WARNED)
    write(
        here,
        "flowlang.toml",
        '[check]\nignore = ["unordered-effect"]\n'
        '[check.per-file-ignores]\n"old/**" = ["redundant-after"]\n[check.severity]\nredundant-after = "error"\n',
    )
    done = flowlang("check", "--show-settings", path)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"# a.flow\n# from {here / 'flowlang.toml'}\n")
    shown = tomllib.loads(done.out)["check"]
    assert shown["severity"] == {"redundant-after": "error"}
    assert shown["per-file-ignores"] == {"old/**": ["redundant-after"]}
    assert "unordered-effect" not in shown["select"]
    write(here, "flowlang.toml", done.out)
    assert flowlang("check", "--show-settings", path).out == done.out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("flowlang.toml", "[chek]\nstrict = true\n", "flowlang.toml:1:2: there is no [chek]; did you mean `check`?"),
        ("flowlang.toml", "strict = true\n", "flowlang.toml:1:1: there is no [strict]; it belongs in [check]"),
        (
            "pyproject.toml",
            "[tool.flowlang.chek]\nstrict = true\n",
            "pyproject.toml:1:16: there is no [tool.flowlang.chek]; did you mean `check`?",
        ),
    ],
)
def test_a_misspelt_table_is_a_mistake(flowlang: Command, here: Path, name: str, text: str, said: str) -> None:
    (here / name).write_text(text, encoding="utf-8")
    (here / "a.flow").write_text("", encoding="utf-8")
    done = flowlang("check", "a.flow")
    assert (done.code, done.err) == (2, f"flowlang: error: {said}\n")


CONFIGURED = """\
import http

config {
  crm: url
  retries: int(ge=1) = 3
  api_key: secret
  wait: duration = 5s
  since: date
  point: { x: int }?
}

flow f() -> any {
  step a = http.get(config.crm, headers={ Authorization: config.api_key }).json
  return [a, config.retries, config.wait, config.since, config.point]
}
"""
GIVEN = """\
[limits]
units = 5000

[config]
crm = "ftp://crm"
other = 5  # retries = 0
"retries" = 0
wait = "30s"
since = 2026-01-01
[config.point]
x = 1.5
"""


def test_values_of_the_configuration_fit_their_types(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", CONFIGURED)
    (here / "in").mkdir()
    write(here, "flowlang.toml", GIVEN)
    done = flowlang("check", path, "--format", "concise")
    else_ = "which flowlang.toml gives something else"
    assert done.out.splitlines() == [
        f"a.flow:4:3: error[type-mismatch] `config.crm` is url, {else_}: expected an http or https URL, got text 'ftp://crm'",
        f"a.flow:5:3: error[type-mismatch] `config.retries` is int(ge=1), {else_}: 0 is less than 1",
        f"a.flow:9:3: error[type-mismatch] `config.point` is {{ x: int }}?, {else_}: x: expected an int, got 1.5",
    ]
    assert done.code == 1
    assert flowlang("check", "-", stdin=CONFIGURED).out.count("flowlang.toml") == 3
    write(here / "in", "flowlang.toml", "")
    write(here / "in", "a.flow", CONFIGURED)
    assert flowlang("check", "in/a.flow").code == 0


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("[config]\napi_key = 12345678\n", 6),
        ('config = { api_key = "12345678", retries = 0 }\n', 5),
        ('config.api_key="12345678" # first\n"config".retries = 0\n', 5),
        ('[config]\napi_key = """\nretries = 12345678\n"""\nretries = 0\n', 5),
    ],
)
def test_a_line_with_a_secret_is_not_shown(flowlang: Command, here: Path, given: str, line: int) -> None:
    path = write(here, "a.flow", CONFIGURED)
    write(here, "flowlang.toml", given)
    done = flowlang("check", path)
    assert f"a.flow:{line}:3" in done.out
    assert "12345678" not in done.out + done.err
    assert ("`FLOW_API_KEY` or `FLOW_API_KEY_FILE`" in done.out) == (line == 6)


def test_what_a_file_does_not_read_may_be_anything(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", "config { port: int }\n\nflow f() -> int {\n  return 1\n}\n")
    write(here, "flowlang.toml", '[config]\nport = "x"\n')
    assert flowlang("check", path, "--format", "concise").out.count("error") == 0


def test_a_byte_order_mark_does_not_keep_a_run_from_its_configuration(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", "config { port: int }\n\nflow f() -> int {\n  return config.port\n}\n")
    write(here, "flowlang.toml", "\ufeff[config]\nport = 5\n")
    done = flowlang("run", path, "--db", "runs.db")
    assert (done.code, done.out.strip()) == (0, "5")


def test_the_configuration_of_a_folder_beside_the_file_is_not_its_own(flowlang: Command, here: Path) -> None:
    write(here, "a.flow", "config { port: int = 5 }\n\nflow f() -> int {\n  return config.port\n}\n")
    (here / "in").mkdir()
    write(here / "in", "flowlang.toml", "[config]\nport = 6\n")
    for path in ("a.flow", "in/../a.flow"):
        done = flowlang("run", path, "--db", "runs.db")
        assert (done.code, done.out.strip()) == (0, "5")


def test_values_are_looked_at_again_when_they_change(flowlang: Command, here: Path, cache: str) -> None:
    for n in range(20):
        write(here, f"f{n}.flow", CONFIGURED if n == 5 else CLEAN)
    counts = []
    for text in (GIVEN, GIVEN.replace("ftp", "https"), "", GIVEN):
        write(here, "flowlang.toml", text)
        counts.append(flowlang("check", ".", XDG_CACHE_HOME=cache).out.count("error["))
    assert counts == [3, 2, 0, 3]
    kept = b"".join(each.read_bytes() for each in (here / "cache" / "flowlang").iterdir())
    assert b"ftp://crm" not in kept.replace(b"got text 'ftp://crm'", b"")


def test_what_is_for_runs_is_not_read_in_pyproject(flowlang: Command, here: Path) -> None:
    path = write(here, "a.flow", CLEAN)
    write(here, "pyproject.toml", "[tool.flowlang.config]\ncrm = 1\n")
    done = flowlang("check", path)
    assert done.code == 2
    assert "pyproject.toml:1:16: [tool.flowlang.config] is not read" in done.err
    assert "belongs in flowlang.toml, as [config]" in done.err


def test_settings_hold_for_stdin_without_a_name(flowlang: Command, here: Path) -> None:
    write(here, "flowlang.toml", '[check]\nignore = ["unordered-effect"]\n')
    assert "unordered-effect" not in flowlang("check", "-", stdin=WARNED).out
