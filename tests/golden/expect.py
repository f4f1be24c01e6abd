#!/usr/bin/env python3
"""Says what each recorded answer says, read by nothing but this file.

Usage: expect.py            (writes says.json beside every recorded answer of a conversation)
       expect.py --check    (exits 1 when one of them would change)

The dialects in src/dialect are held to these files, so nothing of them is used here.
"""
import base64
import json
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

FINISH = {
    "chat": {"stop": "stop", "length": "length", "tool_calls": "tool_calls", "function_call": "tool_calls",
             "content_filter": "content_filter", "eos": "stop"},
    "messages": {"end_turn": "stop", "max_tokens": "length", "stop_sequence": "stop_sequence", "tool_use": "tool_calls",
                 "pause_turn": "pause", "refusal": "refusal", "model_context_window_exceeded": "context_length"},
    "gemini": {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", "RECITATION": "content_filter",
               "BLOCKLIST": "content_filter", "PROHIBITED_CONTENT": "content_filter", "SPII": "content_filter",
               "IMAGE_SAFETY": "content_filter", "MODEL_ARMOR": "content_filter"},
    "converse": {"end_turn": "stop", "max_tokens": "length", "stop_sequence": "stop_sequence", "tool_use": "tool_calls",
                 "guardrail_intervened": "content_filter", "content_filtered": "content_filter",
                 "model_context_window_exceeded": "context_length"},
    "cohere": {"COMPLETE": "stop", "MAX_TOKENS": "length", "STOP_SEQUENCE": "stop_sequence", "TOOL_CALL": "tool_calls"},
    "ollama": {"stop": "stop", "length": "length"},
}


class Said:
    def __init__(self):
        self.text = {}
        self.reasoning = {}
        self.refusal = {}
        self.calls = []
        self.finish = {}
        self.usage = None
        self.error = False

    def add(self, to, choice, text):
        if isinstance(text, str) and text:
            to[str(choice)] = to.get(str(choice), "") + text

    def call(self, key, name=None, arguments=None):
        for one in self.calls:
            if one["key"] == key:
                break
        else:
            one = {"key": key, "name": "", "arguments": ""}
            self.calls.append(one)
        if name and not one["name"]:
            one["name"] = name
        if isinstance(arguments, str):
            one["arguments"] += arguments
        elif arguments is not None:
            one["arguments"] = json.dumps(arguments, ensure_ascii=False)

    def stop(self, dialect, choice, reason):
        if reason:
            self.finish[str(choice)] = FINISH[dialect].get(reason, "other")

    def count(self, input=0, output=0, cached=0, cache_write=0, reasoning=0):
        self.usage = {"input": input or 0, "output": output or 0, "cached": cached or 0,
                      "cache_write": cache_write or 0, "reasoning": reasoning or 0}

    def told(self):
        calls = []
        for one in self.calls:
            try:
                arguments = json.loads(one["arguments"] or "{}")
            except ValueError:
                arguments = one["arguments"]
            calls.append({"name": one["name"], "arguments": arguments})
        return {"text": self.text, "reasoning": self.reasoning, "refusal": self.refusal, "tool_calls": calls,
                "finish": self.finish, "usage": self.usage, "error": self.error}


def sse(text):
    for frame in text.replace("\r\n", "\n").split("\n\n"):
        data = [line[5:].removeprefix(" ") for line in frame.split("\n") if line.startswith("data:")]
        if data and data[0] != "[DONE]":
            yield json.loads("\n".join(data))


def aws_events(raw):
    while raw:
        total, headers_size = struct.unpack(">II", raw[:8])
        headers, payload = raw[12:12 + headers_size], raw[12 + headers_size:total - 4]
        raw = raw[total:]
        named = {}
        while headers:
            size = headers[0]
            name = headers[1:1 + size].decode()
            assert headers[1 + size] == 7, "only strings are expected"
            length = struct.unpack(">H", headers[2 + size:4 + size])[0]
            named[name] = headers[4 + size:4 + size + length].decode()
            headers = headers[4 + size + length:]
        yield named.get(":event-type", ""), json.loads(payload)


# ---- OpenAI's chat

def content_text(content):
    """The text and the thoughts of a content that is a string or a list of parts."""
    if not isinstance(content, list):
        return content, ""
    text = "".join(part.get("text", "") for part in content if part.get("type") in ("text", "output_text"))
    thoughts = "".join("".join(inner.get("text", "") for inner in part.get("thinking", []))
                       for part in content if part.get("type") == "thinking")
    return text, thoughts


