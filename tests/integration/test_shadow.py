"""Copies of requests that go to a shadow: callers notice nothing, and the log says how the answers differ."""
import json
import threading
import time

import pytest

from support.client import chat, request
from support.upstream import DONE, FINISH, HELLO, LAST_CHUNK, STREAM, STREAM_HEAD, THERE, USAGE_CHUNK, Reset, Stall, Upstream, Wait, answer, in_chunks, stream
from support.wait import eventually

MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
           "content": [{"type": "text", "text": "Secretly so."}], "stop_reason": "max_tokens", "stop_sequence": None,
           "usage": {"input_tokens": 7, "output_tokens": 4}}
COMPLETION = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o",
              "choices": [{"index": 0, "message": {"role": "assistant", "content": "Openly."}, "finish_reason": "stop"}],
              "usage": {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}}


def event(kind, **more):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()


MESSAGE_STREAM = b"".join([
    event("message_start", message={**MESSAGE, "content": [], "stop_reason": None, "usage": {"input_tokens": 7, "output_tokens": 1}}),
    event("content_block_start", index=0, content_block={"type": "tool_use", "id": "t1", "name": "hidden_tool", "input": {}}),
    event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": "{}"}),
    event("content_block_stop", index=0),
    event("message_delta", delta={"stop_reason": "tool_use", "stop_sequence": None}, usage={"output_tokens": 9}),
    event("message_stop"),
])


@pytest.fixture(scope="module")
def module_shade():
    server = Upstream()
    yield server
    server.stop()


@pytest.fixture
def shade(module_shade):
    module_shade.reset()
    module_shade.always(answer(MESSAGE))
    return module_shade


def config_of(upstream, shade, shadow):
    return {
        "providers": {
            "open": {"type": "openai", "base_url": upstream.url, "keys": ["sk-open-canary"]},
            "shade": {"type": "anthropic", "base_url": shade.url.removesuffix("/v1"), "keys": ["sk-shade-canary"]},
        },
        "models": {"assistant": {"targets": ["open/gpt-4o"], **({"shadow": shadow} if shadow else {})}},
    }


ALL = {"target": "shade/claude-sonnet-4-5", "sample": 1}


@pytest.fixture
def gateway(start, module_upstream, upstream, module_shade, shade):
    """One of its own for each test: shadows of one would be counted in the next."""
    upstream.always(answer(COMPLETION))
    return start(config_of(module_upstream, module_shade, ALL), upstream=module_upstream)


def lines(sluice, message="compared"):
    return [line for line in list(sluice.lines) if line.get("area") == "shadow" and line["msg"] == message]


def line(sluice, message="compared"):
    found = eventually(lambda: lines(sluice, message), what=message)
    assert len(found) == 1, found
    return found[0]


def test_gets_a_translated_copy(gateway, upstream, shade):
    response = gateway.chat(chat("assistant", "What is so?", temperature=0.5))

    assert response.status == 200 and response.json() == COMPLETION
    assert response.header("x-sluice-attempts") == "1" and response.header("x-sluice-cost") == "0.0000425"
    copy = shade.wait_for_requests(1)[0]
    assert copy.path == "/v1/messages" and copy.header("x-api-key") == "sk-shade-canary"
    assert copy.header("authorization") is None
    assert copy.json()["model"] == "claude-sonnet-4-5" and copy.json()["temperature"] == 0.5
    assert copy.json()["messages"] == [{"role": "user", "content": [{"type": "text", "text": "What is so?"}]}]
    told = line(gateway)
    assert {key: told[key] for key in (
        "id", "model", "stream", "primary", "shadow", "input_tokens", "shadow_input_tokens", "output_tokens", "shadow_output_tokens",
        "cost_usd", "shadow_cost_usd", "finish", "shadow_finish", "same_finish", "text_bytes", "shadow_text_bytes", "tool_calls", "same_tools",
    )} == {
        "id": response.header("x-request-id"), "model": "assistant", "stream": False, "primary": "open/gpt-4o", "shadow": "shade/claude-sonnet-4-5",
        "input_tokens": 5, "shadow_input_tokens": 7, "output_tokens": 3, "shadow_output_tokens": 4, "cost_usd": "0.0000425", "shadow_cost_usd": "0.000081",
        "finish": "stop", "shadow_finish": "length", "same_finish": False, "text_bytes": 7, "shadow_text_bytes": 12, "tool_calls": 0, "same_tools": True,
    }
    for word in ("Openly", "Secretly", "What is so"):
        assert word not in gateway.log()


