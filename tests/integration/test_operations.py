"""What operators see: metrics, the access log, the admin API; and raw paths."""
import json
import re
import shutil
import subprocess

import pytest

from support.client import Connection, chat, request
from support.sluice import UPSTREAM_KEY
from support.upstream import STREAM, Cut, answer, head, in_chunks, stream
from support.wait import eventually


def test_metrics_are_well_formed(sluice, upstream):
    upstream.then(stream(STREAM))
    sluice.chat(chat("up/x", stream=True))
    sluice.chat(chat("nothing"))
    response = sluice.get_admin("/metrics")

    assert response.status == 200 and response.header("content-type").startswith("text/plain; version=0.0.4")
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    done = subprocess.run(["promtool", "check", "metrics"], input=response.body, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()


@pytest.mark.parametrize("name", [
    "sluice_requests_total", "sluice_request_duration_seconds", "sluice_overhead_seconds", "sluice_time_to_first_token_seconds",
    "sluice_time_per_output_token_seconds", "sluice_tokens_total", "sluice_requests_in_flight", "sluice_streams_open", "sluice_upstream_attempts_total",
    "sluice_upstream_connections", "sluice_rejected_total", "sluice_config_reloads_total", "sluice_log_lines_dropped_total", "sluice_build_info",
    "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds",
    "gen_ai_client_token_usage", "gen_ai_server_request_duration_seconds", "gen_ai_server_time_to_first_token_seconds",
    "gen_ai_server_time_per_output_token_seconds",
])
def test_every_promised_metric_is_there(sluice, upstream, name):
    upstream.then(stream(STREAM))
    sluice.chat(chat("up/x", stream=True))
    sluice.chat(chat("nothing"))

    def there():
        return re.search(rf"^# TYPE {name} ", sluice.get_admin("/metrics").body.decode(), re.MULTILINE)
    eventually(there, what=name, patience=3)


def test_requests_are_counted_once(sluice, upstream):
    labels = {"surface": "openai", "provider": "up", "code": "200"}

    def counted():
        return sluice.metric("sluice_requests_total", **labels), sluice.metric("sluice_tokens_total", provider="up", kind="output")
    requests, tokens = counted()
    upstream.always(stream(STREAM))
    for _ in range(5):
        sluice.chat(chat("up/counted", stream=True))

    eventually(lambda: counted() == (requests + 5, tokens + 10), what="five requests of two tokens")
    eventually(lambda: sluice.metric("sluice_requests_in_flight") == 0 and sluice.metric("sluice_streams_open") == 0, what="nothing in flight")


def test_callers_cannot_invent_labels(sluice):
    for number in range(20):
        sluice.chat(chat(f"invented-{number}"))
        sluice.ask("GET", f"/invented-{number}")

    text = sluice.get_admin("/metrics").body.decode()
    assert "invented" not in text and 'model="other"' in text


def test_the_access_log_tells_all_of_a_request(sluice, upstream):
    upstream.then(stream(STREAM))
    body = chat("up/gpt", stream=True, user="ann")
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    response = sluice.chat(body, headers={"traceparent": trace}, path="/v1/chat/completions?x=secret")

    line = sluice.access(response.header("x-request-id"))

    assert {key: line[key] for key in ("level", "surface", "method", "path", "asked", "model", "provider", "key", "user", "status", "stream", "usage", "client")} == {
        "level": "info", "surface": "openai", "method": "POST", "path": "/v1/chat/completions", "asked": "up/gpt", "model": "gpt", "provider": "up", "key": "tester",
        "user": "ann", "status": 200, "stream": True, "usage": "exact", "client": "127.0.0.1"}
    assert line["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert line["operation"].startswith("chat")
    assert (line["tokens"]["input"], line["tokens"]["output"]) == (3, 2)
    assert [(one["provider"], one["model"], one["status"]) for one in line["attempts"]] == [("up", "gpt", 200)]
    assert line["ms"]["total"] >= line["ms"]["ttft"] > 0 and line["ms"]["gateway"] >= 0
    assert line["bytes"]["in"] == len(json.dumps(body)) and line["bytes"]["out"] == len(response.body)
    assert "secret" not in json.dumps(line)


@pytest.mark.parametrize("payload,status,error", [
    (lambda: request("POST", "/v1/chat/completions", chat("simulator/echo"), key="sk-wrong"), 401, "invalid_api_key"),
    (lambda: request("POST", "/v1/chat/completions", chat("nothing")), 404, "model_not_found"),
    (lambda: request("POST", "/v1/chat/completions", b"{"), 400, "invalid_json"),
    (lambda: request("POST", "/v1/chat/completions", chat("simulator/echo+error=500")), 502, "upstream_error"),
    (lambda: request("GET", "/nowhere"), 404, "not_found"),
])
def test_a_refused_request_is_told_too(sluice, payload, status, error):
    with sluice.connect() as connection:
        response = connection.send(payload()).read_response()

    line = sluice.access(response.header("x-request-id"))

    assert line["status"] == status == response.status and line["error"] == error
    assert line["level"] == ("warning" if status >= 500 else "info")
    assert "sk-wrong" not in json.dumps(line)


def test_a_broken_stream_is_told(sluice, upstream):
    upstream.then(head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked") + in_chunks(STREAM[:-40]), Cut())

    line = sluice.access(sluice.chat(chat("up/x", stream=True)).header("x-request-id"))

    assert line["status"] == 200 and line["error"] == "upstream_bad_response"


def test_the_admin_port_answers(sluice):
    for path in ("/livez", "/healthz", "/readyz"):
        assert sluice.get_admin(path).status == 200
    assert sluice.get_admin("/nothing").status == 404
    for path in ("/admin/v1/providers", "/admin/v1/config", "/admin/v1/explain?model=up/x", "/openapi.json"):
        response = sluice.get_admin(path)
        assert response.status == 200 and response.header("content-type").startswith("application/json"), path
        response.json()
    providers = json.dumps(sluice.get_admin("/admin/v1/providers").json())
    assert "up" in providers and "simulator" in providers and UPSTREAM_KEY not in providers


def test_the_admin_port_checks_a_configuration(sluice):
    def check(text):
        with Connection(sluice.admin) as connection:
            return connection.send(request("POST", "/admin/v1/config/check", text.encode(), key=None, host="localhost")).read_response()

    assert check("providers: { simulator: { type: simulator } }\nauth: { required: false }\n").status == 200
    bad = check("provider: {}\n")
    assert 400 <= bad.status < 500 and b"providers" in bad.body


def test_the_admin_port_survives_strangers(sluice):
    for payload in (b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                    b"GET /" + b"x" * 200_000, b"POST /admin/v1/config/check HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n"):
        with Connection(sluice.admin) as connection:
            connection.offer(payload)
            connection.socket.shutdown(1) if payload[:1] == b"\0" else None
            assert b" 200 " not in connection.read_to_end()[:20]
    assert sluice.get_admin("/livez").status == 200


def test_a_page_of_another_site_cannot_ask_the_admin_port(sluice):
    """A browser on the operator's machine reaches loopback; its requests carry an Origin or a foreign Host."""
    response = sluice.get_admin("/admin/v1/config", headers={"Origin": "https://evil.test"})
    rebound = sluice.get_admin("/admin/v1/config", host="evil.test")

    assert response.header("access-control-allow-origin") is None
    assert rebound.status != 200


# ---- Raw paths


def test_a_raw_path_goes_as_it_came(sluice, upstream):
    upstream.then(answer(b"raw\0answer", status=201, content_type="application/x-own"))
    body = bytes(range(256)) * 100

    response = sluice.ask("PUT", "/providers/up/own/api%20x;y?a=b%2F&c=d+e", body, headers={"Content-Type": "application/x-own", "X-Own": "no"})

    sent = upstream.requests[0]
    assert (response.status, response.body, response.header("content-type")) == (201, b"raw\0answer", "application/x-own")
    assert (sent.method, sent.path, sent.body) == ("PUT", "/v1/own/api%20x;y?a=b%2F&c=d+e", body)
    assert sent.header("authorization") == f"Bearer {UPSTREAM_KEY}" and sent.header("content-type") == "application/x-own"
    assert sent.header("x-own") is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PATCH", "POST"])
def test_a_raw_path_takes_every_method(sluice, upstream, method):
    response = sluice.ask(method, "/providers/up/files/1", b"{}" if method in ("PATCH", "POST") else None)

    assert response.status == 200 and upstream.requests[0].method == method


def test_a_raw_error_passes(sluice, upstream):
    upstream.then(answer(b'{"no":1}', status=418))

    response = sluice.ask("GET", "/providers/up/teapot")

    assert response.status in (418, 502)


def test_a_raw_path_needs_permission(start, module_upstream, upstream):
    sluice = start({"auth": {"keys": [{"name": "plain", "secret": "sk-plain"}]}}, upstream=module_upstream)

    refused = sluice.ask("GET", "/providers/up/files", key="sk-plain")
    read = sluice.ask("POST", "/providers/up/chat/completions", chat("gpt"), key="sk-plain")

    assert refused.status == 403 and refused.error["code"] == "operation_not_allowed"
    assert read.status == 200
    assert [one.path for one in upstream.requests] == ["/v1/chat/completions"]
    assert sluice.access(read.header("x-request-id"))["model"] == "gpt"


def test_a_large_raw_body_streams_both_ways(sluice, upstream):
    upstream.then(head(200, "Content-Type: application/octet-stream", "Transfer-Encoding: chunked") + in_chunks(*[b"y" * 65536] * 64) + b"0\r\n\r\n")
    body = b"x" * (4 << 20)

    response = sluice.ask("POST", "/providers/up/files", body)

    assert response.status == 200 and response.body == b"y" * (4 << 20)
    assert upstream.requests[0].body == body


def test_a_chunked_raw_body_streams(sluice, upstream):
    payload = request("POST", "/providers/up/files", headers={"Transfer-Encoding": "chunked"}) + in_chunks(b"abc", b"defg") + b"0\r\n\r\n"

    with sluice.connect() as connection:
        assert connection.send(payload).read_response().status == 200

    assert upstream.requests[0].body == b"abcdefg"


def test_a_raw_path_alone_asks_nobody(sluice, upstream):
    for path in ("/providers/up", "/providers/nobody/x"):
        assert sluice.ask("GET", path).status == 404
    assert upstream.requests == []
