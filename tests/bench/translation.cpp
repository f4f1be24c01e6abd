// What translating costs: a request of 1 MB from OpenAI's chat into the others' words, and each
// chunk of a stream from one dialect into another.
#include "dialect/conversation_dialect.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dialect {
namespace {

// ---- Requests

constexpr std::string_view kWords = "The quick brown fox jumps over the lazy dog. ";
// Lines of code, with the escapes that they have as JSON.
constexpr std::string_view kCode =
    R"(\tputs(\"caf\u00e9, naïve\");\n  if (rows.empty()) return;\n)";

// Four fifths one long text, the rest in short messages: as agents send them.
std::string request_of(std::size_t size, std::string_view line) {
  std::string text = R"({"model":"canned","stream":true,"max_tokens":1024,"temperature":0.7,)"
                     R"("messages":[{"role":"system","content":")";
  while (text.size() < size / 5 * 4) text += line;
  text += R"("})";
  for (bool user = true; text.size() < size; user = !user) {
    text += user ? R"(,{"role":"user","content":")" : R"(,{"role":"assistant","content":")";
    text += line;
    text += line;
    text += R"("})";
  }
  return text + R"(,{"role":"user","content":"Go on."}]})";
}

void request(benchmark::State& state, Dialect spoken, std::string_view model,
             std::string_view line) {
  const std::string text = request_of(1'000'000, line);
  json::Reader reader;
  std::size_t written = 0;
  for (auto _ : state) {
    Arena arena;
    Conversation conversation;
    Losses losses({}, arena);
    const auto body = reader.parse(text, {.strict_up_to = SIZE_MAX});
    const bool read =
        body && conversation_dialect(Dialect::Chat)->read(*body, arena, conversation).has_value();
    const auto told = conversation_dialect(spoken)->write(
        conversation, {.model = model, .stream = true}, losses, arena);
    if (!read || !told || told->size() < text.size() / 2) {
      state.SkipWithError("the request was not translated");
      break;
    }
    written += told->size();
  }
  benchmark::DoNotOptimize(written);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// ---- Streams

constexpr int kChunks = 200;

struct Frame {
  std::string_view name;
  std::string data;
};

// How a provider tells an answer in pieces: each piece stands between `before` and `after`.
struct Pieces {
  std::vector<Frame> opening;
  std::string_view name;  // Of the frame of each piece.
  std::string before;
  std::string after;
  std::vector<Frame> closing;
};

// As they stand within JSON.
constexpr std::string_view kTokens[] = {" the",   " quick",  " brown fox",     ",\\n\\n",
                                        " naïve", " reader", " \\\"waits\\\"", "."};
constexpr std::string_view kLastToken = "at last";

std::string chat_frame(const std::string& delta, const std::string& reason = "null") {
  return R"({"id":"chatcmpl-CANNED0123456789","object":"chat.completion.chunk",)"
         R"("created":1700000000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default",)"
         R"("system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":)" +
         delta + R"(,"logprobs":null,"finish_reason":)" + reason +
         R"(}],"usage":null,"obfuscation":"aB3dE5fG7"})";
}

std::vector<Frame> chat_end(const std::string& reason) {
  return {{"", chat_frame("{}", '"' + reason + '"')},
          {"", R"({"id":"chatcmpl-CANNED0123456789","object":"chat.completion.chunk","created":)"
               R"(1700000000,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":)"
               R"({"prompt_tokens":150,"completion_tokens":200,"total_tokens":350}})"},
          {"", "[DONE]"}};
}

Pieces chat_text() {
  const std::string frame = chat_frame(R"({"content":"@"})");
  const auto at = frame.find('@');
  return {.opening = {{"", chat_frame(R"({"role":"assistant","content":"","refusal":null})")}},
          .name = "",
          .before = frame.substr(0, at),
          .after = frame.substr(at + 1),
          .closing = chat_end("stop")};
}