def chat_message(said, choice, message):
    text, thoughts = content_text(message.get("content"))
    said.add(said.text, choice, text)
    details = "".join(one.get("text") or one.get("summary") or "" for one in message.get("reasoning_details") or [])
    said.add(said.reasoning, choice, message.get("reasoning_content") or message.get("reasoning") or details or thoughts)
    said.add(said.refusal, choice, message.get("refusal"))
    for at, call in enumerate(message.get("tool_calls") or []):
        function = call.get("function") or {}
        said.call((choice, call.get("index", at)), function.get("name"), function.get("arguments"))


def chat_usage(said, usage):
    if not usage:
        return
    details = usage.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or usage.get("num_cached_tokens") or 0
    reasoning = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or usage.get("reasoning_tokens") or 0
    prompt, output = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    total, audio = usage.get("total_tokens") or 0, details.get("audio_tokens") or 0
    # Mistral counts spoken input only in the total.
    if audio and total == prompt + output + audio:
        prompt += audio
    # Some do not count the thoughts among the completion: the total tells.
    if reasoning and usage.get("total_tokens") == prompt + output + reasoning:
        output += reasoning
    said.count(prompt, output, cached, details.get("cache_write_tokens") or 0, reasoning)


def chat(said, answers):
    for answer in answers:
        if answer.get("error"):
            said.error = True
            chat_usage(said, answer.get("usage"))
            return
        whole = answer.get("object") == "chat.completion"
        for choice in answer.get("choices") or []:
            index = choice.get("index", 0)
            # Perplexity's chunks hold the message so far beside what is new; its whole answers, an empty delta.
            new = choice.get("message") if whole else choice.get("delta") or choice.get("message")
            chat_message(said, index, new or {})
            if isinstance(choice.get("text"), str):
                said.add(said.text, index, choice["text"])
            said.stop("chat", index, choice.get("finish_reason"))
        chat_usage(said, answer.get("usage") or (answer.get("x_groq") or {}).get("usage"))


# ---- Responses

def responses(said, answers):
    final = None
    for answer in answers:
        if answer.get("object") == "response":
            final = answer
        elif answer.get("type") in ("response.completed", "response.incomplete"):
            final = answer["response"]
    if final is None:  # It broke.
        said.error = True
        return
    for item in final["output"]:
        kind = item["type"]
        if kind == "message":
            for part in item["content"]:
                said.add(said.text, 0, part.get("text"))
                said.add(said.refusal, 0, part.get("refusal"))
        elif kind == "reasoning":
            for part in (item.get("summary") or []) + (item.get("content") or []):
                said.add(said.reasoning, 0, part.get("text"))
        elif kind == "function_call":
            said.call(item["call_id"], item["name"], item["arguments"])
        elif kind == "custom_tool_call":
            said.call(item["call_id"], item["name"], item["input"])
    why = (final.get("incomplete_details") or {}).get("reason")
    if final["status"] == "incomplete":
        said.finish["0"] = {"max_output_tokens": "length", "content_filter": "content_filter"}.get(why, "other")
    else:
        said.finish["0"] = "tool_calls" if said.calls else "stop"
    usage = final.get("usage")
    if usage:
        details = usage.get("input_tokens_details") or {}
        said.count(usage["input_tokens"], usage["output_tokens"], details.get("cached_tokens"),
                   details.get("cache_write_tokens"),
                   (usage.get("output_tokens_details") or {}).get("reasoning_tokens"))


# ---- Messages

def messages_usage(said, usage):
    read, write = usage.get("cache_read_input_tokens") or 0, usage.get("cache_creation_input_tokens") or 0
    thoughts = (usage.get("output_tokens_details") or {}).get("thinking_tokens") or 0
    said.count((usage.get("input_tokens") or 0) + read + write, usage.get("output_tokens"), read, write, thoughts)


def messages_block(said, at, block):
    if block["type"] == "text":
        said.add(said.text, 0, block["text"])
    elif block["type"] == "thinking":
        said.add(said.reasoning, 0, block["thinking"])
    elif block["type"] == "tool_use":
        said.call(at, block["name"], block["input"] or None)


