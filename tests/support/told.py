"""What a caller of each family was told by an event stream, however it is written."""
import json

from support.client import chat

WORDS = "Say it all."


class Told:
    def __init__(self):
        self.text = ""
        self.ids = set()
        self.finishes = []
        self.ends = 0
        self.errors = []
        self.usages = []  # (input, output)
        self.calls = 0

    def whole(self):
        return len(self.finishes) == 1 and self.ends == 1 and not self.errors and len(self.ids) == 1


def parsed(body):
    """(name, value) of each event; the stream must end with a whole one."""
    assert body.endswith((b"\n\n", b"\r\n\r\n")), body[-200:]
    for block in body.decode().replace("\r\n", "\n").split("\n\n"):
        fields = [line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":")]
        data = [value for name, value in fields if name == "data"]
        if data:
            name = next((value for name, value in fields if name == "event"), None)
            yield name, data[0] if data[0] == "[DONE]" else json.loads("\n".join(data))


def chat_told(body):
    told = Told()
    for _, value in parsed(body):
        if value == "[DONE]":
            told.ends += 1
        elif value.get("error"):
            told.errors.append(value["error"]["code"])
        else:
            told.ids.add(value["id"])
            for choice in value["choices"]:
                told.text += choice["delta"].get("content") or ""
                told.calls += len(choice["delta"].get("tool_calls") or ())
                if choice.get("finish_reason"):
                    told.finishes.append(choice["finish_reason"])
            if value.get("usage"):
                told.usages.append((value["usage"]["prompt_tokens"], value["usage"]["completion_tokens"]))
    return told


def responses_told(body):
    told = Told()
    sequence = []
    for name, value in parsed(body):
        assert name == value["type"]
        sequence.append(value.get("sequence_number"))
        if name == "response.output_text.delta":
            told.text += value["delta"]
        elif name == "response.function_call_arguments.delta":
            told.calls += 1
        elif name == "response.failed":
            told.errors.append((value.get("response") or value)["error"]["code"])
        elif name == "response.created":
            told.ids.add(value["response"]["id"])
        elif name == "response.completed":
            told.ends += 1
            told.ids.add(value["response"]["id"])
            told.finishes.append(value["response"]["status"])
            usage = value["response"]["usage"]
            told.usages.append((usage["input_tokens"], usage["output_tokens"]))
            final = "".join(part.get("text", "") for item in value["response"]["output"] for part in item.get("content") or ())
            assert final == told.text, "the end repeats what the deltas said"
    # What the gateway adds to a stream that it passed on is numbered behind all that could have come.
    counted = [number for number in sequence if number < 1_000_000_000]
    assert counted == list(range(len(counted))) and sequence == sorted(set(sequence))
    return told


def anthropic_told(body):
    told = Told()
    opened = []
    for name, value in parsed(body):
        assert name == value["type"]
        if name == "message_start":
            told.ids.add(value["message"]["id"])
        elif name == "content_block_start":
            opened.append(value["index"])
        elif name == "content_block_delta":
            assert value["index"] == opened[-1]
            told.text += value["delta"].get("text", "")
            told.calls += value["delta"]["type"] == "input_json_delta"
        elif name == "message_delta":
            told.finishes.append(value["delta"]["stop_reason"])
            told.usages.append((value["usage"].get("input_tokens"), value["usage"]["output_tokens"]))
        elif name == "message_stop":
            told.ends += 1
        elif name == "error":
            told.errors.append(value["error"]["type"])
    return told


def gemini_told(body):
    told = Told()
    for _, value in parsed(body):
        if "error" in value:
            told.errors.append(value["error"]["status"])
            continue
        told.ids.add(value.get("responseId"))
        for candidate in value.get("candidates", ()):
            for part in candidate.get("content", {}).get("parts", ()):
                told.text += "" if part.get("thought") else part.get("text", "")
                told.calls += "functionCall" in part
            if candidate.get("finishReason"):
                told.finishes.append(candidate["finishReason"])
                told.ends += 1
        if value.get("usageMetadata"):
            usage = value["usageMetadata"]
            told.usages.append((usage.get("promptTokenCount"), usage.get("candidatesTokenCount")))
    return told


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "when": {"type": "string"}}, "required": ["city", "when"]}


class Family:
    """How one asks and what it was told."""

    def __init__(self, path, body, told, with_tools):
        self._path = path
        self._body = body
        self.told = told
        self._with_tools = with_tools

    def ask(self, sluice, model, words=WORDS, tools=False, **options):
        body = self._body(model, words)
        if tools:
            body |= self._with_tools
        return sluice.chat(body, path=self._path.format(model=model), **options)


FAMILIES = {
    "chat": Family("/v1/chat/completions", lambda model, words: chat(model, words, stream=True, stream_options={"include_usage": True}), chat_told,
                   {"tools": [{"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}]}),
    "responses": Family("/v1/responses", lambda model, words: {"model": model, "input": words, "stream": True}, responses_told,
                        {"tools": [{"type": "function", "name": "weather", "parameters": SCHEMA, "strict": False}]}),
    "anthropic": Family("/v1/messages", lambda model, words: {"model": model, "max_tokens": 500, "stream": True, "messages": [{"role": "user", "content": words}]},
                        anthropic_told, {"tools": [{"name": "weather", "input_schema": SCHEMA}]}),
    "gemini": Family("/v1beta/models/{model}:streamGenerateContent?alt=sse", lambda model, words: {"contents": [{"role": "user", "parts": [{"text": words}]}]},
                     gemini_told, {"tools": [{"functionDeclarations": [{"name": "weather", "parameters": SCHEMA}]}]}),
}
