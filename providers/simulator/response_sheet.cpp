#include "providers/simulator/ask_parts.h"
#include "providers/simulator/json_text.h"
#include "providers/simulator/responses.h"

namespace sluice::providers::simulator {
namespace {

struct Setting {
  std::string_view name;
  std::string_view otherwise;
};

constexpr Setting kSettings[] = {
    {"instructions", "null"},
    {"max_output_tokens", "null"},
    {"metadata", "{}"},
    {"parallel_tool_calls", "true"},
    {"previous_response_id", "null"},
    {"reasoning", R"({"effort":null,"summary":null})"},
    {"service_tier", R"("default")"},
    {"store", "false"},
    {"temperature", "1.0"},
    {"text", R"({"format":{"type":"text"},"verbosity":"medium"})"},
    {"tool_choice", R"("auto")"},
    {"tools", "[]"},
    {"top_logprobs", "0"},
    {"top_p", "1.0"},
    {"truncation", R"("disabled")"},
    {"user", "null"},
};

template <class Find>
void append_settings(std::string& out, Find find) {
  for (const auto& [name, otherwise] : kSettings) {
    append(out, ",\"", name, "\":");
    const Field own = find(name);
    is_set(own) ? append_compact(out, own->raw()) : append(out, otherwise);
  }
}

}  // namespace

std::string repeated_settings(const json::Value& root) {
  bool any = false;
  for (const auto& setting : kSettings) any = any || is_set(root.find(setting.name));
  std::string settings;
  if (any) append_settings(settings, [&root](std::string_view name) { return root.find(name); });
  return settings;
}

std::string text_of(const Content& content) {
  std::string text;
  content.append_to(text);
  return text;
}

void ResponseSheet::append_object(std::string& out, std::string_view status,
                                  std::string_view error_object) const {
  const bool complete = status == "completed" || status == "incomplete";
  out += R"({"id":")";
  identity.append_id(out, "resp_");
  append(out, R"(","object":"response","created_at":)", identity.created, R"(,"status":")", status,
         R"(","background":false,"completed_at":)");
  status == "completed" ? append(out, identity.created) : append(out, "null");
  append(out, R"(,"error":)", error_object.empty() ? "null" : error_object,
         R"(,"incomplete_details":)",
         status == "incomplete" ? R"({"reason":"max_output_tokens"})" : "null", R"(,"model":)");
  append_quoted(out, identity.model);
  out += R"(,"output":[)";
  if (complete) append_output(out);
  out += ']';
  settings.empty() ? append_settings(out, [](std::string_view) { return Field(); })
                   : append(out, settings);
  out += R"(,"usage":)";
  if (!complete || !usage) {
    out += "null}";
    return;
  }
  append(out, R"({"input_tokens":)", usage->prompt,
         R"(,"input_tokens_details":{"cached_tokens":0},"output_tokens":)", usage->completion,
         R"(,"output_tokens_details":{"reasoning_tokens":)", usage->reasoning,
         R"(},"total_tokens":)", usage->prompt + usage->completion, "}}");
}

void ResponseSheet::append_output(std::string& out) const {
  std::size_t item = 0;
  auto separate = [&out, &item] { out += item++ == 0 ? "" : ","; };
  if (has_reasoning()) {
    separate();
    append_reasoning_item(out, 0, true);
  }
  if (has_message()) {
    separate();
    append_message_item(out, item - 1, true);
  }
  for (std::size_t call = 0; call < answer.calls.size(); ++call) {
    separate();
    append_call_item(out, item - 1, call, true);
  }
}

void ResponseSheet::append_reasoning_item(std::string& out, std::size_t item, bool complete) const {
  out += R"({"id":")";
  identity.append_id(out, "rs_", item);
  out += R"(","type":"reasoning","summary":[)";
  if (complete) {
    out += R"({"type":"summary_text","text":)";
    append_quoted(out, text_of(answer.reasoning));
    out += '}';
  }
  out += "]}";
}

void ResponseSheet::append_part(std::string& out, std::string_view text) const {
  out += answer.refusal ? R"({"type":"refusal","refusal":)"
                        : R"({"type":"output_text","annotations":[],"logprobs":[],"text":)";
  append_quoted(out, text);
  out += '}';
}

void ResponseSheet::append_message_item(std::string& out, std::size_t item, bool complete) const {
  out += R"({"id":")";
  identity.append_id(out, "msg_", item);
  append(out, R"(","type":"message","status":")", complete ? final_status() : "in_progress",
         R"(","content":[)");
  if (complete) append_part(out, text_of(answer.text));
  out += R"(],"role":"assistant"})";
}

void ResponseSheet::append_call_item(std::string& out, std::size_t item, std::size_t call,
                                     bool complete) const {
  out += R"({"id":")";
  identity.append_id(out, "fc_", item);
  append(out, R"(","type":"function_call","status":")", complete ? "completed" : "in_progress",
         R"(","arguments":)");
  append_quoted(out, complete ? text_of(answer.calls[call].arguments) : std::string());
  out += R"(,"call_id":")";
  identity.append_id(out, "call_", item);
  out += R"(","name":)";
  append_quoted(out, answer.calls[call].name);
  out += '}';
}

}  // namespace sluice::providers::simulator
