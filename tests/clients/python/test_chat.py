"""Chats with the OpenAI SDK: whole and streamed."""
import asyncio

import pytest

from words import numbers, text_of, user


def test_a_chat_is_answered(client):
    completion = client.chat.completions.create(model="simulator/echo", messages=user("Grüße, 世界 🌍"))

    assert completion.object == "chat.completion"
    assert completion.choices[0].message.role == "assistant"
    assert completion.choices[0].message.content == "Grüße, 世界 🌍"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.prompt_tokens > 0
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


def test_a_name_of_ours_is_answered_by_its_target(client):
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=user())

    assert raw.parse().choices[0].message.content == "Hello there!"
    assert raw.headers["x-sluice-model"] == "echo"


def test_a_long_history_with_parts_is_answered(client):
    messages = [{"role": "system", "content": "Be brief."}, *user("One"), {"role": "assistant", "content": "Two"},
                {"role": "user", "content": [{"type": "text", "text": "Three"},
                                             {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}]

    assert client.chat.completions.create(model="simulator/echo", messages=messages).choices[0].message.content == "Three"


def test_a_large_prompt_comes_back_whole(client):
    text = "".join(f"line {number} \u00e9\u4e16\n" for number in range(60_000))

    assert client.chat.completions.create(model="simulator/echo", messages=user(text)).choices[0].message.content == text


def test_several_choices_are_answered(client):
    choices = client.chat.completions.create(model="simulator/echo", messages=user(), n=3).choices

    assert [choice.index for choice in choices] == [0, 1, 2]


def test_a_limit_of_tokens_is_told_as_the_finish_reason(client):
    completion = client.chat.completions.create(model="simulator/lorem-50", messages=user(), max_completion_tokens=5)

    assert completion.choices[0].finish_reason == "length" and completion.usage.completion_tokens == 5


def test_a_refusal_is_no_content(client):
    message = client.chat.completions.create(model="simulator/refusal", messages=user()).choices[0].message

    assert message.refusal and message.content is None


def test_reasoning_is_kept_as_a_field_that_the_sdk_does_not_know(client):
    completion = client.chat.completions.create(model="simulator/reasoning-12", messages=user())

    assert completion.choices[0].message.content == "Hello there!"
    assert completion.choices[0].message.reasoning_content
    assert completion.usage.completion_tokens_details.reasoning_tokens == 12


def test_reasoning_streams_before_the_answer(client):
    chunks = list(client.chat.completions.create(model="simulator/reasoning-12", messages=user(), stream=True))
    deltas = [chunk.choices[0].delta for chunk in chunks]
    thoughts = [number for number, delta in enumerate(deltas) if getattr(delta, "reasoning_content", None)]
    words = [number for number, delta in enumerate(deltas) if delta.content]

    assert len(thoughts) == 12 and max(thoughts) < min(words)
    assert text_of(chunks) == "Hello there!"


# ---- Streams


def test_a_stream_brings_every_delta_once_and_in_order(client):
    chunks = list(client.chat.completions.create(model="simulator/numbered-500", messages=user(), stream=True))

    assert text_of(chunks) == numbers(500)
    assert len({chunk.id for chunk in chunks}) == 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}


def test_a_stream_whose_usage_was_not_asked_for_shows_none(client):
    chunks = list(client.chat.completions.create(model="simulator/numbered-5", messages=user(), stream=True))

    assert all(chunk.usage is None and len(chunk.choices) == 1 for chunk in chunks)
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "stop"]


def test_a_stream_whose_usage_was_asked_for_ends_with_it(client):
    chunks = list(client.chat.completions.create(model="simulator/numbered-5", messages=user(), stream=True,
                                                 stream_options={"include_usage": True}))

    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 5
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-2].choices[0].finish_reason == "stop"


def test_usage_is_the_same_streamed_and_not(client):
    whole = client.chat.completions.create(model="simulator/lorem-30", messages=user()).usage
    *_, last = client.chat.completions.create(model="simulator/lorem-30", messages=user(), stream=True,
                                              stream_options={"include_usage": True})

    assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (whole.prompt_tokens, whole.completion_tokens)


def test_the_stream_helper_accumulates_the_answer(client):
    with client.chat.completions.stream(model="simulator/numbered-20", messages=user()) as stream:
        events = list(stream)
        final = stream.get_final_completion()

    deltas = [event.delta for event in events if event.type == "content.delta"]
    assert "".join(deltas) == numbers(20) == final.choices[0].message.content
    assert [event.content for event in events if event.type == "content.done"] == [numbers(20)]
    assert final.choices[0].finish_reason == "stop" and final.usage is None


def test_the_stream_helper_keeps_the_usage_that_was_asked_for(client):
    with client.chat.completions.stream(model="simulator/numbered-20", messages=user(),
                                        stream_options={"include_usage": True}) as stream:
        assert stream.get_final_completion().usage.completion_tokens == 20


def test_raw_bytes_of_a_stream_can_be_read_line_by_line(client):
    with client.chat.completions.with_streaming_response.create(
            model="simulator/numbered-3", messages=user(), stream=True) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]

    assert all(line.startswith("data: {") for line in lines[:-1]) and lines[-1] == "data: [DONE]"


def test_deltas_arrive_while_the_answer_is_still_made(client):
    stream = client.chat.completions.create(model="simulator/numbered-8+stall=4", messages=user(), stream=True)
    with stream:
        received = ""
        while received != numbers(4):
            received += text_of([next(stream)])


def test_the_asynchronous_client_streams(async_client):
    async def collect():
        async with async_client as client:
            stream = await client.chat.completions.create(model="simulator/numbered-100", messages=user(), stream=True)
            return [chunk async for chunk in stream]

    assert text_of(asyncio.run(collect())) == numbers(100)


def test_the_asynchronous_stream_helper_accumulates(async_client):
    async def collect():
        async with async_client as client:
            async with client.chat.completions.stream(model="simulator/numbered-20", messages=user()) as stream:
                return await stream.get_final_completion()

    assert asyncio.run(collect()).choices[0].message.content == numbers(20)


@pytest.mark.parametrize("model", ["simulator/numbered-{}", "simulator/numbered-{}+gap=2ms"])
def test_fifty_streams_at_once_do_not_mix(async_client, model):
    async def one(client, count):
        stream = await client.chat.completions.create(model=model.format(count), messages=user(), stream=True)
        return text_of([chunk async for chunk in stream])

    async def all_of_them():
        async with async_client as client:
            return await asyncio.gather(*(one(client, count) for count in range(50, 100)))

    assert asyncio.run(all_of_them()) == [numbers(count) for count in range(50, 100)]


def test_fifty_calls_at_once_get_their_own_answers(async_client):
    async def all_of_them():
        async with async_client as client:
            completions = await asyncio.gather(*(
                client.chat.completions.create(model="simulator/echo+delay=20ms", messages=user(f"Number {number}"))
                for number in range(50)))
            return [completion.choices[0].message.content for completion in completions], {one._request_id for one in completions}

    texts, ids = asyncio.run(all_of_them())
    assert texts == [f"Number {number}" for number in range(50)] and len(ids) == 50
