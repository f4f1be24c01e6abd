#include "routing/group.h"

#include "config/snapshot.h"
#include "routing/strategies/learned.h"
#include "routing/strategies/rendezvous.h"
#include "routing/strategies/stable_hash.h"
#include "routing/strategies/strategy_of.h"

#include <algorithm>

namespace sluice::routing {
namespace {

constexpr double kMostHedgesAtOnce = 10;

std::unique_ptr<const Strategy> own_strategy_of(const config::GroupSettings& settings) {
  if (settings.sticky) return std::make_unique<Rendezvous>();
  if (settings.strategy != config::StrategyKind::Learned) return nullptr;
  return std::make_unique<Learned>(settings.learned.explore);
}

// What the others go by is learned from every try, whatever its group.
bool learns(config::StrategyKind strategy) {
  return strategy == config::StrategyKind::Learned || strategy == config::StrategyKind::Cheapest;
}

}  // namespace

Group::Group(const config::Snapshot& snapshot, std::optional<std::uint16_t> entry, Fleet& fleet) {
  const config::Route& route = snapshot.models().route(entry);
  root_ = add(*route.targets);
  if (route.on_context_length) on_context_length_ = add(*route.on_context_length);
  if (route.on_content_policy) on_content_policy_ = add(*route.on_content_policy);
  shadow_ = route.shadow;
  if (shadow_ && *shadow_ >= leaves_.size()) leaves_.resize(*shadow_ + std::size_t{1});
  if (!entry || snapshot.config().models[*entry].is_wildcard()) return;
  Arena arena;
  const auto found = snapshot.models().find(snapshot.config().models[*entry].name, arena);
  if (!found || found->index != entry) return;
  for (const Candidate& candidate : found->candidates) {
    const config::ProviderSettings& provider = snapshot.config().providers[candidate.provider];
    const std::string label = provider.name + "/" + std::string(candidate.model);
    Leaf& leaf = leaves_[candidate.place];
    leaf.name = stable_hash(label);
    leaf.facts = snapshot.models().facts(candidate);
    // One with limits of its own is watched on its own, too.
    const bool limited = leaf.limits != config::RateLimitSettings();
    const std::string state = limited ? label + " in " + std::string(name()) : label;
    leaf.state = fleet.get_or_make(state, provider.breaker, leaf.limits.concurrent);
    leaf.allowance = fleet.allowance(state, leaf.limits);
  }
}

Node* Group::add(const config::RouteNode& from) {
  Node& node = nodes_.emplace_back();
  node.name = from.name;
  node.settings = from.settings;
  node.learns = learns(from.settings->strategy);
  node.own_strategy = own_strategy_of(*from.settings);
  node.strategy =
      node.own_strategy ? node.own_strategy.get() : &strategy_of(from.settings->strategy);
  for (const config::RouteMember& member : from.members) add_member(node, member);
  return &node;
}

void Group::add_member(Node& node, const config::RouteMember& from) {
  Member member;
  if (from.settings) {
    member.weight = from.settings->weight;
    if (from.settings->when) member.when = &*from.settings->when;
  }
  if (from.group) {
    member.group = add(*from.group);
    node.learns |= member.group->learns;
    node.places.insert(node.places.end(), member.group->places.begin(), member.group->places.end());
  } else {
    member.place = from.place;
    node.places.push_back(from.place);
    if (from.place >= leaves_.size()) leaves_.resize(from.place + std::size_t{1});
    if (from.settings) leaves_[from.place].limits = from.settings->limits;
  }
  node.members.push_back(member);
}

void Group::count_request() {
  if (settings().hedge) hedges_ = std::min(kMostHedgesAtOnce, hedges_ + settings().hedge->at_most);
}

}  // namespace sluice::routing
