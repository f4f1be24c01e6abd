"""Requests whose end two readers would see in different places: refused, closed, never passed on."""
import json

import pytest
from refusals import SMUGGLED, assert_forwarded, assert_openai_error, assert_refused, post

from support.client import KEY, chat, request

CHAT = json.dumps(chat("up/echo")).encode()
CHUNKED = "Transfer-Encoding: chunked"


def one_chunk(body=CHAT):
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize("lines", [("Content-Length: 5", CHUNKED), (CHUNKED, "Content-Length: 5")])
def test_refuses_a_length_beside_chunks(sluice, upstream, lines):
    """H-01"""
    assert_refused(sluice, upstream, post(*lines, body=b"0\r\n\r\n" + SMUGGLED), 400)


def test_refuses_a_coding_before_a_length(sluice, upstream):
    """H-02"""
    assert_refused(sluice, upstream, post("Transfer-Encoding: gzip", "Content-Length: 5", body=b"hello" + SMUGGLED), 400, 501)


@pytest.mark.parametrize("coding", ["identity", "xchunked", '"chunked"', "chunked, identity", "gzip, chunked", "", "chunked,", ",chunked"])
def test_refuses_a_coding_that_is_not_chunked(sluice, upstream, coding):
    """H-03"""
    assert_refused(sluice, upstream, post(f"Transfer-Encoding: {coding}", body=SMUGGLED), 400, 501)


@pytest.mark.parametrize("lines", [
    ("Transfer-Encoding: chunked;q=1",),
    ("Transfer-Encoding: gzip", CHUNKED),
    (CHUNKED, CHUNKED),
    ("Transfer-Encoding: chunked, chunked",),
])
def test_refuses_chunked_with_anything_beside_it(sluice, upstream, lines):
    """H-04"""
    assert_refused(sluice, upstream, post(*lines, body=one_chunk() + SMUGGLED), 400, 501)


def test_refuses_chunks_in_http_1_0(sluice, upstream):
    """H-05"""
    assert_refused(sluice, upstream, post(CHUNKED, version="HTTP/1.0", body=one_chunk() + SMUGGLED), 400)


@pytest.mark.parametrize("lines", [
    ("Content-Length: 5", "Content-Length: 5"), ("Content-Length: 5", "Content-Length: 6"), ("Content-Length: 5, 5",),
    ("Content-Length: 005",), ("Content-Length: +5",), ("Content-Length: -1",), ("Content-Length: 0x5",), ("Content-Length:",),
    ("Content-Length: 5 5",), ("Content-Length: 18446744073709551616",), ("Content-Length: 18446744073709551621",),
    ("Content-Length: 5;",), ("Content-Length: 5.0",), ("Content-Length: \xb25",),
])
def test_refuses_all_but_one_plain_length(sluice, upstream, lines):
    """H-06"""
    assert_refused(sluice, upstream, post(*lines, body=b"hello" + SMUGGLED), 400)


@pytest.mark.parametrize("line", ["Content-Length : 5", ": 5", "Content Length: 5", "X\x7f: y", "X(y): z", "NoColon", " Content-Length: 5", "X\xe9: y"])
def test_refuses_bad_header_names(sluice, upstream, line):
    """H-07"""
    assert_refused(sluice, upstream, post("Content-Length: 5", line, body=b"hello" + SMUGGLED), 400)


@pytest.mark.parametrize("lines", [
    ("Transfer-Encoding:\r\n chunked",), ("X: y\r\n Transfer-Encoding: chunked",), ("X: y\r\n\tz", "Content-Length: 5"),
])
def test_refuses_folded_lines(sluice, upstream, lines):
    """H-08"""
    assert_refused(sluice, upstream, post(*lines, body=b"hello" + SMUGGLED), 400)


@pytest.mark.parametrize("lines", [
    "X: y\nContent-Length: 5", "X: y\rContent-Length: 5", "X: y\0z", "X: y\x01z", "X: y\x7fz", "X: a\r\r\nY: b", "X: \x0b",
])
def test_refuses_bare_line_ends_and_control_bytes(sluice, upstream, lines):
    """H-09"""
    assert_refused(sluice, upstream, post("Content-Length: 5", lines, body=b"hello" + SMUGGLED), 400)


def test_refuses_a_head_whose_lines_end_with_line_feeds(sluice, upstream):
    """H-09"""
    payload = request("GET", "/v1/models").replace(b"\r\n", b"\n") + SMUGGLED
    assert_refused(sluice, upstream, payload, 400, 505)


@pytest.mark.parametrize("extension", [b';a="x\ny"', b';a="x\r\ny"', b';a="x\0y"', b";a=\x01", b"; a=b", b";", b";=b", b';a="b', b";a\x7f"])
def test_refuses_malformed_chunk_extensions(sluice, upstream, extension):
    """H-10"""
    body = b"%x%b\r\n%b\r\n0\r\n\r\n" % (len(CHAT), extension, CHAT)
    assert_refused(sluice, upstream, post(CHUNKED, body=body + SMUGGLED), 400)


@pytest.mark.parametrize("size", [b"0x1", b"+1", b" 1", b"1 ", b"0" * 17 + b"1", b"1" * 17, b"", b"g", b"-1", b"1\t", b"1,1"])
def test_refuses_malformed_chunk_sizes(sluice, upstream, size):
    """H-11"""
    assert_refused(sluice, upstream, post(CHUNKED, body=size + b"\r\nx\r\n0\r\n\r\n" + SMUGGLED), 400)


