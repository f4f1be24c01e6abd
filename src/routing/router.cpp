#include "routing/router.h"

#include "config/snapshot.h"
#include "routing/pursuit.h"

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
  auto pursuit = context.draft.make<Pursuit>(ground_, group_of(request), context, request);
  if (context.explain) context.explanation = context.arena.keep(pursuit->explain());
  return Pursuit::run(std::move(pursuit));
}

std::string Router::explain(Context& context, Request& request) {
  return Plan(ground_, group_of(request), context, request).explain();
}

}  // namespace sluice::routing
