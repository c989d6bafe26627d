"""Faults of safety: secrets that leave, credentials in the text, addresses that others choose."""

from __future__ import annotations

from collections.abc import Iterator

from flowlang.syntax import ast
from flowlang.types import model
from tests.mutation.clean import Change, Clean, bare
from tests.mutation.generate import Seed, seed
from tests.mutation.seeds.values import with_module


def secrets(c: Clean) -> list[str]:
    """The plain secrets of the file's configuration; one is declared by the seeds where there is none."""
    fields = [field for config in c.all(ast.Config) for field in config.fields]
    found = [each for each in fields if isinstance(c.facts.type_exprs.get(id(each.type)), model.Secret)]
    return [each.name.name for each in found[:1]]


def with_secret(text: str) -> Seed:
    """A statement with `SECRET` in it."""

    def each(c: Clean) -> Iterator[Change]:
        for flow in c.flows():
            if secrets(c):
                yield c.statement(flow, text.replace("SECRET", f"config.{secrets(c)[0]}"))
            elif not c.all(ast.Config):
                change = c.statement(flow, text.replace("SECRET", "config.spare_key"))
                end = len(c.text)
                yield Change([*change.edits, (end, end, "\nconfig {\n  spare_key: secret\n}\n")], [])

    return each


def with_secret_and_http(text: str) -> Seed:
    inner = with_secret(text)

    def each(c: Clean) -> Iterator[Change]:
        if c.imports("http"):
            yield from inner(c)

    return each


seed("secret-in-url")(with_secret_and_http('do http.get("https://api.example.com/x?key={{ ⟦SECRET⟧ }}")'))
seed("secret-in-params")(with_secret_and_http("do http.get('https://api.example.com/x', params={ key: ⟦SECRET⟧ })"))
seed("secret-in-error")(with_secret('do ⟦fail(⟦"bad key {{ ⟦SECRET⟧ }}"⟧)⟧'))
seed("secret-in-ensure")(with_secret('ensure [1] | length > 0 else "bad key {{ ⟦SECRET⟧ }}"'))
seed("secret-in-key")(
    with_secret_and_http("@idempotent(key=⟦\"{{ ⟦SECRET⟧ }}\"⟧) do http.post('https://api.example.com/x')")
)


@seed("secret-in-message")
def secret_in_message(c: Clean) -> Iterator[Change]:
    if secrets(c):
        for _, call in c.calls("slack", "teams", "discord"):
            yield c.change((call.arguments[0].value, f'⟦"key {{{{ ⟦config.{secrets(c)[0]}⟧ }}}}"⟧'))


@seed("secret-in-result")
def secret_in_result(c: Clean) -> Iterator[Change]:
    if secrets(c):
        for flow in c.flows():
            back = c.return_of(flow)
            if back is not None and (
                flow.result is None or isinstance(c.facts.type_exprs.get(id(flow.result)), model.Any)
            ):
                yield c.change((back.value, f"config.{secrets(c)[0]}"))
        key = secrets(c)[0]
        yield c.item(f"flow tell() {{\n  return ⟦config.{key}⟧\n}}")


def with_untyped(body: str) -> Seed:
    """A flow with untyped `data` and the secret `SECRET` in its body."""

    def each(c: Clean) -> Iterator[Change]:
        if secrets(c):
            inside = body.replace("SECRET", f"config.{secrets(c)[0]}")
            yield c.item(f"flow tell(data: any, n: int) -> any {{\n  {inside}\n}}")

    return each


seed("secret-beside-any")(with_untyped("return ⟦[data, n, ⟦SECRET⟧] | last⟧"))
seed("secret-in-spread")(
    with_untyped('let whole = { **data, token: SECRET }\n  do fail(⟦"{{ n }} {{ ⟦whole.token⟧ }}"⟧)')
)
seed("secret-in-yield")(with_untyped("step told = if n > 1 { yield data } else { yield ⟦SECRET⟧ }\n  return ⟦told⟧"))


@seed("secret-to-flow")
def secret_to_flow(c: Clean) -> Iterator[Change]:
    if secrets(c):
        for step in c.steps():
            call = c.effect(step)
            fact = c.fact(call) if call is not None else None
            for param, value in fact.arguments if fact is not None and fact.signature.kind == "flow" else ():
                if value is not None and isinstance(bare(param.type), model.String):
                    yield c.change((value, f"config.{secrets(c)[0]}"))
        for flow in c.flows():
            if len(flow.params) == 1 and isinstance(c.facts.type_exprs.get(id(flow.params[0].type)), model.String):
                yield c.item(f"flow caller() {{\n  do {flow.name.name}(⟦config.{secrets(c)[0]}⟧)\n}}")


@seed("secret-param")
def secret_param(c: Clean) -> Iterator[Change]:
    yield c.item("flow spare_flow(⟦key: ⟦secret⟧⟧) -> int { return key == 'x' }".replace("-> int", "-> bool"))


@seed("secret-default")
def secret_default(c: Clean) -> Iterator[Change]:
    for config in c.all(ast.Config):
        for field in config.fields:
            if c.spelling(field.type) == "secret" and field.default is None:
                yield c.change((field.type.end, " = ⟦'hunter2-hunter2'⟧"), at=[field])


@seed("whole-config")
def whole_config(c: Clean) -> Iterator[Change]:
    if c.all(ast.Config):
        for flow in c.flows():
            yield c.statement(flow, "step spare = ⟦config⟧\n  step used = spare")


seed("hard-coded-credential")(
    with_module(
        "http", "do http.get('https://api.example.com/x', headers={ 'X-Key': ⟦'sk_live_4eC39HqLyjWDarjtT1zdp7dc'⟧ })"
    )
)
seed("hard-coded-bearer")(
    with_module(
        "http",
        "do http.get('https://api.example.com/x', headers={ Authorization: ⟦'Bearer 9f8c2b7e6a5d4c3b2a19'⟧ })",
    )
)
seed("url-userinfo")(with_module("http", "do http.get(⟦'https://bob:s3cret@api.example.com/x'⟧)"))
seed("plain-http")(with_module("http", "do http.get(⟦'http://api.example.com/x'⟧)"))
seed("host-from-data")(
    with_module("http", "step spare = http.get('https://a.example.com').json\n  do http.get(⟦url(spare.next)⟧)")
)
seed("hole-in-host")(with_module("http", "let word = 'eu'\n  do http.get(⟦\"https://{{ ⟦word⟧ }}.example.com/x\"⟧)"))
seed("string-as-url")(with_module("http", "let spare = ['https://', 'a.example.com'] | join\n  do http.get(⟦spare⟧)"))
seed("credential-in-params")(
    with_module("http", "do http.get('https://api.example.com/x', params={ api_key: ⟦'9f8c2b7e6a5d4c3b'⟧ })")
)
seed("credential-in-body")(
    with_module("http", "do http.put('https://api.example.com/x', json={ user: 'bob', password: ⟦'hunter2-hunter2'⟧ })")
)
seed("telegram-token")(
    with_module("http", "do http.get(⟦'https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1/x'⟧)")
)


@seed("secret-to-callers-host")
def secret_to_callers_host(c: Clean) -> Iterator[Change]:
    if secrets(c) and c.imports("http"):
        header = f'{{ Authorization: "Bearer {{{{ config.{secrets(c)[0]} }}}}" }}'
        yield c.item(f"flow spare_flow(target: url) {{\n  do http.get(⟦target⟧, headers={header})\n}}")
