"""Answers that nobody recorded, in each API's shape: an agent's calls, an object by a schema, thoughts, counts."""
import json
import struct
import zlib
from dataclasses import dataclass

# What an object by a schema is, whatever the schema: the tests ask for this one.
PLACE = '{"city": "Mexico City", "country": "Mexico"}'
THOUGHT = "The user greets, so a greeting is due."
GREETING = "Hello to you!"
COUNTED = 11
VECTOR = [0.5, -0.25, 0.125]
SEAL = "c2VhbGVkIGJ5IHRoZSBtYWtlcg=="


@dataclass
class Script:
    """A text, or one call; before it perhaps a thought."""
    text: str = ""
    call: tuple = ()
    thought: str = ""

    @property
    def says(self):
        name, arguments = self.call or (None, None)
        return {"text": {"0": self.text} if self.text else {}, "reasoning": {"0": self.thought} if self.thought else {},
                "tool_calls": [{"name": name, "arguments": arguments}] if name else [],
                "finish": {"0": "tool_calls" if name else "stop"}, "usage": {"input": 20, "output": 10}}


def script_of(asked, agent):
    """`agent` maps the names of tools to the arguments that they are called with."""
    if asked.results:
        return Script(text=f"The tool says: {asked.results[-1].strip()}")
    if asked.wish == "calls":
        name = next((name for name in agent if name in asked.tools), None)
        return Script(call=(name, agent[name])) if name else Script(text=GREETING)
    if asked.structured:
        return Script(text=PLACE)
    return Script(text=GREETING, thought=THOUGHT if asked.thinking else "")


def write(asked, script):
    """The content's type and the bytes."""
    if asked.wish in ("count", "embed"):
        return "application/json", json.dumps(NUMBERS[asked.api](asked)).encode()
    writer = WRITERS[asked.api]
    if not asked.stream:
        return "application/json", json.dumps(writer.whole(asked, script)).encode()
    return writer.content_type, b"".join(writer.stream(asked, script))


def halves(text):
    return [half for half in (text[:len(text) // 2], text[len(text) // 2:]) if half]


def event(value, name=None):
    text = value if isinstance(value, str) else json.dumps(value)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


class Anthropic:
    content_type = "text/event-stream"

    @staticmethod
    def blocks(script):
        if script.thought:
            yield {"type": "thinking", "thinking": script.thought, "signature": SEAL}
        if script.text:
            yield {"type": "text", "text": script.text}
        if script.call:
            yield {"type": "tool_use", "id": "toolu_01scripted", "name": script.call[0], "input": script.call[1]}

    @classmethod
    def whole(cls, asked, script):
        return {"id": "msg_01scripted", "type": "message", "role": "assistant", "model": asked.model,
                "content": list(cls.blocks(script)), "stop_reason": "tool_use" if script.call else "end_turn",
                "stop_sequence": None, "usage": {"input_tokens": 20, "output_tokens": 10}}

    @classmethod
    def stream(cls, asked, script):
        whole = cls.whole(asked, script)
        begun = {**whole, "content": [], "stop_reason": None, "usage": {"input_tokens": 20, "output_tokens": 1}}
        yield event({"type": "message_start", "message": begun}, "message_start")
        for index, block in enumerate(whole["content"]):
            yield from cls.block(index, block)
        delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        yield event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 10}}, "message_delta")
        yield event({"type": "message_stop"}, "message_stop")

    @staticmethod
    def block(index, block):
        empty = {"text": {"type": "text", "text": ""}, "thinking": {"type": "thinking", "thinking": "", "signature": ""},
                 "tool_use": {**block, "input": {}}}[block["type"]]
        yield event({"type": "content_block_start", "index": index, "content_block": empty}, "content_block_start")
        deltas = {
            "text": lambda: [{"type": "text_delta", "text": half} for half in halves(block["text"])],
            "thinking": lambda: [*({"type": "thinking_delta", "thinking": half} for half in halves(block["thinking"])),
                                 {"type": "signature_delta", "signature": block["signature"]}],
            "tool_use": lambda: [{"type": "input_json_delta", "partial_json": half}
                                 for half in halves(json.dumps(block["input"]))],
        }[block["type"]]()
        for delta in deltas:
            yield event({"type": "content_block_delta", "index": index, "delta": delta}, "content_block_delta")
        yield event({"type": "content_block_stop", "index": index}, "content_block_stop")


class Gemini:
    content_type = "text/event-stream"

    @staticmethod
    def chunk(asked, parts, finish=None):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        usage = {"promptTokenCount": 20, "candidatesTokenCount": 10, "totalTokenCount": 30}
        return {"candidates": [{**candidate, "finishReason": finish} if finish else candidate],
                "usageMetadata": usage, "modelVersion": asked.model, "responseId": "scripted"}

    @staticmethod
    def parts(script):
        if script.thought:
            yield {"text": script.thought, "thought": True}
        if script.text:
            yield {"text": script.text, **({"thoughtSignature": SEAL} if script.thought else {})}
        if script.call:
            yield {"functionCall": {"name": script.call[0], "args": script.call[1]}, "thoughtSignature": SEAL}

    @classmethod
    def whole(cls, asked, script):
        return cls.chunk(asked, list(cls.parts(script)), "STOP")

    @classmethod
    def stream(cls, asked, script):
        for part in cls.parts(script):
            pieces = [{**part, "text": half} for half in halves(part["text"])] if "text" in part else [part]
            for piece in pieces:
                yield event(cls.chunk(asked, [piece]))
        yield event(cls.chunk(asked, [{"text": ""}], "STOP"))