def messages(said, answers):
    usage = {}
    for answer in answers:
        kind = answer["type"]
        if kind == "message":
            for at, block in enumerate(answer["content"]):
                messages_block(said, at, block)
            said.stop("messages", 0, answer["stop_reason"])
            usage.update(answer["usage"])
        elif kind == "message_start":
            usage.update(answer["message"]["usage"])
        elif kind == "content_block_start":
            messages_block(said, answer["index"], answer["content_block"])
        elif kind == "content_block_delta":
            delta = answer["delta"]
            said.add(said.text, 0, delta.get("text"))
            said.add(said.reasoning, 0, delta.get("thinking"))
            if delta["type"] == "input_json_delta" and any(one["key"] == answer["index"] for one in said.calls):
                said.call(answer["index"], None, delta["partial_json"])
        elif kind == "message_delta":
            said.stop("messages", 0, answer["delta"].get("stop_reason"))
            usage.update({key: value for key, value in (answer.get("usage") or {}).items() if value is not None})
    messages_usage(said, usage)


# ---- Gemini

def gemini_call(said, index, call):
    """One call at once; or its name, then strings of its arguments piece by piece."""
    if "name" in call:
        said.call((index, len(said.calls)), call["name"], call.get("args") or {})
        return
    one = said.calls[-1]
    arguments = json.loads(one["arguments"])
    for piece in call.get("partialArgs") or []:
        name = piece["jsonPath"].removeprefix("$.")
        assert "." not in name and "[" not in name, "only members of the top are expected"
        if "stringValue" in piece:
            arguments[name] = arguments.get(name, "") + piece["stringValue"]
        else:
            arguments[name] = piece.get("numberValue", piece.get("boolValue"))
    one["arguments"] = json.dumps(arguments, ensure_ascii=False)


def gemini(said, answers):
    for answer in answers:
        for candidate in answer.get("candidates") or []:
            index = candidate.get("index", 0)
            for part in (candidate.get("content") or {}).get("parts") or []:
                if "text" in part:
                    said.add(said.reasoning if part.get("thought") else said.text, index, part["text"])
                if "functionCall" in part:
                    gemini_call(said, index, part["functionCall"])
            reason = candidate.get("finishReason")
            if reason and reason != "FINISH_REASON_UNSPECIFIED":
                said.stop("gemini", index, reason)
                if reason == "STOP" and said.calls:
                    said.finish[str(index)] = "tool_calls"
        if (answer.get("promptFeedback") or {}).get("blockReason"):
            said.finish["0"] = "content_filter"
        usage = answer.get("usageMetadata") or {}
        if any(key.endswith("TokenCount") for key in usage):
            thoughts = usage.get("thoughtsTokenCount") or 0
            said.count((usage.get("promptTokenCount") or 0) + (usage.get("toolUsePromptTokenCount") or 0),
                       (usage.get("candidatesTokenCount") or 0) + thoughts,
                       usage.get("cachedContentTokenCount"), 0, thoughts)


# ---- Bedrock, Cohere, Ollama

def converse_usage(said, usage):
    read, write = usage.get("cacheReadInputTokens") or 0, usage.get("cacheWriteInputTokens") or 0
    said.count(usage["inputTokens"] + read + write, usage["outputTokens"], read, write)


def is_call(holder):
    """Of one of the caller's tools, not of what the provider runs itself."""
    return "toolUse" in holder and holder["toolUse"].get("type", "tool_use") == "tool_use"


def converse(said, answer):
    for at, block in enumerate(answer["output"]["message"]["content"]):
        said.add(said.text, 0, block.get("text"))
        said.add(said.reasoning, 0, ((block.get("reasoningContent") or {}).get("reasoningText") or {}).get("text"))
        for part in (block.get("citationsContent") or {}).get("content") or []:
            said.add(said.text, 0, part.get("text"))
        if is_call(block):
            said.call(at, block["toolUse"]["name"], block["toolUse"]["input"])
    said.stop("converse", 0, answer["stopReason"])
    converse_usage(said, answer["usage"])


def converse_stream(said, events):
    own = set()
    for name, event in events:
        if not name:
            said.error = True  # It has an exception's name instead.
        elif name == "contentBlockStart" and is_call(event.get("start") or {}):
            own.add(event["contentBlockIndex"])
            said.call(event["contentBlockIndex"], event["start"]["toolUse"]["name"])
        elif name == "contentBlockDelta":
            delta = event["delta"]
            said.add(said.text, 0, delta.get("text"))
            said.add(said.reasoning, 0, (delta.get("reasoningContent") or {}).get("text"))
            if "toolUse" in delta and event["contentBlockIndex"] in own:
                said.call(event["contentBlockIndex"], None, delta["toolUse"]["input"])
        elif name == "messageStop":
            said.stop("converse", 0, event["stopReason"])
        elif name == "metadata":
            converse_usage(said, event["usage"])


