#include "routing/router.h"

#include "config/snapshot.h"
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

Task<Result<Reply>> Router::call(Context& context, Request& request) {
  Group& group = group_of(request);
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
