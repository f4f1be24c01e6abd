// The copy of one request, asked of a shadow's target: with its own deadline, memory and account.
#pragma once

#include "sluice/context.h"

#include "routing/attempts.h"
#include "routing/comparison.h"
#include "routing/group.h"
#include "routing/router_ground.h"
#include "routing/shadow.h"

#include <memory>
#include <optional>
#include <string_view>

namespace sluice::routing {

class ShadowCall {
 public:
  // Keeps nothing of the context and the request, but the ground alive.
  ShadowCall(RouterGround& ground, Group& group, const Candidate& candidate, const Context& context,
             const Request& request, Shadows::Place place);
  ShadowCall(const ShadowCall&) = delete;
  ShadowCall& operator=(const ShadowCall&) = delete;
  ~ShadowCall();

  const std::shared_ptr<Comparison>& comparison() const { return comparison_; }

  // From its beginning to its end.
  static Task<void> run(std::unique_ptr<ShadowCall> call);

 private:
  Task<void> answer();
  // A place at the target. Nothing: it says in result_ why not.
  std::optional<Engagement> engage();
  std::string_view obstacle();
  TryRules rules() const;
  Task<Result<void>> read(Reply reply);
  void settle(const ApiError* error);
  std::shared_ptr<TargetState> state() const;

  const std::shared_ptr<const void> alive_;  // What all below refers to.
  RouterGround& ground_;
  Leaf& leaf_;
  const Destination& destination_;
  Shadows::Place place_;
  Arena arena_;
  Arena draft_;
  Context context_;
  Request request_;
  Candidate candidate_;
  std::shared_ptr<Comparison> comparison_;
  Shape shape_;
  std::string_view result_;  // Empty: it was not begun.
};

}  // namespace sluice::routing
