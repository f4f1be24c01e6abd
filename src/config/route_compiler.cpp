#include "config/route_compiler.h"

#include <algorithm>

namespace sluice::config {
namespace {

const GroupSettings& default_group() {
  static const GroupSettings settings;
  return settings;
}

const TargetSettings& default_target() {
  static const TargetSettings settings;
  return settings;
}

}  // namespace

const Route& single_route() {
  static const RouteMember member{.settings = &default_target()};
  static const RouteNode node{.name = {}, .settings = &default_group(), .members = {&member, 1}};
  static const Route route{.targets = &node, .shadow = {}, .target_count = 1};
  return route;
}

// A text of a wildcard's entry, * and $0 filled in as far as the name is known.
std::string_view RouteCompiler::filled(std::string_view text, const Place& in) {
  if (!at(in).is_wildcard() || !is_pattern(text)) return text;
  if (in.asked) return fill_in(text, *in.asked, in.prefix, kept_);
  filled_in_ = true;
  return text;
}

Meaning RouteCompiler::meaning_of(std::string_view text, const Place& in) const {
  // What will be filled in names its provider.
  return is_pattern(text) ? index_.direct(text) : index_.written(text, at(in));
}

// The end of a name that stands in an entry.
std::optional<RouteCompiler::End> RouteCompiler::follow(std::string_view text, Place in) {
  text = filled(text, in);
  const Meaning meaning = meaning_of(text, in);
  if (meaning.provider) return End{meaning.provider, meaning.model, {}};
  if (!meaning.entry) return std::nullopt;
  in = {*meaning.entry, text, meaning.prefix};
  return end_of(in);
}

// Steps along entries that are only names of others.
std::optional<RouteCompiler::End> RouteCompiler::end_of(Place& place) {
  for (std::size_t hops = 0; hops <= kMostLevels; ++hops) {
    const ModelEntry& entry = at(place);
    if (entry.group) return End{{}, {}, place};
    const auto text = filled(entry.target.empty() ? entry.replaced_by : entry.target, place);
    const Meaning meaning = meaning_of(text, place);
    if (meaning.provider) return End{meaning.provider, meaning.model, {}};
    if (!meaning.entry) return std::nullopt;
    place = {*meaning.entry, text, meaning.prefix};
  }
  return std::nullopt;  // No end that check() lets pass.
}

void RouteCompiler::add(std::vector<RouteMember>& members, std::string_view text,
                        const TargetSettings& settings, const Place& in, std::size_t depth) {
  const auto end = follow(text, in);
  if (!end || candidates_.size() >= kMostTargets || depth >= kMostLevels) return;
  if (end->provider) {
    const auto place = static_cast<std::uint16_t>(candidates_.size());
    candidates_.push_back({*end->provider, place, end->model});
    members.push_back({.settings = &settings, .place = place});
    return;
  }
  const RouteNode* inner = group(end->group, depth + 1);
  if (inner) members.push_back({.settings = &settings, .group = inner});
}

const RouteNode* RouteCompiler::node(std::string_view name, const GroupSettings& settings,
                                     const std::vector<RouteMember>& members) {
  if (members.empty()) return nullptr;
  const auto kept = kept_.array<RouteMember>(members.size());
  std::ranges::copy(members, kept.begin());
  return kept_.array_of(RouteNode{name, &settings, kept}).data();
}

const RouteNode* RouteCompiler::group(const Place& place, std::size_t depth) {
  const GroupSettings& settings = *at(place).group;
  std::vector<RouteMember> members;
  for (const TargetSettings& target : settings.targets) {
    add(members, target.model, target, place, depth);
  }
  return node(at(place).name, settings, members);
}

const RouteNode* RouteCompiler::list(const std::vector<std::string>& names, const Place& in) {
  std::vector<RouteMember> members;
  for (const std::string& name : names) add(members, name, default_target(), in, 0);
  return node({}, default_group(), members);
}

const Route* RouteCompiler::route(const Place& place) {
  const GroupSettings& settings = *at(place).group;
  Route route{.targets = group(place, 0), .shadow = {}};
  if (!route.targets) return nullptr;
  route.target_count = static_cast<std::uint16_t>(candidates_.size());
  route.on_context_length = list(settings.on_context_length, place);
  route.on_content_policy = list(settings.on_content_policy, place);
  if (settings.shadow && candidates_.size() < kMostTargets) {
    const auto end = follow(settings.shadow->target, place);
    if (end && end->provider) {
      route.shadow = static_cast<std::uint16_t>(candidates_.size());
      candidates_.push_back({*end->provider, *route.shadow, end->model});
    }
  }
  return kept_.array_of(route).data();
}

// Steps from old names to what replaced them. False: that is nothing; a model of a provider is
// the end itself.
bool RouteCompiler::follow_old_names(Place& place, Found& found, std::optional<End>& end) {
  for (std::size_t hops = 0; !at(place).replaced_by.empty(); ++hops) {
    if (hops > kMostLevels) return false;
    if (!found.old_entry) found.old_entry = &at(place);
    found.replaced_by = filled(at(place).replaced_by, place);
    const Meaning meaning = meaning_of(found.replaced_by, place);
    if (meaning.provider) {
      end = End{meaning.provider, meaning.model, {}};
      return true;
    }
    if (!meaning.entry) return false;
    place = {*meaning.entry, found.replaced_by, meaning.prefix};
  }
  end = end_of(place);
  found.index = place.entry;
  found.entry = &at(place);
  return end.has_value();
}

CompiledEntry RouteCompiler::compile(std::uint16_t entry) {
  candidates_.clear();
  filled_in_ = false;
  Place place{entry};
  if (!at(place).is_wildcard()) place.asked = at(place).name;
  CompiledEntry made;
  std::optional<End> end;
  if (!follow_old_names(place, made.found, end)) return made;
  if (end->provider) {
    made.found.route = &single_route();
    candidates_.push_back({*end->provider, 0, end->model});
  } else {
    made.found.route = route(end->group);
  }
  const auto kept = kept_.array<Candidate>(candidates_.size());
  std::ranges::copy(candidates_, kept.begin());
  made.found.candidates = kept;
  made.filled_in = filled_in_;
  return made;
}

}  // namespace sluice::config
