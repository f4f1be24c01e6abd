#include "config/model_table.h"

#include "base/text.h"
#include "config/route_compiler.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace sluice::config {
namespace {

constexpr std::string_view kWholeName = "$0";

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

ModelTable::ModelTable(const Config& config) : config_(&config), index_(config) {
  RouteCompiler compiler(config, index_, kept_);
  compiled_.reserve(config.models.size());
  for (std::size_t i = 0; i < config.models.size(); ++i) {
    const ModelEntry& entry = config.models[i];
    const auto& made = compiled_.emplace_back(compiler.compile(static_cast<std::uint16_t>(i)));
    if (made.found.route) (entry.is_wildcard() ? wildcards_ : names_).push_back(entry.name);
  }
}

std::optional<Found> ModelTable::find(std::string_view asked, Arena& arena) const {
  if (!config_) return std::nullopt;
  const Meaning meaning = index_.asked(asked, config_->server.direct_models);
  if (meaning.provider) {
    Found found;
    found.route = &single_route();
    found.candidates = arena.array_of(Candidate{*meaning.provider, 0, meaning.model});
    return found;
  }
  if (!meaning.entry) return std::nullopt;
  const CompiledEntry& compiled = compiled_[*meaning.entry];
  if (!compiled.found.route) return std::nullopt;
  if (!compiled.filled_in) return compiled.found;
  return filled_in(compiled.found, asked, meaning.prefix, arena);
}

Found ModelTable::filled_in(Found found, std::string_view asked, std::size_t prefix, Arena& arena) {
  if (is_pattern(found.replaced_by)) {
    found.replaced_by = fill_in(found.replaced_by, asked, prefix, arena);
  }
  const auto candidates = arena.array<Candidate>(found.candidates.size());
  std::ranges::transform(found.candidates, candidates.begin(), [&](Candidate candidate) {
    if (is_pattern(candidate.model)) {
      candidate.model = fill_in(candidate.model, asked, prefix, arena);
    }
    return candidate;
  });
  found.candidates = candidates;
  return found;
}

const Route& ModelTable::route(std::optional<std::uint16_t> entry) const {
  const Route* route = entry && *entry < compiled_.size() ? compiled_[*entry].found.route : nullptr;
  return route ? *route : single_route();
}

const ModelFacts* ModelTable::facts(const Candidate& candidate) const {
  const ProviderKind* kind = config_->providers[candidate.provider].kind;
  return kind ? kind->find(candidate.model) : nullptr;
}

std::vector<ListedModel> ModelTable::listed() const {
  std::vector<ListedModel> all;
  if (!config_) return all;
  std::unordered_set<std::string> seen;
  const auto add = [&](std::string name, const ProviderSettings& provider, std::string_view model) {
    if (!seen.insert(name).second) return;
    all.push_back({std::move(name), provider.name + "/" + std::string(model), provider.name});
  };
  const auto for_each_entry = [&](bool wildcard, auto&& each) {
    for (std::size_t i = 0; i < compiled_.size(); ++i) {
      const ModelEntry& entry = config_->models[i];
      if (!compiled_[i].found.route || entry.is_wildcard() != wildcard) continue;
      const Candidate& first = compiled_[i].found.candidates.front();
      each(entry.name, config_->providers[first.provider], first.model);
    }
  };
  for_each_entry(false, add);
  for_each_entry(true, [&](const std::string& name, const ProviderSettings& provider,
                           std::string_view target) {
    const auto prefix = std::string_view(name).substr(0, name.size() - 1);
    for (const auto model : models_of(provider)) {
      auto asked = asked_for(prefix, target, model);
      if (asked) add(*std::move(asked), provider, model);
    }
  });
  if (!config_->server.direct_models) return all;
  for (const ProviderSettings& provider : config_->providers) {
    for (const auto model : models_of(provider)) {
      add(provider.name + "/" + std::string(model), provider, model);
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
