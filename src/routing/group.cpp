#include "routing/group.h"

#include "config/snapshot.h"
#include "routing/key_pool.h"
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

std::string label_of(const config::Snapshot& snapshot, const Candidate& candidate) {
  return snapshot.config().providers[candidate.provider].name + "/" + std::string(candidate.model);
}

}  // namespace

Group::Group(const config::Snapshot& snapshot, std::optional<std::uint16_t> entry, Fleet& fleet) {
  const config::Route& route = snapshot.models().route(entry);
  root_ = add(*route.targets);
  if (route.on_context_length) on_context_length_ = add(*route.on_context_length);
  if (route.on_content_policy) on_content_policy_ = add(*route.on_content_policy);
  shadow_ = route.shadow;
  if (shadow_ && *shadow_ >= leaves_.size()) leaves_.resize(*shadow_ + std::size_t{1});
  if (!entry) return;
  const config::ModelEntry& named = snapshot.config().models[*entry];
  if (named.is_wildcard()) {
    // Only what is limited is known by now: for all the names together.
    for (const Candidate& candidate : snapshot.models().candidates(*entry)) {
      watch(snapshot, candidate, fleet);
    }
    return;
  }
  Arena arena;
  const auto found = snapshot.models().find(named.name, arena);
  if (!found || found->index != entry) return;
  for (const Candidate& candidate : found->candidates) {
    Leaf& leaf = leaves_[candidate.place];
    leaf.name = stable_hash(label_of(snapshot, candidate));
    leaf.lane = KeyPool::lane_of(candidate.model);
    leaf.facts = snapshot.models().facts(candidate);
    watch(snapshot, candidate, fleet);
  }
}

void Group::watch(const config::Snapshot& snapshot, const Candidate& candidate, Fleet& fleet) {
  Leaf& leaf = leaves_[candidate.place];
  std::string state = label_of(snapshot, candidate);
  // One with limits of its own is watched on its own, too.
  if (leaf.limits != config::RateLimitSettings()) {
    state += " in " + std::string(name());
  } else if (leaf.name == 0) {
    return;
  }
  const config::ProviderSettings& provider = snapshot.config().providers[candidate.provider];
  leaf.state = fleet.get_or_make(state, provider.breaker, leaf.limits.concurrent);
  leaf.allowance = fleet.allowance(state, leaf.limits);
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
