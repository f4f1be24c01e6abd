"""Google's SDK with providers that do not speak its API, and with the simulator."""
import asyncio

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

import gateway
from foreign import TOOLS, foreign, schema
from upstreams.scripted import COUNTED, VECTOR
from words import numbers

DECLARED = types.Tool(function_declarations=[
    types.FunctionDeclaration(name=name, description=about, parameters_json_schema=schema(properties))
    for name, (about, properties) in TOOLS.items()])
# The SDK would call the functions by itself.
BY_HAND = types.AutomaticFunctionCallingConfig(disable=True)
FINISHES = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP"}


class Place(BaseModel):
    city: str
    country: str


@pytest.fixture
def google(url):
    with genai.Client(api_key=gateway.KEY, http_options={"base_url": url}) as made:
        yield made


@pytest.fixture(params=["anthropic", "openai", "bedrock"])
def provider(request, upstreams):
    return foreign(request.param, upstreams)


def told(response):
    return [(call.name, call.args or {}) for call in response.function_calls or []]


def counted(usage):
    return usage.prompt_token_count, (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)


# ---- Recorded providers


def test_content_is_generated(google, provider):
    contents = [types.UserContent("Hello"), types.ModelContent("Yes?"), types.UserContent("Go on")]

    response = google.models.generate_content(model=provider.model, contents=contents,
                                              config={"system_instruction": "Be brief.", "max_output_tokens": 500, "temperature": 0.5})

    assert response.text == provider.text
    assert response.candidates[0].finish_reason.name == FINISHES[provider.says["finish"]["0"]]
    assert counted(response.usage_metadata) == provider.usage


def test_content_streams(google, provider):
    chunks = list(google.models.generate_content_stream(model=provider.model, contents="Hello"))

    assert len(chunks) > 1 and "".join(chunk.text or "" for chunk in chunks) == provider.text
    assert chunks[-1].candidates[0].finish_reason.name == FINISHES[provider.says["finish"]["0"]]
    assert counted(chunks[-1].usage_metadata) == provider.usage


def test_the_asynchronous_client_streams(url, provider):
    async def collect():
        client = genai.Client(api_key=gateway.KEY, http_options={"base_url": url})
        try:
            stream = await client.aio.models.generate_content_stream(model=provider.model, contents="Hello")
            return "".join([chunk.text or "" async for chunk in stream])
        finally:
            await client.aio.aclose()

    assert asyncio.run(collect()) == provider.text


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_functions_are_called_and_their_results_are_read(google, provider, streamed):
    def ask(contents):
        asking = {"model": provider.model, "contents": contents, "config": {"tools": [DECLARED], "automatic_function_calling": BY_HAND}}
        if not streamed:
            response = google.models.generate_content(**asking)
            return told(response), response.candidates[0].content.parts, response.text
        chunks = list(google.models.generate_content_stream(**asking))
        parts = [part for chunk in chunks if chunk.candidates and chunk.candidates[0].content
                 for part in chunk.candidates[0].content.parts or []]
        return [call for chunk in chunks for call in told(chunk)], parts, "".join(chunk.text or "" for chunk in chunks)

    contents = [types.UserContent("What is it like outside?")]
    calls, parts, _ = ask(contents)
    assert calls == provider.calls
    contents.append(types.ModelContent(parts))
    contents.append(types.UserContent([types.Part.from_function_response(name=name, response={"result": "21 degrees"})
                                       for name, _ in calls]))
    _, _, text = ask(contents)

    assert text == provider.text and len(provider.asked.results) == len(calls)
    assert all("21 degrees" in result for result in provider.asked.results)


def test_the_sdk_calls_functions_by_itself(google, provider, upstreams):
    places = []

    def find_place(name: str) -> str:
        """Finds a place."""
        places.append(name)
        return "found it"

    upstreams.agent = {"find_place": {"name": "Paris"}}
    response = google.models.generate_content(model=provider.model, contents="Where?", config={"tools": [find_place]})

    assert places == ["Paris"] and "found it" in provider.asked.results[0] and response.text == provider.text


def test_an_answer_is_parsed_by_a_schema(google, provider):
    response = google.models.generate_content(model=provider.model, contents="Where?", config={
        "response_mime_type": "application/json", "response_schema": Place})

    assert provider.asked.structured and response.parsed == Place.model_validate_json(provider.text)


def test_thoughts_are_told_apart(google, upstreams):
    provider = foreign("anthropic", upstreams)
    chunks = list(google.models.generate_content_stream(model=provider.model, contents="Hello", config={
        "max_output_tokens": 4000, "thinking_config": {"include_thoughts": True, "thinking_budget": 2000}}))
    parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts or []]

    assert "".join(part.text or "" for part in parts if part.thought) == provider.reasoning != ""
    assert "".join(part.text or "" for part in parts if not part.thought) == provider.text


@pytest.mark.parametrize("model", ["anthropic/claude-sonnet-4-5", "openai/gpt-4o", "simulator/echo"])
def test_tokens_are_counted(google, model):
    assert google.models.count_tokens(model=model, contents="Hello there!").total_tokens > 0


def test_tokens_are_counted_by_a_provider_that_can(google):
    assert google.models.count_tokens(model="gemini/gemini-2.5-flash", contents="Hello there!").total_tokens == COUNTED


def test_a_text_is_embedded(google):
    response = google.models.embed_content(model="openai/text-embedding-3-small", contents="Hello")

    assert [one.values for one in response.embeddings] == [VECTOR]


# ---- The simulator


def test_the_simulator_answers(google):
    response = google.models.generate_content(model="simulator/echo", contents="Hello there!")

    assert response.text == "Hello there!" and response.usage_metadata.prompt_token_count > 0


def test_the_simulator_streams_every_delta_once_and_in_order(google):
    chunks = google.models.generate_content_stream(model="simulator/numbered-500", contents="Hello")

    assert "".join(chunk.text or "" for chunk in chunks) == numbers(500)


def test_the_simulator_calls_a_function(google):
    def weather(city: str) -> str:
        """The weather."""
        return "Sunny in " + city

    response = google.models.generate_content(model="simulator/tool", contents="Hello", config={"tools": [weather]})

    assert response.text and [content.role for content in response.automatic_function_calling_history][-2:] == ["model", "user"]


def test_the_simulator_embeds(google):
    response = google.models.embed_content(model="simulator/embedding-8", contents=["One", "Two"])

    assert [len(one.values) for one in response.embeddings] == [8, 8]


# ---- Errors


@pytest.mark.parametrize("model, key, status", [("nothing", gateway.KEY, 404), ("gpt-4o", "wrong", 401),
                                                ("busy", gateway.KEY, 429)])
def test_a_refusal_is_an_error_of_the_sdk(url, model, key, status):
    with genai.Client(api_key=key, http_options={"base_url": url}) as client:
        with pytest.raises(errors.ClientError) as caught:
            client.models.generate_content(model=model, contents="Hello")

    assert caught.value.code == status and caught.value.status and caught.value.message


def test_models_are_listed(google):
    assert "models/gpt-4o" in [model.name for model in google.models.list()]
