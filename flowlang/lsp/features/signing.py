"""Signature help: what the call around the cursor takes, and which of it is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.compiler.workspace import Unreadable
from flowlang.lsp.cursor import PLACEHOLDER, cursor_at, probe
from flowlang.lsp.features import Feature
from flowlang.lsp.features.hovering import signature_line
from flowlang.lsp.places import offset, path_of
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.types.show import show

if TYPE_CHECKING:
    from flowlang.lsp.project import Project
    from flowlang.semantics.facts import Facts, Signature


def signature_help(project: Project, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The innermost call whose arguments are being written."""
    path = path_of(params.text_document.uri)
    try:
        source = Source(path, project.read(path))
    except Unreadable:
        return None
    cursor = cursor_at(source.text, offset(source, params.position))
    if cursor.mode == "comment" or not any(kind == "(" for kind, _ in cursor.open):
        return None
    is_text = cursor.mode == "text"
    found = probe(project, path, source.text, cursor, cursor.word if is_text else cursor.word or PLACEHOLDER)
    if found is None:
        return None
    for node in reversed(found.chain):
        if isinstance(node, ast.Body):
            return None
        if isinstance(node, (ast.Call, ast.Filter, ast.Test, ast.Annotation, ast.Trigger)):
            at = next((number for number, each in enumerate(node.arguments) if each in found.chain), None)
            signature = _signature(found.snapshot.facts, node)
            if at is not None and signature is not None:
                return _shown(signature, node, at)
    return None


Calling = ast.Call | ast.Filter | ast.Test | ast.Annotation | ast.Trigger


def _signature(facts: Facts, node: Calling) -> Signature | None:
    fact = facts.calls.get(id(node)) or facts.annotations.get(id(node))
    return None if fact is None else fact.signature


def _shown(signature: Signature, node: Calling, at: int) -> types.SignatureHelp:
    """The signature with the parameter that an argument fills."""
    label = signature_line(signature, signature.kind)
    name = node.arguments[at].name
    if name is not None:
        active = next((i for i, param in enumerate(signature.params) if param.name == name.name), None)
    else:
        active = at + isinstance(node, (ast.Filter, ast.Test))
        active = active if active < len(signature.params) else None
    parameters = [
        types.ParameterInformation(
            label=f"{param.name}: {show(param.type)}",
            documentation=types.MarkupContent(kind=types.MarkupKind.Markdown, value=param.doc) if param.doc else None,
        )
        for param in signature.params
    ]
    doc = types.MarkupContent(kind=types.MarkupKind.Markdown, value=signature.doc) if signature.doc else None
    shown = types.SignatureInformation(label=label, documentation=doc, parameters=parameters, active_parameter=active)
    return types.SignatureHelp(signatures=[shown], active_signature=0, active_parameter=active)


FEATURES = (
    Feature(
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        signature_help,
        types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[",", "="]),
    ),
)
