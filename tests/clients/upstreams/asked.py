"""What a provider is asked, in the words that all their APIs share, once it has been found well formed."""
import json
import re
from dataclasses import dataclass, field


class Malformed(Exception):
    """What the real provider would answer with a 400."""


def insist(condition, message):
    if not condition:
        raise Malformed(message)


@dataclass
class Asked:
    api: str
    model: str
    stream: bool
    path: str
    headers: dict
    body: dict
    tools: list = field(default_factory=list)    # Their names.
    results: list = field(default_factory=list)  # What the tools said that were called last.
    thinking: bool = False
    structured: bool = False
    count: bool = False
    embed: int = 0                               # How many texts.
    called: bool = True                          # Whether tools may be called.

    @property
    def wish(self):
        if self.count:
            return "count"
        if self.embed:
            return "embed"
        if self.results:
            return "result"
        if self.tools and self.called:
            return "calls"
        if self.structured:
            return "structured"
        return "thinking" if self.thinking else "text"


NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")


def only(given, known, where):
    unknown = set(given) - set(known.split())
    insist(not unknown, f"{where}: unknown fields {sorted(unknown)}")


def check_tool(name, schema):
    insist(isinstance(name, str) and NAME.fullmatch(name), f"tool name {name!r}")
    insist(isinstance(schema, dict) and schema.get("type") in ("object", "OBJECT"), f"tool {name}: schema {schema!r}")


def check_alternation(roles):
    insist(roles and roles[0] == "user", f"the first turn is not the user's: {roles}")
    insist(all(one != other for one, other in zip(roles, roles[1:])), f"roles do not alternate: {roles}")


