// Which targets have read the beginning of which prompts lately: their caches make them cheaper.
#pragma once

#include "sluice/clock.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace sluice::routing {

// Shared by all threads. Small and forgetful: a slot that two prompts share knows the later one.
class PromptMemory {
 public:
  static constexpr Duration kKept = std::chrono::minutes(5);  // As most providers keep theirs.

  // An answer told that this part of the prompt was read from the target's cache; where it told
  // nothing, the next one may be.
  void answered(std::uint64_t prompt, std::uint64_t target, double cached, Instant now);
  // False: expected() is 0 for every target.
  bool knows(std::uint64_t prompt, Instant now) const;
  // The part of the input that will likely come from the cache: 0 to 1.
  double expected(std::uint64_t prompt, std::uint64_t target, Instant now) const;

 private:
  static constexpr std::size_t kSlots = 16'384;
  static std::uint64_t key_of(std::uint64_t prompt, std::uint64_t target);

  // A mark of the two (32 bits), the second until which it holds (24), the part in 256ths (8).
  std::array<std::atomic<std::uint64_t>, kSlots> slots_{};
  // By prompt alone, until when anything of it or of another with this place holds.
  std::array<std::atomic<Instant>, kSlots> known_until_{};
};

}  // namespace sluice::routing
