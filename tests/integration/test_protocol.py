"""Plain HTTP, as clients of all ages speak it."""
import json

import pytest

from support.client import KEY, chat, request


def old(method, path, *lines, body=b""):
    return "\r\n".join([f"{method} {path} HTTP/1.0", f"Authorization: Bearer {KEY}", *lines]).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("streamed", [False, True])
def test_http_1_0_gets_its_answer_and_the_end_of_the_connection(sluice, streamed):
    body = json.dumps(chat("simulator/echo", "Hi there", stream=streamed)).encode()
    with sluice.connect() as connection:
        connection.send(old("POST", "/v1/chat/completions", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: keep-alive", body=body))
        response = connection.read_response()
        assert response.status == 200 and response.header("transfer-encoding") is None
        assert response.header("connection") == "close"
        connection.assert_closed()

    assert response.body.endswith(b"data: [DONE]\n\n") if streamed else response.json()["choices"][0]["message"]["content"] == "Hi there"


def test_http_1_0_needs_no_host(sluice):
    with sluice.connect() as connection:
        assert connection.send(old("GET", "/livez")).read_response().status == 200


def test_a_head_is_an_answer_without_its_body(sluice):
    with sluice.connect() as connection:
        whole = connection.send(request("GET", "/v1/models")).read_response()
        head = connection.send(request("HEAD", "/v1/models")).read_response(to="HEAD")
        missing = connection.send(request("HEAD", "/nowhere")).read_response(to="HEAD")
        again = connection.send(request("GET", "/v1/models")).read_response()

    assert head.status == 200 and head.header("content-length") == str(len(whole.body))
    assert missing.status == 404 and again.body == whole.body


def test_close_means_close(sluice):
    with sluice.connect() as connection:
        response = connection.send(request("GET", "/v1/models", headers={"Connection": "close"})).read_response()
        assert response.header("connection") == "close"
        connection.assert_closed()


def test_a_request_may_come_in_single_bytes(sluice):
    payload = request("POST", "/v1/chat/completions", chat("simulator/echo", "byte by byte"))
    with sluice.connect() as connection:
        for at in range(len(payload)):
            connection.send(payload[at:at + 1])
        assert connection.read_response().json()["choices"][0]["message"]["content"] == "byte by byte"


def test_a_chunked_request_may_come_in_single_bytes(sluice, upstream):
    body = json.dumps(chat("up/x")).encode()
    payload = request("POST", "/v1/chat/completions", headers={"Transfer-Encoding": "Chunked", "Content-Type": "application/json"})
    payload += b"".join(b"1;a=b\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    with sluice.connect() as connection:
        for at in range(0, len(payload), 7):
            connection.send(payload[at:at + 7])
        assert connection.read_response().status == 200
    assert upstream.requests[-1].json()["model"] == "x"


def test_a_large_body_passes_both_ways(sluice):
    text = "a" * (8 << 20)

    response = sluice.chat(chat("simulator/echo", text))

    assert response.status == 200 and response.json()["choices"][0]["message"]["content"] == text


def test_one_connection_serves_many_kinds_of_requests(sluice, upstream):
    from support.upstream import STREAM, stream
    with sluice.connect() as connection:
        for round_number in range(20):
            upstream.then(stream(STREAM))
            assert connection.send(request("POST", "/v1/chat/completions", chat("up/x", stream=True))).read_response().events()[-1] == "[DONE]"
            assert connection.send(request("POST", "/v1/chat/completions", chat("up/x"))).read_response().status == 200
            assert connection.send(request("GET", "/nowhere")).read_response().status == 404
            assert connection.send(request("POST", "/v1/chat/completions", chat("simulator/echo+error=429"))).read_response().status == 429
