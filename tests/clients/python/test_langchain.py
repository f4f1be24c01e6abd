"""LangChain's chat models for OpenAI and for Anthropic, each with providers of other APIs."""
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

import gateway
from foreign import TOOLS, foreign, schema
from upstreams.scripted import VECTOR

FUNCTIONS = [{"type": "function", "function": {"name": name, "description": about, "parameters": schema(properties)}}
             for name, (about, properties) in TOOLS.items()]


def make_openai(url, model, **more):
    return ChatOpenAI(model=model, base_url=f"{url}/v1", api_key=gateway.KEY, max_retries=0, **more)


def make_responses(url, model):
    return make_openai(url, model, use_responses_api=True)


def make_anthropic(url, model):
    return ChatAnthropic(model=model, base_url=url, api_key=gateway.KEY, max_retries=0, max_tokens=1000)


@pytest.fixture(params=[(make_openai, "anthropic"), (make_openai, "gemini"), (make_responses, "bedrock"), (make_responses, "gemini"),
                        (make_anthropic, "gemini"), (make_anthropic, "openai"), (make_anthropic, "bedrock")],
                ids=lambda pair: f"{pair[0].__name__[5:]}-{pair[1]}")
def pair(request, url, upstreams):
    make, name = request.param
    provider = foreign(name, upstreams)
    return make(url, provider.model), provider


def called(message):
    return [(call["name"], call["args"]) for call in message.tool_calls]


def test_a_model_is_invoked(pair):
    model, provider = pair
    message = model.invoke([SystemMessage("Be brief."), HumanMessage("Hello")])

    assert message.text == provider.text
    assert (message.usage_metadata["input_tokens"], message.usage_metadata["output_tokens"]) == provider.usage


def test_a_model_streams(pair):
    model, provider = pair
    chunks = list(model.stream("Hello"))

    assert len(chunks) > 1 and "".join(chunk.text for chunk in chunks) == provider.text


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_tools_are_called_and_their_results_are_read(pair, streamed):
    model, provider = pair
    bound = model.bind_tools(FUNCTIONS)

    def ask(messages):
        if not streamed:
            return bound.invoke(messages)
        first, *others = bound.stream(messages)
        return sum(others, first)

    messages = [HumanMessage("What is it like outside?")]
    first = ask(messages)
    assert called(first) == provider.calls
    messages += [first, *(ToolMessage("21 degrees", tool_call_id=call["id"]) for call in first.tool_calls)]

    assert ask(messages).text == provider.text
    assert provider.asked.results == ["21 degrees"] * len(first.tool_calls)


def test_a_structured_answer_is_parsed(url, upstreams):
    provider = foreign("anthropic", upstreams)
    place = {"title": "Place", "type": "object", "properties": {"city": {"type": "string"}, "country": {"type": "string"}},
             "required": ["city", "country"], "additionalProperties": False}

    found = make_openai(url, provider.model).with_structured_output(place, method="json_schema").invoke("Where?")

    assert found == {"city": "Mexico City", "country": "Mexico"}


def test_texts_are_embedded(url):
    embeddings = OpenAIEmbeddings(model="gemini/gemini-embedding-001", base_url=f"{url}/v1", api_key=gateway.KEY, max_retries=0,
                                  check_embedding_ctx_length=False)

    assert embeddings.embed_documents(["One", "Two"]) == [VECTOR, VECTOR]
