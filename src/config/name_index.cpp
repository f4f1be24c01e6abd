#include "config/name_index.h"

#include <algorithm>
#include <functional>

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

}  // namespace

bool is_pattern(std::string_view target) {
  return target.contains('*') || target.contains(kWholeName);
}

std::string_view fill_in(std::string_view target, std::string_view asked, std::size_t prefix,
                         Arena& arena) {
  const auto matched = asked.substr(prefix);
  std::size_t size = 0;
  for_each_piece(target, asked, matched, [&](std::string_view piece) { size += piece.size(); });
  const auto text = arena.array<char>(size);
  auto at = text.begin();
  for_each_piece(target, asked, matched,
                 [&](std::string_view piece) { at = std::ranges::copy(piece, at).out; });
  return {text.data(), text.size()};
}

NameIndex::NameIndex(const Config& config) {
  for (std::size_t i = 0; i < config.providers.size(); ++i) {
    providers_.emplace(config.providers[i].name, static_cast<std::uint16_t>(i));
  }
  for (std::size_t i = 0; i < config.models.size(); ++i) {
    const std::string_view name = config.models[i].name;
    const auto place = static_cast<std::uint16_t>(i);
    if (!config.models[i].is_wildcard()) {
      exact_.emplace(name, place);
      continue;
    }
    by_prefix_.emplace(name.substr(0, name.size() - 1), place);
    prefix_lengths_.push_back(name.size() - 1);
  }
  std::ranges::sort(prefix_lengths_, std::greater<>());
  const auto doubled = std::ranges::unique(prefix_lengths_);
  prefix_lengths_.erase(doubled.begin(), doubled.end());
}

std::optional<std::uint16_t> NameIndex::provider(std::string_view name) const {
  const auto found = providers_.find(name);
  if (found == providers_.end()) return std::nullopt;
  return found->second;
}

Meaning NameIndex::direct(std::string_view name) const {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return {};
  const auto index = provider(name.substr(0, slash));
  if (!index) return {};
  return {.entry = {}, .provider = index, .model = name.substr(slash + 1)};
}

Meaning NameIndex::wildcard(std::string_view name) const {
  for (const std::size_t length : prefix_lengths_) {
    if (length > name.size()) continue;
    const auto found = by_prefix_.find(name.substr(0, length));
    if (found != by_prefix_.end()) {
      return {.entry = found->second, .prefix = length, .provider = {}, .model = {}};
    }
  }
  return {};
}

Meaning NameIndex::asked(std::string_view name, bool direct_models) const {
  if (const auto found = exact_.find(name); found != exact_.end()) {
    return {.entry = found->second, .provider = {}, .model = {}};
  }
  if (name.starts_with("prompt/")) return {};
  if (direct_models) {
    if (const Meaning meaning = direct(name); meaning.found()) return meaning;
  }
  return wildcard(name);
}

Meaning NameIndex::written(std::string_view name, const ModelEntry& in) const {
  if (name == in.name) {
    if (const Meaning meaning = direct(name); meaning.found()) return meaning;
  }
  return asked(name, true);
}

}  // namespace sluice::config
