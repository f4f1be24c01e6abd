"""The OpenAI SDK with providers that do not speak its API."""
import asyncio
import json
from urllib.parse import unquote

import openai
import pytest
from pydantic import BaseModel

from foreign import PLACE_VALUE, TOOLS, foreign, schema
from words import text_of, user

CHAT_TOOLS = [{"type": "function", "function": {"name": name, "description": about, "parameters": schema(properties)}}
              for name, (about, properties) in TOOLS.items()]
RESPONSE_TOOLS = [{"type": "function", **tool["function"], "strict": False} for tool in CHAT_TOOLS]


class Place(BaseModel):
    city: str
    country: str


@pytest.fixture(params=["anthropic", "gemini", "bedrock"])
def provider(request, upstreams):
    return foreign(request.param, upstreams)


def called(calls):
    return [(call.function.name, json.loads(call.function.arguments)) for call in calls]


def results(calls):
    return [{"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name}: 21 degrees"} for call in calls]


# ---- Chats


def test_a_chat_is_answered(client, provider):
    messages = [{"role": "system", "content": "Be brief."}, *user("Hello"), {"role": "assistant", "content": "Yes?"}, *user("Go on")]

    completion = client.chat.completions.create(model=provider.model, messages=messages, temperature=0.5)

    choice, = completion.choices
    assert (choice.message.role, choice.message.content) == ("assistant", provider.text)
    assert choice.finish_reason == provider.says["finish"]["0"] and not choice.message.tool_calls
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == provider.usage
    assert completion.usage.total_tokens == sum(provider.usage)
    assert (provider.asked.api, unquote(provider.asked.model)) == (provider.name, provider.model.split("/", 1)[1])


def test_a_chat_streams(client, provider):
    chunks = list(client.chat.completions.create(model=provider.model, messages=user(), stream=True,
                                                 stream_options={"include_usage": True}))

    assert provider.asked.stream and text_of(chunks) == provider.text
    assert len({chunk.id for chunk in chunks}) == 1 and chunks[0].choices[0].delta.role == "assistant"
    finishes = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    assert finishes == [provider.says["finish"]["0"]]
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == provider.usage


def test_the_stream_helper_accumulates_the_answer(client, provider):
    with client.chat.completions.stream(model=provider.model, messages=user()) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()

    assert "".join(deltas) == final.choices[0].message.content == provider.text
    assert final.usage is None


def test_the_asynchronous_client_streams(async_client, provider):
    async def collect():
        async with async_client as client:
            async with client.chat.completions.stream(model=provider.model, messages=user()) as stream:
                return await stream.get_final_completion()

    assert asyncio.run(collect()).choices[0].message.content == provider.text


def test_tools_are_called_and_their_results_are_read(client, provider):
    messages = user("What is it like outside?")
    message = client.chat.completions.create(model=provider.model, messages=messages, tools=CHAT_TOOLS).choices[0].message

    assert called(message.tool_calls) == provider.calls and len({call.id for call in message.tool_calls}) == len(provider.calls)
    messages += [message.model_dump(exclude_none=True), *results(message.tool_calls)]
    last = client.chat.completions.create(model=provider.model, messages=messages, tools=CHAT_TOOLS)

    assert last.choices[0].message.content == provider.text and last.choices[0].finish_reason == "stop"
    assert [text.split(": ", 1)[1] for text in provider.asked.results] == ["21 degrees"] * len(message.tool_calls)


def test_streamed_tool_calls_are_put_together(client, provider):
    messages = user("What is it like outside?")
    with client.chat.completions.stream(model=provider.model, messages=messages, tools=CHAT_TOOLS) as stream:
        done = [event.arguments for event in stream if event.type == "tool_calls.function.arguments.done"]
        choice = stream.get_final_completion().choices[0]

    assert choice.finish_reason == "tool_calls" and called(choice.message.tool_calls) == provider.calls
    assert done == [call.function.arguments for call in choice.message.tool_calls]
    messages += [choice.message.model_dump(exclude_none=True), *results(choice.message.tool_calls)]
    with client.chat.completions.stream(model=provider.model, messages=messages, tools=CHAT_TOOLS) as stream:
        assert stream.get_final_completion().choices[0].message.content == provider.text