def text_in(content):
    """All text of a tool's result, whatever it is wrapped in."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        values = [content["text"]] if isinstance(content.get("text"), str) else content.values()
        return "".join(text_in(value) for value in values)
    return "".join(text_in(one) for one in content) if isinstance(content, list) else ""


# ---- Anthropic's Messages

ANTHROPIC = """model messages max_tokens system tools tool_choice stream temperature top_p top_k stop_sequences thinking
    metadata output_config output_format service_tier container context_management mcp_servers cache_control"""


def read_anthropic(path, headers, body):
    count = path.endswith("/count_tokens")
    only(body, ANTHROPIC, "body")
    insist(re.fullmatch(r"20\d\d-\d\d-\d\d", headers.get("anthropic-version", "")), "anthropic-version")
    insist(count or (isinstance(body.get("max_tokens"), int) and body["max_tokens"] > 0), "max_tokens")
    insist(0 <= body.get("temperature", 1) <= 1, f"temperature {body.get('temperature')}")
    check_alternation([message["role"] for message in body["messages"]])
    waiting, results = set(), []
    for message in body["messages"]:
        waiting, results = check_anthropic_turn(message, waiting)
    insist(not waiting, f"calls without a result: {waiting}")
    tools = body.get("tools", [])
    for tool in tools:
        if tool.get("type", "custom") == "custom":
            check_tool(tool["name"], tool.get("input_schema"))
    thinking = body.get("thinking") or {}
    if thinking.get("type") == "enabled":
        insist(1024 <= thinking["budget_tokens"] < body["max_tokens"], f"budget of {thinking}")
        insist(body.get("temperature", 1) == 1, "temperature beside thinking")
    wants_schema = "output_format" in body or "format" in (body.get("output_config") or {})
    return Asked("anthropic", body["model"], body.get("stream", False), path, headers, body, count=count,
                 tools=[tool["name"] for tool in tools], results=results, structured=wants_schema,
                 thinking=thinking.get("type") in ("enabled", "adaptive"),
                 called=(body.get("tool_choice") or {}).get("type") != "none")


def check_anthropic_turn(message, waiting):
    content = message["content"]
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
    insist(blocks, "a turn without content")
    calls, results = set(), []
    for block in blocks:
        kind = block["type"]
        if kind == "text":
            insist(block["text"].strip(), "an empty text")
        elif kind == "tool_use":
            insist(re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]), f"id {block['id']!r}")
            insist(message["role"] == "assistant" and isinstance(block["input"], dict), f"call {block}")
            calls.add(block["id"])
        elif kind == "tool_result":
            insist(block["tool_use_id"] in waiting, f"a result without a call: {block['tool_use_id']}")
            waiting.discard(block["tool_use_id"])
            results.append(text_in(block.get("content", "")))
        elif kind in ("thinking", "redacted_thinking"):
            insist(block.get("signature") or block.get("data"), "thinking without its seal")
    insist(not waiting, f"calls without a result: {waiting}")
    return calls, results


# ---- Google's generateContent

GEMINI = "contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent labels model serviceTier"
GENERATION = """temperature topP topK maxOutputTokens stopSequences candidateCount responseMimeType responseSchema
    responseJsonSchema thinkingConfig seed presencePenalty frequencyPenalty responseLogprobs logprobs responseModalities
    speechConfig imageConfig mediaResolution"""
SCHEMA = """type format title description nullable enum maxItems minItems properties required minProperties maxProperties
    minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum"""
PART = {"text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"}


def read_gemini(path, headers, body):
    model, verb = path.split("/models/", 1)[1].split("?")[0].rsplit(":", 1)
    if verb == "countTokens":
        body = body.get("generateContentRequest", body)
        return Asked("gemini", model, False, path, headers, body, count=True)
    if verb in ("embedContent", "batchEmbedContents"):
        texts = body["requests"] if "requests" in body else [body]
        insist(all(text_in(one["content"]["parts"]) for one in texts), "an embedding of nothing")
        return Asked("gemini", model, False, path, headers, body, embed=len(texts))
    only(body, GEMINI, "body")
    config = body.get("generationConfig", {})
    only(config, GENERATION, "generationConfig")
    results = check_gemini_turns(body["contents"])
    declared = [one for tool in body.get("tools", []) for one in tool.get("functionDeclarations", [])]
    for one in declared:
        schema = one.get("parameters")
        if schema is not None:
            check_tool(one["name"], schema)
            check_gemini_schema(schema, one["name"])
        elif "parametersJsonSchema" in one:
            check_tool(one["name"], one["parametersJsonSchema"])
    mode = body.get("toolConfig", {}).get("functionCallingConfig", {}).get("mode", "AUTO")
    thinking = config.get("thinkingConfig", {})
    return Asked("gemini", model, verb == "streamGenerateContent", path, headers, body,
                 tools=[one["name"] for one in declared], results=results, called=mode != "NONE",
                 structured=config.get("responseMimeType") == "application/json", thinking=bool(thinking.get("includeThoughts")))


def check_gemini_schema(schema, name):
    only(schema, SCHEMA, f"schema of {name}")
    for below in [*schema.get("properties", {}).values(), *schema.get("anyOf", []), *filter(None, [schema.get("items")])]:
        check_gemini_schema(below, name)


def check_gemini_turns(contents):
    insist(contents, "no contents")
    called, results = [], []
    for turn in contents:
        insist(turn.get("role", "user") in ("user", "model") and turn.get("parts"), f"turn {turn}")
        results = []
        for part in turn["parts"]:
            insist(len(PART & set(part)) == 1 or part.get("thoughtSignature"), f"part {part}")
            if call := part.get("functionCall"):
                insist(turn["role"] == "model" and isinstance(call.get("args", {}), dict), f"call {call}")
                called.append(call["name"])
            if said := part.get("functionResponse"):
                insist(said["name"] in called, f"a result without a call: {said['name']}")
                insist(isinstance(said["response"], dict), f"result {said}")
                results.append(text_in(said["response"]))
    return results


# ---- Bedrock's Converse

BEDROCK = """messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields
    additionalModelResponseFieldPaths promptVariables requestMetadata performanceConfig serviceTier outputConfig"""


def read_bedrock(path, headers, body):
    model, verb = path.split("/model/", 1)[1].rsplit("/", 1)
    if verb == "count-tokens":
        insist(body["input"]["converse"]["messages"], "nothing to count")
        return Asked("bedrock", model, False, path, headers, body, count=True)
    only(body, BEDROCK, "body")
    only(body.get("inferenceConfig", {}), "maxTokens temperature topP stopSequences", "inferenceConfig")
    check_alternation([message["role"] for message in body["messages"]])
    waiting, results = set(), []
    for message in body["messages"]:
        results = [one["toolResult"] for one in message["content"] if "toolResult" in one]
        answered = {one["toolUseId"] for one in results}
        insist(answered == waiting, f"results of {answered}, not of {waiting}")
        insist(all(one.get("text", "x").strip() for one in message["content"]), "an empty text")
        waiting = {one["toolUse"]["toolUseId"] for one in message["content"] if "toolUse" in one}
    insist(not waiting, f"calls without a result: {waiting}")
    tools = [one["toolSpec"] for one in body.get("toolConfig", {}).get("tools", []) if "toolSpec" in one]
    insist(tools or not results, "results without a toolConfig")
    for tool in tools:
        check_tool(tool["name"], tool["inputSchema"]["json"])
    more = body.get("additionalModelRequestFields", {})
    return Asked("bedrock", model, verb == "converse-stream", path, headers, body, tools=[one["name"] for one in tools],
                 results=[text_in(one["content"]) for one in results],
                 structured="outputConfig" in body or "output_config" in more,
                 thinking=bool(more.get("thinking") or more.get("reasoningConfig") or more.get("reasoning_effort")))


# ---- OpenAI's chat completions and Responses

CHAT = """model messages tools tool_choice parallel_tool_calls response_format stream stream_options temperature top_p n stop
    max_tokens max_completion_tokens reasoning_effort seed user metadata store logprobs top_logprobs presence_penalty
    frequency_penalty logit_bias service_tier modalities audio prediction verbosity prompt_cache_key safety_identifier
    web_search_options functions function_call thinking"""


def read_chat(path, headers, body):
    only(body, CHAT, "body")
    insist("stream_options" not in body or body.get("stream"), "stream_options without a stream")
    waiting, results = set(), []
    for message in body["messages"]:
        insist(message["role"] in ("system", "developer", "user", "assistant", "tool"), f"role {message['role']}")
        if message["role"] == "tool":
            insist(message["tool_call_id"] in waiting, f"a result without a call: {message['tool_call_id']}")
            waiting.discard(message["tool_call_id"])
            results.append(text_in(message["content"]))
            continue
        insist(not waiting, f"calls without a result: {waiting}")
        results = []
        for call in message.get("tool_calls") or []:
            waiting.add(call["id"])
            insist(isinstance(json.loads(call["function"]["arguments"]), dict), f"call {call}")
    insist(not waiting, f"calls without a result: {waiting}")
    tools = [tool["function"] for tool in body.get("tools", []) if tool["type"] == "function"]
    for tool in tools:
        check_tool(tool["name"], tool.get("parameters", {"type": "object"}))
    form = (body.get("response_format") or {}).get("type", "text")
    return Asked("chat", body["model"], body.get("stream", False), path, headers, body, tools=[one["name"] for one in tools],
                 results=results, structured=form != "text", called=body.get("tool_choice") != "none",
                 thinking="reasoning_effort" in body or "reasoner" in body["model"])


def read_responses(path, headers, body):
    given = body["input"]
    items = given if isinstance(given, list) else [{"role": "user", "content": given}]
    called, results = set(), []
    for item in items:
        kind = item.get("type", "message")
        if kind == "function_call":
            called.add(item["call_id"])
        elif kind == "function_call_output":
            insist(item["call_id"] in called, f"a result without a call: {item['call_id']}")
            results.append(text_in(item["output"]))
        elif kind == "message":
            results = []
    tools = [tool for tool in body.get("tools", []) if tool["type"] == "function"]
    for tool in tools:
        check_tool(tool["name"], tool["parameters"])
    form = (body.get("text") or {}).get("format", {}).get("type", "text")
    return Asked("responses", body["model"], body.get("stream", False), path, headers, body,
                 tools=[tool["name"] for tool in tools], results=results, structured=form != "text",
                 called=body.get("tool_choice") != "none")


def read_embeddings(path, headers, body):
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    return Asked("embeddings", body["model"], False, path, headers, body, embed=len(texts))


READERS = [
    (r"/v1/messages(/count_tokens)?(\?beta=true)?", read_anthropic),
    (r"/v1beta/models/[^/:]+:\w+(\?alt=sse)?", read_gemini),
    (r"/model/[^/]+/(converse(-stream)?|count-tokens)", read_bedrock),
    (r"/v1/chat/completions", read_chat),
    (r"/v1/responses", read_responses),
    (r"/v1/embeddings", read_embeddings),
]


def read(path, headers, body):
    for pattern, reader in READERS:
        if re.search(pattern + "$", path):
            try:
                return reader(path, headers, body)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                raise Malformed(f"{type(error).__name__}: {error}") from error
    raise Malformed(f"no such path: {path}")
