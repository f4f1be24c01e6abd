"""AWS's SDK at the raw path of a Bedrock provider: its own dialect, its own binary events."""
import boto3
import botocore.config
import botocore.exceptions
import pytest

import gateway
from foreign import TOOLS, foreign, schema
from support.certificates import Authority

TOOL_CONFIG = {"tools": [{"toolSpec": {"name": name, "description": about, "inputSchema": {"json": schema(properties)}}}
                         for name, (about, properties) in TOOLS.items()]}


@pytest.fixture
def provider(upstreams):
    return foreign("bedrock", upstreams)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def address(tmp_path_factory, upstreams, authority):
    """Of a gateway with a certificate: the SDK sends bearer tokens to no other."""
    certificate, key = authority.sign("sluice")
    tls = {"server": {"tls": {"certificate": str(certificate), "private_key": str(key)}}}
    running = gateway.Sluice(tmp_path_factory.mktemp("tls"), gateway.merged(gateway.config(upstreams), tls))
    yield f"https://{running.address}"
    running.stop()


def make_client(address, authority, **more):
    config = botocore.config.Config(retries={"total_max_attempts": 1})
    return boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=f"{address}/providers/bedrock", config=config,
                        verify=str(authority.certificate), **more)


@pytest.fixture
def bedrock(address, authority, monkeypatch):
    """As people make it; our key stands where AWS's own bearer token would."""
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", gateway.KEY)
    return make_client(address, authority)


def user(text="Hello there!"):
    return [{"role": "user", "content": [{"text": text}]}]


def model_of(provider):
    return provider.model.split("/", 1)[1]


def texts(message):
    return "".join(block.get("text", "") for block in message["content"])


def test_a_conversation_is_answered(bedrock, provider):
    answer = bedrock.converse(modelId=model_of(provider), messages=user(), system=[{"text": "Be brief."}],
                              inferenceConfig={"maxTokens": 500, "temperature": 0.5})

    assert texts(answer["output"]["message"]) == provider.text and answer["stopReason"] == "end_turn"
    usage = answer["usage"]
    assert usage["inputTokens"] + usage.get("cacheReadInputTokens", 0) + usage.get("cacheWriteInputTokens", 0) == provider.usage[0]
    assert usage["outputTokens"] == provider.usage[1]


def test_a_conversation_streams(bedrock, provider):
    events = list(bedrock.converse_stream(modelId=model_of(provider), messages=user())["stream"])

    pieces = [event["contentBlockDelta"]["delta"].get("text", "") for event in events if "contentBlockDelta" in event]
    assert "".join(pieces) == provider.text
    assert next(iter(events[0])) == "messageStart" and "metadata" in events[-1]


def test_tools_are_called_and_their_results_are_read(bedrock, provider):
    messages = user("Which is the largest city in the user country?")
    answer = bedrock.converse(modelId=model_of(provider), messages=messages, toolConfig=TOOL_CONFIG)
    message = answer["output"]["message"]
    uses = [block["toolUse"] for block in message["content"] if "toolUse" in block]
    assert [(use["name"], use["input"]) for use in uses] == provider.calls and answer["stopReason"] == "tool_use"

    results = [{"toolResult": {"toolUseId": use["toolUseId"], "content": [{"text": "21 degrees"}]}} for use in uses]
    messages += [message, {"role": "user", "content": results}]
    last = bedrock.converse(modelId=model_of(provider), messages=messages, toolConfig=TOOL_CONFIG)

    assert texts(last["output"]["message"]) == provider.text and provider.asked.results == ["21 degrees"] * len(uses)


def test_streamed_tool_calls_are_put_together(bedrock, provider):
    stream = bedrock.converse_stream(modelId=model_of(provider), messages=user(), toolConfig=TOOL_CONFIG)["stream"]
    events = list(stream)

    starts = [event["contentBlockStart"]["start"]["toolUse"]["name"] for event in events
              if "toolUse" in event.get("contentBlockStart", {}).get("start", {})]
    assert starts == [name for name, _ in provider.calls]


def test_a_signature_is_no_key_of_ours(address, authority, monkeypatch):
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    client = make_client(address, authority, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="fake")

    with pytest.raises(botocore.exceptions.ClientError) as caught:
        client.converse(modelId="m", messages=user())
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


def test_a_refusal_of_the_provider_is_an_error_of_the_sdk(bedrock, provider):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        bedrock.converse(modelId=model_of(provider), messages=[*user(), *user()])

    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
