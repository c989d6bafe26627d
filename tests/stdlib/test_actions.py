"""Action bodies on a transport that answers from a list."""

from __future__ import annotations

import asyncio
import encodings.aliases
import json
from typing import Any

import pytest

from flowlang.plan.nodes import Limits
from flowlang.runtime.actions import ACTIONS
from flowlang.runtime.actions.webhook import sign_standard
from flowlang.runtime.context import ActionContext, ServiceSettings
from flowlang.runtime.errors import RunError
from flowlang.runtime.http import Forbidden, TimedOut, TooLarge, retry_after
from flowlang.runtime.memory import MemoryEvents
from flowlang.runtime.seam import NetworkError, Request, Response, Seam, Unsent

NOW = 1_767_225_600_000_000


class Scripted:
    """Answers in turn; an exception is raised."""

    def __init__(self, *answers: Response | BaseException) -> None:
        self.answers = list(answers)
        self.sent: list[Request] = []

    def prepare(self) -> None:
        return None

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def close(self) -> None:
        return None

    def header(self, name: str, at: int = -1) -> str | None:
        return {k.lower(): v for k, v in self.sent[at].headers}.get(name.lower())


def answer(body: Any = None, status: int = 200, kind: str = "application/json", **headers: str) -> Response:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Response(
        status, (("content-type", kind), *((k.replace("_", "-"), v) for k, v in headers.items())), content, "http://x"
    )


async def _python(target: str, arguments: Any) -> object:
    raise AssertionError(target)


async def no_event(wanted: object) -> object:
    raise AssertionError(wanted)


def context(world: Scripted, **changes: Any) -> ActionContext:
    async def wait_until(until: int) -> None:
        changes.get("waits", []).append(until)

    seam = Seam(lambda: NOW, lambda: 0.0, asyncio.sleep, lambda: 0.5, world, _python, lambda target: _python)  # type: ignore[call-arg]
    return ActionContext(
        "run", "step", 1, "key-1", changes.get("idempotent", False), 30.0, changes.get("service"), seam, Limits(),
        changes.get("memory", {}), wait_until, no_event, MemoryEvents().emit,
    )  # fmt: skip


def call(name: str, world: Scripted, arguments: dict[str, Any], **changes: Any) -> Any:
    return asyncio.run(ACTIONS[name](context(world, **changes), arguments))


def refused(name: str, world: Scripted, arguments: dict[str, Any], **changes: Any) -> RunError:
    with pytest.raises(RunError) as caught:
        call(name, world, arguments, **changes)
    return caught.value


SERVICE = ServiceSettings("crm", "https://crm.example/api", {"X-A": "1", "x-b": "2"}, None, {"params": {"v": 2}})


def test_get_gives_the_declared_response() -> None:
    world = Scripted(answer({"a": [1]}, set_cookie="a=1"))
    result = call("http.get", world, {"url": "http://x/y?z=1#f", "params": {"q": ["a b", 2], "n": None, "t": True}})
    assert result == {
        "status": 200, "headers": {"content-type": "application/json", "set-cookie": "a=1"}, "json": {"a": [1]},
        "text": '{"a": [1]}', "url": "http://x",
    }  # fmt: skip
    assert world.sent[0].url == "http://x/y?z=1&q=a%20b&q=2&t=true"
    assert world.header("idempotency-key") is None
    assert world.header("user-agent", 0) is not None


def test_post_sends_json_and_its_key() -> None:
    world = Scripted(answer(b"", 204))
    call("http.post", world, {"url": "http://x", "json": {"ü": [1, None, 1.5]}, "headers": {"X": "y"}})
    assert world.sent[0].body == '{"ü":[1,null,1.5]}'.encode()
    assert world.header("Content-Type") == "application/json"
    assert world.header("Idempotency-Key") == "key-1"


@pytest.mark.parametrize(
    ("method", "idempotent", "sent"),
    [("put", False, None), ("put", True, "key-1"), ("get", True, None), ("patch", False, "key-1")],
)
def test_which_calls_carry_a_key(method: str, idempotent: bool, sent: str | None) -> None:
    world = Scripted(answer())
    call(f"http.{method}", world, {"url": "http://x"}, idempotent=idempotent)
    assert world.header("idempotency-key") == sent


