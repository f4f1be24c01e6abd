"""Callers that are slow, send too much, or expect too much."""
import json

import pytest
from refusals import SMUGGLED, assert_forwarded, assert_openai_error, assert_refused, post

from support.client import chat, request
from support.wait import eventually


@pytest.fixture(scope="module")
def strict(start, module_upstream):
    """One whose patience and limits are small."""
    return start({"server": {"limits": {"request_body": "64KiB", "upload": "128KiB"},
                             "timeouts": {"header": "300ms", "body": "300ms", "idle": "500ms", "write": "500ms"}}},
                 upstream=module_upstream)


def test_a_head_that_drips_ends_in_time(strict, upstream):
    """H-20"""
    with strict.connect() as connection:
        connection.send(b"GET /v1/models HTTP/1.1\r\nHost: a\r\n")
        response = connection.read_response()
        assert response.status == 408 and response.error["code"] == "request_timeout"
        connection.assert_closed()


def test_a_drip_does_not_buy_more_time(strict, upstream):
    """H-20"""
    with strict.connect() as connection:
        connection.send(b"GET /v1/models HTTP/1.1\r\nHost: a\r\nX: ")
        connection.socket.settimeout(0.05)
        for _ in range(200):  # Far longer than any head may take.
            connection.offer(b"y")
            try:
                connection._receive()
                break
            except AssertionError:
                pass
        connection.socket.settimeout(10)
        assert connection.read_response().status == 408
        connection.assert_closed()


def test_a_connection_without_a_request_is_closed(strict, upstream):
    """H-20"""
    with strict.connect() as connection:
        assert connection.read_to_end() == b""


def test_a_body_that_stops_ends_in_time(strict, upstream):
    """H-20"""
    with strict.connect() as connection:
        connection.send(post("Content-Length: 100", body=b"{"))
        response = connection.read_response()
        assert response.status == 408 and response.error["code"] == "request_timeout"
        connection.assert_closed()
    assert_forwarded(strict, upstream)


def test_a_caller_that_does_not_read_is_cut(strict, upstream):
    """H-20"""
    with strict.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("simulator/echo+size=64MiB", stream=True),
                                headers={"x-request-id": "never-reads"}))

        assert strict.access("never-reads")["bytes"]["out"] < 64 << 20


@pytest.mark.parametrize("length", [64 * 1024 + 1, 10 ** 12, 9_223_372_036_854_775_807])
def test_refuses_a_body_by_its_announced_length(strict, upstream, length):
    """H-22"""
    with strict.connect() as connection:
        connection.send(post(f"Content-Length: {length}"))
        response = connection.read_response()
        assert response.status == 413 and response.error["code"] == "request_too_large"
        assert response.header("connection") == "close"
        connection.assert_closed()
    assert_forwarded(strict, upstream)


def test_refuses_a_chunked_body_once_it_is_too_large(strict, upstream):
    """H-22"""
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    with strict.connect() as connection:
        connection.offer(post("Transfer-Encoding: chunked", body=chunk * 1000))
        response = connection.read_response()
        assert response.status == 413 and response.error["code"] == "request_too_large"
        assert response.header("connection") == "close"
    assert_forwarded(strict, upstream)


def test_takes_a_body_of_just_the_limit(strict, upstream):
    """H-22"""
    body = json.dumps(chat("up/echo")).encode()
    body += b" " * (64 * 1024 - len(body))

    assert strict.chat(body, headers={"Content-Type": "application/json"}).status == 200


def test_an_unread_body_is_not_read_for_long(strict, upstream):
    """H-22"""
    with strict.connect() as connection:
        connection.offer(request("POST", "/nowhere", b"x" * 2_000_000))
        assert connection.read_response().status == 404
        connection.assert_closed()


EXPECTING = {"Expect": "100-continue"}


def expecting(body, **options):
    payload = request("POST", "/v1/chat/completions", body, headers=EXPECTING, **options)
    at = payload.index(b"\r\n\r\n") + 4
    return payload[:at], payload[at:]


