"""The end of a process: nobody's request is lost."""
import os
import signal
import threading

import pytest

from support.client import Closed, chat, is_error, request
from support.upstream import DONE, FINISH, HELLO, LAST_CHUNK, STREAM_HEAD, THERE, Stall, Wait, in_chunks
from support.wait import eventually

STREAMS = 1000 if os.environ.get("SLUICE_LONG") else 200


def begin_stream(sluice, model="up/x", **options):
    connection = sluice.connect(**options)
    connection.send(request("POST", "/v1/chat/completions", chat(model, stream=True)))
    return connection


def test_streams_end_whole_and_nobody_else_is_let_in(start, module_upstream, upstream):
    """F-70, P-10"""
    sluice = start({"server": {"workers": 2, "timeouts": {"drain": "30s"}}, "providers": {"up": {"connections": {"max": 2000}}}}, upstream=module_upstream)
    gate = threading.Event()
    upstream.always(STREAM_HEAD + in_chunks(HELLO), Wait(gate), in_chunks(THERE + FINISH + DONE) + LAST_CHUNK)
    streams = [begin_stream(sluice) for _ in range(STREAMS)]
    for one in streams:
        assert one.read_head().status == 200
    idle = sluice.connect()
    assert idle.send(request("GET", "/v1/models")).read_response().status == 200

    sluice.terminate()
    assert idle.read_to_end() == b""

    assert sluice.get_admin("/readyz").status == 503
    assert sluice.get_admin("/livez").status == 200
    with pytest.raises((ConnectionRefusedError, AssertionError, ConnectionResetError)):
        sluice.ask("GET", "/v1/models")
    gate.set()
    for one in streams:
        assert list(one.read_events())[-1] == "[DONE]"
        one.close()
    assert sluice.wait() == 0


def test_says_that_it_is_not_ready_while_it_still_accepts(start):
    """F-70"""
    sluice = start({"server": {"timeouts": {"drain_delay": "2s"}}})
    sluice.terminate()
    eventually(lambda: sluice.get_admin("/readyz").status == 503, what="not ready")

    ready = sluice.ask("GET", "/readyz", key=None)
    assert ready.status == 503 and ready.error["code"] == "draining" and ready.header("retry-after")
    assert sluice.ask("GET", "/livez", key=None).status == 200
    assert sluice.chat(chat("simulator/echo")).status == 200
    assert sluice.wait() == 0


def test_at_the_deadline_streams_end_with_an_error_event(start, module_upstream, upstream):
    """F-70"""
    sluice = start({"server": {"timeouts": {"drain": "300ms"}}}, upstream=module_upstream)
    upstream.always(STREAM_HEAD + in_chunks(HELLO), Stall())
    stream = begin_stream(sluice)
    assert stream.read_head().status == 200
    upstream.always(Stall())
    waiting = sluice.connect()
    waiting.send(request("POST", "/v1/chat/completions", chat("up/x")))
    upstream.wait_for_requests(2)

    sluice.terminate()

    events = list(stream.read_events())
    assert is_error(events[-1]) and "[DONE]" not in events
    refused = waiting.read_response()
    assert refused.status == 503 and refused.error["code"] == "draining"
    assert sluice.wait() == 0


def test_answers_that_are_under_way_arrive(start):
    sluice = start()
    connection = sluice.connect()
    connection.send(request("POST", "/v1/chat/completions", chat("simulator/echo+delay=500ms")))
    eventually(lambda: sluice.metric("sluice_requests_in_flight") == 1, what="the request")

    sluice.terminate()

    response = connection.read_response()
    assert response.status == 200 and response.header("connection") == "close"
    connection.assert_closed()
    assert sluice.wait() == 0


def test_a_second_signal_ends_at_once(start, module_upstream, upstream):
    sluice = start({"server": {"timeouts": {"drain": "10m"}}}, upstream=module_upstream)
    upstream.then(STREAM_HEAD + in_chunks(HELLO), Stall())
    stream = begin_stream(sluice)
    assert stream.read_head().status == 200
    sluice.terminate()
    eventually(lambda: sluice.get_admin("/readyz").status == 503, what="draining")

    sluice.process.send_signal(signal.SIGTERM)

    assert sluice.wait(patience=15) == 0
    try:
        events = list(stream.read_events())
        assert "[DONE]" not in events
    except (Closed, ConnectionResetError):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_without_work_it_ends_at_once(start, number):
    sluice = start({"server": {"timeouts": {"drain": "10m"}}})

    sluice.process.send_signal(number)

    assert sluice.wait(patience=10) == 0


def test_the_log_of_the_last_request_is_not_lost(start):
    sluice = start()
    ids = [sluice.chat(chat("simulator/echo")).header("x-request-id") for _ in range(50)]

    sluice.terminate()

    assert sluice.wait() == 0
    told = [line["id"] for line in sluice.lines if line.get("msg") == "request"]
    assert told == ids
