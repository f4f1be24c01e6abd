"""From one dialect to another through the gateway: real recorded answers on the provider's side, every family on the caller's."""
import base64
import json

import pytest

from support.client import chat, events_of
from support.sluice import PROJECT
from support.upstream import STREAM_HEAD, LAST_CHUNK, Cut, answer, completion, head, in_chunks, stream

KEY = "sk-provider-canary-71c0"


def recorded(case, name):
    return (PROJECT / "providers" / case.split("/")[0] / "transcripts" / case.split("/")[1] / name).read_bytes()


def says(case):
    return json.loads(recorded(case, "says.json"))


@pytest.fixture(scope="module")
def gateway(start, module_upstream):
    base = module_upstream.url.removesuffix("/v1")
    return start({
        "version": 1,
        "auth": {"required": False},
        "providers": {
            "simulator": {"type": "simulator"},
            "claude": {"type": "anthropic", "base_url": base, "keys": [KEY]},
            "google": {"type": "gemini", "base_url": base, "keys": [KEY]},
            "aws": {"type": "bedrock", "base_url": base, "region": "us-east-1", "keys": [KEY]},
            "open": {"type": "openai", "base_url": base + "/v1", "keys": [KEY]},
        },
        "models": {"any": "simulator/echo"},
    }, upstream=module_upstream)


ANTHROPIC = {"max_tokens": 99, "messages": [{"role": "user", "content": "Hello there!"}]}
GEMINI = {"contents": [{"role": "user", "parts": [{"text": "Hello there!"}]}]}


def test_an_anthropic_caller_is_answered_by_anyone(gateway):
    response = gateway.ask("POST", "/v1/messages", {"model": "any", "context_management": {"edits": []}, **ANTHROPIC})

    assert response.status == 200, response
    reply = response.json()
    assert reply["content"] == [{"type": "text", "text": "Hello there!"}]
    assert (reply["type"], reply["stop_reason"]) == ("message", "end_turn")
    assert reply["usage"]["input_tokens"] > 0 and reply["usage"]["output_tokens"] > 0
    assert response.header("x-sluice-dropped") == "context_management"


def test_an_anthropic_caller_streams_named_events(gateway):
    response = gateway.ask("POST", "/v1/messages", {"model": "any", "stream": True, **ANTHROPIC})

    events = [json.loads(event) for event in response.events()]
    kinds = [event["type"] for event in events if event["type"] != "ping"]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta") == "Hello there!"
    assert b"event: message_stop\n" in response.body


def test_a_gemini_caller_is_answered_by_anyone(gateway):
    whole = gateway.ask("POST", "/v1beta/models/any:generateContent", GEMINI).json()
    assert whole["candidates"][0]["content"]["parts"] == [{"text": "Hello there!"}]
    assert whole["candidates"][0]["finishReason"] == "STOP" and whole["usageMetadata"]["totalTokenCount"] > 0

    streamed = gateway.ask("POST", "/v1beta/models/any:streamGenerateContent?alt=sse", GEMINI)
    events = events_of(streamed.body.replace(b"\r\n", b"\n"))  # Google ends its lines so.
    array = gateway.ask("POST", "/v1beta/models/any:streamGenerateContent", GEMINI).json()
    for chunks in (list(map(json.loads, events)), array):
        assert "".join(chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in chunks) == "Hello there!"


def test_tokens_are_counted_here_for_those_who_cannot(gateway):
    messages = gateway.ask("POST", "/v1/messages/count_tokens", {"model": "open/gpt-4o", "messages": ANTHROPIC["messages"]}).json()
    contents = gateway.ask("POST", "/v1beta/models/open%2Fgpt-4o:countTokens", GEMINI).json()
    assert messages["input_tokens"] == contents["totalTokens"] == 3 + 3 + 3  # The text, its message, the answer's beginning.


def test_a_body_of_responses_is_taken_where_chats_are(gateway):
    reply = gateway.chat({"model": "any", "instructions": "Be brief.", "input": "Hello there!"}).json()
    assert reply["object"] == "chat.completion" and reply["choices"][0]["message"]["content"] == "Hello there!"


CASES = ["anthropic/messages-parallel-tools-5c1e07", "anthropic/messages-redacted-thinking-7f9a31",
         "anthropic/messages-max-tokens-stop-bde693"]


