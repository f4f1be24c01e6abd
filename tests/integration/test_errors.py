"""What callers are told when it goes wrong: the table of errors, in each family's words."""
import json

import pytest

from support.client import chat, request
from support.sluice import UPSTREAM_KEY
from support.upstream import Cut, answer, completion, refusal

BODY = b'{ "error": {"message":"Because.","type":"some_type","param":"x", "code":"y"}, "more":1e0 }'


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 429, 529])
def test_a_refusal_passes_verbatim(sluice, upstream, status, streamed):
    upstream.then(answer(BODY, status=status))

    response = sluice.chat(chat("up/x", stream=streamed))

    assert response.status == status and response.body == BODY
    assert response.header("content-type") == "application/json"
    assert response.header("x-sluice-provider") == "up"


def test_the_providers_own_rate_limits_are_told_with_its_refusal(sluice, upstream):
    upstream.then(answer(BODY, status=429, fields=("X-RateLimit-Remaining-Requests: 0", "Retry-After: 7", "Set-Cookie: a=b")))

    response = sluice.chat(chat("up/x"))

    assert response.header("x-ratelimit-remaining-requests") == "0"
    assert [value for name, value in response.fields if name.lower() == "retry-after"] == ["7"]
    assert response.header("set-cookie") is None


@pytest.mark.parametrize("status,ours,code", [
    (401, 502, "upstream_auth"), (402, 502, "upstream_auth"), (403, 502, "upstream_auth"), (408, 504, "upstream_timeout"), (504, 504, "upstream_timeout"),
    (500, 502, "upstream_error"), (501, 502, "upstream_error"), (502, 502, "upstream_error"), (520, 502, "upstream_error"), (503, 503, "upstream_overloaded"),
])
def test_a_failure_is_told_in_our_words(sluice, upstream, status, ours, code):
    upstream.then(answer(BODY, status=status))

    response = sluice.chat(chat("up/x"))

    assert response.status == ours and response.error["code"] == code
    # A provider that complains of our key may quote it.
    assert response.error["upstream"] == {"status": status, "message": "" if code == "upstream_auth" else "Because."}


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_refusal_that_is_no_json_is_told_as_json(sluice, upstream, status):
    upstream.then(answer(b"<html><h1>Oops</h1></html>", status=status, content_type="text/html"))

    response = sluice.chat(chat("up/x"))

    assert response.status == {500: 502}.get(status, status)
    assert response.header("content-type") == "application/json" and response.error["upstream"]["status"] == status


@pytest.mark.parametrize("fields,seconds,milliseconds", [
    (["Retry-After: 7"], 7, 7000), (["Retry-After-Ms: 1500"], 2, 1500), (["Retry-After: 7", "Retry-After-Ms: 250"], 1, 250), ([], 1, None), (["Retry-After: soon"], 1, None),
])
@pytest.mark.parametrize("status", [429, 503])
def test_tells_when_to_come_again(sluice, upstream, status, fields, seconds, milliseconds):
    upstream.then(answer(BODY, status=status, fields=fields))

    response = sluice.chat(chat("up/x"))

    assert response.status == status
    assert int(response.header("retry-after")) == seconds
    assert milliseconds is None or int(response.header("retry-after-ms")) == milliseconds


def test_a_quoted_key_is_scrubbed(sluice, upstream):
    for status in (400, 401, 404, 429, 500):
        upstream.then(answer(refusal(f"Incorrect key {UPSTREAM_KEY} given"), status=status))
        response = sluice.chat(chat("up/x"))
        assert UPSTREAM_KEY.encode() not in response.body
        assert status == 401 or b"given" in response.body


OPENAI, ANTHROPIC, GEMINI = "openai", "anthropic", "gemini"


def family_of(response):
    body = response.json()
    if body.get("type") == "error":
        assert body["error"]["type"] and ": " in body["error"]["message"] and body["request_id"] == response.header("x-request-id")
        assert response.header("request-id") == response.header("x-request-id")
        return ANTHROPIC
    if isinstance(body["error"].get("status"), str):
        assert body["error"]["code"] == response.status and body["error"]["details"][0]["reason"]
        return GEMINI
    assert set(body["error"]) >= {"message", "type", "param", "code"}
    return OPENAI


