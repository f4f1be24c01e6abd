#include "dialect/openai_responses_object.h"

#include "base/json_writer.h"
#include "dialect/errors.h"
#include "dialect/openai_responses.h"
#include "dialect/openai_responses_parts.h"

#include <algorithm>

namespace sluice::dialect {
namespace responses {
namespace {

constexpr std::size_t kLongestId = 48;

void raw_or(json::Writer& writer, std::string_view name, JsonText json, JsonText otherwise) {
  writer.key(name).raw(json.empty() ? otherwise : json);
}

void text_or_null(json::Writer& writer, std::string_view name, std::string_view text) {
  text.empty() ? writer.key(name).null() : writer.member(name, text);
}

void write_reasoning(json::Writer& writer, const Reasoning& reasoning) {
  writer.key("reasoning").begin_object();
  text_or_null(writer, "effort", reasoning.effort);
  text_or_null(writer, "summary", reasoning.summary);
  writer.end_object();
}

void write_tools(json::Writer& writer, const Conversation& asked) {
  writer.key("tool_choice");
  write_tool_choice(writer, asked);
  writer.key("tools").begin_array();
  for (const Tool& tool : asked.tools) {
    const bool foreign = tool.kind == ToolKind::BuiltIn && tool.of != Dialect::Responses;
    if (!foreign) write_tool(writer, tool);
  }
  writer.end_array();
}

// The members that say again what was asked, each with a comma before it.
std::string repeated(const Conversation& asked) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  text_or_null(writer, "instructions", instructions_of(asked).value_or(""));
  if (asked.max_tokens) {
    writer.member("max_output_tokens", *asked.max_tokens);
  } else {
    writer.key("max_output_tokens").null();
  }
  writer.key("max_tool_calls").null();
  writer.member("parallel_tool_calls", asked.tool_choice.parallel.value_or(true));
  const Extra* previous = own_extra(asked.extras, "previous_response_id");
  writer.key("previous_response_id").raw(previous ? previous->json : "null");
  text_or_null(writer, "prompt_cache_key", asked.prompt_cache_key);
  write_reasoning(writer, asked.reasoning);
  text_or_null(writer, "safety_identifier", asked.safety_identifier);
  writer.member("store", false);  // Nobody keeps it under this id.
  raw_or(writer, "temperature", asked.temperature, "1.0");
  writer.key("text").begin_object().key("format");
  write_text_format(writer, asked);
  writer.member("verbosity", asked.verbosity.empty() ? "medium" : asked.verbosity).end_object();
  write_tools(writer, asked);
  writer.member("top_logprobs", asked.top_logprobs.value_or(0));
  raw_or(writer, "top_p", asked.top_p, "1.0");
  writer.member("truncation", "disabled");
  text_or_null(writer, "user", asked.user);
  raw_or(writer, "metadata", asked.metadata, "{}");
  writer.end_object();