def test_is_in_no_callers_account(gateway, shade):
    response = gateway.chat(chat("assistant"))
    line(gateway)

    assert gateway.metric("sluice_shadow_requests_total", provider="shade", result="answered") == 1
    assert gateway.metric("sluice_shadow_cost_usd_total", provider="shade") == pytest.approx(81e-6)
    assert gateway.metric("sluice_cost_usd_total") == pytest.approx(42.5e-6)
    assert gateway.metric("sluice_upstream_attempts_total") == 1
    assert gateway.metric("sluice_tokens_total", provider="shade") == 0
    assert [one["provider"] for one in gateway.access(response.header("x-request-id"))["attempts"]] == ["open"]


def test_is_asked_when_the_first_words_are_out(gateway, upstream, shade):
    gate = threading.Event()
    shade.always(stream(MESSAGE_STREAM))
    upstream.always(STREAM_HEAD + in_chunks(HELLO), Wait(gate), in_chunks(THERE + FINISH + USAGE_CHUNK + DONE) + LAST_CHUNK)
    with gateway.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("assistant", stream=True)))
        assert connection.read_head().status == 200
        events = connection.read_events()
        assert "Hello" in next(events)
        assert shade.wait_for_requests(1)[0].json()["stream"] is True
        assert lines(gateway) == []
        gate.set()
        assert list(events)[-1] == "[DONE]"

    told = line(gateway)
    assert told["stream"] is True and told["same_tools"] is False and told["shadow_tool_calls"] == 1
    assert (told["finish"], told["shadow_finish"]) == ("stop", "tool_calls")
    assert (told["output_tokens"], told["shadow_output_tokens"]) == (2, 9)
    assert (told["text_bytes"], told["shadow_text_bytes"]) == (len("Hello there"), 0)
    assert told["total_ms"] >= told["first_content_ms"] > 0 and told["shadow_total_ms"] > 0
    assert "hidden_tool" not in gateway.log()


def test_leaves_the_stream_as_it_is(gateway, upstream, shade):
    upstream.always(stream(STREAM))
    asked = chat("assistant", stream=True, stream_options={"include_usage": True})

    assert gateway.chat(asked).body == STREAM
    shade.wait_for_requests(1)


@pytest.mark.parametrize("fault", [(answer({"error": {"message": "no"}}, status=400),), (answer({}, status=500),), (Reset(),), (b"garbage\r\n\r\n", Stall())])
def test_its_failures_are_its_own(gateway, shade, fault):
    shade.always(*fault)

    for _ in range(3):
        response = gateway.chat(chat("assistant"))
        assert response.status == 200 and response.json() == COMPLETION

    eventually(lambda: sum(gateway.metric("sluice_shadow_requests_total", result=one) for one in ("refused", "failed", "unreachable", "resting")) == 3,
               what="three failures")
    assert gateway.metric("sluice_requests_total", code="200") == 3


def test_at_most_64_at_once(gateway, shade):
    shade.always(Stall())
    with gateway.connect() as connection:
        for _ in range(100):
            begun = time.monotonic()
            assert connection.send(request("POST", "/v1/chat/completions", chat("assistant"))).read_response().status == 200
            assert time.monotonic() - begun < 5

    shade.wait_for_requests(64)
    assert gateway.metric("sluice_shadow_requests_total", result="skipped") == 36
    assert len(shade.requests) == 64


def test_outlives_the_configuration_that_it_began_under(gateway, shade, upstream, module_upstream, module_shade):
    gate = threading.Event()
    shade.always(Wait(gate), answer(MESSAGE))
    assert gateway.chat(chat("assistant")).status == 200
    shade.wait_for_requests(1)

    gateway.reload({**gateway.config, **config_of(module_upstream, module_shade, None)})
    assert gateway.chat(chat("assistant")).status == 200
    gate.set()

    assert line(gateway)["shadow_output_tokens"] == 4
    assert len(shade.requests) == 1


def test_does_not_hold_up_the_end(gateway, shade):
    shade.always(Stall())
    assert gateway.chat(chat("assistant")).status == 200
    shade.wait_for_requests(1)

    begun = time.monotonic()
    gateway.terminate()
    assert gateway.wait() == 0
    assert time.monotonic() - begun < 4


def test_gets_its_share(start, module_upstream, upstream, module_shade, shade):
    upstream.always(answer(COMPLETION))
    sluice = start(config_of(module_upstream, module_shade, {**ALL, "sample": 0.2}), upstream=module_upstream)
    with sluice.connect() as connection:
        for _ in range(200):
            assert connection.send(request("POST", "/v1/chat/completions", chat("assistant"))).read_response().status == 200

    # Forty; less than twelve or more than eighty happens once in a hundred million times.
    eventually(lambda: sluice.metric("sluice_shadow_requests_total", result="answered") == len(shade.requests), what="the end of all")
    assert 12 <= len(shade.requests) <= 80
