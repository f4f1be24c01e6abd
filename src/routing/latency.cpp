#include "routing/latency.h"

#include "sluice/strategy.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sluice::routing {
namespace {

constexpr double kTau = 10'000;  // Milliseconds.
constexpr double kFadesAfter = 10'000;
constexpr double kFadesBy = 60'000;  // To a half, then to a third …
constexpr double kLeast = 1e-9;      // Seconds. No sample is zero: that is "none".
constexpr double kGrowth = 1.05;

std::uint32_t milliseconds_of(Instant now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

struct Point {
  std::uint32_t at;
  float average;
};

std::uint64_t packed(Point point) {
  return std::uint64_t{point.at} << 32 | std::bit_cast<std::uint32_t>(point.average);
}
Point unpacked(std::uint64_t word) {
  return {.at = static_cast<std::uint32_t>(word >> 32),
          .average = std::bit_cast<float>(static_cast<std::uint32_t>(word))};
}

// Threads' clocks differ a little: what is ahead is as good as now.
double age(Point point, std::uint32_t now) {
  return std::max(static_cast<std::int32_t>(now - point.at), 0);
}

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void MovingAverage::add(double seconds, Instant now) {
  const std::uint32_t at = milliseconds_of(now);
  std::uint64_t word = state_.load(std::memory_order_relaxed);
  double average = std::max(seconds, kLeast);
  if (word != 0) {
    const Point last = unpacked(word);
    const bool is_peak = peaks_ == Peaks::Follow && average > last.average;
    if (!is_peak) average += (last.average - average) * std::exp(-age(last, at) / kTau);
  }
  const Point next{.at = at, .average = static_cast<float>(average)};
  state_.compare_exchange_strong(word, packed(next), std::memory_order_relaxed);
}

double MovingAverage::value(Instant now) const {
  const std::uint64_t word = state_.load(std::memory_order_relaxed);
  if (word == 0) return Choice::kUnknown;
  const Point last = unpacked(word);
  const double idle = age(last, milliseconds_of(now)) - kFadesAfter;
  return idle <= 0 ? last.average : last.average / (1 + idle / kFadesBy);
}

std::size_t Spread::bucket_of(Duration sample) {
  static const double scale = 1 / std::log(kGrowth);
  const double milliseconds = seconds_of(sample) * 1e3;
  if (milliseconds <= 1) return 0;
  return std::min(static_cast<std::size_t>(std::log(milliseconds) * scale), kBuckets - 1);
}

Duration Spread::middle_of(std::size_t bucket) {
  const double milliseconds = std::pow(kGrowth, static_cast<double>(bucket) + 0.5);
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::milli>(milliseconds));
}

void Spread::add(Duration sample, Instant now) {
  const std::int64_t minute =
      std::chrono::duration_cast<std::chrono::minutes>(now.time_since_epoch()).count();
  std::int64_t last = minute_.load(std::memory_order_relaxed);
  if (minute > last && minute_.compare_exchange_strong(last, minute, std::memory_order_relaxed)) {
    halve();
  }
  std::atomic<std::uint32_t>& bucket = buckets_[bucket_of(sample)];
  if (bucket.load(std::memory_order_relaxed) < kFullBucket) {
    bucket.fetch_add(kWeight, std::memory_order_relaxed);
  }
}

void Spread::halve() {
  for (auto& bucket : buckets_) {
    std::uint32_t weight = bucket.load(std::memory_order_relaxed);
    while (weight > 0 &&
           !bucket.compare_exchange_weak(weight, weight / 2, std::memory_order_relaxed)) {
    }
  }
}

std::optional<Duration> Spread::quantile(double q) const {
  std::array<std::uint32_t, kBuckets> weights;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    weights[i] = buckets_[i].load(std::memory_order_relaxed);
    sum += weights[i];
  }
  if (sum < std::uint64_t{kEnough} * kWeight) return std::nullopt;
  const double wanted = std::clamp(q, 0.0, 1.0) * static_cast<double>(sum);
  double below = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (weights[i] == 0) continue;
    at = i;
    below += weights[i];
    if (below >= wanted) break;
  }
  return middle_of(at);
}

void Latency::first_token(Duration took, Instant now) {
  first_token_.add(seconds_of(took), now);
  spread_.add(took, now);
}

void Latency::finished(std::uint64_t output_tokens, Duration took, Instant now) {
  if (output_tokens < 2) return;  // The first came before `took` began.
  per_token_.add(seconds_of(took) / static_cast<double>(output_tokens - 1), now);
}

}  // namespace sluice::routing