def test_forms_and_texts() -> None:
    world = Scripted(answer())
    call("http.post", world, {"url": "http://x", "form": {"a": "1&2", "b": None}})
    assert world.sent[0].body == b"a=1%262"
    call("http.post", world, {"url": "http://x", "text": "<a/>", "headers": {"content-type": "text/xml"}})
    assert world.header("content-type") == "text/xml"
    assert "one body" in refused("http.post", world, {"url": "http://x", "text": "a", "json": 1}).message


def test_a_status_outside_2xx_fails_with_the_response() -> None:
    world = Scripted(answer({"why": "busy"}, 503, retry_after="7"))
    error = refused("http.get", world, {"url": "http://x/a/b?token=abc"})
    assert (error.kind, error.status, error.retry_after) == ("http", 503, 7.0)
    assert error.message == "GET http://x/a/b answered 503 Service Unavailable"
    assert error.response["json"] == {"why": "busy"}  # type: ignore[index]
    assert call("http.get", world, {"url": "http://x", "accept": [503]})["status"] == 503


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answer(b"<html>", kind="text/html"), "it is text/html"),
        (answer(b"{oops"), "column"),
        (answer(b""), "it is empty"),
        (answer(b"[NaN]"), "expected value"),
        (answer(b"[123456789012345678901]"), "64 bits"),
        (answer(b"[" * 500), "recursion"),
        (answer(b"[-Infinity]"), "invalid number"),
        (answer(b"[1e400]"), "finite"),
        (answer(b'["\\ud800"]'), "hex escape"),
        (answer(b'["\xff"]'), "unicode"),
        (answer(b'{"a":1,"a":2}'), "the key 'a' stands there twice"),
        (answer(b'{"x":{"a":1,"b:":":","a" :2}}'), "the key 'a' stands there twice"),
        (answer(b'[{"a":1,"\\u0061"\n:2}]'), "the key 'a' stands there twice"),
        (answer(b"[" + b"[]," * 2_000_000 + b"0]"), "more than 2,000,000 values"),
        (answer(b"\xff\xfe", kind="application/json; charset=nope"), "charset"),
    ],
)
def test_json_fails_only_when_it_is_used(response: Response, reason: str) -> None:
    result = call("http.get", Scripted(response), {"url": "http://x/p"})
    assert "json" not in result
    with pytest.raises(RunError, match="GET http://x/p is not JSON") as caught:
        result["json"]
    assert caught.value.kind == "validation"
    assert reason in caught.value.message
    with pytest.raises(KeyError):
        result["other"]


def test_json_with_a_mark_or_in_another_charset() -> None:
    assert call("http.get", Scripted(answer(b"\xef\xbb\xbf1")), {"url": "http://x"})["json"] == 1
    latin = answer('"ü"'.encode("latin-1"), kind="application/json; charset=ISO-8859-1")
    assert call("http.get", Scripted(latin), {"url": "http://x"})["json"] == "ü"


@pytest.mark.parametrize("charset", sorted(set(encodings.aliases.aliases.values())))
def test_whatever_the_charset_the_text_is_unicode(charset: str) -> None:
    for body in (bytes(range(256)), b"+2AA-", b"\\ud800", b"x-\xff", b"\x00\xd8\x00\x00", b"xn--a"):
        world = Scripted(answer(body, kind=f"text/plain; charset={charset}"))
        call("http.get", world, {"url": "http://x"})["text"].encode()


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "utf-7", "unicode_escape", "hex", "nope"])
def test_an_unknown_charset_is_passed_over(charset: str) -> None:
    result = call(
        "http.get", Scripted(answer(b"x+2AA-\xff", kind=f"text/plain; charset={charset}")), {"url": "http://x"}
    )
    assert result["text"] == "x+2AA-\ufffd"
    with pytest.raises(RunError, match=f"it is not in its charset {charset}"):
        result["json"]


@pytest.mark.parametrize(
    "text", ['{"x":"\\":","a":1}', '{"a" : 1, "b"\n: ": :"}', '["a:b", {"a": {"a": {"a": 1}}}]', '[{"a":1},{"a":1}]']
)
def test_keys_that_only_look_equal(text: str) -> None:
    assert call("http.get", Scripted(answer(text.encode())), {"url": "http://x"})["json"] == json.loads(text)


