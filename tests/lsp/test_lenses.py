"""Lenses count what refers to a thing, in every file that is open."""

from __future__ import annotations

from lsprotocol import types

from tests.lsp.asking import Asked

LIB = "# 😀\ntype Q { a: int }\nfunction best(q: Q) -> int = q.a\nfunction other() -> int = best({ a: 1 })\n"
USER = 'import "a.flow" as lib\n\nflow f(q: lib.Q) -> int {\n  # 😀 best\n  return lib.best(q) + best\n}\n'


def titles(asked: Asked) -> list[str]:
    return [each.command.title for each in asked.ask(types.TEXT_DOCUMENT_CODE_LENS)]


def test_uses_in_open_files_are_counted() -> None:
    asked = Asked(LIB, {"b.flow": USER})
    assert titles(asked) == ["1 use in open files", "1 use in open files", "0 uses in open files"]
    asked.project.look("b.flow")
    assert titles(asked) == ["2 uses in open files", "2 uses in open files", "0 uses in open files"]
    asked.project.put(asked.uri.replace("a.flow", "b.flow"), 2, USER.replace("lib.Q", "int"))
    assert titles(asked)[0] == "1 use in open files"


def test_a_finding_does_not_deny_what_a_lens_counts() -> None:
    flow = "flow g() -> int {\n  return 1\n}\n"
    asked = Asked(f"type Thing {{ n: int }}\n\n{flow}", {"b.flow": USER.replace("lib.Q", "lib.Thing")})
    asked.project.look("b.flow")
    assert titles(asked)[0] == "1 use in open files"
    (found,) = asked.project.snapshot(asked.uri).findings
    assert (found.message, found.fixes) == ("nothing in this file uses the type `Thing`", ())
