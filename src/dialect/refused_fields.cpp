#include "dialect/refused_fields.h"

#include "dialect/losses.h"

#include <algorithm>
#include <array>

namespace sluice::dialect {
namespace {

constexpr std::array<std::string_view, 14> kMeaningful{"n",
                                                       "stop",
                                                       "tools",
                                                       "tool_choice",
                                                       "functions",
                                                       "logprobs",
                                                       "modalities",
                                                       "top_logprobs",
                                                       "response_format",
                                                       "previous_response_id",
                                                       "background",
                                                       "audio",
                                                       "conversation",
                                                       "input"};

// Cheap, and sure when it says no.
bool may_name(std::string_view body, std::string_view field) {
  for (std::size_t at = body.find(field); at != std::string_view::npos;
       at = body.find(field, at + 1)) {
    const std::size_t end = at + field.size();
    if (at > 0 && body[at - 1] == '"' && end < body.size() && body[end] == '"') return true;
  }
  return false;
}

// One that says nothing: a null, or the only value that there is without it.
bool says_nothing(std::string_view field, const json::Value& value) {
  return value.kind() == json::Kind::Null || (field == "n" && value.raw() == "1");
}

}  // namespace

Importance importance_of(std::string_view field) {
  return std::ranges::find(kMeaningful, field) == kMeaningful.end() ? Importance::Hint
                                                                    : Importance::Meaning;
}

Result<std::span<const std::string_view>> drop_refused_fields(Context& context,
                                                              const Request& request,
                                                              const Quirks& quirks,
                                                              json::Reader& reader) {
  const std::string_view body = request.json.text;
  const bool any = std::ranges::any_of(
      quirks.refuses, [&](std::string_view field) { return may_name(body, field); });
  if (!any) return std::span<const std::string_view>();
  TRY(const json::Value root, reader.parse(body, {.strict_up_to = 0}));
  Losses losses(context.drop, context.draft);
  const auto found = context.draft.array<std::string_view>(quirks.refuses.size());
  std::size_t size = 0;
  for (const std::string_view field : quirks.refuses) {
    const auto value = root.find(field);
    if (!value) continue;
    if (!says_nothing(field, *value)) TRY_VOID(losses.lose(importance_of(field), field));
    found[size++] = field;
  }
  list_dropped(context, losses);
  return std::span<const std::string_view>(found.first(size));
}

}  // namespace sluice::dialect
