"""Heads of requests that are not what HTTP/1.1 allows, or more than we allow."""
import socket
import ssl

import pytest
from refusals import SMUGGLED, assert_forwarded, assert_openai_error, assert_refused, post

from support.client import KEY, Connection, chat, request

TARGETS = "GET {} HTTP/1.1\r\nHost: sluice.test\r\nAuthorization: Bearer " + KEY + "\r\n\r\n"


@pytest.mark.parametrize("hosts", [
    (), ("Host: a", "Host: a"), ("Host: a", "Host: b"), ("Host: a b",), ("Host: a/?",), ("Host: a/#",), ("Host: u@b",), ("Host: a,b",),
    ("Host: a:b",), ("Host: a\\b",), ("Host: <a>",), ("Host: a:80:80",), ("Host: [::1",), ("Host: a\xe9",),
], ids=str)
def test_refuses_a_host_that_is_not_one(sluice, upstream, hosts):
    """H-15, S-10"""
    lines = "\r\n".join(["GET /v1/models HTTP/1.1", *hosts, f"Authorization: Bearer {KEY}"])
    assert_refused(sluice, upstream, lines.encode("latin-1") + b"\r\n\r\n" + SMUGGLED, 400)


@pytest.mark.parametrize("host", ["a", "a:80", "127.0.0.1:8080", "[::1]:8080", "admin", "sluice.test."])
def test_no_host_decides_who_may_ask(sluice, upstream, host):
    """S-10"""
    assert sluice.ask("GET", "/v1/models", host=host, key=None).status == 401
    assert sluice.ask("GET", "/v1/models", host=host).status == 200


@pytest.mark.parametrize("target", [
    "http://sluice.test/v1/models", "http://evil.test/v1/models", "sluice.test:80", "*", "admin", "v1/models", "?x", "#", "/v1/models#x",
    "/v1/\xe9", "/v1/models\x7f", "",
])
def test_refuses_all_but_paths(sluice, upstream, target):
    """H-16"""
    assert_refused(sluice, upstream, TARGETS.format(target).encode("latin-1") + SMUGGLED, 400)


@pytest.mark.parametrize("target", ["sluice.test:443", "/v1/models", "http://evil.test/"])
def test_never_connects(sluice, upstream, target):
    """H-16"""
    payload = f"CONNECT {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode() + SMUGGLED
    assert_refused(sluice, upstream, payload, 405)


@pytest.mark.parametrize("method", ["A" * 300, "get", "Post", "FOO", "TRACE", "TRACK", "G\x01ET", "G(T", ""])
def test_refuses_unknown_methods(sluice, upstream, method):
    """H-17"""
    payload = f"{method} /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode("latin-1")
    assert_refused(sluice, upstream, payload + SMUGGLED, 400, 405, 501)


@pytest.mark.parametrize("line", [
    b"GET /v1/models\r\n", b"GET /v1/models HTTP/0.9\r\n", b"GET /v1/models HTTP/1.2\r\n", b"GET /v1/models HTTP/9.9\r\n",
    b"GET /v1/models HTTP/2.0\r\n", b"GET /v1/models http/1.1\r\n", b"GET /v1/models HTTP/1.1 \r\n", b"GET  /v1/models HTTP/1.1\r\n",
    b"GET /v1/models  HTTP/1.1\r\n", b"GET\t/v1/models HTTP/1.1\r\n", b"GET /v1/models HTTP/1,1\r\n", b"GET /v1/models HTTP/11\r\n",
    b" GET /v1/models HTTP/1.1\r\n", b"\n\nGET /v1/models HTTP/1.1\r\n",
])
def test_refuses_other_versions_and_crooked_first_lines(sluice, upstream, line):
    """H-18"""
    payload = line + b"Host: a\r\nAuthorization: Bearer %b\r\n\r\n" % KEY.encode() + SMUGGLED
    assert_refused(sluice, upstream, payload, 400, 505)


