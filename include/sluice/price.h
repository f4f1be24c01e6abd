// What a model's answers cost. Money is whole pico-dollars: a millionth of a millionth of a USD.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace sluice {

// Pico-dollars for a million tokens. What is not set costs what it is a part of: cached input is
// input, reasoning is output, …
struct Rates {
  static constexpr std::int64_t kUnset = -1;

  std::int64_t input = kUnset;
  std::int64_t cached = kUnset;
  std::int64_t cache_write = kUnset;
  std::int64_t cache_write_1h = kUnset;  // As cache_write.
  std::int64_t output = kUnset;
  std::int64_t reasoning = kUnset;
  std::int64_t audio_input = kUnset;
  std::int64_t audio_output = kUnset;
  std::int64_t image_input = kUnset;
  std::int64_t image_output = kUnset;

  bool operator==(const Rates&) const = default;
};

// Of requests with more input than so many tokens: for all that they used, not for the excess.
struct PriceTier {
  std::int64_t above = 0;
  Rates rates;  // What is not set is as without the tier.

  bool operator==(const PriceTier&) const = default;
};

struct Price {
  std::string_view provider = {};  // A type of the catalogue.
  std::string_view model = {};     // As the provider knows it; may end in one star.
  std::string_view id = {};  // provider/model@day: a bill names it, and can be made again from it.
  // Seconds since 1970: in force from the first, and no more at the second.
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
  Rates rates = {};
  std::span<const PriceTier> tiers = {};  // Lowest first.
  // Pico-dollars for each one.
  std::int64_t request = 0;
  std::int64_t search = 0;
  std::int64_t image = 0;      // Made.
  std::int64_t second = 0;     // Of sound, heard or made.
  std::int64_t character = 0;  // Spoken.
};

// What becomes of a request whose model has no price.
enum class UnknownPrice : std::uint8_t {
  Estimate,  // Counts as the dearest model known of its provider; of none, as nothing.
  Allow,     // Counts as nothing.
  Deny,      // Is refused.
};

}  // namespace sluice
