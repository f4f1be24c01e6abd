#include "config/catalogue.h"

#include <algorithm>
#include <utility>

namespace sluice::config {
namespace {

constexpr auto kType = [](const ProviderKind* kind) { return kind->type; };

Abilities set_of(const std::vector<Ability>& list) {
  Abilities abilities;
  for (const Ability ability : list) abilities.add(ability);
  return abilities;
}

template <class T, class U>
void take(const std::optional<T>& told, U& into) {
  if (told) into = static_cast<U>(*told);
}

}  // namespace

Catalogue::Catalogue(std::span<const ProviderKind> kinds) {
  kinds_.reserve(kinds.size());
  for (const ProviderKind& kind : kinds) kinds_.push_back(&kind);
}

const ProviderKind* Catalogue::find(std::string_view type) const {
  const auto found = std::ranges::lower_bound(kinds_, type, {}, kType);
  return found != kinds_.end() && (*found)->type == type ? *found : nullptr;
}

std::vector<std::string_view> Catalogue::types() const {
  std::vector<std::string_view> all;
  all.reserve(kinds_.size());
  for (const ProviderKind* kind : kinds_) all.push_back(kind->type);
  return all;
}

Catalogue::Owned& Catalogue::own(std::string_view type) {
  for (Owned& owned : owned_) {
    if (owned.kind.type == type) return owned;
  }
  Owned& owned = owned_.emplace_back();
  const auto at = std::ranges::lower_bound(kinds_, type, {}, kType);
  if (at == kinds_.end() || (*at)->type != type) {
    owned.kind.type = owned.kind.title = owned.kind.telemetry_name = texts_.keep(type);
    kinds_.insert(at, &owned.kind);
    return owned;
  }
  owned.kind = **at;
  *at = &owned.kind;
  owned.models.assign(owned.kind.models.begin(), owned.kind.models.end());
  owned.kind.models = owned.models;
  return owned;
}

void Catalogue::merge(const CatalogueTexts& texts) {
  Owned& owned = own(texts.type);
  ProviderKind& kind = owned.kind;
  const auto keep = [this](const std::optional<std::string>& told, std::string_view& into) {
    if (told) into = texts_.keep(*told);
  };
  keep(texts.title, kind.title);
  keep(texts.base_url, kind.base_url);
  keep(texts.telemetry_name, kind.telemetry_name);
  take(texts.api, kind.api);
  take(texts.key, kind.key);
  if (texts.operations) {
    kind.operations.reset();
    for (const Operation each : *texts.operations) {
      kind.operations.set(static_cast<std::size_t>(each));
    }
  }
  if (texts.abilities) kind.abilities = set_of(*texts.abilities);

  const QuirkTexts& quirks = texts.quirks;
  take(quirks.stream_usage, kind.quirks.stream_usage);
  take(quirks.thoughts, kind.quirks.thoughts);
  take(quirks.completion_tokens, kind.quirks.completion_tokens);
  take(quirks.developer_role, kind.quirks.developer_role);
  take(quirks.bills_when_cancelled, kind.quirks.bills_when_cancelled);
  take(quirks.text_only_tools, kind.quirks.text_only_tools);
  take(quirks.most_embeddings, kind.quirks.most_embeddings);
  if (quirks.refuses) {
    owned.refuses.clear();
    for (const std::string& name : *quirks.refuses) owned.refuses.push_back(texts_.keep(name));
    kind.quirks.refuses = owned.refuses;
  }
  merge_models(owned, texts.models, true);
}

void Catalogue::supplement(std::string_view type, std::span<const ModelTexts> models) {
  if (find(type)) merge_models(own(type), models, false);
}

void Catalogue::merge_models(Owned& owned, std::span<const ModelTexts> models,
                             bool known_ones_too) {
  // Those before are sorted; new ones go behind them until the end.
  const std::size_t before = owned.models.size();
  for (const ModelTexts& texts : models) {
    const auto end = owned.models.begin() + static_cast<std::ptrdiff_t>(before);
    const auto found =
        std::ranges::lower_bound(owned.models.begin(), end, texts.name, {}, &ModelFacts::id);
    const bool known = found != end && found->id == texts.name;
    if (known && !known_ones_too) continue;
    ModelFacts& facts =
        known ? *found
              : owned.models.emplace_back(
                    ModelFacts{.id = texts_.keep(texts.name), .abilities = owned.kind.abilities});
    take(texts.context, facts.context);
    take(texts.most_output, facts.most_output);
    if (texts.abilities) facts.abilities = set_of(*texts.abilities);
  }
  std::ranges::sort(owned.models, {}, &ModelFacts::id);
  owned.kind.models = owned.models;
}

}  // namespace sluice::config
