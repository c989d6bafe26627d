"""Signature help: what the call around the cursor takes, and which of it is being written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.pipeline import standard_library
from flowlang.compiler.workspace import Unreadable
from flowlang.lsp.cursor import PLACEHOLDER, by_lines, cursor_at, probe
from flowlang.lsp.features import Feature
from flowlang.lsp.features.hovering import parameter_line, signature_line
from flowlang.lsp.places import offset, path_of
from flowlang.syntax import ast

if TYPE_CHECKING:
    from flowlang.lsp.cursor import Cursor, Probe
    from flowlang.lsp.project import Project
    from flowlang.semantics.facts import Signature


def signature_help(project: Project, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The innermost call whose arguments are being written."""
    path = path_of(params.text_document.uri)
    try:
        source = by_lines(path, project.read(path))
    except Unreadable:
        return None
    cursor = cursor_at(source.text, offset(source, params.position))
    if cursor.mode == "comment" or not any(kind == "(" for kind, _ in cursor.open):
        return None
    found = _probe(project, path, source.text, cursor)
    if found is None:
        return None
    for node in reversed(found.chain):
        if isinstance(node, ast.Body):
            return None
        if isinstance(node, (ast.Call, ast.Filter, ast.Test, ast.Annotation, ast.Trigger)):
            at = next((number for number, each in enumerate(node.arguments) if each in found.chain), None)
            signature = signature_of(found, node)
            if at is not None and signature is not None:
                return _shown(signature, _active(signature, node, at, cursor.word))
    return None


def _probe(project: Project, path: str, text: str, cursor: Cursor) -> Probe | None:
    """The file with the word at the cursor whole; before another argument with an argument of its own."""
    if cursor.mode == "text":
        return probe(project, path, text, cursor, cursor.word)
    # An open parenthesis is closed on its line, and what is on the next is then no argument of it.
    blank = r"\s*" if "\n" in text[cursor.open[-1][1] : cursor.start] else r"[ \t]*"
    rest = re.match(rf"(\w*){blank}(\w+\s*=(?!=))?", text[cursor.offset :])
    word = cursor.word + (rest[1] if rest is not None else "")
    is_before = rest is not None and rest[2] is not None and not word
    return probe(project, path, text, cursor, word or PLACEHOLDER, ", " if is_before else "")


Calling = ast.Call | ast.Filter | ast.Test | ast.Annotation | ast.Trigger


def signature_of(found: Probe, node: ast.Node) -> Signature | None:
    """What a call takes; also one of a module that is not imported yet, as completion offers it."""
    facts = found.snapshot.facts
    fact = facts.calls.get(id(node)) or facts.annotations.get(id(node))
    if fact is not None:
        return fact.signature
    match node:
        case ast.Call(callee=ast.Attribute(value=ast.Name(name=module) as base, name=ast.Ident(name=name))):
            is_known = id(base) in facts.symbols
        case ast.Filter(name=ast.Ident(name=dotted)):
            module, _, name = dotted.rpartition(".")
            is_known = False
        case _:
            return None
    catalog = standard_library()
    return None if is_known or module in found.names or not catalog.is_module(module) else catalog.member(module, name)


def _active(signature: Signature, node: Calling, at: int, word: str) -> int | None:
    """The parameter that an argument fills. One without a name behind one with a name is a name half written."""
    names = [param.name for param in signature.params]
    argument = node.arguments[at]
    if argument.name is not None:
        return names.index(argument.name.name) if argument.name.name in names else None
    given = {each.name.name for each in node.arguments if each.name is not None}
    applied = isinstance(node, (ast.Filter, ast.Test))
    begun = sum(each.name is None for each in node.arguments[:at]) + applied
    is_behind = any(each.name is not None for each in node.arguments[:at])
    left = [number for number, name in enumerate(names) if number >= begun and name not in given]
    meant = [number for number in left if is_behind and names[number].startswith(word)]
    return next(iter([*meant, *left]), None)


def _shown(signature: Signature, active: int | None) -> types.SignatureHelp:
    """The signature with the parameter that is being written."""
    parameters = [
        types.ParameterInformation(
            label=parameter_line(param),
            documentation=types.MarkupContent(kind=types.MarkupKind.Markdown, value=param.doc) if param.doc else None,
        )
        for param in signature.params
    ]
    doc = types.MarkupContent(kind=types.MarkupKind.Markdown, value=signature.doc) if signature.doc else None
    label = signature_line(signature, signature.kind)
    shown = types.SignatureInformation(label=label, documentation=doc, parameters=parameters, active_parameter=active)
    return types.SignatureHelp(signatures=[shown], active_signature=0, active_parameter=active)


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        signature_help,
        types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[",", "="]),
    ),
)
