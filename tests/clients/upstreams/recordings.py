"""Which recorded answer is played to what was asked."""
import base64
import json
from functools import cache
from pathlib import Path

PROVIDERS = Path(__file__).resolve().parents[3] / "providers"

# (API, streamed, what is asked for) → the case. What is missing here is answered by script.
CASES = {
    ("anthropic", False, "text"): "anthropic/messages-compaction-system-prompt-e1d9a9",
    ("anthropic", False, "calls"): "anthropic/messages-parallel-tools-5c1e07",
    ("anthropic", False, "result"): "anthropic/messages-tool-result-cache-write-usage-cached-usage-system-prompt-bfe6ff",
    ("anthropic", True, "text"): "anthropic/messages-stream-cache-write-usage-system-prompt-4a1fd5",
    ("anthropic", True, "calls"): "anthropic/messages-stream-tool-call-tool-result-system-prompt-6ffeaf",
    ("anthropic", True, "result"): "anthropic/messages-stream-cache-write-usage-system-prompt-4a1fd5",
    ("anthropic", True, "thinking"): "anthropic/messages-stream-reasoning-1090d5",
    ("anthropic", False, "count"): "anthropic/messages-count_tokens-system-prompt-6a3a53",
    ("gemini", False, "text"): "gemini/generate-cached-usage-f1eba2",
    ("gemini", False, "calls"): "gemini/generate-parallel-tools-7858e0",
    ("gemini", False, "result"): "gemini/generate-tool-result-reasoning-vision-6b4cf6",
    ("gemini", True, "text"): "gemini/generate-stream-tool-result-system-prompt-b6467d",
    ("gemini", True, "calls"): "gemini/generate-stream-tool-call-tool-result-reasoning-e4144d",
    ("gemini", True, "result"): "gemini/generate-stream-tool-result-reasoning-6ce95d",
    ("gemini", True, "structured"): "gemini/generate-stream-reasoning-structured-citations-aa80d0",
    ("bedrock", False, "text"): "bedrock/converse-document-in-cache-write-usage-cached-usage-system-prompt-2f4c91",
    ("bedrock", False, "calls"): "bedrock/converse-tool-call-reasoning-71f04f",
    ("bedrock", False, "result"): "bedrock/converse-document-in-cache-write-usage-cached-usage-system-prompt-2f4c91",
    ("bedrock", False, "structured"): "bedrock/converse-structured-system-prompt-3c90b4",
    ("bedrock", True, "text"): "bedrock/converse-stream-document-in-2820a6",
    ("bedrock", True, "calls"): "bedrock/converse-stream-parallel-tools-4758f3",
    ("bedrock", True, "result"): "bedrock/converse-stream-tool-result-system-prompt-b747df",
    ("chat", False, "text"): "openai/chat-cached-usage-system-prompt-a9dfa9",
    ("chat", False, "calls"): "openai/chat-parallel-tools-system-prompt-61af02",
    ("chat", False, "result"): "openai/chat-tool-result-vision-37a0b5",
    ("chat", True, "text"): "openai/chat-stream-197363",
    ("chat", True, "calls"): "openai/chat-stream-parallel-tools-a94dfd",
    ("chat", True, "result"): "openai/chat-stream-tool-result-system-prompt-1ef652",
    ("chat", True, "thinking"): "deepseek/chat-stream-reasoning-8bad3a",
    ("responses", False, "text"): "openai/responses-logprobs-system-prompt-84949f",
    ("responses", False, "calls"): "openai/responses-parallel-tools-reasoning-c08d1a",
    ("responses", False, "structured"): "openai/responses-tool-result-structured-system-prompt-b21309",
    ("responses", True, "text"): "openai/responses-stream-citations-web-search-system-prompt-f64e35",
}

KINDS = {".json": "application/json", ".sse": "text/event-stream", ".b64": "application/vnd.amazon.eventstream"}


class Recording:
    def __init__(self, name):
        self.name = name
        provider, case = name.split("/")
        folder = PROVIDERS / provider / "transcripts" / case
        answer, = (file for file in folder.iterdir() if file.stem in ("response", "stream"))
        says = folder / "says.json"
        self.content_type = KINDS[answer.suffix]
        self.body = base64.b64decode(answer.read_bytes()) if answer.suffix == ".b64" else answer.read_bytes()
        # The text, the calls, the finish and the usage: worked out beside the recording, by other means than ours.
        self.says = json.loads(says.read_text()) if says.exists() else json.loads(self.body)


@cache
def recording(name):
    return Recording(name)


def recorded(asked, agent):
    """What was recorded for such a question; None where nothing was, it would call a tool that was not offered, or it
    is an agent that asks."""
    name = CASES.get((asked.api, asked.stream, asked.wish))
    if not name or set(agent) & set(asked.tools):
        return None
    found = recording(name)
    calls = {call["name"] for call in found.says.get("tool_calls", [])}
    return found if calls <= set(asked.tools) else None
