// Where log lines go: stderr, stdout or a file. Whoever writes is never made to wait for a reader.
#pragma once

#include "sluice/error.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace sluice::log {

// One sink serves everything that logs, so that lines of different writers never mix.
// A pipe without a reader raises SIGPIPE: the program must ignore it.
class Sink {
 public:
  Sink();  // Of stderr.
  ~Sink();

  // `stderr`, `stdout` or `file:PATH`. On failure the old target stays.
  Result<> open(std::string_view target);
  // Opens the file anew under its name, after it was rotated away. Nothing to do for the others.
  Result<> reopen();

  // Takes as many whole lines as the target has room for, and tells how many bytes those are: the
  // rest is the caller's to keep or to drop. Each line ends in a line feed.
  std::size_t write(std::string_view lines);
  // Until the target may have room again, or the time is over.
  void wait(std::chrono::milliseconds at_most);

 private:
  class Descriptor;

  std::mutex guard_;
  std::string target_;
  std::shared_ptr<Descriptor> descriptor_;  // Shared with wait(), which must not hold the lock.
  std::string rest_;                        // Of a line that the target took only the beginning of.
};

}  // namespace sluice::log
