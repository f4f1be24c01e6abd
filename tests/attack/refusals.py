"""What every refused request has in common."""
from support.client import chat, request

SMUGGLED = request("POST", "/v1/chat/completions", chat("up/smuggled"))


def post(*lines, body=b"", version="HTTP/1.1", path="/v1/chat/completions", host="Host: sluice.test"):
    """A POST with exactly these header lines beside Host and the key."""
    from support.client import KEY
    first = [f"POST {path} {version}", host, f"Authorization: Bearer {KEY}", "Content-Type: application/json"]
    return "\r\n".join([one for one in first if one] + list(lines)).encode("latin-1") + b"\r\n\r\n" + body


def assert_openai_error(response):
    assert response.header("content-type") == "application/json", response
    error = response.error
    assert error["message"] and error["type"] and "param" in error and error["code"], response


def assert_forwarded(sluice, upstream, *models):
    """The upstream has seen these requests and no other. One that is known to arrive goes behind them."""
    assert sluice.chat(chat("up/barrier")).status == 200
    assert [one.json()["model"] for one in upstream.requests] == [*models, "barrier"]


def assert_refused(sluice, upstream, payload, *statuses):
    """One JSON error, a closed connection, nothing forwarded; what follows the request is never executed."""
    with sluice.connect() as connection:
        connection.offer(payload)
        response = connection.read_response()
        assert response.status in statuses, (payload[:200], response)
        assert response.header("connection") == "close"
        assert_openai_error(response)
        connection.assert_closed()
    assert_forwarded(sluice, upstream)