Pieces chat_call() {
  const auto call = [](const std::string& arguments) {
    return chat_frame(R"({"tool_calls":[{"index":0,"function":{"arguments":")" + arguments +
                      R"("}}]})");
  };
  const std::string frame = call("@");
  const auto at = frame.find('@');
  auto closing = chat_end("tool_calls");
  closing.insert(closing.begin(), {"", call(R"(\"})")});
  return {.opening = {{"", chat_frame(R"({"role":"assistant","content":null,"tool_calls":[)"
                                      R"({"index":0,"id":"call_canned","type":"function",)"
                                      R"("function":{"name":"write","arguments":""}}]})")},
                      {"", call(R"({\"text\":\")")}},
          .name = "",
          .before = frame.substr(0, at),
          .after = frame.substr(at + 1),
          .closing = std::move(closing)};
}

Pieces messages(std::string_view block, std::string_view delta, std::string_view reason) {
  const std::string quoted(reason);
  return {
      .opening = {{"message_start",
                   R"({"type":"message_start","message":{"model":"claude-sonnet-4-5",)"
                   R"("id":"msg_canned","type":"message","role":"assistant","content":[],)"
                   R"("stop_reason":null,"stop_sequence":null,)"
                   R"("usage":{"input_tokens":150,"output_tokens":1}}})"},
                  {"content_block_start",
                   R"({"type":"content_block_start","index":0,"content_block":)" +
                       std::string(block) + "}"}},
      .name = "content_block_delta",
      .before = R"({"type":"content_block_delta","index":0,"delta":)" + std::string(delta),
      .after = R"("}   })",  // Anthropic pads its frames.
      .closing = {{"content_block_stop", R"({"type":"content_block_stop","index":0})"},
                  {"message_delta", R"({"type":"message_delta","delta":{"stop_reason":")" + quoted +
                                        R"(","stop_sequence":null},)"
                                        R"("usage":{"output_tokens":200}})"},
                  {"message_stop", R"({"type":"message_stop"})"}}};
}

Pieces messages_text() {
  return messages(R"({"type":"text","text":""})", R"({"type":"text_delta","text":")", "end_turn");
}

Pieces messages_call() {
  Pieces pieces = messages(R"({"type":"tool_use","id":"toolu_canned","name":"write","input":{}})",
                           R"({"type":"input_json_delta","partial_json":")", "tool_use");
  pieces.opening.push_back({pieces.name, pieces.before + R"({\"text\":\")" + pieces.after});
  pieces.closing.insert(pieces.closing.begin(),
                        {pieces.name, pieces.before + R"(\"})" + pieces.after});
  return pieces;
}

// A call comes whole here, one with each chunk.
Pieces gemini(const std::string& before, const std::string& after) {
  const std::string told =
      R"("usageMetadata":{"promptTokenCount":150,"candidatesTokenCount":200,"totalTokenCount":350,)"
      R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":150}]},)"
      R"("modelVersion":"gemini-2.5-flash","responseId":"canned"})";
  const std::string head = R"({"candidates":[{"content":{"parts":[)";
  return {.opening = {},
          .name = "",
          .before = head + before,
          .after = after + R"(],"role":"model"},"index":0}],)" + told,
          .closing = {{"", head +
                               R"({"text":""}],"role":"model"},"finishReason":"STOP",)"
                               R"("index":0}],)" +
                               told}}};
}

Pieces gemini_text() {
  return gemini(R"({"text":")", R"("})");
}

Pieces gemini_call() {
  return gemini(R"({"functionCall":{"name":"write","args":{"text":")", R"("}}})");
}

std::string response_event(const std::string& type, const std::string& rest) {
  return R"({"type":"response.)" + type + R"(","sequence_number":4,)" + rest + "}";
}

std::string response_object(const std::string& status, const std::string& rest) {
  return R"("response":{"id":"resp_canned","object":"response","created_at":1700000000,)"
         R"("status":")" +
         status + R"(","model":"gpt-5-mini","output":[],)" + rest + "}";
}

Pieces responses(const std::string& type, const std::string& item, const std::string& where) {
  const std::string usage =
      R"("usage":{"input_tokens":150,"output_tokens":200,"total_tokens":350})";
  return {
      .opening = {{"response.created",
                   response_event("created", response_object("in_progress", R"("usage":null)"))},
                  {"response.output_item.added",
                   response_event("output_item.added", R"("output_index":0,"item":)" + item)}},
      .name = type == "output_text.delta" ? "response.output_text.delta"
                                          : "response.function_call_arguments.delta",
      .before = R"({"type":"response.)" + type +
                R"(","sequence_number":4,"item_id":"it_canned",)"
                R"("output_index":0,)" +
                where + R"("delta":")",
      .after = R"(","obfuscation":"aB3dE5fG7"})",
      .closing = {{"response.completed",
                   response_event("completed", response_object("completed", usage))}}};
}

