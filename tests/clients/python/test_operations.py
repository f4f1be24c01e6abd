"""Everything beside chats with the OpenAI SDK."""
import base64
import io
import math
import wave

import pytest

from words import function, numbers, user


def sound(size=3000):
    """A file as people upload it: a name, then bytes of all values."""
    return ("speech.wav", io.BytesIO(bytes(range(256)) * (size // 256 + 1)), "audio/wav")


# ---- Completions, embeddings, moderations


def test_a_completion_is_answered(client):
    completion = client.completions.create(model="simulator/echo", prompt="Once upon")

    assert completion.object == "text_completion" and completion.choices[0].text == "Once upon"
    assert completion.usage.total_tokens > 0


def test_a_completion_streams(client):
    chunks = list(client.completions.create(model="simulator/numbered-50", prompt="x", stream=True))

    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == numbers(50)
    assert all(chunk.usage is None for chunk in chunks)
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_embeddings_in_the_sdks_own_coding_are_unit_vectors(client):
    """The SDK asks for base64 when it is not told otherwise, and decodes it."""
    answer = client.embeddings.create(model="simulator/embedding-256", input=["one", "two", "one"])
    one, two, again = [item.embedding for item in answer.data]

    assert [item.index for item in answer.data] == [0, 1, 2]
    assert len(one) == 256 and one == again != two
    assert math.isclose(math.hypot(*one), 1, abs_tol=1e-3)
    assert answer.usage.prompt_tokens > 0


def test_embeddings_as_numbers_are_the_same(client):
    coded = client.embeddings.create(model="simulator/embedding", input="one", dimensions=64).data[0].embedding
    plain = client.embeddings.create(model="simulator/embedding", input="one", dimensions=64, encoding_format="float").data[0].embedding

    assert len(plain) == 64 and coded == pytest.approx(plain, abs=1e-6)


def test_embeddings_of_tokens_are_answered(client):
    assert len(client.embeddings.create(model="simulator/embedding-8", input=[[1, 2, 3], [4]]).data) == 2


def test_moderations_flag(client):
    results = client.moderations.create(model="simulator/moderation", input=["peace", "violence"]).results

    assert [result.flagged for result in results] == [False, True]
    assert results[1].categories.violence and results[1].category_scores.violence > results[0].category_scores.violence


# ---- Models


def test_models_are_listed(client):
    models = list(client.models.list())

    assert "gpt-4o" in [model.id for model in models]
    assert all(model.object == "model" for model in models)


@pytest.mark.parametrize("name", ["gpt-4o", "simulator/echo"])
def test_a_model_is_described(client, name):
    model = client.models.retrieve(name)

    assert model.id == name and model.object == "model"


# ---- Images and sound


def test_images_are_answered_as_bytes_in_base64(client):
    images = client.images.generate(model="simulator/image", prompt="a grey pixel", n=2, response_format="b64_json").data

    assert len(images) == 2
    assert all(base64.b64decode(image.b64_json).startswith(b"\x89PNG") for image in images)


def test_an_image_is_edited(client):
    image = ("pixel.png", b"\x89PNG\r\n\x1a\n" + bytes(500), "image/png")

    images = client.images.edit(model="simulator/image", image=image, prompt="greyer", response_format="b64_json").data

    assert base64.b64decode(images[0].b64_json).startswith(b"\x89PNG")


def test_speech_is_sound(client):
    speech = client.audio.speech.create(model="simulator/speech", voice="alloy", input="Hello there!", response_format="wav")

    with wave.open(io.BytesIO(speech.content)) as opened:
        assert opened.getnframes() > 0


def test_speech_streams_into_a_file(client, tmp_path):
    target = tmp_path / "speech.wav"

    with client.audio.speech.with_streaming_response.create(model="simulator/speech", voice="alloy", input="Hi") as response:
        response.stream_to_file(target)

    assert target.read_bytes().startswith(b"RIFF")


@pytest.mark.parametrize("size", [3000, 3_000_000])
def test_a_recording_is_transcribed(client, size):
    text = client.audio.transcriptions.create(model="simulator/transcription", file=sound(size), language="en", temperature=0.2).text

    counted = [int(word) for word in text.replace(",", "").split() if word.isdigit()]
    assert counted and counted[0] >= size


@pytest.mark.filterwarnings("ignore:deprecated")
def test_a_recording_is_translated(client):
    assert client.audio.translations.create(model="simulator/transcription", file=sound()).text


# ---- Responses


def test_a_response_is_answered(client):
    response = client.responses.create(model="simulator/echo", input="Hello there!", instructions="Be brief.")

    assert response.status == "completed" and response.output_text == "Hello there!"
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens


def test_a_response_to_messages_is_answered(client):
    response = client.responses.create(model="simulator/echo", input=user("One") + [{"role": "assistant", "content": "Two"}] + user("Three"))

    assert response.output_text == "Three"


def test_a_response_streams_from_created_to_completed(client):
    events = list(client.responses.create(model="simulator/numbered-30", input="x", stream=True))

    assert events[0].type == "response.created" and events[-1].type == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == numbers(30)
    assert events[-1].response.output_text == numbers(30) and events[-1].response.usage.output_tokens == 30


def test_the_helper_for_responses_accumulates(client):
    with client.responses.stream(model="simulator/numbered-30", input="x") as stream:
        for _ in stream:
            pass
        assert stream.get_final_response().output_text == numbers(30)


def test_a_response_calls_a_tool(client):
    tool = {"type": "function", "strict": True, **function("weather", city={"type": "string"})["function"]}

    response = client.responses.create(model="simulator/tool", input="Hi", tools=[tool])

    call, = [item for item in response.output if item.type == "function_call"]
    assert call.name == "weather" and call.call_id and call.arguments


def test_a_response_is_parsed_into_a_model(client):
    from test_tools import Machine

    assert isinstance(client.responses.parse(model="simulator/json", input="Hi", text_format=Machine).output_parsed, Machine)


def test_a_response_shows_its_reasoning(client):
    response = client.responses.create(model="simulator/reasoning-12", input="Hello there!", reasoning={"summary": "auto"})

    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.output[0].summary[0].text and response.output_text == "Hello there!"
    assert response.usage.output_tokens_details.reasoning_tokens == 12
