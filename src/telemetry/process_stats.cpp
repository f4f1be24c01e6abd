#include "telemetry/process_stats.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace sluice::telemetry {
namespace {

std::string contents(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Seconds since 1970 at which the machine started.
double boot_time() {
  std::istringstream lines(contents("/proc/stat"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return 0;
}

// pid (name) state ppid …: the name may hold anything, so the fields are counted behind its last
// bracket. Field 3, the state, comes first there.
void read_stat(ProcessStats& stats) {
  const auto text = contents("/proc/self/stat");
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  auto skip = [&](int count) {
    while (count-- > 0) fields >> skipped;
  };
  std::uint64_t user = 0, system = 0, started = 0, resident_pages = 0;
  skip(11);
  fields >> user >> system;  // 14, 15
  skip(6);
  fields >> started >> stats.virtual_bytes >> resident_pages;  // 22, 23, 24
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  stats.cpu_seconds = static_cast<double>(user + system) / ticks;
  stats.start_time_seconds = boot_time() + static_cast<double>(started) / ticks;
  stats.resident_bytes = resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t count_open_fds() {
  std::error_code failed;
  const std::filesystem::directory_iterator open("/proc/self/fd", failed);
  if (failed) return 0;
  const auto count = std::distance(begin(open), end(open));
  return static_cast<std::uint64_t>(count) - 1;  // Without the one that looks.
}

}  // namespace

ProcessStats process_stats() {
  ProcessStats stats;
  read_stat(stats);
  stats.open_fds = count_open_fds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = limit.rlim_cur;
  return stats;
}

}  // namespace sluice::telemetry
