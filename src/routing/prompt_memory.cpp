#include "routing/prompt_memory.h"

#include "routing/strategies/stable_hash.h"

#include <algorithm>
#include <cmath>

namespace sluice::routing {
namespace {

constexpr double kUsualPart = 0.5;  // Of a prompt that was seen once.
constexpr std::uint64_t kSecondBits = 24;
constexpr std::uint64_t kSecondMask = (std::uint64_t{1} << kSecondBits) - 1;

std::uint64_t seconds(Instant at) {
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch());
  return static_cast<std::uint64_t>(since.count());
}

}  // namespace

std::uint64_t PromptMemory::key_of(std::uint64_t prompt, std::uint64_t target) {
  return mixed(prompt ^ mixed(target));
}

void PromptMemory::answered(std::uint64_t prompt, std::uint64_t target, double cached,
                            Instant now) {
  const std::uint64_t key = key_of(prompt, target);
  const double part = cached > 0 ? std::min(cached, 1.0) : kUsualPart;
  const auto told = static_cast<std::uint64_t>(std::lround(part * 255));
  known_until_[prompt % kSlots].store(now + kKept, std::memory_order_relaxed);
  const std::uint64_t until = seconds(now + kKept) & kSecondMask;
  slots_[key % kSlots].store((key >> 32) << 32 | until << 8 | told, std::memory_order_relaxed);
}

bool PromptMemory::knows(std::uint64_t prompt, Instant now) const {
  return now < known_until_[prompt % kSlots].load(std::memory_order_relaxed);
}

double PromptMemory::expected(std::uint64_t prompt, std::uint64_t target, Instant now) const {
  const std::uint64_t key = key_of(prompt, target);
  const std::uint64_t slot = slots_[key % kSlots].load(std::memory_order_relaxed);
  if (slot == 0 || slot >> 32 != key >> 32) return 0;
  // Modulo 2^24 seconds, half a year: what lies ahead by more than it is kept is long over.
  const std::uint64_t left = ((slot >> 8 & kSecondMask) - seconds(now)) & kSecondMask;
  if (left == 0 || left > static_cast<std::uint64_t>(kKept / std::chrono::seconds(1))) return 0;
  return static_cast<double>(slot & 255) / 255;
}

}  // namespace sluice::routing