@pytest.mark.parametrize("case", CASES)
def test_an_openai_caller_hears_what_claude_said(gateway, upstream, case):
    upstream.always(answer(recorded(case, "response.json")))
    reply = gateway.chat(chat("claude/claude-x", "Hi", max_tokens=50)).json()

    sent = upstream.requests[0]
    assert sent.path == "/v1/messages" and sent.header("x-api-key") == KEY and sent.header("authorization") is None
    assert sent.header("anthropic-version") == "2023-06-01"
    assert sent.json()["model"] == "claude-x" and sent.json()["max_tokens"] == 50
    expected = says(case)
    message = reply["choices"][0]["message"]
    assert (message["content"] or "") == expected["text"].get("0", "")
    calls = [{"name": call["function"]["name"], "arguments": json.loads(call["function"]["arguments"])}
             for call in message.get("tool_calls") or []]
    assert calls == expected["tool_calls"]
    assert reply["usage"]["prompt_tokens"] == expected["usage"]["input"]
    assert reply["usage"]["completion_tokens"] == expected["usage"]["output"]


def test_an_openai_caller_streams_what_claude_said(gateway, upstream):
    case = "anthropic/messages-stream-reasoning-1090d5"
    upstream.always(stream(recorded(case, "stream.sse")))
    response = gateway.chat(chat("claude/claude-x", stream=True, stream_options={"include_usage": True}))

    events = response.events()
    assert events[-1] == "[DONE]"
    chunks = list(map(json.loads, events[:-1]))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == says(case)["text"]["0"]
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == says(case)["reasoning"]["0"]
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["completion_tokens"] == says(case)["usage"]["output"]


def test_amazons_binary_stream_is_told_as_events(gateway, upstream):
    folders = sorted((PROJECT / "providers/bedrock/transcripts").glob("converse-stream-*"))
    case = next(f"bedrock/{one.name}" for one in folders if (one / "stream.b64").exists() and (one / "says.json").exists())
    binary = base64.b64decode(recorded(case, "stream.b64"))
    upstream.always(head(200, "Content-Type: application/vnd.amazon.eventstream", "Transfer-Encoding: chunked")
                    + in_chunks(binary[:50], binary[50:]) + LAST_CHUNK)
    response = gateway.chat(chat("aws/anthropic.claude-x:0", stream=True))

    sent = upstream.requests[0]
    assert sent.path == "/model/anthropic.claude-x%3A0/converse-stream" and sent.header("authorization") == f"Bearer {KEY}"
    deltas = [choice["delta"] for event in response.events()[:-1] for choice in json.loads(event)["choices"]]
    assert "".join(delta.get("content") or "" for delta in deltas) == says(case)["text"].get("0", "")


def test_bedrocks_own_callers_get_its_own_bytes(gateway, upstream):
    folders = sorted((PROJECT / "providers/bedrock/transcripts").glob("converse-stream-*"))
    case = next(f"bedrock/{one.name}" for one in folders if (one / "stream.b64").exists() and (one / "says.json").exists())
    binary = base64.b64decode(recorded(case, "stream.b64"))
    upstream.always(head(200, "Content-Type: application/vnd.amazon.eventstream", f"Content-Length: {len(binary)}") + binary)
    body = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "odd": 1.0}
    response = gateway.ask("POST", "/providers/aws/model/amazon.nova-lite-v1%3A0/converse-stream", body)

    assert response.status == 200 and response.body == binary
    assert response.header("content-type") == "application/vnd.amazon.eventstream"
    assert upstream.requests[0].json() == body


def test_bedrocks_callers_are_refused_in_its_words(gateway, upstream):
    body = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
    response = gateway.ask("POST", "/providers/nobody/model/x/converse", body)
    assert response.status == 404 and response.header("x-amzn-errortype") == "ResourceNotFoundException"
    assert "nobody" in response.json()["message"]


def test_gemini_gets_its_key_in_the_header(gateway, upstream):
    case = "gemini/generate-stream-parallel-tools-reasoning-bf7e72"
    upstream.always(stream(recorded(case, "stream.sse")))
    response = gateway.chat(chat("google/gemini-x", stream=True))

    sent = upstream.requests[0]
    assert sent.path == "/v1beta/models/gemini-x:streamGenerateContent?alt=sse" and sent.header("x-goog-api-key") == KEY
    calls = {}
    for event in response.events()[:-1]:
        for choice in json.loads(event)["choices"]:
            for call in choice["delta"].get("tool_calls") or []:
                one = calls.setdefault(call["index"], {"name": "", "arguments": ""})
                one["name"] += call["function"].get("name") or ""
                one["arguments"] += call["function"].get("arguments") or ""
    assert [{"name": one["name"], "arguments": json.loads(one["arguments"])} for one in calls.values()] == says(case)["tool_calls"]


