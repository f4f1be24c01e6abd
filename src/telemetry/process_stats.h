// What the kernel says of this process.
#pragma once

#include <cstdint>

namespace sluice::telemetry {

struct ProcessStats {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // Since 1970.
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
};

// What /proc does not tell stays 0.
ProcessStats process_stats();

}  // namespace sluice::telemetry
