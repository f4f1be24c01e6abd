// What a plan tells of itself: why nobody could be asked, and how one is chosen.
#include "base/json_writer.h"
#include "config/snapshot.h"
#include "routing/key_pool.h"
#include "routing/plan.h"

#include <algorithm>
#include <vector>

namespace sluice::routing {
namespace {

constexpr std::size_t kMostTold = 24;  // Of candidates, so that the answer's head stays small.

}  // namespace

ApiError Plan::nobody() {
  std::vector<Lack> lacks;
  std::optional<Instant> again;
  bool incapable_only = true;
  for (const std::uint16_t place : scope_->places) {
    const Out out = out_[place];
    if (out == Out::Incapable) {
      lacks.push_back(lacks_[place]);
    } else if (out != Out::Condition) {
      incapable_only = false;
    }
    if (out == Out::Resting) {
      const auto opens = state_at(place)->breaker.opens_again_at();
      if (opens && (!again || *opens < *again)) again = *opens;
    }
    if (out == Out::Keys) {
      const KeyWish wish{.lane = KeyPool::lane_of(candidate_at(place)->model)};
      const Instant usable = destination_at(place).keys->usable_again(wish, context_.clock.now());
      if (usable != kNever && (!again || usable < *again)) again = usable;
    }
  }
  if (!lacks.empty() && incapable_only) return nobody_can(request_, lacks);
  ApiError error{.kind = ErrorKind::UpstreamUnavailable,
                 .code = "no_healthy_target",
                 .message = "No provider can answer this request now."};
  if (scope_->places.size() == 1 && out_[scope_->places.front()] == Out::NoKey) {
    error.message = "The provider \"" + destination_at(scope_->places.front()).name +
                    "\" has no key: none of those configured has a value.";
  }
  if (again) {
    error.retry_after =
        std::max(std::chrono::milliseconds(1),
                 std::chrono::ceil<std::chrono::milliseconds>(*again - context_.clock.now()));
  }
  return error;
}

std::string Plan::explain() {
  static constexpr double kPicoDollars = 1e-12;
  open_those(false, false);
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (!group_.name().empty()) writer.member("group", group_.name());
  writer.key("candidates").begin_array();
  std::size_t told = 0;
  for (const std::uint16_t place : scope_->places) {
    if (!candidate_at(place) || ++told > kMostTold) continue;
    const Candidate& candidate = *candidate_at(place);
    const TargetState& state = *state_at(place);
    const Instant now = context_.clock.now();
    writer.begin_object().member("target",
                                 destination_at(place).name + "/" + std::string(candidate.model));
    if (out_[place] != Out::No) writer.member("out", out_name(out_[place]));
    writer.member("busy", state.busy.load(std::memory_order_relaxed));
    writer.member("breaker", standing_name(state.breaker.standing(now)));
    if (const double share = state.breaker.share(now); share < 1) writer.member("share", share);
    if (const double first = state.latency.first_token(now); first >= 0) {
      writer.member("first_token_ms", first * 1000);
    }
    if (const double each = state.latency.per_token(now); each >= 0) {
      writer.member("per_token_ms", each * 1000);
    }
    if (const std::int64_t cost = expected_cost(place); cost >= 0) {
      writer.member("expected_usd", static_cast<double>(cost) * kPicoDollars);
    }
    writer.end_object();
  }
  writer.end_array();
  if (told > kMostTold) writer.member("not_told", told - kMostTold);
  writer.end_object();
  return out;
}

}  // namespace sluice::routing