def test_refuses_http2_on_a_plain_port(sluice, upstream):
    """H-18"""
    assert_refused(sluice, upstream, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0" + SMUGGLED, 505)


def test_refuses_tls_on_a_plain_port(sluice, upstream):
    """H-18"""
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="sluice.test").do_handshake()
    assert_refused(sluice, upstream, outgoing.read(), 400)


def padded(*lines):
    return request("GET", "/v1/models")[:-2] + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def test_takes_heads_up_to_the_limits(sluice, upstream):
    """H-19"""
    with sluice.connect() as connection:
        for payload in (padded(*(f"x-{i}: y" for i in range(98))), padded(*(f"x-{i}: " + "y" * 15_000 for i in range(4)))):
            assert connection.send(payload).read_response().status == 200


@pytest.mark.parametrize("lines", [
    [f"x-{i}: y" for i in range(99)], [f"x-{i}: y" for i in range(2000)], [f"x-{i}: " + "y" * 15_000 for i in range(5)], ["x: " + "y" * 70_000],
    ["x" * 70_000 + ": y"],
], ids=["count", "flood", "sum", "value", "name"])
def test_refuses_heads_over_the_limits(sluice, upstream, lines):
    """H-19"""
    assert_refused(sluice, upstream, padded(*lines), 431)


def test_refuses_a_target_over_the_limit(sluice, upstream):
    """H-19"""
    assert_refused(sluice, upstream, request("GET", "/v1/models?" + "x" * 60_000), 414, 431)


@pytest.mark.parametrize("name", ["Transfer_Encoding", "X_Api_Key", "Content_Length", "x_sluice_provider"])
def test_refuses_underscores_that_others_read_as_hyphens(sluice, upstream, name):
    """H-33"""
    assert_refused(sluice, upstream, post("Content-Length: 2", f"{name}: chunked", body=b"{}" + SMUGGLED), 400)


@pytest.mark.parametrize("path", [
    "//v1/models", "/v1//models", "/v1/./models", "/v1/../v1/models", "/v1/%2e%2e/models", "/v1/%6dodels", "/v1/models%00", "/v1/models;x", "/v1/models/",
    "/v1/%252e/models", "/./v1/models", "/V1/models", "/v1/chat/../models", "/v1\\models", "//\\", "/readyz/", "/providers", "/providers/", "/providers//v1/models",
    "/providers/../v1/models", "/providers/%2e%2e/v1/models", "/v1/models/%2e%2e", "/v1/models/a/../b", "/v1/models/a%2f%2e%2e", "/v1/models//a", "/v1/models/a//b",
    "/v1/models/a%00", "/v1/models/a%0d%0ax", "/v1/models/a%23", "/v1/models/a%3f", "/v1/models/%", "/v1/models/%zz", "/v1/models/%2", "/v1/models/a%252fb",
    "/v1/models/a%40b%20c", "/openai/deployments/../chat/completions", "/openai/openai/v1/models", "/metrics", "/admin/v1/config", "/openapi.json", "/console/",
])
def test_only_exact_paths_are_found(sluice, upstream, path):
    """H-34, S-03, S-11"""
    response = sluice.ask("GET", path)

    assert response.status == 404 and not response.header("location")
    assert_openai_error(response)


@pytest.mark.parametrize("path", ["/v1/models/nothing%2fhere", "/v1/models/a:b@c-d_e.f"])
def test_a_name_in_a_path_is_decoded_once(sluice, upstream, path):
    """H-34"""
    response = sluice.ask("GET", path)

    assert response.status == 404 and response.error["code"] == "model_not_found"
    assert path.removeprefix("/v1/models/").replace("%2f", "/") in response.error["message"]


def test_answers_pipelined_requests_in_order(sluice, upstream):
    """H-21"""
    with sluice.connect() as connection:
        connection.send(b"".join(request("GET", "/v1/models", headers={"x-request-id": f"r{i}"}) for i in range(100)))
        ids = [connection.read_response().header("x-request-id") for _ in range(100)]

    assert ids == [f"r{i}" for i in range(100)]


