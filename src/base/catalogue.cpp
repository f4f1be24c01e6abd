#include "sluice/catalogue.h"

#include <algorithm>

namespace sluice {

const ModelFacts* ProviderKind::find(std::string_view model) const {
  const auto exact = std::ranges::lower_bound(models, model, {}, &ModelFacts::id);
  if (exact != models.end() && exact->id == model) return &*exact;
  const ModelFacts* longest = nullptr;
  for (const ModelFacts& facts : models) {
    if (!facts.id.ends_with('*') || (longest && longest->id.size() >= facts.id.size())) continue;
    if (model.starts_with(facts.id.substr(0, facts.id.size() - 1))) longest = &facts;
  }
  return longest;
}

}  // namespace sluice