Pieces responses_text() {
  return responses("output_text.delta",
                   R"({"id":"it_canned","type":"message","status":"in_progress","content":[],)"
                   R"("role":"assistant"})",
                   R"("content_index":0,"logprobs":[],)");
}

Pieces responses_call() {
  Pieces pieces = responses("function_call_arguments.delta",
                            R"({"id":"it_canned","type":"function_call","status":"in_progress",)"
                            R"("arguments":"","call_id":"call_canned","name":"write"})",
                            "");
  pieces.opening.push_back({pieces.name, pieces.before + R"({\"text\":\")" + pieces.after});
  pieces.closing.insert(pieces.closing.begin(),
                        {pieces.name, pieces.before + R"(\"})" + pieces.after});
  return pieces;
}

std::vector<Frame> frames_of(const Pieces& pieces) {
  std::vector<Frame> frames = pieces.opening;
  for (std::size_t at = 0; at < kChunks; ++at) {
    const auto token = at + 1 == kChunks ? kLastToken : kTokens[at % std::size(kTokens)];
    frames.push_back({pieces.name, pieces.before + std::string(token) + pieces.after});
  }
  frames.insert(frames.end(), pieces.closing.begin(), pieces.closing.end());
  return frames;
}

// One turn is a whole stream, as an encoder may keep what it said; its beginning and its end are
// shared by its chunks.
void stream(benchmark::State& state, Dialect from, Dialect to, Pieces (*pieces)()) {
  const auto frames = frames_of(pieces());
  json::Reader reader;
  std::string out;
  Meaning meaning;
  for (auto _ : state) {
    Arena arena;
    const auto decoder = conversation_dialect(from)->decoder(arena, reader);
    const auto encoder = conversation_dialect(to)->encoder(
        arena, {.stream = true, .usage_asked = true, .id = "req_canned", .model = "canned"});
    bool fine = true;
    bool told = false;
    for (const Frame& frame : frames) {
      meaning.clear();
      out.clear();
      fine = fine && decoder->frame(frame.name, frame.data, &meaning).has_value();
      encoder->say(meaning.events, out);
      told = told || out.find(kLastToken) != std::string::npos;
    }
    out.clear();
    encoder->end(out);
    if (!fine || !decoder->finished() || (!told && out.find(kLastToken) == std::string::npos)) {
      state.SkipWithError("the stream was not translated");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * kChunks);
}

#define REQUEST(name, dialect, model)                                 \
  BENCHMARK_CAPTURE(request, name##_of_words, dialect, model, kWords) \
      ->Unit(benchmark::kMillisecond);                                \
  BENCHMARK_CAPTURE(request, name##_of_code, dialect, model, kCode)->Unit(benchmark::kMillisecond)

REQUEST(chat_to_messages, Dialect::Messages, "claude-sonnet-4-5");
REQUEST(chat_to_gemini, Dialect::Gemini, "gemini-2.5-flash");
REQUEST(chat_to_converse, Dialect::Converse, "anthropic.claude-sonnet-4-5-20250929-v1:0");
REQUEST(chat_to_responses, Dialect::Responses, "gpt-5-mini");

#define STREAM(name, from, to, pieces)                                               \
  BENCHMARK_CAPTURE(stream, name##_text, Dialect::from, Dialect::to, pieces##_text); \
  BENCHMARK_CAPTURE(stream, name##_call, Dialect::from, Dialect::to, pieces##_call)

STREAM(messages_to_chat, Messages, Chat, messages);
STREAM(chat_to_messages, Chat, Messages, chat);
STREAM(gemini_to_chat, Gemini, Chat, gemini);
STREAM(chat_to_gemini, Chat, Gemini, chat);
STREAM(responses_to_chat, Responses, Chat, responses);
STREAM(chat_to_responses, Chat, Responses, chat);

}  // namespace
}  // namespace sluice::dialect

BENCHMARK_MAIN();
