// The end of the chain: from the name that was asked for to whoever answers.
#pragma once

#include "sluice/middleware.h"

#include "routing/group.h"
#include "routing/request_facts.h"
#include "routing/router_ground.h"

#include <memory>
#include <string>
#include <vector>

namespace sluice::routing {

class Router final : public ModelCaller {
 public:
  explicit Router(RouterGround ground);

  Task<Result<Reply>> call(Context& context, Request& request) override;
  // Who would be asked now, and why: one line of JSON. The request was resolved.
  std::string explain(Context& context, Request& request, const Supposed& supposed);

  const std::vector<Destination>& destinations() const { return ground_.destinations; }

 private:
  Group& group_of(const Request& request);
  std::optional<Task<Result<Reply>>> ask_at_once(Group& group, Context& context, Request& request);

  RouterGround ground_;
  std::vector<std::unique_ptr<Group>> groups_;  // By their place in `models:`.
  Group direct_;                                // Of PROVIDER/MODEL.
};

}  // namespace sluice::routing
