// Slowing down before a provider says 429: what its heads said of a limit, and what was begun
// since.
#pragma once

#include "sluice/clock.h"

#include "routing/rate_headers.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace sluice::routing {

// One limit. While more than a tenth of it is left nothing waits; below, what is left is spread
// over the time until the reset; when none is left, all wait for it.
//
// Providers that fill a bucket steadily (OpenAI, Anthropic, Groq) call "reset" the moment when it
// will be full. Such a bucket is known by its arithmetic; there, requests go at the pace at which
// it fills.
//
// Threads read beside one that writes: a reader may for once mix two tellings, which differ by one
// request.
class Gauge {
 public:
  // `begun` counts what the provider had seen when it said so: all up to the answered request.
  void told(const RateLimit& limit, std::uint64_t begun, Instant now);
  // What was begun up to there, and `amount` last, was not taken from the limit after all.
  void give_back(std::uint64_t amount, std::uint64_t begun);
  bool known() const { return limit() > 0; }
  std::uint64_t limit() const { return limit_.load(std::memory_order_acquire); }

  // When `amount` may go, after all that was begun: not after `now` where it need not wait.
  Instant slot(std::uint64_t amount, std::uint64_t begun, Instant now) const;
  // The same, and keeps the slot; nothing where that would be later than `latest`.
  std::optional<Instant> take(std::uint64_t amount, std::uint64_t begun, Instant now,
                              Instant latest);

 private:
  struct Plan {
    Instant earliest;
    std::int64_t apart = 0;  // Nanoseconds that the next must keep away; 0: none.
  };
  Plan plan(std::uint64_t amount, std::uint64_t begun, Instant now) const;

  std::atomic<bool> writing_ = false;
  std::atomic<std::uint64_t> limit_ = 0;    // 0: nothing was told.
  std::atomic<std::uint64_t> granted_ = 0;  // The count of begun ones at which none is left.
  std::atomic<std::int64_t> seen_ = 0;
  std::atomic<std::int64_t> reset_ = 0;
  std::atomic<double> each_ = 0;  // Nanoseconds until a steady bucket has one more; 0: a window.
  std::atomic<std::int64_t> next_ = 0;
  std::uint64_t last_ = 0;  // The newest `begun` that was told; of whoever writes.
};

// The place of a request among those begun with a key.
struct Turn {
  std::uint64_t requests = 0;
  std::uint64_t tokens = 0;
  std::uint64_t own = 0;  // Its own of those tokens.
};

// The limits of one key for one model.
class Pace {
 public:
  // Most providers say nothing: then nothing waits.
  Instant slot(std::uint64_t tokens, Instant now) const {
    return is_told() ? slot_as_told(tokens, now) : now;
  }
  struct Begun {
    Turn turn;
    Instant at;  // Not before.
  };
  std::optional<Begun> begin(std::uint64_t tokens, Instant now, Instant latest);
  void told(const RateState& state, const Turn& turn, Instant now);
  // The provider did not even begin with it.
  void give_back(const Turn& turn) { tokens_.give_back(turn.own, turn.tokens); }

 private:
  bool is_told() const { return requests_.known() || tokens_.known(); }
  Instant slot_as_told(std::uint64_t tokens, Instant now) const;

  Gauge requests_;
  Gauge tokens_;
  std::atomic<std::uint64_t> requests_begun_ = 0;
  std::atomic<std::uint64_t> tokens_begun_ = 0;
};

}  // namespace sluice::routing
