"""Chats through the gateway: the simulator and a scripted provider, streamed and not."""
import json
import threading

import pytest

from support.client import chat, is_error, request
from support.upstream import (DONE, FINISH, HELLO, LAST_CHUNK, ROLE, STREAM, STREAM_HEAD, THERE, USAGE, USAGE_CHUNK, Cut, Stall, Wait, answer, chunk,
                              completion, frame, in_chunks, refusal, stream)
from support.wait import eventually


def text_of(events):
    assert events[-1] == "[DONE]"
    return "".join(choice["delta"].get("content") or "" for event in events[:-1] for choice in json.loads(event)["choices"])


def test_answers_whole(sluice):
    response = sluice.chat(chat("simulator/echo", "Hello there!"))

    assert response.status == 200 and response.header("content-type") == "application/json"
    reply = response.json()
    assert reply["choices"][0]["message"]["content"] == "Hello there!"
    assert reply["choices"][0]["finish_reason"] == "stop"
    assert reply["usage"]["total_tokens"] == reply["usage"]["prompt_tokens"] + reply["usage"]["completion_tokens"] > 0
    assert response.header("x-sluice-provider") == "simulator"
    assert response.header("x-sluice-model") == "echo"
    assert response.header("x-sluice-attempts") == "1"


def test_answers_streamed(sluice):
    response = sluice.chat(chat("simulator/numbered-500", stream=True))

    assert response.status == 200 and response.header("content-type").startswith("text/event-stream")
    assert text_of(response.events()) == "".join(f"{i} " for i in range(500))
    assert response.header("content-length") is None


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/chat/completions", "/openai/v1/chat/completions", "/openai/chat/completions",
                                  "/v1/chat/completions?api-version=2024-10-21"])
def test_answers_at_every_path_that_people_paste(sluice, path):
    assert sluice.chat(chat("simulator/echo"), path=path).status == 200


def test_an_azure_deployment_is_a_model(sluice):
    response = sluice.ask("POST", "/openai/deployments/simulator%2Fecho/chat/completions?api-version=2024-10-21", {"messages": [{"role": "user", "content": "Hi"}]},
                          key=None, headers={"api-key": "sk-client-canary-8f2d1c"})

    assert response.status == 200 and response.header("x-sluice-model") == "echo"


@pytest.mark.parametrize("path,body,find", [
    ("/v1/completions", {"model": "simulator/echo", "prompt": "Hi"}, lambda r: r["choices"][0]["text"]),
    ("/v1/embeddings", {"model": "simulator/embedding-8", "input": "Hi"}, lambda r: len(r["data"][0]["embedding"]) == 8),
    ("/v1/responses", {"model": "simulator/echo", "input": "Hi"}, lambda r: r["output"]),
    ("/v1/moderations", {"model": "simulator/moderation", "input": "violence"}, lambda r: r["results"][0]["flagged"]),
    ("/v1/images/generations", {"model": "simulator/image", "prompt": "x"}, lambda r: r["data"]),
])
def test_answers_every_operation(sluice, path, body, find):
    response = sluice.ask("POST", path, body)

    assert response.status == 200, response
    assert find(response.json())


def test_answers_speech_as_bytes(sluice):
    response = sluice.ask("POST", "/v1/audio/speech", {"model": "simulator/speech", "input": "Hi", "voice": "alloy"})

    assert response.status == 200 and response.body.startswith(b"RIFF")


def test_takes_forms(sluice):
    form = (b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nsimulator/transcription\r\n'
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n' + b"x" * 5000 + b"\r\n--b--\r\n")

    response = sluice.ask("POST", "/v1/audio/transcriptions", form, headers={"Content-Type": "multipart/form-data; boundary=b"})

    assert response.status == 200, response


def test_streams_responses(sluice):
    response = sluice.ask("POST", "/v1/responses", {"model": "simulator/echo", "input": "Hi", "stream": True})

    assert response.status == 200
    assert json.loads(response.events()[-1])["type"] == "response.completed"


def test_deltas_arrive_as_they_come(sluice, upstream):
    gate = threading.Event()
    upstream.then(STREAM_HEAD + in_chunks(ROLE + HELLO), Wait(gate), in_chunks(THERE + FINISH + USAGE_CHUNK + DONE) + LAST_CHUNK)
    with sluice.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("up/x", stream=True)))
        assert connection.read_head().status == 200
        events = connection.read_events()
        first = [next(events), next(events)]
        gate.set()
        rest = list(events)

    assert "Hello" in first[1] and "there" in rest[0] and rest[-1] == "[DONE]"


def test_nothing_is_sent_before_content(sluice, upstream):
    """A role alone commits to nothing: what then fails is an honest status."""
    upstream.then(STREAM_HEAD + in_chunks(ROLE), Cut())

    response = sluice.chat(chat("up/x", stream=True))

    assert response.status == 502 and response.header("content-type") == "application/json"


# ---- Usage


def ask_streamed(sluice, **more):
    return sluice.chat(chat("up/x", stream=True, **more))