def test_an_answer_is_parsed_by_a_schema(client, provider):
    completion = client.chat.completions.parse(model=provider.model, messages=user("Where?"), response_format=Place)

    assert completion.choices[0].message.parsed == Place(**json.loads(provider.text))


def test_a_streamed_answer_is_parsed_by_a_schema(client, provider):
    with client.chat.completions.stream(model=provider.model, messages=user("Where?"), response_format=Place) as stream:
        parsed = stream.get_final_completion().choices[0].message.parsed

    assert provider.asked.structured and parsed == Place(**PLACE_VALUE)


def test_an_effort_is_a_wish_to_think(client, provider):
    chunks = list(client.chat.completions.create(model=provider.model, messages=user(), reasoning_effort="low", stream=True))

    assert text_of(chunks) == provider.text
    thoughts = "".join(getattr(choice.delta, "reasoning_content", None) or "" for chunk in chunks for choice in chunk.choices)
    assert thoughts == provider.reasoning
    if provider.name == "gemini":  # It shows what it thought to those only who ask for that.
        assert provider.asked.body["generationConfig"]["thinkingConfig"] and not thoughts
    else:
        assert provider.asked.thinking and thoughts


# ---- Responses


def test_a_response_is_answered(client, provider):
    response = client.responses.create(model=provider.model, instructions="Be brief.", input="Hello")

    assert response.output_text == provider.text
    assert response.status == ("incomplete" if provider.says["finish"]["0"] == "length" else "completed")
    assert (response.usage.input_tokens, response.usage.output_tokens) == provider.usage


def test_the_stream_helper_accumulates_a_response(client, provider):
    with client.responses.stream(model=provider.model, input="Hello") as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()

    assert "".join(deltas) == final.output_text == provider.text
    assert (final.usage.input_tokens, final.usage.output_tokens) == provider.usage


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_a_response_calls_tools_and_reads_their_results(client, provider, streamed):
    def ask(given):
        if not streamed:
            return client.responses.create(model=provider.model, input=given, tools=RESPONSE_TOOLS)
        with client.responses.stream(model=provider.model, input=given, tools=RESPONSE_TOOLS) as stream:
            return stream.get_final_response()

    given = user("What is it like outside?")
    first = ask(given)
    calls = [item for item in first.output if item.type == "function_call"]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == provider.calls
    given += [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output]
    given += [{"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees"} for call in calls]

    assert ask(given).output_text == provider.text
    assert provider.asked.results == ["21 degrees"] * len(calls)


def test_a_response_is_parsed_by_a_schema(client, provider):
    response = client.responses.parse(model=provider.model, input="Where?", text_format=Place)

    assert response.output_parsed == Place(**json.loads(provider.text))


def test_a_streamed_response_is_parsed_by_a_schema(client, provider):
    with client.responses.stream(model=provider.model, input="Where?", text_format=Place) as stream:
        assert stream.get_final_response().output_parsed == Place(**PLACE_VALUE)


def test_a_response_tells_what_was_thought(client, provider):
    with client.responses.stream(model=provider.model, input="Hello", reasoning={"effort": "low", "summary": "auto"}) as stream:
        events = list(stream)
        final = stream.get_final_response()

    thoughts = [item for item in final.output if item.type == "reasoning"]
    assert final.output_text == provider.text and provider.reasoning and thoughts
    told = "".join(part.text for item in thoughts for part in [*(item.summary or []), *(item.content or [])])
    assert told == provider.reasoning
    assert any(event.type.startswith("response.reasoning") for event in events)


@pytest.mark.parametrize("name", ["anthropic", "bedrock"])
def test_what_a_provider_cannot_is_refused_by_the_fields_name(client, upstreams, name):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=foreign(name, upstreams).model, messages=user(), n=3)

    assert caught.value.code == "unsupported_parameter" and caught.value.param == "n"
