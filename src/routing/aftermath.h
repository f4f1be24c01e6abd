// What a try leaves behind when it is over, however it ends: in the state of its target, and in
// what its groups learn.
#pragma once

#include "sluice/context.h"
#include "sluice/strategy.h"

#include "routing/allowance.h"
#include "routing/target_state.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace sluice {
struct Price;
}

namespace sluice::routing {

struct CommonKnowledge;

// What the groups that led to a target want to know of how a try of it went. Its texts live as long
// as the request.
struct Lessons {
  struct Lesson {
    std::string_view group;
    std::string_view traffic_class;
    std::string_view target;  // As the group knows it: PROVIDER/MODEL, or a group within it.
  };

  CommonKnowledge* common = nullptr;
  std::span<const Lesson> learned;      // For groups of this strategy, the outermost first.
  const Price* price = nullptr;         // Null: it has none that is known.
  std::optional<std::uint64_t> prompt;  // For groups of the strategy `cheapest`: its beginning,
  std::uint64_t target = 0;             // and who may have kept it.
};

// What was taken of its target's and its provider's allowances for a try.
struct Granted {
  Allowance* own = nullptr;  // Null: it has none.
  Allowance* providers = nullptr;
  std::uint64_t tokens = 0;
};

class Aftermath {
 public:
  Aftermath() = default;
  // All of them outlive it.
  Aftermath(const Context& context, const Attempt& attempt, Random& random, Engagement engagement,
            const Lessons* lessons = nullptr, const Granted& granted = {})
      : engagement_(std::move(engagement)),
        context_(&context),
        attempt_(&attempt),
        random_(&random),
        lessons_(lessons),
        granted_(granted) {}
  Aftermath(Aftermath&& other) noexcept = default;
  Aftermath& operator=(Aftermath&& other) noexcept = default;
  ~Aftermath() {
    if (engagement_) settle();
  }

 private:
  void settle();
  void tell_speed(Instant ended);
  void settle_allowances(Instant now) const;
  void learn(bool succeeded, Instant ended) const;

  Engagement engagement_;
  const Context* context_ = nullptr;
  const Attempt* attempt_ = nullptr;
  Random* random_ = nullptr;
  const Lessons* lessons_ = nullptr;  // Null: nobody learns.
  Granted granted_;
};

}  // namespace sluice::routing
