#include "dialect/openai_request.h"

#include "base/json_editor.h"
#include "base/json_writer.h"

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// The fields that a policy reads now or that libraries would read differently when doubled.
constexpr std::string_view kFields[] = {"model",
                                        "stream",
                                        "stream_options",
                                        "max_tokens",
                                        "max_completion_tokens",
                                        "max_output_tokens",
                                        "user",
                                        "n",
                                        "messages",
                                        "input",
                                        "prompt",
                                        "tools",
                                        "tool_choice",
                                        "response_format",
                                        "metadata"};
enum FieldAt : std::size_t {
  Model,
  Stream,
  StreamOptions,
  MaxTokens,
  MaxCompletion,
  MaxOutput,
  User,
  Choices,
  Messages,
  Input
};

std::unexpected<Failure> wrong(std::string_view field, std::string_view expected) {
  ApiError error{.kind = ErrorKind::InvalidRequest,
                 .code = "invalid_request",
                 .message = std::string(field) + " must be " + std::string(expected) + ".",
                 .param = std::string(field)};
  return fail(std::move(error));
}

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

Span span_of(const Value& value) {
  const auto begin = value.offset();
  return {begin, begin + static_cast<std::uint32_t>(value.raw().size())};
}

Result<bool> boolean(const std::optional<Value>& value, std::string_view name) {
  if (!given(value)) return false;
  const auto read = value->boolean();
  if (!read) return wrong(name, "true or false");
  return *read;
}

Result<std::optional<std::int64_t>> count(const std::optional<Value>& value,
                                          std::string_view name) {
  if (!given(value)) return std::nullopt;
  const auto read = value->integer();
  if (!read || *read < 0) return wrong(name, "a whole number, 0 or more");
  return *read;
}

std::string_view text_at(const Request& request, Span span) {
  return request.json.text.substr(span.begin, span.end - span.begin);
}

}  // namespace

Result<void> read_openai_request(std::string_view body, const json::Limits& limits,
                                 json::Reader& reader, Arena& arena, Request& request) {
  TRY(const Value root, reader.parse(body, limits));
  if (root.kind() != Kind::Object) return wrong("The request body", "a JSON object");
  TRY(const auto fields, json::pick(root, kFields));

  request.json.text = body;
  request.json.members_at = root.offset() + 1;
  for ([[maybe_unused]] const auto& member : root.members()) {
    request.json.has_members = true;
    break;
  }

  if (given(fields[Model])) {
    const auto model = fields[Model]->string(arena);
    if (!model) return wrong("model", "a string");
    request.model = arena.keep(*model);
  }
  if (fields[Model]) request.json.model = span_of(*fields[Model]);  // A null is written over, too.
  if (given(fields[User])) {
    const auto user = fields[User]->string(arena);
    if (!user) return wrong("user", "a string");
    request.user = arena.keep(*user);
  }
  TRY(request.stream, boolean(fields[Stream], "stream"));
  // Some clients send the body of /responses here.
  if (request.operation == Operation::Chat && !fields[Messages] && fields[Input]) {
    request.written_in = Dialect::Responses;
  }

  for (const FieldAt at : {MaxTokens, MaxCompletion, MaxOutput}) {
    TRY(const auto tokens, count(fields[at], kFields[at]));
    if (tokens) request.max_tokens = tokens;
  }
  TRY_VOID(count(fields[Choices], "n"));

  if (fields[StreamOptions]) {
    const Value options = *fields[StreamOptions];
    if (options.kind() != Kind::Object && options.kind() != Kind::Null)
      return wrong("stream_options", "an object");
    request.json.stream_options = span_of(options);
    const std::string_view keys[] = {"include_usage"};
    TRY(const auto usage, json::pick(options, keys));
    if (usage[0]) {
      TRY(request.usage_asked, boolean(usage[0], "stream_options.include_usage"));
      request.json.include_usage = span_of(*usage[0]);
    }
  }
  return {};
}

EditedBody edit_openai_request(const Request& request, const Edits& edits, json::Reader& reader,
                               Arena& arena) {
  const JsonBody& json = request.json;
  const std::string_view model = edits.model;
  json::Editor editor(json.text, arena);
  const std::string_view named = text_at(request, json.model);
  if (model.empty()) {
    // Whoever may leave the model out leaves it to the provider.
  } else if (named.empty()) {
    editor.insert(json.members_at, arena.join("\"model\":", json::quoted(model, arena),
                                              json.has_members ? "," : ""));
  } else if (named.front() != '"' || named.substr(1, named.size() - 2) != model) {
    // Compared with what the body says, not with the name that was looked up: a path may have named
    // it.
    editor.replace(named, json::quoted(model, arena));
  }
  if (edits.ask == AskForUsage::Yes && request.stream && !request.usage_asked) {
    constexpr std::string_view wish = R"({"include_usage":true})";
    const std::string_view options = text_at(request, json.stream_options);
    if (!json.include_usage.empty()) {
      editor.replace(text_at(request, json.include_usage), "true");
    } else if (options.empty()) {
      editor.insert(json.members_at,
                    arena.join("\"stream_options\":", wish, json.has_members ? "," : ""));
    } else if (options.find(':') == std::string_view::npos) {
      editor.replace(options, wish);  // null, or an object without members.
    } else {
      editor.insert(json.stream_options.begin + 1, R"("include_usage":true,)");
    }
  }
  if (!edits.without.empty()) {
    if (const auto root = reader.parse(json.text, {.strict_up_to = 0})) {
      for (const std::string_view field : edits.without) editor.erase_member(*root, field);
    }
  }
  if (editor.empty()) return {arena.array_of(json.text), json.text.size()};
  const json::Edited edited = editor.compose();
  return {edited.pieces, edited.size};
}

}  // namespace sluice::dialect