@pytest.mark.parametrize("options", [{}, {"stream_options": {"include_usage": False}}, {"stream_options": None}, {"stream_options": {}}])
def test_usage_is_always_asked_for_and_withheld_from_who_did_not_ask(sluice, upstream, options):
    upstream.then(stream(STREAM))

    response = ask_streamed(sluice, **options)

    assert upstream.requests[0].json()["stream_options"] == {"include_usage": True}
    assert response.body == ROLE + HELLO + THERE + FINISH + DONE
    line = sluice.access(response.header("x-request-id"))
    assert line["tokens"]["input"] == 3 and line["tokens"]["output"] == 2 and line["usage"] == "exact"


def test_usage_passes_to_who_asked(sluice, upstream):
    upstream.then(stream(STREAM))

    response = ask_streamed(sluice, stream_options={"include_usage": True})

    assert response.body == STREAM


def test_a_null_usage_stays(sluice, upstream):
    text = frame(chunk({"content": "Hi"}, usage=None)) + frame(chunk(finish="stop", usage=None)) + USAGE_CHUNK + DONE
    upstream.then(stream(text))

    assert ask_streamed(sluice).body == text.replace(USAGE_CHUNK, b"")


def test_the_chunk_that_finishes_is_never_lost(sluice, upstream):
    """Some providers put the usage there."""
    text = HELLO + frame(chunk(finish="stop", usage=USAGE)) + DONE
    upstream.then(stream(text))

    response = ask_streamed(sluice)

    assert response.body == text
    assert sluice.access(response.header("x-request-id"))["usage"] == "exact"


def test_an_empty_chunk_without_usage_stays(sluice, upstream):
    text = frame(chunk(choices=[])) + HELLO + frame({**chunk(choices=[]), "prompt_filter_results": []}) + FINISH + DONE
    upstream.then(stream(text))

    assert ask_streamed(sluice).body == text


