"""Where the OpenAI SDK may be pointed, as which client, and what comes back beside the answer."""
import asyncio
import re

import pytest
from openai import AsyncAzureOpenAI, AzureOpenAI, OpenAI

import gateway
from words import numbers, text_of, user

FORMS = ["/v1", "/v1/", "", "/", "/openai/v1", "/openai"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_base_url_works(url, form):
    with OpenAI(base_url=url + form, api_key=gateway.KEY, max_retries=0) as client:
        assert client.chat.completions.create(model="gpt-4o", messages=user()).choices[0].message.content == "Hello there!"
        assert client.models.retrieve("gpt-4o").id == "gpt-4o"
        assert client.responses.create(model="gpt-4o", input="Hello there!").output_text == "Hello there!"
        assert text_of(client.chat.completions.create(model="simulator/numbered-3", messages=user(), stream=True)) == numbers(3)


# ---- What comes beside the answer


def test_the_id_of_a_request_is_on_its_answer_and_in_the_log(client, sluice):
    completion = client.chat.completions.create(model="gpt-4o", messages=user())

    line = sluice.access(completion._request_id)
    assert line["status"] == 200 and line["model"]


def test_a_callers_own_id_is_kept(client):
    completion = client.chat.completions.create(model="gpt-4o", messages=user(), extra_headers={"x-request-id": "mine-42"})

    assert completion._request_id == "mine-42"


def test_raw_headers_tell_who_answered(client):
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=user())

    assert raw.headers["x-sluice-provider"] == "simulator" and raw.headers["x-sluice-model"] == "echo"
    assert raw.headers["x-sluice-attempts"] == "1"
    assert re.search(r"gw;dur=[0-9.]+", raw.headers["server-timing"])
    assert raw.headers["x-request-id"] == raw.request_id
    assert "server" not in raw.headers and "set-cookie" not in raw.headers
    assert raw.parse().choices[0].finish_reason == "stop"


def test_raw_headers_of_a_stream_tell_who_answered(client):
    with client.chat.completions.create(model="gpt-4o", messages=user(), stream=True) as stream:
        assert stream.response.headers["x-sluice-provider"] == "simulator"
        assert text_of(stream) == "Hello there!"


def test_one_connection_serves_many_requests(client, sluice):
    ports = {sluice.access(client.chat.completions.create(model="gpt-4o", messages=user())._request_id).get("client") for _ in range(20)}

    assert len(ports) == 1


# ---- Azure's client


@pytest.fixture
def azure(url):
    with AzureOpenAI(azure_endpoint=url, api_version="2024-10-21", api_key=gateway.KEY, max_retries=0) as made:
        yield made


@pytest.mark.parametrize("model", ["gpt-4o", "simulator/echo"])
def test_azures_client_finds_a_model_by_its_deployment(azure, model):
    completion = azure.chat.completions.create(model=model, messages=user())

    assert completion.choices[0].message.content == "Hello there!"


def test_azures_client_with_a_fixed_deployment_streams(url):
    with AzureOpenAI(azure_endpoint=url, azure_deployment="gpt-4o", api_version="2024-10-21", api_key=gateway.KEY) as client:
        assert text_of(client.chat.completions.create(model="ignored", messages=user(), stream=True)) == "Hello there!"


def test_azures_client_with_a_token_is_let_in(url):
    with AzureOpenAI(azure_endpoint=url, api_version="2024-10-21", azure_ad_token=gateway.KEY, max_retries=0) as client:
        assert client.chat.completions.create(model="gpt-4o", messages=user()).choices[0].message.content == "Hello there!"


def test_azures_client_asks_for_the_other_operations(azure):
    assert len(azure.embeddings.create(model="simulator/embedding-8", input="x").data[0].embedding) == 8
    assert azure.completions.create(model="gpt-4o", prompt="Once").choices[0].text == "Once"
    assert azure.responses.create(model="gpt-4o", input="Hi").output_text == "Hi"
    assert azure.audio.speech.create(model="simulator/speech", voice="alloy", input="Hi").content.startswith(b"RIFF")
    assert azure.images.generate(model="simulator/image", prompt="x").data
    assert azure.audio.transcriptions.create(model="simulator/transcription", file=("a.wav", b"RIFF" * 100, "audio/wav")).text


def test_azures_asynchronous_client_is_answered(url):
    async def ask():
        async with AsyncAzureOpenAI(azure_endpoint=url, api_version="2024-10-21", api_key=gateway.KEY) as client:
            return await client.chat.completions.create(model="gpt-4o", messages=user())

    assert asyncio.run(ask()).choices[0].message.content == "Hello there!"
