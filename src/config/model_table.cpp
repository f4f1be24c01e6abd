#include "config/model_table.h"

#include "base/text.h"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

namespace sluice::config {
namespace {

constexpr std::string_view kWholeName = "$0";

// Calls `piece` with each part of the target, * and $0 filled in.
template <class Piece>
void for_each_piece(std::string_view target, std::string_view asked, std::string_view matched,
                    Piece&& piece) {
  while (!target.empty()) {
    if (target.starts_with(kWholeName)) {
      piece(asked);
      target.remove_prefix(kWholeName.size());
    } else if (target.starts_with('*')) {
      piece(matched);
      target.remove_prefix(1);
    } else {
      const auto next = std::min(target.find_first_of("*$", 1), target.size());
      piece(target.substr(0, next));
      target.remove_prefix(next);
    }
  }
}

const ModelFacts* facts_of(const ProviderSettings& provider, std::string_view model) {
  return provider.kind ? provider.kind->find(model) : nullptr;
}

// What is asked of a wildcard when `model` is meant; nullopt: nothing is.
std::optional<std::string> asked_for(std::string_view prefix, std::string_view target,
                                     std::string_view model) {
  if (target == kWholeName) {
    if (!model.starts_with(prefix)) return std::nullopt;
    return std::string(model);
  }
  const auto star = target.find('*');
  if (star == std::string_view::npos || target.contains(kWholeName)) return std::nullopt;
  const auto before = target.substr(0, star);
  const auto behind = target.substr(star + 1);
  if (behind.contains('*') || model.size() < before.size() + behind.size()) return std::nullopt;
  if (!model.starts_with(before) || !model.ends_with(behind)) return std::nullopt;
  model.remove_prefix(before.size());
  model.remove_suffix(behind.size());
  return std::string(prefix).append(model);
}

// The models of a provider that have a whole name; none when it cannot be asked.
std::vector<std::string_view> models_of(const ProviderSettings& provider) {
  std::vector<std::string_view> names;
  if (!provider.kind || provider.lacks_credential()) return names;
  for (const ModelFacts& facts : provider.kind->models) {
    if (!facts.id.ends_with('*')) names.push_back(facts.id);
  }
  return names;
}

}  // namespace

ModelTable::ModelTable(const Config& config) : config_(&config) {
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    providers_.emplace(config.providers[i].name, static_cast<std::uint16_t>(i));
  }
  for (const ModelEntry& entry : config.models) {
    const auto known = target_of(entry);
    if (!known) continue;
    const auto& target = *known;
    if (!entry.is_wildcard()) {
      exact_.emplace(entry.name, target);
      names_.push_back(entry.name);
      continue;
    }
    const auto prefix = std::string_view(entry.name).substr(0, entry.name.size() - 1);
    const bool filled_in =
        target.upstream_model.contains('*') || target.upstream_model.contains(kWholeName);
    by_prefix_.emplace(prefix, Wildcard{target, filled_in});
    prefix_lengths_.push_back(prefix.size());
    wildcards_.push_back(entry.name);
  }
  std::ranges::sort(prefix_lengths_, std::greater<>());
  const auto doubled = std::ranges::unique(prefix_lengths_);
  prefix_lengths_.erase(doubled.begin(), doubled.end());
}

std::optional<ResolvedTarget> ModelTable::target_of(const ModelEntry& entry) const {
  const std::string_view target = entry.target;
  const auto slash = target.find('/');
  const auto index = provider_index(target.substr(0, slash));
  if (!index || slash == std::string_view::npos) return std::nullopt;
  const ProviderSettings& provider = config_->providers[*index];
  const auto model = target.substr(slash + 1);
  return ResolvedTarget{&provider, *index, model, facts_of(provider, model)};
}

std::optional<std::uint16_t> ModelTable::provider_index(std::string_view name) const {
  const auto found = providers_.find(name);
  if (found == providers_.end()) return std::nullopt;
  return found->second;
}

std::optional<ResolvedTarget> ModelTable::find(std::string_view asked, Arena& arena) const {
  if (const auto found = exact_.find(asked); found != exact_.end()) return found->second;
  if (!config_ || asked.starts_with("prompt/")) return std::nullopt;
  const auto slash = asked.find('/');
  if (config_->server.direct_models && slash != std::string_view::npos &&
      slash + 1 < asked.size()) {
    if (const auto index = provider_index(asked.substr(0, slash))) {
      const ProviderSettings& provider = config_->providers[*index];
      const auto model = asked.substr(slash + 1);
      return ResolvedTarget{&provider, *index, model, facts_of(provider, model)};
    }
  }
  for (const std::size_t length : prefix_lengths_) {
    if (length > asked.size()) continue;
    const auto found = by_prefix_.find(asked.substr(0, length));
    if (found != by_prefix_.end()) return fill_in(found->second, asked, length, arena);
  }
  return std::nullopt;
}

ResolvedTarget ModelTable::fill_in(const Wildcard& wildcard, std::string_view asked,
                                   std::size_t prefix, Arena& arena) const {
  auto target = wildcard.target;
  if (!wildcard.filled_in) return target;
  const auto matched = asked.substr(prefix);
  std::size_t size = 0;
  for_each_piece(target.upstream_model, asked, matched,
                 [&](std::string_view piece) { size += piece.size(); });
  const auto text = arena.array<char>(size);
  auto at = text.begin();
  for_each_piece(target.upstream_model, asked, matched,
                 [&](std::string_view piece) { at = std::ranges::copy(piece, at).out; });
  target.upstream_model = {text.data(), text.size()};
  target.facts = facts_of(*target.provider, target.upstream_model);
  return target;
}

std::vector<ListedModel> ModelTable::listed() const {
  std::vector<ListedModel> all;
  if (!config_) return all;
  std::unordered_set<std::string> seen;
  const auto add = [&](std::string name, std::string target, const ProviderSettings& provider) {
    if (!seen.insert(name).second) return;
    all.push_back({std::move(name), std::move(target), provider.name});
  };
  for (const ModelEntry& entry : config_->models) {
    const auto target = target_of(entry);
    if (target && !entry.is_wildcard()) add(entry.name, entry.target, *target->provider);
  }
  for (const ModelEntry& entry : config_->models) {
    const auto target = target_of(entry);
    if (!target || !entry.is_wildcard()) continue;
    const auto prefix = std::string_view(entry.name).substr(0, entry.name.size() - 1);
    for (const auto model : models_of(*target->provider)) {
      auto asked = asked_for(prefix, target->upstream_model, model);
      if (!asked) continue;
      add(*std::move(asked), target->provider->name + "/" + std::string(model), *target->provider);
    }
  }
  if (!config_->server.direct_models) return all;
  for (const ProviderSettings& provider : config_->providers) {
    for (const auto model : models_of(provider)) {
      std::string name = provider.name + "/" + std::string(model);
      add(name, name, provider);
    }
  }
  return all;
}

std::vector<std::string> ModelTable::nearest(std::string_view asked) const {
  constexpr std::size_t kSuggested = 3;
  std::vector<std::string> found;
  for (const auto name : text::nearest(asked, names_, kSuggested)) found.emplace_back(name);
  return found;
}

}  // namespace sluice::config
