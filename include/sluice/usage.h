// What one try cost, in the quantities that are billed.
#pragma once

#include <cstdint>

namespace sluice {

struct Usage {
  std::int64_t input = 0;        // All input tokens, cached ones included.
  std::int64_t cached = 0;       // Of input: read from the provider's cache.
  std::int64_t cache_write = 0;  // Of input: written to it.
  std::int64_t output = 0;       // All output tokens, reasoning included.
  std::int64_t reasoning = 0;    // Of output.

  bool operator==(const Usage&) const = default;
};

}  // namespace sluice