@pytest.mark.parametrize("body", [
    b"1\nx\r\n0\r\n\r\n", b"1\r\nxy\r\n0\r\n\r\n", b"1\r\nx\n0\r\n\r\n", b"1\r\nx0\r\n\r\n", b"1\rx\r\n0\r\n\r\n", b"1\r\nx\r\n0\r\n\n", b"1\r\nx\r\n0\n\n",
])
def test_refuses_chunks_without_their_line_ends(sluice, upstream, body):
    """H-11"""
    assert_refused(sluice, upstream, post(CHUNKED, body=body + SMUGGLED), 400)


@pytest.mark.parametrize("body", [
    b"1;" + b"a" * 1_000_000,
    b"".join(b"1;%b\r\nx\r\n" % (b"a" * 1000) for _ in range(50)),
], ids=["one line", "in all"])
def test_bounds_chunk_extensions(sluice, upstream, body):
    """H-12"""
    assert_refused(sluice, upstream, post(CHUNKED, body=body), 400)


@pytest.mark.parametrize("trailers", [b"X: y\r\n" * 200_000, b"X: " + b"y" * 1_000_000], ids=["many", "long"])
def test_bounds_trailers(sluice, upstream, trailers):
    """H-13"""
    assert_refused(sluice, upstream, post(CHUNKED, body=b"2\r\n{}\r\n0\r\n" + trailers), 400)


TRAILERS = b"Authorization: Bearer %b\r\nHost: evil.test\r\nConnection: close\r\nUpgrade: x\r\nX-Title: trailer\r\n\r\n" % KEY.encode()


def test_drops_trailers(sluice, upstream):
    """H-14"""
    body = one_chunk()[:-2] + TRAILERS

    with sluice.connect() as connection:
        connection.send(post(CHUNKED, body=body))
        first = connection.read_response()
        connection.send(request("GET", "/v1/models"))
        second = connection.read_response()

    assert (first.status, second.status) == (200, 200)
    sent = upstream.requests[0]
    assert sent.body == CHAT.replace(b"up/echo", b"echo")
    assert b"trailer" not in sent.raw_head and b"evil" not in sent.raw_head
    assert sent.header("content-length") == str(len(sent.body)) and sent.header("transfer-encoding") is None


def test_a_credential_in_a_trailer_is_none(sluice, upstream):
    """H-14"""
    payload = request("POST", "/v1/chat/completions", key=None, headers={"Transfer-Encoding": "chunked"})

    with sluice.connect() as connection:
        connection.offer(payload + one_chunk()[:-2] + TRAILERS)
        assert connection.read_response().status == 401

    assert_forwarded(sluice, upstream)


def test_refuses_a_body_that_ends_with_the_connection(sluice, upstream):
    """H-32"""
    assert_refused(sluice, upstream, post("Connection: close", body=CHAT), 400, 411)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_where_none_belongs_is_never_a_request(sluice, upstream, method, framing):
    """H-35"""
    line = f"Content-Length: {len(SMUGGLED)}" if framing == "length" else CHUNKED
    body = SMUGGLED if framing == "length" else one_chunk(SMUGGLED)
    head = f"{method} /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\n{line}\r\n\r\n".encode()

    with sluice.connect() as connection:
        connection.offer(head + body)
        first = connection.read_response(to=method)
        assert first.status in (200, 400, 405)
        if first.header("connection") == "close":
            connection.assert_closed()
        else:
            connection.send(request("GET", "/v1/models/nothing"))
            assert connection.read_response().status == 404

    assert_forwarded(sluice, upstream)


@pytest.mark.parametrize("path", ["/nowhere", "/v1/models", "/v1/embeddings"])
def test_an_early_answer_leaves_no_body_to_be_read_as_a_request(sluice, upstream, path):
    """H-30"""
    payload = request("POST", path, SMUGGLED, key=None, headers={"Content-Type": "application/json"})

    with sluice.connect() as connection:
        connection.offer(payload)
        first = connection.read_response()
        assert first.status in (401, 404, 405)
        if first.header("connection") == "close":
            connection.assert_closed()
        else:
            connection.send(request("GET", "/v1/models/nothing"))
            assert connection.read_response().status == 404

    assert_forwarded(sluice, upstream)


def test_a_length_that_lies_forwards_nothing(sluice, upstream):
    """H-22"""
    with sluice.connect() as connection:
        connection.send(post(f"Content-Length: {len(CHAT) + 1}", body=CHAT))
        connection.socket.shutdown(1)
        assert connection.read_to_end() == b""

    assert_forwarded(sluice, upstream)


def test_bytes_behind_a_body_are_the_next_request(sluice, upstream):
    """H-21"""
    bad = post(f"Content-Length: {len(CHAT)}", body=CHAT) + b"extra bytes\r\n\r\n"

    with sluice.connect() as connection:
        connection.send(bad + SMUGGLED)
        assert connection.read_response().status == 200
        refusal = connection.read_response()
        assert refusal.status in (400, 501)
        assert_openai_error(refusal)
        connection.assert_closed()

    assert_forwarded(sluice, upstream, "echo")