class Bedrock:
    content_type = "application/vnd.amazon.eventstream"

    @classmethod
    def whole(cls, asked, script):
        content = [{"toolUse": {"toolUseId": "tooluse_scripted", "name": script.call[0], "input": script.call[1]}}
                   if script.call else {"text": script.text}]
        if script.thought:
            content.insert(0, {"reasoningContent": {"reasoningText": {"text": script.thought, "signature": SEAL}}})
        return {"output": {"message": {"role": "assistant", "content": content}},
                "stopReason": "tool_use" if script.call else "end_turn",
                "usage": {"inputTokens": 20, "outputTokens": 10, "totalTokens": 30}, "metrics": {"latencyMs": 5}}

    @classmethod
    def stream(cls, asked, script):
        whole = cls.whole(asked, script)
        yield message("messageStart", {"role": "assistant"})
        for index, block in enumerate(whole["output"]["message"]["content"]):
            if call := block.get("toolUse"):
                start = {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}
                yield message("contentBlockStart", {"contentBlockIndex": index, "start": start})
                deltas = [{"toolUse": {"input": half}} for half in halves(json.dumps(call["input"]))]
            elif thought := block.get("reasoningContent", {}).get("reasoningText"):
                deltas = [*({"reasoningContent": {"text": half}} for half in halves(thought["text"])),
                          {"reasoningContent": {"signature": thought["signature"]}}]
            else:
                deltas = [{"text": half} for half in halves(block["text"])]
            for delta in deltas:
                yield message("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
            yield message("contentBlockStop", {"contentBlockIndex": index})
        yield message("messageStop", {"stopReason": whole["stopReason"]})
        yield message("metadata", {"usage": whole["usage"], "metrics": whole["metrics"]})


def message(kind, value):
    """One of AWS's binary events."""
    fields = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    head = b"".join(struct.pack(">B", len(name)) + name.encode() + b"\x07" + struct.pack(">H", len(text)) + text.encode()
                    for name, text in fields.items())
    body = json.dumps(value).encode()
    prelude = struct.pack(">II", len(head) + len(body) + 16, len(head))
    begun = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + body
    return begun + struct.pack(">I", zlib.crc32(begun))


class Chat:
    content_type = "text/event-stream"
    usage = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}

    @classmethod
    def whole(cls, asked, script):
        said = {"role": "assistant", "content": script.text or None}
        if script.thought:
            said["reasoning_content"] = script.thought
        if script.call:
            function = {"name": script.call[0], "arguments": json.dumps(script.call[1])}
            said["tool_calls"] = [{"id": "call_scripted", "type": "function", "function": function}]
        return {"id": "chatcmpl-scripted", "object": "chat.completion", "created": 1, "model": asked.model, "usage": cls.usage,
                "choices": [{"index": 0, "message": said, "finish_reason": "tool_calls" if script.call else "stop"}]}

    @classmethod
    def stream(cls, asked, script):
        def chunk(delta, finish=None):
            return event({"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1, "model": asked.model,
                          "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        choice, = cls.whole(asked, script)["choices"]
        yield chunk({"role": "assistant", "content": ""})
        for half in halves(script.thought):
            yield chunk({"reasoning_content": half})
        for half in halves(script.text):
            yield chunk({"content": half})
        for call in choice["message"].get("tool_calls", []):
            arguments = call["function"]["arguments"]
            yield chunk({"tool_calls": [{"index": 0, **call, "function": {**call["function"], "arguments": ""}}]})
            for half in halves(arguments):
                yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": half}}]})
        yield chunk({}, choice["finish_reason"])
        if asked.body.get("stream_options", {}).get("include_usage"):
            yield event({"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1, "model": asked.model,
                         "choices": [], "usage": cls.usage})
        yield event("[DONE]")


WRITERS = {"anthropic": Anthropic, "gemini": Gemini, "bedrock": Bedrock, "chat": Chat}


def gemini_numbers(asked):
    if asked.count:
        return {"totalTokens": COUNTED}
    vectors = [{"values": VECTOR}] * asked.embed
    return {"embeddings": vectors} if "requests" in asked.body else {"embedding": vectors[0]}


def openai_vectors(asked):
    return {"object": "list", "model": asked.model, "usage": {"prompt_tokens": 3, "total_tokens": 3},
            "data": [{"object": "embedding", "index": index, "embedding": VECTOR} for index in range(asked.embed)]}


NUMBERS = {"gemini": gemini_numbers, "bedrock": lambda asked: {"inputTokens": COUNTED}, "embeddings": openai_vectors}
