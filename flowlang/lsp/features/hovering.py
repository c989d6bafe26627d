"""What a word is, in a few lines: signature or type, policies in force, documentation, where it is declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from flowlang.lsp.features import Feature
from flowlang.lsp.meaning import Target, chain_at, target_at
from flowlang.lsp.policies import BLOCKS, InForce
from flowlang.syntax import ast
from flowlang.syntax.printer import print_expression
from flowlang.types.builtin import PLAIN, generic
from flowlang.types.constraints import words_of
from flowlang.types.documented import meaning
from flowlang.types.model import ANY
from flowlang.types.show import show

if TYPE_CHECKING:
    from typing import Final

    from flowlang.lsp.project import Project
    from flowlang.lsp.snapshot import Snapshot
    from flowlang.render.policies import PolicyLine
    from flowlang.semantics.facts import ParamSig, Signature

WIDTH = 60
"""Characters of parameters on one line."""
DEFAULT = 50
"""Characters of a default that are shown."""
_QUALIFIED: Final = re.compile(r"\b(service|action) (?:\./)?([^,]+?\.flow):(\w+)")
"""What another file declares, as plans name it: `service ./lib.flow:crm`."""


def hover(project: Project, params: types.HoverParams) -> types.Hover | None:
    """What stands at a place."""
    snapshot = project.snapshot(params.text_document.uri)
    offset = snapshot.offset(params.position)
    word = target_at(snapshot, offset)
    if word is None:
        return _of_builtin(snapshot, offset)
    parts = [f"```flow\n{headline(snapshot, word.target, word.start)}\n```"]
    if lines := policies_at(snapshot, offset):
        parts.append(_listed("In force:", lines))
    elif isinstance(word.target.node, ast.ServiceDecl) and word.target.place is not None:
        lines = InForce(snapshot).of_service(word.target.node, word.target.place.file)
        parts += [_listed("In force in its calls:", lines)] if lines else []
    if word.target.doc:
        parts.append(word.target.doc)
    link = _link(snapshot, word.target)
    if link:
        parts.append(link)
    content = types.MarkupContent(kind=types.MarkupKind.Markdown, value="\n\n".join(parts))
    return types.Hover(contents=content, range=snapshot.range_between(word.start, word.end))


def _of_builtin(snapshot: Snapshot, offset: int) -> types.Hover | None:
    """A type that needs no declaration: as it is written, what it is, and which constraints it takes."""
    chain = chain_at(snapshot.file.tree, offset) if snapshot.file is not None else []
    node = next((each for each in chain[-2:-1] if isinstance(each, ast.TypeName) and chain[-1] is each.name), None)
    said = "" if node is None else meaning(node.name.name)
    if node is None or not said:
        return None
    parts = [f"```flow\n{snapshot.written(node)}\n```", f"{said[:1].upper()}{said[1:]}."]
    of = PLAIN.get(node.name.name) or generic(node.name.name, ANY)
    if words := words_of(of):
        parts.append(f"Constraints: {', '.join(f'`{each}=`' for each in words)}")
    content = types.MarkupContent(kind=types.MarkupKind.Markdown, value="\n\n".join(parts))
    return types.Hover(contents=content, range=snapshot.range(node.name))


def _listed(head: str, lines: list[PolicyLine]) -> str:
    origins = [_QUALIFIED.sub(r"\1 \3 of `\2`", line.origin) for line in lines]
    return "\n".join([head, *(f"- {line.sentence} ({origin})" for line, origin in zip(lines, origins, strict=True))])


def headline(snapshot: Snapshot, target: Target, at: int) -> str:
    """A thing as it would be declared."""
    if target.signature is not None and target.kind != "argument":
        return signature_line(target.signature, target.kind, WIDTH)
    node, file = target.node, None if target.place is None else target.place.file
    if isinstance(node, ast.TypeDecl):
        annotations = [snapshot.written(each, file) for each in node.annotations]
        return "\n".join([*annotations, f"type {snapshot.written(node.replace(start=node.name.start), file)}"])
    if target.kind in ("module", "file"):
        return f"import {target.symbol.qualified if target.symbol is not None else target.name}"
    if target.kind in ("service", "error kind", "setting"):
        return f"{target.kind} {target.name}"
    shown = type_here(snapshot, target, at)
    kind = "" if target.kind in ("field", "argument", "config value") else f"{target.kind} "
    prefix = "config." if target.kind == "config value" else kind
    default = default_shown(getattr(node, "default", None))
    return f"{prefix}{target.name}: {shown}{default}" if shown else f"{prefix}{target.name}"


def type_here(snapshot: Snapshot, target: Target, at: int) -> str:
    """The type of a thing where it stands, narrowed; else as it is declared."""
    if snapshot.file is not None:
        for node in reversed(chain_at(snapshot.file.tree, at)):
            if isinstance(node, (ast.Name, ast.Attribute, ast.Ident)) and id(node) in snapshot.facts.types:
                return show(snapshot.facts.types[id(node)])
            if not isinstance(node, ast.Ident):
                break
    return "" if target.type is None else show(target.type)


def signature_line(signature: Signature, kind: str, width: int = 0) -> str:
    """`action http.get(url: url, …) -> Response`; one parameter a line if it would be wider than a width above 0."""
    params = [parameter_line(param) for param in signature.params]
    shown = ", ".join(params)
    if width and len(shown) > width:
        shown = "".join(f"\n  {param}," for param in params) + "\n"
    name = signature.name.rpartition(":")[2].removeprefix("is_" if kind == "test" else "\0")
    if kind == "annotation":
        return f"@{name}({shown})" if shown else f"@{name}"
    if kind == "trigger":
        return f"on {name}({shown})"
    generic = f"[{', '.join(signature.type_params)}]" if signature.type_params else ""
    return f"{kind} {name}{generic}({shown}) -> {show(signature.result)}"


def parameter_line(param: ParamSig) -> str:
    """`attempts: int(ge=1) = 3`."""
    return f"{param.name}: {show(param.type)}{default_shown(param.default)}"


def default_shown(node: ast.Expr | None) -> str:
    """` = 3`; one that is longer than a glance is cut."""
    if node is None:
        return ""
    default = print_expression(node)
    return f" = {default if len(default) <= DEFAULT else '…'}"


def policies_at(snapshot: Snapshot, offset: int) -> list[PolicyLine]:
    """What holds around the flow, block or call that is named at a place."""
    chain = chain_at(snapshot.file.tree, offset) if snapshot.file is not None else []
    flow = next((i for i, node in enumerate(chain) if isinstance(node, ast.FlowDecl)), None)
    if flow is None:
        return []
    last = max(i for i, node in enumerate(chain) if isinstance(node, (ast.FlowDecl, ast.Step, ast.Do)))
    node, around = chain[last], chain[flow : last + 1]
    head = snapshot.facts.effects.get(id(node))
    named = [each for each in (getattr(node, "name", None), head and head.callee) if each is not None]
    if not any(each.start <= offset <= each.end for each in named):
        return []
    in_force = InForce(snapshot)
    is_computed = head is None and not isinstance(node, ast.FlowDecl) and not isinstance(node.value, BLOCKS)  # type: ignore[attr-defined]
    return [] if is_computed else [*in_force.of_call(around), *in_force.bounds(around)]


def _link(snapshot: Snapshot, target: Target) -> str:
    if target.place is None:
        return ""
    location = snapshot.location(target.place)
    line = location.range.start.line + 1
    return f"[{target.place.file}:{line}]({location.uri}#L{line})"


FEATURES = (Feature(types.TEXT_DOCUMENT_HOVER, hover),)
