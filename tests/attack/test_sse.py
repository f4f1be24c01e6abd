"""Event streams, as they come from providers, cut and spelled in every way."""
import threading

import pytest

from support.client import chat, events_of, is_error, request
from support.upstream import (DONE, FINISH, HELLO, LAST_CHUNK, ROLE, STREAM, STREAM_HEAD, THERE, USAGE_CHUNK, Cut, Wait, chunk, frame, head, in_chunks,
                              stream)

WISH = {"stream": True, "stream_options": {"include_usage": True}}


def relay(sluice, upstream, *script):
    upstream.then(*script)
    return sluice.chat(chat("up/x", **WISH))


def test_a_stream_passes_byte_for_byte_wherever_it_is_cut(sluice, upstream):
    """J-08: in two at every byte"""
    text = ROLE + frame(chunk({"content": "é\u2028😀"})).replace(b"\\u", b"\\u") + HELLO.replace(b"Hello", "Grüße 😀".encode()) + FINISH + DONE
    for at in range(1, len(text)):
        response = relay(sluice, upstream, STREAM_HEAD + in_chunks(text[:at], text[at:]) + LAST_CHUNK)
        assert response.body == text, at


def test_a_stream_in_single_bytes_passes_byte_for_byte(sluice, upstream):
    """J-08"""
    pieces = [STREAM[i:i + 1] for i in range(len(STREAM))]

    assert relay(sluice, upstream, STREAM_HEAD + in_chunks(*pieces) + LAST_CHUNK).body == STREAM
    # And as packets of their own.
    assert relay(sluice, upstream, STREAM_HEAD, *(in_chunks(piece) for piece in pieces[:400]), in_chunks(STREAM[400:]) + LAST_CHUNK).body == STREAM


def test_crlf_ends_pass_as_events_wherever_they_are_cut(sluice, upstream):
    """J-08"""
    text = (HELLO + FINISH + DONE).replace(b"\n", b"\r\n")
    expected = events_of(HELLO + FINISH + DONE)
    for at in range(1, len(text)):
        response = relay(sluice, upstream, STREAM_HEAD + in_chunks(text[:at], text[at:]) + LAST_CHUNK)
        assert events_of(response.body.replace(b"\r\n", b"\n")) == expected, at


@pytest.mark.parametrize("odd", [
    pytest.param((HELLO + FINISH + DONE).replace(b"\n", b"\r"), id="CR only"),
    pytest.param(b"\xef\xbb\xbf" + HELLO + FINISH + DONE, id="BOM"),
    pytest.param((HELLO + FINISH + DONE).replace(b"data: ", b"id: 7\ndata: "), id="id"),
    pytest.param((HELLO + FINISH + DONE).replace(b"data: ", b"retry: 1\ndata: "), id="retry"),
    pytest.param(b"retry: 1\n\n" + HELLO + b"id: 5\n\n" + FINISH + DONE, id="fields without data"),
    pytest.param(b": a comment\n\n" + HELLO + b":\n\n" + FINISH + b": data: {}\n" + DONE, id="comments"),
    pytest.param(b"\n\n\n" + HELLO + b"\n\n" + FINISH + b"\n" + DONE, id="empty lines"),
])
def test_odd_frames_come_out_clean(sluice, upstream, odd):
    """J-07"""
    response = relay(sluice, upstream, stream(odd))

    assert response.status == 200
    assert response.events() == events_of(HELLO + FINISH + DONE)
    assert b"\r" not in response.body and not response.body.startswith(b"\xef")
    lines = [line for line in response.body.decode().split("\n") if line]
    assert all(line.startswith("data:") for line in lines), lines


def test_data_without_a_blank_passes(sluice, upstream):
    """J-07"""
    tight = (HELLO + FINISH + DONE).replace(b"data: ", b"data:")

    assert relay(sluice, upstream, stream(tight)).body == tight


def test_text_never_becomes_an_event(sluice, upstream):
    """J-07"""
    evil = 'x\n\ndata: {"error":{"message":"no"}}\n\ndata: [DONE]\n\n\u2028\u2029\u0085'
    text = frame(chunk({"content": evil})) + FINISH + DONE

    response = relay(sluice, upstream, stream(text))

    assert response.body == text and len(response.events()) == 3


