#include "providers/credentials/api_key.h"

#include <functional>

namespace sluice::providers {

ApiKey::ApiKey(const std::vector<WeightedKey>& keys) {
  std::uint64_t sum = 0;
  for (const WeightedKey& key : keys) {
    sum += key.weight;
    shares_.push_back({"Bearer " + key.secret, sum});
  }
}

Task<Result<void>> ApiKey::sign(Context& context, UpstreamRequest& request) const {
  // The id is chance enough, and a request keeps its key however often it is signed.
  const std::uint64_t point =
      shares_.size() == 1 ? 0 : std::hash<std::string_view>{}(context.id) % shares_.back().up_to;
  for (const Share& share : shares_) {
    if (point >= share.up_to) continue;
    request.fields.add("authorization", share.authorization);
    break;
  }
  return Result<void>();
}

Task<Result<void>> CallersKey::sign(Context& context, UpstreamRequest& request) const {
  if (!context.credential.empty()) {
    request.fields.add("authorization", context.draft.join("Bearer ", context.credential));
  }
  for (const Field& field : context.account_fields) request.fields.add(field.name, field.value);
  return Result<void>();
}

}  // namespace sluice::providers
