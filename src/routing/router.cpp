#include "routing/router.h"

#include "config/snapshot.h"
#include "dialect/token_count.h"
#include "routing/key_pool.h"
#include "routing/pursuit.h"
#include "routing/shadow.h"

#include <cstdint>

namespace sluice::routing {

Router::Router(RouterGround ground)
    : ground_(std::move(ground)), direct_(ground_.snapshot, std::nullopt, ground_.common.fleet) {
  const auto& entries = ground_.snapshot.config().models;
  groups_.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    groups_.push_back(std::make_unique<Group>(ground_.snapshot, static_cast<std::uint16_t>(i),
                                              ground_.common.fleet));
  }
}

Group& Router::group_of(const Request& request) {
  return request.entry ? *groups_[*request.entry] : direct_;
}

// What most requests are: of one target alone, that is well. There is nothing to plan or to pursue.
std::optional<Task<Result<Reply>>> Router::ask_at_once(Group& group, Context& context,
                                                       Request& request) {
  if (!group.is_one_target() || request.candidates.size() != 1 || context.explain) {
    return std::nullopt;
  }
  if (dialect::asks_for_count(request.operation)) return std::nullopt;
  const Candidate& candidate = request.candidates.front();
  const Destination& destination = ground_.destinations[candidate.provider];
  const Leaf& leaf = group.leaf(candidate.place);
  TargetState& state = leaf.state ? *leaf.state : *destination.state;
  const bool limited = destination.has_no_key || destination.bulkhead || destination.allowance ||
                       leaf.allowance || state.bulkhead.is_limited();
  if (limited) return std::nullopt;
  const std::size_t lane = group.lane(request, candidate);
  const Instant now = context.clock.now();
  const KeyWish wish{.lane = lane, .patience = kLongestTurn};
  if (!destination.keys->has_usable(wish, now)) return std::nullopt;
  const Breaker::Claim claim = state.breaker.claim(now);
  if (!claim) return std::nullopt;
  // Its holder is the group or the destination, which the request's epoch keeps.
  const Aim aim{.destination = destination,
                .model = candidate.model,
                .state = {std::shared_ptr<void>(), &state},
                .rules = rules_of(group.settings(), destination, ground_.event_limit),
                .lane = lane};
  return attempt(context, request, aim, Engagement(aim.state, claim), ground_.random);
}

Task<Result<Reply>> Router::call(Context& context, Request& request) {
  Group& group = group_of(request);
  if (auto answer = ask_at_once(group, context, request)) return std::move(*answer);
  auto pursuit = context.draft.make<Pursuit>(ground_, group, context, request);
  if (context.explain) context.explanation = context.arena.keep(pursuit->explain());
  auto answer = Pursuit::run(std::move(pursuit));
  if (const Candidate* shadow = shadow_of(ground_, group, request)) {
    return with_shadow(std::move(answer), ground_, group, *shadow, context, request);
  }
  return answer;
}

std::string Router::explain(Context& context, Request& request, const Supposed& supposed) {
  constexpr std::size_t kAll = SIZE_MAX;
  return Plan(ground_, group_of(request), context, request, supposed).explain(kAll);
}

}  // namespace sluice::routing
