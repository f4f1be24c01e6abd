"""The Anthropic SDK: with the simulator, which speaks OpenAI's API, and with recordings of others."""
import asyncio

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

import gateway
from foreign import TOOLS, foreign, schema
from words import numbers

TOOL_LIST = [{"name": name, "description": about, "input_schema": schema(properties)} for name, (about, properties) in TOOLS.items()]
STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def user(text="Hello there!"):
    return [{"role": "user", "content": text}]


@pytest.fixture
def claude(url):
    with Anthropic(base_url=url, api_key=gateway.KEY, max_retries=0) as made:
        yield made


@pytest.fixture(params=["gemini", "openai", "bedrock", "anthropic"])
def provider(request, upstreams):
    return foreign(request.param, upstreams)


@pytest.fixture(params=["gemini", "deepseek", "anthropic", "bedrock"])
def thinker(request, upstreams):
    return foreign(request.param, upstreams)


def texts(message):
    return "".join(block.text for block in message.content if block.type == "text")


def calls(message):
    return [(block.name, block.input) for block in message.content if block.type == "tool_use"]


def counted(usage):
    return usage.input_tokens + (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0), usage.output_tokens


# ---- Recorded providers


def test_a_message_is_answered(claude, provider):
    messages = [*user("Hello"), {"role": "assistant", "content": "Yes?"}, *user("Go on")]

    message = claude.messages.create(model=provider.model, max_tokens=1000, system="Be brief.", messages=messages)

    assert (message.type, message.role) == ("message", "assistant") and message.id
    assert texts(message) == provider.text
    assert message.stop_reason == STOPS[provider.says["finish"]["0"]]
    assert counted(message.usage) == provider.usage


def test_a_streamed_message_is_put_together(claude, provider):
    with claude.messages.stream(model=provider.model, max_tokens=1000, messages=user()) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()

    assert "".join(pieces) == texts(final) == provider.text
    assert final.stop_reason == STOPS[provider.says["finish"]["0"]] and counted(final.usage) == provider.usage


def test_the_events_of_a_stream_are_balanced(claude, provider):
    events = list(claude.messages.create(model=provider.model, max_tokens=1000, messages=user(), tools=TOOL_LIST, stream=True))
    kinds = [event.type for event in events if event.type != "ping"]

    assert kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"]
    starts = [event.index for event in events if event.type == "content_block_start"]
    assert starts == [event.index for event in events if event.type == "content_block_stop"] == list(range(len(starts)))


def test_the_asynchronous_client_streams(url, provider):
    async def collect():
        async with AsyncAnthropic(base_url=url, api_key=gateway.KEY, max_retries=0) as client:
            async with client.messages.stream(model=provider.model, max_tokens=1000, messages=user()) as stream:
                return await stream.get_final_text()

    assert asyncio.run(collect()) == provider.text


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_tools_are_called_and_their_results_are_read(claude, provider, streamed):
    def ask(messages):
        asking = {"model": provider.model, "max_tokens": 1000, "messages": messages, "tools": TOOL_LIST}
        if not streamed:
            return claude.messages.create(**asking)
        with claude.messages.stream(**asking) as stream:
            return stream.get_final_message()

    messages = user("What is it like outside?")
    first = ask(messages)
    assert calls(first) == provider.calls and first.stop_reason == "tool_use"
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": [{"type": "text", "text": "21 degrees"}]}
               for block in first.content if block.type == "tool_use"]
    messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    last = ask(messages)

    assert texts(last) == provider.text and last.stop_reason == "end_turn"
    assert provider.asked.results == ["21 degrees"] * len(results)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_thoughts_stand_before_the_answer(claude, thinker, streamed):
    asking = {"model": thinker.model, "max_tokens": 4000, "messages": user(), "thinking": {"type": "enabled", "budget_tokens": 2000}}
    if streamed:
        with claude.messages.stream(**asking) as stream:
            message = stream.get_final_message()
    else:
        message = claude.messages.create(**asking)

    thoughts = [block for block in message.content if block.type == "thinking"]
    assert message.content[0].type == "thinking" and thinker.reasoning
    assert "".join(block.thinking for block in thoughts) == thinker.reasoning and texts(message) == thinker.text


