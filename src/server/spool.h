// Bytes set aside until it is known where they go: the first ones in memory, the rest in a file
// without a name, which ends with us.
#pragma once

#include "sluice/error.h"

#include "net/buffer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::server {

class Spool {
 public:
  Spool(std::size_t memory, std::string folder) : memory_(memory), folder_(std::move(folder)) {}
  ~Spool() { release(); }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // Writes to the file on the thread that calls: into the page cache, which does not wait for the
  // disk unless the machine has run out of memory for it.
  Result<void> append(std::string_view bytes);
  std::uint64_t size() const { return in_memory() + in_file_; }
  bool has_file() const { return file_ >= 0; }

  // Some of [from, to), at least a byte; lives until the next call.
  Result<std::string_view> read(std::uint64_t from, std::uint64_t to);
  void release() noexcept;  // All of it.

 private:
  std::uint64_t in_memory() const { return head_.filled().size(); }

  const std::size_t memory_;
  const std::string folder_;
  net::Buffer head_;   // The first bytes.
  net::Buffer block_;  // What was read back last.
  int file_ = -1;
  std::uint64_t in_file_ = 0;
};

// Where files without a name are made: TMPDIR, or /tmp.
std::string temporary_folder();

}  // namespace sluice::server
