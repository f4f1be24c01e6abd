#include "middleware/request_fields.h"

#include "config/snapshot.h"
#include "dialect/caller_request.h"
#include "dialect/request_fields.h"

#include <vector>

namespace sluice::middleware {
namespace {

json::Reader& reader() {
  thread_local json::Reader one;
  return one;
}

// Null: none are set.
const config::GroupSettings* settings_of(const Context& context, const Request& request) {
  if (!request.entry || request.json.text.empty()) return nullptr;
  // What is only counted, or a vector of Gemini's, has no settings of an answer.
  const OperationTraits& traits = request.traits();
  if (!traits.is_conversation() && traits.dialect != Dialect::OpenAi) return nullptr;
  const auto& group = context.config->config().models[*request.entry].group;
  if (!group || (group->defaults.empty() && group->overrides.empty())) return nullptr;
  return &*group;
}

std::span<const Field> fields_of(const std::vector<config::RequestField>& settings, Arena& arena) {
  const auto fields = arena.array<Field>(settings.size());
  for (std::size_t i = 0; i < settings.size(); ++i)
    fields[i] = {settings[i].name, settings[i].json};
  return fields;
}

Result<void> rewrite(Context& context, Request& request, const config::GroupSettings& settings) {
  Arena& arena = context.draft;
  TRY(const std::string_view body,
      dialect::with_fields(request.json.text, request.dialect(),
                           fields_of(settings.defaults, arena),
                           fields_of(settings.overrides, arena), arena));
  if (body.data() == request.json.text.data()) return {};
  Request again = request;
  again.json = {};
  again.conversation = nullptr;
  again.max_tokens.reset();
  again.usage_asked = false;
  const json::Limits limits{.strict_up_to = context.config->config().server.strict_json};
  TRY_VOID(dialect::read_caller_request(body, limits, reader(), context.arena, again));
  // A path may have said them.
  again.model = request.model;
  again.stream = request.stream;
  request = again;
  return {};
}

}  // namespace

Task<Result<Reply>> RequestFields::handle(Context& context, Request& request, Next next) const {
  if (const config::GroupSettings* settings = settings_of(context, request))
    TRY_VOID(rewrite(context, request, *settings));
  return next(context, request);
}

}  // namespace sluice::middleware
