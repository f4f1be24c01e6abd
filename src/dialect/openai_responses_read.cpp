// A request, but for its items: openai_responses_read_input.cpp.
#include "dialect/openai_responses_parts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::dialect::responses {
namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kFields[] = {"model",
                                        "stream",
                                        "input",
                                        "instructions",
                                        "tools",
                                        "tool_choice",
                                        "parallel_tool_calls",
                                        "text",
                                        "reasoning",
                                        "max_output_tokens",
                                        "temperature",
                                        "top_p",
                                        "top_logprobs",
                                        "include",
                                        "store",
                                        "metadata",
                                        "user",
                                        "safety_identifier",
                                        "prompt_cache_key",
                                        "service_tier"};
enum At : std::size_t {
  Model,
  Stream,
  Input,
  Instructions,
  Tools,
  Choice,
  Parallel,
  TextAt,
  ReasoningAt,
  MaxTokens,
  Temperature,
  TopP,
  TopLogprobs,
  Include,
  Store,
  Metadata,
  User,
  Safety,
  CacheKey,
  ServiceTier
};
using Fields = std::array<std::optional<Value>, std::size(kFields)>;

// What they name is kept by the provider: without it the question is another one.
constexpr std::string_view kMeaning[] = {"previous_response_id", "conversation", "prompt"};

Result<std::string_view> text_field(const Fields& fields, At at, Arena& arena) {
  if (!given(fields[at])) return std::string_view();
  return read_text(*fields[at], kFields[at], arena);
}

Result<JsonText> number_field(const Fields& fields, At at) {
  if (!given(fields[at])) return JsonText();
  if (!fields[at]->number()) return wrong(std::string(kFields[at]), "a number");
  return fields[at]->raw();
}

Result<std::optional<std::int64_t>> count_field(const Fields& fields, At at) {
  if (!given(fields[at])) return std::nullopt;
  const auto count = fields[at]->integer();
  if (!count || *count < 0) return wrong(std::string(kFields[at]), "a whole number, 0 or more");
  return *count;
}

Result<std::optional<bool>> boolean_field(const std::optional<Value>& value,
                                          std::string_view name) {
  if (!given(value)) return std::nullopt;
  const auto yes = value->boolean();
  if (!yes) return wrong(std::string(name), "true or false");
  return *yes;
}

Result<void> read_format(const Value& value, Arena& arena, OutputFormat& format) {
  constexpr std::string_view keys[] = {"type", "name", "description", "schema", "strict"};
  if (value.kind() != Kind::Object) return wrong("text.format", "an object");
  TRY(const auto fields, json::pick(value, keys));
  const auto& [type, name, description, schema, strict] = fields;
  if (!type) return wrong("text.format.type", "given");
  if (*type == "text") {
    format.kind = OutputFormat::Kind::Text;
  } else if (*type == "json_object") {
    format.kind = OutputFormat::Kind::JsonObject;
  } else if (*type == "json_schema") {
    format.kind = OutputFormat::Kind::JsonSchema;
    if (!given(schema) || schema->kind() != Kind::Object)
      return wrong("text.format.schema", "a JSON Schema");
    format.schema = schema->raw();
    if (given(name)) {
      TRY(format.name, read_text(*name, "text.format.name", arena));
    }
    if (given(description)) {
      TRY(format.description, read_text(*description, "text.format.description", arena));
    }
    TRY(format.strict, boolean_field(strict, "text.format.strict"));
  } else {
    return wrong("text.format.type", "text, json_object or json_schema");
  }
  return {};
}

Result<void> read_text_settings(const Value& text, Arena& arena, Conversation& conversation,
                                ArenaList<Extra>& extras) {
  constexpr std::string_view keys[] = {"format", "verbosity"};
  if (text.kind() != Kind::Object) return wrong("text", "an object");
  TRY(const auto fields, json::pick(text, keys));
  const auto& [format, verbosity] = fields;
  if (given(format)) TRY_VOID(read_format(*format, arena, conversation.format));
  if (given(verbosity)) {
    TRY(conversation.verbosity, read_text(*verbosity, "text.verbosity", arena));
  }
  add_extras(text, keys, "text.", arena, extras);
  return {};
}