  std::string line;
  append_on_one_line(line, text);
  line.front() = ',';
  line.pop_back();
  return line;
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  json::append_escaped(out, text);
  out += '"';
}

void append_on_one_line(std::string& out, std::string_view json) {
  // Only the space between tokens holds bare ends of lines.
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t end = std::min(json.find_first_of("\r\n", at), json.size());
    out.append(json, at, end - at);
    at = end + 1;
  }
}

std::string made_id(std::string_view prefix, std::string_view request_id) {
  std::string id(prefix);
  for (const char letter : request_id.substr(0, kLongestId)) {
    const bool plain = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                       (letter >= 'A' && letter <= 'Z');
    if (plain) id += letter;
  }
  return id;
}

ResponseObject::ResponseObject(const Shape& shape)
    : id_(made_id("resp_", shape.id)),
      model_(shape.model),
      created_(shape.now),
      now_(shape.now),
      before_(repeated(shape.asked ? *shape.asked : Conversation{})) {}

void ResponseObject::started(const ReplyStarted& event) {
  if (event.id.starts_with("resp_")) id_.assign(event.id);
  if (!event.model.empty()) model_.assign(event.model);
  if (event.created > 0) created_ = event.created;
}

void ResponseObject::stopped(const ReplyStopped& event, bool refused) {
  switch (event.reason) {
    case FinishReason::Length:
    case FinishReason::ContextLength:
      incomplete_ = "max_output_tokens";
      break;
    case FinishReason::ContentFilter:
      incomplete_ = "content_filter";
      break;
    case FinishReason::Refusal:
      if (!refused) incomplete_ = "content_filter";  // A refusal without words.
      break;
    default:
      break;
  }
}

void ResponseObject::append_to(std::string& out, std::string_view status,
                               std::span<const std::string> items) const {
  const bool running = status == "in_progress";
  append(out, R"({"id":)");
  append_quoted(out, id_);
  append(out, R"(,"object":"response","created_at":)", created_, R"(,"status":")", status,
         R"(","background":false,"completed_at":)");
  if (status == "completed") {
    append(out, std::max(created_, now_));
  } else {
    append(out, "null");
  }
  append(out, R"(,"error":null,"incomplete_details":)");
  if (running || incomplete_.empty()) {
    append(out, "null");
  } else {
    append(out, R"({"reason":")", incomplete_, "\"}");
  }
  append(out, R"(,"model":)");
  append_quoted(out, model_);
  append(out, R"(,"output":[)");
  std::string_view comma;
  for (const std::string& item : items) {
    append(out, comma, item);
    comma = ",";
  }
  append(out, "]", before_, R"(,"service_tier":)", tier_.empty() ? "\"default\"" : tier_,
         R"(,"usage":)");
  append_usage(out);
  append(out, "}");
}

void ResponseObject::append_usage(std::string& out) const {
  if (!usage_) return append(out, "null");
  append(out, R"({"input_tokens":)", usage_->input, R"(,"input_tokens_details":{"cached_tokens":)",
         usage_->cached);
  if (usage_->cache_write > 0) append(out, R"(,"cache_write_tokens":)", usage_->cache_write);
  append(out, R"(},"output_tokens":)", usage_->output,
         R"(,"output_tokens_details":{"reasoning_tokens":)", usage_->reasoning,
         R"(},"total_tokens":)", usage_->input + usage_->output, "}");
}

// The words that clients of this API act upon: Codex tries again after most of them, waits as long
// as the message says after the first, and gives up after "invalid_prompt".
std::string_view code_of(const ApiError& error) {
  switch (error.kind) {
    case ErrorKind::RateLimited:
      return "rate_limit_exceeded";
    case ErrorKind::InvalidRequest:
    case ErrorKind::Unsupported:
    case ErrorKind::TooLarge:
      return error.code == "context_length_exceeded" ? error.code : "invalid_prompt";
    default:
      break;
  }
  if (error.code == "upstream_rate_limited") return "rate_limit_exceeded";
  if (error.code == "context_length_exceeded") return error.code;
  if (error.code == "content_blocked") return "invalid_prompt";
  if (error_row(error.code).status == 503) return "server_is_overloaded";
  return "server_error";
}

}  // namespace responses

std::string responses_error_event(const ApiError& error, std::string_view request_id) {
  using responses::append;
  // The stream's own numbers are not known here; these are behind all of them.
  constexpr std::int64_t kSequence = 1'000'000'000;
  const ErrorRow& row = error_row(error.code);
  std::string message = error.message;
  const std::string_view code = responses::code_of(error);
  if (error.retry_after && code == "rate_limit_exceeded")
    append(message, " Please try again in ", error.retry_after->count(), "ms.");

  std::string out = "event: error\ndata: {\"type\":\"error\",\"sequence_number\":";
  append(out, kSequence, R"(,"error":{"type":")", row.openai_type, R"(","code":")", row.code,
         R"(","message":)");
  responses::append_quoted(out, message);
  append(out, R"(,"param":)");
  error.param.empty() ? append(out, "null") : responses::append_quoted(out, error.param);
  append(out, "}}\n\nevent: response.failed\ndata: {\"type\":\"response.failed\"",
         R"(,"sequence_number":)", kSequence + 1, R"(,"response":{"id":")",
         responses::made_id("resp_", request_id),
         R"(","object":"response","status":"failed","error":{"code":")", code, R"(","message":)");
  responses::append_quoted(out, message);
  append(out, R"(},"incomplete_details":null,"output":[],"usage":null}})", "\n\n");
  return out;
}

}  // namespace sluice::dialect
