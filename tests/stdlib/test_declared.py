"""What is declared in `stdlib/*.flow` and what has a body are the same: names, parameters, defaults."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from flowlang import bundled
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.errors import KINDS
from flowlang.runtime.functions import FUNCTIONS
from flowlang.semantics.catalog import ERROR_TYPES, Catalog, load
from flowlang.source import Source
from flowlang.syntax import ast
from flowlang.syntax.parser import parse
from flowlang.types.model import LiteralOf, RecordOf

BARE = ("prelude", "tests")


def declared(kind: type) -> dict[str, Any]:
    """Declarations with a native body, by qualified name."""
    found = {}
    for file in bundled.names("stdlib"):
        content = bundled.read(f"stdlib/{file}")
        assert content is not None
        module = file.removesuffix(".flow")
        parsed = parse(Source(file, content.decode()))
        assert parsed.diagnostics == ()
        for item in parsed.tree.items:
            if isinstance(item, kind) and isinstance(item.body, ast.Native):
                found[item.name.name if module in BARE else f"{module}.{item.name.name}"] = item
    return found


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load()


IN_THE_PLAN = {"text.render"}
"""Functions whose body the plan holds: it is made of a template."""


def test_functions_declared_have_bodies_and_bodies_are_declared() -> None:
    assert set(declared(ast.FunctionDecl)) - IN_THE_PLAN == set(FUNCTIONS)


def test_actions_declared_have_bodies_and_bodies_are_declared() -> None:
    actions = {
        f"http.{name.removeprefix('service.')}" if name.startswith("service.") else name
        for name in declared(ast.ActionDecl)
    }
    assert actions == set(ACTIONS)


def constant(expr: Any) -> Any:
    match expr:
        case ast.Literal() | ast.Text():
            return expr.value
        case ast.Duration():
            return expr.microseconds
        case ast.List():
            return [constant(item) for item in expr.items]
        case _:
            raise AssertionError(expr)


@pytest.mark.parametrize("name", sorted(set(declared(ast.FunctionDecl)) - IN_THE_PLAN))
def test_parameters_and_defaults_agree(name: str) -> None:
    item = declared(ast.FunctionDecl)[name]
    parameters = inspect.signature(FUNCTIONS[name]).parameters.values()
    body = [parameter for parameter in parameters if parameter.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert [p.name for p in body] == [p.name.name for p in item.params]
    for parameter, given in zip(body, item.params, strict=True):
        if given.default is None:
            assert parameter.default is inspect.Parameter.empty
        else:
            assert parameter.default == constant(given.default)
            assert type(parameter.default) is type(constant(given.default))


def test_a_service_offers_what_http_does_without_credentials() -> None:
    actions = declared(ast.ActionDecl)
    for name, item in actions.items():
        if name.startswith("service."):
            twin = actions[name.replace("service.", "http.")]
            assert [p.name.name for p in item.params] == [
                "path",
                *(p.name.name for p in twin.params if p.name.name not in ("url", "auth")),
            ]
            assert item.params[1:] == tuple(p for p in twin.params[1:] if p.name.name != "auth")


def test_every_declaration_is_documented() -> None:
    for kind in (ast.FunctionDecl, ast.ActionDecl):
        for name, item in declared(kind).items():
            assert item.doc.strip().endswith((".", ":")), name


def test_every_error_kind_has_its_type(catalog: Catalog) -> None:
    assert set(ERROR_TYPES) == set(KINDS)
    for kind in KINDS:
        error = catalog.error(kind)
        assert isinstance(error, RecordOf)
        assert error.fields[0].type == LiteralOf(kind, "string")
