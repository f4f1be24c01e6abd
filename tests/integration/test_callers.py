"""Callers in browsers, and callers behind proxies."""
import pytest

from support.client import chat

# ---- Browsers


@pytest.fixture(scope="module")
def browsed(start):
    return start({"server": {"cors": {"origins": ["https://app.example.com"]}}})


ASK = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}


def test_a_known_page_may_call(browsed):
    origin = {"Origin": "https://app.example.com"}
    preflight = browsed.ask("OPTIONS", "/v1/chat/completions", key=None, headers={**origin, **ASK})
    response = browsed.chat(chat("simulator/echo"), headers=origin)
    refused = browsed.chat(chat("simulator/echo"), headers=origin, key=None)

    assert preflight.status in (200, 204)
    assert preflight.header("access-control-allow-origin") == "https://app.example.com"
    assert "POST" in preflight.header("access-control-allow-methods")
    allowed = preflight.header("access-control-allow-headers").lower()
    assert "authorization" in allowed and "content-type" in allowed
    for one in (response, refused):
        assert one.header("access-control-allow-origin") == "https://app.example.com" and "origin" in one.header("vary").lower()
        assert one.header("access-control-allow-credentials") is None
    assert (response.status, refused.status) == (200, 401)


@pytest.mark.parametrize("origin", ["https://evil.test", "https://app.example.com.evil.test", "http://app.example.com", "null", "https://app.example.com:444"])
def test_an_unknown_page_may_not(browsed, origin):
    preflight = browsed.ask("OPTIONS", "/v1/chat/completions", key=None, headers={"Origin": origin, **ASK})
    response = browsed.chat(chat("simulator/echo"), headers={"Origin": origin})

    assert preflight.header("access-control-allow-origin") is None and preflight.status != 204
    assert response.header("access-control-allow-origin") is None


def test_without_cors_nobody_is_told_anything(sluice):
    response = sluice.chat(chat("simulator/echo"), headers={"Origin": "https://app.example.com"})

    assert not any(name.startswith("access-control-") for name in response.names())


# ---- Callers behind proxies


@pytest.fixture(scope="module")
def behind(start):
    return start({"server": {"trusted_proxies": ["127.0.0.0/8", "10.0.0.0/8"]}, "auth": {"ip": {"deny": ["203.0.113.0/24"]}}})


@pytest.mark.parametrize("forwarded,address", [
    ("198.51.100.7", "198.51.100.7"), ("1.1.1.1, 198.51.100.7", "198.51.100.7"), ("198.51.100.7, 10.1.2.3", "198.51.100.7"), ("203.0.113.5, 198.51.100.7", "198.51.100.7"),
    ("nonsense", "127.0.0.1"), ("", "127.0.0.1"), ("2001:db8::1", "2001:db8::1"),
])
def test_a_trusted_proxy_tells_who_calls(behind, forwarded, address):
    response = behind.ask("GET", "/v1/models", headers={"x-forwarded-for": forwarded})

    assert response.status == 200
    assert behind.access(response.header("x-request-id"))["client"] == address


@pytest.mark.parametrize("forwarded", ["203.0.113.5", "1.1.1.1, 203.0.113.5", "203.0.113.5, 10.0.0.1"])
def test_an_address_may_be_refused(behind, forwarded):
    response = behind.ask("GET", "/v1/models", headers={"x-forwarded-for": forwarded})

    assert response.status == 403 and response.error["code"] == "ip_not_allowed"


def test_who_is_not_trusted_tells_nothing(sluice):
    response = sluice.ask("GET", "/v1/models", headers={"x-forwarded-for": "198.51.100.7"})

    assert sluice.access(response.header("x-request-id"))["client"] == "127.0.0.1"
