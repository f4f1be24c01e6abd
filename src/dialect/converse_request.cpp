#include "dialect/converse_request.h"

#include "dialect/converse_words.h"

#include <algorithm>
#include <cstring>

namespace sluice::dialect {
namespace {

using json::Kind;
using json::Value;

// The fields that a policy reads, or that libraries would read differently when doubled.
constexpr std::string_view kFields[] = {"inferenceConfig", "messages",
                                        "system",          "toolConfig",
                                        "guardrailConfig", "additionalModelRequestFields",
                                        "outputConfig",    "serviceTier"};

bool given(const std::optional<Value>& value) {
  return value && value->kind() != Kind::Null;
}

}  // namespace

Result<void> read_converse_request(std::string_view body, const json::Limits& limits,
                                   json::Reader& reader, Arena&, Request& request) {
  TRY(const Value root, reader.parse(body, limits));
  if (root.kind() != Kind::Object) return converse_wrong("The request body", "a JSON object");
  TRY(const auto fields, json::pick(root, kFields));

  request.json.text = body;
  request.json.members_at = root.offset() + 1;
  request.json.has_members = root.members().begin() != std::default_sentinel;
  request.usage_asked = true;  // There is no other way.
  if (!given(fields[0])) return {};
  if (fields[0]->kind() != Kind::Object) return converse_wrong("inferenceConfig", "an object");
  const std::string_view keys[] = {"maxTokens"};
  TRY(const auto limit, json::pick(*fields[0], keys));
  if (!given(limit[0])) return {};
  request.max_tokens = limit[0]->integer();
  if (!request.max_tokens || *request.max_tokens < 0)
    return converse_wrong("inferenceConfig.maxTokens", "a whole number, 0 or more");
  return {};
}

bool converse_holds_foreign_seals(std::string_view body) {
  // How a mark begins, and the base64 of one, as a string of its own: it is never written with
  // escapes.
  constexpr std::string_view kMarks[] = {"\"sluice:", "\"c2x1aWNlO"};
  return std::ranges::any_of(kMarks, [&](std::string_view mark) {
    return ::memmem(body.data(), body.size(), mark.data(), mark.size()) != nullptr;
  });
}

}  // namespace sluice::dialect
