"""What providers do when they fail, and what callers see of it."""
import json
import os
import socket
import threading

import pytest

from support.certificates import Authority
from support.client import chat, is_error
from support.places import BlackHole, free_port
from support.upstream import (DONE, FINISH, HELLO, LAST_CHUNK, ROLE, STREAM, STREAM_HEAD, USAGE_CHUNK, Cut, Reset, Stall, Upstream, Wait, answer, chunk,
                              completion, frame, head, in_chunks, stream)
from support.wait import eventually

BODY = json.dumps(completion()).encode()


@pytest.fixture(scope="module")
def hasty(start, module_upstream):
    """One with little patience."""
    return start({"providers": {"up": {"timeouts": {"first_token": "300ms", "between_tokens": "300ms"}},
                                "refused": {"type": "openai-compatible", "base_url": f"http://127.0.0.1:{free_port()}/v1", "keys": []},
                                "nowhere": {"type": "openai-compatible", "base_url": "http://name.invalid/v1", "keys": []}}}, upstream=module_upstream)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("provider", ["refused", "nowhere"])
def test_a_provider_that_is_not_there(hasty, provider, streamed):
    """F-01, F-03"""
    response = hasty.chat(chat(f"{provider}/x", stream=streamed))

    assert response.status in (502, 503) and response.error["code"] == "upstream_error"
    line = hasty.access(response.header("x-request-id"))
    assert line["attempts"][0]["provider"] == provider and "status" not in line["attempts"][0]


@pytest.fixture
def blackhole():
    hole = BlackHole()
    yield hole.port
    hole.stop()


def test_a_connection_that_never_stands(start, blackhole):
    """F-02"""
    sluice = start({"providers": {"hole": {"type": "openai-compatible", "base_url": f"http://127.0.0.1:{blackhole}/v1", "keys": [], "timeouts": {"connect": "300ms"}}}})

    response = sluice.chat(chat("hole/x"))

    assert response.status == 504 and response.error["code"] == "upstream_timeout" and "connect" in response.error["message"]


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours")), Authority(tmp_path_factory.mktemp("theirs"), "somebody else")


@pytest.mark.parametrize("kind", ["expired", "wrong host", "unknown authority", "self-signed", "good", "good by name", "unverified"])
def test_only_a_good_certificate_will_do(start, authorities, kind):
    """F-04"""
    ours, theirs = authorities
    made = {"expired": lambda: ours.sign("expired", days=-1), "wrong host": lambda: ours.sign("elsewhere", "DNS:elsewhere.test"),
            "unknown authority": lambda: theirs.sign("unknown"), "self-signed": lambda: (theirs.certificate, theirs.key), "good": lambda: ours.sign("good"),
            "good by name": lambda: ours.sign("named", "DNS:api.test"), "unverified": lambda: theirs.sign("unverified")}[kind]()
    provider = Upstream(made)
    tls = {"ca": str(ours.certificate)}
    if kind == "good by name":
        tls["server_name"] = "api.test"
    if kind == "unverified":
        tls["verify"] = False
    sluice = start({"providers": {"up": {"tls": tls}}}, upstream=provider)

    response = sluice.chat(chat("up/x"))

    if kind.startswith("good") or kind == "unverified":
        assert response.status == 200
    else:
        assert response.status == 502 and response.error["code"] in ("upstream_error", "upstream_bad_response")
        assert provider.requests == []
    provider.stop()


