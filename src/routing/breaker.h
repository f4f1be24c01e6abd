// Lets a target that fails rest, and comes back to it carefully.
//
//   closed ── too many failures ──> open ── it has rested ──> half-open ── two successes ──> closed
//                                    ^                            │
//                                    └───────── a failure ────────┘
//
// Shared by all threads. While it is closed, asking costs one load and telling a success two more
// atomics; everything else is rare and goes through a mutex.
#pragma once

#include "sluice/clock.h"

#include "config/provider_settings.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace sluice::routing {

enum class Standing : std::uint8_t { Closed, HalfOpen, Open };
std::string_view standing_name(Standing standing);

class Breaker {
 public:
  static constexpr Duration kClaimLasts = std::chrono::seconds(60);

  // The right to one try. Each is told how it ended, once; one that never is may be forgotten: a
  // probe's place is free again after a minute.
  class Claim {
   public:
    Claim() = default;
    explicit operator bool() const { return kind_ != Kind::Refused; }
    bool is_probe() const { return kind_ == Kind::Probe; }

   private:
    friend class Breaker;
    enum class Kind : std::uint8_t { Refused, Free, Probe };
    Claim(Kind kind, std::uint32_t generation) : generation_(generation), kind_(kind) {}

    Instant until_{};  // Of a probe: marks it as this one.
    std::uint32_t generation_ = 0;
    Kind kind_ = Kind::Refused;
  };

  explicit Breaker(const config::BreakerSettings& settings) { apply(settings); }
  // New settings hold from now on; what is known stays.
  void apply(const config::BreakerSettings& settings);

  Standing standing(Instant now) const {
    const Standing its = state().standing;
    return its == Standing::Open && !rests(now) ? Standing::HalfOpen : its;
  }
  // A refused one may be used all the same when nothing better is left: its success counts.
  Claim claim(Instant now);

  void succeeded(const Claim& claim, Instant now);
  // The dice spread how long it rests: those that fell together do not come back together.
  void failed(const Claim& claim, Instant now, std::uint64_t dice);
  // It says nothing of the target: the caller left, or asked for something impossible.
  void neutral(const Claim& claim);

  // An answer to a question of our own that no caller waits for.
  void report_probe(bool alive, Instant now, std::uint64_t dice);

  // In (0, 1]: the part of its usual load that it should get. Rises after it closed.
  double share(Instant now) const {
    const bool never_opened = closed_at_.load(std::memory_order_relaxed) == Instant();
    return never_opened && state().standing == Standing::Closed ? 1 : share_after_opening(now);
  }
  // While it is open.
  std::optional<Instant> opens_again_at() const;
  std::uint64_t times_opened() const { return times_opened_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kSlices = 10;
  static constexpr std::uint32_t kSuccessesToClose = 2;
  static constexpr double kFirstShare = 0.1;
  static constexpr std::uint32_t kLongestRest = 8;  // Times the configured one.

  // The generation goes up with each opening: what began before says nothing of what came after.
  struct State {
    std::uint32_t generation;
    Standing standing;
  };
  struct Counts {
    std::uint64_t failures = 0;
    std::uint64_t all = 0;
  };

  State state() const {
    const std::uint64_t word = state_.load(std::memory_order_acquire);
    return {.generation = static_cast<std::uint32_t>(word >> 8),
            .standing = static_cast<Standing>(word & 0xff)};
  }
  bool rests(Instant now) const { return now < rests_until_.load(std::memory_order_relaxed); }
  double share_after_opening(Instant now) const;
  std::uint64_t tick_of(Instant now) const;
  void count(Instant now, bool failure);
  Counts counts(Instant now) const;
  bool is_too_much(std::uint32_t in_a_row, Instant now) const;
  void give_back(const Claim& claim);

  // With the mutex held.
  void become(State state);
  void open(Instant now, std::uint64_t dice);
  void half_open();
  void close(Instant now);
  void forget_results();

  // Read by everyone, seldom written.
  alignas(64) std::atomic<std::uint64_t> state_ = 0;
  std::atomic<Instant> rests_until_{};
  std::atomic<Instant> claimed_until_{};
  std::atomic<Instant> closed_at_{};
  std::atomic<std::uint64_t> times_opened_ = 0;
  std::atomic<std::int64_t> slice_ = 1;
  mutable std::atomic<std::int64_t> last_tick_ =
      0;  // Mostly still the right one: saves a division.
  std::atomic<std::uint64_t> consecutive_ = 0;
  std::atomic<double> ratio_ = 0;
  std::atomic<std::uint64_t> of_at_least_ = 0;
  std::atomic<Duration> rest_{};
  std::atomic<Duration> slow_start_{};

  // Written with every result. A slice: when (24 bits), failures (20), all results (20).
  alignas(64) std::atomic<std::uint32_t> in_a_row_ = 0;
  std::array<std::atomic<std::uint64_t>, kSlices> slices_{};

  alignas(64) std::mutex mutex_;  // Of every change of state.
  std::uint32_t successes_ = 0;   // Since it was half open.
  std::uint32_t rests_ = 0;       // In a row without a success between: 1, 2, 4, 8 times `rest`.
};

}  // namespace sluice::routing
