// What we grant a provider or a target by the minute: `limits:` of the file.
#pragma once

#include "sluice/clock.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace sluice::routing {

// A bucket that fills steadily and holds a sixth of a minute's amount, at least one. It is kept as
// the moment at which it would be full again (GCRA): one word, shared by all threads.
class Bucket {
 public:
  explicit Bucket(std::optional<std::uint64_t> per_minute);

  // Nothing: taken. Else how long until it could be. More than the bucket holds is given when it
  // is full, and filled up again before anything else is given.
  std::optional<Duration> take(std::uint64_t amount, Instant now);
  void give_back(std::uint64_t amount);
  // Whether there was room or not.
  void charge(std::uint64_t amount, Instant now);

 private:
  std::int64_t filling_time(std::uint64_t amount) const;

  double each_ = 0;         // Nanoseconds until one comes back; 0: no limit.
  std::int64_t whole_ = 0;  // Nanoseconds until the empty bucket is full.
  std::atomic<std::int64_t> full_at_ = 0;
};

class Allowance {
 public:
  Allowance(std::optional<std::uint64_t> requests_per_minute,
            std::optional<std::uint64_t> tokens_per_minute);

  // Both or neither. Nothing: taken. Else how long until they could be.
  std::optional<Duration> take(std::uint64_t requests, std::uint64_t tokens, Instant now);
  // What was taken and is not used.
  void give_back(std::uint64_t requests, std::uint64_t tokens);
  // Once it is known what a request took of the tokens that were taken for it.
  void settle(std::uint64_t reserved, std::uint64_t used, Instant now);

 private:
  Bucket requests_;
  Bucket tokens_;
};

}  // namespace sluice::routing
