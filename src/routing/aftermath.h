// What a try leaves behind when it is over, however it ends: in the state of its target.
#pragma once

#include "sluice/context.h"
#include "sluice/strategy.h"

#include "routing/target_state.h"

#include <utility>

namespace sluice::routing {

class Aftermath {
 public:
  Aftermath() = default;
  // All of them outlive it.
  Aftermath(const Context& context, const Attempt& attempt, Random& random, Engagement engagement)
      : engagement_(std::move(engagement)),
        context_(&context),
        attempt_(&attempt),
        random_(&random) {}
  Aftermath(Aftermath&& other) noexcept = default;
  Aftermath& operator=(Aftermath&& other) noexcept = default;
  ~Aftermath() {
    if (engagement_) settle();
  }

 private:
  void settle();
  void tell_speed(Instant ended);

  Engagement engagement_;
  const Context* context_ = nullptr;
  const Attempt* attempt_ = nullptr;
  Random* random_ = nullptr;
};

}  // namespace sluice::routing
