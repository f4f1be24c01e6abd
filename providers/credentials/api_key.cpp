#include "providers/credentials/api_key.h"

#include <functional>

namespace sluice::providers {

KeyField key_field(KeyKind kind) {
  switch (kind) {
    case KeyKind::XApiKey:
      return {"x-api-key", ""};
    case KeyKind::ApiKey:
    case KeyKind::Entra:
      return {"api-key", ""};
    case KeyKind::XGoogApiKey:
    case KeyKind::Google:
      return {"x-goog-api-key", ""};
    case KeyKind::Token:
      return {"authorization", "Token "};
    default:
      return {};
  }
}

ApiKey::ApiKey(const std::vector<WeightedKey>& keys, const KeyField& field) : name_(field.name) {
  std::uint64_t sum = 0;
  for (const WeightedKey& key : keys) {
    sum += key.weight;
    shares_.push_back({std::string(field.prefix) + key.secret, sum});
  }
}

Task<Result<void>> ApiKey::sign(Context& context, UpstreamRequest& request) const {
  // The id is chance enough, and a request keeps its key however often it is signed.
  const std::uint64_t point =
      shares_.size() == 1 ? 0 : std::hash<std::string_view>{}(context.id) % shares_.back().up_to;
  for (const Share& share : shares_) {
    if (point >= share.up_to) continue;
    request.fields.add(name_, share.value);
    break;
  }
  return Result<void>();
}

Task<Result<void>> CallersKey::sign(Context& context, UpstreamRequest& request) const {
  if (!context.credential.empty()) {
    request.fields.add(field_.name, context.draft.join(field_.prefix, context.credential));
  }
  for (const Field& field : context.account_fields) request.fields.add(field.name, field.value);
  return Result<void>();
}

}  // namespace sluice::providers
