// Log-linear counts of durations: 64 steps per power of two, so that a percentile is within 1.6 %.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <string>

namespace sluice::bench {

class Histogram {
 public:
  void add(std::int64_t nanoseconds) {
    auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
    ++counts_[bucket_of(value)];
    ++total_;
    greatest_ = std::max(greatest_, value);
  }

  std::uint64_t total() const { return total_; }

  std::uint64_t percentile(double share) const {
    auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen > wanted) return std::min(end_of(bucket), greatest_);
    }
    return greatest_;
  }

  // In microseconds, as one JSON object.
  std::string json() const {
    char text[160];
    std::snprintf(text, sizeof text,
                  R"({"count":%llu,"p50":%.1f,"p99":%.1f,"p999":%.1f,"max":%.1f})",
                  static_cast<unsigned long long>(total_), micros(percentile(0.5)),
                  micros(percentile(0.99)), micros(percentile(0.999)), micros(greatest_));
    return text;
  }

 private:
  static constexpr int step_bits = 6;
  static constexpr std::uint64_t steps = 1ULL << step_bits;

  static double micros(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < steps) return value;
    int shift = std::bit_width(value) - 1 - step_bits;
    return static_cast<std::size_t>(shift + 1) * steps + ((value >> shift) - steps);
  }
  static std::uint64_t end_of(std::size_t bucket) {
    if (bucket < steps) return bucket;
    auto shift = bucket / steps - 1;
    return ((steps + bucket % steps + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - step_bits + 1) * steps> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t greatest_ = 0;
};

}  // namespace sluice::bench