def test_invites_a_body_only_from_who_may_ask(sluice, upstream):
    """H-23"""
    head, body = expecting(chat("up/echo"))
    with sluice.connect() as connection:
        assert connection.send(head).read_head().status == 100
        assert connection.send(body).read_response().status == 200
        # And the same connection serves on.
        assert connection.send(head).read_head().status == 100
        assert connection.send(body).read_response().status == 200
    assert upstream.requests[0].header("expect") is None


@pytest.mark.parametrize("key", [None, "sk-wrong"])
def test_a_stranger_is_refused_without_being_invited(sluice, upstream, key):
    """H-23"""
    head, _ = expecting(chat("up/echo"), key=key)
    with sluice.connect() as connection:
        response = connection.send(head).read_response()
        assert response.status == 401
        # Whether the body still comes is not known: the connection cannot go on.
        assert response.header("connection") == "close"
        connection.offer(SMUGGLED)
        connection.assert_closed()
    assert_forwarded(sluice, upstream)


def test_a_body_over_the_limit_is_refused_without_an_invitation(strict, upstream):
    """H-23"""
    with strict.connect() as connection:
        response = connection.send(post("Content-Length: 1000000", "Expect: 100-continue")).read_response()
        assert response.status == 413 and response.header("connection") == "close"
        connection.assert_closed()


def test_a_body_that_came_unasked_is_not_invited(sluice, upstream):
    """H-23"""
    head, body = expecting(chat("up/echo"))
    with sluice.connect() as connection:
        assert connection.send(head + body).read_response().status == 200


@pytest.mark.parametrize("expectation", ["200-ok", "100-continue, x", "100-continued", "", "x=y"])
def test_meets_no_other_expectation(sluice, upstream, expectation):
    """H-23"""
    assert_refused(sluice, upstream, post("Content-Length: 2", f"Expect: {expectation}", body=b"{}" + SMUGGLED), 417)


def test_expects_nothing_where_no_body_comes(sluice, upstream):
    """H-23"""
    with sluice.connect() as connection:
        response = connection.send(request("GET", "/v1/models", headers=EXPECTING)).read_response()
        assert response.status == 200


def test_in_flight_limit_refuses_at_once_and_leaves_the_operators_in(start, upstream):
    """H-20"""
    sluice = start({"server": {"limits": {"requests_in_flight": 2}}})
    busy = [sluice.connect().send(request("POST", "/v1/chat/completions", chat("simulator/echo+stall=1", stream=True))) for _ in range(2)]
    for one in busy:
        assert one.read_head().status == 200

    refused = sluice.chat(chat("simulator/echo"))

    assert refused.status == 503 and refused.error["code"] == "overloaded"
    assert int(refused.header("retry-after")) >= 1 and int(refused.header("retry-after-ms")) >= 1
    assert_openai_error(refused)
    assert sluice.get_admin("/readyz").status == 200
    eventually(lambda: sluice.metric("sluice_rejected_total", reason="overloaded") == 1, what="the count")
    for one in busy:
        one.close()
    eventually(lambda: sluice.chat(chat("simulator/echo")).status == 200, what="room for another request")


def test_connection_limit_holds(start, upstream):
    sluice = start({"server": {"limits": {"connections": 4}}})
    held = [sluice.connect() for _ in range(4)]
    for one in held:
        assert one.send(request("GET", "/livez", key=None)).read_response().status == 200

    with sluice.connect() as over:
        over.offer(request("GET", "/livez", key=None))
        answer = over.read_to_end()

    head, body = answer.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ") and b"content-length: %d\r\n" % len(body) in head and b"connection: close" in head
    assert json.loads(body)["error"]["code"] == "overloaded"
    assert held[0].send(request("GET", "/livez", key=None)).read_response().status == 200
    for one in held:
        one.close()

    def served():
        with sluice.connect() as again:
            again.offer(request("GET", "/livez", key=None, headers={"Connection": "close"}))
            return again.read_to_end().startswith(b"HTTP/1.1 200 ")

    eventually(served, what="room for another connection")