def test_many_commas_in_a_text_are_not_many_values() -> None:
    text = json.dumps({"csv": "a," * 2_500_000})
    assert call("http.get", Scripted(answer(text.encode())), {"url": "http://x"})["json"]["csv"].endswith("a,")


def test_a_service_adds_its_settings_and_the_call_wins() -> None:
    world = Scripted(answer())
    call("http.post", world, {"path": "/leads/1", "headers": {"X-B": "3"}, "params": {"w": 1}}, service=SERVICE)
    assert world.sent[0].url == "https://crm.example/api/leads/1?v=2&w=1"
    assert (world.header("x-a"), world.header("x-b")) == ("1", "3")
    call("http.get", world, {"path": "https://crm.example/api/next?page=2"}, service=SERVICE)
    assert world.sent[1].url == "https://crm.example/api/next?page=2&v=2"
    for path in ("https://evil.example/api", "http://crm.example/api", "https://crm.example:444/"):
        assert "is not the service crm" in refused("http.get", world, {"path": path}, service=SERVICE).message
    call("http.get", world, {"path": "//evil.example/x"}, service=SERVICE)
    assert world.sent[-1].url.startswith("https://crm.example/api//evil")


@pytest.mark.parametrize(
    ("name", "value"), [("Host", "x"), ("content-length", "0"), ("a b", "x"), ("X", "a\r\nY: 1"), ("X", 1), ("", "x")]
)
def test_headers_that_are_refused(name: str, value: Any) -> None:
    assert refused("http.get", Scripted(answer()), {"url": "http://x", "headers": {name: value}}).kind == "fault"


@pytest.mark.parametrize("name", ["json", "form", "text", "params", "headers"])
def test_what_has_no_bytes_is_a_fault(name: str) -> None:
    odd = "a\ud800b"
    given = odd if name == "text" else {"x": odd}
    error = refused("http.post", Scripted(answer()), {"url": "http://x", name: given})
    assert (error.kind, "not Unicode" in error.message) == ("fault", True)


def test_ways_to_authenticate() -> None:
    world = Scripted(answer())
    call("http.get", world, {"url": "http://x", "auth": {"scheme": "bearer", "token": "t"}})
    assert world.header("authorization") == "Bearer t"
    call("http.get", world, {"url": "http://x", "auth": {"scheme": "basic", "user": "u", "password": "p"}})
    assert world.header("authorization") == "Basic dTpw"
    call("http.get", world, {"url": "http://x", "auth": {"scheme": "header", "name": "X-Key", "value": "k"}})
    assert world.header("x-key") == "k"


OAUTH = {
    "scheme": "client_credentials",
    "token_url": "http://t/token",
    "client_id": "c",
    "client_secret": "s",
    "scope": "a",
}


def test_tokens_are_fetched_once_kept_and_renewed_once_on_401() -> None:
    first, second = answer({"access_token": "t1", "expires_in": 3600}), answer({"access_token": "t2"})
    memory: dict[str, object] = {}
    world = Scripted(first, answer(1), answer(2))
    assert call("http.get", world, {"url": "http://x", "auth": OAUTH}, memory=memory)["json"] == 1
    assert world.sent[0].body == b"grant_type=client_credentials&scope=a"
    assert call("http.get", world, {"url": "http://x", "auth": OAUTH}, memory=memory)["json"] == 2
    assert [r.url for r in world.sent] == ["http://t/token", "http://x", "http://x"]
    world = Scripted(answer(None, 401), second, answer(3))
    assert call("http.get", world, {"url": "http://x", "auth": OAUTH}, memory=memory)["json"] == 3
    assert world.header("authorization") == "Bearer t2"
    world = Scripted(answer(None, 401), second, answer(None, 401))
    assert refused("http.get", world, {"url": "http://x", "auth": OAUTH}, memory=memory).status == 401
    assert len(world.sent) == 3


def test_a_call_that_is_cut_off_while_its_token_is_fetched_was_not_sent() -> None:
    with pytest.raises(Unsent, match="there was no token"):
        call("http.post", Scripted(asyncio.CancelledError()), {"url": "http://x", "auth": OAUTH})


def test_a_refused_token_tells_nothing_of_the_answer() -> None:
    error = refused(
        "http.get", Scripted(answer({"access_token": 5, "hint": "s3cret"}, 400)), {"url": "http://x", "auth": OAUTH}
    )
    assert error.kind == "http"
    assert "s3cret" not in json.dumps(error.to_json())