def cohere_usage(said, usage):
    if usage:
        tokens = usage.get("tokens") or usage.get("billed_units") or {}
        said.count(int(tokens.get("input_tokens") or 0) + int(tokens.get("image_tokens") or 0),
                   int(tokens.get("output_tokens") or 0), int(usage.get("cached_tokens") or 0), 0,
                   int(tokens.get("reasoning_tokens") or 0))


def cohere(said, answers):
    for answer in answers:
        kind = answer.get("type")
        if kind is None:
            message = answer["message"]
            said.add(said.reasoning, 0, message.get("tool_plan"))
            for part in message.get("content") or []:
                said.add(said.text, 0, part.get("text"))
                said.add(said.reasoning, 0, part.get("thinking"))
            for at, call in enumerate(message.get("tool_calls") or []):
                said.call(at, call["function"]["name"], call["function"]["arguments"])
            said.stop("cohere", 0, answer.get("finish_reason"))
            cohere_usage(said, answer.get("usage"))
            continue
        delta = answer.get("delta") or {}
        message = delta.get("message") or {}
        if kind in ("content-start", "content-delta"):
            said.add(said.text, 0, (message.get("content") or {}).get("text"))
            said.add(said.reasoning, 0, (message.get("content") or {}).get("thinking"))
        elif kind == "tool-plan-delta":
            said.add(said.reasoning, 0, message.get("tool_plan"))
        elif kind in ("tool-call-start", "tool-call-delta"):
            function = (message.get("tool_calls") or {}).get("function") or {}
            said.call(answer["index"], function.get("name"), function.get("arguments"))
        elif kind == "message-end":
            said.stop("cohere", 0, delta.get("finish_reason"))
            cohere_usage(said, delta.get("usage"))


def ollama(said, answers):
    for answer in answers:
        message = answer.get("message") or {}
        said.add(said.text, 0, message.get("content"))
        said.add(said.reasoning, 0, message.get("thinking"))
        for call in message.get("tool_calls") or []:
            said.call(len(said.calls), call["function"]["name"], call["function"]["arguments"])
        if answer.get("done"):
            said.stop("ollama", 0, answer.get("done_reason"))
            if said.calls:
                said.finish["0"] = "tool_calls"
            said.count(answer.get("prompt_eval_count"), answer.get("eval_count"))


# Which of the recorded APIs are conversations, and in which dialect.
APIS = {"chat.completions": chat, "completions": chat, "responses": responses, "messages": messages,
        "generateContent": gemini, "v2.chat": cohere, "ollama.chat": ollama, "converse": None, "converse-stream": None}


def expected(folder):
    meta = json.loads((folder / "meta.json").read_text())
    if meta["api"] not in APIS or meta["status"] != 200:
        return None
    said = Said()
    if (folder / "stream.b64").exists():
        converse_stream(said, aws_events(base64.b64decode((folder / "stream.b64").read_text())))
    elif meta["api"] == "converse":
        converse(said, json.loads((folder / "response.json").read_text()))
    elif (folder / "stream.sse").exists():
        APIS[meta["api"]](said, list(sse((folder / "stream.sse").read_text())))
    elif (folder / "stream.ndjson").exists():
        lines = (folder / "stream.ndjson").read_text().splitlines()
        APIS[meta["api"]](said, [json.loads(line) for line in lines if line.strip()])
    else:
        answer = json.loads((folder / "response.json").read_text())
        APIS[meta["api"]](said, answer if isinstance(answer, list) else [answer])
    return said.told()


def main():
    check = "--check" in sys.argv[1:]
    changed = 0
    for meta in sorted(ROOT.glob("providers/*/transcripts/*/meta.json")):
        try:
            told = expected(meta.parent)
        except (KeyError, ValueError, TypeError, AssertionError) as error:
            print(f"{meta.parent.relative_to(ROOT)}: {type(error).__name__} {error}")
            changed += 1
            continue
        if told is None:
            continue
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        path = meta.parent / "says.json"
        if path.exists() and path.read_text() == text:
            continue
        changed += 1
        if check:
            print(f"{path.relative_to(ROOT)} would change")
        else:
            path.write_text(text)
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