def test_the_last_usage_wins(sluice, upstream):
    running = [frame(chunk({"content": "x"}, usage={"prompt_tokens": 3, "completion_tokens": i, "total_tokens": 3 + i})) for i in (1, 2)]
    final = frame(chunk(choices=[], usage={"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12}))
    upstream.then(stream(b"".join(running) + FINISH + final + DONE))

    response = ask_streamed(sluice)

    assert response.body == b"".join(running) + FINISH + DONE
    assert sluice.access(response.header("x-request-id"))["tokens"]["output"] == 9


def test_without_usage_the_account_is_an_estimate(sluice, upstream):
    upstream.then(stream(HELLO + FINISH + DONE))

    line = sluice.access(ask_streamed(sluice).header("x-request-id"))

    assert line["usage"] == "estimated" and line["tokens"]["output"] >= 1


REFUSES_OPTIONS = answer(refusal("Unrecognized request argument supplied: stream_options"), status=400)


@pytest.mark.parametrize("wish,asked", [("option", True), ("always", False), ("none", False), ("auto", True)])
def test_stream_usage_decides_whether_usage_is_asked(start, module_upstream, upstream, wish, asked):
    sluice = start({"providers": {"up": {"stream_usage": wish}}}, upstream=module_upstream)
    upstream.then(stream(STREAM))

    assert ask_streamed(sluice).status == 200

    assert ("stream_options" in upstream.requests[0].json()) == asked


def test_auto_remembers_who_refuses_stream_options(start, module_upstream, upstream):
    sluice = start(upstream=module_upstream)
    upstream.then(REFUSES_OPTIONS).then(stream(HELLO + FINISH + DONE)).then(stream(HELLO + FINISH + DONE))

    responses = [ask_streamed(sluice) for _ in range(2)]

    assert [one.status for one in responses] == [200, 200]
    assert ["stream_options" in one.json() for one in upstream.requests] == [True, False, False]


def test_a_refusal_of_what_the_caller_asked_for_is_the_callers(start, module_upstream, upstream):
    sluice = start(upstream=module_upstream)
    upstream.then(REFUSES_OPTIONS)

    response = ask_streamed(sluice, stream_options={"include_usage": True})

    assert response.status == 400 and len(upstream.requests) == 1


# ---- Errors inside a 200


@pytest.mark.parametrize("message", ["The model is overloaded.", ""])
def test_an_error_before_content_is_a_status(sluice, upstream, message):
    upstream.then(stream(ROLE + frame(refusal(message, kind="server_error"))))

    response = ask_streamed(sluice)

    assert response.status == 502 and response.error["code"] == "upstream_error"


def test_an_error_behind_content_ends_the_stream_honestly(sluice, upstream):
    error = frame(refusal("The model is overloaded.", kind="server_error"))
    upstream.then(stream(ROLE + HELLO + error + DONE))

    response = ask_streamed(sluice)

    events = response.events()
    assert response.status == 200 and "[DONE]" not in events
    assert is_error(events[-1]) and "overloaded" in json.loads(events[-1])["error"]["message"]


def test_an_error_in_a_whole_200_is_a_status(sluice, upstream):
    upstream.then(answer(refusal("No.", kind="server_error")))

    response = sluice.chat(chat("up/x"))

    assert response.status == 502 and response.error["code"] == "upstream_error"


@pytest.mark.parametrize("after", range(4))
def test_the_simulators_error_within_a_stream(sluice, after):
    response = sluice.chat(chat(f"simulator/numbered-8+error-in-stream={after}", stream=True))

    if after == 0:
        assert response.status == 502
    else:
        events = response.events()
        assert response.status == 200 and is_error(events[-1]) and "[DONE]" not in events


@pytest.mark.parametrize("model", ["blank", "empty"])
def test_an_empty_stream_is_no_silent_success(sluice, upstream, model):
    upstream.then(stream(b"" if model == "blank" else ROLE))

    assert ask_streamed(sluice).status == 502


def test_a_finished_stream_without_done_is_whole(sluice, upstream):
    upstream.then(stream(ROLE + HELLO + FINISH))

    response = ask_streamed(sluice)

    assert response.status == 200 and not any(is_error(event) for event in response.events())


def test_a_stream_of_nothing_but_a_finish_is_an_answer(sluice, upstream):
    """An empty answer that says so is the provider's right."""
    upstream.then(stream(ROLE + FINISH + DONE))

    response = ask_streamed(sluice)

    assert response.status == 200 and response.body == ROLE + FINISH + DONE


@pytest.mark.parametrize("delta", [{"reasoning_content": "hm"}, {"reasoning": "hm"}, {"refusal": "no"}, {"audio": {"id": "a", "data": "AA=="}},
                                   {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}]}])
def test_every_kind_of_content_commits(sluice, upstream, delta):
    upstream.then(STREAM_HEAD + in_chunks(ROLE + frame(chunk(delta))), Cut())

    response = ask_streamed(sluice)

    assert response.status == 200 and is_error(response.events()[-1])


# ---- Callers that leave


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_caller_that_leaves_before_the_answer_ends_the_providers_work(sluice, upstream, streamed, how):
    upstream.then(Stall())
    connection = sluice.connect()
    connection.send(request("POST", "/v1/chat/completions", chat("up/x", stream=streamed), headers={"x-request-id": f"left-{how}-{streamed}"}))
    upstream.wait_for_requests(1)

    getattr(connection, how)()

    eventually(upstream.left.is_set, patience=1, what="the end of the provider's connection")
    assert sluice.access(f"left-{how}-{streamed}")["status"] == 499


def test_half_a_close_is_a_departure_unless_allowed(start, module_upstream, upstream):
    sluice = start({"server": {"half_close": "allow"}}, upstream=module_upstream)
    gate = threading.Event()
    upstream.then(Wait(gate), answer(completion()))
    with sluice.connect() as connection:
        connection.send(request("POST", "/v1/chat/completions", chat("up/x")))
        connection.socket.shutdown(1)
        upstream.wait_for_requests(1)
        gate.set()

        assert connection.read_response().status == 200


def test_the_callers_own_timeout_is_the_deadline(sluice, upstream):
    upstream.then(Stall())

    response = sluice.chat(chat("up/x"), headers={"x-sluice-timeout": "150ms"})

    assert response.status == 504 and response.error["code"] == "upstream_timeout"
    assert "request" in response.error["message"]
    eventually(upstream.left.is_set, patience=1, what="the end of the provider's connection")


def test_a_deadline_within_a_stream_is_an_error_event(sluice, upstream):
    upstream.then(STREAM_HEAD + in_chunks(ROLE + HELLO), Stall())

    response = sluice.chat(chat("up/x", stream=True), headers={"x-sluice-timeout": "300ms"})

    assert response.status == 200 and is_error(response.events()[-1]) and "[DONE]" not in response.events()


def test_a_deadline_within_bytes_is_a_broken_connection(sluice, upstream):
    """An error's JSON within a sound would be played."""
    from support.client import Closed
    from support.upstream import head
    upstream.then(head(200, "Content-Type: audio/mpeg", "Transfer-Encoding: chunked") + in_chunks(b"ID3" * 100), Stall())
    with sluice.connect() as connection:
        connection.send(request("POST", "/v1/audio/speech", {"model": "up/x", "input": "Hi", "voice": "v"}, headers={"x-sluice-timeout": "300ms"}))
        assert connection.read_head().status == 200
        received = b""
        with pytest.raises((Closed, ConnectionResetError)):
            for piece in connection.chunks():
                received += piece

    assert received == b"ID3" * 100


def test_a_hundred_streams_at_once_are_whole(start):
    sluice = start({"server": {"workers": 2}})
    connections = [sluice.connect() for _ in range(100)]
    for number, one in enumerate(connections):
        one.send(request("POST", "/v1/chat/completions", chat(f"simulator/numbered-{50 + number}+gap=2ms", stream=True)))

    for number, one in enumerate(connections):
        assert text_of(one.read_response().events()) == "".join(f"{i} " for i in range(50 + number))
        one.close()
