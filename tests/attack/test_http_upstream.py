"""Providers that break HTTP, or want what is not theirs."""
import json

import pytest
from refusals import assert_openai_error

from support.client import KEY, chat
from support.sluice import UPSTREAM_KEY
from support.upstream import LAST_CHUNK, STREAM, Cut, answer, completion, head, in_chunks, stream
from support.wait import eventually

BODY = json.dumps(completion()).encode()
LENGTH = f"Content-Length: {len(BODY)}"
JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"


def assert_bad_answer(sluice, upstream, *script):
    """502, and the connection is not used again, though the provider would go on."""
    upstream.then(*script)
    response = sluice.chat(chat("up/echo"))

    assert response.status == 502, response
    assert_openai_error(response)
    assert response.error["code"] in ("upstream_bad_response", "upstream_error")
    assert_fresh_connection(sluice, upstream)


def assert_fresh_connection(sluice, upstream):
    assert sluice.chat(chat("up/after")).status == 200
    before, after = upstream.requests[-2:]
    assert before.connection != after.connection


@pytest.mark.parametrize("bad", [
    pytest.param(head(200, JSON, LENGTH, CHUNKED) + BODY, id="length and chunks"),
    pytest.param(head(200, JSON, LENGTH, LENGTH) + BODY, id="two lengths"),
    pytest.param(head(200, JSON, "Content-Length: 5, 5") + BODY, id="list of lengths"),
    pytest.param(head(200, JSON, "Content-Length: -1") + BODY, id="negative length"),
    pytest.param(head(200, JSON, "Content-Length: 99999999999999999999") + BODY, id="huge length"),
    pytest.param(head(200, JSON, "Transfer-Encoding: gzip, chunked") + in_chunks(BODY) + LAST_CHUNK, id="other coding"),
    pytest.param(head(200, JSON, CHUNKED, CHUNKED) + in_chunks(BODY) + LAST_CHUNK, id="chunked twice"),
    pytest.param(head(200, JSON, LENGTH).replace(b"\r\n", b"\n") + BODY, id="line feeds"),
    pytest.param(head(200, JSON + "\r", LENGTH) + BODY, id="bare carriage return"),
    pytest.param(head(200, "X: a\0b", LENGTH) + BODY, id="NUL"),
    pytest.param(head(200, "X: a", " folded", LENGTH) + BODY, id="folded"),
    pytest.param(head(200, "X : a", LENGTH) + BODY, id="space before colon"),
    pytest.param(head(200, ": a", LENGTH) + BODY, id="no name"),
    pytest.param(b"garbage\r\n\r\n", id="garbage"),
    pytest.param(b"\0" * 100, id="NULs"),
    pytest.param(b"\x15\x03\x01\0\x02\x02\x16", id="TLS alert"),
    pytest.param(b"<html>oops</html>\r\n\r\n", id="HTML without HTTP"),
    pytest.param(head("000", JSON, LENGTH) + BODY, id="status 000"),
    pytest.param(head(999, JSON, LENGTH) + BODY, id="status 999"),
    pytest.param(head(99, JSON, LENGTH) + BODY, id="status 99"),
    pytest.param(head("2000", JSON, LENGTH) + BODY, id="status 2000"),
    pytest.param(head("2x0", JSON, LENGTH) + BODY, id="status 2x0"),
    pytest.param(b"HTTP/2.0 200 OK\r\n" + f"{LENGTH}\r\n\r\n".encode() + BODY, id="version 2.0"),
    pytest.param(b"HTTP/1.1200 OK\r\n" + f"{LENGTH}\r\n\r\n".encode() + BODY, id="no space"),
    pytest.param(b"ICY 200 OK\r\n\r\n", id="other protocol"),
    pytest.param(head(200, *(f"X-{i}: y" for i in range(5000)), LENGTH) + BODY, id="header flood"),
    pytest.param(head(200, "X: " + "y" * 2_000_000, LENGTH) + BODY, id="header line without end"),
    pytest.param(head(200, JSON, CHUNKED) + b"zz\r\n" + BODY, id="bad chunk size"),
    pytest.param(head(200, JSON, CHUNKED) + b"1" * 17 + b"\r\n" + BODY, id="17 digits"),
    pytest.param(head(200, JSON, CHUNKED) + b"2\r\n{}x\r\n0\r\n\r\n", id="chunk longer than its size"),
    pytest.param(head(200, JSON, CHUNKED) + b"1;" + b"a" * 100_000, id="chunk extension without end"),
    pytest.param(head(200, JSON, CHUNKED) + in_chunks(BODY) + b"0\r\n" + b"X: y\r\n" * 50_000, id="trailer flood"),
    pytest.param(head(101, "Upgrade: websocket", "Connection: Upgrade") + BODY, id="an upgrade nobody asked for"),
    pytest.param(b"x" + head(101, "Upgrade: websocket"), id="bytes before the upgrade"),
])
def test_an_answer_that_is_not_http_is_a_502(sluice, upstream, bad):
    """H-27, H-31"""
    assert_bad_answer(sluice, upstream, bad, Cut())


