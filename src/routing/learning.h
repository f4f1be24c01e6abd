// What groups of the strategy `learned` know of their targets, for each class of requests.
// May be called from any thread.
#pragma once

#include "sluice/clock.h"
#include "sluice/strategy.h"

#include "routing/strategies/experience.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sluice::routing {

enum class Feedback : std::uint8_t {
  Noted,
  Repeated,  // This request was rated before; nothing changed.
  Unknown,   // No such request, or one that is too long ago.
};

class Learning {
 public:
  // Classes of one group beyond these are learned of together; so are longer names.
  static constexpr std::size_t kClasses = 64;
  static constexpr std::size_t kLongestClass = 64;
  // Requests that may be rated still, and for how long.
  static constexpr std::size_t kRemembered = 65'536;
  static constexpr std::chrono::hours kRateableFor{24};

  explicit Learning(const Clock& clock);
  ~Learning();

  // Fills in trials, reward and spread of choices, whose names are the stable_hash() of their
  // targets.
  void tell(std::string_view group, std::string_view traffic_class, const RewardWeights& weights,
            std::span<Choice> choices) const;

  void observe(std::string_view group, std::string_view traffic_class, std::string_view target,
               const Trial& trial);

  // Who answered the request, so that it can be rated.
  void remember(std::string_view request_id, std::string_view group, std::string_view traffic_class,
                std::string_view target);
  // The score is from 0 to 1.
  Feedback feedback(std::string_view request_id, double score);

  // To and from a file, which is there in whole or not at all; both block. An absent file is
  // nothing learned; of one that cannot be used nothing is taken. The error is for people.
  std::expected<void, std::string> save(const std::string& path) const;
  std::expected<void, std::string> load(const std::string& path);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::routing
