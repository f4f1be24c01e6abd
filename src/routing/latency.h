// How fast a target is. Shared by all threads without a lock: a sample that meets another at the
// very same moment may be dropped, which an average over many does not feel.
#pragma once

#include "sluice/clock.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace sluice::routing {

// An average over the last ten seconds or so, in seconds.
class MovingAverage {
 public:
  enum class Peaks : std::uint8_t {
    Smooth,
    Follow
  };  // Follow: a slower sample is believed at once.

  explicit MovingAverage(Peaks peaks) : peaks_(peaks) {}

  void add(double seconds, Instant now);
  // Choice::kUnknown where nothing is known. Fades while nothing new comes, so that one who was
  // slow is tried again some time.
  double value(Instant now) const;

 private:
  const Peaks peaks_;
  std::atomic<std::uint64_t> state_ =
      0;  // Milliseconds of the last sample, the average as a float.
};

// How samples spread, in buckets of 5 %; those of a minute ago count half. It forgets only as new
// ones come: of an idle target what was learned is still the best guess.
class Spread {
 public:
  void add(Duration sample, Instant now);
  // Null where fewer than 20 samples are left to tell.
  std::optional<Duration> quantile(double q) const;

 private:
  static constexpr std::size_t kBuckets = 274;  // 1 ms · 1.05^n, up to 600 s.
  static constexpr std::uint32_t kWeight = 64;  // Of one sample, so that it can be halved.
  static constexpr std::uint32_t kEnough = 20;  // Samples.
  static constexpr std::uint32_t kFullBucket = std::uint32_t{1} << 31;
  static std::size_t bucket_of(Duration sample);
  static Duration middle_of(std::size_t bucket);
  void halve();

  std::atomic<std::int64_t> minute_ = 0;
  std::array<std::atomic<std::uint32_t>, kBuckets> buckets_{};
};

class Latency {
 public:
  void first_token(Duration took, Instant now);
  // From the first token of output to the last.
  void finished(std::uint64_t output_tokens, Duration took, Instant now);

  // Seconds, or Choice::kUnknown.
  double first_token(Instant now) const { return first_token_.value(now); }
  double per_token(Instant now) const { return per_token_.value(now); }
  // Of first tokens; null as long as too little is known.
  std::optional<Duration> quantile(double q) const { return spread_.quantile(q); }

 private:
  MovingAverage first_token_{MovingAverage::Peaks::Follow};
  MovingAverage per_token_{MovingAverage::Peaks::Smooth};
  Spread spread_;
};

}  // namespace sluice::routing