def test_a_refusal_between_pipelined_requests_ends_the_connection(sluice, upstream):
    """H-21"""
    with sluice.connect() as connection:
        connection.offer(request("GET", "/v1/models") + b"GET /v1/models HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n" + SMUGGLED)
        assert connection.read_response().status == 200
        assert connection.read_response().status == 400
        connection.assert_closed()

    assert_forwarded(sluice, upstream)


def test_a_refusal_of_meaning_keeps_the_connection(sluice, upstream):
    """H-21"""
    with sluice.connect() as connection:
        for payload, status in [(request("GET", "/nowhere"), 404), (request("GET", "/v1/models", key="sk-wrong"), 401),
                                (request("PUT", "/v1/chat/completions", {}), 405), (request("GET", "/v1/models"), 200)]:
            assert connection.send(payload).read_response().status == status


def test_a_credential_is_judged_for_each_request_of_a_connection(sluice, upstream):
    """S-10"""
    with sluice.connect() as connection:
        statuses = [connection.send(request("GET", "/v1/models", key=key)).read_response().status
                    for key in (KEY, None, KEY, "sk-wrong", None)]

    assert statuses == [200, 401, 200, 401, 401]


@pytest.mark.parametrize("nominated", ["close, authorization", "x-api-key", "authorization", "content-length", "host, transfer-encoding"])
def test_nothing_of_ours_can_be_nominated_away(sluice, upstream, nominated):
    """H-26"""
    response = sluice.chat(chat("up/echo"), headers={"Connection": nominated})

    assert response.status in (200, 400)
    if response.status == 200:
        assert upstream.requests[0].json()["model"] == "echo"
        assert upstream.requests[0].header("authorization")


def test_what_a_caller_nominates_stays_here(sluice, upstream):
    """H-26"""
    headers = {"Connection": "x-title, keep-alive", "X-Title": "secret", "Keep-Alive": "timeout=5", "TE": "trailers", "Upgrade": "h2c",
               "Proxy-Connection": "keep-alive", "HTTP2-Settings": "AAMAAABkAAQAAP__", "Proxy-Authorization": "Basic x"}

    assert sluice.chat(chat("up/echo"), headers=headers).status == 200

    sent = {name for name, _ in upstream.requests[0].fields}
    assert not sent & {"connection", "x-title", "keep-alive", "te", "upgrade", "proxy-connection", "http2-settings", "proxy-authorization"}


@pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.0"])
def test_an_upgrade_is_no_tunnel(sluice, upstream, protocol):
    """H-31"""
    headers = {"Connection": "Upgrade", "Upgrade": protocol, "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

    response = sluice.ask("GET", "/v1/models", headers=headers)

    assert response.status == 200 and response.header("upgrade") is None


def test_takes_bodies_only_as_they_are(sluice, upstream):
    """H-24"""
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, identity"):
        response = sluice.chat(b"\x1f\x8b" + b"\0" * 64, headers={"Content-Encoding": encoding})
        assert response.status == 415 and response.error["code"] == "unsupported_media_type"
    assert_forwarded(sluice, upstream)
    assert sluice.chat(chat("up/echo"), headers={"Content-Encoding": "identity"}).status == 200


def test_two_sockets_are_two_callers(sluice, upstream):
    """A head in pieces on one connection does not disturb another."""
    payload = request("GET", "/v1/models")
    with Connection(sluice.address) as slow:
        for byte in payload[:-1]:
            slow.send(bytes([byte]))
        assert sluice.ask("GET", "/v1/models").status == 200
        assert slow.send(payload[-1:]).read_response().status == 200


def test_a_connection_that_says_nothing_is_nobodys(sluice, upstream):
    for ending in ("close", "reset"):
        connection = sluice.connect()
        getattr(connection, ending)()
    half = sluice.connect()
    half.socket.shutdown(socket.SHUT_WR)
    assert half.read_to_end() == b""
