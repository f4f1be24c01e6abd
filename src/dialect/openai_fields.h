// Members of requests as OpenAI's dialects have them: null is as good as not given, another type is
// the caller's mistake.
#pragma once

#include "sluice/conversation.h"
#include "sluice/error.h"

#include "base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::dialect::chat {

inline std::unexpected<Failure> wrong_field(std::string_view field, std::string_view expected) {
  return fail(ApiError{.kind = ErrorKind::InvalidRequest,
                       .code = "invalid_request",
                       .message = std::string(field) + " must be " + std::string(expected) + ".",
                       .param = std::string(field)});
}

inline bool is_null(const json::Value& value) {
  return value.kind() == json::Kind::Null;
}

inline bool is_given(const std::optional<json::Value>& value) {
  return value && !is_null(*value);
}

// An empty string that was given has an address; one that was not has none.
inline bool is_said(std::string_view text) {
  return text.data() != nullptr;
}

inline Result<std::string_view> read_text(const json::Value& value, std::string_view field,
                                          Arena& arena) {
  const auto text = value.string(arena);
  if (!text) return wrong_field(field, "a string");
  return *text;
}

// Of an optional member; nothing for what is no string.
inline std::string_view text_or_nothing(const std::optional<json::Value>& value, Arena& arena) {
  return value ? value->string(arena).value_or(std::string_view()) : std::string_view();
}

inline Result<JsonText> read_number(const json::Value& value, std::string_view field) {
  if (value.kind() != json::Kind::Number || !value.number()) return wrong_field(field, "a number");
  return value.raw();
}

inline Result<std::int64_t> read_count(const json::Value& value, std::string_view field) {
  const auto count = value.integer();
  if (!count || *count < 0) return wrong_field(field, "a whole number, 0 or more");
  return *count;
}

inline Result<bool> read_bool(const json::Value& value, std::string_view field) {
  const auto yes = value.boolean();
  if (!yes) return wrong_field(field, "true or false");
  return *yes;
}

inline Result<JsonText> read_object(const json::Value& value, std::string_view field) {
  if (value.kind() != json::Kind::Object) return wrong_field(field, "an object");
  return value.raw();
}

// The name of a member, with its escapes undone.
inline std::string_view name_of(const json::Member& member, Arena& arena) {
  return member.key.string(arena).value_or(std::string_view());
}

}  // namespace sluice::dialect::chat
