// The account of one request: what was tried, what it took. Filled along the way, settled once.
#pragma once

#include "sluice/arena.h"
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

struct ProviderKind;

struct Attempt {
  std::string_view provider;
  std::string_view model;
  const ProviderKind* kind = nullptr;  // Null: nothing is known of the provider.
  Outcome outcome = Outcome::Unfinished;
  bool exact = false;    // The usage is the provider's own; otherwise it is estimated here.
  bool hurried = false;  // It was not its own patience that ended, but the caller's.
  bool hedge = false;    // Begun beside another that was slow.
  bool drains = false;   // Goes on to its end when the caller leaves: the provider bills it anyway.
  int status = 0;        // The provider's; 0 when it never answered.
  Instant begun{};
  Instant sent{};           // The request was written.
  Instant first_content{};  // The first content came; unset when none did.
  Instant ended{};
  Duration connecting{};
  Usage usage;
  std::uint64_t content_events = 0;
  std::uint64_t generated_bytes = 0;  // Of text in the answer, for estimates.
  Attempt* next = nullptr;            // The one that was begun after it.
};

class Account {
 public:
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;     // Of content towards the caller.
  std::uint64_t prompt_bytes = 0;  // Of what was asked, for estimates.

  Account() = default;
  Account(const Account&) = delete;  // Attempts are referred to.
  Account& operator=(const Account&) = delete;

  // Lives as long as the account.
  Attempt& begin_attempt(Arena& arena, std::string_view provider, std::string_view model,
                         Instant now) {
    Attempt* attempt = &first_;
    if (tries_ > 0) {
      attempt = arena.array_of(Attempt()).data();
      last_->next = attempt;
    }
    ++tries_;
    last_ = attempt;
    attempt->provider = provider;
    attempt->model = model;
    attempt->begun = now;
    return *attempt;
  }
  // The caller is told what this one answers.
  void tells(const Attempt& attempt) { teller_ = &attempt; }

  std::uint32_t tries() const { return tries_; }
  const Attempt* first() const { return tries_ > 0 ? &first_ : nullptr; }
  Attempt* first() { return tries_ > 0 ? &first_ : nullptr; }
  const Attempt* last() const { return last_; }
  // Whose words the caller is told: where nobody's, the last that was tried.
  const Attempt* teller() const { return teller_ ? teller_ : last_; }

  // Of all attempts together.
  Usage usage() const;
  bool exact() const;  // Each that made something told it itself.

 private:
  Attempt first_;
  Attempt* last_ = nullptr;
  const Attempt* teller_ = nullptr;
  std::uint32_t tries_ = 0;
};

inline Usage Account::usage() const {
  Usage sum;
  for (const Attempt* attempt = first(); attempt; attempt = attempt->next) sum += attempt->usage;
  return sum;
}

inline bool Account::exact() const {
  bool any = false;
  for (const Attempt* attempt = first(); attempt; attempt = attempt->next) {
    any |= attempt->exact;
    const bool made = attempt->generated_bytes > 0 || attempt->usage != Usage();
    if (made && !attempt->exact) return false;
  }
  return any;
}

}  // namespace sluice