@pytest.mark.parametrize("path,headers,family", [
    ("/v1/nothing", {}, OPENAI), ("/openai/v1/nothing", {"anthropic-version": "1"}, OPENAI), ("/anthropic/v1/nothing", {}, ANTHROPIC), ("/gemini/nothing", {}, GEMINI),
    ("/v1/messages/nothing", {}, ANTHROPIC), ("/messages/nothing", {"x-goog-api-key": "k"}, ANTHROPIC), ("/v1beta/nothing", {}, GEMINI),
    ("/v1beta/models/x:nothing", {"anthropic-version": "1"}, GEMINI), ("/nothing", {"anthropic-version": "1"}, ANTHROPIC), ("/nothing", {"x-goog-api-key": "k"}, GEMINI),
    ("/nothing?key=k", {}, GEMINI), ("/nothing?a=b&key=k", {}, GEMINI), ("/nothing?monkey=k", {}, OPENAI),
    ("/nothing?key=k", {"anthropic-version": "1"}, ANTHROPIC),
])
def test_each_family_hears_its_own_words(sluice, path, headers, family):
    response = sluice.ask("GET", path, headers=headers)

    assert response.status == 404 and family_of(response) == family


@pytest.mark.parametrize("headers,family", [({}, OPENAI), ({"anthropic-version": "1"}, ANTHROPIC), ({"x-goog-api-key": "wrong"}, GEMINI)])
def test_each_family_hears_of_a_wrong_key(sluice, headers, family):
    response = sluice.ask("GET", "/v1/models", key=None, headers=headers)

    assert response.status == 401 and family_of(response) == family


@pytest.mark.parametrize("headers,find", [({}, lambda r: r["data"][0]["object"] == "model"), ({"anthropic-version": "1"}, lambda r: r["data"][0]["type"] == "model"),
                                          ({"x-goog-api-key": "sk-client-canary-8f2d1c"}, lambda r: r["models"][0]["name"].startswith("models/"))])
def test_each_family_has_its_list_of_models(sluice, headers, find):
    assert find(sluice.ask("GET", "/v1/models", headers=headers).json())


@pytest.mark.parametrize("method,path,allowed", [("GET", "/v1/chat/completions", "POST"), ("DELETE", "/v1/embeddings", "POST"), ("POST", "/v1/models", "GET, HEAD"), ("PATCH", "/readyz", "GET, HEAD")])
def test_tells_which_methods_there_are(sluice, method, path, allowed):
    response = sluice.ask(method, path, None if method == "GET" else b"{}")

    assert response.status == 405 and response.error["code"] == "method_not_allowed" and response.header("allow") == allowed


@pytest.mark.parametrize("path", ["/", "/livez", "/healthz", "/readyz"])
def test_anybody_may_see_that_it_lives(sluice, path):
    for method in ("GET", "HEAD"):
        assert sluice.ask(method, path, key=None).status == 200


@pytest.mark.parametrize("timeout", ["soon", "-1", "0", "1e9", "5 apples", "nan"])
def test_refuses_a_timeout_that_is_none(sluice, timeout):
    response = sluice.chat(chat("simulator/echo"), headers={"x-sluice-timeout": timeout})

    assert response.status == 400 and "x-sluice-timeout" in response.error["message"]


def test_an_answer_that_never_ends_is_a_502(sluice, upstream):
    whole = answer(completion())
    upstream.then(whole[:-5], Cut())

    response = sluice.chat(chat("up/x"))

    assert response.status == 502 and response.error["code"] == "upstream_bad_response"


def test_every_answer_has_an_id(sluice, upstream):
    with sluice.connect() as connection:
        seen = set()
        for payload in (request("GET", "/v1/models"), request("GET", "/nowhere"), request("GET", "/v1/models", key=None), request("GET", "/livez"),
                        request("POST", "/v1/chat/completions", chat("simulator/echo")), request("POST", "/v1/chat/completions", chat("up/x", stream=True))):
            seen.add(connection.send(payload).read_response().header("x-request-id"))

    assert len(seen) == 6 and None not in seen


def test_a_sane_id_of_the_caller_is_kept(sluice):
    for sane in ("abc-123", "A.b_c", "x" * 128, "0190a8f2-7c1b-7cc0-b1c2-aa6d7e8f9a0b"):
        assert sluice.ask("GET", "/v1/models", headers={"x-request-id": sane}).header("x-request-id") == sane
    for other in ("", " ", "x" * 129, "a b", "a\"b", "a\tb", "é", "a;b", "<a>", "a{b}", "../a"):
        told = sluice.ask("GET", "/v1/models", headers={"x-request-id": other}).header("x-request-id")
        assert told and told != other


def test_the_times_are_told(sluice):
    timing = sluice.chat(chat("simulator/echo+delay=20ms")).header("server-timing")

    durations = dict(part.split(";dur=") for part in timing.replace(" ", "").split(","))
    assert float(durations["up"]) >= 19
    assert 0 <= float(durations["gw"]) < float(durations["up"]) + 1000


def test_the_same_error_is_well_formed_json_whatever_was_asked(sluice):
    for model in ('"', "\\", "\n", "\u2028", "</script>", "é" * 50, "x" * 10_000):
        response = sluice.chat(chat(model))
        assert response.status in (400, 404)
        json.loads(response.body)
