// What one try cost, in the quantities that are billed.
#pragma once

#include <cstdint>

namespace sluice {

struct Usage {
  std::int64_t input = 0;           // All input tokens, cached ones included.
  std::int64_t cached = 0;          // Of input: read from the provider's cache.
  std::int64_t cache_write = 0;     // Of input: written to it.
  std::int64_t output = 0;          // All output tokens, reasoning included.
  std::int64_t reasoning = 0;       // Of output.
  std::int64_t cache_write_1h = 0;  // Of cache_write: to be kept for an hour.
  std::int64_t audio_input = 0;     // Of input.
  std::int64_t audio_output = 0;    // Of output.
  std::int64_t image_input = 0;     // Of input.
  std::int64_t image_output = 0;    // Of output.
  std::int64_t searches = 0;        // On the web, run by the provider.

  Usage& operator+=(const Usage& other) {
    input += other.input;
    cached += other.cached;
    cache_write += other.cache_write;
    output += other.output;
    reasoning += other.reasoning;
    cache_write_1h += other.cache_write_1h;
    audio_input += other.audio_input;
    audio_output += other.audio_output;
    image_input += other.image_input;
    image_output += other.image_output;
    searches += other.searches;
    return *this;
  }
  bool operator==(const Usage&) const = default;
};

}  // namespace sluice
