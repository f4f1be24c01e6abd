// The account of one request: what was tried, what it took. Filled along the way, settled once.
#pragma once

#include "sluice/clock.h"
#include "sluice/usage.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice {

enum class Outcome : std::uint8_t {
  Unfinished,  // Still running, or abandoned: the caller left, we shut down.
  Answered,
  Refused,      // The provider said no: 4xx.
  Failed,       // The provider failed: 5xx, broken or malformed reply.
  Unreachable,  // No connection.
  TimedOut,
};

constexpr std::string_view outcome_name(Outcome outcome) {
  constexpr std::array<std::string_view, 6> names{"unfinished", "answered",    "refused",
                                                  "failed",     "unreachable", "timed_out"};
  return names[static_cast<std::size_t>(outcome)];
}

struct Attempt {
  std::string_view provider;
  std::string_view model;
  Outcome outcome = Outcome::Unfinished;
  int status = 0;  // The provider's; 0 when it never answered.
  Instant begun{};
  Instant sent{};           // The request was written.
  Instant first_content{};  // The first content came; unset when none did.
  Instant ended{};
  Duration connecting{};
};

struct Account {
  static constexpr std::size_t kAttempts = 4;  // Told one by one; `tries` counts them all.

  std::array<Attempt, kAttempts> attempts;
  std::uint32_t tries = 0;
  Usage usage;
  bool exact = false;  // The provider's own usage; otherwise estimated here.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;  // Of content towards the caller.
  std::uint64_t content_events = 0;
  std::uint64_t generated_bytes = 0;  // Of text in the answer, for estimates.

  Attempt& begin_attempt(std::string_view provider, std::string_view model, Instant now) {
    Attempt& attempt = attempts[tries < kAttempts ? tries : kAttempts - 1];
    ++tries;
    attempt = Attempt{};
    attempt.provider = provider;
    attempt.model = model;
    attempt.begun = now;
    return attempt;
  }
  std::size_t told() const { return tries < kAttempts ? tries : kAttempts; }
  const Attempt* last() const { return tries ? &attempts[told() - 1] : nullptr; }
};

}  // namespace sluice