def test_the_simulators_text_never_becomes_an_event(sluice):
    """J-07"""
    evil = 'x\n\ndata: [DONE]\n\nevent: error\r\rid: 1\u2028'
    response = sluice.chat(chat("simulator/echo", evil, stream=True))

    import json
    said = "".join(choice["delta"].get("content") or "" for event in response.events()[:-1] for choice in json.loads(event)["choices"])
    assert said == evil


def test_done_within_text_is_not_the_end(sluice, upstream):
    """J-07"""
    text = frame(chunk({"content": "[DONE]"})) + THERE + FINISH + DONE

    assert relay(sluice, upstream, stream(text)).body == text


def test_nothing_behind_the_end_passes(sluice, upstream):
    """J-07"""
    response = relay(sluice, upstream, stream(HELLO + FINISH + DONE + THERE + DONE))

    assert response.body == HELLO + FINISH + DONE


def test_an_event_over_the_limit_ends_the_stream_honestly(sluice, upstream):
    """J-07: 16 MiB"""
    huge = b"data: " + b"x" * (17 << 20)

    response = relay(sluice, upstream, STREAM_HEAD + in_chunks(HELLO, huge), Cut())

    events = response.events()
    assert len(events) == 2 and is_error(events[1])
    assert "[DONE]" not in events


def test_an_event_over_the_limit_before_content_is_a_502(start, module_upstream, upstream):
    """J-07"""
    sluice = start({"server": {"limits": {"event": "4KiB"}}}, upstream=module_upstream)
    upstream.then(stream(b"data: " + b"x" * 5000 + b"\n\n" + STREAM))
    assert sluice.chat(chat("up/x", **WISH)).status == 502

    # What just fits passes.
    large = frame(chunk({"content": "x" * 3500}))
    assert len(large) < 4096
    upstream.then(stream(large + FINISH + DONE))
    assert sluice.chat(chat("up/x", **WISH)).body == large + FINISH + DONE


def test_an_event_of_megabytes_passes(sluice, upstream):
    """J-07"""
    large = frame(chunk({"content": "x" * (8 << 20)}))

    assert relay(sluice, upstream, stream(large + FINISH + DONE)).body == large + FINISH + DONE


def test_a_flood_of_comments_is_not_held(sluice, upstream):
    """J-07"""
    flood = b": keep-alive\n\n" * 50_000

    response = relay(sluice, upstream, stream(HELLO + flood + FINISH + DONE))

    assert response.events() == events_of(HELLO + FINISH + DONE)


@pytest.mark.parametrize("bad", [b"{not json}", b'{"choices":', b"\xff\xfe", b"5", b"[]", b'{"a":1}{"b":2}'])
def test_an_event_that_is_no_object_is_never_passed_on(sluice, upstream, bad):
    """J-04, F-08"""
    response = relay(sluice, upstream, stream(b"data: " + bad + b"\n\n" + STREAM))

    assert response.status == 502


@pytest.mark.parametrize("bad", [b"{not json}", b"\xff\xfe", b"5"])
def test_what_came_before_a_bad_event_is_not_lost(sluice, upstream, bad):
    """F-08, F-14: though it came in the same packet"""
    gate = threading.Event()
    upstream.then(STREAM_HEAD + in_chunks(HELLO), Wait(gate), in_chunks(THERE + b"data: " + bad + b"\n\n" + FINISH + DONE) + LAST_CHUNK)
    with sluice.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("up/x", **WISH)))
        assert connection.read_head().status == 200
        events = connection.read_events()
        first = next(events)
        gate.set()
        rest = list(events)

    assert [first, *rest[:-1]] == events_of(HELLO + THERE) and is_error(rest[-1])


def test_an_unknown_event_of_the_same_dialect_passes(sluice, upstream):
    text = HELLO + b'event: thread.message\ndata: {"choices":[],"new":1}\n\n' + FINISH + USAGE_CHUNK + DONE

    assert relay(sluice, upstream, stream(text)).body == text


def test_a_stream_may_end_with_its_connection(sluice, upstream):
    response = relay(sluice, upstream, head(200, "Content-Type: text/event-stream; charset=utf-8") + STREAM, Cut())

    assert response.body == STREAM
