// The bucket bounds of every histogram, in nanoseconds or tokens. A value belongs to the first
// bound that is not below it. Those of OpenTelemetry's GenAI conventions are kept to the letter,
// and where a family of ours measures the same thing its bounds are the same or finer, so that one
// histogram serves both.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::metrics {

namespace bounds_detail {
constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000'000;

template <std::size_t N>
constexpr std::array<std::uint64_t, N> in(std::uint64_t unit, const std::uint64_t (&values)[N]) {
  std::array<std::uint64_t, N> scaled{};
  for (std::size_t i = 0; i < N; ++i) scaled[i] = values[i] * unit;
  return scaled;
}
}  // namespace bounds_detail

// 10 ms doubled up to 81.92 s is OpenTelemetry's scale; ours begins earlier and ends later.
inline constexpr auto kDurationBounds =
    bounds_detail::in(100 * bounds_detail::kMicrosecond,
                      {10, 25, 50, 100, 200, 400, 800, 1'600, 3'200, 6'400, 12'800, 25'600, 51'200,
                       102'400, 204'800, 409'600, 819'200, 1'638'400, 3'276'800});
inline constexpr std::size_t kOtelDurationFirst = 3;   // 10 ms
inline constexpr std::size_t kOtelDurationCount = 14;  // … 81.92 s

inline constexpr auto kFirstTokenBounds = bounds_detail::in(
    bounds_detail::kMillisecond,
    {1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1'000, 2'500, 5'000, 7'500, 10'000});
inline constexpr auto kPerTokenBounds = bounds_detail::in(
    bounds_detail::kMillisecond, {10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1'000, 2'500});
inline constexpr auto kOverheadBounds = bounds_detail::in(
    bounds_detail::kMicrosecond, {10, 25, 50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000,
                                  50'000, 100'000, 250'000, 1'000'000});
inline constexpr auto kTokenUsageBounds =
    bounds_detail::in(1, {1, 4, 16, 64, 256, 1'024, 4'096, 16'384, 65'536, 262'144, 1'048'576,
                          4'194'304, 16'777'216, 67'108'864});

// The index of the first bound that is not below the value; the number of bounds when all are.
// Halving without branches: measured values are as good as random to a branch predictor.
template <std::size_t N>
constexpr std::size_t bucket_of(const std::array<std::uint64_t, N>& bounds, std::uint64_t value) {
  const std::uint64_t* first = bounds.data();
  std::size_t left = N;
  while (left > 1) {
    const std::size_t half = left / 2;
    first += static_cast<std::size_t>(first[half - 1] < value) * half;
    left -= half;
  }
  return static_cast<std::size_t>(first - bounds.data()) + static_cast<std::size_t>(*first < value);
}

}  // namespace sluice::metrics
