"""The tree of a document template; what stands in its tags are expressions of the language.

A part of a section is a text, an expression (a hole) or a node of this module.
"""

from __future__ import annotations

from flowlang.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Part: TypeAlias = "ast.TemplateText | ast.Expr | Choice | Loop | Assign"


class Section(ast.Node):
    """What stands between two tags, or in the whole file."""

    __slots__ = ()

    parts: tuple[Part, ...]


class Choice(ast.Node):
    """`{% if a %} … {% elif b %} … {% else %} … {% endif %}`."""

    __slots__ = ()

    branches: tuple[tuple[ast.Expr, Section], ...]
    otherwise: Section | None


class Loop(ast.Node):
    """`{% for x in xs if c %} … {% else %} … {% endfor %}`; `otherwise` is for no item at all."""

    __slots__ = ()

    names: tuple[ast.Ident, ...]
    iterable: ast.Expr
    condition: ast.Expr | None
    body: Section
    otherwise: Section | None


class Assign(ast.Node):
    """`{% set x = e %}` with what follows it in its section, where `x` is known."""

    __slots__ = ()

    name: ast.Ident
    value: ast.Expr
    rest: Section