@pytest.fixture
def plain_only():
    """A server that answers whatever it reads, as one that speaks plain HTTP does."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve():
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                seen.append(peer.recv(65536))
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], seen
    listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    listener.close()


def test_a_provider_that_speaks_no_tls(start, plain_only):
    """F-04: never in plain text instead"""
    port, seen = plain_only
    sluice = start({"providers": {"up": {"type": "openai-compatible", "base_url": f"https://127.0.0.1:{port}/v1", "keys": ["sk-never-in-plain"]}}})

    assert sluice.chat(chat("up/x")).status == 502
    assert all(b"sk-never-in-plain" not in data for data in seen)


def test_a_kept_connection_that_died_is_replaced_unseen(sluice, upstream):
    """F-05"""
    for _ in range(5):
        assert sluice.chat(chat("up/x")).status == 200
        upstream.drop_connections()

    assert len({one.connection for one in upstream.requests}) == 5


@pytest.mark.parametrize("end", [Cut, Reset])
def test_a_kept_connection_that_dies_of_the_request_is_tried_once_more(sluice, upstream, end):
    """F-05"""
    assert sluice.chat(chat("up/x")).status == 200
    upstream.then(end()).then(answer(completion("again")))

    response = sluice.chat(chat("up/x"))

    assert response.status == 200 and response.json()["choices"][0]["message"]["content"] == "again"
    assert len(upstream.requests) == 3


@pytest.mark.parametrize("end", [Cut, Reset])
def test_a_new_connection_that_dies_is_not_tried_again(start, module_upstream, upstream, end):
    """F-05: nobody knows whether the request was carried out."""
    sluice = start(upstream=module_upstream)
    upstream.then(end())

    response = sluice.chat(chat("up/x"))

    assert response.status == 502 and len(upstream.requests) == 1


EVENTS = [ROLE, HELLO, frame(chunk({"content": " you"})), FINISH, USAGE_CHUNK, DONE]


@pytest.mark.parametrize("end", [Cut, Reset])
@pytest.mark.parametrize("count", range(len(EVENTS)))
@pytest.mark.parametrize("bytes_more", [0, 9])
def test_a_stream_that_breaks_ends_honestly(sluice, upstream, end, count, bytes_more):
    """F-06: at every event, and within each"""
    sent = b"".join(EVENTS[:count]) + EVENTS[count][:bytes_more]
    upstream.then(*([STREAM_HEAD + in_chunks(sent)] if sent else [STREAM_HEAD]), end())

    response = sluice.chat(chat("up/x", stream=True, stream_options={"include_usage": True}))

    if count < 2:
        assert response.status == 502
        return
    events = response.events()
    finished = count > 3  # The provider has said why it stopped; what is missing is only the formal end.
    assert response.status == 200 and "[DONE]" not in events
    passed = [event for event in events if not is_error(event)]
    assert "".join(f"data: {event}\n\n" for event in passed).encode() == b"".join(EVENTS[:count])
    assert finished or is_error(events[-1])
    line = sluice.access(response.header("x-request-id"))
    assert line["usage"] == ("exact" if count > 4 else "estimated")


@pytest.mark.parametrize("script", [
    [head(200, "Content-Type: application/json", f"Content-Length: {len(BODY)}") + BODY[:-1], Cut()],
    [head(200, "Content-Type: application/json", f"Content-Length: {len(BODY)}") + BODY[:20], Reset()],
    [head(200, "Content-Type: application/json", f"Content-Length: {len(BODY)}"), Cut()],
    [head(200, "Content-Type: application/json", "Transfer-Encoding: chunked") + in_chunks(BODY), Cut()],
    [head(200, "Content-Type: application/json", "Transfer-Encoding: chunked") + in_chunks(BODY)[:-7], Cut()],
    [head(200, "Content-Type: application/json") + BODY[:-1], Cut()],
    [b"HTTP/1.1 200", Cut()], [b"HTTP/1.1 200 OK\r\nContent-Le", Reset()],
], ids=["one byte short", "reset", "no body", "no last chunk", "within a chunk", "until close", "within the status", "within a header"])
def test_half_an_answer_is_none(sluice, upstream, script):
    """F-07"""
    upstream.then(*script)

    response = sluice.chat(chat("up/x"))

    assert response.status == 502 and response.error["code"] in ("upstream_bad_response", "upstream_error")


def test_an_answer_may_end_with_its_connection(sluice, upstream):
    """F-07"""
    upstream.then(head(200, "Content-Type: application/json") + BODY, Cut())

    assert sluice.chat(chat("up/x")).body == BODY


@pytest.mark.parametrize("body,content_type", [
    (b"<html>Welcome</html>", "text/html"), (b"<html>Welcome</html>", "application/json"), (b"", "application/json"), (b"null", "application/json"), (b"[]", "application/json"),
    (b"\xff\xfe", "application/json"), (BODY + b"x", "application/json"), (BODY[:-1], "application/json"), (BODY, "text/plain"), (b"OK", "text/plain"),
], ids=str)
@pytest.mark.parametrize("streamed", [False, True])
def test_an_answer_that_is_something_else_is_a_502(sluice, upstream, body, content_type, streamed):
    """F-08"""
    upstream.then(answer(body, content_type=content_type))

    response = sluice.chat(chat("up/x", stream=streamed))

    assert response.status == 502 and response.error["code"] == "upstream_bad_response"
    assert b"Welcome" not in response.body


@pytest.mark.parametrize("script,which", [
    ([Stall()], "first_token"), ([STREAM_HEAD, Stall()], "first_token"), ([STREAM_HEAD + in_chunks(ROLE), Stall()], "first_token"),
    ([b"HTTP/1.1 200 OK\r\nContent-", Stall()], "first_token"),
], ids=["silence", "head", "role", "half a head"])
def test_a_stream_that_does_not_begin(hasty, upstream, script, which):
    """F-09"""
    upstream.then(*script)

    response = hasty.chat(chat("up/x", stream=True))

    assert response.status == 504 and response.error["code"] == "upstream_timeout" and which in response.error["message"]


def test_a_stream_that_stalls(hasty, upstream):
    """F-09"""
    upstream.then(STREAM_HEAD + in_chunks(ROLE + HELLO), Stall())

    events = hasty.chat(chat("up/x", stream=True)).events()

    assert len(events) == 3 and is_error(events[-1]) and "between_tokens" in json.loads(events[-1])["error"]["message"]


@pytest.mark.parametrize("script", [[Stall()], [head(200, "Content-Type: application/json", f"Content-Length: {len(BODY)}") + BODY[:9], Stall()]], ids=["silence", "half"])
def test_an_answer_that_stalls(start, module_upstream, upstream, script):
    """F-09"""
    sluice = start({"providers": {"up": {"timeouts": {"total": "300ms"}}}}, upstream=module_upstream)
    upstream.then(*script)

    response = sluice.chat(chat("up/x"))

    assert response.status == 504 and response.error["code"] == "upstream_timeout"


def test_a_slow_provider_is_not_a_dead_one(hasty, upstream):
    """F-09: patience counts from one event to the next."""
    gates = [threading.Event() for _ in range(4)]
    script = [STREAM_HEAD + in_chunks(HELLO)]
    for gate in gates:
        script += [Wait(gate), in_chunks(frame(chunk({"content": "x"})))]
    upstream.then(*script, in_chunks(FINISH + DONE) + LAST_CHUNK)
    timers = [threading.Timer(0.15 * (number + 1), gate.set) for number, gate in enumerate(gates)]
    for timer in timers:
        timer.start()

    events = hasty.chat(chat("up/x", stream=True)).events()

    assert len(events) == 7 and events[-1] == "[DONE]"


@pytest.mark.parametrize("knob,status", [("error=500", 502), ("error=429", 429), ("cut=0", 502), ("reset=0", 502), ("blank", 502), ("html", 502), ("garbage=0", 502), ("error=529", 529)])
@pytest.mark.parametrize("streamed", [False, True])
def test_the_simulators_faults(sluice, knob, status, streamed):
    assert sluice.chat(chat(f"simulator/numbered-5+{knob}", stream=streamed)).status == status


def test_faults_leak_nothing(start, module_upstream, upstream):
    """Descriptors and requests in flight are what they were."""
    sluice = start(upstream=module_upstream)

    def descriptors():
        return len(os.listdir(f"/proc/{sluice.process.pid}/fd"))

    def round_of_faults():
        for script in ([Cut()], [Reset()], [STREAM_HEAD + in_chunks(HELLO), Cut()], [b"garbage\r\n\r\n", Cut()], [stream(STREAM)], [answer(b"", status=500)]):
            upstream.then(*script)
            sluice.chat(chat("up/x", stream=True))

    round_of_faults()
    before = descriptors()
    for _ in range(10):
        round_of_faults()

    eventually(lambda: descriptors() <= before + 2, what="no more descriptors than before")
    eventually(lambda: sluice.metric("sluice_requests_in_flight") == 0, what="nothing in flight")