@pytest.mark.parametrize(
    ("raised", "kind", "unknown"),
    [
        (NetworkError("refused", False), "network", False),
        (NetworkError("cut", True), "network", True),
        (TooLarge("too large", True), "fault", True),
        (TimedOut("late", True), "timeout", True),
        (Forbidden("private", False), "fault", False),
    ],
)
def test_transport_errors_keep_what_is_known(raised: Exception, kind: str, unknown: bool) -> None:
    error = refused("http.post", Scripted(raised), {"url": "http://x"})
    assert (error.kind, error.unknown_outcome) == (kind, unknown)


def test_webhooks_are_signed_and_their_address_is_secret() -> None:
    world = Scripted(answer(None, 500))
    error = refused(
        "webhook.post",
        world,
        {"url": "https://h.example/s3cret", "json": {"a": 1}, "secret": "k", "signature": "standard"},
    )
    assert "s3cret" not in json.dumps(error.to_json())
    body = world.sent[0].body
    assert world.header("webhook-signature") == sign_standard("k", "key-1", NOW // 1_000_000, body)
    world = Scripted(answer(1))
    result = call(
        "webhook.put", world, {"url": "https://h.example/s3cret", "json": 1, "secret": "k", "signature": "github"}
    )
    assert str(world.header("x-hub-signature-256")).startswith("sha256=")
    assert "s3cret" not in json.dumps(result)


def test_the_signature_is_the_standards_own_example() -> None:
    body = b'{"test": 2432232314}'
    signed = sign_standard("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(("name", "key"), [("slack", "text"), ("teams", "text"), ("discord", "content")])
def test_messages(name: str, key: str) -> None:
    world = Scripted(answer(b"ok", kind="text/plain"))
    assert call(f"notify.{name}", world, {"text": "hi", "webhook": "https://h/s3cret"}) is None
    assert json.loads(world.sent[0].body) == {key: "hi"}
    assert (
        "s3cret"
        not in refused(
            f"notify.{name}", Scripted(answer(b"no", 404)), {"text": "hi", "webhook": "https://h/s3cret"}
        ).message
    )


def completion(content: Any, **usage: Any) -> Response:
    return answer(
        {"model": "m-1", "choices": [{"message": {"content": content}, "finish_reason": "stop"}], "usage": usage}
    )


def test_a_chat_reports_its_tokens() -> None:
    world = Scripted(completion('```json\n{"score": 7}\n```', prompt_tokens=3, completion_tokens=4))
    asked = {
        "prompt": "p",
        "model": "m",
        "system": "s",
        "base_url": "http://l/v1/",
        "api_key": "k",
        "temperature": 0,
        "format": "json",
    }
    result = call("llm.chat", world, asked)
    assert result["json"] == {"score": 7}
    assert result["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    sent = json.loads(world.sent[0].body)
    assert sent["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "p"}]
    assert (sent["temperature"], sent["response_format"]) == (0, {"type": "json_object"})
    assert (world.sent[0].url, world.header("authorization")) == ("http://l/v1/chat/completions", "Bearer k")


def test_a_chat_that_answers_otherwise() -> None:
    asked = {"prompt": "p", "model": "m", "base_url": "http://l"}
    for body in ({"choices": []}, [], b"<html>"):
        error = refused("llm.chat", Scripted(answer(body)), asked)
        assert (error.kind, error.unknown_outcome) == ("validation", True)
    result = call("llm.chat", Scripted(completion("no json", total_tokens="x")), asked)
    assert result["usage"]["total_tokens"] == 0
    with pytest.raises(RunError, match="model's answer is not JSON"):
        result["json"]


def test_clocks_and_waits_come_from_the_seam() -> None:
    world = Scripted(answer())
    waits: list[int] = []
    assert call("now", world, {}) == "2026-01-01T00:00:00.000000Z"
    assert call("uuid", world, {}) == "80000000-8000-4000-8000-000080000000"
    assert call("random", world, {}) == 0.5
    call("wait", world, {"duration": 5}, waits=waits)
    call("time.wait_until", world, {"at": "2026-01-01T00:00:01.000000Z"}, waits=waits)
    assert waits == [NOW + 5, NOW + 1_000_000]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:00:10 GMT", 10.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("9" * 40, 1e9),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW / 1_000_000) == seconds
