"""One fault in a good template is one finding, at the fault: every name misspelt, every tag broken, in turn."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowlang.compiler.pipeline import check
from flowlang.compiler.workspace import Unreadable
from flowlang.diagnostics import Diagnostic
from flowlang.semantics.facts import Document
from flowlang.syntax import ast
from flowlang.syntax.documents.tags import Tag, cut

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lead_digest"
TEMPLATES = sorted(path.name for path in EXAMPLE.glob("*.j2"))


def found_with(name: str, text: str) -> list[Diagnostic]:
    """What is found in the example when one of its templates has another text."""

    def read(path: str) -> str:
        if posixpath.basename(path) == name:
            return text
        try:
            return (EXAMPLE / path).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise Unreadable("does not exist") from None

    return list(check("lead_digest.flow", read).diagnostics)


def document(name: str) -> Document:
    program = check("lead_digest.flow", lambda path: (EXAMPLE / path).read_text(encoding="utf-8"))
    assert program.diagnostics == ()
    return next(each for each in program.facts.documents.values() if each.source.path == name)


def names(root: object) -> Iterator[ast.Name | ast.Ident]:
    """Every name, field and filter that a template uses; not those that it declares."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            declared = getattr(node, "names", ())
            waiting += [each for each in node if each is not declared]
        if isinstance(node, (ast.Name, ast.Ident)):
            yield node


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_misspelt_name_is_one_finding(name: str) -> None:
    text = (EXAMPLE / name).read_text(encoding="utf-8")
    seen = 0
    for node in names(document(name).body):
        (found,) = found_with(name, text[: node.start] + "zz_" + text[node.start :])
        assert (found.span.file, found.span.start) == (name, node.start), found
        seen += 1
    assert seen >= 6


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_broken_tag_is_one_finding(name: str) -> None:
    text = (EXAMPLE / name).read_text(encoding="utf-8")
    for tag in [each for each in cut(text).parts if isinstance(each, Tag)]:
        without_end = text[: tag.close].rstrip() + text[tag.end :]
        assert [found.span.file for found in found_with(name, without_end)][:1] == [name]
        if tag.kind == "statement" and tag.name != "else":
            (found,) = found_with(name, text[: tag.start] + text[tag.end :])
            assert (found.rule, found.span.file) == ("syntax-error", name)
        word = tag.words[0]
        if tag.kind == "statement":
            (found,) = found_with(name, text[: word.start] + "zz" + text[word.end :])
            assert (found.rule, found.span.start) == ("unsupported-tag", tag.start)
