#include "providers/simulator/ask_parts.h"

#include "providers/simulator/tokens.h"

#include <algorithm>

namespace sluice::providers::simulator {
namespace {

constexpr std::size_t kTokensPerTool = 8;

}  // namespace

std::unexpected<Failure> missing(std::string_view param) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "missing_required_parameter",
                       .message = "Missing required parameter: '" + std::string(param) + "'.",
                       .param = std::string(param)});
}

std::unexpected<Failure> invalid(std::string_view param, std::string_view expected) {
  return fail(ApiError{
      .kind = ErrorKind::InvalidRequest,
      .code = "invalid_value",
      .message = "Invalid '" + std::string(param) + "': expected " + std::string(expected) + ".",
      .param = std::string(param)});
}

Result<void> read_flag(const Field& field, std::string_view param, bool& flag) {
  if (!is_set(field)) return {};
  const auto value = field->boolean();
  if (!value) return invalid(param, "true or false");
  flag = *value;
  return {};
}

Result<void> read_count(const Field& field, std::string_view param, std::size_t least,
                        std::size_t most, std::size_t& count) {
  if (!is_set(field)) return {};
  const auto value = field->integer();
  if (!value || *value < 0 || std::size_t(*value) < least || std::size_t(*value) > most) {
    return invalid(param,
                   "a whole number of at least " + std::to_string(least) +
                       (most == Ask::kUnlimited ? "" : " and at most " + std::to_string(most)));
  }
  count = static_cast<std::size_t>(*value);
  return {};
}

Result<void> read_stops(const Field& field, Arena& arena, std::vector<std::string>& stops) {
  if (!is_set(field)) return {};
  if (const auto one = field->string(arena)) {
    stops.emplace_back(*one);
    return {};
  }
  if (field->kind() != json::Kind::Array) return invalid("stop", "a string or a list of strings");
  for (const auto element : field->elements()) {
    const auto stop = element.string(arena);
    if (!stop) return invalid("stop", "a string or a list of strings");
    stops.emplace_back(*stop);
  }
  return {};
}

Result<void> read_stream(const Field& stream, const Field& options, Ask& ask) {
  TRY_VOID(read_flag(stream, "stream", ask.stream));
  if (!is_set(options)) return {};
  if (!ask.stream) return invalid("stream_options", "no such parameter unless 'stream' is true");
  return read_flag(options->find("include_usage"), "stream_options.include_usage",
                   ask.include_usage);
}

std::string_view string_of(const Field& field, Arena& arena) {
  return field ? field->string(arena).value_or("") : std::string_view();
}

std::string_view content_text(const Field& content, Arena& arena) {
  if (!content || content->kind() != json::Kind::Array) return string_of(content, arena);
  std::string_view first;
  std::string all;
  for (const auto part : content->elements()) {
    const auto text = string_of(part.find("text"), arena);
    if (all.empty() && first.empty()) {
      first = text;
      continue;
    }
    if (all.empty()) all = first;
    all += text;
  }
  return all.empty() ? first : arena.keep(all);
}

void read_tools(const Field& tools, std::string_view wrapper, Arena& arena, Ask& ask) {
  if (!is_set(tools)) return;
  for (const auto element : tools->elements()) {
    const auto function = wrapper.empty() ? Field(element) : element.find(wrapper);
    const auto name = function ? string_of(function->find("name"), arena) : std::string_view();
    if (name.empty()) continue;  // A tool of the provider's own, which nobody here can call.
    ask.tools.push_back({name, function->find("parameters")});
    ask.prompt_tokens += kTokensPerTool + count_pieces(function->raw());
  }
}

Result<void> read_tool_choice(const Field& choice, std::string_view wrapper, Arena& arena,
                              Ask& ask) {
  if (!is_set(choice)) return {};
  if (*choice == "auto") return {};
  if (*choice == "none" || *choice == "required") {
    ask.tool_choice = *choice == "none" ? ToolChoice::None : ToolChoice::Required;
    return {};
  }
  const auto function = wrapper.empty() ? choice : choice->find(wrapper);
  const auto name = function ? string_of(function->find("name"), arena) : std::string_view();
  if (name.empty()) return invalid("tool_choice", "auto, none, required or a function");
  std::erase_if(ask.tools, [name](const Tool& tool) { return tool.name != name; });
  if (ask.tools.empty()) return invalid("tool_choice", "the name of one of 'tools'");
  ask.tool_choice = ToolChoice::Required;
  return {};
}

void read_format(const Field& format, std::string_view wrapper, Ask& ask) {
  if (!is_set(format)) return;
  const auto type = format->find("type");
  if (!type) return;
  if (*type == "json_object") ask.format = Format::JsonObject;
  if (*type != "json_schema") return;
  const auto holder = wrapper.empty() ? format : format->find(wrapper);
  ask.format = Format::JsonSchema;
  ask.schema = holder ? holder->find("schema") : std::nullopt;
}

}  // namespace sluice::providers::simulator
