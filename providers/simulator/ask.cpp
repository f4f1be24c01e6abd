#include "providers/simulator/ask.h"

#include "providers/simulator/ask_parts.h"
#include "providers/simulator/tokens.h"

namespace sluice::providers::simulator {
namespace {

constexpr std::size_t kTokensPerMessage = 3;
constexpr std::size_t kMostChoices = 128;

// Keeps what a chat answers: the last user's words, or a tool result that ends the conversation.
class LastWords {
 public:
  explicit LastWords(Ask& ask) : ask_(ask) { ask_.texts.emplace_back(); }

  void message(std::string_view text, std::string_view role) {
    ask_.prompt_tokens += kTokensPerMessage + count_pieces(text);
    ask_.ends_with_tool_result = false;
    if (role == "user") ask_.texts.front() = text;
    ask_.begun = role == "assistant" ? text : std::string_view();
  }

  void tool_result(std::string_view text) {
    message(text, "tool");
    ask_.ends_with_tool_result = true;
    result_ = text;
  }

  void settle() {
    if (ask_.ends_with_tool_result) ask_.texts.front() = result_;
  }

 private:
  Ask& ask_;
  std::string_view result_;
};

Result<void> read_input(const json::Value& input, std::string_view param, Arena& arena, Ask& ask) {
  if (const auto text = input.string(arena)) {
    ask.texts.push_back(*text);
    ask.prompt_tokens += count_pieces(*text);
    return {};
  }
  std::size_t numbers = 0;
  for (const auto element : input.elements()) numbers += element.kind() == json::Kind::Number;
  if (numbers == 0) return invalid(param, "a string or a list of tokens");
  ask.texts.push_back(input.raw());
  ask.prompt_tokens += numbers;
  return {};
}

// A list of numbers is one input, any other list is many.
Result<void> read_input_list(const Field& field, std::string_view param, Arena& arena, Ask& ask) {
  if (!is_set(field)) return missing(param);
  const auto elements = field->elements();
  const bool list =
      elements.begin() != elements.end() && (*elements.begin()).kind() != json::Kind::Number;
  if (!list) return read_input(*field, param, arena, ask);
  for (const auto element : elements) {
    // Moderations take parts of text and pictures: together they are one input.
    if (element.kind() == json::Kind::Object) {
      ask.texts = {content_text(field, arena)};
      ask.prompt_tokens = count_pieces(ask.texts.front());
      return {};
    }
    TRY_VOID(read_input(element, param, arena, ask));
  }
  return {};
}

}  // namespace

Result<Ask> read_chat(const json::Value& root, Arena& arena) {
  TRY(const auto fields,
      json::pick(
          root, {"messages", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens",
                 "stop", "tools", "tool_choice", "parallel_tool_calls", "response_format"}));
  const auto& [messages, stream, options, n, max_tokens, max_completion_tokens, stop, tools, choice,
               parallel, format] = fields;
  Ask ask;
  if (!is_set(messages)) return missing("messages");
  if (messages->kind() != json::Kind::Array) return invalid("messages", "a list of messages");

  LastWords words(ask);
  bool any = false;
  for (const auto message : messages->elements()) {
    const auto role = message.find("role");
    if (!role) return missing("messages[].role");
    const auto text = content_text(message.find("content"), arena);
    const auto who = string_of(role, arena);
    who == "tool" ? words.tool_result(text) : words.message(text, who);
    any = true;
  }
  if (!any) return invalid("messages", "at least one message");
  words.settle();

  TRY_VOID(read_stream(stream, options, ask));
  TRY_VOID(read_count(n, "n", 1, kMostChoices, ask.choices));
  TRY_VOID(read_count(max_tokens, "max_tokens", 1, Ask::kUnlimited, ask.max_tokens));
  TRY_VOID(read_count(max_completion_tokens, "max_completion_tokens", 1, Ask::kUnlimited,
                      ask.max_tokens));
  TRY_VOID(read_stops(stop, arena, ask.stops));
  TRY_VOID(read_flag(parallel, "parallel_tool_calls", ask.parallel_tools));
  read_tools(tools, "function", arena, ask);
  TRY_VOID(read_tool_choice(choice, "function", arena, ask));
  read_format(format, "json_schema", ask);
  return ask;
}

Result<Ask> read_completions(const json::Value& root, Arena& arena) {
  TRY(const auto fields,
      json::pick(root, {"prompt", "stream", "stream_options", "n", "max_tokens", "stop"}));
  const auto& [prompt, stream, options, n, max_tokens, stop] = fields;
  Ask ask;
  TRY_VOID(read_input_list(prompt, "prompt", arena, ask));
  TRY_VOID(read_stream(stream, options, ask));
  TRY_VOID(read_count(n, "n", 1, kMostChoices, ask.choices));
  TRY_VOID(read_count(max_tokens, "max_tokens", 0, Ask::kUnlimited, ask.max_tokens));
  TRY_VOID(read_stops(stop, arena, ask.stops));
  return ask;
}

Result<Ask> read_responses(const json::Value& root, Arena& arena) {
  TRY(const auto fields, json::pick(root, {"input", "instructions", "stream", "max_output_tokens",
                                           "tools", "tool_choice", "parallel_tool_calls", "text"}));
  const auto& [input, instructions, stream, max_tokens, tools, choice, parallel, text] = fields;
  Ask ask;
  if (!is_set(input)) return missing("input");

  LastWords words(ask);
  if (is_set(instructions)) words.message(string_of(instructions, arena), "system");
  if (input->kind() == json::Kind::String) {
    words.message(string_of(input, arena), "user");
  } else if (input->kind() == json::Kind::Array) {
    for (const auto item : input->elements()) {
      const auto type = item.find("type");
      const auto role = item.find("role");
      if (type && *type == "function_call_output") {
        words.tool_result(content_text(item.find("output"), arena));
      } else {
        words.message(content_text(item.find("content"), arena), string_of(role, arena));
      }
    }
  } else {
    return invalid("input", "a string or a list of items");
  }
  words.settle();

  TRY_VOID(read_flag(stream, "stream", ask.stream));
  TRY_VOID(read_count(max_tokens, "max_output_tokens", 1, Ask::kUnlimited, ask.max_tokens));
  TRY_VOID(read_flag(parallel, "parallel_tool_calls", ask.parallel_tools));
  read_tools(tools, "", arena, ask);
  TRY_VOID(read_tool_choice(choice, "", arena, ask));
  if (is_set(text)) read_format(text->find("format"), "", ask);
  return ask;
}

Result<Ask> read_inputs(const json::Value& root, Arena& arena) {
  Ask ask;
  TRY_VOID(read_input_list(root.find("input"), "input", arena, ask));
  return ask;
}

}  // namespace sluice::providers::simulator