def test_a_second_answer_is_nobodys(sluice, upstream):
    """H-25, H-27"""
    upstream.then(answer(completion("first")) + answer(completion("for somebody else")))

    first = sluice.chat(chat("up/echo"))
    second = sluice.chat(chat("up/echo"))

    assert [one.json()["choices"][0]["message"]["content"] for one in (first, second)] == ["first", "Hi."]
    assert upstream.requests[0].connection != upstream.requests[1].connection


def test_an_answer_that_nobody_asked_for_poisons_no_kept_connection(sluice, upstream):
    """H-27"""
    assert sluice.chat(chat("up/echo")).status == 200
    for peer in list(upstream.sockets):
        peer.sendall(answer(completion("poison")))

    for _ in range(3):
        assert sluice.chat(chat("up/echo")).json()["choices"][0]["message"]["content"] == "Hi."


@pytest.mark.parametrize("tail", [b"x", b"\r\n", b"\0", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_bytes_behind_an_answer_cost_the_connection(sluice, upstream, tail):
    """H-27"""
    upstream.then(answer(completion()) + tail)

    assert sluice.chat(chat("up/echo")).status == 200
    assert_fresh_connection(sluice, upstream)


@pytest.mark.parametrize("tail", [b"x", answer(completion("for somebody else"))])
def test_bytes_behind_a_stream_cost_the_connection(sluice, upstream, tail):
    """H-27"""
    upstream.then(stream(STREAM) + tail)

    assert sluice.chat(chat("up/echo", stream=True)).events()[-1] == "[DONE]"
    assert_fresh_connection(sluice, upstream)


@pytest.mark.parametrize("status", [204, 304])
def test_a_body_where_none_may_be_is_not_the_next_answer(sluice, upstream, status):
    """H-29"""
    upstream.then(head(status, LENGTH) + BODY)

    first = sluice.chat(chat("up/echo"))
    second = sluice.chat(chat("up/echo"))

    assert first.status != 200 or first.body == b""
    assert second.status == 200 and second.body == BODY
    assert upstream.requests[0].connection != upstream.requests[1].connection


def test_a_head_with_a_body_is_not_the_next_answer(sluice, upstream):
    """H-29"""
    upstream.then(head(200, LENGTH) + BODY)

    first = sluice.ask("HEAD", "/providers/up/files")
    second = sluice.chat(chat("up/echo"))

    assert first.status == 200
    assert second.body == BODY
    assert upstream.requests[0].connection != upstream.requests[1].connection


@pytest.mark.parametrize("interim", [head(100), head(102), head(103, "Link: </x>; rel=preload"), head(103, "Set-Cookie: a=b") * 9])
def test_skips_a_few_interim_answers(sluice, upstream, interim):
    """H-28"""
    upstream.then(interim + answer(completion()))

    response = sluice.chat(chat("up/echo"))

    assert response.status == 200 and response.body == BODY
    assert response.header("link") is None and response.header("set-cookie") is None


@pytest.mark.parametrize("interim", [head(100), head(102), head(103, "Link: </x>")])
def test_a_flood_of_interim_answers_is_a_502(sluice, upstream, interim):
    """H-28"""
    assert_bad_answer(sluice, upstream, interim * 1000 + answer(completion()), Cut())


def test_a_reason_never_becomes_a_header(sluice, upstream):
    """H-25"""
    upstream.then(head(200, JSON, LENGTH, reason="OK\tSet-Cookie: a=b") + BODY)

    response = sluice.chat(chat("up/echo"))

    assert response.header("set-cookie") is None


@pytest.mark.parametrize("value", ["a\rSet-Cookie: x=y", "a\nSet-Cookie: x=y", "a\0", "a\x1bb"])
@pytest.mark.parametrize("name", ["Content-Type", "Openai-Version", "Anthropic-X"])
def test_a_header_of_a_provider_never_becomes_two(sluice, upstream, name, value):
    """H-25"""
    assert_bad_answer(sluice, upstream, head(200, f"{name}: {value}", LENGTH) + BODY, Cut())


PASSED = {"openai-processing-ms": "12", "openai-version": "2020-10-01", "retry-after": "3", "retry-after-ms": "2500", "anthropic-version": "x"}
KEPT_BACK = ["Set-Cookie: a=b", "Server: secret/1", "OpenAI-Organization: org-1", "Anthropic-Organization-Id: org-2", f"Authorization: Bearer {UPSTREAM_KEY}",
             f"X-Goog-Api-Key: {UPSTREAM_KEY}", "Via: 1.1 x", "Alt-Svc: h3", "Strict-Transport-Security: max-age=1", "X-Powered-By: x", "Cf-Ray: 1",
             "WWW-Authenticate: Basic", "Proxy-Authenticate: Basic", "Keep-Alive: timeout=5", "Upgrade: h2c", "Trailer: X", "Location: http://evil.test/",
             "Access-Control-Allow-Origin: *", "X-Request-Id: theirs", "Connection: keep-alive, openai-foo", "OpenAI-Foo: x", "Refresh: 0", "Content-Encoding: identity"]
OURS = {"content-type", "content-length", "x-request-id", "x-sluice-provider", "x-sluice-model", "x-sluice-attempts", "server-timing"}


def test_only_listed_headers_of_a_provider_pass(sluice, upstream):
    """S-32, H-26"""
    upstream.then(answer(completion(), fields=[f"{name}: {value}" for name, value in PASSED.items()] + KEPT_BACK))

    response = sluice.chat(chat("up/echo"))

    assert response.status == 200
    assert set(response.names()) == OURS | set(PASSED)
    assert {name: response.header(name) for name in PASSED} == PASSED
    assert response.header("x-request-id") != "theirs"


CREDENTIALS = {"x-api-key": KEY, "x-goog-api-key": KEY, "api-key": KEY, "cookie": f"session={KEY}", "proxy-authorization": f"Bearer {KEY}",
               "x-stainless-lang": "python", "x-sluice-user": "u", "x-sluice-tags": "a=b", "openai-organization": "org", "openai-project": "p",
               "x-forwarded-for": "1.2.3.4", "x-real-ip": "1.2.3.4", "forwarded": "for=1.2.3.4", "origin": "https://evil.test", "x-unknown": "y"}
SENT = {"host", "user-agent", "accept-encoding", "content-type", "content-length", "authorization"}


@pytest.mark.parametrize("streamed", [False, True])
def test_only_listed_headers_of_a_caller_pass_and_never_a_credential(sluice, upstream, streamed):
    """S-33"""
    upstream.then(stream(STREAM) if streamed else answer(completion()))
    allowed = {"accept": "text/event-stream", "openai-beta": "assistants=v2", "anthropic-version": "2023-06-01", "anthropic-beta": "b",
               "http-referer": "https://app.test", "x-title": "app", "idempotency-key": "i"}

    response = sluice.chat(chat("up/echo", stream=streamed), path=f"/v1/chat/completions?key={KEY}",
                           headers={**CREDENTIALS, **allowed, "accept-encoding": "gzip, br", "user-agent": "caller/1"})

    assert response.status == 200
    sent = upstream.requests[0]
    assert {name for name, _ in sent.fields} == SENT | set(allowed)
    assert {name: sent.header(name) for name in allowed} == allowed
    assert sent.header("authorization") == f"Bearer {UPSTREAM_KEY}"
    assert sent.header("accept-encoding") == "identity" and "caller" not in sent.header("user-agent")
    assert KEY.encode() not in sent.raw_head + sent.body


@pytest.mark.parametrize("how", ["x-api-key", "api-key", "x-goog-api-key", "query", "bearer"])
def test_a_key_may_come_in_each_place_and_stays_here(sluice, upstream, how):
    """S-33"""
    headers = {} if how == "query" else {"authorization": f"bearer {KEY}"} if how == "bearer" else {how: KEY}
    query = f"?a=b&key={KEY}&c=d" if how == "query" else ""

    assert sluice.ask("POST", f"/v1/chat/completions{query}", chat("up/echo"), key=None, headers=headers).status == 200
    assert sluice.ask("POST", f"/providers/up/files{query}", b"raw", key=None, headers=headers).status == 200

    for sent in upstream.requests:
        assert KEY.encode() not in sent.raw_head + sent.body
        assert sent.header("authorization") == f"Bearer {UPSTREAM_KEY}"
    if how == "query":
        assert upstream.requests[1].path.endswith("/files?a=b&c=d")


NEVER = ["authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie", "proxy-authorization", "host", "content-length", "transfer-encoding", "connection",
         "te", "trailer", "upgrade", "keep-alive", "expect", "accept-encoding", "content-encoding", "x-sluice-user", "x-stainless-lang"]


@pytest.mark.parametrize("name", NEVER)
def test_no_setting_forwards_what_must_stay(start, module_upstream, upstream, name):
    """S-33, H-26: refused when the file is read, or never sent"""
    try:
        sluice = start({"server": {"headers": {"forward": [name]}}}, upstream=module_upstream)
    except AssertionError as refused:
        assert "server.headers.forward[0]" in str(refused)
        return
    value = {"content-length": None, "transfer-encoding": None, "host": None, "expect": "100-continue", "connection": "keep-alive", "content-encoding": "identity"}.get(name, f"x{KEY}")
    headers = {} if value is None or name == "expect" else {name: value}

    assert sluice.chat(chat("up/x"), headers=headers).status == 200

    sent = upstream.requests[0]
    assert [key for key, _ in sent.fields].count(name) <= 1
    assert KEY.encode() not in sent.raw_head
    if name not in ("host", "content-length", "accept-encoding", "authorization"):
        assert sent.header(name) is None


def test_what_is_configured_outranks_what_a_caller_says(start, module_upstream, upstream):
    sluice = start({"providers": {"up": {"headers": {"x-title": "ours", "openai-beta": "ours"}}}}, upstream=module_upstream)

    assert sluice.chat(chat("up/x"), headers={"x-title": "theirs", "openai-beta": "theirs"}).status == 200

    assert (upstream.requests[0].header("x-title"), upstream.requests[0].header("openai-beta")) == ("ours", "ours")


def test_an_answer_that_quotes_our_key_is_scrubbed(sluice, upstream):
    """S-33, S-30"""
    upstream.always(answer({"error": {"message": f"Incorrect API key provided: {UPSTREAM_KEY}.", "type": "x", "code": None}}, status=401))
    assert UPSTREAM_KEY.encode() not in sluice.chat(chat("up/echo")).body
    upstream.always(answer({"error": {"message": f"Bad request of {UPSTREAM_KEY}.", "type": "x", "code": None}}, status=400))
    response = sluice.chat(chat("up/echo"))
    assert response.status == 400 and UPSTREAM_KEY.encode() not in response.body


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_redirects_are_never_followed(sluice, upstream, status):
    """S-04"""
    upstream.then(answer(b"", status=status, fields=[f"Location: {upstream.url}/stolen?key={UPSTREAM_KEY}"]))

    response = sluice.chat(chat("up/echo"))

    assert response.status == 502 and response.header("location") is None
    assert UPSTREAM_KEY.encode() not in response.body
    assert len(upstream.requests) == 1


DESTINATIONS = ["api_base", "base_url", "endpoint", "host", "proxy", "azure_endpoint", "api_key", "url"]


def test_no_field_of_a_body_chooses_the_destination(sluice, upstream):
    """S-01"""
    evil = "http://127.0.0.1:1/"
    wishes = {name: evil for name in DESTINATIONS}
    body = chat("up/echo", **wishes, user_config=wishes, litellm_params=wishes, extra_body=wishes, metadata=wishes)

    assert sluice.chat(body, headers={"x-sluice-base-url": evil, "x-forwarded-host": "evil.test"}).status == 200

    assert len(upstream.requests) == 1
    assert upstream.requests[0].header("host") == f"127.0.0.1:{upstream.port}"


@pytest.mark.parametrize("model", ["up/../../admin", "up/a?b=c", "up/a#b", "up/a\r\nX: y", "up/%2e%2e", "up/http://evil.test", "up/@evil.test", "up/a b\0"])
def test_a_model_name_stays_in_the_body(sluice, upstream, model):
    """S-03"""
    response = sluice.chat(chat(model))

    assert response.status in (200, 400, 404)
    for sent in upstream.requests:
        assert sent.path == "/v1/chat/completions"
        assert sent.json()["model"] == model.removeprefix("up/")


def test_the_model_of_a_path_is_the_model(start, module_upstream, upstream):
    """S-02: what the allow-list has judged is what is asked for"""
    sluice = start({"models": {"cheap": "up/cheap"}, "auth": {"keys": [{"name": "poor", "secret": "sk-poor", "models": ["cheap"]}]}}, upstream=module_upstream)

    for body in (chat("expensive"), chat("up/expensive"), {"messages": []}):
        response = sluice.ask("POST", "/openai/deployments/cheap/chat/completions", body, key="sk-poor")
        assert response.status in (200, 400)
    assert sluice.ask("POST", "/openai/deployments/cheap/chat/completions", {"messages": []}, key="sk-poor").status == 200
    assert sluice.ask("POST", "/openai/deployments/expensive/chat/completions", chat("cheap"), key="sk-poor").status in (403, 404)

    assert {one.json()["model"] for one in upstream.requests} == {"cheap"}


def test_a_readable_raw_path_is_judged_like_any(start, module_upstream, upstream):
    """S-02: no side door to a model"""
    sluice = start({"auth": {"keys": [{"name": "poor", "secret": "sk-poor", "models": ["cheap"]}]}}, upstream=module_upstream)

    for path in ("/providers/up/chat/completions", "/providers/up/v1/chat/completions", "/providers/up/embeddings", "/providers/up/files", "/providers/up/chat/completions/",
                 "/providers/up//chat/completions", "/providers/up/chat%2Fcompletions", "/providers/up/chat/completions?x=y", "/providers/up/CHAT/completions"):
        assert sluice.ask("POST", path, chat("expensive"), key="sk-poor").status in (403, 404), path

    assert upstream.requests == []


@pytest.mark.parametrize("name", ["openai/up", "up%2f..", "UP", "nobody", "up%00", "@up", "127.0.0.1:80"])
def test_only_configured_providers_are_reached_by_path(sluice, upstream, name):
    """S-01"""
    assert sluice.ask("GET", f"/providers/{name}/models").status == 404
    assert upstream.requests == []


@pytest.mark.parametrize("rest", ["/../secret", "/%2e%2e/secret", "//evil.test/", "/./x", "/a%0d%0aX:y", "/a\\..\\b"])
def test_a_raw_path_stays_below_its_provider(sluice, upstream, rest):
    """S-03: the path goes on as it came, but not out of where the provider was configured to be."""
    sluice.ask("GET", f"/providers/up{rest}")

    for sent in upstream.requests:
        assert sent.path.startswith("/v1/") and "/../" not in sent.path and "%2e%2e" not in sent.path, sent.line
        assert sent.header("host") == f"127.0.0.1:{upstream.port}"
        assert sent.header("x") is None


def test_a_provider_that_closes_after_answering_is_not_asked_there_again(sluice, upstream):
    """H-27"""
    upstream.then(answer(completion(), fields=["Connection: close"]))

    assert sluice.chat(chat("up/echo")).status == 200
    assert_fresh_connection(sluice, upstream)


def test_good_connections_are_kept(sluice, upstream):
    assert [sluice.chat(chat("up/echo")).status for _ in range(5)] == [200] * 5
    upstream.always(stream(STREAM))
    assert [sluice.chat(chat("up/echo", stream=True)).status for _ in range(5)] == [200] * 5

    assert len({one.connection for one in upstream.requests}) == 1


def test_a_caller_that_leaves_ends_the_providers_work(sluice, upstream):
    """F-20"""
    from support.client import request
    from support.upstream import HELLO, ROLE, STREAM_HEAD, Stall
    upstream.then(STREAM_HEAD + in_chunks(ROLE + HELLO), Stall())
    with sluice.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("up/echo", stream=True)))
        assert connection.read_head().status == 200
        assert b"Hello" in next(connection.chunks())

    eventually(upstream.left.is_set, patience=1, what="the end of the provider's connection")