def test_a_gemini_callers_own_stream_can_be_one_array(gateway, upstream):
    upstream.always(stream(b'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}],"new":1.0}\r\n\r\n'
                           b'data: {"candidates":[{"finishReason":"STOP"}]}\r\n\r\n'))
    response = gateway.ask("POST", "/v1beta/models/google%2Fgemini-x:streamGenerateContent", GEMINI)

    assert response.header("content-type") == "application/json"
    assert response.body == (b'[{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"new":1.0},\n'
                             b'{"candidates":[{"finishReason":"STOP"}]}\n]')


def test_the_same_dialect_passes_byte_for_byte(gateway, upstream):
    body = recorded(CASES[0], "response.json")
    upstream.always(answer(body, fields=("anthropic-ratelimit-tokens-remaining: 5",)))
    asked = b'{ "model": "claude/claude-x", "max_tokens":9, "future": 1e0, "messages":[] }'
    response = gateway.ask("POST", "/v1/messages?beta=true", asked, headers={"anthropic-beta": "a-2030,b", "content-type": "application/json"})

    assert response.body == body and response.header("anthropic-ratelimit-tokens-remaining") == "5"
    sent = upstream.requests[0]
    assert sent.body == asked.replace(b"claude/claude-x", b"claude-x") and sent.path == "/v1/messages?beta=true"
    assert sent.header("anthropic-beta") == "a-2030,b"


def test_refusals_are_told_in_the_callers_words(gateway, upstream):
    refusal = {"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: too large"}}
    upstream.always(answer(refusal, status=400))
    own = gateway.ask("POST", "/v1/messages", {"model": "claude/claude-x", **ANTHROPIC})
    assert own.status == 400 and own.json() == refusal

    other = gateway.chat(chat("claude/claude-x"))
    assert other.status == 400
    assert other.error["type"] == "invalid_request_error" and other.error["message"] == "max_tokens: too large"


def test_a_stream_that_breaks_ends_with_the_callers_error_event(gateway, upstream):
    upstream.always(STREAM_HEAD + in_chunks(recorded("anthropic/messages-stream-reasoning-1090d5", "stream.sse")[:1500]), Cut())
    chats = gateway.chat(chat("claude/claude-x", stream=True)).events()
    assert "error" in json.loads(chats[-1])

    items = gateway.ask("POST", "/v1/responses", {"model": "claude/claude-x", "input": "Hi", "stream": True})
    assert json.loads(items.events()[-1])["type"] == "response.failed"


def test_what_has_a_meaning_is_refused_or_dropped_at_will(gateway, upstream):
    upstream.always(answer(recorded(CASES[2], "response.json")))
    refused = gateway.chat(chat("claude/claude-x", n=2))
    assert refused.status == 400 and refused.error["code"] == "unsupported_parameter" and refused.error["param"] == "n"
    assert not upstream.requests

    dropped = gateway.chat(chat("claude/claude-x", n=2, seed=7), headers={"x-sluice-drop": "n, seed"})
    assert dropped.status == 200 and dropped.header("x-sluice-dropped") == "seed, n"
    none = gateway.chat(chat("claude/claude-x", seed=7), headers={"x-sluice-drop": "none"})
    assert none.status == 400 and none.error["param"] == "seed"


def test_an_answer_is_priced(gateway, upstream):
    upstream.always(answer({**completion(), "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}}))
    response = gateway.chat(chat("open/gpt-4o"))
    assert response.header("x-sluice-cost") == "0.0035"
    assert gateway.metric("sluice_cost_usd_total", model="gpt-4o", provider="open") == pytest.approx(0.0035)


def test_no_key_of_a_provider_is_told(gateway, upstream):
    upstream.always(answer({"error": {"message": f"bad key {KEY}", "status": "INVALID_ARGUMENT", "code": 400}}, status=400))
    for response in (gateway.chat(chat("google/gemini-x")), gateway.ask("POST", "/v1beta/models/google%2Fgemini-x:generateContent", GEMINI)):
        assert KEY.encode() not in response.body
    assert KEY not in str(gateway.log())
