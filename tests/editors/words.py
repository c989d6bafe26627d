"""The words of the grammar and of each highlighter, read from the files that editors read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from flowlang import highlighting

ROOT = Path(__file__).resolve().parents[2]
EDITORS = ROOT / "editors"


def grammar() -> set[str]:
    """The words that `grammar/flow.lark` writes in quotes, and those before a brace."""
    text = (ROOT / "grammar" / "flow.lark").read_text(encoding="utf-8")
    rules = re.sub(r"//.*", "", text)
    return set(re.findall(r'"([a-z]+)"', rules)) | set(re.findall(r"(?m)^[A-Z]+\.2: /([a-z]+)\(\?=", rules))


def tree_sitter_grammar() -> set[str]:
    """The words of the generated grammar, wherever a rule names them."""
    made = json.loads((EDITORS / "tree-sitter-flow" / "src" / "grammar.json").read_text(encoding="utf-8"))
    return set(_literals(made["rules"]))


def _literals(node: Any) -> list[str]:
    if isinstance(node, list):
        return [word for part in node for word in _literals(part)]
    if not isinstance(node, dict):
        return []
    if node.get("type") == "STRING" and node["value"].isalpha():
        return [node["value"]]
    return _literals(list(node.values()))


def tree_sitter_scanner() -> list[str]:
    """The words of the scanner, in their order."""
    text = (EDITORS / "tree-sitter-flow" / "src" / "scanner.c").read_text(encoding="utf-8")
    table = re.search(r"WORDS\[\] = \{(.*?)\};", text, re.DOTALL)
    assert table
    return re.findall(r'"([a-z]+)"', table[1])


def tree_sitter_query() -> set[str]:
    """The words that the highlights colour as keywords, or as constants by the node that holds them."""
    text = (EDITORS / "tree-sitter-flow" / "queries" / "highlights.scm").read_text(encoding="utf-8")
    named = re.findall(r'(?m)^(?:\[([^\]]*)\]|("\w+")) @keyword', text)
    words = {word for group in named for word in re.findall(r'"([a-z]+)"', " ".join(group))}
    nodes = {"boolean": {"true", "false"}, "none": {"none", "null"}}
    return words.union(*(held for node, held in nodes.items() if f"\n({node}) @" in text))


def pygments() -> set[str]:
    """The words of the Pygments lexer."""
    lists = ("OPERATORS", "CONSTANTS", "NAMING", "OPENING", "CONTROL", "CLAUSES", "BRACED")
    return {word for name in lists for word in getattr(highlighting, name)}


def textmate() -> set[str]:
    """The words in groups of the TextMate grammar's patterns that carry a scope of keywords or constants."""
    rules = json.loads((EDITORS / "vscode" / "flow.tmLanguage.json").read_text(encoding="utf-8"))
    return {word for rule in _rules(rules) for word in _scoped(rule)}


def _rules(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [rule for part in node for rule in _rules(part)]
    if not isinstance(node, dict):
        return []
    return [node, *_rules(list(node.values()))]


def _scoped(rule: dict[str, Any]) -> list[str]:
    captured = (rule.get("captures") or {}).values() if isinstance(rule.get("captures"), dict) else ()
    scopes = " ".join([str(rule.get("name", "")), *(capture["name"] for capture in captured)])
    if not re.search(r"keyword\.(?!operator\.(?:filter|a))|constant\.language", scopes) or "match" not in rule:
        return []
    groups = re.findall(r"\((?:\?:)?([a-z]+(?:\|[a-z]+)*)\)", rule["match"])
    return [word for group in groups for word in group.split("|")]


def vim() -> set[str]:
    """The words of Neovim's fallback colours."""
    text = (EDITORS / "neovim" / "syntax" / "flow.vim").read_text(encoding="utf-8")
    lists = re.findall(r"(?m)^syntax keyword \w+ (.*) contained$", text)
    return {word for line in lists for word in line.split()}


def emacs() -> set[str]:
    """The words of Emacs' font-lock."""
    text = (EDITORS / "emacs" / "flow-mode.el").read_text(encoding="utf-8")
    lists = re.findall(r"\(defconst flow--(?:declarations|control|clauses|operators|constants)\s+'\(([^)]*)\)", text)
    assert len(lists) == 5
    return {word for words in lists for word in re.findall(r'"([a-z]+)"', words)}