def test_thoughts_go_back_to_their_maker_with_their_seal(claude, upstreams):
    provider = foreign("gemini", upstreams)
    messages = user()
    message = claude.messages.create(model=provider.model, max_tokens=4000, messages=messages,
                                     thinking={"type": "enabled", "budget_tokens": 2000})
    claude.messages.create(model=provider.model, max_tokens=4000,
                           messages=[*messages, {"role": "assistant", "content": message.content}, *user("And?")])

    parts = [part for turn in provider.asked.body["contents"] for part in turn["parts"]]
    assert "c2VhbGVkIGJ5IHRoZSBtYWtlcg==" in [part.get("thoughtSignature") for part in parts]


def test_tokens_are_counted(claude, provider):
    count = claude.messages.count_tokens(model=provider.model, system="Be brief.", messages=user(), tools=TOOL_LIST)

    assert count.input_tokens > 0
    if provider.name == "anthropic":
        assert count.input_tokens == provider.says["input_tokens"]


# ---- The simulator


def test_a_simulated_message_is_answered(claude):
    message = claude.messages.create(model="simulator/echo", max_tokens=1000, system="Be brief.", messages=user())

    assert texts(message) == "Hello there!" and message.stop_reason == "end_turn" and message.model
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0


def test_a_limit_of_tokens_is_told_as_the_stop_reason(claude):
    message = claude.messages.create(model="simulator/lorem-50", max_tokens=5, messages=user())

    assert message.stop_reason == "max_tokens" and message.usage.output_tokens == 5


def test_a_simulated_stream_brings_every_delta_once_and_in_order(claude):
    with claude.messages.stream(model="simulator/numbered-500", max_tokens=5000, messages=user()) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()

    assert pieces == [f"{number} " for number in range(500)] and texts(final) == numbers(500)
    assert final.usage.output_tokens == 500


def test_simulated_tools_are_called_and_their_results_are_read(claude):
    tool = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
    messages = user()
    with claude.messages.stream(model="simulator/tool", max_tokens=1000, messages=messages, tools=[tool]) as stream:
        first = stream.get_final_message()
    block, = [block for block in first.content if block.type == "tool_use"]
    assert block.name == "weather" and isinstance(block.input["city"], str)
    messages += [{"role": "assistant", "content": first.content},
                 {"role": "user", "content": [{"type": "tool_result", "tool_use_id": block.id, "content": "Sunny"}]}]
    last = claude.messages.create(model="simulator/tool", max_tokens=1000, messages=messages, tools=[tool])

    assert texts(last) and last.stop_reason == "end_turn"


def test_simulated_thoughts_stream_before_the_answer(claude):
    with claude.messages.stream(model="simulator/reasoning-12", max_tokens=4000, messages=user(),
                                thinking={"type": "enabled", "budget_tokens": 2000}) as stream:
        final = stream.get_final_message()

    assert [block.type for block in final.content] == ["thinking", "text"] and final.content[0].thinking


def test_tokens_of_a_simulated_model_are_counted(claude):
    assert claude.messages.count_tokens(model="simulator/echo", messages=user()).input_tokens > 0


# ---- Errors


def refused(kind, ask):
    with pytest.raises(kind) as caught:
        ask()
    assert caught.value.request_id
    return caught.value


def test_an_unknown_key_is_an_authentication_error(claude):
    error = refused(anthropic.AuthenticationError, lambda: claude.with_options(api_key="sk-wrong").messages.create(
        model="simulator/echo", max_tokens=10, messages=user()))

    assert error.body["error"]["type"] == "authentication_error"


def test_an_unknown_model_is_not_found(claude):
    error = refused(anthropic.NotFoundError, lambda: claude.messages.create(model="claude-9", max_tokens=10, messages=user()))

    assert error.body["error"]["type"] == "not_found_error"


@pytest.mark.parametrize("status, kind", [(429, anthropic.RateLimitError), (500, anthropic.InternalServerError),
                                          (400, anthropic.BadRequestError)])
def test_a_providers_refusal_is_an_error_of_the_sdk(claude, status, kind):
    refused(kind, lambda: claude.messages.create(model=f"simulator/echo+error={status}", max_tokens=10, messages=user()))


def test_an_error_within_a_stream_is_raised(claude):
    with pytest.raises(anthropic.APIStatusError):
        with claude.messages.stream(model="simulator/numbered-9+error-in-stream=3", max_tokens=100, messages=user()) as stream:
            list(stream.text_stream)


def test_models_are_listed(claude):
    assert "gpt-4o" in [model.id for model in claude.models.list()]


def test_the_prefix_of_the_family_works(url):
    with Anthropic(base_url=f"{url}/anthropic", auth_token=gateway.KEY, max_retries=0) as client:
        assert texts(client.messages.create(model="simulator/echo", max_tokens=99, messages=user())) == "Hello there!"
