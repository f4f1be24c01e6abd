"""Embeddings, rankings and predictions through the gateway: asked in one shape, answered by another's provider."""
import base64
import json
import struct

import pytest

from support.sluice import PROJECT
from support.upstream import answer

KEY = "sk-provider-canary-71c0"
REPLICATE = "replicate/meta/meta-llama-3-8b-instruct"


def recorded(case, name):
    folder, case = case.split("/")
    return (PROJECT / "providers" / folder / "transcripts" / case / name).read_bytes()


@pytest.fixture(scope="module")
def gateway(start, module_upstream):
    base = module_upstream.url.removesuffix("/v1")
    return start({
        "version": 1,
        "auth": {"required": False},
        "providers": {
            "google": {"type": "gemini", "base_url": base, "keys": [KEY]},
            "aws": {"type": "bedrock", "base_url": base, "region": "us-east-1", "keys": [KEY]},
            "open": {"type": "openai", "base_url": base + "/v1", "keys": [KEY]},
            "cohere": {"type": "cohere", "base_url": base, "keys": [KEY]},
            "tei": {"type": "huggingface-tei", "base_url": base + "/v1"},
            "voyage": {"type": "voyage", "base_url": base + "/v1", "keys": [KEY]},
            "replicate": {"type": "replicate", "base_url": base + "/v1", "keys": [KEY]},
        },
    }, upstream=module_upstream)


def embed(gateway, model, texts, **more):
    response = gateway.ask("POST", "/v1/embeddings", {"model": model, "input": texts, **more})
    assert response.status == 200, response
    return response.json()


def test_a_caller_of_openai_reads_vectors_of_gemini_bit_for_bit(gateway, module_upstream):
    told = recorded("gemini/embedContent-basic-f4ec1c", "response.json")
    module_upstream.then(answer(told))

    reply = embed(gateway, "google/gemini-embedding-001", "Ruby is a programmer's best friend", dimensions=768, encoding_format="base64")

    asked = module_upstream.requests[-1]
    assert asked.path.endswith("/models/gemini-embedding-001:batchEmbedContents")
    assert asked.json() == json.loads(recorded("gemini/embedContent-basic-f4ec1c", "request.json"))
    vector = struct.unpack("<768f", base64.b64decode(reply["data"][0]["embedding"]))
    values = json.loads(told)["embeddings"][0]["values"]
    assert vector == struct.unpack("<768f", struct.pack("<768f", *values))


def test_a_caller_of_gemini_reads_vectors_of_openai(gateway, module_upstream):
    module_upstream.then(answer(recorded("openai/embeddings-batch-input-5c3aeb", "response.json")))
    requests = [{"model": "models/x", "content": {"parts": [{"text": text}]}} for text in ("hello", "world")]

    response = gateway.ask("POST", "/v1beta/models/open%2Ftext-embedding-3-small:batchEmbedContents", {"requests": requests})

    assert response.status == 200, response
    assert [len(one["values"]) for one in response.json()["embeddings"]] == [1536, 1536]
    assert module_upstream.requests[-1].json() == {"model": "text-embedding-3-small", "input": ["hello", "world"]}


def test_models_that_take_one_text_are_called_for_each(gateway, module_upstream):
    for number in (1, 2, 3):
        module_upstream.then(answer({"embedding": [number], "inputTextTokenCount": number}))

    reply = embed(gateway, "aws/amazon.titan-embed-text-v2:0", ["a", "b", "c"], dimensions=256)

    assert [one["embedding"] for one in reply["data"]] == [[1], [2], [3]]
    assert reply["usage"] == {"prompt_tokens": 6, "total_tokens": 6}
    assert [one.json() for one in module_upstream.requests[-3:]] == [{"inputText": text, "dimensions": 256} for text in "abc"]


def test_what_a_target_cannot_be_told_is_listed_or_refused(gateway, module_upstream):
    module_upstream.then(answer(recorded("cohere/embed-basic-c39265", "response.json")))
    body = {"model": "cohere/embed-v4.0", "input": "a", "user": "me"}
    assert gateway.ask("POST", "/v1/embeddings", body).header("x-sluice-dropped") == "user"

    refused = gateway.ask("POST", "/v1/embeddings", {**body, "input": [1, 2, 3]})
    assert (refused.status, refused.error["param"]) == (400, "input")


@pytest.mark.parametrize("model, told", [
    ("cohere/rerank-v3.5", json.loads(recorded("cohere/rerank-basic-6e0589", "response.json"))),
    ("voyage/rerank-2.5", {"data": [{"index": 0, "relevance_score": 0.75809944}, {"index": 2, "relevance_score": 0.5515985}]}),
])
def test_rankings_have_one_shape_and_their_documents(gateway, module_upstream, model, told):
    module_upstream.then(answer(told))
    documents = ["Ruby is a programming language", {"text": "Paris is in France"}, "Rails is a Ruby framework"]

    response = gateway.ask("POST", "/v1/rerank", {"model": model, "query": "ruby", "documents": documents, "top_n": 2, "return_documents": True})

    assert response.status == 200, response
    assert response.json()["results"] == [
        {"index": 0, "relevance_score": 0.75809944, "document": {"text": documents[0]}},
        {"index": 2, "relevance_score": 0.5515985, "document": {"text": documents[2]}}]
    assert module_upstream.requests[-1].json()["documents"][1] == "Paris is in France"


def test_a_server_of_your_own_ranks_beside_its_embeddings(gateway, module_upstream):
    module_upstream.then(answer([{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}]))

    response = gateway.ask("POST", "/v1/rerank", {"model": "tei/bge", "query": "q", "documents": ["a", "b"], "top_n": 1})

    assert response.status == 200, response
    assert response.json()["results"] == [{"index": 1, "relevance_score": 0.9}]
    asked = module_upstream.requests[-1]
    assert (asked.path, asked.json()) == ("/rerank", {"query": "q", "texts": ["a", "b"]})


@pytest.mark.parametrize("stream", [False, True])
def test_a_prediction_is_waited_for(gateway, module_upstream, stream):
    module_upstream.then(answer({"id": "p1", "status": "starting"}, status=201))
    module_upstream.then(answer({"id": "p1", "status": "succeeded", "output": ["Hel", "lo"],
                                 "metrics": {"input_token_count": 3, "output_token_count": 2}}))

    response = gateway.chat({"model": REPLICATE, "stream": stream, "messages": [{"role": "user", "content": "Hi"}]})

    assert response.status == 200, response
    begun, asked = module_upstream.requests[-2:]
    assert (begun.method, begun.path) == ("POST", "/v1/models/meta/meta-llama-3-8b-instruct/predictions")
    assert begun.json() == {"input": {"prompt": "Hi"}} and begun.header("prefer") == "wait"
    assert (asked.method, asked.path, asked.body) == ("GET", "/v1/predictions/p1", b"")
    assert asked.header("authorization") == begun.header("authorization") == f"Bearer {KEY}"
    if stream:
        chunks = [json.loads(event) for event in response.events() if event != "[DONE]"]
        text = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    else:
        text = response.json()["choices"][0]["message"]["content"]
        assert response.json()["usage"]["total_tokens"] == 5
    assert text == "Hello"


def test_a_prediction_that_fails_says_why(gateway, module_upstream):
    module_upstream.then(answer({"id": "p1", "status": "failed", "error": "CUDA out of memory", "output": None}, status=201))

    response = gateway.chat({"model": REPLICATE, "messages": [{"role": "user", "content": "Hi"}]})

    assert response.status == 502 and "CUDA out of memory" in response.error["message"], response
