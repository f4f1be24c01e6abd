// Makes one target answer, with whichever of its provider's keys is accepted.
#pragma once

#include "sluice/strategy.h"

#include "routing/one_try.h"

namespace sluice::routing {

inline constexpr Duration kLongestTurn = std::chrono::seconds(2);  // That a key's pace takes.

struct Aim {
  const Destination& destination;
  std::string_view model;
  std::shared_ptr<TargetState> state;  // Kept by others: what holds this is never destroyed.
  TryRules rules;
  bool second = false;  // Another try of the request failed before.
  bool hedge = false;
  std::size_t lane = 0;              // Of the destination's keys.
  bool last_resort = false;          // Nothing better is left: a key that rests will do.
  const Lessons* lessons = nullptr;  // Null: nothing is to be learned from it.
  Granted granted = {};
};

// `engagement` is that of the first try, and its target is aim.state. The answer's stream refers to
// the context, the request and the destination.
Task<Result<Reply>> attempt(Context& context, Request& request, const Aim& aim,
                            Engagement engagement, Random& random);

}  // namespace sluice::routing