Result<void> read_reasoning(const Value& value, Arena& arena, Reasoning& reasoning,
                            ArenaList<Extra>& extras) {
  constexpr std::string_view keys[] = {"effort", "summary", "generate_summary"};
  if (value.kind() != Kind::Object) return wrong("reasoning", "an object");
  TRY(const auto fields, json::pick(value, keys));
  const auto& [effort, summary, older_summary] = fields;
  if (given(effort)) {
    TRY(reasoning.effort, read_text(*effort, "reasoning.effort", arena));
    const bool off = reasoning.effort == "none";
    reasoning.kind = off ? Reasoning::Kind::Off : Reasoning::Kind::Effort;
  }
  const auto& wanted = given(summary) ? summary : older_summary;
  if (given(wanted)) {
    TRY(reasoning.summary, read_text(*wanted, "reasoning.summary", arena));
    reasoning.shown = true;
  }
  add_extras(value, keys, "reasoning.", arena, extras);
  return {};
}

Result<void> read_include(const Value& include, Conversation& conversation,
                          ArenaList<Extra>& extras) {
  if (include.kind() != Kind::Array) return wrong("include", "an array");
  for (const Value wish : include.elements()) {
    if (wish == "message.output_text.logprobs") conversation.logprobs = true;
  }
  extras.add({Dialect::Responses, "include", include.raw(), Importance::Hint});
  return {};
}

Result<void> read_plain_fields(const Fields& fields, Arena& arena, Conversation& conversation) {
  TRY(conversation.max_tokens, count_field(fields, MaxTokens));
  TRY(conversation.temperature, number_field(fields, Temperature));
  TRY(conversation.top_p, number_field(fields, TopP));
  TRY(conversation.top_logprobs, count_field(fields, TopLogprobs));
  TRY(conversation.store, boolean_field(fields[Store], "store"));
  TRY(conversation.tool_choice.parallel, boolean_field(fields[Parallel], "parallel_tool_calls"));
  TRY(conversation.user, text_field(fields, User, arena));
  TRY(conversation.safety_identifier, text_field(fields, Safety, arena));
  TRY(conversation.prompt_cache_key, text_field(fields, CacheKey, arena));
  TRY(conversation.service_tier, text_field(fields, ServiceTier, arena));
  if (given(fields[Metadata])) {
    if (fields[Metadata]->kind() != Kind::Object) return wrong("metadata", "an object");
    conversation.metadata = fields[Metadata]->raw();
  }
  return {};
}

// A background response is asked for later, by its id.
bool is_background(const Extra& extra) {
  return extra.name == "background" && extra.json == "true";
}

}  // namespace

std::unexpected<Failure> wrong(std::string field, std::string_view expected) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = field + " must be " + std::string(expected) + ".",
                       .param = std::move(field)});
}

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

void add_extras(const Value& object, std::span<const std::string_view> known,
                std::string_view prefix, Arena& arena, ArenaList<Extra>& extras) {
  for (const auto [key, value] : object.members()) {
    const std::string_view name = key.string(arena).value_or("");
    if (value.kind() == Kind::Null || std::ranges::find(known, name) != known.end()) continue;
    extras.add({.of = Dialect::Responses,
                .name = prefix.empty() ? name : arena.join(prefix, name),
                .json = value.raw()});
  }
}

Result<std::string_view> read_text(const Value& value, std::string_view field, Arena& arena) {
  const auto text = value.string(arena);
  if (!text) return wrong(std::string(field), "a string");
  return *text;
}

Result<void> read_request(const Value& body, Arena& arena, Conversation& conversation) {
  if (body.kind() != Kind::Object) return wrong("The request body", "a JSON object");
  TRY(const auto fields, json::pick(body, kFields));
  ArenaList<Extra> extras(arena);
  TRY(conversation.turns, read_input(fields[Instructions], fields[Input], arena));
  if (given(fields[Tools])) TRY_VOID(read_tools(*fields[Tools], arena, conversation));
  if (given(fields[Choice]))
    TRY_VOID(read_tool_choice(*fields[Choice], arena, conversation, extras));
  if (given(fields[TextAt]))
    TRY_VOID(read_text_settings(*fields[TextAt], arena, conversation, extras));
  if (given(fields[ReasoningAt]))
    TRY_VOID(read_reasoning(*fields[ReasoningAt], arena, conversation.reasoning, extras));
  if (given(fields[Include])) TRY_VOID(read_include(*fields[Include], conversation, extras));
  TRY_VOID(read_plain_fields(fields, arena, conversation));

  add_extras(body, kFields, {}, arena, extras);
  for (Extra& extra : extras.all()) {
    if (std::ranges::find(kMeaning, extra.name) != std::end(kMeaning) || is_background(extra))
      extra.importance = Importance::Meaning;
  }
  conversation.extras = extras.all();
  return {};
}

}  // namespace sluice::dialect::responses
